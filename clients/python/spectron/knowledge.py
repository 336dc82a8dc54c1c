"""What is known, piece by piece: entities with their histories, and doubts to be settled."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from spectron.convert import (
    attribute_of,
    diff_of,
    entity_of,
    entity_to,
    scope_to,
    time_to,
    unknown_of,
)
from spectron.listing import DEFAULT_LIMIT, Listing
from spectron.models import Attribute, Entity, ResolvedUnknown, Unknown
from spectron.transport import Transport
from spectron.v1.attribute_pb2 import EntityRef
from spectron.v1.memory_service_pb2 import (
    GetAttributeHistoryRequest,
    GetEntityRequest,
    ListEntitiesRequest,
    ListUnknownsRequest,
    ResolveUnknownRequest,
)


class Entities:
    """The people, pets, organisations and projects that something is known of."""

    def __init__(self, *, transport: Transport, context_id: str) -> None:
        self._transport = transport
        self._context_id = context_id

    def list(
        self,
        scope: Mapping[str, str],
        *,
        entity_type: str | None = None,
        as_of: datetime | None = None,
        min_turn: str | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout_s: float | None = None,
    ) -> Listing[Entity]:
        """Lists what a scope knows of, the user first, with all attributes.

        Args:
            scope: The scope.
            entity_type: Only entities of this type, such as `Person`; None: all.
            as_of: The beliefs of this moment, timezone-aware; None: now.
            min_turn: Wait until the turn of this id has been extracted.
            limit: At most this many.
            timeout_s: The deadline of each page; None: the client's default.

        Returns:
            The entities: await it for a list, or walk it with `async for`.
        """
        wire_scope = scope_to(scope)
        moment = time_to(as_of, name="as_of")

        async def fetch(page_size: int, page_token: str) -> tuple[Sequence[Entity], str]:
            request = ListEntitiesRequest(
                context_id=self._context_id,
                scope=wire_scope,
                type=entity_type or "",
                as_of=moment,
                min_turn=min_turn or "",
                page_size=page_size,
                page_token=page_token,
            )
            response = await self._transport.unary(
                lambda stubs: stubs.memory.ListEntities, request, timeout_s=timeout_s
            )
            return [entity_of(each) for each in response.entities], response.next_page_token

        return Listing(fetch, limit=limit)

    async def get(
        self,
        scope: Mapping[str, str],
        entity_type: str,
        entity_name: str,
        *,
        as_of: datetime | None = None,
        timeout_s: float | None = None,
    ) -> Entity:
        """Returns one entity with its attributes.

        Args:
            scope: The scope.
            entity_type: What it is, such as `Person`.
            entity_name: Its name; the user's is the scope's `user` value.
            as_of: The beliefs of this moment, timezone-aware; None: now.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The entity.

        Raises:
            NotFound: Nothing is known of it.
        """
        request = GetEntityRequest(
            context_id=self._context_id,
            scope=scope_to(scope),
            entity=EntityRef(type=entity_type, name=entity_name),
            as_of=time_to(as_of, name="as_of"),
        )
        response = await self._transport.unary(
            lambda stubs: stubs.memory.GetEntity, request, timeout_s=timeout_s
        )
        return entity_of(response.entity)

    def history(
        self,
        scope: Mapping[str, str],
        key: str,
        *,
        entity_type: str | None = None,
        entity_name: str | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout_s: float | None = None,
    ) -> Listing[Attribute]:
        """Lists all values that an attribute ever had, oldest first.

        Args:
            scope: The scope.
            key: The attribute's key, such as `location`.
            entity_type: What the entity is; with no name either, the scope's user is meant.
            entity_name: The entity's name.
            limit: At most this many.
            timeout_s: The deadline of each page; None: the client's default.

        Returns:
            The beliefs: await it for a list, or walk it with `async for`.
        """
        wire_scope = scope_to(scope)
        entity = entity_to(entity_type, entity_name)

        async def fetch(page_size: int, page_token: str) -> tuple[Sequence[Attribute], str]:
            request = GetAttributeHistoryRequest(
                context_id=self._context_id,
                scope=wire_scope,
                entity=entity,
                key=key,
                page_size=page_size,
                page_token=page_token,
            )
            response = await self._transport.unary(
                lambda stubs: stubs.memory.GetAttributeHistory, request, timeout_s=timeout_s
            )
            return [attribute_of(each) for each in response.attributes], response.next_page_token

        return Listing(fetch, limit=limit)


class Unknowns:
    """The doubts that await review."""

    def __init__(self, *, transport: Transport, context_id: str) -> None:
        self._transport = transport
        self._context_id = context_id

    def list(
        self,
        scope: Mapping[str, str],
        *,
        include_resolved: bool = False,
        limit: int = DEFAULT_LIMIT,
        timeout_s: float | None = None,
    ) -> Listing[Unknown]:
        """Lists the doubts that a scope sees, newest first.

        Args:
            scope: The scope.
            include_resolved: Whether to list those that were settled, too.
            limit: At most this many.
            timeout_s: The deadline of each page; None: the client's default.

        Returns:
            The doubts: await it for a list, or walk it with `async for`.
        """
        wire_scope = scope_to(scope)

        async def fetch(page_size: int, page_token: str) -> tuple[Sequence[Unknown], str]:
            request = ListUnknownsRequest(
                context_id=self._context_id,
                scope=wire_scope,
                include_resolved=include_resolved,
                page_size=page_size,
                page_token=page_token,
            )
            response = await self._transport.unary(
                lambda stubs: stubs.memory.ListUnknowns, request, timeout_s=timeout_s
            )
            return [unknown_of(each) for each in response.unknowns], response.next_page_token

        return Listing(fetch, limit=limit)

    async def resolve(
        self,
        unknown_id: str,
        *,
        accept: str | None = None,
        dismiss: bool = False,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> ResolvedUnknown:
        """Settles a doubt, either way.

        Args:
            unknown_id: The doubt's id.
            accept: Record this value as a fact; it supersedes what was believed.
            dismiss: Put the doubt aside.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The doubt, resolved, and what accepting its value changed.

        Raises:
            ValueError: Not exactly one of `accept` and `dismiss` was given.
            FailedPrecondition: It was settled before.
        """
        if (accept is not None) == dismiss:
            raise ValueError("pass either accept=VALUE or dismiss=True")
        request = ResolveUnknownRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            unknown_id=unknown_id,
        )
        if accept is None:
            request.dismiss = True
        else:
            request.accept_value = accept
        response = await self._transport.unary(
            lambda stubs: stubs.memory.ResolveUnknown, request, timeout_s=timeout_s
        )
        return ResolvedUnknown(unknown=unknown_of(response.unknown), diff=diff_of(response.diff))
