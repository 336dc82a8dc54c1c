"""What an extractor is given and what it gives back.

An extractor reads a window of turns and proposes facts, retractions and doubts, each with the
words that prove it. It decides nothing: the server checks the evidence, applies the rules for
roles and reconciles the proposals with what is believed already.

Offsets count Unicode code points of the turn's content, from 0, end exclusive.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """Who says a turn."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"


class Category(StrEnum):
    """The five kinds of memory."""

    IDENTITY = "identity"
    KNOWLEDGE = "knowledge"
    CONTEXT = "context"
    INSTRUCTIONS = "instructions"
    UNKNOWNS = "unknowns"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class EntityRef:
    """Names an entity within a scope: `Person/alice`, `Pet/Rex`, `Project/ESM migration`."""

    type: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowTurn:
    """A turn as an extractor sees it."""

    id: str
    role: Role
    content: str
    observed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownAttribute:
    """A current belief, shown to an extractor so that it reuses entities and keys."""

    entity: EntityRef
    category: Category
    key: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """The turns to extract from, with what is needed to understand them.

    Attributes:
        subject: The entity that first-person statements are about.
        turns: The turns to extract from, oldest first.
        earlier: Turns that came just before and were extracted already, oldest first. Nothing is
            extracted from them; they resolve pronouns and answers to questions.
        known: Current beliefs of the scope, bounded by the caller.
        tenant: Whose memory it is; what extractors keep between windows must not cross tenants.
        backfill: Whether the turns are history that is being loaded, so that nobody waits.
    """

    subject: EntityRef
    turns: tuple[WindowTurn, ...]
    earlier: tuple[WindowTurn, ...] = ()
    known: tuple[KnownAttribute, ...] = ()
    tenant: str = ""
    backfill: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """The words that prove a proposal: `content[start:end] == quote` of the turn named."""

    turn_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A proposed belief: an attribute of an entity has a value.

    Attributes:
        entity: What it is about.
        category: Which kind of memory; never `unknowns`, a doubt is hedged instead.
        key: The attribute's name in snake_case, from the ontology where it has a fitting one.
        value: The value, trimmed, at most 2,000 characters.
        confidence: 0 to 1; a plain statement is 0.9, an inference less.
        evidence: The words that prove it.
        hedged: Said with doubt ("I might move to Lisbon"): becomes an unknown, not a belief.
        change: The words themselves say that the value is new or corrected ("just moved to",
            "no, Bergen", "now"), so it is clearly newer than what was said before it.
        previous_value: The value that the words say it replaces ("from Berlin to London").
        valid_from: When it became true, if the words tell; else the turn's `observed_at` counts.
        valid_until: When it ceased to be true, for a statement about the past ("I used to work at
            Hooli until 2020"). A fact with an end never becomes a current belief.
    """

    entity: EntityRef
    category: Category
    key: str
    value: str
    confidence: float
    evidence: Span
    hedged: bool = False
    change: bool = False
    previous_value: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Retraction:
    """A proposed end of a belief: "I no longer work at Hooli".

    Attributes:
        entity: What it is about.
        key: The attribute's name.
        value: The value that no longer holds; `None`: whatever the value is.
        evidence: The words that prove it.
    """

    entity: EntityRef
    key: str
    value: str | None
    evidence: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposals:
    """What an extractor found in a window, in the order in which it was said."""

    facts: tuple[Fact, ...] = field(default=())
    retractions: tuple[Retraction, ...] = field(default=())


class ExtractionError(Exception):
    """An extractor could not do its work; trying again may help.

    The message is for operators and must hold no text of the turns.
    """


class ExtractorUnavailableError(ExtractionError):
    """The extractor cannot be reached at present; no turn is at fault, so none is given up."""


class Extractor(Protocol):
    """Finds what a window of turns says about the user."""

    @property
    def name(self) -> str:
        """The extractor and its version, such as `builtin-0.1.0`; kept with what it found."""

    async def extract(self, window: Window) -> Proposals:
        """Returns what the turns of the window say; empty if they say nothing.

        Raises:
            ExtractionError: It could not be done. Never returned as "found nothing".
        """
