"""One message of a user on its way: what came for it, and what its sender has yet to see.

A stream writes to it, its sender reads from it, and neither waits for the other: pieces of a reply
that nobody has read yet are joined, so that what waits is no more than the reply itself.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextvars import copy_context
from typing import Final

from spectron.agent import Agent, AgentCall
from spectron.agent_run import AgentRun
from spectron.chat import ChatDelta, ChatDone, ChatEvent, ChatRecorded
from spectron.chat_frames import message_frame, result_of
from spectron.conversation import TurnRecord
from spectron.enums import ErrorReason
from spectron.errors import AgentFailed, ResourceExhausted
from spectron.v1 import chat_service_pb2

# Far more than the server takes of a user, and far less than it takes of a frame.
_LARGEST_FRAME_BYTES: Final = 1024 * 1024


class InterruptedMessageError(Exception):
    """The message was not finished, and may be if it is sent again.

    Attributes:
        error: What interrupted it.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class ChatMessage:
    """A message of a user.

    Attributes:
        id: Its id.
        frame: The frame that sends it.
        over: Set when its sender has left, and no stream will say anything of it any more.
    """

    def __init__(self, *, message_id: str, content: str, agent: Agent | None) -> None:
        """Takes what the user said.

        Raises:
            TypeError, ValueError: It is no text that could be sent.
            ResourceExhausted: It is so large that the server would end the stream over it.
        """
        self.id = message_id
        self.frame = message_frame(message_id, content)
        if self.frame.ByteSize() > _LARGEST_FRAME_BYTES:
            raise ResourceExhausted(
                "The message is larger than a message can be.", reason=ErrorReason.MESSAGE_TOO_LARGE
            )
        self.over = asyncio.Event()
        self._agent = agent
        self._run: AgentRun | None = None
        # The agent sees the context variables of whoever sent the message.
        self._context = copy_context()
        self._turns: dict[str, TurnRecord] = {}
        self._events: deque[ChatEvent] = deque()
        self._text = ""
        self._interrupted = False
        self._outcome: Exception | None = None
        self._news = asyncio.Event()

    async def next_event(self) -> ChatEvent:
        """Waits for the next event.

        Returns:
            The event, each once and in order; `ChatDone` is the last.

        Raises:
            InterruptedMessageError: It can be sent again.
            Exception: It failed.
        """
        while not self._events:
            if self._outcome is not None:
                outcome, self._outcome = self._outcome, None
                raise outcome
            self._news.clear()
            await self._news.wait()
        return self._events.popleft()

    def recorded(self, turns: Sequence[TurnRecord]) -> None:
        """Takes turns that were recorded; a stream that takes over tells some of them again."""
        new = tuple(each for each in turns if each.id not in self._turns)
        self._turns.update((each.id, each) for each in new)
        if new:
            self._happened(ChatRecorded(turns=new))

    def said(self, text: str) -> None:
        """Takes a piece of the reply."""
        self._text += text
        if self._events and isinstance(last := self._events[-1], ChatDelta):
            self._events[-1] = ChatDelta(text=last.text + text)
        elif text:
            self._happened(ChatDelta(text=text))

    def server_said(self, text: str) -> None:
        """Takes a piece of the reply of the server's agent.

        After an interruption, pieces are missing, or the agent has begun anew.
        """
        if not self._interrupted:
            self.said(text)

    def asked(self, call: AgentCall) -> AgentRun | None:
        """Calls the agent, or returns the agent that is at work on the message already."""
        if self._run is None and self._agent is not None:
            self._run = AgentRun(self._agent, call, on_text=self.said, context=self._context)
        return self._run

    def done(self, message: chat_service_pb2.ChatDone) -> None:
        """Takes the outcome, and what is missing of the pieces of the reply."""
        if message.response.startswith(self._text):
            self.said(message.response[len(self._text) :])
        turns = sorted(self._turns.values(), key=lambda each: each.sequence)
        self._happened(ChatDone(result=result_of(message, tuple(turns))))

    def failed(self, error: Exception) -> None:
        """Takes a failure, of the message or of its stream."""
        if isinstance(error, AgentFailed) and self._agent is not None:
            cause = self._run.error if self._run is not None else None
            if cause is None:
                # It was another client's agent, or a stream of ours that broke: ours can answer.
                self.interrupted(error)
                return
            error = AgentFailed(
                f"The agent raised {type(cause).__name__}. The user's turn stays; send the "
                f"message again with message_id={self.id!r} to have it answered.",
                reason=ErrorReason.AGENT_FAILED,
            )
            error.__cause__ = cause
        self._outcome = error
        self._news.set()

    def interrupted(self, error: Exception) -> None:
        """Takes what broke the stream, or the message, so that it can be sent again."""
        self._interrupted = True
        self._outcome = InterruptedMessageError(error)
        self._news.set()

    def leave(self) -> None:
        """Stops the agent: nobody waits for the message any more."""
        if self._run is not None:
            self._run.stop()

    def _happened(self, event: ChatEvent) -> None:
        self._events.append(event)
        self._news.set()
