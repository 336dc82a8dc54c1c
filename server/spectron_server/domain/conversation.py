"""Sessions, turns, and how far the extraction of a turn has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from spectron_extraction.protocol import Role
from spectron_server.domain.belief import Diff, require_aware
from spectron_server.domain.scope import Scope


class ExtractionStatus(StrEnum):
    """How far the extraction of a turn has come."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """One conversation of one scope in one context."""

    id: str
    context_id: str
    scope: Scope
    metadata: Mapping[str, str]
    created_at: datetime
    closed_at: datetime | None
    turn_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTurn:
    """A turn to be recorded.

    Attributes:
        role: Who said it.
        content: What was said, verbatim.
        observed_at: When it was said; None: now.
        message_id: The message of a chat that it belongs to.
    """

    role: Role
    content: str
    observed_at: datetime | None = None
    message_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One utterance.

    Attributes:
        id: The typed id.
        session_id: Its session.
        sequence: Its place in the session, from 1, without gaps.
        position: Its place among all turns of the scope, from 1, in the order of recording.
        role: Who said it.
        content: What was said, verbatim.
        observed_at: When it was said.
        recorded_at: When the server recorded it.
        extraction_status: How far its extraction has come.
        hidden: Whether `Forget` took its text out of retrieval.
        extraction_attempts: How many times its extraction was tried.
        message_id: The message of a chat that it belongs to.
    """

    id: str
    session_id: str
    sequence: int
    position: int
    role: Role
    content: str
    observed_at: datetime
    recorded_at: datetime
    extraction_status: ExtractionStatus
    hidden: bool = False
    extraction_attempts: int = 0
    message_id: str | None = None

    def __post_init__(self) -> None:
        """Refuses times without a zone, which could not be compared."""
        require_aware(self.observed_at, self.recorded_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnExtraction:
    """The extraction of one turn; `diff` is None while pending or failed."""

    turn_id: str
    status: ExtractionStatus
    diff: Diff | None
    finished_at: datetime | None
    attempts: int
    error: str
    extractor: str
    dropped_count: int
