"""What one stream gives to a message under way: the answer of its agent."""

import asyncio
from collections.abc import Callable
from typing import Final

from spectron_server.domain.errors import AgentFailedError, SpectronError
from spectron_server.service.chat_events import Event, Outbox

MAX_REPLY_BYTES: Final = 32 * 1024
"""As `NewTurn.content`: the reply becomes a turn."""


class Answer:
    """What one stream's agent says to one call; it may come before the call is sent.

    The result is the reply, an error, or None if the stream is gone or can send no more.
    """

    def __init__(self) -> None:
        self.result: asyncio.Future[str | SpectronError | None] = (
            asyncio.get_running_loop().create_future()
        )
        self._pieces: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        """Takes a piece of the reply."""
        if not text:
            return
        self._size += len(text.encode())
        if self._size > MAX_REPLY_BYTES:
            self.fail(reply_too_long())
        elif not self.result.done():
            self._pieces.append(text)

    def finish(self, content: str) -> None:
        """Takes the whole reply; empty: the pieces so far."""
        text = content or "".join(self._pieces)
        if len(text.encode()) > MAX_REPLY_BYTES:
            self.fail(reply_too_long())
        elif not text.strip() or "\0" in text:
            self.fail(AgentFailedError("The agent's reply is empty, or holds NUL characters."))
        elif not self.result.done():
            self.result.set_result(text)

    def fail(self, error: SpectronError) -> None:
        """Takes a failure."""
        if not self.result.done():
            self.result.set_result(error)

    @property
    def left(self) -> bool:
        """Whether no more can come, and no result came."""
        return self.result.done() and self.result.result() is None

    def leave(self) -> None:
        """Notes that no more can come."""
        if not self.result.done():
            self.result.set_result(None)


class Attachment:
    """One stream's interest in one message."""

    def __init__(self, outbox: Outbox, call_id: str, on_end: Callable[[], None]) -> None:
        self.outbox = outbox
        self.call_id = call_id
        self.answer = Answer()
        self._on_end = on_end

    def end(self, event: Event) -> None:
        """Delivers the last event of the message."""
        self.answer.leave()
        self.outbox.put(event)
        self._on_end()


def reply_too_long() -> AgentFailedError:
    """Returns the error for a reply that cannot become a turn."""
    return AgentFailedError(
        f"The agent's reply has more than {MAX_REPLY_BYTES} bytes, which is what a turn can hold."
    )
