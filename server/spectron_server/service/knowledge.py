"""What scopes believe: rows kept in memory, checked against the database on each read.

Every replica asks for the scopes' revisions with each read, and fetches what changed since it
last looked. So it answers with the latest committed beliefs, and nobody has to tell it to forget.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from spectron_extraction.ontology import Cardinality, Ontology
from spectron_extraction.protocol import EntityRef
from spectron_server.domain.belief import Attribute, Beliefs, Unknown, UnknownReason
from spectron_server.domain.clock import Clock
from spectron_server.domain.scope import Scope
from spectron_server.service.caller import Caller
from spectron_server.service.current import Current
from spectron_server.service.waiting import Waiting
from spectron_server.storage import beliefs, scopes
from spectron_server.storage.database import Database
from spectron_server.storage.scopes import ScopeState
from spectron_server.telemetry.readings import CacheReading

# A turn may be dated this far ahead of the server's clock, and so may the belief that it taught:
# reads of the present look as far ahead, or it would not be there at first.
CLOCK_SLACK: Final = timedelta(minutes=5)
# What a row of usual length takes, measured with tracemalloc over 20,000 of them.
_ROW_BYTES: Final = 1_000


@dataclass(slots=True)
class _Kept:
    created_at: datetime
    revision: int = -1
    attributes: dict[str, Attribute] = field(default_factory=dict)
    unknowns: dict[str, Unknown] = field(default_factory=dict)
    rows: Beliefs = field(default_factory=lambda: Beliefs(attributes=(), unknowns=()))

    def take(self, news: Beliefs) -> None:
        for attribute in news.attributes:
            self.attributes[attribute.id] = attribute
        for unknown in news.unknowns:
            self.unknowns[unknown.id] = unknown
        self.rows = Beliefs(
            attributes=tuple(self.attributes.values()), unknowns=tuple(self.unknowns.values())
        )

    @property
    def weight(self) -> int:
        return len(self.attributes) + len(self.unknowns) + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What a scope sees: the beliefs of every scope that it includes.

    Attributes:
        scope: The scope that looks.
        states: The scopes seen that exist, the least specific first.
        beliefs: The rows of each, in the same order.
        revision: Grows with every change that the scope can see.
    """

    scope: Scope
    states: Sequence[ScopeState]
    beliefs: Sequence[Beliefs]

    @property
    def revision(self) -> int:
        """The sum of the revisions of the scopes seen."""
        return sum(state.revision for state in self.states)

    @property
    def scopes(self) -> dict[str, Scope]:
        """The scopes seen, by key."""
        return {state.key: state.scope for state in self.states}

    @property
    def stamp(self) -> tuple[object, ...]:
        """Names the state of the beliefs seen; another one has another."""
        return tuple((each.key, each.created_at, each.belief_revision) for each in self.states)

    def attributes(self) -> Iterator[Attribute]:
        """Yields the rows of all scopes seen, of any status."""
        for rows in self.beliefs:
            yield from rows.attributes

    def held(self, moment: datetime, ontology: Ontology) -> list[Attribute]:
        """Returns the beliefs that held at a moment.

        Where a key takes one value, that of the most specific scope hides the others.
        """
        shown: dict[tuple[EntityRef, str], Attribute] = {}
        many: list[Attribute] = []
        for attribute in self.attributes():
            if not attribute.holds_at(moment):
                continue
            if ontology.cardinality(attribute.key) is Cardinality.ONE:
                # Later scopes are more specific.
                shown[attribute.entity, attribute.key] = attribute
            else:
                many.append(attribute)
        return [*shown.values(), *many]

    def doubts(self, moment: datetime) -> list[Unknown]:
        """Returns the unknowns that were open at a moment."""
        return [
            unknown
            for rows in self.beliefs
            for unknown in rows.unknowns
            if unknown.holds_at(moment)
        ]

    def disputed(self, moment: datetime) -> frozenset[str]:
        """Returns the ids of the beliefs that a contradiction was open about at a moment."""
        return frozenset(
            doubt.conflicts_with
            for doubt in self.doubts(moment)
            if doubt.reason is UnknownReason.CONTRADICTION and doubt.conflicts_with is not None
        )

    def changes_at(self, moment: datetime) -> datetime | None:
        """Returns when, after a moment, something begins or ends to hold by itself."""
        turns = [
            turn
            for row in self.attributes()
            for turn in (row.valid_from, row.valid_until)
            if turn is not None and turn > moment
        ]
        turns += [
            turn
            for rows in self.beliefs
            for row in rows.unknowns
            for turn in (row.raised_at, row.resolved_at)
            if turn is not None and turn > moment
        ]
        return min(turns, default=None)


class Knowledge:
    """Reads what scopes believe."""

    def __init__(
        self,
        *,
        database: Database,
        current: Current,
        clock: Clock,
        waiting: Waiting,
        budget_bytes: int,
    ) -> None:
        self._database = database
        self._current = current
        self._clock = clock
        self._waiting = waiting
        self._max_rows = budget_bytes // _ROW_BYTES
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._rows = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._hits = 0
        self._misses = 0
        self._evictions = 0

    def reading(self) -> CacheReading:
        """Tells how the cache does, for the metrics."""
        return CacheReading(
            hits=self._hits,
            misses=self._misses,
            evictions=self._evictions,
            entries=len(self._kept),
            nbytes=self._rows * _ROW_BYTES,
        )

    def moment(self, as_of: datetime | None) -> datetime:
        """Returns the moment that a read tells of."""
        return as_of if as_of is not None else self._clock.now() + CLOCK_SLACK

    async def view(
        self, caller: Caller, scope: Scope, *, min_turn: str = "", until: datetime | None = None
    ) -> View:
        """Returns what a scope sees, after waiting for a turn to be extracted if asked to.

        Raises:
            TurnNotFoundError, ExtractionFailedError, WaitTimeoutError: As `Waiting.require`.
        """
        keys = scope.visible_keys(caller.context_id)
        if min_turn:
            await self._waiting.require(keys, min_turn, until or self._clock.now())
        # After a wait, what was seen when the call came may be old.
        known = caller.seen.states if caller.seen.keys == keys and not min_turn else None
        found = await self._current.states(keys) if known is None else known
        states = scopes.least_specific_first(found.values())
        rows = [await self._of(state) for state in states]
        return View(scope=scope, states=states, beliefs=rows)

    async def _of(self, state: ScopeState) -> Beliefs:
        """Returns every row of one scope, at least as new as its state."""
        kept = self._held(state)
        if kept is None or kept.revision < state.belief_revision:
            async with self._locks.setdefault(state.key, asyncio.Lock()):
                kept = await self._renewed(state)
            self._evict()
        else:
            self._hits += 1
            self._kept.move_to_end(state.key)
        return kept.rows

    def _held(self, state: ScopeState) -> _Kept | None:
        """Returns what is kept of a scope, unless it was erased and made again since."""
        kept = self._kept.get(state.key)
        return kept if kept is not None and kept.created_at == state.created_at else None

    async def _renewed(self, state: ScopeState) -> _Kept:
        """Returns what is kept of a scope after bringing it up to date, under the scope's lock."""
        kept = self._held(state)
        if kept is None:
            self._misses += 1
            self.drop(state.key)
            kept = _Kept(created_at=state.created_at)
        else:
            self._hits += 1
        if kept.revision < state.belief_revision:
            async with self._database.read() as connection:
                news = await beliefs.since(connection, state.key, kept.revision)
            self.drop(state.key)
            kept.take(news)
            kept.revision = state.belief_revision
            self._kept[state.key] = kept
            self._rows += kept.weight
        if state.key in self._kept:
            self._kept.move_to_end(state.key)
        return kept

    def drop(self, scope_key: str) -> None:
        """Drops what is kept of a scope, after its erasure."""
        kept = self._kept.pop(scope_key, None)
        if kept is not None:
            self._rows -= kept.weight

    def _evict(self) -> None:
        while self._rows > self._max_rows and len(self._kept) > 1:
            _, kept = self._kept.popitem(last=False)
            self._rows -= kept.weight
            self._evictions += 1
