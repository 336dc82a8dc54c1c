"""Spectron's Python client: memory for AI assistants.

`Spectron` is the asynchronous client; `spectron.sync.Spectron` is its blocking twin.
"""

from spectron.admin_models import (
    AuditEntry,
    ErasureReceipt,
    ImportReceipt,
    Key,
    MemoryContext,
    NewKey,
    Stats,
)
from spectron.agent import AgentCall, AgentFunction
from spectron.chat import ChatDelta, ChatDone, ChatEvent, ChatRecorded, ChatResult
from spectron.client import Spectron
from spectron.conversation import NewTurn, SessionInfo, TurnRecord
from spectron.enums import (
    AttributeStatus,
    Category,
    ChangeAction,
    ContextItemKind,
    ErrorReason,
    ExtractionStatus,
    KeyRole,
    Role,
    SessionState,
    UnknownReason,
    UnknownResolution,
)
from spectron.errors import SpectronError
from spectron.listing import Listing
from spectron.memory import Memory
from spectron.models import (
    Attribute,
    AttributeChange,
    ContextItem,
    ContextResult,
    Diff,
    Entity,
    EntityRef,
    Evidence,
    Extraction,
    Forgotten,
    Profile,
    ResolvedUnknown,
    Unknown,
)
from spectron.retry import RetryPolicy
from spectron.session import Session
from spectron.transfer import RecordKind, TransferRecord
from spectron.turns import Turn

__all__ = [
    "AgentCall",
    "AgentFunction",
    "Attribute",
    "AttributeChange",
    "AttributeStatus",
    "AuditEntry",
    "Category",
    "ChangeAction",
    "ChatDelta",
    "ChatDone",
    "ChatEvent",
    "ChatRecorded",
    "ChatResult",
    "ContextItem",
    "ContextItemKind",
    "ContextResult",
    "Diff",
    "Entity",
    "EntityRef",
    "ErasureReceipt",
    "ErrorReason",
    "Evidence",
    "Extraction",
    "ExtractionStatus",
    "Forgotten",
    "ImportReceipt",
    "Key",
    "KeyRole",
    "Listing",
    "Memory",
    "MemoryContext",
    "NewKey",
    "NewTurn",
    "Profile",
    "RecordKind",
    "ResolvedUnknown",
    "RetryPolicy",
    "Role",
    "Session",
    "SessionInfo",
    "SessionState",
    "Spectron",
    "SpectronError",
    "Stats",
    "TransferRecord",
    "Turn",
    "TurnRecord",
    "Unknown",
    "UnknownReason",
    "UnknownResolution",
]
