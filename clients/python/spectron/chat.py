"""Chat as values: how a session chats, what happens to a message, and its outcome."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from spectron.agent import Agent
from spectron.conversation import SessionInfo, TurnRecord
from spectron.enums import ExtractionStatus
from spectron.models import Diff

# What the server takes if nothing is said; see `ChatOpen`.
_AGENT_TIMEOUT_S: Final = 60.0
_EXTRACTION_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatOptions:
    """How a session chats.

    Attributes:
        agent: Answers the messages; None: the server does.
        top_k: How many context items to retrieve for each message, up to 50; None: 10.
        history_limit: How many earlier turns to hand to the agent, up to 200; None: 20.
        agent_timeout_s: How long the agent may take for a reply, up to 600; None: 60.
        extraction_timeout_s: How long to wait, after the reply, for what was learned, up to 600;
            0: not at all; None: 30.
    """

    agent: Agent | None = None
    top_k: int | None = None
    history_limit: int | None = None
    agent_timeout_s: float | None = None
    extraction_timeout_s: float | None = None

    @property
    def agent_s(self) -> float:
        """How long the agent may take."""
        return _AGENT_TIMEOUT_S if self.agent_timeout_s is None else self.agent_timeout_s

    @property
    def extraction_s(self) -> float:
        """How long the extraction is waited for."""
        if self.extraction_timeout_s is None:
            return _EXTRACTION_TIMEOUT_S
        return self.extraction_timeout_s


DEFAULT_OPTIONS: Final = ChatOptions()


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatResult:
    """The outcome of a message.

    Attributes:
        message_id: The message.
        response: The agent's reply.
        extraction: What was learned from what the user said; empty unless `extraction_status` is
            done.
        extraction_status: How far the extraction of the user's turn came. If it is still pending,
            `memory.profile(scope, min_turn=result.turns[0].id)` waits for it.
        session: The session after the message.
        turns: The turns recorded for the message: the user's, then the assistant's.
    """

    message_id: str
    response: str
    extraction: Diff
    extraction_status: ExtractionStatus
    session: SessionInfo
    turns: tuple[TurnRecord, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatRecorded:
    """Turns are on disk: first the user's, later the assistant's."""

    turns: tuple[TurnRecord, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatDelta:
    """A piece of the reply.

    Joined, the pieces are `ChatResult.response`; except that the server's agent may have begun
    anew when the connection broke: then no more pieces come, and the response is what counts.
    """

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatDone:
    """The message is finished. The last event."""

    result: ChatResult


ChatEvent: TypeAlias = ChatRecorded | ChatDelta | ChatDone
