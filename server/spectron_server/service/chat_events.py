"""What a chat tells its streams, and the way of these events to a stream that may read slowly."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from spectron_server.agent.chat_model import ChatMessage
from spectron_server.domain.conversation import Session, Turn, TurnExtraction
from spectron_server.domain.errors import SpectronError
from spectron_server.service.profiles import Profile
from spectron_server.service.retrieval import Context

_BACKLOG: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentCall:
    """What an agent is asked.

    Attributes:
        messages: The conversation so far, oldest first; the user's message is the last.
        system_prompt: Profile and context as one block; empty if nothing is known.
        profile: What is known.
        context: What bears on the message.
        timeout: How long the agent may take.
    """

    messages: Sequence[ChatMessage]
    system_prompt: str
    profile: Profile
    context: Context
    timeout: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """The stream's agent is asked for a reply."""

    message_id: str
    call_id: str
    call: AgentCall


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """Turns of a message are on disk."""

    message_id: str
    turns: Sequence[Turn]


@dataclass(frozen=True, kw_only=True, slots=True)
class Delta:
    """A piece of the reply of the server's own agent."""

    message_id: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A message is finished."""

    message_id: str
    response: str
    extraction: TurnExtraction
    session: Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """A message failed; without an id, a frame that belongs to none."""

    message_id: str
    error: SpectronError


Event: TypeAlias = Called | Recorded | Delta | Done | Failed


class Outbox:
    """The events on their way to one stream, in order.

    Putting never waits, so that one slow reader holds nobody else up. What makes more events
    waits for `room` first, so that their number stays bounded.
    """

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._ended = False
        self._error: SpectronError | None = None
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def put(self, event: Event) -> None:
        """Adds an event; after the end it is dropped."""
        if self._ended:
            return
        self._events.append(event)
        self._news.set()
        if len(self._events) >= _BACKLOG:
            self._room.clear()

    async def room(self) -> None:
        """Waits until few events are on their way."""
        await self._room.wait()

    def end(self, error: SpectronError | None = None) -> None:
        """Takes no more events. What was put before is still delivered."""
        if not self._ended:
            self._ended, self._error = True, error
            self._news.set()
            self._room.set()

    async def take(self) -> Event | None:
        """Returns the next event, None after the last.

        Raises:
            SpectronError: The outbox ended with it.
        """
        while not self._events:
            if self._error is not None:
                raise self._error
            if self._ended:
                return None
            self._news.clear()
            await self._news.wait()
        event = self._events.popleft()
        if len(self._events) < _BACKLOG:
            self._room.set()
        return event
