"""Contexts, keys, erasure, figures and the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from spectron_server.domain.access import ALL_CONTEXTS, Key, KeyRole, MemoryContext, hash_secret
from spectron_server.domain.clock import Clock
from spectron_server.domain.errors import (
    ContextAlreadyExistsError,
    ContextNotFoundError,
    KeyNotFoundError,
    RoleNotAllowedError,
)
from spectron_server.domain.ids import Ids, scope_key_of
from spectron_server.domain.scope import Scope
from spectron_server.service.caller import Caller
from spectron_server.service.once import Idempotency, Once, Whole
from spectron_server.service.pages import Page, cut, newest_first
from spectron_server.storage import access, audit, erasure, scopes
from spectron_server.storage.audit import AuditRow
from spectron_server.storage.database import Database
from spectron_server.storage.notify import notify_erased
from spectron_server.storage.statement import Connection
from spectron_server.system import new_secret

_CONTEXT: Final = Whole(MemoryContext)
_KEY: Final = Whole(Key)
_NEWEST: Final = "~"
_SCOPES_AT_ONCE: Final = 1_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """Proof that data was deleted for good."""

    id: str
    erased_at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stats:
    """How much a context holds, and how its extraction keeps up."""

    scopes: int
    sessions: int = 0
    turns: int = 0
    pending: int = 0
    failed: int = 0
    active_attributes: int = 0
    attributes: int = 0
    open_unknowns: int = 0
    oldest_pending_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditPage:
    """A page of the audit; `scopes` tells, by key, which scope each entry is of."""

    page: Page[AuditRow]
    scopes: Mapping[str, Scope]


_RECEIPT: Final = Whole(Receipt)


class AdministrationService:
    """What administrators do."""

    def __init__(
        self, *, database: Database, clock: Clock, ids: Ids, idempotency: Idempotency
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._idempotency = idempotency

    async def create_context(
        self, caller: Caller, context_id: str, once: Once | None
    ) -> MemoryContext:
        """Makes a context.

        Raises:
            ContextAlreadyExistsError: There is one of that name.
            RoleNotAllowedError: The caller's key is bound to one context.
        """
        _require_all(caller)

        async def work(connection: Connection) -> MemoryContext:
            now = self._clock.now()
            if not await access.add_context(connection, context_id, now):
                raise ContextAlreadyExistsError("There is a context of this name already.")
            return MemoryContext(id=context_id, created_at=now)

        return await self._idempotency.run(once, _requests_of(ALL_CONTEXTS), _CONTEXT, work)

    async def contexts(
        self, caller: Caller, *, size: int, cursor: str | None
    ) -> Page[MemoryContext]:
        """Returns the contexts, by name.

        Raises:
            RoleNotAllowedError: The caller's key is bound to one context.
        """
        _require_all(caller)
        async with self._database.read() as connection:
            found = await access.contexts(connection, after=cursor or "", limit=size + 1)
        return cut(found, size, lambda context: context.id)

    async def create_key(
        self,
        caller: Caller,
        *,
        context_id: str,
        role: KeyRole,
        label: str,
        expires_at: datetime | None,
        once: Once | None,
    ) -> tuple[Key, str]:
        """Makes a key and returns it with its secret, which is empty for a repeated request.

        Raises:
            ContextNotFoundError: There is no such context that the caller reaches.
        """
        secret = new_secret()
        bound = self._bound_context(caller, context_id)
        made: list[str] = []

        async def work(connection: Connection) -> Key:
            if bound != ALL_CONTEXTS and await access.context(connection, bound) is None:
                raise _context_not_found()
            key = await add_key(
                connection,
                secret,
                key_id=self._ids.plain("key"),
                context_id=bound,
                role=role,
                label=label,
                now=self._clock.now(),
                expires_at=expires_at,
            )
            made[:] = [key.id]
            return key

        key = await self._idempotency.run(once, _requests_of(bound), _KEY, work)
        # A repeated request returns the key of the first one, whose secret was not kept.
        return key, secret if made == [key.id] else ""

    async def keys(
        self, caller: Caller, context_id: str, *, size: int, cursor: str | None
    ) -> Page[Key]:
        """Returns the keys of a context, or those bound to all, oldest first."""
        bound = self._bound_context(caller, context_id)
        async with self._database.read() as connection:
            found = await access.keys(connection, bound, after=cursor or "", limit=size + 1)
        return cut(found, size, lambda key: key.id)

    async def revoke_key(self, caller: Caller, key_id: str, once: Once | None) -> Key:
        """Revokes a key.

        Raises:
            KeyNotFoundError: There is no such key that the caller reaches.
        """

        async def work(connection: Connection) -> Key:
            key = await access.key(connection, key_id)
            if key is None or not caller.key.reaches(key.context_id):
                raise KeyNotFoundError("There is no such key. ListKeys shows those there are.")
            revoked = await access.revoke(connection, key_id, self._clock.now())
            assert revoked is not None
            return revoked

        requests = _requests_of(caller.key.context_id)
        return await self._idempotency.run(once, requests, _KEY, work)

    async def erase(self, caller: Caller, scope: Scope, once: Once | None) -> Receipt:
        """Deletes for good everything whose scope includes the one given."""

        async def work(connection: Connection) -> Receipt:
            found = await scopes.under(connection, context_id=caller.context_id, scope=scope)
            keys = sorted(state.key for state in found)
            # Locked in one order, so that two erasures do not wait for each other.
            for key in keys:
                await scopes.lock(connection, key)
            counts = await erasure.erase(connection, keys)
            for key in keys:
                await notify_erased(connection, key)
            return Receipt(
                id=self._ids.plain("erasure"), erased_at=self._clock.now(), counts=counts
            )

        receipt = await self._idempotency.run(once, _requests_of(caller.context_id), _RECEIPT, work)
        _log.info(
            "scope_erased",
            receipt=receipt.id,
            context_id=caller.context_id,
            key_id=caller.key.id,
            **receipt.counts,
        )
        return receipt

    async def stats(self, caller: Caller) -> Stats:
        """Returns how much a context holds."""
        total = Stats(scopes=0)
        after = ""
        async with self._database.read() as connection:
            while True:
                page = await scopes.page(
                    connection,
                    context_id=caller.context_id,
                    after=after,
                    limit=_SCOPES_AT_ONCE,
                )
                if page:
                    figures = await erasure.stats(connection, [state.key for state in page])
                    total = _sum(total, figures, len(page))
                if len(page) < _SCOPES_AT_ONCE:
                    return total
                after = page[-1].key

    async def audit(
        self, caller: Caller, scope: Scope, *, size: int, cursor: str | None
    ) -> AuditPage:
        """Returns what was changed in the scopes that a scope sees, newest first."""
        async with self._database.read() as connection:
            states = await scopes.find(connection, scope.visible_keys(caller.context_id))

            async def load(state: scopes.ScopeState) -> list[AuditRow]:
                return await audit.page(
                    connection, state.key, before=cursor or _NEWEST, limit=size + 1
                )

            page = await newest_first(states, load, lambda entry: entry.id, size)
        return AuditPage(page=page, scopes={state.key: state.scope for state in states})

    @staticmethod
    def _bound_context(caller: Caller, context_id: str) -> str:
        bound = context_id or caller.key.context_id
        if not caller.key.reaches(bound):
            raise _context_not_found()
        return bound


async def add_key(
    connection: Connection,
    secret: str,
    *,
    key_id: str,
    context_id: str,
    role: KeyRole,
    label: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> Key:
    """Writes a key with a given secret, of which only the hash is kept."""
    key = Key(
        id=key_id,
        context_id=context_id,
        role=role,
        label=label,
        created_at=now,
        expires_at=expires_at,
    )
    await access.add_key(connection, key, hash_secret(secret))
    return key


def scope_key_of_audit(entry: AuditRow) -> str:
    """Returns the key of the scope that an entry is of."""
    return scope_key_of(entry.id, "audit") or ""


def _requests_of(context_id: str) -> str:
    """Returns the scope key under which the requests about a context as a whole are kept."""
    return Scope().key(context_id)


def _require_all(caller: Caller) -> None:
    if not caller.key.reaches_all:
        raise RoleNotAllowedError(
            "This call needs a key of role `admin` that is bound to all contexts.",
            role=caller.key.role.value,
            required_role=KeyRole.ADMIN.value,
        )


def _context_not_found() -> ContextNotFoundError:
    return ContextNotFoundError(
        "There is no such context, or the key does not reach it. CreateContext makes one."
    )


def _sum(total: Stats, figures: erasure.StatsRow, count: int) -> Stats:
    oldest = [moment for moment in (total.oldest_pending_at, figures.oldest_pending_at) if moment]
    return Stats(
        scopes=total.scopes + count,
        sessions=total.sessions + figures.sessions,
        turns=total.turns + figures.turns,
        pending=total.pending + figures.pending,
        failed=total.failed + figures.failed,
        active_attributes=total.active_attributes + figures.active_attributes,
        attributes=total.attributes + figures.attributes,
        open_unknowns=total.open_unknowns + figures.open_unknowns,
        oldest_pending_at=min(oldest, default=None),
    )
