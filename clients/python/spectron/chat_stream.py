"""One stream of the Chat RPC, from its opening to its end, and the messages under way on it.

A stream is used until it ends, and never again: `chat_link.py` opens the next one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

import grpc

from spectron.chat_frames import agent_call_of, cancel_frame
from spectron.chat_message import ChatMessage
from spectron.convert import turn_record_of
from spectron.enums import ErrorReason
from spectron.errors import MessageCancelled, Unavailable, copied
from spectron.retry import is_retryable, may_reconnect
from spectron.status import failure_of
from spectron.transport import Transport
from spectron.v1.chat_service_pb2 import (
    ChatAgentCall,
    ChatDelta,
    ChatDone,
    ChatFailed,
    ChatRecorded,
    ChatRequest,
    ChatResponse,
)

_logger: Final = logging.getLogger(__name__)

# A server that is there ends a half-closed stream at once.
_FAREWELL_S: Final = 5.0
# Whoever closes a client does not want to wait for a server that is not there.
_LAST_WORD_S: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Farewell:
    """A message that nobody waits for, until the server ends it; else the alarm goes off."""

    alarm: asyncio.TimerHandle
    on_over: Callable[[], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outgoing:
    """A frame to be sent; `sent` is cancelled if it is not wanted any more."""

    frame: ChatRequest
    sent: asyncio.Future[None] | None


class ChatStream:
    """A stream.

    Attributes:
        usable: Whether messages can be sent on it.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        opening: ChatRequest,
        on_end: Callable[["ChatStream"], None],
        patience_s: float,
    ) -> None:
        """Starts to open the stream.

        Args:
            transport: Makes the call.
            opening: The frame to open it with.
            on_end: Called when it has ended, before its messages are told.
            patience_s: How long the server may take to end a message that was given up, before
                the connection counts as dead: one that has its reply it only ends when it has
                waited for the extraction.
        """
        self.usable = True
        self._half_closed = False
        self._transport = transport
        self._on_end = on_end
        self._patience_s = patience_s
        self._messages: dict[str, ChatMessage] = {}
        self._farewells: dict[str, _Farewell] = {}
        self._deliveries: dict[str, asyncio.Task[None]] = {}
        # Bounded by those who wait for their frames, and two frames for each message.
        self._outbox: asyncio.Queue[_Outgoing | None] = asyncio.Queue()
        self._outbox.put_nowait(_Outgoing(frame=opening, sent=None))
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._fault: Exception = MessageCancelled(
            "The chat was closed.", reason=ErrorReason.MESSAGE_CANCELLED
        )
        self._task = self._loop.create_task(self._serve())

    async def opened(self) -> None:
        """Waits until the server has accepted the stream.

        Raises:
            SpectronError: It did not.
        """
        await self._opened

    def send(self, message: ChatMessage) -> None:
        """Sends a message; what comes for it is written to it."""
        self._messages[message.id] = message
        self._put(message.frame)

    def leave(self, message: ChatMessage, on_over: Callable[[], None]) -> None:
        """Takes note that nobody waits for a message any more; it is given up if it is under way.

        Args:
            message: The message.
            on_over: Called when the server has ended it, or the stream is over; at once if so.
        """
        if message.id not in self._messages:
            on_over()
            return
        self._put(cancel_frame(message.id))
        self._stop_delivery(message.id)
        # The connection may be dead without anybody having noticed.
        alarm = self._loop.call_later(self._patience_s, self._give_up)
        self._farewells[message.id] = _Farewell(alarm=alarm, on_over=on_over)

    def retire(self) -> None:
        """Takes no more messages, and ends with the last of those under way."""
        self.usable = False
        if not self._messages and not self._half_closed:
            self._half_closed = True
            self._outbox.put_nowait(None)
            self._loop.call_later(_FAREWELL_S, self._give_up)

    async def aclose(self) -> None:
        """Ends the stream; messages under way fail."""
        self.usable = False
        if not self._messages and self._opened.done():
            self.retire()
            await asyncio.wait([self._task], timeout=_LAST_WORD_S)
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _serve(self) -> None:
        error: Exception = Unavailable("The server ended the chat before it had answered.")
        try:
            call = self._transport.converse(lambda stubs: stubs.chat.Chat, self._requests())
            try:
                async for response in call:
                    self._take(response)
            finally:
                call.cancel()
        except grpc.aio.AioRpcError as failure:
            error = self._transport.error_of(failure)
            error.__cause__ = failure
        except Exception as fault:  # noqa: BLE001 -- whatever it is, those who wait must know.
            error = fault
        except asyncio.CancelledError:
            # This task was cancelled, or the channel was closed, which looks the same from here.
            error = self._fault
        finally:
            self._end(error)

    async def _requests(self) -> AsyncIterator[ChatRequest]:
        while (outgoing := await self._outbox.get()) is not None:
            if outgoing.sent is not None and outgoing.sent.done():
                continue
            yield outgoing.frame
            if outgoing.sent is not None and not outgoing.sent.done():
                outgoing.sent.set_result(None)

    def _put(self, frame: ChatRequest) -> None:
        self._outbox.put_nowait(_Outgoing(frame=frame, sent=None))

    async def _send(self, frame: ChatRequest) -> None:
        """Sends a frame, and returns when it has left: a slow connection slows its senders."""
        sent: asyncio.Future[None] = self._loop.create_future()
        self._outbox.put_nowait(_Outgoing(frame=frame, sent=sent))
        await sent

    def _take(self, response: ChatResponse) -> None:
        match response.WhichOneof("frame"):
            case "opened" if not self._opened.done():
                self._opened.set_result(None)
            case "agent_call":
                self._call(response.agent_call)
            case "recorded":
                self._recorded(response.recorded)
            case "delta":
                self._said(response.delta)
            case "done":
                self._done(response.done)
            case "failed":
                self._failed(response.failed)
            case _:
                # A frame of a kind that this client does not know belongs to a newer server.
                pass

    def _recorded(self, frame: ChatRecorded) -> None:
        if message := self._messages.get(frame.message_id):
            message.recorded([turn_record_of(each) for each in frame.turns])

    def _said(self, frame: ChatDelta) -> None:
        if message := self._messages.get(frame.message_id):
            message.server_said(frame.text)

    def _done(self, frame: ChatDone) -> None:
        if message := self._finish(frame.message_id):
            message.done(frame)

    def _call(self, frame: ChatAgentCall) -> None:
        message = self._messages.get(frame.message_id)
        if message is None or message.id in self._farewells:
            return
        run = message.asked(agent_call_of(frame))
        if run is not None:
            self._stop_delivery(message.id)
            self._deliveries[message.id] = self._loop.create_task(
                run.deliver(frame.call_id, self._send)
            )

    def _failed(self, frame: ChatFailed) -> None:
        error = failure_of(frame.failure)
        if not frame.message_id:
            _logger.warning("the server could not place a frame of the chat: %s", error)
            return
        message = self._finish(frame.message_id)
        if error.reason == ErrorReason.SHUTTING_DOWN:
            self.retire()
        if message is None:
            return
        if is_retryable(error):
            message.interrupted(error)
        else:
            message.failed(error)

    def _finish(self, message_id: str) -> ChatMessage | None:
        message = self._messages.pop(message_id, None)
        if message is None:
            return None
        self._stop_delivery(message_id)
        self._bid_farewell(message_id)
        if not self.usable:
            self.retire()
        return message

    def _stop_delivery(self, message_id: str) -> None:
        if delivery := self._deliveries.pop(message_id, None):
            delivery.cancel()

    def _bid_farewell(self, message_id: str) -> None:
        if farewell := self._farewells.pop(message_id, None):
            farewell.alarm.cancel()
            farewell.on_over()

    def _give_up(self) -> None:
        self._fault = Unavailable("The server does not answer on the chat's connection.")
        self._task.cancel()

    def _end(self, error: Exception) -> None:
        self.usable = False
        # Lets gRPC's reader of requests end; it knows nothing of the call's end.
        self._outbox.put_nowait(None)
        if not self._opened.done():
            self._opened.set_exception(error)
            # Whoever opened the stream may have left.
            self._opened.exception()
        self._on_end(self)
        # They leave as soon as they know, and are not to be cancelled on a stream that is over.
        messages, self._messages = self._messages, {}
        for message_id, message in messages.items():
            self._stop_delivery(message_id)
            self._bid_farewell(message_id)
            if may_reconnect(error):
                message.interrupted(copied(error))
            else:
                message.failed(copied(error))
