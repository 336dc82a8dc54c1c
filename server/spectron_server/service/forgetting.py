"""Forgetting: beliefs end, and the text that they came from leaves retrieval."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Category
from spectron_server.domain.belief import Attribute, Beliefs, Unknown
from spectron_server.domain.clock import Clock
from spectron_server.domain.conversation import Turn
from spectron_server.domain.forgetting import Mentions, forget
from spectron_server.domain.scope import Scope
from spectron_server.service.caller import Caller
from spectron_server.service.directory import Place
from spectron_server.service.once import Idempotency, Once, Whole
from spectron_server.service.waiting import Waiting
from spectron_server.service.writer import BeliefWriter, Change
from spectron_server.storage import turns
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

R = TypeVar("R", Attribute, Unknown)

_PAGE: Final = 500
# How long to wait for turns that were recorded before and may teach what is to be forgotten.
_PENDING_WAIT: Final = timedelta(seconds=5)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


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


_FORGOTTEN: Final = Whole(Forgotten)


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
        waiting: Waiting,
        max_listed: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ontology = ontology
        self._idempotency = idempotency
        self._writer = writer
        self._waiting = waiting
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
        if not dry_run:
            await self._waiting.until_idle(key, self._clock.now() + _PENDING_WAIT)

        async def decide(rows: Beliefs) -> tuple[Change, Forgotten]:
            result = forget(
                rows,
                entity_type=selection.entity_type,
                entity_name=selection.entity_name,
                attribute_key=selection.attribute_key,
                category=selection.category,
                subject=scope.subject(),
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
            silent = set(hidden)
            ended: dict[str, Attribute | Unknown] = {
                **{row.id: row for row in result.outcome.attributes},
                **{row.id: row for row in result.outcome.unknowns},
            }
            change = Change(
                attributes=_without_quotes(
                    [_latest(row, ended) for row in rows.attributes], silent, ended
                ),
                unknowns=_without_quotes(
                    [_latest(row, ended) for row in rows.unknowns], silent, ended
                ),
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
        sought = Mentions(values)
        after = 0
        while True:
            async with self._database.read() as connection:
                page = await turns.scope_page(connection, scope_key, after=after, limit=_PAGE)
            seen = [turn for turn, _ in page if not turn.hidden]
            # Many long turns and many values are work for more than a moment.
            hidden += await asyncio.to_thread(_speaking_of, seen, sources, sought)
            if len(page) < _PAGE:
                return hidden
            after = page[-1][0].position


def _speaking_of(seen: Sequence[Turn], sources: set[str], sought: Mentions) -> list[str]:
    return [turn.id for turn in seen if turn.id in sources or sought.found_in(turn.content)]


def _latest(row: R, changed: Mapping[str, Attribute | Unknown]) -> R:
    found = changed.get(row.id, row)
    assert isinstance(found, type(row))
    return found


def _without_quotes(rows: Iterable[R], silent: set[str], changed: Container[str]) -> list[R]:
    """Returns the rows to write: the changed ones, and those that quote a turn now hidden.

    What else a hidden turn taught stays known, but its words, which may name what was forgotten,
    do not: the turn keeps them for audit.
    """
    written = []
    for row in rows:
        evidence = row.evidence
        if evidence is not None and evidence.turn_id in silent and evidence.quote:
            written.append(replace(row, evidence=replace(evidence, quote="")))
        elif row.id in changed:
            written.append(row)
    return written


def _details(selection: Selection, forgotten: Forgotten) -> dict[str, str]:
    # Names of entities are user text and stay out of the audit, as does what is no name of a type
    # or key: a selector may be any text.
    category = selection.category.value if isinstance(selection.category, Category) else ""
    return {
        "entity_type": _name(selection.entity_type),
        "attribute_key": _name(selection.attribute_key),
        "category": category,
        "attributes": str(forgotten.attribute_count),
        "unknowns": str(forgotten.unknown_count),
        "turns": str(forgotten.turn_count),
    }


def _name(selector: str) -> str:
    return selector if _NAME.fullmatch(selector) else ""
