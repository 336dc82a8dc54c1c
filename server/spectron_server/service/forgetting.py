"""Forgetting: beliefs end, and the text that they came from leaves retrieval."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Category
from spectron_server.domain.belief import Attribute, Beliefs
from spectron_server.domain.clock import Clock
from spectron_server.domain.forgetting import forget, mentions
from spectron_server.domain.scope import Scope
from spectron_server.service.caller import Caller
from spectron_server.service.directory import Place
from spectron_server.service.once import Idempotency, Once
from spectron_server.service.writer import BeliefWriter, Change
from spectron_server.storage import turns
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

_PAGE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What to forget: all that is given must match; at least one must be given."""

    entity_type: str = ""
    entity_name: str = ""
    attribute_key: str = ""
    category: Category | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """What was forgotten: the first beliefs, and how many there were of each kind."""

    attributes: Sequence[Attribute]
    attribute_count: int
    unknown_count: int
    turn_count: int


_FORGOTTEN: Final = TypeAdapter(Forgotten)


class ForgettingService:
    """Forgets."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ontology: Ontology,
        idempotency: Idempotency,
        writer: BeliefWriter,
        max_listed: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ontology = ontology
        self._idempotency = idempotency
        self._writer = writer
        self._max_listed = max_listed

    async def forget(
        self,
        caller: Caller,
        scope: Scope,
        selection: Selection,
        *,
        dry_run: bool,
        once: Once | None,
    ) -> tuple[Forgotten, Mapping[str, Scope]]:
        """Ends the selected beliefs of exactly this scope.

        Raises:
            InvalidFieldError: Nothing is selected.
        """
        key = scope.key(caller.context_id)
        place = Place(key=key, context_id=caller.context_id, scope=scope)

        async def decide(rows: Beliefs) -> tuple[Change, Forgotten]:
            result = forget(
                rows,
                entity_type=selection.entity_type,
                entity_name=selection.entity_name,
                attribute_key=selection.attribute_key,
                category=selection.category,
                now=self._clock.now(),
                ontology=self._ontology,
            )
            hidden = await self._turns_to_hide(key, set(result.turn_ids), result.values)
            forgotten = Forgotten(
                attributes=result.attributes[: self._max_listed],
                attribute_count=len(result.attributes),
                unknown_count=len(result.unknowns),
                turn_count=len(hidden),
            )
            change = Change(
                attributes=result.outcome.attributes,
                unknowns=result.outcome.unknowns,
                hidden_turns=hidden,
                action="forget",
                key_id=caller.key.id,
                details=_details(selection, forgotten),
            )
            return change, forgotten

        async def write(
            commit: Callable[[Connection], Awaitable[None]], forgotten: Forgotten
        ) -> Forgotten:
            if dry_run:
                return forgotten

            async def work(connection: Connection) -> Forgotten:
                await commit(connection)
                return forgotten

            return await self._idempotency.run(once, key, _FORGOTTEN, work)

        answer = await self._writer.decide_and_write(place, None, decide, write)
        return answer, {key: scope}

    async def _turns_to_hide(
        self, scope_key: str, sources: set[str], values: Sequence[str]
    ) -> list[str]:
        """Returns the visible turns that a forgotten belief came from or that name its value."""
        if not sources and not values:
            return []
        hidden: list[str] = []
        after = 0
        while True:
            async with self._database.read() as connection:
                page = await turns.scope_page(connection, scope_key, after=after, limit=_PAGE)
            for turn, _ in page:
                if turn.hidden:
                    continue
                if turn.id in sources or any(mentions(value, turn.content) for value in values):
                    hidden.append(turn.id)
            if len(page) < _PAGE:
                return hidden
            after = page[-1][0].position


def _details(selection: Selection, forgotten: Forgotten) -> dict[str, str]:
    # Names of entities are user text and stay out of the audit.
    category = selection.category.value if isinstance(selection.category, Category) else ""
    return {
        "entity_type": selection.entity_type,
        "attribute_key": selection.attribute_key,
        "category": category,
        "attributes": str(forgotten.attribute_count),
        "unknowns": str(forgotten.unknown_count),
        "turns": str(forgotten.turn_count),
    }
