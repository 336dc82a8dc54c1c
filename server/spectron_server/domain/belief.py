"""Beliefs: attributes of entities through time, the doubts about them, and changes to both."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from spectron_extraction.protocol import Category, EntityRef


class AttributeStatus(StrEnum):
    """What became of a belief. Active and disputed ones are current."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    DISPUTED = "disputed"


class UnknownReason(StrEnum):
    """Why something is not known for sure."""

    HEDGED = "hedged"
    CONTRADICTION = "contradiction"
    LOW_CONFIDENCE = "low_confidence"
    UNCLEAR_TIME = "unclear_time"


class UnknownResolution(StrEnum):
    """How an unknown was settled."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    FORGOTTEN = "forgotten"


class ChangeAction(StrEnum):
    """What a change did to an attribute."""

    ADDED = "added"
    UPDATED = "updated"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    BACKFILLED = "backfilled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The words that prove a belief, as code points of a turn's content, end exclusive."""

    turn_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One belief: an attribute of an entity had a value from `valid_from` to `valid_until`.

    `supersedes` and `superseded_by` link the values of a key of cardinality one into a chain.
    All times are timezone-aware.
    """

    id: str
    entity: EntityRef
    category: Category
    key: str
    value: str
    confidence: float
    evidence: Evidence | None
    valid_from: datetime
    valid_until: datetime | None
    recorded_at: datetime
    last_validated_at: datetime
    status: AttributeStatus
    supersedes: str | None = None
    superseded_by: str | None = None

    def __post_init__(self) -> None:
        """Refuses times without a zone, which could not be compared."""
        require_aware(self.valid_from, self.valid_until, self.recorded_at, self.last_validated_at)

    @property
    def current(self) -> bool:
        """Whether it is believed now."""
        return self.status in {AttributeStatus.ACTIVE, AttributeStatus.DISPUTED}

    def holds_at(self, moment: datetime) -> bool:
        """Tells whether the belief held at a moment."""
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """A doubt: the attribute `about` of an entity may have a value."""

    id: str
    entity: EntityRef
    category: Category
    about: str
    value: str
    reason: UnknownReason
    evidence: Evidence | None
    raised_at: datetime
    recorded_at: datetime
    conflicts_with: str | None = None
    resolution: UnknownResolution | None = None
    resolved_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuses times without a zone, which could not be compared."""
        require_aware(self.raised_at, self.recorded_at, self.resolved_at)

    @property
    def open(self) -> bool:
        """Whether it still awaits review."""
        return self.resolution is None

    def holds_at(self, moment: datetime) -> bool:
        """Tells whether the doubt was open at a moment."""
        return self.raised_at <= moment and (self.resolved_at is None or moment < self.resolved_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributeChange:
    """One change of one attribute; `attribute` is its state after the change."""

    action: ChangeAction
    attribute: Attribute
    previous_value: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    """The difference that a turn, or a fact recorded directly, made to memory."""

    changes: tuple[AttributeChange, ...] = ()
    unknowns_raised: tuple[Unknown, ...] = ()
    unknowns_resolved: tuple[Unknown, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.changes or self.unknowns_raised or self.unknowns_resolved)


@dataclass(frozen=True, kw_only=True, slots=True)
class Beliefs:
    """What a scope believes and ever believed: rows of every status, in any order."""

    attributes: Sequence[Attribute] = field(default=())
    unknowns: Sequence[Unknown] = field(default=())


def require_aware(*moments: datetime | None) -> None:
    """Raises ValueError if a datetime has no timezone."""
    for moment in moments:
        if moment is not None and moment.tzinfo is None:
            msg = "datetimes must be timezone-aware"
            raise ValueError(msg)
