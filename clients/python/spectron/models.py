"""What the server knows, as frozen values: beliefs, profiles, contexts, doubts, extractions.

All datetimes are timezone-aware, in UTC.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from spectron.enums import (
    AttributeStatus,
    Category,
    ChangeAction,
    ContextItemKind,
    ExtractionStatus,
    Role,
    UnknownReason,
    UnknownResolution,
)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class EntityRef:
    """Names an entity within a scope, such as `Person` `alice`."""

    type: str
    name: str

    @property
    def id(self) -> str:
        """The entity's id: `entity:["Person", "alice"]`."""
        return f"entity:{json.dumps([self.type, self.name], ensure_ascii=False)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The words that prove a belief.

    Attributes:
        turn_id: The turn they stand in.
        start: Where they start in the turn's content, in code points from 0.
        end: Where they end, exclusive.
        quote: The words.
    """

    turn_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One belief: that an attribute of an entity had a value for a time.

    Attributes:
        id: The belief's id.
        entity: What it is about.
        category: Which kind of memory it is.
        key: Its name in snake_case, such as `employer`.
        value: Its value.
        confidence: How sure the server is, 0 to 1.
        evidence: What proves it; None for a fact recorded directly.
        valid_from: From when it was true.
        valid_until: Until when, exclusive; None: it still is.
        recorded_at: When the server learned it.
        last_validated_at: When it was last stated or confirmed.
        supersedes: The id of the belief that it replaced.
        superseded_by: The id of the belief that replaced it.
        status: What became of it.
        scope: The scope it was learned in.
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
    supersedes: str | None
    superseded_by: str | None
    status: AttributeStatus
    scope: Mapping[str, str]

    @property
    def source_turn(self) -> str | None:
        """The id of the turn that proves it; None for a fact recorded directly."""
        return self.evidence.turn_id if self.evidence else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entity:
    """A person, organisation, pet, project or other thing, with what is believed of it."""

    id: str
    type: str
    name: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """Everything that is known of a scope.

    Attributes:
        scope: The scope asked for.
        summary: Dense prose for a system prompt; empty if nothing is known.
        attributes: What is believed, the most trusted and most recently validated first.
        revision: A counter that grows with every change.
        as_of: The moment the profile tells of; None: now.
    """

    scope: Mapping[str, str]
    summary: str
    attributes: tuple[Attribute, ...]
    revision: int
    as_of: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextItem:
    """One thing that bears on a query.

    Attributes:
        kind: A fact or a turn.
        text: The fact as a sentence, which tells the values of `others` too; or the turn verbatim.
        score: How well it fits, higher is better; comparable within one result only.
        source_turn: The turn it came from or is; None for a fact recorded directly.
        session_id: The session of that turn.
        observed_at: When it was said, or from when it was true.
        attribute: The belief, if the item is a fact.
        role: Who said it, if the item is a turn.
        others: Further beliefs of the same entity and key, best first, if the key takes many.
    """

    kind: ContextItemKind
    text: str
    score: float
    source_turn: str | None
    session_id: str | None
    observed_at: datetime
    attribute: Attribute | None
    role: Role | None
    others: tuple[Attribute, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextResult:
    """What bears on a query.

    Attributes:
        items: Best first.
        formatted: The items as a block of text for a prompt; empty if there are none.
        revision: As in `Profile`.
    """

    items: tuple[ContextItem, ...]
    formatted: str
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """A doubt: the attribute `about` of an entity may have a value.

    Attributes:
        id: The doubt's id.
        entity: What it is about.
        about: The key of the attribute, such as `location`.
        value: The value in doubt.
        category: The category that the attribute would have.
        reason: Why it is in doubt.
        evidence: What was said.
        raised_at: When it was said.
        recorded_at: When the server learned it.
        resolved: Whether it is settled.
        resolution: How it was settled; unspecified while it is not.
        resolved_at: When it was settled.
        conflicts_with: The id of the belief that it contradicts.
        scope: The scope it was learned in.
    """

    id: str
    entity: EntityRef
    about: str
    value: str
    category: Category
    reason: UnknownReason
    evidence: Evidence | None
    raised_at: datetime
    recorded_at: datetime
    resolved: bool
    resolution: UnknownResolution
    resolved_at: datetime | None
    conflicts_with: str | None
    scope: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributeChange:
    """One change of one attribute.

    Attributes:
        action: What happened.
        attribute: The attribute after the change.
        previous_value: The value before, if it was updated.
    """

    action: ChangeAction
    attribute: Attribute
    previous_value: str | None

    @property
    def entity(self) -> EntityRef:
        """What the attribute is about."""
        return self.attribute.entity

    @property
    def category(self) -> Category:
        """The attribute's category."""
        return self.attribute.category

    @property
    def key(self) -> str:
        """The attribute's key."""
        return self.attribute.key

    @property
    def value(self) -> str:
        """The value after the change."""
        return self.attribute.value

    @property
    def valid_from(self) -> datetime:
        """From when the value is true."""
        return self.attribute.valid_from


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    """The difference that a turn, or a fact recorded directly, made to memory.

    Attributes:
        changes: Changes to attributes, in the order they were made.
        unknowns: Doubts that were raised.
        unknowns_resolved: Earlier doubts that were settled.
    """

    changes: tuple[AttributeChange, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    unknowns_resolved: tuple[Unknown, ...] = ()

    @property
    def added(self) -> tuple[AttributeChange, ...]:
        """Values where there were none, and further values of keys that take many."""
        return self._of(ChangeAction.ADDED)

    @property
    def updated(self) -> tuple[AttributeChange, ...]:
        """Values that replaced another, which `previous_value` holds."""
        return self._of(ChangeAction.UPDATED)

    @property
    def confirmed(self) -> tuple[AttributeChange, ...]:
        """Values that were stated again."""
        return self._of(ChangeAction.CONFIRMED)

    @property
    def expired(self) -> tuple[AttributeChange, ...]:
        """Values that no longer hold, without another in their place."""
        return self._of(ChangeAction.EXPIRED)

    @property
    def backfilled(self) -> tuple[AttributeChange, ...]:
        """Statements about the past that took their place in the history."""
        return self._of(ChangeAction.BACKFILLED)

    def _of(self, action: ChangeAction) -> tuple[AttributeChange, ...]:
        return tuple(change for change in self.changes if change.action == action)


@dataclass(frozen=True, kw_only=True, slots=True)
class Extraction:
    """The extraction of one turn.

    Attributes:
        turn_id: The turn.
        status: How far it has come.
        diff: What was learned; empty while pending, and if it failed.
        finished_at: When it finished or was given up; None while pending.
        attempts: How many times it was tried.
        error: Why it failed; empty unless it did.
        extractor: Which extractor did it; empty while pending.
        dropped_count: How many proposals were dropped for want of evidence.
    """

    turn_id: str
    status: ExtractionStatus
    diff: Diff
    finished_at: datetime | None
    attempts: int
    error: str
    extractor: str
    dropped_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """What was forgotten; with `dry_run`, what would be.

    Attributes:
        attributes: The beliefs that ended, at most 500.
        attribute_count: How many beliefs ended, of which `attributes` are the first.
        unknown_count: How many doubts were settled as forgotten.
        turn_count: How many turns were taken out of retrieval.
    """

    attributes: tuple[Attribute, ...]
    attribute_count: int
    unknown_count: int
    turn_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolvedUnknown:
    """A settled doubt, and what accepting its value changed."""

    unknown: Unknown
    diff: Diff
