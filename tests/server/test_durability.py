"""An acknowledged turn survives `kill -9` at any moment, once, in order, and is extracted once."""

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

import pytest

from spectron import RetryPolicy, Spectron, errors
from tests.conftest import eventually
from tests.server.process import launch

WRITERS = 4
ROUNDS = 4


@pytest.mark.slow
async def test_acknowledged_turns_survive_being_killed(server_directory: Path) -> None:
    """Kills the server while turns stream in, several times, and looks at what is there."""
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    acknowledged: dict[str, list[str]] = {}
    key: str | None = None
    sessions: dict[int, str] = {}

    async def write(endpoint: str, writer: int, first: int) -> None:
        """Records one turn after the other until the server is gone."""
        async with Spectron(
            api_key=key, endpoint=endpoint, timeout_s=10, retry=RetryPolicy(max_attempts=1)
        ) as client:
            memory = client.memory(context_id="durable")
            if writer not in sessions:
                made = await memory.sessions.create(scope={"user": f"user{writer}"})
                sessions[writer] = made.id
                acknowledged[made.id] = []
            session = memory.sessions.open(sessions[writer])
            for number in range(first, first + 10_000):
                # The same request again gives the same turn, so that a turn whose
                # acknowledgement was lost with the server is not there twice.
                content = f"I like flavour{number}."
                await session.turn("user", content, request_id=f"{writer}-{number}")
                acknowledged[session.id].append(content)

    for _ in range(ROUNDS):
        server = await launch(server_directory)
        key = server.key or key
        writers = [
            asyncio.create_task(
                write(server.endpoint, n, len(acknowledged.get(sessions.get(n, ""), ())))
            )
            for n in range(WRITERS)
        ]
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        await server.kill()
        for outcome in await asyncio.gather(*writers, return_exceptions=True):
            assert isinstance(outcome, errors.SpectronError), outcome

    server = await launch(server_directory)
    try:
        async with Spectron(api_key=key, endpoint=server.endpoint) as client:
            memory = client.memory(context_id="durable")

            async def all_extracted() -> bool:
                return (await client.admin.stats(context_id="durable")).pending_count == 0

            await eventually(all_extracted, within_s=60)
            stats = await client.admin.stats(context_id="durable")
            assert stats.failed_count == 0
            for writer, session_id in sessions.items():
                session = memory.sessions.open(session_id)
                turns = await session.history()
                contents = [turn.content for turn in turns]
                sent = acknowledged[session_id]
                # Every acknowledged turn is there once and in order; the one that was under way
                # in each round may be there or not.
                assert contents[: len(sent)] == sent, seed
                assert len(contents) - len(sent) in {0, 1}, seed
                assert [turn.sequence for turn in turns] == list(range(1, len(turns) + 1))
                # Each taught its fact once.
                likes = await memory.entities.history(
                    {"user": f"user{writer}"}, "likes", limit=5_000
                )
                values = [attribute.value for attribute in likes]
                assert sorted(values) == sorted(
                    content.removeprefix("I like ").removesuffix(".") for content in contents
                ), seed
                sources = [attribute.source_turn for attribute in likes]
                assert len(set(sources)) == len(sources) == len(turns)
            assert sum(map(len, acknowledged.values())) > WRITERS * ROUNDS, "too slow to tell"
    finally:
        with contextlib.suppress(ProcessLookupError):
            await server.stop()


async def test_a_server_drains_on_sigterm(server_directory: Path) -> None:
    """Calls under way finish; what was recorded is extracted or waits for the next start."""
    server = await launch(server_directory)
    assert server.key is not None
    key = server.key
    async with Spectron(api_key=key, endpoint=server.endpoint) as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "a"})
        turns = await session.turns(
            [{"role": "user", "content": f"I like flavour{n}."} for n in range(50)]
        )
        waiting = asyncio.create_task(turns[-1].extraction())
        status = await server.stop()
        assert status == 0, "".join(server.output)
        # The worker's last jobs may have been the ones that were waited for, or not.
        with contextlib.suppress(errors.SpectronError):
            assert (await waiting).status == "done"
    again = await launch(server_directory)
    try:
        async with Spectron(api_key=key, endpoint=again.endpoint) as client:
            session = client.memory(context_id="c").sessions.open(session.id)
            recorded = await session.history()
            assert [turn.content for turn in recorded] == [turn.content for turn in turns]
            assert (await recorded[-1].extraction()).status == "done"
    finally:
        assert await again.stop() == 0
    assert again.key is None, "the first key is made and shown once"


async def test_a_server_whose_terminal_is_closed_drains_and_stops_its_database(
    server_directory: Path,
) -> None:
    server = await launch(server_directory)
    database = int((server_directory / "postgres" / "postmaster.pid").read_text().split()[0])
    server.process.send_signal(signal.SIGHUP)
    status = await asyncio.wait_for(server.process.wait(), 60)
    with contextlib.suppress(ProcessLookupError):
        # Nobody else would end it, if the server has not.
        os.kill(database, signal.SIGINT)
    assert status == 0, "".join(server.output)
    assert not (server_directory / "postgres" / "postmaster.pid").exists()


async def test_a_server_that_is_to_outlive_its_terminal_does(server_directory: Path) -> None:
    """As `nohup` starts it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        server = await launch(server_directory)
    finally:
        signal.signal(signal.SIGHUP, before)
    try:
        assert server.key is not None
        server.process.send_signal(signal.SIGHUP)
        async with Spectron(api_key=server.key, endpoint=server.endpoint) as client:
            await client.memory(context_id="c").sessions.create(scope={"user": "a"})
    finally:
        assert await server.stop() == 0
    assert sum("draining" in line for line in server.output) == 1
