"""Several processes on one port: no stale answers, none lost when one dies, no stranger let in."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from spectron import RetryPolicy, Spectron, errors
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.system import new_secret
from tests.conftest import eventually
from tests.server.process import ServerProcess, environment, launch, serving

pytestmark = pytest.mark.slow

WORKERS = 2
# Three processes start at once.
START_S = 180.0
STEPS = 25
USERS = 6


@pytest.fixture
def data(data_directory: Path, embedder_cache: Path, embedder: MiniLmEmbedder) -> Path:
    """A place for data directories, with the embedder's graph, so that servers start at once."""
    assert embedder.dimension
    for name in ("one", "two"):
        (data_directory / name).mkdir()
        (data_directory / name / "embedder").symlink_to(embedder_cache)
    return data_directory


def replicas_of(server: ServerProcess) -> list[psutil.Process]:
    """Returns the processes that answer calls."""
    children = psutil.Process(server.process.pid).children()
    return [each for each in children if "spectron_server" in each.cmdline()]


async def connections_of(replica: psutil.Process, port: int) -> int:
    """Returns how many clients are connected to a process."""
    found = await asyncio.to_thread(replica.net_connections, kind="tcp")
    return sum(each.status == psutil.CONN_ESTABLISHED and each.laddr.port == port for each in found)


@dataclass(frozen=True, kw_only=True)
class Together:
    """A server of several processes, and an address of this machine that leads to each of them."""

    server: ServerProcess
    key: str
    endpoints: Sequence[str]

    @asynccontextmanager
    async def clients(self, key: str | None = None) -> AsyncIterator[Sequence[Spectron]]:
        """Opens a client of each process."""
        async with AsyncExitStack() as stack:
            yield [
                await stack.enter_async_context(
                    Spectron(api_key=key or self.key, endpoint=endpoint, timeout_s=60)
                )
                for endpoint in self.endpoints
            ]


@asynccontextmanager
async def together(data: Path) -> AsyncIterator[Together]:
    """Runs a server of several processes, and finds an address that leads to each.

    The kernel chooses the process of a connection. Clients of one address share a connection, so
    that each address, once connected, leads to one process.
    """
    key = new_secret()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            serving(
                data / "one",
                within_s=START_S,
                SPECTRON_WORKERS=str(WORKERS),
                SPECTRON_LISTEN="0.0.0.0:0",
                SPECTRON_ALLOW_PLAINTEXT="true",
                SPECTRON_FIRST_KEY=key,
            )
        )
        port = int(server.endpoint.rpartition(":")[2])
        replicas = replicas_of(server)
        found: dict[int, str] = {}
        for number in range(1, 65):
            endpoint = f"127.0.0.{number}:{port}"
            before = [await connections_of(each, port) for each in replicas]
            client = await stack.enter_async_context(
                Spectron(api_key=key, endpoint=endpoint, timeout_s=60)
            )
            await client.memory(context_id="c").sessions.create(scope={"user": "nobody"})
            after = [await connections_of(each, port) for each in replicas]
            [place] = [n for n in range(len(replicas)) if after[n] > before[n]]
            found.setdefault(place, endpoint)
            if len(found) == len(replicas):
                break
        assert len(found) == len(replicas)
        yield Together(server=server, key=key, endpoints=list(found.values()))


async def test_what_one_process_wrote_the_others_read(data: Path) -> None:
    """Many users at once, each step of each on a process by chance: every read is up to date."""
    seed = random.randrange(1_000_000)
    async with together(data) as servers, servers.clients() as clients:

        async def live(number: int) -> None:
            chance = random.Random(seed + number)
            scope = {"user": f"user{number}"}
            held: set[str] = set()
            session = await clients[0].memory(context_id="c").sessions.create(scope=scope)
            for step in range(STEPS):
                writer, reader = (chance.choice(clients).memory(context_id="c") for _ in range(2))
                value = f"thing{number}x{step}"
                match chance.randrange(4):
                    case 0:
                        await writer.record_fact(scope, "likes", value)
                        held.add(value)
                    case 1:
                        written = writer.sessions.open(session.id)
                        turn = await written.turn("user", f"I like {value}.")
                        await reader.profile(scope, min_turn=turn.id)
                        held.add(value)
                    case 2:
                        await writer.forget(scope, attribute_key="likes")
                        held.clear()
                    case _:
                        town = f"Town{number}x{step}"
                        await writer.record_fact(scope, "location", town)
                        place = await reader.profile(scope)
                        locations = [a.value for a in place.attributes if a.key == "location"]
                        assert locations == [town], (seed, number, step)
                profile = await reader.profile(scope)
                likes = {a.value for a in profile.attributes if a.key == "likes"}
                assert likes == held, (seed, number, step)
                context = await reader.context(f"What about {value}?", scope=scope)
                facts = {
                    item.attribute.value
                    for item in context.items
                    if item.attribute and item.attribute.key == "likes"
                }
                assert facts <= held, (seed, number, step)
                assert (value in facts) == (value in held), (seed, number, step)

        async with asyncio.TaskGroup() as group:
            for number in range(USERS):
                group.create_task(live(number))


async def test_a_revoked_key_is_refused_by_every_process(data: Path) -> None:
    async with together(data) as servers, servers.clients() as clients:
        for client in clients:
            key = await client.admin.keys.create(context_id="c", role="write")
            async with servers.clients(key.secret) as users:
                for user in users:
                    await user.memory(context_id="c").profile({"user": "a"})
                await client.admin.keys.revoke(key.key.id)
                for user in users:
                    with pytest.raises(errors.Unauthenticated):
                        await user.memory(context_id="c").profile({"user": "a"})


async def test_a_process_that_is_killed_is_started_again(data: Path) -> None:
    """What was acknowledged is there, calls go on, and the second process comes back."""
    async with serving(data / "one", within_s=START_S, SPECTRON_WORKERS=str(WORKERS)) as server:
        killed = replicas_of(server)[0]
        policy = RetryPolicy(max_attempts=10)
        async with Spectron(
            api_key=server.key, endpoint=server.endpoint, timeout_s=60, retry=policy
        ) as client:
            memory = client.memory(context_id="c")
            session = await memory.sessions.create(scope={"user": "alice"})
            said: list[str] = []

            async def talk() -> None:
                while len(said) < 40:
                    content = f"I like tea{len(said)}."
                    await session.turn("user", content)
                    said.append(content)

            talking = asyncio.create_task(talk())

            async def talked() -> bool:
                return len(said) > 5

            await eventually(talked)
            killed.send_signal(signal.SIGKILL)
            await talking
            assert [turn.content for turn in await session.history()] == said

            async def back() -> bool:
                alive = {each.pid for each in replicas_of(server)}
                return len(alive) == WORKERS and killed.pid not in alive

            await eventually(back, within_s=60)

            async def extracted() -> bool:
                return (await client.admin.stats(context_id="c")).pending_count == 0

            await eventually(extracted, within_s=60)
        replicas = replicas_of(server)
        assert await server.stop(within_s=60) == 0
        assert not any(each.is_running() for each in replicas)


async def test_the_processes_end_with_the_one_that_started_them(data: Path) -> None:
    server = await launch(
        data / "one", within_s=START_S, SPECTRON_WORKERS=str(WORKERS), SPECTRON_DRAIN_S="2"
    )
    replicas = replicas_of(server)
    assert len(replicas) == WORKERS
    await server.kill()

    async def gone() -> bool:
        return not any(each.is_running() for each in replicas)

    await eventually(gone, within_s=60)
    # It leaves nothing behind that the next start would trip over.
    async with serving(data / "one", within_s=START_S, SPECTRON_LISTEN=server.endpoint) as again:
        assert again.endpoint == server.endpoint


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_second_server_on_the_port_is_refused(data: Path, workers: str) -> None:
    async with serving(data / "one", within_s=START_S, SPECTRON_WORKERS=str(WORKERS)) as server:
        second = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "spectron_server",
            "serve",
            env=environment(
                data / "two",
                SPECTRON_LISTEN=server.endpoint,
                SPECTRON_WORKERS=workers,
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(second.communicate(), 60)
        assert second.returncode == 1
        assert "Choose another with --listen HOST:PORT." in " ".join(output.decode().split())
        assert len(replicas_of(server)) == WORKERS
