"""Short ways to write proposals and to apply them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import (
    Category,
    EntityRef,
    Fact,
    Proposals,
    Retraction,
    Span,
)
from spectron_server.domain.belief import Attribute, Beliefs
from spectron_server.domain.outcome import Outcome
from spectron_server.domain.reconciler import reconcile

ONTOLOGY = Ontology.load()
ALICE = EntityRef(type="Person", name="alice")
START = datetime(2024, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)

_Said = TypeVar("_Said", Fact, Retraction)


def day(number: float) -> datetime:
    """Returns a moment so many days after the start."""
    return START + timedelta(days=number)


def span(turn: str = "turn:1", *, start: int = 0, quote: str = "words") -> Span:
    return Span(turn_id=turn, start=start, end=start + len(quote), quote=quote)


def fact(
    key: str,
    value: str,
    *,
    turn: str = "turn:1",
    entity: EntityRef = ALICE,
    confidence: float = 0.9,
    start: int = 0,
    hedged: bool = False,
    change: bool = False,
    previous_value: str | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Fact:
    return Fact(
        entity=entity,
        category=ONTOLOGY.category(key) or Category.KNOWLEDGE,
        key=key,
        value=value,
        confidence=confidence,
        evidence=span(turn, start=start),
        hedged=hedged,
        change=change,
        previous_value=previous_value,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def retraction(
    key: str,
    value: str | None = None,
    *,
    turn: str = "turn:1",
    entity: EntityRef = ALICE,
    start: int = 0,
) -> Retraction:
    return Retraction(entity=entity, key=key, value=value, evidence=span(turn, start=start))


class Ids:
    """Makes ids that count."""

    def __init__(self) -> None:
        self._count = count(1)

    def __call__(self, kind: str) -> str:
        return f"{kind}:{next(self._count):06d}"


class Memory:
    """Beliefs that proposals are applied to, as storage would keep them."""

    def __init__(self, now: datetime = NOW) -> None:
        self.new_id = Ids()
        self.now = now
        self.beliefs = Beliefs()

    def apply(
        self,
        observed: Mapping[str, datetime],
        *,
        facts: Sequence[Fact] = (),
        retractions: Sequence[Retraction] = (),
    ) -> Outcome:
        """Reconciles a window and keeps what it changed."""
        outcome = reconcile(
            beliefs=self.beliefs,
            proposals=Proposals(facts=tuple(facts), retractions=tuple(retractions)),
            observed=observed,
            now=self.now,
            new_id=self.new_id,
            ontology=ONTOLOGY,
        )
        self.keep(outcome)
        return outcome

    def keep(self, outcome: Outcome) -> None:
        """Writes an outcome's rows over those of the same id."""
        self.beliefs = Beliefs(
            attributes=list(
                {row.id: row for row in (*self.beliefs.attributes, *outcome.attributes)}.values()
            ),
            unknowns=list(
                {row.id: row for row in (*self.beliefs.unknowns, *outcome.unknowns)}.values()
            ),
        )

    def say(self, moment: datetime, *said: Fact | Retraction, turn: str | None = None) -> Outcome:
        """Applies one turn; its proposals are given its id."""
        turn_id = turn or self.new_id("turn")
        return self.apply(
            {turn_id: moment},
            facts=[_of_turn(one, turn_id) for one in said if isinstance(one, Fact)],
            retractions=[_of_turn(one, turn_id) for one in said if isinstance(one, Retraction)],
        )

    def rows(self, key: str | None = None) -> list[Attribute]:
        """Returns the rows of a key, or all, in order of time."""
        return sorted(
            (row for row in self.beliefs.attributes if key in {None, row.key}),
            key=lambda row: (row.valid_from, row.valid_until or datetime.max.replace(tzinfo=UTC)),
        )

    def current(self, key: str) -> list[str]:
        """Returns the values of a key that are believed now."""
        return [row.value for row in self.rows(key) if row.current]

    def history(self, key: str) -> list[tuple[str, float, float | None, str]]:
        """Returns value, first and last day and status of the rows of a key."""
        return [
            (
                row.value,
                (row.valid_from - START) / timedelta(days=1),
                (row.valid_until - START) / timedelta(days=1) if row.valid_until else None,
                row.status.value,
            )
            for row in self.rows(key)
        ]


def _of_turn(said: _Said, turn_id: str) -> _Said:
    return replace(said, evidence=replace(said.evidence, turn_id=turn_id))
