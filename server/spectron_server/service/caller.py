"""Who calls, in which context, and whether they may."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from spectron_server.domain.access import (
    CONTEXT_NAME,
    Key,
    KeyRole,
    hash_secret,
)
from spectron_server.domain.clock import Clock
from spectron_server.domain.errors import (
    ContextNotFoundError,
    ExpiredKeyError,
    FieldViolation,
    InvalidFieldError,
    InvalidKeyError,
    RevokedKeyError,
    RoleNotAllowedError,
)
from spectron_server.domain.scope import Scope
from spectron_server.service.current import Current, Seen
from spectron_server.storage import access
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

_MAX_KNOWN: Final = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A key, and the context that a call is about (`*` for calls about all contexts).

    Attributes:
        key: The key.
        context_id: The context.
        seen: The scopes that were looked up when the caller was let in.
        proven: Whether the database was asked about the key for this call. If not, whatever is
            done has to ask it, and an error tells nothing before it was.
    """

    key: Key
    context_id: str
    seen: Seen = field(default_factory=Seen)
    proven: bool = True


class Gate:
    """Lets callers in."""

    def __init__(self, database: Database, clock: Clock, current: Current) -> None:
        self._database = database
        self._clock = clock
        # Each call asks anew: a key that was revoked is refused by the next call already.
        self._current = current
        # Contexts are never deleted, so that one seen once is there for good.
        self._known: set[str] = set()
        self._good: dict[bytes, Key] = {}

    def was_good(self, secret: str) -> bool:
        """Tells whether a key was good when it was used last; it may have been revoked since."""
        return hash_secret(secret) in self._good

    def unproven(self, secret: str, context_id: str, required: KeyRole) -> Caller | None:
        """Returns the caller of a key that was good when it was used last, if it was for this.

        All but the end of a key stays as it is, so that only whether it still holds is left to be
        asked.
        """
        key = self._good.get(hash_secret(secret))
        if key is None or not key.role.allows(required):
            return None
        context_id = context_id or key.context_id
        if context_id not in self._known or not key.reaches(context_id):
            return None
        return Caller(key=key, context_id=context_id, proven=False)

    async def admit(
        self, secret: str, context_id: str, required: KeyRole, reads: Scope | None = None
    ) -> Caller:
        """Admits a call about one context; an empty one means the key's own.

        Args:
            secret: What the call carries.
            context_id: The context.
            required: The role that the call needs.
            reads: The scope that the call reads, if that is known; it is looked up as well.

        Raises:
            InvalidKeyError, ExpiredKeyError, RevokedKeyError: The key is no good.
            RoleNotAllowedError: The key may not do this.
            ContextNotFoundError: There is no such context, or the key does not reach it.
            InvalidFieldError: The context is missing or malformed.
        """
        scope_keys = reads.visible_keys(context_id) if reads and context_id else ()
        key, seen = await self._key(secret, required, scope_keys)
        context_id = self._context_id(key, context_id)
        if not key.reaches(context_id):
            raise _not_found()
        if context_id not in self._known:
            async with self._database.read() as connection:
                await self._require_context(connection, key, context_id, required)
        return Caller(key=key, context_id=context_id, seen=seen)

    async def admit_to_server(self, secret: str, required: KeyRole) -> Caller:
        """Admits a call about no context in particular."""
        key, _ = await self._key(secret, required, ())
        return Caller(key=key, context_id=key.context_id)

    async def _key(
        self, secret: str, required: KeyRole, scope_keys: Sequence[str]
    ) -> tuple[Key, Seen]:
        secret_hash = hash_secret(secret)
        key, seen = await self._current.key(secret_hash, scope_keys)
        self._good.pop(secret_hash, None)
        if key is None or not secret:
            raise InvalidKeyError(
                "The call carries no valid key. Send the metadata `authorization: Bearer sk-...`; "
                "`spectron keys create` makes a key."
            )
        if key.revoked_at is not None:
            raise RevokedKeyError("The key was revoked. Use another one.")
        if key.expires_at is not None and key.expires_at <= self._clock.now():
            raise ExpiredKeyError("The key has expired. Use another one.")
        if not key.role.allows(required):
            raise RoleNotAllowedError(
                f"The key's role is `{key.role}`, and this call needs `{required}`.",
                role=key.role.value,
                required_role=required.value,
            )
        if len(self._good) < _MAX_KNOWN:
            self._good[secret_hash] = key
        return key, seen

    def _context_id(self, key: Key, context_id: str) -> str:
        if not context_id and key.reaches_all:
            raise InvalidFieldError(
                [
                    FieldViolation(
                        "context_id",
                        "is required, because the key reaches all contexts",
                    )
                ]
            )
        context_id = context_id or key.context_id
        if not CONTEXT_NAME.fullmatch(context_id):
            raise InvalidFieldError(
                [FieldViolation("context_id", f"does not match {CONTEXT_NAME.pattern}")]
            )
        return context_id

    async def _require_context(
        self, connection: Connection, key: Key, context_id: str, required: KeyRole
    ) -> None:
        if await access.context(connection, context_id) is None:
            # An administrator of all contexts could make it first; this spares the call.
            if not (key.reaches_all and key.role is KeyRole.ADMIN):
                raise _not_found()
            if required is KeyRole.READ:
                # Nothing is known there yet. A misspelt name must not come into being by reading.
                return
            await access.add_context(connection, context_id, self._clock.now())
        if len(self._known) < _MAX_KNOWN:
            self._known.add(context_id)


def key_gone() -> RevokedKeyError:
    """Returns the error for a key that was good before."""
    return RevokedKeyError("The key was revoked or has expired. Use another one.")


def _not_found() -> ContextNotFoundError:
    return ContextNotFoundError(
        "There is no such context, or the key does not reach it. `spectron keys create --context "
        "NAME` makes a context and a key for it."
    )
