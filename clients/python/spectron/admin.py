"""Administration: contexts, keys, erasure, figures and the audit trail. Needs an admin key."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from spectron.admin_models import (
    AuditEntry,
    ErasureReceipt,
    Key,
    MemoryContext,
    NewKey,
    Stats,
)
from spectron.convert import kind_of, kind_to, scope_to, time_of, time_to
from spectron.enums import KeyRole
from spectron.listing import DEFAULT_LIMIT, Listing
from spectron.transport import Transport
from spectron.v1 import admin_pb2
from spectron.v1.admin_service_pb2 import (
    CreateContextRequest,
    CreateKeyRequest,
    EraseScopeRequest,
    GetStatsRequest,
    ListAuditEntriesRequest,
    ListContextsRequest,
    ListKeysRequest,
    RevokeKeyRequest,
)


class Contexts:
    """The contexts of a server."""

    def __init__(self, *, transport: Transport) -> None:
        self._transport = transport

    async def create(
        self, context_id: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> MemoryContext:
        """Makes a context.

        Args:
            context_id: Its name.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The context.

        Raises:
            AlreadyExists: There is one of that name.
        """
        request = CreateContextRequest(
            context_id=context_id, request_id=self._transport.request_id(request_id)
        )
        response = await self._transport.unary(
            lambda stubs: stubs.admin.CreateContext, request, timeout_s=timeout_s
        )
        return _context_of(response.context)

    def list(
        self, *, limit: int = DEFAULT_LIMIT, timeout_s: float | None = None
    ) -> Listing[MemoryContext]:
        """Lists the contexts, by name.

        Args:
            limit: At most this many.
            timeout_s: The deadline of each page; None: the client's default.

        Returns:
            The contexts: await it for a list, or walk it with `async for`.
        """

        async def fetch(page_size: int, page_token: str) -> tuple[Sequence[MemoryContext], str]:
            request = ListContextsRequest(page_size=page_size, page_token=page_token)
            response = await self._transport.unary(
                lambda stubs: stubs.admin.ListContexts, request, timeout_s=timeout_s
            )
            return [_context_of(each) for each in response.contexts], response.next_page_token

        return Listing(fetch, limit=limit)


class Keys:
    """The API keys of a server."""

    def __init__(self, *, transport: Transport) -> None:
        self._transport = transport

    async def create(
        self,
        *,
        role: KeyRole | str,
        context_id: str | None = None,
        label: str = "",
        expires_at: datetime | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> NewKey:
        """Makes a key and returns its secret, this once.

        The call is not retried: the server does not keep the secret, so that a repeated call
        could not return it.

        Args:
            role: What it may do: `read`, `write` or `admin`.
            context_id: The context it is bound to, or `*` for all; None: the caller's.
            label: What it is for.
            expires_at: When it stops working, timezone-aware; None: never.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The key with its secret.
        """
        request = CreateKeyRequest(
            context_id=context_id or "",
            request_id=self._transport.request_id(request_id),
            role=kind_to(KeyRole, admin_pb2.KeyRole, role, name="role"),
            label=label,
            expires_at=time_to(expires_at, name="expires_at"),
        )
        response = await self._transport.unary(
            lambda stubs: stubs.admin.CreateKey, request, timeout_s=timeout_s, retry=False
        )
        return NewKey(key=_key_of(response.key), secret=response.secret)

    def list(
        self,
        *,
        context_id: str | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout_s: float | None = None,
    ) -> Listing[Key]:
        """Lists the keys of a context, without their secrets, oldest first.

        Args:
            context_id: The context, or `*` for keys bound to all; None: the caller's.
            limit: At most this many.
            timeout_s: The deadline of each page; None: the client's default.

        Returns:
            The keys: await it for a list, or walk it with `async for`.
        """

        async def fetch(page_size: int, page_token: str) -> tuple[Sequence[Key], str]:
            request = ListKeysRequest(
                context_id=context_id or "", page_size=page_size, page_token=page_token
            )
            response = await self._transport.unary(
                lambda stubs: stubs.admin.ListKeys, request, timeout_s=timeout_s
            )
            return [_key_of(each) for each in response.keys], response.next_page_token

        return Listing(fetch, limit=limit)

    async def revoke(
        self, key_id: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> Key:
        """Revokes a key: it stops working at once. Revoking it again changes nothing.

        Args:
            key_id: The key's id, not its secret.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The key, with `revoked_at`.
        """
        request = RevokeKeyRequest(request_id=self._transport.request_id(request_id), key_id=key_id)
        response = await self._transport.unary(
            lambda stubs: stubs.admin.RevokeKey, request, timeout_s=timeout_s
        )
        return _key_of(response.key)


class Admin:
    """The administration of a server. Made by `Spectron.admin`."""

    def __init__(self, *, transport: Transport) -> None:
        self._transport = transport

    @property
    def contexts(self) -> Contexts:
        """The contexts."""
        return Contexts(transport=self._transport)

    @property
    def keys(self) -> Keys:
        """The API keys."""
        return Keys(transport=self._transport)

    async def erase_scope(
        self,
        scope: Mapping[str, str],
        *,
        context_id: str | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> ErasureReceipt:
        """Deletes for good everything whose scope includes the given one.

        Args:
            scope: The scope; not empty.
            context_id: The context; None: the one that the key is bound to.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The receipt.
        """
        return await self._erase(
            EraseScopeRequest(
                context_id=context_id or "",
                request_id=self._transport.request_id(request_id),
                scope=scope_to(scope),
            ),
            timeout_s=timeout_s,
        )

    async def erase_context(
        self,
        context_id: str,
        *,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> ErasureReceipt:
        """Deletes for good everything in a context.

        Args:
            context_id: The context.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The receipt.
        """
        return await self._erase(
            EraseScopeRequest(
                context_id=context_id,
                request_id=self._transport.request_id(request_id),
                whole_context=True,
            ),
            timeout_s=timeout_s,
        )

    async def stats(
        self, *, context_id: str | None = None, timeout_s: float | None = None
    ) -> Stats:
        """Returns how much a context holds, and how its extraction keeps up.

        Args:
            context_id: The context; None: the one that the key is bound to.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The figures.
        """
        response = await self._transport.unary(
            lambda stubs: stubs.admin.GetStats,
            GetStatsRequest(context_id=context_id or ""),
            timeout_s=timeout_s,
        )
        return _stats_of(response.stats)

    def audit(
        self,
        scope: Mapping[str, str],
        *,
        context_id: str | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout_s: float | None = None,
    ) -> Listing[AuditEntry]:
        """Lists what was changed in the scopes that a scope sees, newest first.

        Args:
            scope: The scope.
            context_id: The context; None: the one that the key is bound to.
            limit: At most this many.
            timeout_s: The deadline of each page; None: the client's default.

        Returns:
            The entries: await it for a list, or walk it with `async for`.
        """
        wire_scope = scope_to(scope)

        async def fetch(page_size: int, page_token: str) -> tuple[Sequence[AuditEntry], str]:
            request = ListAuditEntriesRequest(
                context_id=context_id or "",
                scope=wire_scope,
                page_size=page_size,
                page_token=page_token,
            )
            response = await self._transport.unary(
                lambda stubs: stubs.admin.ListAuditEntries, request, timeout_s=timeout_s
            )
            return [_entry_of(each) for each in response.entries], response.next_page_token

        return Listing(fetch, limit=limit)

    async def _erase(
        self, request: EraseScopeRequest, *, timeout_s: float | None
    ) -> ErasureReceipt:
        response = await self._transport.unary(
            lambda stubs: stubs.admin.EraseScope, request, timeout_s=timeout_s
        )
        receipt = response.receipt
        return ErasureReceipt(
            id=receipt.id,
            erased_at=time_of(receipt.erased_at),
            scope_count=receipt.scope_count,
            session_count=receipt.session_count,
            turn_count=receipt.turn_count,
            attribute_count=receipt.attribute_count,
            unknown_count=receipt.unknown_count,
            audit_count=receipt.audit_count,
        )


def _context_of(message: admin_pb2.MemoryContext) -> MemoryContext:
    return MemoryContext(id=message.id, created_at=time_of(message.created_at))


def _key_of(message: admin_pb2.Key) -> Key:
    return Key(
        id=message.id,
        context_id=message.context_id,
        role=kind_of(KeyRole, admin_pb2.KeyRole, message.role),
        label=message.label,
        created_at=time_of(message.created_at),
        expires_at=time_of(message.expires_at) if message.HasField("expires_at") else None,
        revoked_at=time_of(message.revoked_at) if message.HasField("revoked_at") else None,
    )


def _stats_of(message: admin_pb2.Stats) -> Stats:
    return Stats(
        scope_count=message.scope_count,
        session_count=message.session_count,
        turn_count=message.turn_count,
        pending_count=message.pending_count,
        failed_count=message.failed_count,
        active_attribute_count=message.active_attribute_count,
        attribute_count=message.attribute_count,
        open_unknown_count=message.open_unknown_count,
        oldest_pending_at=(
            time_of(message.oldest_pending_at) if message.HasField("oldest_pending_at") else None
        ),
    )


def _entry_of(message: admin_pb2.AuditEntry) -> AuditEntry:
    return AuditEntry(
        id=message.id,
        at=time_of(message.at),
        action=message.action,
        key_id=message.key_id or None,
        scope=dict(message.scope.dimensions),
        details=dict(message.details),
    )
