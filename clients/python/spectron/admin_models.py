"""What the administration of a server returns, as frozen values.

All datetimes are timezone-aware, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from spectron.enums import KeyRole


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryContext:
    """One application's memory. Nothing crosses from one context to another."""

    id: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """An API key, without its secret.

    Attributes:
        id: The key's id; not the secret.
        context_id: The context it is bound to, or `*` for all.
        role: What it may do.
        label: What it is for, in its maker's words.
        created_at: When it was made.
        expires_at: When it stops working; None: never.
        revoked_at: When it was revoked; None: it was not.
    """

    id: str
    context_id: str
    role: KeyRole
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """A key that was just made.

    Attributes:
        key: The key.
        secret: What clients send. The server cannot show it again. Empty if the call repeated a
            `request_id`: revoke the key then, and make another.
    """

    key: Key
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureReceipt:
    """Proof that data was deleted for good, with how much of each kind."""

    id: str
    erased_at: datetime
    scope_count: int
    session_count: int
    turn_count: int
    attribute_count: int
    unknown_count: int
    audit_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Stats:
    """How much a context holds, and how its extraction keeps up.

    Attributes:
        scope_count: How many scopes.
        session_count: How many sessions.
        turn_count: How many turns.
        pending_count: How many turns await extraction.
        failed_count: How many extractions failed for good.
        active_attribute_count: How many beliefs hold now.
        attribute_count: How many beliefs there ever were.
        open_unknown_count: How many doubts await review.
        oldest_pending_at: When the oldest waiting turn was recorded; None: none waits.
    """

    scope_count: int
    session_count: int
    turn_count: int
    pending_count: int
    failed_count: int
    active_attribute_count: int
    attribute_count: int
    open_unknown_count: int
    oldest_pending_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One change to memory, for audit. It holds no user text.

    Attributes:
        id: The entry's id.
        at: When it happened.
        action: What was done, such as `extract` or `forget`.
        key_id: The key that did it; None: the server's own worker.
        scope: The scope it was done in.
        details: Counts and selectors.
    """

    id: str
    at: datetime
    action: str
    key_id: str | None
    scope: Mapping[str, str]
    details: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReceipt:
    """How many records of each kind were imported."""

    session_count: int
    turn_count: int
    attribute_count: int
    unknown_count: int
