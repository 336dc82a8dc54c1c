"""AdminService."""

from typing import Final

from spectron.v1 import admin_pb2
from spectron.v1 import admin_service_pb2 as pb
from spectron_server.domain.access import KeyRole
from spectron_server.domain.clock import Clock
from spectron_server.rpc import convert, tokens, validation
from spectron_server.rpc.admission import Call, needs
from spectron_server.service.administration import AdministrationService, scope_key_of_audit

_ROLES: Final = {number: role for role, number in convert.KEY_ROLE.items()}


class AdminRpc:
    """Handlers of AdminService."""

    SERVICE: Final = pb.DESCRIPTOR.services_by_name["AdminService"]

    def __init__(self, administration: AdministrationService, clock: Clock) -> None:
        self._administration = administration
        self._clock = clock

    @needs(KeyRole.ADMIN, context=False)
    async def create_context(
        self, request: pb.CreateContextRequest, call: Call
    ) -> pb.CreateContextResponse:
        """Makes a context."""
        context = await self._administration.create_context(
            call.caller, validation.context_name(request.context_id), call.once
        )
        return pb.CreateContextResponse(context=convert.memory_context(context))

    @needs(KeyRole.ADMIN, context=False)
    async def list_contexts(
        self, request: pb.ListContextsRequest, call: Call
    ) -> pb.ListContextsResponse:
        """Lists the contexts."""
        page = await self._administration.contexts(
            call.caller,
            size=tokens.page_size(request.page_size),
            cursor=tokens.decode(request, request.page_token),
        )
        return pb.ListContextsResponse(
            contexts=[convert.memory_context(context) for context in page.items],
            next_page_token=tokens.encode(request, page.next_cursor),
        )

    @needs(KeyRole.ADMIN, context=False)
    async def create_key(self, request: pb.CreateKeyRequest, call: Call) -> pb.CreateKeyResponse:
        """Makes a key."""
        role = _ROLES.get(request.role)
        if role is None:
            validation.refuse("role", "must be READ, WRITE or ADMIN")
        expires_at = validation.optional_moment(
            request.expires_at, "expires_at", present=request.HasField("expires_at")
        )
        if expires_at is not None and expires_at <= self._clock.now():
            validation.refuse("expires_at", "must be in the future")
        key, secret = await self._administration.create_key(
            call.caller,
            context_id=validation.selector(request.context_id, "context_id"),
            role=role,
            label=validation.label(request.label),
            expires_at=expires_at,
            once=call.once,
        )
        return pb.CreateKeyResponse(key=convert.key(key), secret=secret)

    @needs(KeyRole.ADMIN, context=False)
    async def list_keys(self, request: pb.ListKeysRequest, call: Call) -> pb.ListKeysResponse:
        """Lists keys."""
        page = await self._administration.keys(
            call.caller,
            validation.selector(request.context_id, "context_id"),
            size=tokens.page_size(request.page_size),
            cursor=tokens.decode(request, request.page_token),
        )
        return pb.ListKeysResponse(
            keys=[convert.key(key) for key in page.items],
            next_page_token=tokens.encode(request, page.next_cursor),
        )

    @needs(KeyRole.ADMIN, context=False)
    async def revoke_key(self, request: pb.RevokeKeyRequest, call: Call) -> pb.RevokeKeyResponse:
        """Revokes a key."""
        key_id = validation.record_id(request.key_id, "key_id")
        key = await self._administration.revoke_key(call.caller, key_id, call.once)
        return pb.RevokeKeyResponse(key=convert.key(key))

    @needs(KeyRole.ADMIN)
    async def erase_scope(self, request: pb.EraseScopeRequest, call: Call) -> pb.EraseScopeResponse:
        """Deletes for good everything under a scope."""
        scope = validation.scope(request.scope)
        if bool(scope.dimensions) == request.whole_context:
            validation.refuse(
                "scope",
                "must name what to erase; to erase the whole context, leave it empty and set "
                "whole_context",
            )
        receipt = await self._administration.erase(call.caller, scope, call.once)
        counts = receipt.counts
        return pb.EraseScopeResponse(
            receipt=admin_pb2.ErasureReceipt(
                id=receipt.id,
                erased_at=convert.timestamp(receipt.erased_at),
                scope_count=counts["scopes"],
                session_count=counts["sessions"],
                turn_count=counts["turns"],
                attribute_count=counts["attributes"],
                unknown_count=counts["unknowns"],
                audit_count=counts["audit"],
            )
        )

    @needs(KeyRole.ADMIN)
    async def get_stats(self, _request: pb.GetStatsRequest, call: Call) -> pb.GetStatsResponse:
        """Returns how much a context holds."""
        stats = await self._administration.stats(call.caller)
        return pb.GetStatsResponse(
            stats=admin_pb2.Stats(
                scope_count=stats.scopes,
                session_count=stats.sessions,
                turn_count=stats.turns,
                pending_count=stats.pending,
                failed_count=stats.failed,
                active_attribute_count=stats.active_attributes,
                attribute_count=stats.attributes,
                open_unknown_count=stats.open_unknowns,
                oldest_pending_at=(
                    convert.timestamp(stats.oldest_pending_at) if stats.oldest_pending_at else None
                ),
            )
        )

    @needs(KeyRole.ADMIN)
    async def list_audit_entries(
        self, request: pb.ListAuditEntriesRequest, call: Call
    ) -> pb.ListAuditEntriesResponse:
        """Lists what was changed in a scope."""
        audit = await self._administration.audit(
            call.caller,
            validation.scope(request.scope),
            size=tokens.page_size(request.page_size),
            cursor=tokens.decode(request, request.page_token),
        )
        return pb.ListAuditEntriesResponse(
            entries=[
                admin_pb2.AuditEntry(
                    id=entry.id,
                    at=convert.timestamp(entry.at),
                    action=entry.action,
                    key_id=entry.key_id,
                    scope=convert.scope(audit.scopes[scope_key_of_audit(entry)]),
                    details=dict(entry.details),
                )
                for entry in audit.page.items
            ],
            next_page_token=tokens.encode(request, audit.page.next_cursor),
        )
