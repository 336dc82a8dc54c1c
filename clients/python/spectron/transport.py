"""The connection: channels, credentials, deadlines and retries, for every call of the client.

gRPC's asynchronous channels belong to the event loop that made them. The transport makes one
when a loop first calls, so that a client can be built anywhere and used from any loop.
"""

import asyncio
import contextlib
import random
import threading
import time
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import grpc
from google.protobuf.message import Message

from spectron.endpoint import Endpoint, is_local
from spectron.errors import SpectronError
from spectron.retry import RetryPolicy, is_retryable
from spectron.status import error_of
from spectron.v1 import (
    admin_service_pb2_grpc,
    chat_service_pb2_grpc,
    memory_service_pb2_grpc,
    session_service_pb2_grpc,
    transfer_service_pb2_grpc,
    turn_service_pb2_grpc,
)

if TYPE_CHECKING:
    from spectron.v1.admin_service_pb2_grpc import AdminServiceAsyncStub
    from spectron.v1.chat_service_pb2_grpc import ChatServiceAsyncStub
    from spectron.v1.memory_service_pb2_grpc import MemoryServiceAsyncStub
    from spectron.v1.session_service_pb2_grpc import SessionServiceAsyncStub
    from spectron.v1.transfer_service_pb2_grpc import TransferServiceAsyncStub
    from spectron.v1.turn_service_pb2_grpc import TurnServiceAsyncStub

_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)

# A page of 500 turns of 32 KiB is 16 MiB; gRPC's own limit of 4 MiB would refuse it.
_MAX_RECEIVE_BYTES: Final = 64 * 1024 * 1024
# gRPC waits between attempts to connect, and fails calls at once meanwhile. Its defaults (1 s to
# 2 minutes) would let all retries of a call pass before the first new attempt.
_CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", _MAX_RECEIVE_BYTES),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)
_SHORTEST_TIMEOUT_S: Final = 0.001


@dataclass(frozen=True, kw_only=True, slots=True)
class Stubs:
    """The generated stubs over one channel."""

    sessions: "SessionServiceAsyncStub"
    turns: "TurnServiceAsyncStub"
    memory: "MemoryServiceAsyncStub"
    chat: "ChatServiceAsyncStub"
    admin: "AdminServiceAsyncStub"
    transfer: "TransferServiceAsyncStub"


class Closeable(Protocol):
    """Something that lives on a connection, and is closed before it."""

    async def aclose(self) -> None:
        """Closes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Connection:
    """What the client has on one event loop."""

    channel: grpc.aio.Channel
    stubs: Stubs
    tenants: set[Closeable] = field(default_factory=set)

    async def aclose(self) -> None:
        await asyncio.gather(*(each.aclose() for each in self.tenants))
        await self.channel.close()


class Transport:
    """Makes the calls of a client.

    Attributes:
        endpoint: The server.
        timeout_s: The default deadline of a call.
    """

    def __init__(
        self,
        *,
        endpoint: Endpoint,
        api_key: str,
        timeout_s: float,
        retry: RetryPolicy,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.endpoint = endpoint
        self.timeout_s = checked_timeout(timeout_s)
        self._metadata = (("authorization", f"Bearer {api_key}"),)
        self._retry = retry
        self._jitter = jitter
        self._connections: dict[asyncio.AbstractEventLoop, _Connection] = {}
        self._lock = threading.Lock()
        self._closed = False

    def request_id(self, given: str | None) -> str:
        """Returns the given request id, or a new one: it makes a change safe to retry."""
        return given if given is not None else uuid.uuid4().hex

    @property
    def max_attempts(self) -> int:
        """How many times something is tried, the first included."""
        return self._retry.max_attempts

    def pause_s(self, attempt: int) -> float:
        """Returns how long to wait after a failed attempt, counted from 1."""
        return self._retry.backoff_s(attempt, self._jitter())

    def deadline(self, timeout_s: float | None) -> "Deadline":
        """Starts a deadline: the given time from now, or the client's default.

        Raises:
            ValueError: The time is not positive.
        """
        return Deadline(self.timeout_s if timeout_s is None else checked_timeout(timeout_s))

    async def unary(
        self,
        select: "Callable[[Stubs], grpc.aio.UnaryUnaryMultiCallable[_Request, _Response]]",
        request: _Request,
        *,
        timeout_s: float | None = None,
        retry: bool = True,
    ) -> _Response:
        """Makes a call that takes one message and returns one.

        Args:
            select: Picks the method.
            request: What to send.
            timeout_s: The deadline of all attempts together; None: the client's default.
            retry: Whether the call may be repeated.

        Returns:
            The answer.

        Raises:
            SpectronError: The call failed, after all retries.
        """
        deadline = self.deadline(timeout_s)
        attempt = 0
        while True:
            attempt += 1
            try:
                return await select(self._connection().stubs)(
                    request, timeout=deadline.remaining_s, metadata=self._metadata
                )
            except grpc.aio.AioRpcError as failure:
                await self._pause_or_raise(failure, attempt if retry else None, deadline)

    async def stream(
        self,
        select: "Callable[[Stubs], grpc.aio.UnaryStreamMultiCallable[_Request, _Response]]",
        request: _Request,
        *,
        timeout_s: float,
    ) -> AsyncIterator[_Response]:
        """Makes a call that returns many messages; retried only until the first has come.

        Args:
            select: Picks the method.
            request: What to send.
            timeout_s: The deadline of the whole stream.

        Yields:
            The messages.

        Raises:
            SpectronError: The call failed.
        """
        deadline = self.deadline(timeout_s)
        attempt = 0
        started = False
        while True:
            attempt += 1
            call = select(self._connection().stubs)(
                request, timeout=deadline.remaining_s, metadata=self._metadata
            )
            try:
                async for message in call:
                    started = True
                    yield message
            except grpc.aio.AioRpcError as failure:
                await self._pause_or_raise(failure, None if started else attempt, deadline)
            else:
                return
            finally:
                # A reader that stops early must not leave the server sending.
                call.cancel()

    async def upload(
        self,
        select: "Callable[[Stubs], grpc.aio.StreamUnaryMultiCallable[_Request, _Response]]",
        requests: AsyncIterable[_Request],
        *,
        timeout_s: float,
    ) -> _Response:
        """Makes a call that sends many messages and returns one; never retried.

        gRPC swallows what its reader of requests raises. The messages are therefore written
        here, so that an error of the source cancels the call and reaches the caller.

        Args:
            select: Picks the method.
            requests: What to send.
            timeout_s: The deadline of the whole stream.

        Returns:
            The answer.

        Raises:
            SpectronError: The call failed.
        """
        deadline = self.deadline(timeout_s)
        call = select(self._connection().stubs)(
            timeout=deadline.remaining_s, metadata=self._metadata
        )
        try:
            # The server may answer before it has read everything: its status, which the
            # awaited call raises, says why the rest cannot be written.
            with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
                async for message in requests:
                    await call.write(message)
                await call.done_writing()
            return await call
        except grpc.aio.AioRpcError as failure:
            raise self.error_of(failure) from failure
        finally:
            call.cancel()

    def converse(
        self,
        select: "Callable[[Stubs], grpc.aio.StreamStreamMultiCallable[_Request, _Response]]",
        requests: AsyncIterator[_Request],
    ) -> "grpc.aio.StreamStreamCall[_Request, _Response]":
        """Starts a call in which both sides send messages; it has no deadline and no retries.

        Args:
            select: Picks the method.
            requests: What to send; it must not raise, for gRPC would swallow that.

        Returns:
            The call.
        """
        return select(self._connection().stubs)(requests, metadata=self._metadata)

    def error_of(self, failure: grpc.aio.AioRpcError) -> SpectronError:
        """Returns the typed error for a failed call."""
        return error_of(failure, self.endpoint)

    def house(self, tenant: Closeable) -> None:
        """Closes something before this event loop's connection is closed."""
        self._connection().tenants.add(tenant)

    def release(self, tenant: Closeable) -> None:
        """Forgets something that was housed."""
        with self._lock:
            connection = self._connections.get(asyncio.get_running_loop())
        if connection is not None:
            connection.tenants.discard(tenant)

    async def aclose(self) -> None:
        """Closes the connection for good. Running calls of this event loop are cancelled."""
        with self._lock:
            self._closed = True
            connections, self._connections = self._connections, {}
        here = asyncio.get_running_loop()
        for loop, connection in connections.items():
            if loop is here:
                await connection.aclose()
            elif not loop.is_closed():
                # The channel belongs to a loop that runs in another thread, or will run again.
                asyncio.run_coroutine_threadsafe(connection.aclose(), loop)

    def _connection(self) -> _Connection:
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._closed:
                raise RuntimeError("this client is closed")
            if loop not in self._connections:
                # Loops that ended without closing the client would otherwise pile up here.
                self._connections = {
                    known: each
                    for known, each in self._connections.items()
                    if not known.is_closed()
                }
                channel = self._open_channel()
                self._connections[loop] = _Connection(channel=channel, stubs=_stubs_over(channel))
            return self._connections[loop]

    def _open_channel(self) -> grpc.aio.Channel:
        options = [*_CHANNEL_OPTIONS]
        if is_local(self.endpoint.target):
            # gRPC sends even loopback calls to the proxy that `http_proxy` names, which would
            # carry the key off this machine in clear.
            options.append(("grpc.enable_http_proxy", 0))
        if not self.endpoint.tls:
            return grpc.aio.insecure_channel(self.endpoint.target, options=options)
        credentials = grpc.ssl_channel_credentials(self.endpoint.root_certificates)
        return grpc.aio.secure_channel(self.endpoint.target, credentials, options=options)

    async def _pause_or_raise(
        self, failure: grpc.aio.AioRpcError, attempt: int | None, deadline: "Deadline"
    ) -> None:
        """Waits until the next attempt is due; raises if there is none.

        Args:
            failure: How the attempt failed.
            attempt: Its number, from 1; None: the call must not be repeated.
            deadline: The deadline of all attempts.
        """
        error = self.error_of(failure)
        if attempt is None or attempt >= self.max_attempts or not is_retryable(error):
            raise error from failure
        pause_s = self.pause_s(attempt)
        if pause_s >= deadline.remaining_s:
            raise error from failure
        await asyncio.sleep(pause_s)


class Deadline:
    """A moment by which something must be done, on the monotonic clock."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._end_s = time.monotonic() + timeout_s

    @property
    def remaining_s(self) -> float:
        """The time left, never less than a millisecond: gRPC takes no deadline in the past."""
        return max(_SHORTEST_TIMEOUT_S, self._end_s - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._end_s


def checked_timeout(timeout_s: float) -> float:
    """Returns a timeout.

    Raises:
        ValueError: It is not positive.
    """
    if not timeout_s > 0:
        raise ValueError("timeout_s must be greater than 0")
    return timeout_s


def _stubs_over(channel: grpc.aio.Channel) -> Stubs:
    return Stubs(
        sessions=session_service_pb2_grpc.SessionServiceStub(channel),
        turns=turn_service_pb2_grpc.TurnServiceStub(channel),
        memory=memory_service_pb2_grpc.MemoryServiceStub(channel),
        chat=chat_service_pb2_grpc.ChatServiceStub(channel),
        admin=admin_service_pb2_grpc.AdminServiceStub(channel),
        transfer=transfer_service_pb2_grpc.TransferServiceStub(channel),
    )
