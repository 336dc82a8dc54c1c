"""The memory of one context: profiles, context, facts, forgetting, and moving it whole."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Final

from spectron.admin_models import ImportReceipt
from spectron.convert import (
    diff_of,
    entity_to,
    forgotten_of,
    kind_to,
    profile_of,
    scope_to,
    time_to,
)
from spectron.enums import Category
from spectron.knowledge import Entities, Unknowns
from spectron.models import ContextResult, Diff, Forgotten, Profile
from spectron.retrieval import get_context
from spectron.sessions import Sessions
from spectron.transfer import TransferRecord, record_of, requests_for
from spectron.transport import Transport
from spectron.v1 import attribute_pb2
from spectron.v1.memory_service_pb2 import (
    ForgetRequest,
    GetContextRequest,
    GetProfileRequest,
    RecordFactRequest,
)
from spectron.v1.transfer_service_pb2 import ExportContextRequest

DEFAULT_TRANSFER_TIMEOUT_S: Final = 3_600.0


class Memory:
    """One application's memory. Made by `Spectron.memory`."""

    def __init__(self, *, transport: Transport, context_id: str) -> None:
        self._transport = transport
        self._context_id = context_id

    def __repr__(self) -> str:
        return f"Memory(context_id={self._context_id!r})"

    @property
    def sessions(self) -> Sessions:
        """The conversations."""
        return Sessions(transport=self._transport, context_id=self._context_id)

    @property
    def entities(self) -> Entities:
        """What is known, by entity."""
        return Entities(transport=self._transport, context_id=self._context_id)

    @property
    def unknowns(self) -> Unknowns:
        """The doubts that await review."""
        return Unknowns(transport=self._transport, context_id=self._context_id)

    async def profile(
        self,
        scope: Mapping[str, str],
        *,
        max_tokens: int | None = None,
        as_of: datetime | None = None,
        min_turn: str | None = None,
        timeout_s: float | None = None,
    ) -> Profile:
        """Returns what is known of a scope, as prose for a system prompt and as a list.

        Args:
            scope: Whose profile, such as `{"user": "alice"}`.
            max_tokens: The summary's budget; None: 400.
            as_of: The beliefs of this moment, timezone-aware; None: now.
            min_turn: Wait until the turn of this id has been extracted.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The profile; empty if nothing is known.
        """
        request = GetProfileRequest(
            context_id=self._context_id,
            scope=scope_to(scope),
            max_tokens=max_tokens or 0,
            as_of=time_to(as_of, name="as_of"),
            min_turn=min_turn or "",
        )
        response = await self._transport.unary(
            lambda stubs: stubs.memory.GetProfile, request, timeout_s=timeout_s
        )
        return profile_of(response.profile)

    async def context(
        self,
        query: str,
        *,
        scope: Mapping[str, str],
        top_k: int | None = None,
        max_tokens: int | None = None,
        as_of: datetime | None = None,
        include_history: bool = False,
        min_turn: str | None = None,
        timeout_s: float | None = None,
    ) -> ContextResult:
        """Returns the facts and turns of a scope that bear on a query.

        Args:
            query: What to look for, usually the user's message.
            scope: Where to look.
            top_k: At most this many items, up to 50; None: 10.
            max_tokens: The budget of `formatted`; None: 1,000.
            as_of: The beliefs and turns of this moment, timezone-aware; None: now.
            include_history: Whether to return values that no longer hold.
            min_turn: Wait until the turn of this id has been extracted.
            timeout_s: The deadline; None: the client's default.

        Returns:
            What bears on the query, best first.
        """
        return await get_context(
            self._transport,
            GetContextRequest(context_id=self._context_id, scope=scope_to(scope)),
            query=query,
            top_k=top_k,
            max_tokens=max_tokens,
            as_of=as_of,
            include_history=include_history,
            min_turn=min_turn,
            timeout_s=timeout_s,
        )

    async def forget(
        self,
        scope: Mapping[str, str],
        *,
        entity_type: str | None = None,
        entity_name: str | None = None,
        attribute_key: str | None = None,
        category: Category | str | None = None,
        dry_run: bool = False,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Forgotten:
        """Ends beliefs from now on, and takes the text they came from out of retrieval.

        At least one of the selectors after the scope is needed; those given must all match. The
        records are kept for audit; `Spectron.admin.erase_scope` deletes for good.

        Args:
            scope: Exactly this scope; beliefs of the scopes that it includes stay.
            entity_type: Only entities of this type.
            entity_name: Only the entity of this name.
            attribute_key: Only attributes of this key.
            category: Only attributes of this category.
            dry_run: Change nothing, and return what would be forgotten.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            What was forgotten.

        Raises:
            InvalidArgument: There is no selector besides the scope.
        """
        request = ForgetRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            scope=scope_to(scope),
            entity_type=entity_type or "",
            entity_name=entity_name or "",
            attribute_key=attribute_key or "",
            category=_category_to(category),
            dry_run=dry_run,
        )
        response = await self._transport.unary(
            lambda stubs: stubs.memory.Forget, request, timeout_s=timeout_s
        )
        return forgotten_of(response)

    async def record_fact(
        self,
        scope: Mapping[str, str],
        key: str,
        value: str,
        *,
        category: Category | str | None = None,
        entity_type: str | None = None,
        entity_name: str | None = None,
        confidence: float | None = None,
        valid_from: datetime | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Diff:
        """Records a fact that the application knows without a conversation.

        Args:
            scope: Whose fact it is.
            key: The attribute's key in snake_case, such as `employer`.
            value: Its value.
            category: Its category; None: as the ontology says.
            entity_type: What the entity is; with no name either, the scope's user is meant.
            entity_name: The entity's name.
            confidence: How sure it is, 0 to 1; None: 1.
            valid_from: From when it is true, timezone-aware; None: now.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The difference it made to memory.
        """
        request = RecordFactRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            scope=scope_to(scope),
            entity=entity_to(entity_type, entity_name),
            category=_category_to(category),
            key=key,
            value=value,
            confidence=confidence,
            valid_from=time_to(valid_from, name="valid_from"),
        )
        response = await self._transport.unary(
            lambda stubs: stubs.memory.RecordFact, request, timeout_s=timeout_s
        )
        return diff_of(response.diff)

    async def export(
        self, *, timeout_s: float = DEFAULT_TRANSFER_TIMEOUT_S
    ) -> AsyncIterator[TransferRecord]:
        """Yields everything that the context holds, with its history. Needs an admin key.

        Args:
            timeout_s: The deadline of the whole export.

        Yields:
            The records, in the order in which `import_` takes them.
        """
        request = ExportContextRequest(context_id=self._context_id)
        async for response in self._transport.stream(
            lambda stubs: stubs.transfer.ExportContext, request, timeout_s=timeout_s
        ):
            yield record_of(response.record)

    async def import_(
        self,
        records: Iterable[TransferRecord] | AsyncIterable[TransferRecord],
        *,
        timeout_s: float = DEFAULT_TRANSFER_TIMEOUT_S,
    ) -> ImportReceipt:
        """Takes the records of an export into this context, which must be empty: all or nothing.

        The call is not retried. Needs an admin key.

        Args:
            records: The records, in the order of the export.
            timeout_s: The deadline of the whole import.

        Returns:
            How many records of each kind were imported.

        Raises:
            ValueError: A record's fields are not those of its kind; nothing was imported.
            FailedPrecondition: The context holds data.
        """
        response = await self._transport.upload(
            lambda stubs: stubs.transfer.ImportContext,
            requests_for(records, context_id=self._context_id),
            timeout_s=timeout_s,
        )
        return ImportReceipt(
            session_count=response.session_count,
            turn_count=response.turn_count,
            attribute_count=response.attribute_count,
            unknown_count=response.unknown_count,
        )


def _category_to(category: Category | str | None) -> attribute_pb2.Category.ValueType:
    return kind_to(Category, attribute_pb2.Category, category, name="category")
