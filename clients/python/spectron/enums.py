"""The kinds, states and reasons that the API speaks of, as string enums.

Each member equals its lower-case name, so that `attribute.category == "instructions"` holds.
`UNSPECIFIED` stands for a value that a newer server sent and this client does not know.
"""

from enum import StrEnum


class Category(StrEnum):
    """The five kinds of memory."""

    UNSPECIFIED = "unspecified"
    IDENTITY = "identity"
    KNOWLEDGE = "knowledge"
    CONTEXT = "context"
    INSTRUCTIONS = "instructions"
    UNKNOWNS = "unknowns"


class AttributeStatus(StrEnum):
    """What became of a belief. Active and disputed ones are believed now."""

    UNSPECIFIED = "unspecified"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    DISPUTED = "disputed"


class Role(StrEnum):
    """Who says a turn."""

    UNSPECIFIED = "unspecified"
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"


class SessionState(StrEnum):
    """Whether a session takes more turns."""

    UNSPECIFIED = "unspecified"
    OPEN = "open"
    CLOSED = "closed"


class ExtractionStatus(StrEnum):
    """How far the extraction of a turn has come."""

    UNSPECIFIED = "unspecified"
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class ChangeAction(StrEnum):
    """What a change did to an attribute."""

    UNSPECIFIED = "unspecified"
    ADDED = "added"
    UPDATED = "updated"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    BACKFILLED = "backfilled"


class ContextItemKind(StrEnum):
    """What a context item is: something believed, or something said."""

    UNSPECIFIED = "unspecified"
    FACT = "fact"
    TURN = "turn"


class UnknownReason(StrEnum):
    """Why something is not known for sure."""

    UNSPECIFIED = "unspecified"
    HEDGED = "hedged"
    CONTRADICTION = "contradiction"
    LOW_CONFIDENCE = "low_confidence"
    UNCLEAR_TIME = "unclear_time"


class UnknownResolution(StrEnum):
    """How an unknown was settled; unspecified while it is not."""

    UNSPECIFIED = "unspecified"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    FORGOTTEN = "forgotten"


class KeyRole(StrEnum):
    """What an API key may do; each role may do what those before it may."""

    UNSPECIFIED = "unspecified"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class ErrorReason(StrEnum):
    """Why a call failed. Programs branch on it and on the status; `error_reason.proto` explains."""

    UNSPECIFIED = "UNSPECIFIED"
    INVALID_FIELD = "INVALID_FIELD"
    INVALID_PAGE_TOKEN = "INVALID_PAGE_TOKEN"  # noqa: S105 -- a reason, not a secret.
    INVALID_KEY = "INVALID_KEY"
    EXPIRED_KEY = "EXPIRED_KEY"
    REVOKED_KEY = "REVOKED_KEY"
    ROLE_NOT_ALLOWED = "ROLE_NOT_ALLOWED"
    CONTEXT_NOT_FOUND = "CONTEXT_NOT_FOUND"
    SESSION_NOT_FOUND = "SESSION_NOT_FOUND"
    TURN_NOT_FOUND = "TURN_NOT_FOUND"
    ENTITY_NOT_FOUND = "ENTITY_NOT_FOUND"
    ATTRIBUTE_NOT_FOUND = "ATTRIBUTE_NOT_FOUND"
    UNKNOWN_NOT_FOUND = "UNKNOWN_NOT_FOUND"
    KEY_NOT_FOUND = "KEY_NOT_FOUND"
    SESSION_CLOSED = "SESSION_CLOSED"
    UNKNOWN_ALREADY_RESOLVED = "UNKNOWN_ALREADY_RESOLVED"
    EXTRACTION_NOT_FAILED = "EXTRACTION_NOT_FAILED"
    CONTEXT_ALREADY_EXISTS = "CONTEXT_ALREADY_EXISTS"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    CONTEXT_NOT_EMPTY = "CONTEXT_NOT_EMPTY"
    INVALID_RECORD = "INVALID_RECORD"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    STORAGE_FULL = "STORAGE_FULL"
    OVERLOADED = "OVERLOADED"
    MESSAGE_TOO_LARGE = "MESSAGE_TOO_LARGE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    SHUTTING_DOWN = "SHUTTING_DOWN"
    EXTRACTION_FAILED = "EXTRACTION_FAILED"
    AGENT_FAILED = "AGENT_FAILED"
    AGENT_TIMEOUT = "AGENT_TIMEOUT"
    INVALID_FRAME = "INVALID_FRAME"
    INTERNAL = "INTERNAL"
    MESSAGE_ID_REUSED = "MESSAGE_ID_REUSED"
    MESSAGE_CANCELLED = "MESSAGE_CANCELLED"
    NO_CHAT_MODEL = "NO_CHAT_MODEL"
