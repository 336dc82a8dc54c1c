"""What breaks while the server runs: its database, its disk, itself. Nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import psycopg
import pytest
from grpc_health.v1 import health_pb2

from spectron import ErrorReason, RetryPolicy, Spectron, errors
from spectron.v1 import error_reason_pb2
from spectron_extraction.protocol import Category, Fact, Proposals, Span, Window
from spectron_server import application
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.storage import line, migrate, queue
from spectron_server.storage.embedded import EmbeddedPostgres
from tests.conftest import Server, StartServer, eventually, started
from tests.patience import within
from tests.server.chat_stream import channel_to, opened
from tests.storage.network import Network

ONCE = RetryPolicy(max_attempts=1)
PATIENT = RetryPolicy(max_attempts=1_000, initial_backoff_s=0.05, max_backoff_s=0.2)
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Held:
    """An extractor that learns each turn as a like, and waits while it is held."""

    name = "held-1"

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.free = asyncio.Event()

    async def extract(self, window: Window) -> Proposals:
        self.reached.set()
        await self.free.wait()
        return Proposals(
            facts=tuple(
                Fact(
                    entity=window.subject,
                    category=Category.KNOWLEDGE,
                    key="likes",
                    value=turn.content,
                    confidence=0.9,
                    evidence=Span(
                        turn_id=turn.id, start=0, end=len(turn.content), quote=turn.content
                    ),
                )
                for turn in window.turns
            )
        )


@pytest.fixture
def quick_chores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the server look after itself more often, so that a test need not wait for minutes."""
    monkeypatch.setattr(application, "_HEALTH_S", 0.1)
    monkeypatch.setattr(application, "_RESCUE_S", 0.2)
    monkeypatch.setattr(queue, "_HEARTBEAT_S", 0.2)
    monkeypatch.setattr(queue, "STALLED_S", 2.0)
    monkeypatch.setattr(queue, "_POLL_S", 0.1)
    monkeypatch.setattr(queue, "_FIRST_BACKOFF_S", 0.05)
    monkeypatch.setattr(queue, "_BACKOFF_FACTOR", 1.0)


class Breakable:
    """A PostgreSQL of the test's own that can be stopped and started."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._postgres: EmbeddedPostgres | None = None

    async def start(self) -> str:
        """Starts it and returns its address, which stays the same."""
        self._postgres = await asyncio.to_thread(EmbeddedPostgres.start, self._directory)
        return self._postgres.url

    async def stop(self) -> None:
        postgres, self._postgres = self._postgres, None
        if postgres is not None:
            await asyncio.to_thread(postgres.stop)


@pytest.fixture
async def breakable(data_directory: Path) -> AsyncIterator[Breakable]:
    postgres = Breakable(data_directory / "data")
    yield postgres
    await postgres.stop()


async def health(server: Server, service: str = "") -> int:
    async with grpc.aio.insecure_channel(server.endpoint) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        response = await check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        status: int = response.status
        return status


def counting(client: Spectron) -> asyncio.Event:
    """Returns an event that is set when the client has tried a call in vain and will again."""
    retried = asyncio.Event()

    def jitter() -> float:
        retried.set()
        return 1.0

    client._transport._jitter = jitter
    return retried


@pytest.mark.slow
@pytest.mark.usefixtures("quick_chores")
async def test_a_database_that_goes_away_and_comes_back(
    breakable: Breakable, embedder: MiniLmEmbedder
) -> None:
    url = await breakable.start()
    await asyncio.to_thread(migrate.upgrade, url)
    extractor = Held()
    async with (
        started(url, embedder, extractor) as server,
        Spectron(server.admin_key, endpoint=server.endpoint, retry=ONCE) as hasty,
        Spectron(server.admin_key, endpoint=server.endpoint, retry=PATIENT, timeout_s=60) as client,
    ):
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "a"})
        first = await session.turn("user", "tea")
        await asyncio.wait_for(extractor.reached.wait(), 20)
        assert await health(server) == SERVING

        # It goes away in the middle of an extraction.
        await breakable.stop()
        for call in (
            hasty.memory(context_id="c").profile({"user": "a"}),
            hasty.memory(context_id="c").sessions.open(session.id).turn("user", "lost"),
        ):
            with pytest.raises(errors.Unavailable) as caught:
                await call
            assert caught.value.reason == ErrorReason.DATABASE_UNAVAILABLE
            assert "postgres" not in caught.value.message.lower()

        async def not_serving() -> bool:
            return [await health(server, name) for name in ("", "spectron.v1.MemoryService")] == [
                NOT_SERVING,
                NOT_SERVING,
            ]

        await eventually(not_serving)
        extractor.free.set()
        retried = counting(client)
        recording = asyncio.create_task(session.turn("user", "coffee"))
        await asyncio.wait_for(retried.wait(), 20)

        assert await breakable.start() == url
        second = await recording

        async def serving() -> bool:
            return await health(server) == SERVING

        await eventually(serving)
        # The worker takes up the turn that was under way, and goes on with the one after it.
        extractions = [await turn.extraction(timeout_s=60) for turn in (first, second)]
        learned = [change.value for each in extractions for change in each.diff.added]
        assert learned == ["tea", "coffee"]
        assert [turn.content for turn in await session.history()] == ["tea", "coffee"]
        profile = await memory.profile({"user": "a"})
        assert sorted(attribute.value for attribute in profile.attributes) == ["coffee", "tea"]


@pytest.mark.slow
@pytest.mark.usefixtures("quick_chores")
async def test_a_database_that_falls_silent_is_told_of_and_left(
    database_url: str, embedder: MiniLmEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "_ANSWER_S", 2.0)
    monkeypatch.setattr(line, "_CANCEL_TIMEOUT_S", 1.0)
    async with (
        Network(database_url).open() as network,
        AsyncExitStack() as stack,
    ):
        server = await stack.enter_async_context(started(network.url, embedder))

        async def serving() -> bool:
            return await health(server) == SERVING

        async def not_serving() -> bool:
            return not await serving()

        await eventually(serving)
        network.silence()
        await eventually(not_serving, within_s=30)
        # New connections are heard, the old ones never again.
        network.mend()
        await eventually(serving, within_s=30)
        network.silence()
        async with within(60, "stopping the server"):
            await stack.aclose()


@pytest.mark.slow
@pytest.mark.usefixtures("quick_chores")
async def test_a_chat_outlives_its_database(breakable: Breakable, embedder: MiniLmEmbedder) -> None:
    """Messages fail while it is away; the stream goes on, and so do they when it is back."""
    url = await breakable.start()
    await asyncio.to_thread(migrate.upgrade, url)
    async with started(url, embedder) as server, channel_to(server.endpoint) as channel:
        async with server.client() as client:
            session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        stream = await opened(channel, server.admin_key, session.id, context_id="c")
        await stream.say("m1", "I live in Berlin.")
        await stream.expect("recorded")
        call = await stream.expect("agent_call")
        await breakable.stop()
        await stream.reply(call.call_id, "Noted.")
        await stream.say("m2", "Are you there?")
        failed = {}
        for _ in range(2):
            frame = await stream.expect("failed")
            failed[frame.message_id] = frame.failure.reason
        away = error_reason_pb2.ERROR_REASON_DATABASE_UNAVAILABLE
        assert failed == {"m1": away, "m2": away}
        await breakable.start()
        done = await stream.answered("m1", "I live in Berlin.", "Noted.")
        assert done.session.turn_count == 2
        assert [change.attribute.value for change in done.extraction.changes] == ["Berlin"]


@asynccontextmanager
async def full_disk(url: str, table: str, *, at_commit: bool) -> AsyncIterator[None]:
    """Has the database refuse new rows as it does when its disk is full: with SQLSTATE 53100.

    Args:
        url: The database.
        table: The table that does not grow.
        at_commit: Whether the room runs out when the transaction commits, not with the row.
    """
    kind = "CONSTRAINT TRIGGER" if at_commit else "TRIGGER"
    when = (
        "AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED" if at_commit else "BEFORE INSERT ON {}"
    ).format(table)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file: No space left on device' "
            "USING ERRCODE = 'disk_full'; END $$"
        )
        await connection.execute(
            f"CREATE {kind} no_room {when} FOR EACH ROW EXECUTE FUNCTION no_room()"
        )
        yield
        await connection.execute("DROP FUNCTION no_room CASCADE")


@pytest.mark.parametrize("at_commit", [False, True])
async def test_a_full_disk_refuses_a_turn_and_half_writes_nothing(
    start_server: StartServer, database_url: str, at_commit: bool
) -> None:
    extractor = Held()
    extractor.free.set()
    async with start_server(extractor) as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "a"})
        before = await memory.profile({"user": "a"})
        retried = counting(client)
        async with full_disk(database_url, "turns", at_commit=at_commit):
            for attempt in (
                session.turn("user", "I live in Oslo.", request_id="same"),
                session.turns([{"role": "user", "content": "I live in Rome."}] * 3),
            ):
                with pytest.raises(errors.ResourceExhausted) as caught:
                    await attempt
                assert caught.value.reason == ErrorReason.STORAGE_FULL
        # Only an administrator can make room: trying again at once is no use.
        assert not retried.is_set()
        assert await session.history() == []
        stats = await client.admin.stats(context_id="c")
        assert (stats.turn_count, stats.pending_count) == (0, 0)
        assert (await memory.profile({"user": "a"})).revision == before.revision

        turn = await session.turn("user", "I live in Oslo.", request_id="same")
        assert turn.sequence == 1
        assert await session.turn("user", "I live in Oslo.", request_id="same") == turn
        assert (await turn.extraction()).status == "done"
        assert [each.id for each in await session.history()] == [turn.id]


@pytest.mark.usefixtures("quick_chores")
async def test_a_full_disk_keeps_extraction_waiting(
    start_server: StartServer, database_url: str
) -> None:
    extractor = Held()
    async with start_server(extractor) as server, server.client() as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        turn = await session.turn("user", "tea")
        async with full_disk(database_url, "attributes", at_commit=False):
            extractor.free.set()
            extractor.reached.clear()
            # It is tried more than once, and the turn is not blamed.
            for _ in range(3):
                await asyncio.wait_for(extractor.reached.wait(), 20)
                extractor.reached.clear()
            [waiting] = await session.history()
            assert waiting.extraction_status == "pending"
        extraction = await turn.extraction()
        assert [change.value for change in extraction.diff.added] == ["tea"]


async def test_a_call_under_way_finishes_while_new_ones_are_refused(
    start_server: StartServer,
) -> None:
    extractor = Held()
    leave, running = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def run() -> None:
        async with start_server(extractor, drain_s=30) as server:
            running.set_result(server)
            await leave.wait()

    serving = asyncio.create_task(run())
    server: Server = await running
    async with (
        server.client() as client,
        Spectron(server.admin_key, endpoint=server.endpoint, retry=ONCE) as hasty,
    ):
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        turn = await session.turn("user", "tea")
        waiting = asyncio.create_task(turn.extraction())
        await asyncio.wait_for(extractor.reached.wait(), 20)
        await under_way(server)
        leave.set()

        async def refused() -> bool:
            try:
                await hasty.memory(context_id="c").profile({"user": "a"})
            except (errors.Unavailable, errors.Cancelled):
                # What the server has taken and not begun when it stops is cut off.
                return True
            return False

        await eventually(refused)
        assert not waiting.done()
        assert not serving.done()
        extractor.free.set()
        extraction = await waiting
        assert [change.value for change in extraction.diff.added] == ["tea"]
        await asyncio.wait_for(serving, 30)


async def under_way(server: Server) -> None:
    """Waits until the server waits for a scope's news on behalf of a caller."""

    async def waits() -> bool:
        return bool(server.application.waiting._waiters)

    await eventually(waits)
