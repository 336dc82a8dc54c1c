"""Traces of real calls, sent to a collector on a real port."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from spectron.v1 import memory_service_pb2, scope_pb2
from spectron.v1.memory_service_pb2_grpc import MemoryServiceStub
from spectron_server import main
from spectron_server.settings import Settings
from spectron_server.system import new_secret
from spectron_server.telemetry import traces
from spectron_server.telemetry.traces import NO_TRACES, TracesUnavailableError, open_traces
from tests.conftest import Server
from tests.models import scripted
from tests.models.server import serving as serving_model
from tests.telemetry.collector import Collector, collecting
from tests.telemetry.scraping import free_port, scrape

WORD = "Quetzalheim"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


@asynccontextmanager
async def traced(
    database_url: str, data: Path, collector: Collector, **fields: object
) -> AsyncIterator[Server]:
    """Runs a server as `spectron serve` does; when the block is left, all spans have arrived."""
    key = new_secret()
    settings = Settings.model_validate(
        {
            "database_url": database_url,
            "data_dir": data,
            "listen": "127.0.0.1:0",
            "first_key": key,
            "drain_s": 5,
            "otlp_endpoint": collector.endpoint,
            **fields,
        }
    )
    async with main.build(settings) as application, main.running(application) as started:
        yield Server(endpoint=f"127.0.0.1:{started.port}", admin_key=key, application=application)


@pytest.fixture
def data(embedder_cache: Path, embedder: object, tmp_path: Path) -> Path:
    """A data directory where the embedder is built already."""
    del embedder
    (tmp_path / "embedder").symlink_to(embedder_cache)
    return tmp_path


async def converse(server: Server) -> None:
    async with server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": WORD})
        turn = await session.turn("user", f"I live in {WORD}.")
        await turn.extraction()
        await session.context(f"Where is {WORD}?")


async def test_every_part_of_the_work_has_its_span(database_url: str, data: Path) -> None:
    with collecting() as collector:
        async with traced(database_url, data, collector) as server:
            await converse(server)
        paths = {tuple(collector.path(span)) for span in collector.spans}
        content = b"".join(collector.requests)
    record, read = "spectron.v1.TurnService/RecordTurn", "spectron.v1.MemoryService/GetContext"
    assert {
        (record,),
        (record, "transaction"),
        (record, "transaction", "database"),
        (read, "database"),
        (read, "embedding"),
        (read, "search"),
        ("extraction",),
        ("extraction", "extractor"),
        ("extraction", "embedding"),
        ("extraction", "transaction", "database"),
    } <= paths
    assert {span.resource["service.name"] for span in collector.spans} == {"spectron"}
    [call] = collector.named(record)
    assert call.attributes["rpc.grpc.status_code"] == 0
    assert call.attributes["request_id"].startswith("call:")
    assert not call.failed
    assert WORD.encode() not in content
    assert server.admin_key.encode() not in content


async def test_a_request_to_a_model(database_url: str, data: Path) -> None:
    port = free_port()
    with collecting() as collector:
        async with serving_model(scripted.correctly) as model:
            fields = {
                "extractor": "vllm",
                "vllm_url": model.url,
                "vllm_model": "scripted",
                "metrics_listen": f"127.0.0.1:{port}",
            }
            async with traced(database_url, data, collector, **fields) as server:
                async with server.client() as client:
                    memory = client.memory(context_id="c")
                    session = await memory.sessions.create(scope={"user": "alice"})
                    turn = await session.turn("user", "I live in London with my dog Rex.")
                    await turn.extraction()
                told = await scrape(port)
        asked = collector.named("model request")
    assert [collector.path(span) for span in asked if span.parent][-1] == [
        *("extraction", "extractor", "model request")
    ]
    for span in asked:
        assert span.attributes["gen_ai.request.model"] == "scripted"
        assert span.attributes["gen_ai.usage.input_tokens"] > 0
    # The first asks whether schemas are enforced.
    assert told.value("spectron_model_request_seconds_count", purpose="extraction") == 2
    assert told.value("spectron_model_request_seconds_count", outcome="answered") == 2
    assert told.value("spectron_extraction_requests_total", outcome="answered") == 1
    assert told.value("spectron_extraction_tokens_total", kind="prompt") > 0
    assert told.value("spectron_extraction_tokens_total", kind="completion") > 0


async def ask(server: Server, *metadata: tuple[str, str], key: str | None = None) -> str:
    async with grpc.aio.insecure_channel(server.endpoint) as channel:
        stub: Any = MemoryServiceStub(channel)
        request = memory_service_pb2.GetProfileRequest(
            context_id="c", scope=scope_pb2.Scope(dimensions={"user": "a"})
        )
        authorization = ("authorization", f"Bearer {key or server.admin_key}")
        call = stub.GetProfile(request, metadata=(authorization, *metadata), timeout=20)
        return str((await call.code()).name)


async def test_the_callers_trace_goes_on(database_url: str, data: Path) -> None:
    with collecting() as collector:
        async with traced(database_url, data, collector) as server:
            parent = f"00-{TRACE}-{CALLER}-01"
            given = [ask(server, ("traceparent", parent)) for _ in range(5)]
            others = [ask(server) for _ in range(5)]
            broken = [ask(server, ("traceparent", "nonsense"))]
            unsampled = [ask(server, ("traceparent", f"00-{TRACE[::-1]}-{CALLER}-00"))]
            await asyncio.gather(*given, *others, *broken, *unsampled)
        calls = collector.named("spectron.v1.MemoryService/GetProfile")
        ours = [span for span in collector.spans if span.trace == TRACE]
    assert len(calls) == 11
    assert sum(span.trace == TRACE and span.parent == CALLER for span in calls) == 5
    assert len({span.trace for span in calls}) == 7
    # Each call's own work, and nobody else's, is in its trace.
    assert sum(span.name == "database" for span in ours) >= 5


async def test_a_failure_is_told_by_its_kind(
    database_url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collecting() as collector:
        async with traced(database_url, data, collector) as server:
            assert await ask(server, key="sk-nobody") == "UNAUTHENTICATED"
            async with server.client() as client:
                await client.memory(context_id="c").sessions.create(scope={"user": "a"})

            async def fail(*_: object, **__: object) -> None:
                raise ValueError(WORD)

            monkeypatch.setattr("spectron_server.storage.beliefs.since", fail)
            assert await ask(server) == "INTERNAL"
        calls = collector.named("spectron.v1.MemoryService/GetProfile")
        content = b"".join(collector.requests)
    told = {span.attributes["rpc.grpc.status_code"]: span.failed for span in calls}
    assert told == {16: "", 13: "INTERNAL"}
    assert {span.failed for span in collector.named("database")} >= {"", "ValueError"}
    assert WORD.encode() not in content


async def test_a_collector_that_is_away_disturbs_nobody(database_url: str, data: Path) -> None:
    nowhere = Collector(endpoint=f"http://127.0.0.1:{free_port()}")
    async with asyncio.timeout(60), traced(database_url, data, nowhere) as server:
        await converse(server)


def test_without_a_collector_nothing_is_loaded() -> None:
    program = (
        "import sys; from spectron_server.telemetry import traces;"
        "import spectron_server.main;"
        "assert traces.open_traces(None) is traces.NO_TRACES;"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'requests'))])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_what_sends_traces_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "find_spec", lambda _: None)
    with pytest.raises(TracesUnavailableError, match=r"\.\[otel\]"):
        open_traces("http://127.0.0.1:4318")
    assert open_traces(None) is NO_TRACES
