"""Metrics of real calls to a real server, seen on its own port, as Prometheus sees them."""

import asyncio
import socket
import urllib.error
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from spectron import errors
from spectron_extraction.protocol import Extractor, Proposals, Window
from spectron_server import application
from spectron_server.settings import Settings
from spectron_server.storage import queue
from spectron_server.telemetry.endpoint import MetricsPortError, metrics_endpoint
from spectron_server.telemetry.telemetry import Telemetry
from tests.conftest import Server, StartServer, eventually
from tests.server.chat_stream import channel_to, opened
from tests.server.every_rpc import methods
from tests.server.test_extraction_failures import Fragile
from tests.server.test_starting import refused
from tests.telemetry.scraping import Scraped, free_port, scrape

WORD = "Quetzalheim"
"""What users say, and call themselves: it must be nowhere."""
PROFILE = "spectron.v1.MemoryService/GetProfile"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(queue, "_BACKOFF_FACTOR", 1.0)
    monkeypatch.setattr(queue, "_POLL_S", 0.1)
    monkeypatch.setattr(application, "_BACKLOG_S", 0.05)


@asynccontextmanager
async def watched(
    start_server: StartServer, extractor: Extractor | None = None, **fields: object
) -> AsyncIterator[tuple[Server, int]]:
    """Runs a server that shows metrics; gives their port."""
    port = free_port()
    async with start_server(extractor, metrics_listen=f"127.0.0.1:{port}", **fields) as server:
        yield server, port


async def test_calls_extraction_caches_batches_and_the_pool(start_server: StartServer) -> None:
    async with watched(start_server) as (server, port), server.client() as client:
        before = await scrape(port)
        memory = client.memory(context_id=f"c-{WORD}")
        session = await memory.sessions.create(scope={"user": WORD}, metadata={"title": WORD})
        turn = await session.turn("user", f"I live in {WORD}, and I work at Acme.")
        await turn.extraction()
        for _ in range(3):
            await memory.profile({"user": WORD})
            assert (await session.context(f"Where is {WORD}?")).items
        with pytest.raises(errors.NotFound):
            await memory.sessions.get(f"session:{WORD}")
        told = await scrape(port)
        texts = f"{before.text}{told.text}"

    assert before.value("spectron_rpc_seconds_count") == 0
    assert told.value("spectron_rpc_seconds_count", rpc=PROFILE, status="OK") == 3
    assert 0 < told.value("spectron_rpc_seconds_sum", rpc=PROFILE) < 30
    assert told.value("spectron_rpc_seconds_count", status="NOT_FOUND") == 1

    assert told.value("spectron_turns_extracted_total", outcome="done") == 1
    assert told.value("spectron_extraction_seconds_count", outcome="done") == 1
    assert told.value("spectron_facts_total") >= 2

    assert told.value("spectron_cache_lookups_total", cache="beliefs", result="miss") == 1
    assert told.value("spectron_cache_lookups_total", cache="beliefs", result="hit") == 5
    assert told.value("spectron_cache_lookups_total", cache="indexes", result="miss") == 1
    assert told.value("spectron_cache_lookups_total", cache="indexes", result="hit") == 2
    assert told.value("spectron_cache_bytes", cache="indexes") > 0
    assert told.value("spectron_cache_bytes", cache="beliefs") > 0
    assert told.value("spectron_cache_scopes") == 2

    batches = told.value("spectron_embedding_batch_texts_count")
    assert batches > before.value("spectron_embedding_batch_texts_count")
    assert told.value("spectron_embedding_batch_texts_sum") >= batches
    assert told.value("spectron_embedding_batch_texts_bucket", le="+Inf") == batches
    assert told.value("spectron_embedding_seconds_count") >= 4

    assert 1 <= told.value("spectron_database_connections", state="open") <= 8
    assert told.value("spectron_database_connections", state="limit") == 8
    more = told.value("spectron_database_requests_total")
    assert more > before.value("spectron_database_requests_total")
    assert told.value("process_resident_memory_bytes") > 50_000_000

    assert WORD not in texts
    assert server.admin_key not in texts


async def test_labels_are_of_this_program_and_few(start_server: StartServer) -> None:
    async with watched(start_server) as (server, port):
        async with grpc.aio.insecure_channel(server.endpoint) as channel:
            for name in [*methods(), f"spectron.v1.{WORD}/{WORD}"]:
                call: Any = channel.unary_unary(f"/{name}")
                with pytest.raises(grpc.aio.AioRpcError):
                    await call(b"\xff", timeout=5, metadata=(("x-request-id", WORD),))
        told = await scrape(port)
    assert told.labels("rpc") <= methods().keys()
    assert told.labels("status") <= {code.name for code in grpc.StatusCode}
    assert told.label_names() <= {
        *("rpc", "status", "outcome", "reason", "purpose", "kind", "cache", "result", "state"),
        *("extraction", "le", "version"),
    }
    assert WORD not in told.text


async def test_what_is_under_way(start_server: StartServer) -> None:
    extractor = Held()
    async with watched(start_server, extractor) as (server, port), server.client() as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        waiting = asyncio.create_task((await session.turn("user", "Hello.")).extraction())

        async def under_way(calls: float, streams: float) -> Scraped | None:
            told = await scrape(port)
            found = [told.value("spectron_under_way", kind=kind) for kind in ("call", "stream")]
            return told if found == [calls, streams] else None

        await eventually(lambda: under_way(1, 0))
        async with channel_to(server.endpoint) as channel:
            await opened(channel, server.admin_key, session.id, context_id="c")
            told = await eventually(lambda: under_way(1, 1))
        assert told.value("spectron_under_way_limit", kind="call") > 1
        await eventually(lambda: under_way(1, 0))
        extractor.go.set()
        await waiting
        await eventually(lambda: under_way(0, 0))


class Held(Fragile):
    """An extractor that waits."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def extract(self, window: Window) -> Proposals:
        await self.go.wait()
        return await super().extract(window)


async def test_turns_that_wait_and_their_age(start_server: StartServer) -> None:
    async with watched(start_server, worker=False) as (server, port), server.client() as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        await session.turn("user", "one")
        await session.turn("user", "two")

        async def told() -> Scraped | None:
            found = await scrape(port)
            return found if found.value("spectron_turns", extraction="pending") == 2 else None

        first = await eventually(told)
        assert first.value("spectron_jobs", state="waiting") == 1
        assert first.value("spectron_jobs", state="running") == 0

        async def older() -> bool:
            age = (await scrape(port)).value("spectron_oldest_pending_turn_seconds")
            return age > first.value("spectron_oldest_pending_turn_seconds")

        await eventually(older)
        async with start_server():

            async def none_waits() -> bool:
                found = await scrape(port)
                age = found.value("spectron_oldest_pending_turn_seconds")
                return age == found.value("spectron_turns", extraction="pending") == 0

            await eventually(none_waits)


async def test_extractions_that_fail(start_server: StartServer) -> None:
    extractor = Fragile()
    extractor.broken = {"bad"}
    async with watched(start_server, extractor) as (server, port), server.client() as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        turn = await session.turn("user", "bad")
        with pytest.raises(errors.ExtractionFailed):
            await turn.extraction()

        async def told() -> Scraped | None:
            found = await scrape(port)
            return found if found.value("spectron_turns", extraction="failed") else None

        found = await eventually(told)
    assert found.value("spectron_turns_extracted_total", outcome="retried") == 4
    assert found.value("spectron_turns_extracted_total", outcome="failed") == 1
    assert found.value("spectron_turns_extracted_total", outcome="done") == 0
    assert found.value("spectron_extraction_seconds_count", outcome="failed") == 5


async def test_a_model_that_is_away(start_server: StartServer) -> None:
    extractor = Fragile()
    extractor.away = True
    async with watched(start_server, extractor) as (server, port), server.client() as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        await session.turn("user", "one")

        async def tried() -> float:
            found = await scrape(port)
            return found.value("spectron_extraction_seconds_count", outcome="unavailable")

        await eventually(tried)
        assert (await scrape(port)).value("spectron_turns_extracted_total") == 0


async def test_a_port_in_use(
    start_server: StartServer, server_directory: Path, database_url: str
) -> None:
    async with watched(start_server) as (_, port):
        with pytest.raises(MetricsPortError, match="SPECTRON_METRICS_LISTEN"):
            async with start_server(metrics_listen=f"127.0.0.1:{port}"):
                pass
        refusal = await refused(
            server_directory,
            SPECTRON_METRICS_LISTEN=str(port),
            SPECTRON_DATABASE_URL=database_url,
        )
        assert refusal.explains(f"127.0.0.1:{port}", "in use", "SPECTRON_METRICS_LISTEN")
        assert (await scrape(port)).families


async def test_the_port_is_closed_after_the_drain(start_server: StartServer) -> None:
    async with watched(start_server) as (_, port):
        await scrape(port)
    with pytest.raises(urllib.error.URLError):
        await scrape(port)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))


async def test_any_port_and_the_other_kind_of_address() -> None:
    with metrics_endpoint("[::1]:0", Telemetry().metrics.registry) as port:
        assert port > 0


@pytest.mark.parametrize(
    ("given", "meant"),
    [("9464", "127.0.0.1:9464"), (":9464", "127.0.0.1:9464"), ("0.0.0.0:1", "0.0.0.0:1")],
)
def test_a_port_alone_is_of_this_machine(given: str, meant: str) -> None:
    assert Settings(metrics_listen=given).metrics_listen == meant


@pytest.mark.parametrize("given", ["localhost", "localhost:http", "127.0.0.1:70000"])
def test_an_address_that_is_none(given: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        Settings(metrics_listen=given)
