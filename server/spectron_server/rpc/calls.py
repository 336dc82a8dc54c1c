"""What every call goes through: parsing, admission, deadline, errors, log.

A handler is a method of one of the `*_rpc` classes, named after its RPC in snake_case and marked
with `needs`. It is given the parsed request and a `Call`, and returns the response; whatever it
raises becomes a status here.
"""

import asyncio
import functools
import itertools
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from google.rpc import status_pb2
from grpc_status import rpc_status
from structlog.contextvars import bind_contextvars, reset_contextvars

from spectron_server.domain.errors import (
    FieldViolation,
    InternalError,
    InvalidFieldError,
    MessageTooLargeError,
    SpectronError,
    WaitTimeoutError,
)
from spectron_server.domain.ids import Ids
from spectron_server.logs import fault
from spectron_server.rpc.admission import Call, Door, secret_of
from spectron_server.rpc.errors import status_of
from spectron_server.rpc.load import Load
from spectron_server.rpc.request_ids import METADATA, given_request_id
from spectron_server.telemetry.telemetry import Telemetry

MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
MAX_CALLS: Final = 2_000
MAX_STREAMS: Final = 10_000
STREAM_IDLE_S: Final = 30.0
KEY_ASKED_EACH_S: Final = 30.0
"""A stream that lasts longer is not believed for longer to have a key that is good."""
# gRPC ends the stream of a call that is cancelled as if it were whole, and cancels the call in the
# same moment or the next.
_CANCELLED_WITHIN_S: Final = 0.1
# How long the status of a call that nobody reads waits to be taken.
_UNREAD_S: Final = 300.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Malformed:
    """Stands for a request that could not be parsed."""

    error: SpectronError


def parser(message: type[Message]) -> Callable[[bytes], Message | Malformed]:
    """Returns a function that parses requests, and tells what is wrong rather than raise.

    gRPC would report an error of its own making, with a status that blames the server.
    """

    def parse(data: bytes) -> Message | Malformed:
        if len(data) > MAX_MESSAGE_BYTES:
            return Malformed(
                MessageTooLargeError(
                    f"The message has {len(data)} bytes; at most {MAX_MESSAGE_BYTES} are taken. "
                    "Send it in parts."
                )
            )
        try:
            return message.FromString(data)
        except DecodeError:
            violation = FieldViolation("", "the message is not valid protobuf with UTF-8 strings")
            return Malformed(InvalidFieldError([violation]))

    return parse


Admit: TypeAlias = Callable[[Message], Awaitable[Call]]
"""Admits the caller of a stream to what a message names, as often as it is asked."""


class _UnreadError(Exception):
    """The caller does not read what it is sent."""

    def __init__(self, writing: asyncio.Future[None]) -> None:
        super().__init__()
        self.writing = writing


class _KeyWatch:
    """Asks about the key of a stream again: it may be revoked or expire before the stream ends."""

    def __init__(self, door: Door, handler: Callable[..., Any], secret: str) -> None:
        self._door = door
        self._handler = handler
        self._secret = secret
        self._asked = time.monotonic()

    async def ask(self) -> None:
        """Asks about the key.

        Raises:
            InvalidKeyError, ExpiredKeyError, RevokedKeyError: It is good no more.
        """
        await self._door.require_key(self._handler, self._secret)
        self._asked = time.monotonic()

    async def ask_now_and_then(self) -> None:
        """Does so if it is a while since it did; raises what `ask` does."""
        if time.monotonic() - self._asked >= KEY_ASKED_EACH_S:
            await self.ask()

    async def over(self, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        """Yields requests, whose end takes effect only if the key is still good."""
        async for request in requests:
            await self.ask_now_and_then()
            yield request
        await self.ask()


class Calls:
    """Wraps handlers for gRPC."""

    def __init__(self, *, door: Door, ids: Ids, telemetry: Telemetry) -> None:
        self._door = door
        self._traces = telemetry.traces
        # Finding it anew for each call costs more than counting.
        self._seconds = functools.cache(telemetry.metrics.rpc_seconds.labels)
        # An id of this process and a number: making a whole id for each call costs ten times more.
        self._name = ids.plain("call")
        self._numbers = itertools.count(1)
        self._calls = Load(MAX_CALLS)
        # Streams that stay open while nothing happens do not take the place of calls.
        self._streams = Load(MAX_STREAMS)
        telemetry.metrics.reader.loads.update(
            call=self._calls.reading, stream=self._streams.reading
        )

    def unary(self, name: str, handler: Callable[..., Awaitable[Message]]) -> Callable[..., Any]:
        """Wraps a handler of one request and one response."""

        async def respond(
            request: Message | Malformed, context: grpc.aio.ServicerContext[Any, Any]
        ) -> Message:
            async def work(secret: str) -> Message:
                parsed = _parsed(request)
                call = await self._door.admit(name, handler, parsed, secret, context)
                try:
                    return await handler(parsed, call)
                except SpectronError:
                    if not call.caller.proven:
                        await self._door.prove(handler, parsed, secret)
                    raise
                finally:
                    if call.ahead is not None:
                        call.ahead.vectors.cancel()

            response: Message = await self._answered(name, context, work, self._calls)
            return response

        return respond

    def stream_out(
        self, name: str, handler: Callable[..., AsyncIterator[Message]]
    ) -> Callable[..., Any]:
        """Wraps a handler of one request and a stream of responses."""

        async def respond(
            request: Message | Malformed, context: grpc.aio.ServicerContext[Any, Any]
        ) -> None:
            async def work(secret: str) -> None:
                parsed = _parsed(request)
                call = await self._door.admit(name, handler, parsed, secret, context)
                watch = _KeyWatch(self._door, handler, secret)
                async for response in handler(parsed, call):
                    await watch.ask_now_and_then()
                    await _write(context, response)

            await self._answered(name, context, work, self._calls)

        return respond

    def stream_both(
        self, name: str, handler: Callable[..., AsyncGenerator[Message, None]]
    ) -> Callable[..., Any]:
        """Wraps a handler of two streams, which says itself which message names the context."""

        async def respond(
            requests: AsyncIterator[Message | Malformed],
            context: grpc.aio.ServicerContext[Any, Any],
        ) -> None:
            async def work(secret: str) -> None:
                async def admit(request: Message) -> Call:
                    return await self._door.admit(name, handler, request, secret, context)

                await self._door.require_key(handler, secret)
                async with aclosing(handler(_each(requests), admit)) as responses:
                    async for response in responses:
                        await _write(context, response)

            await self._answered(name, context, work, self._streams)

        return respond

    def stream_in(
        self, name: str, handler: Callable[..., Awaitable[Message]]
    ) -> Callable[..., Any]:
        """Wraps a handler of a stream of requests, the first of which names the context."""

        async def respond(
            requests: AsyncIterator[Message | Malformed],
            context: grpc.aio.ServicerContext[Any, Any],
        ) -> Message:
            async def work(secret: str) -> Message:
                await self._door.require_key(handler, secret)
                first = _parsed(await _first(requests))
                call = await self._door.admit(name, handler, first, secret, context)
                watch = _KeyWatch(self._door, handler, secret)
                return await handler(watch.over(_all(first, requests)), call)

            response: Message = await self._answered(name, context, work, self._calls)
            return response

        return respond

    async def _answered(
        self,
        name: str,
        context: grpc.aio.ServicerContext[Any, Any],
        work: Callable[[str], Awaitable[Any]],
        load: Load,
    ) -> Any:
        """Does the work of a call under a name for it, and counts how it ended."""
        # It is put together anew each time that it is asked for.
        metadata = tuple(context.invocation_metadata() or ())
        request_id = given_request_id(metadata) or f"{self._name}-{next(self._numbers)}"
        told = ((METADATA, request_id),)
        context.set_trailing_metadata(told)
        # What ends without a status was cancelled.
        code = _CANCELLED
        started = time.monotonic()
        secret = secret_of(metadata)
        load.enter(secret)
        named = bind_contextvars(request_id=request_id)

        async def taken_on() -> Any:
            load.refuse_overload(secret)
            return await work(secret)

        try:
            with self._traces.call(name, metadata, {"request_id": request_id}) as span:
                response, status = await self._outcome(name, taken_on, started, request_id)
                code = _CODES[status.code]
                span.tell("rpc.grpc.status_code", status.code)
                if code in _OUR_FAULT:
                    span.fail(code)
        finally:
            reset_contextvars(**named)
            load.leave(secret)
            self._seconds(name, code).observe(time.monotonic() - started)
        if code == _OK:
            return response
        error = rpc_status.to_status(status)
        return await context.abort(error.code, error.details, (*error.trailing_metadata, *told))

    async def _outcome(
        self,
        name: str,
        work: Callable[[], Awaitable[Any]],
        started: float,
        request_id: str,
    ) -> tuple[Any, status_pb2.Status]:
        """Returns the response of a call, if there is one, and its status."""
        try:
            response = await work()
        except _UnreadError as unread:
            _log.info("call_unread", rpc=name, **_took(started))
            # All that the call held has been released. Its status can follow only once the
            # answer on its way has been taken; if the caller leaves instead, this is cancelled.
            await asyncio.wait({unread.writing}, timeout=_UNREAD_S)
            if not unread.writing.done():
                raise asyncio.CancelledError from None
            status = status_of(
                WaitTimeoutError(
                    f"Nothing was read for {STREAM_IDLE_S:g} s. Call again, and read the answers."
                )
            )
        except SpectronError as error:
            status = status_of(error)
            _log.info("call_refused", rpc=name, error=type(error).__name__, **_took(started))
        except Exception as error:  # noqa: BLE001 - every fault becomes a status
            status = status_of(InternalError(request_id))
            _log.error("call_failed", rpc=name, **fault(error), **_took(started))
        else:
            if _log.is_enabled_for(logging.DEBUG):
                _log.debug("call_answered", rpc=name, **_took(started))
            return response, _NO_ERROR
        return None, status


_CODES: Final[dict[int, str]] = {code.value[0]: code.name for code in grpc.StatusCode}
_OK: Final = grpc.StatusCode.OK.name
_CANCELLED: Final = grpc.StatusCode.CANCELLED.name
_NO_ERROR: Final = status_pb2.Status()
# Statuses that are the server's fault rather than the caller's:
# https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
_OUR_FAULT: Final = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
_NOTHING: Final = Malformed(
    InvalidFieldError([FieldViolation("", "the stream holds no message; send at least one")])
)


def _parsed(request: Message | Malformed) -> Message:
    if isinstance(request, Malformed):
        raise request.error
    return request


async def _write(context: grpc.aio.ServicerContext[Any, Any], response: Message) -> None:
    # A reader that stops reading must not hold the server's resources for good.
    writing = asyncio.ensure_future(context.write(response))
    try:
        done, _ = await asyncio.wait({writing}, timeout=STREAM_IDLE_S)
    except asyncio.CancelledError:
        writing.cancel()
        raise
    if not done:
        raise _UnreadError(writing)
    writing.result()


async def _first(requests: AsyncIterator[Message | Malformed]) -> Message | Malformed:
    try:
        async with asyncio.timeout(STREAM_IDLE_S):
            return await anext(requests, _NOTHING)
    except TimeoutError as error:
        raise _silent() from error


async def _each(requests: AsyncIterator[Message | Malformed]) -> AsyncIterator[Message]:
    """Yields what is sent; the first message must come soon."""
    first = await _first(requests)
    if first is _NOTHING:
        return
    yield _parsed(first)
    async for request in requests:
        yield _parsed(request)


def _silent() -> WaitTimeoutError:
    return WaitTimeoutError(
        f"Nothing was sent for {STREAM_IDLE_S:g} s. Start again; nothing was changed."
    )


async def _all(first: Message, rest: AsyncIterator[Message | Malformed]) -> AsyncIterator[Message]:
    yield first
    while True:
        try:
            async with asyncio.timeout(STREAM_IDLE_S):
                request = await anext(rest)
        except StopAsyncIteration:
            await asyncio.sleep(_CANCELLED_WITHIN_S)
            return
        except TimeoutError as error:
            raise _silent() from error
        yield _parsed(request)


def _took(started: float) -> dict[str, float]:
    return {"duration_ms": round((time.monotonic() - started) * 1_000, 2)}
