"""The rules that turn proposals into beliefs: a pure function of both.

Turns are applied in their order, the facts of a turn in the order of their evidence, then its
retractions. All that the rules know stands in the beliefs, so that applying turns one by one or
in one window gives the same, and applying a window again changes nothing.

Which value a plain statement gives way to is told by time, in `chain.py`; here stand the rules
about how plainly something was said: hedges, low confidence, contradictions, retractions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Fact, Retraction
from spectron_server.domain import chain
from spectron_server.domain.belief import (
    Attribute,
    AttributeStatus,
    Beliefs,
    ChangeAction,
    Diff,
    Evidence,
    Unknown,
    UnknownReason,
    UnknownResolution,
)
from spectron_server.domain.doubt import Doubts
from spectron_server.domain.ledger import Ledger, Statement, evidence_of, same_turn
from spectron_server.domain.outcome import Outcome

MIN_PLAIN_CONFIDENCE: Final = 0.7
"""Below this a statement neither replaces a belief nor settles a doubt."""
MIN_BELIEF_CONFIDENCE: Final = 0.5
"""Below this a statement becomes a doubt even where nothing else is known."""
CONFIDENCE_MARGIN: Final = 0.2
"""How much less sure than the belief a statement may be that replaces it."""
FUTURE_TOLERANCE: Final = timedelta(days=1)
"""A start this far ahead is still the present: words name days, in the speaker's time zone."""

_Item = TypeVar("_Item", Fact, Retraction)


class Proposed(Protocol):
    """What is to be applied: checked proposals, or an extractor's own in tests."""

    @property
    def facts(self) -> Sequence[Fact]:
        """The facts."""

    @property
    def retractions(self) -> Sequence[Retraction]:
        """The retractions."""


def reconcile(
    *,
    beliefs: Beliefs,
    proposals: Proposed,
    observed: Mapping[str, datetime],
    now: datetime,
    new_id: Callable[[str], str],
    ontology: Ontology,
) -> Outcome:
    """Decides what a window of turns changes.

    Args:
        beliefs: Every row of the entities and keys concerned, of any status.
        proposals: What the extractor found, checked and with canonical keys.
        observed: When each turn of the window was said, in the order of the turns.
        now: When the server learns it.
        new_id: Makes the id of a new row, given `attribute` or `unknown`.
        ontology: The known keys.

    Returns:
        The rows to write, and a difference for every turn of the window.

    Raises:
        ValueError: A proposal names a turn that is not of the window.
    """
    facts: dict[str, list[Fact]] = {turn_id: [] for turn_id in observed}
    retractions: dict[str, list[Retraction]] = {turn_id: [] for turn_id in observed}
    for fact in proposals.facts:
        _turn_of(facts, fact.evidence.turn_id).append(fact)
    for retraction in proposals.retractions:
        _turn_of(retractions, retraction.evidence.turn_id).append(retraction)
    ledger = Ledger(beliefs, ontology=ontology, now=now, new_id=new_id)
    rules = Rules(ledger=ledger, order=list(observed))
    diffs: dict[str, Diff] = {}
    for turn_id, said in observed.items():
        rules.apply_turn(
            facts=sorted(facts[turn_id], key=lambda found: found.evidence.start),
            retractions=sorted(retractions[turn_id], key=lambda found: found.evidence.start),
            said=said,
        )
        diffs[turn_id] = ledger.take_diff()
    return ledger.outcome(diffs)


class Rules:
    """Applies statements and retractions to a ledger."""

    def __init__(self, *, ledger: Ledger, order: Sequence[str] = ()) -> None:
        self._ledger = ledger
        self._doubts = Doubts(ledger)
        self._order = {turn_id: position for position, turn_id in enumerate(order)}

    def apply_turn(
        self, *, facts: Sequence[Fact], retractions: Sequence[Retraction], said: datetime
    ) -> None:
        """Applies what one turn says.

        Args:
            facts: Its facts, in order.
            retractions: Its retractions, in order.
            said: When it was said.
        """
        for fact in facts:
            self._apply_fact(fact, said, replaces=self._replaces(fact, retractions))
        for retraction in retractions:
            self._retract(retraction, said, facts)

    def state(self, statement: Statement) -> None:
        """Applies a statement that is not hedged."""
        if statement.end is not None:
            self._state_past(statement)
            return
        timeline = self._ledger.timeline(statement.entity, statement.key, statement.value)
        covering = next(
            (
                row
                for row in timeline
                if self._ledger.same(row, statement.value) and chain.covers(row, statement.said)
            ),
            None,
        )
        if covering is not None:
            self._keep_previous(statement, covering, report=True)
            return
        if self._told_as_doubt(statement):
            return
        held = chain.holder(timeline, statement.said)
        if held is not None and not self._ledger.same(held, statement.value):
            if _too_weak(statement, held):
                self._doubts.add(statement, UnknownReason.LOW_CONFIDENCE)
                return
            same_moment = statement.said == chain.certain_until(held)
            if held.current and same_moment and not statement.change:
                self._dispute(statement, held)
                return
        elif held is None and statement.confidence < MIN_BELIEF_CONFIDENCE:
            self._doubts.add(statement, UnknownReason.LOW_CONFIDENCE)
            return
        self._believe(statement, held)

    def _apply_fact(self, fact: Fact, said: datetime, *, replaces: bool) -> None:
        start = fact.valid_from or said
        statement = Statement(
            entity=fact.entity,
            category=fact.category,
            key=fact.key,
            value=fact.value,
            confidence=fact.confidence,
            evidence=evidence_of(fact.evidence),
            said=said,
            start=min(start, said),
            end=fact.valid_until,
            change=fact.change or replaces or fact.previous_value is not None,
            previous_value=fact.previous_value,
        )
        if fact.hedged or start > said + FUTURE_TOLERANCE:
            # What is yet to come is not true yet: a plan is a doubt until it is said to be so.
            self._doubts.add(statement, UnknownReason.HEDGED)
        else:
            self.state(statement)

    def _state_past(self, statement: Statement) -> None:
        if statement.confidence < MIN_BELIEF_CONFIDENCE:
            self._doubts.add(statement, UnknownReason.LOW_CONFIDENCE)
            return
        placed = chain.place_past(self._ledger, statement)
        if placed is not None:
            row, action = placed
            self._ledger.report(action, row)

    def _believe(self, statement: Statement, held: Attribute | None) -> None:
        row, action = chain.place(self._ledger, statement)
        row = self._keep_previous(statement, row, report=not _is_news(action))
        replaced = statement.previous_value
        if replaced is None and action is ChangeAction.UPDATED and held is not None:
            replaced = held.value
        if statement.confidence >= MIN_PLAIN_CONFIDENCE:
            row = self._doubts.settle(statement, row)
        if _is_news(action) and replaced is not None:
            self._ledger.report(ChangeAction.UPDATED, row, replaced)
        else:
            self._ledger.report(action, row)

    def _keep_previous(self, statement: Statement, row: Attribute, *, report: bool) -> Attribute:
        """Sees to the value that a statement says it replaced; returns the row anew."""
        if statement.previous_value is None or self._ledger.same(row, statement.previous_value):
            return row
        if not self._ledger.takes_one(statement.key):
            row = self._end_previous(statement, row, statement.previous_value)
        point = chain.keep_previous(self._ledger, statement, row)
        if point is not None and report:
            self._ledger.report(ChangeAction.BACKFILLED, point)
        return self._ledger.attribute(row.id) or row

    def _end_previous(self, statement: Statement, row: Attribute, previous: str) -> Attribute:
        """Lets a value of a key that takes many replace one other of its values."""
        old = chain.current(self._ledger.timeline(statement.entity, statement.key, previous))
        if old is None or self._outlives(old, statement.said, statement.evidence):
            return row
        if same_turn(old.evidence, statement.evidence):
            # The turn says of both values that they hold.
            return row
        end = max(statement.start, chain.certain_until(old))
        ended = chain.expire(self._ledger, old, end)
        if row.current and row.supersedes is None:
            return self._ledger.link_after(ended, row)
        self._ledger.report(ChangeAction.EXPIRED, ended)
        return row

    def _dispute(self, statement: Statement, held: Attribute) -> None:
        self._doubts.add(statement, UnknownReason.CONTRADICTION, conflicts_with=held.id)
        disputed = self._ledger.save(replace(held, status=AttributeStatus.DISPUTED))
        # What was said since may have settled the doubt already.
        self._doubts.clear_disputes([disputed])

    def _retract(self, retraction: Retraction, said: datetime, facts: Sequence[Fact]) -> None:
        evidence = evidence_of(retraction.evidence)
        stated = [
            fact.value
            for fact in facts
            if _same_slot(fact, retraction) and not fact.hedged and fact.valid_until is None
        ]
        for row in self._ledger.rows(retraction.entity, retraction.key):
            if retraction.value is None:
                # "I quit and joined Acme": what the turn itself says to hold is not what ended.
                meant = not any(self._ledger.same(row, value) for value in stated)
            else:
                meant = self._ledger.same(row, retraction.value)
            if row.current and meant and not self._outlives(row, said, evidence):
                ended = chain.expire(self._ledger, row, said)
                self._ledger.report(ChangeAction.EXPIRED, ended)
        if retraction.value is None or any(
            fact.hedged
            and _same_slot(fact, retraction)
            and self._ledger.same_value(fact.key, fact.value, retraction.value)
            for fact in facts
        ):
            # "I'm no longer sure that I'll retire": the turn ends the belief and raises the doubt.
            self._doubts.clear_disputes(self._ledger.rows(retraction.entity, retraction.key))
            return
        doubts = self._ledger.doubts(retraction.entity, retraction.key, retraction.value)
        for doubt in doubts:
            if (
                doubt.open
                and doubt.raised_at <= said
                and not self._comes_later(doubt.evidence, evidence)
            ):
                self._ledger.resolve(doubt, UnknownResolution.DISMISSED, said)
        self._doubts.clear_disputes(self._ledger.rows(retraction.entity, retraction.key))

    def _outlives(self, row: Attribute, said: datetime, evidence: Evidence | None) -> bool:
        """Tells whether a row was stated after something that would end it.

        A row that a later turn of the window made was not there when this turn was applied
        first: applied again, it must not end it.
        """
        return row.last_validated_at > said or self._comes_later(row.evidence, evidence)

    def _comes_later(self, one: Evidence | None, other: Evidence | None) -> bool:
        if one is None or other is None:
            return False
        first, second = self._order.get(other.turn_id), self._order.get(one.turn_id)
        return first is not None and second is not None and first < second

    def _replaces(self, fact: Fact, retractions: Sequence[Retraction]) -> bool:
        """Tells whether a fact's turn says that another value of its key no longer holds."""
        return any(
            _same_slot(fact, retraction)
            and (
                retraction.value is None
                or not self._ledger.same_value(fact.key, fact.value, retraction.value)
            )
            for retraction in retractions
        )

    def _told_as_doubt(self, statement: Statement) -> bool:
        """Tells whether a statement was applied before and only raised a doubt.

        What it was weighed against then may have changed since.
        """
        unsure = statement.confidence < MIN_PLAIN_CONFIDENCE or (
            not statement.change and _falls_short(statement.confidence, 1.0)
        )
        return any(
            _contradicted_then(doubt, statement) or (unsure and _doubted_since(doubt, statement))
            for doubt in self._ledger.doubts(statement.entity, statement.key, statement.value)
        )


def _contradicted_then(doubt: Unknown, statement: Statement) -> bool:
    return (
        doubt.reason is UnknownReason.CONTRADICTION
        and doubt.raised_at == statement.said
        and not statement.change
    )


def _doubted_since(doubt: Unknown, statement: Statement) -> bool:
    return doubt.reason is UnknownReason.LOW_CONFIDENCE and statement.said <= doubt.raised_at


def _too_weak(statement: Statement, held: Attribute) -> bool:
    """Tells whether a statement is not sure enough to contradict a belief."""
    if statement.confidence < MIN_PLAIN_CONFIDENCE:
        return True
    return not statement.change and _falls_short(statement.confidence, held.confidence)


def _falls_short(confidence: float, of: float) -> bool:
    # 0.9 less the margin must not refuse 0.7, whatever the rounding.
    return of - confidence > CONFIDENCE_MARGIN + 1e-9


def _is_news(action: ChangeAction) -> bool:
    """Tells whether a change made a value current that was not."""
    return action in {ChangeAction.ADDED, ChangeAction.UPDATED}


def _same_slot(fact: Fact, retraction: Retraction) -> bool:
    return fact.key == retraction.key and (
        fact.entity.type.casefold(),
        fact.entity.name.casefold(),
    ) == (retraction.entity.type.casefold(), retraction.entity.name.casefold())


def _turn_of(by_turn: Mapping[str, list[_Item]], turn_id: str) -> list[_Item]:
    if turn_id not in by_turn:
        raise ValueError("a proposal names a turn that is not of the window")
    return by_turn[turn_id]
