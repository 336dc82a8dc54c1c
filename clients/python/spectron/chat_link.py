"""Keeps a session's chat going on one event loop: streams are opened when needed, and reopened.

A message whose stream breaks is sent again on the next one, with its id, until it is answered, its
time is over, or it was sent as often as a call is tried. The server knows the id: nothing is
recorded twice. Before it was sent, the server is tried as often as for any call; from then on it
may be under way, and a server that is away is waited for until the message's time is over.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import Final, TypeVar

from spectron.chat import ChatDone, ChatEvent, ChatOptions
from spectron.chat_message import ChatMessage, InterruptedMessageError
from spectron.chat_stream import ChatStream
from spectron.enums import ErrorReason
from spectron.errors import DeadlineExceeded, MessageCancelled, SpectronError, copied
from spectron.retry import may_reconnect
from spectron.transport import Transport
from spectron.v1.chat_service_pb2 import ChatRequest

_Result = TypeVar("_Result")

# What a server takes on one stream.
MAX_UNDER_WAY: Final = 8
# A stream costs both sides memory; opening one anew costs a round trip.
IDLE_S: Final = 60.0
PATIENCE_S: Final = 5.0


class ChatLink:
    """The streams of a session on one event loop: at most one that takes messages.

    Attributes:
        closed: Whether it was closed.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        opening: ChatRequest,
        options: ChatOptions,
        idle_s: float = IDLE_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Connects nothing yet.

        Args:
            transport: Makes the calls.
            opening: The frame to open streams with.
            options: How the session chats.
            idle_s: How long a stream without messages is kept.
            patience_s: How long the server may take to end a message that was given up, beside
                waiting for its extraction, before the connection counts as dead.
        """
        self._transport = transport
        self._opening = opening
        self._agent = options.agent
        self._patience_s = options.extraction_s + patience_s
        self._idle_s = idle_s
        self._stream: ChatStream | None = None
        # The current stream, and those that end with the last of their messages.
        self._streams: set[ChatStream] = set()
        self._connecting: asyncio.Task[None] | None = None
        # How many streams broke or could not be opened since a message was last finished.
        self._failures = 0
        # Further messages wait with their senders, in the order in which they came.
        self._slots = asyncio.Semaphore(MAX_UNDER_WAY)
        self._messages: dict[str, ChatMessage] = {}
        self._idle: asyncio.TimerHandle | None = None
        self.closed = False

    async def converse(
        self, message_id: str, content: str, *, timeout_s: float
    ) -> AsyncGenerator[ChatEvent, None]:
        """Sends a message.

        Args:
            message_id: Its id.
            content: What the user said.
            timeout_s: How long it may take altogether.

        Yields:
            What happens, until it is done. Whoever stops reading gives the message up.

        Raises:
            SpectronError: It failed.
        """
        message = ChatMessage(message_id=message_id, content=content, agent=self._agent)
        deadline = _Deadline(message_id, timeout_s)
        await deadline.bound(self._admit(message))
        stream: ChatStream | None = None
        attempt = 0
        try:
            while True:
                connected = self._connected_again() if attempt else self._connected()
                stream = await deadline.bound(connected)
                stream.send(message)
                try:
                    while True:
                        event = await deadline.bound(message.next_event())
                        self._failures = 0
                        yield event
                        if isinstance(event, ChatDone):
                            return
                except InterruptedMessageError as interruption:
                    attempt += 1
                    if attempt >= self._transport.max_attempts:
                        raise interruption.error from interruption.error.__cause__
                if stream.usable:
                    await deadline.bound(asyncio.sleep(self._transport.pause_s(attempt)))
        finally:
            self._leave(message, stream)

    async def aclose(self) -> None:
        """Ends the streams; messages under way fail. Nothing can be sent afterwards."""
        self.closed = True
        self._stay_up()
        self._stop_connecting()
        await asyncio.gather(*(each.aclose() for each in self._streams))

    async def _admit(self, message: ChatMessage) -> None:
        """Waits for a place, and until no other message of the same id is under way here.

        What comes for a message is told by its id. The server answers the second from its record.
        """
        while other := self._messages.get(message.id):
            await other.over.wait()
        self._messages[message.id] = message
        try:
            await self._slots.acquire()
        except BaseException:
            self._forget(message)
            raise

    def _leave(self, message: ChatMessage, stream: ChatStream | None) -> None:
        message.leave()
        if stream is None:
            self._vacate(message)
        else:
            stream.leave(message, lambda: self._vacate(message))

    def _vacate(self, message: ChatMessage) -> None:
        self._slots.release()
        self._forget(message)

    def _forget(self, message: ChatMessage) -> None:
        del self._messages[message.id]
        message.over.set()
        if not self._messages:
            self._stop_connecting()
            self._rest_soon()

    def _rest_soon(self) -> None:
        self._stay_up()
        if self._stream is not None:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_s, self._stream.retire)

    def _stay_up(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _stop_connecting(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            self._connecting = None

    async def _connected(self) -> ChatStream:
        """Returns the stream that takes messages; opened once, however many wait for it."""
        self._stay_up()
        while self._stream is None or not self._stream.usable:
            if self.closed:
                raise MessageCancelled(
                    "The session's chat was closed.", reason=ErrorReason.MESSAGE_CANCELLED
                )
            if self._connecting is None:
                self._connecting = asyncio.create_task(self._connect())
            connecting = self._connecting
            await asyncio.wait([connecting])
            if connecting.cancelled():
                continue
            if isinstance(error := connecting.exception(), Exception):
                raise copied(error)
        return self._stream

    async def _connected_again(self) -> ChatStream:
        """Returns the stream as `_connected` does, however long the server is away."""
        while True:
            try:
                return await self._connected()
            except SpectronError as error:
                if not may_reconnect(error):
                    raise
            await asyncio.sleep(self._transport.pause_s(self._transport.max_attempts))

    async def _connect(self) -> None:
        while True:
            if self._failures:
                await asyncio.sleep(self._transport.pause_s(self._failures))
            try:
                self._stream = await self._opened()
            except BaseException as error:
                if self._failures < self._transport.max_attempts and may_reconnect(error):
                    continue
                self._failures = 0
                if self._connecting is asyncio.current_task():
                    self._connecting = None
                raise
            self._connecting = None
            return

    async def _opened(self) -> ChatStream:
        self._transport.house(self)
        stream = ChatStream(
            transport=self._transport,
            opening=self._opening,
            on_end=self._stream_ended,
            patience_s=self._patience_s,
        )
        self._streams.add(stream)
        try:
            async with asyncio.timeout(self._transport.timeout_s):
                await stream.opened()
        except BaseException as error:
            await stream.aclose()
            if isinstance(error, TimeoutError):
                raise DeadlineExceeded(
                    f"The chat was not opened within {self._transport.timeout_s:g} s.",
                    reason=ErrorReason.DEADLINE_EXCEEDED,
                ) from None
            raise
        return stream

    def _stream_ended(self, stream: ChatStream) -> None:
        self._streams.discard(stream)
        if self._stream is stream:
            self._stream = None
            self._stay_up()
        if self._messages or self._connecting is not None:
            self._failures += 1
        if not self._streams:
            self._transport.release(self)


class _Deadline:
    """The moment by which a message must be finished."""

    def __init__(self, message_id: str, timeout_s: float) -> None:
        self._message_id = message_id
        self._timeout_s = timeout_s
        self._end_s = asyncio.get_running_loop().time() + timeout_s

    async def bound(self, work: Awaitable[_Result]) -> _Result:
        """Waits for something, but not beyond the deadline.

        Raises:
            DeadlineExceeded: The time is over.
        """
        try:
            async with asyncio.timeout_at(self._end_s):
                return await work
        except TimeoutError:
            raise DeadlineExceeded(
                f"The message was not finished within {self._timeout_s:g} s. Send it again with "
                f"message_id={self._message_id!r} to go on with it, or pass a larger timeout_s.",
                reason=ErrorReason.DEADLINE_EXCEEDED,
            ) from None
