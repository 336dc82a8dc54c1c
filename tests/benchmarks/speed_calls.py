"""Timing of calls: one after another or many at once, and beside each other in one run.

Calls carry bytes that were serialised before, so that what the client costs is the same for the
server and for the bare echo.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc
import psutil
import psycopg
from google.protobuf.message import Message

from tests.benchmarks.echo import path, sized_request
from tests.benchmarks.measure import percentile

CALL_TIMEOUT_S: Final = 120.0
_CHANNELS: Final = 4
_MAX_CONNECTIONS: Final = 32

TimedCall = Callable[[int], Awaitable[object]]
"""A call to time; it is given the number of the call, so that each may be another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How a kind of call went at one concurrency.

    `cpu_ms` is what the process that answered it spent on one: other programs on the machine
    hardly change that.
    """

    concurrency: int
    calls: int
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float


class Timer:
    """Times one kind of call, in as many goes as one likes."""

    def __init__(
        self, call: TimedCall, concurrency: int, process: psutil.Process | None = None
    ) -> None:
        self._call = call
        self._process = process
        self._cpu_s = 0.0
        self._concurrency = concurrency
        self._number = 0
        self._took: list[float] = []
        self._busy_s = 0.0

    async def go(self, seconds: float) -> None:
        """Calls again and again, so many at once, until so many seconds are over."""
        cpu_s = self._cpu()
        started = time.perf_counter()

        async def caller() -> None:
            while (now := time.perf_counter()) - started < seconds:
                self._number += 1
                await self._call(self._number)
                self._took.append(time.perf_counter() - now)

        await asyncio.gather(*(caller() for _ in range(self._concurrency)))
        self._busy_s += time.perf_counter() - started
        self._cpu_s += self._cpu() - cpu_s

    def timing(self) -> Timing:
        """Returns what was measured so far."""
        return Timing(
            concurrency=self._concurrency,
            calls=len(self._took),
            per_s=len(self._took) / self._busy_s,
            p50_ms=percentile(self._took, 50) * 1_000,
            p95_ms=percentile(self._took, 95) * 1_000,
            p99_ms=percentile(self._took, 99) * 1_000,
            cpu_ms=self._cpu_s / len(self._took) * 1_000,
        )

    def _cpu(self) -> float:
        if self._process is None:
            return 0.0
        times = self._process.cpu_times()
        return float(times.user + times.system)


async def side_by_side(
    calls: Mapping[str, TimedCall],
    *,
    concurrency: int,
    seconds: float,
    rounds: int = 5,
    processes: Mapping[str, psutil.Process] | None = None,
) -> dict[str, Timing]:
    """Times several kinds of call in turn, so that a busy spell of the machine meets all alike.

    Args:
        calls: What to time, by name.
        concurrency: How many calls of a kind at once.
        seconds: How long each kind is timed, over all rounds.
        rounds: How often each kind has its turn.
        processes: The processes that answer, by the same names, where their work is counted.
    """
    answering = processes or {}
    timers = {name: Timer(call, concurrency, answering.get(name)) for name, call in calls.items()}
    for call in calls.values():
        await call(0)
    for _ in range(rounds):
        for timer in timers.values():
            await timer.go(seconds / rounds)
    return {name: timer.timing() for name, timer in timers.items()}


class Wire:
    """A few channels to one process; calls take them in turn."""

    def __init__(
        self, channels: Sequence[grpc.aio.Channel], metadata: Any, process: psutil.Process
    ) -> None:
        self.process = process
        self._channels = channels
        self._metadata = metadata

    def unary(self, method: str, request: Callable[[int], bytes]) -> TimedCall:
        """Returns a call of a method, with the request that belongs to its number."""
        callables: list[Any] = [channel.unary_unary(method) for channel in self._channels]

        async def call(number: int) -> bytes:
            answer: bytes = await callables[number % len(callables)](
                request(number), metadata=self._metadata, timeout=CALL_TIMEOUT_S
            )
            return answer

        return call

    def rpc(self, name: str, request: Callable[[int], Message]) -> TimedCall:
        """Returns a call of one of our RPCs, such as `MemoryService/GetProfile`."""
        return self.unary(f"/spectron.v1.{name}", lambda n: request(n).SerializeToString())

    async def echo_like(self, request: Message, answer: bytes) -> TimedCall:
        """Returns a call of the echo with messages of the sizes of these."""
        data = sized_request(request.ByteSize(), len(answer))
        return self.unary(path("Sized"), lambda _: data)


@asynccontextmanager
async def wired(address: str, pid: int, key: str = "") -> AsyncIterator[Wire]:
    """Opens channels to the address of a process until the block is left."""
    options = (
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    )
    async with AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(address, options))
            for _ in range(_CHANNELS)
        ]
        metadata = (("authorization", f"Bearer {key}"),) if key else None
        yield Wire(channels, metadata, psutil.Process(pid))


def embedded_url(data_directory: Path) -> str:
    """Returns the address of the embedded PostgreSQL that runs in a data directory."""
    lines = (data_directory / "postgres" / "postmaster.pid").read_text().splitlines()
    port, host = lines[3], lines[4]
    return f"postgresql://postgres@/spectron?host={host}&port={port}"


class BareInserts:
    """The least that a durable write costs: psycopg, one INSERT of a turn's size, one COMMIT."""

    def __init__(self, connections: "asyncio.Queue[psycopg.AsyncConnection[Any]]") -> None:
        self._connections = connections

    async def __call__(self, number: int) -> None:
        """Inserts a row and commits, on a connection that is free."""
        connection = await self._connections.get()
        try:
            await connection.execute(
                "INSERT INTO bench.ceiling (number, content) VALUES (%s, %s)",
                (number, "x" * 120),
            )
            await connection.commit()
        finally:
            self._connections.put_nowait(connection)


@asynccontextmanager
async def bare_inserts(url: str, concurrency: int) -> AsyncIterator[BareInserts]:
    """Opens connections for bare inserts, into a table of their own, until the block is left."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("CREATE SCHEMA IF NOT EXISTS bench")
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS bench.ceiling (id bigserial PRIMARY KEY, number bigint, "
            "content text)"
        )
    free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        for _ in range(min(concurrency, _MAX_CONNECTIONS)):
            opened = await psycopg.AsyncConnection.connect(url)
            free.put_nowait(await stack.enter_async_context(opened))
        yield BareInserts(free)
