"""The working copy of a scope's beliefs while rules are applied to them.

It knows which rows stand under one key of one entity, keeps the links of a chain mutual, and in
the end tells what was inserted or changed. It holds no rule about which value wins.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from spectron_extraction.ontology import Cardinality, Ontology
from spectron_extraction.protocol import Category, EntityRef, Span
from spectron_server.domain.belief import (
    Attribute,
    AttributeChange,
    AttributeStatus,
    Beliefs,
    ChangeAction,
    Diff,
    Evidence,
    Unknown,
    UnknownReason,
    UnknownResolution,
)
from spectron_server.domain.outcome import Outcome

_Slot = tuple[str, str, str]
_Row = TypeVar("_Row", Attribute, Unknown)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A fact as the rules see it, whether a turn said it or an application recorded it.

    Attributes:
        entity: What it is about.
        category: Which kind of memory.
        key: The attribute's canonical name.
        value: The value.
        confidence: 0 to 1.
        evidence: The words that prove it; None for a fact recorded directly.
        said: When it was stated.
        start: From when it is said to be true, `said` if the words do not tell.
        end: When it ceased to be true, for a statement about the past.
        change: Whether the words say that the value is new.
        previous_value: The value that the words say it replaces.
    """

    entity: EntityRef
    category: Category
    key: str
    value: str
    confidence: float
    evidence: Evidence | None
    said: datetime
    start: datetime
    end: datetime | None = None
    change: bool = False
    previous_value: str | None = None


class Ledger:
    """A mutable copy of beliefs that tells in the end what became of them."""

    def __init__(
        self,
        beliefs: Beliefs,
        *,
        ontology: Ontology,
        now: datetime,
        new_id: Callable[[str], str],
    ) -> None:
        self._ontology = ontology
        self._now = now
        self._new_id = new_id
        self._attributes: dict[str, Attribute] = {}
        self._unknowns: dict[str, Unknown] = {}
        self._attribute_ids: dict[_Slot, list[str]] = {}
        self._unknown_ids: dict[_Slot, list[str]] = {}
        self._spellings: dict[tuple[str, str], EntityRef] = {}
        self._changes: list[AttributeChange] = []
        self._raised: list[Unknown] = []
        self._resolved: list[Unknown] = []
        for attribute in sorted(beliefs.attributes, key=lambda row: (row.recorded_at, row.id)):
            self.save(attribute)
        for unknown in sorted(beliefs.unknowns, key=lambda doubt: (doubt.recorded_at, doubt.id)):
            self.save_unknown(unknown)
        self._original_attributes = dict(self._attributes)
        self._original_unknowns = dict(self._unknowns)

    # What is there.

    def rows(self, entity: EntityRef, key: str) -> list[Attribute]:
        """Returns the rows under a key of an entity, of any status, oldest record first."""
        return [self._attributes[i] for i in self._attribute_ids.get(_slot(entity, key), ())]

    def timeline(self, entity: EntityRef, key: str, value: str) -> list[Attribute]:
        """Returns the rows of which at most one may hold at a time.

        For a key of cardinality one these are all rows of the key; else those of the same value.
        """
        rows = self.rows(entity, key)
        if self.takes_one(key):
            return rows
        return [row for row in rows if self.same(row, value)]

    def doubts(self, entity: EntityRef, key: str, value: str | None = None) -> list[Unknown]:
        """Returns the doubts about a key of an entity, open or not, of one value or of any."""
        doubts = (self._unknowns[i] for i in self._unknown_ids.get(_slot(entity, key), ()))
        return [
            doubt
            for doubt in doubts
            if value is None or self._ontology.same_value(key, doubt.value, value)
        ]

    def attribute(self, attribute_id: str | None) -> Attribute | None:
        """Returns a row by its id; None if it is not among the beliefs."""
        return self._attributes.get(attribute_id) if attribute_id else None

    def unknown(self, unknown_id: str) -> Unknown | None:
        """Returns a doubt by its id; None if there is none."""
        return self._unknowns.get(unknown_id)

    def takes_one(self, key: str) -> bool:
        """Tells whether only one value of a key holds at a time."""
        return self._ontology.cardinality(key) is Cardinality.ONE

    def same(self, row: Attribute, value: str) -> bool:
        """Tells whether a row has a value, in these or other words."""
        return self.same_value(row.key, row.value, value)

    def same_value(self, key: str, one: str, other: str) -> bool:
        """Tells whether two values of a key mean the same."""
        return self._ontology.same_value(key, one, other)

    # Changing it.

    def save(self, attribute: Attribute) -> Attribute:
        """Inserts or replaces a row and returns it."""
        if attribute.id not in self._attributes:
            slot = _slot(attribute.entity, attribute.key)
            self._attribute_ids.setdefault(slot, []).append(attribute.id)
            self._spellings.setdefault(slot[:2], attribute.entity)
        self._attributes[attribute.id] = attribute
        return attribute

    def save_unknown(self, unknown: Unknown) -> Unknown:
        """Inserts or replaces a doubt and returns it."""
        if unknown.id not in self._unknowns:
            slot = _slot(unknown.entity, unknown.about)
            self._unknown_ids.setdefault(slot, []).append(unknown.id)
            self._spellings.setdefault(slot[:2], unknown.entity)
        self._unknowns[unknown.id] = unknown
        return unknown

    def insert(
        self,
        statement: Statement,
        *,
        valid_from: datetime,
        valid_until: datetime | None,
        status: AttributeStatus,
        last_validated_at: datetime,
        value: str | None = None,
    ) -> Attribute:
        """Inserts a row that a statement proves, not yet linked.

        Args:
            statement: What was said.
            valid_from: From when the row holds.
            valid_until: Until when, exclusive.
            status: Its status.
            last_validated_at: The latest moment for which it was stated.
            value: Its value, if not the statement's.
        """
        return self.save(
            Attribute(
                id=self._new_id("attribute"),
                entity=self._spelling(statement.entity),
                category=statement.category,
                key=statement.key,
                value=statement.value if value is None else value,
                confidence=statement.confidence,
                evidence=statement.evidence,
                valid_from=valid_from,
                valid_until=valid_until,
                recorded_at=self._now,
                last_validated_at=last_validated_at,
                status=status,
            )
        )

    def link_after(self, holder: Attribute, row: Attribute) -> Attribute:
        """Puts a row into a chain right after another and returns it."""
        following = self.attribute(holder.superseded_by)
        row = self.save(
            replace(row, supersedes=holder.id, superseded_by=following.id if following else None)
        )
        self.save(replace(holder, superseded_by=row.id, status=AttributeStatus.SUPERSEDED))
        if following:
            self.save(replace(following, supersedes=row.id))
        return row

    def link_before(self, following: Attribute, row: Attribute) -> Attribute:
        """Puts a row into a chain right before another and returns it."""
        preceding = self.attribute(following.supersedes)
        row = self.save(
            replace(
                row,
                supersedes=preceding.id if preceding else None,
                superseded_by=following.id,
                status=AttributeStatus.SUPERSEDED,
            )
        )
        self.save(replace(following, supersedes=row.id))
        if preceding:
            self.save(replace(preceding, superseded_by=row.id))
        return row

    def raise_doubt(
        self,
        statement: Statement,
        reason: UnknownReason,
        *,
        conflicts_with: str | None,
        resolution: UnknownResolution | None = None,
        resolved_at: datetime | None = None,
    ) -> Unknown:
        """Inserts and reports a doubt about a statement."""
        unknown = self.save_unknown(
            Unknown(
                id=self._new_id("unknown"),
                entity=self._spelling(statement.entity),
                category=statement.category,
                about=statement.key,
                value=statement.value,
                reason=reason,
                evidence=statement.evidence,
                raised_at=statement.said,
                recorded_at=self._now,
                conflicts_with=conflicts_with,
                resolution=resolution,
                resolved_at=resolved_at,
            )
        )
        self._raised.append(unknown)
        return unknown

    def resolve(self, unknown: Unknown, resolution: UnknownResolution, at: datetime) -> None:
        """Settles and reports a doubt."""
        settled = replace(unknown, resolution=resolution, resolved_at=max(at, unknown.raised_at))
        self._resolved.append(self.save_unknown(settled))

    def report(
        self, action: ChangeAction, attribute: Attribute, previous_value: str | None = None
    ) -> None:
        """Adds a change to the difference of the turn that is being applied."""
        self._changes.append(
            AttributeChange(
                action=action,
                attribute=self._attributes[attribute.id],
                previous_value=previous_value,
            )
        )

    # What became of it.

    def take_diff(self) -> Diff:
        """Returns the difference since the last call."""
        diff = Diff(
            changes=tuple(self._changes),
            unknowns_raised=tuple(self._raised),
            unknowns_resolved=tuple(self._resolved),
        )
        self._changes, self._raised, self._resolved = [], [], []
        return diff

    def outcome(self, diffs: dict[str, Diff]) -> Outcome:
        """Returns the rows that differ from those at the beginning."""
        attributes = _changed(self._original_attributes, self._attributes)
        unknowns = _changed(self._original_unknowns, self._unknowns)
        known = self._original_attributes.keys() | self._original_unknowns.keys()
        ids = {row.id for row in attributes} | {doubt.id for doubt in unknowns}
        return Outcome(
            diffs=diffs,
            attributes=tuple(attributes),
            unknowns=tuple(unknowns),
            new_ids=frozenset(ids - known),
        )

    def _spelling(self, entity: EntityRef) -> EntityRef:
        """Returns an entity as it was written first; letter case does not tell two apart."""
        return self._spellings.setdefault(_slot(entity, "")[:2], entity)


def evidence_of(span: Span) -> Evidence:
    """Returns a proposal's span as the evidence that is kept."""
    return Evidence(turn_id=span.turn_id, start=span.start, end=span.end, quote=span.quote)


def same_turn(one: Evidence | None, other: Evidence | None) -> bool:
    """Tells whether two pieces of evidence stand in one turn."""
    return one is not None and other is not None and one.turn_id == other.turn_id


def _slot(entity: EntityRef, key: str) -> _Slot:
    return (entity.type.casefold(), entity.name.casefold(), key)


def _changed(before: dict[str, _Row], after: dict[str, _Row]) -> list[_Row]:
    return [row for row_id, row in after.items() if before.get(row_id) != row]
