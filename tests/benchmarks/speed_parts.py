"""The parts of the speed benchmark: each measures one thing on a running server.

Every part that is judged by a ratio times what it compares with in the same minutes, in turn.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from spectron import Memory, NewTurn, Role, Spectron
from spectron.v1 import (
    memory_service_pb2,
    scope_pb2,
    turn_pb2,
    turn_service_pb2,
)
from spectron_server.index.embedder import MiniLmEmbedder
from tests.benchmarks.measure import percentile
from tests.benchmarks.speed_calls import (
    TimedCall,
    Timing,
    Wire,
    bare_inserts,
    embedded_url,
    side_by_side,
    wired,
)
from tests.benchmarks.speed_data import CONTEXT, Words, sized_user
from tests.conftest import eventually
from tests.server.process import ServerProcess, serving

ATTRIBUTES: Final = 100
BATCH: Final = 100
_VISIBLE_PER_S: Final = 50
_START_S: Final = 120.0
_EXTRACTED_WITHIN_S: Final = 600.0


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server under measurement, and how to reach it."""

    server: ServerProcess
    client: Spectron
    wire: Wire
    data: Path

    @property
    def memory(self) -> Memory:
        """The memory that the benchmark uses."""
        return self.client.memory(context_id=CONTEXT)

    @property
    def process(self) -> psutil.Process:
        """The server's process."""
        return psutil.Process(self.server.process.pid)

    def memory_mb(self) -> float:
        """Returns how much memory the server's processes take, PostgreSQL's left out."""
        parent = psutil.Process(self.server.process.pid)
        processes = [parent, *parent.children(recursive=True)]
        own = [each for each in processes if not each.name().startswith("postgres")]
        return sum(each.memory_info().rss for each in own) / 1024 / 1024


@asynccontextmanager
async def running(data: Path, key: str | None, **settings: str) -> AsyncIterator[Running]:
    """Runs a server on a data directory until the block is left."""
    options = {"SPECTRON_LOG_LEVEL": "error", "SPECTRON_DRAIN_S": "2"} | settings
    async with serving(data, within_s=_START_S, **options) as server:
        secret = server.key or key
        assert secret is not None
        async with (
            Spectron(api_key=secret, endpoint=server.endpoint, timeout_s=60) as client,
            wired(server.endpoint, server.process.pid, secret) as wire,
        ):
            yield Running(server=server, client=client, wire=wire, data=data)


def scope_of(user: str) -> scope_pb2.Scope:
    """Returns the scope of a user."""
    return scope_pb2.Scope(dimensions={"user": user})


def profile_of(user: str) -> memory_service_pb2.GetProfileRequest:
    """Returns a request for a user's profile."""
    return memory_service_pb2.GetProfileRequest(context_id=CONTEXT, scope=scope_of(user))


def context_of(user: str, query: str) -> memory_service_pb2.GetContextRequest:
    """Returns a request for what bears on a query."""
    return memory_service_pb2.GetContextRequest(
        context_id=CONTEXT, scope=scope_of(user), query=query, top_k=10
    )


async def add_attributes(memory: Memory, user: str, words: Words) -> None:
    """Gives a user's scope the attributes of the profile that is measured."""
    for number in range(ATTRIBUTES):
        await memory.record_fact({"user": user}, f"thing_{number}", words.sentence(2, 4))


async def profiles(
    running: Running, echo: Wire, users: Sequence[str], concurrency: int, seconds: float
) -> dict[str, Timing]:
    """Times GetProfile over some users, beside the echo with messages of the same sizes."""
    requests = [profile_of(user) for user in users]
    call = running.wire.rpc("MemoryService/GetProfile", lambda n: requests[n % len(requests)])
    answer = await call(0)
    assert isinstance(answer, bytes)
    return await side_by_side(
        {"GetProfile": call, "echo": await echo.echo_like(requests[0], answer)},
        concurrency=concurrency,
        seconds=seconds,
        processes={"GetProfile": running.process, "echo": echo.process},
    )


async def contexts(
    running: Running,
    echo: Wire,
    embedder: MiniLmEmbedder,
    *,
    turns: int,
    concurrency: int,
    seconds: float,
    words: Words,
) -> dict[str, Timing]:
    """Times GetContext beside the embedding of a query by itself, and the echo."""
    user = sized_user(turns)
    call = running.wire.rpc(
        "MemoryService/GetContext", lambda _: context_of(user, words.question())
    )

    async def embed(_: int) -> None:
        await embedder.embed([words.question()])

    answer = await call(0)
    assert isinstance(answer, bytes)
    return await side_by_side(
        {
            "GetContext": call,
            "embedding": embed,
            "echo": await echo.echo_like(context_of(user, words.question()), answer),
        },
        concurrency=concurrency,
        seconds=seconds,
        processes={"GetContext": running.process, "echo": echo.process},
    )


async def first_contexts(running: Running, sizes: Sequence[int], words: Words) -> dict[int, float]:
    """Returns how long the first GetContext on each size of scope took, in milliseconds."""
    found = {}
    # The connection, and what a process does once, are not the scope's.
    warm = running.wire.rpc(
        "MemoryService/GetContext", lambda _: context_of("nobody", words.question())
    )
    for number in range(10):
        await warm(number)
    for turns in sizes:
        call = running.wire.rpc(
            "MemoryService/GetContext",
            lambda _, turns=turns: context_of(sized_user(turns), words.question()),  # type: ignore[misc]
        )
        started = time.perf_counter()
        await call(0)
        found[turns] = (time.perf_counter() - started) * 1_000
    return found


async def records(
    running: Running, echo: Wire, *, concurrency: int, batch: int, seconds: float, words: Words
) -> dict[str, Timing]:
    """Times RecordTurn, each caller in a scope of its own, beside a bare INSERT and COMMIT."""
    sessions = [
        (await running.memory.sessions.create(scope={"user": f"writer{number}"})).id
        for number in range(concurrency)
    ]
    prefix = f"r{time.monotonic_ns()}-{concurrency}-{batch}-"

    def turn() -> turn_pb2.NewTurn:
        return turn_pb2.NewTurn(role=turn_pb2.ROLE_USER, content=words.sentence())

    def single(number: int) -> turn_service_pb2.RecordTurnRequest:
        return turn_service_pb2.RecordTurnRequest(
            context_id=CONTEXT,
            request_id=f"{prefix}{number}",
            session_id=sessions[number % concurrency],
            turn=turn(),
        )

    def several(number: int) -> turn_service_pb2.RecordTurnsRequest:
        return turn_service_pb2.RecordTurnsRequest(
            context_id=CONTEXT,
            request_id=f"{prefix}b{number}",
            session_id=sessions[number % concurrency],
            turns=[turn() for _ in range(batch)],
        )

    async with bare_inserts(embedded_url(running.data), concurrency) as inserts:
        calls: dict[str, TimedCall] = {
            "RecordTurn": running.wire.rpc("TurnService/RecordTurn", single),
            "INSERT": inserts,
            "echo": await echo.echo_like(single(0), bytes(single(0).ByteSize() + 80)),
        }
        if batch:
            calls["RecordTurns"] = running.wire.rpc("TurnService/RecordTurns", several)
        names = ("RecordTurn", "RecordTurns")
        return await side_by_side(
            calls,
            concurrency=concurrency,
            seconds=seconds,
            processes=dict.fromkeys(names, running.process) | {"echo": echo.process},
        )


async def visible(running: Running, *, seconds: float) -> list[float]:
    """Records facts at a steady rate; returns how long each took to be seen, in milliseconds.

    The clock starts before the turn is sent, and stops when a profile that waits for it is back.
    """
    users = [f"seen{number}" for number in range(_VISIBLE_PER_S)]
    sessions = [await running.memory.sessions.create(scope={"user": user}) for user in users]
    took: list[float] = []

    async def one(number: int) -> None:
        place = number % len(sessions)
        started = time.perf_counter()
        turn = await sessions[place].turn("user", f"I like flavour{number}.")
        profile = await running.memory.profile({"user": users[place]}, min_turn=turn.id)
        took.append((time.perf_counter() - started) * 1_000)
        assert any(each.value == f"flavour{number}" for each in profile.attributes), number

    # What is compiled and loaded once is not what is asked here.
    await asyncio.gather(*(one(10_000 + number) for number in range(4)))
    took.clear()
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * _VISIBLE_PER_S)):
            wait_s = started + number / _VISIBLE_PER_S - time.perf_counter()
            await asyncio.sleep(max(wait_s, 0))
            group.create_task(one(number))
    return took


async def many_scopes(
    running: Running, users: Sequence[str], words: Words, done: Callable[[], None]
) -> tuple[float, float]:
    """Asks each of many scopes for its context and profile; returns memory before and after."""
    ask = running.wire.rpc(
        "MemoryService/GetContext", lambda n: context_of(users[n], words.question())
    )
    show = running.wire.rpc("MemoryService/GetProfile", lambda n: profile_of(users[n]))
    before = running.memory_mb()
    waiting = iter(range(len(users)))

    async def caller() -> None:
        for number in waiting:
            await ask(number)
            await show(number)
            done()

    await asyncio.gather(*(caller() for _ in range(16)))
    return before, running.memory_mb()


async def load_synthetic(running: Running, turns: int, words: Words) -> float:
    """Loads made-up talk that teaches facts; returns turns a second until all is extracted."""
    users = [f"load{number}" for number in range(5)]
    sessions = [await running.memory.sessions.create(scope={"user": user}) for user in users]
    started = time.perf_counter()
    for place, session in enumerate(sessions):
        await session.turns(
            [
                NewTurn(
                    role=Role.USER if number % 2 == 0 else Role.ASSISTANT,
                    content=(
                        f"I like flavour{place}x{number}. {words.sentence()}"
                        if number % 10 == 0
                        else words.sentence(12, 30)
                    ),
                )
                for number in range(turns // len(users))
            ]
        )

    async def extracted() -> bool:
        return not (await running.client.admin.stats(context_id=CONTEXT)).pending_count

    await eventually(extracted, within_s=_EXTRACTED_WITHIN_S, pause_s=0.1)
    return turns / (time.perf_counter() - started)


def percentiles(took: Sequence[float]) -> tuple[float, float]:
    """Returns the median and the 99th percentile."""
    return percentile(took, 50), percentile(took, 99)
