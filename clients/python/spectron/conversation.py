"""Sessions and turns as values: what the server said of them, and turns to be recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from spectron.enums import ExtractionStatus, Role, SessionState


@dataclass(frozen=True, kw_only=True)
class TurnRecord:
    """One utterance of a session, as the server recorded it.

    Attributes:
        id: The turn's id.
        session_id: Its session.
        sequence: Its place in the session, from 1, without gaps.
        role: Who said it.
        content: What was said, verbatim.
        observed_at: When it was said.
        recorded_at: When the server recorded it.
        extraction_status: How far its extraction had come when the server answered.
        hidden: Whether `forget` took its text out of retrieval.
    """

    id: str
    session_id: str
    sequence: int
    role: Role
    content: str
    observed_at: datetime
    recorded_at: datetime
    extraction_status: ExtractionStatus
    hidden: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTurn:
    """A turn to be recorded.

    Attributes:
        role: Who says it: `user`, `assistant`, `system` or `tool`.
        content: What is said, up to 32 KiB.
        observed_at: When it was said, timezone-aware; None: now. Only the moment is sent: words
            such as "yesterday" count from its day in UTC.
    """

    role: Role | str
    content: str
    observed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionInfo:
    """A session as it was when the server answered.

    Attributes:
        id: The session's id.
        context_id: The context it belongs to.
        scope: Whose memory its turns feed.
        metadata: The application's own labels.
        state: Whether it takes more turns.
        created_at: When it was created.
        closed_at: When it was closed; None while it is open.
        turn_count: How many turns were recorded in it.
    """

    id: str
    context_id: str
    scope: Mapping[str, str]
    metadata: Mapping[str, str]
    state: SessionState
    created_at: datetime
    closed_at: datetime | None
    turn_count: int
