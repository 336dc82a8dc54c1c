"""A real server whose extractor asks a model: from a correct answer to memory, and every delay.

The model is scripted, everything else is real: HTTP, prompts, parser, evidence, reconciler,
database, health, and the settings by which all of it is built.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from spectron import NewTurn, Spectron, errors
from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.cascade import CascadeExtractor
from spectron_extraction.ontology import Ontology
from spectron_extraction.vllm import VllmExtractor
from spectron_server import application, main
from spectron_server.application import StartError
from spectron_server.cli.connection import Connection
from spectron_server.cli.finding import Status
from spectron_server.cli.probes import server_checks
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.settings import Settings
from spectron_server.storage import queue
from spectron_server.system import SystemClock
from tests.conftest import Server, eventually, started
from tests.models import recorded, scripted
from tests.models.server import Answer, ModelRequest, ModelServer, completion, serving

LONG_AGO = datetime(2024, 11, 15, tzinfo=UTC)
Serve = Callable[..., AbstractAsyncContextManager[Server]]


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(queue, "_BACKOFF_FACTOR", 1.0)
    monkeypatch.setattr(queue, "_POLL_S", 0.1)
    monkeypatch.setattr(application, "_HEALTH_S", 0.05)


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with serving(scripted.correctly) as server:
        yield server


def settings(model: ModelServer, extractor: str = "vllm", **fields: object) -> Settings:
    return Settings.model_validate(
        {
            "extractor": extractor,
            "vllm_url": model.url,
            "vllm_model": "scripted",
            "vllm_api_key": "secret",
            "vllm_timeout_s": 5,
            **fields,
        }
    )


@pytest.fixture
def serve(database_url: str, embedder: MiniLmEmbedder, model: ModelServer) -> Serve:
    """Starts servers whose extractor asks the model."""

    @asynccontextmanager
    async def start(extractor: str = "vllm") -> AsyncIterator[Server]:
        opened = main.open_extractor(settings(model, extractor), Ontology.load())
        assert isinstance(opened, VllmExtractor | CascadeExtractor)
        try:
            async with started(
                database_url, embedder, opened, extractor_problem=opened.problem
            ) as server:
                yield server
        finally:
            await opened.aclose()

    return start


async def extracting(server: Server) -> bool:
    """Tells what the health service says of extraction; the server as a whole must be well."""
    async with grpc.aio.insecure_channel(server.endpoint) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        whole = await health.Check(health_pb2.HealthCheckRequest())
        assert whole.status == health_pb2.HealthCheckResponse.SERVING
        own = await health.Check(health_pb2.HealthCheckRequest(service="spectron.extraction"))
        return bool(own.status == health_pb2.HealthCheckResponse.SERVING)


async def diagnosed(server: Server) -> Status:
    """Returns what `spectron doctor` says of extraction."""

    def check() -> Status:
        checks = server_checks(Connection(endpoint=server.endpoint), None, SystemClock())
        [found] = [one for one in checks if one.name == "extraction"]
        return found.status

    return await asyncio.to_thread(check)


async def told(client: Spectron, *lines: str) -> tuple[Any, Any]:
    """Tells a user's turns, and returns memory and the last turn."""
    memory = client.memory(context_id="c")
    session = await memory.sessions.create(scope={"user": "alice"})
    turns = await session.turns([NewTurn(role="user", content=line) for line in lines])
    return memory, turns[-1]


@pytest.mark.parametrize("extractor", ["vllm", "cascade"])
async def test_a_correct_answer_becomes_memory(serve: Serve, extractor: str) -> None:
    async with serve(extractor) as server, server.client() as client:
        memory, last = await told(
            client,
            "I'm Alice Chen, Head of Platform at Acme Corp.",
            "I live in London with my dog Rex.",
            "My sister Aoife is a vet.",
            "I might move to Lisbon next year.",
            "I just moved to Reading.",
        )
        await last.extraction()
        profile = await memory.profile({"user": "alice"})
        held = {(one.key, one.value) for one in profile.attributes if one.category != "unknowns"}
        assert {
            ("name", "Alice Chen"),
            ("employer", "Acme Corp"),
            ("location", "Reading"),
            ("sister", "Aoife"),
        } <= held
        assert ("location", "London") not in held
        assert ("location", "Lisbon") not in held
        history = await memory.entities.history({"user": "alice"}, "location")
        assert [(one.value, one.status) for one in history] == [
            ("London", "superseded"),
            ("Reading", "active"),
        ]
        assert await extracting(server)


async def test_what_is_not_proved_is_dropped_and_counted(serve: Serve, model: ModelServer) -> None:
    def script(request: ModelRequest) -> Answer:
        if scripted.probed(request):
            return scripted.obedient(request)
        return scripted.notes(
            scripted.note(1, "I live in Atlantis", "location", "Atlantis"),
            scripted.note(1, "I like tea", "likes", "tea"),
            scripted.note(1, "I like tea", "likes", ""),
        )

    model.script = script
    async with serve() as server, server.client() as client:
        _, last = await told(client, "I like tea.")
        extraction = await last.extraction()
        assert [change.value for change in extraction.diff.added] == ["tea"]
        assert extraction.dropped_count == 2


async def test_turns_wait_while_the_endpoint_is_down_and_health_says_so(
    serve: Serve, model: ModelServer
) -> None:
    async with serve() as server, server.client() as client:
        await eventually(lambda: extracting(server))
        await model.stop()

        async def degraded() -> bool:
            return not await extracting(server)

        await eventually(degraded)
        assert await diagnosed(server) is Status.WARN
        memory, last = await told(client, "I live in Zürich.")
        # The server is up: it records, and answers from what it knows.
        assert not (await memory.profile({"user": "alice"})).attributes
        with pytest.raises(errors.DeadlineExceeded):
            await memory.profile({"user": "alice"}, min_turn=last.id, timeout_s=0.5)
        assert (await client.admin.stats(context_id="c")).pending_count == 1

        await model.start()
        extraction = await last.extraction()
        assert [change.value for change in extraction.diff.added] == ["Zürich"]
        await eventually(lambda: extracting(server))
        assert await diagnosed(server) is Status.OK
        assert (await client.admin.stats(context_id="c")).failed_count == 0


async def test_an_answer_that_stays_unusable_fails_its_turn_visibly(
    serve: Serve, model: ModelServer
) -> None:
    def script(request: ModelRequest) -> Answer:
        if not scripted.probed(request) and "nonsense" in str(scripted.numbered(request)):
            return completion("Certainly! Here is what I found:")
        return scripted.correctly(request)

    model.script = script
    async with serve() as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "alice"})
        bad, good = await session.turns(
            [
                NewTurn(role="user", content="This turn provokes nonsense."),
                NewTurn(role="user", content="I live in Zürich."),
            ]
        )
        with pytest.raises(errors.ExtractionFailed, match="cannot be used"):
            await bad.extraction()
        assert [change.value for change in (await good.extraction()).diff.added] == ["Zürich"]
        assert (await client.admin.stats(context_id="c")).failed_count == 1
        model.script = scripted.correctly
        await bad.retry_extraction()
        assert not (await bad.extraction()).diff.added


async def test_history_is_marked_as_less_urgent_and_tenants_are_kept_apart(
    serve: Serve, model: ModelServer
) -> None:
    async with serve() as server, server.client() as client:
        for name in ("c", "d"):
            session = await client.memory(context_id=name).sessions.create(scope={"user": "a"})
            await (await session.turn("user", "I live in Zürich.")).extraction()
            old = NewTurn(
                role="user",
                content="I prefer bullet points.",
                observed_at=LONG_AGO,
            )
            await (await session.turns([old]))[0].extraction()
        bodies = [one.body for one in model.requests if not scripted.probed(one)]
        assert [body["priority"] for body in bodies] == [1, 2, 1, 2]
        salts = [body["cache_salt"] for body in bodies]
        assert salts[0] == salts[1]
        assert salts[2] == salts[3]
        assert len(set(salts)) == 2
        assert not any(name in str(body) for body in bodies for name in ('"c"', '"d"'))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (completion("hello"), "does not enforce JSON schemas"),
        (recorded.answer("missing_key"), "API key"),
        (recorded.answer("wrong_model"), "does not serve this model"),
    ],
)
async def test_an_endpoint_that_will_not_do_is_refused_at_the_start(
    model: ModelServer, answer: Answer, message: str
) -> None:
    model.script = lambda _: answer
    extractor = main.open_extractor(settings(model), Ontology.load())
    assert isinstance(extractor, VllmExtractor)
    with pytest.raises(StartError, match=message):
        await main.verify_extractor(extractor)
    await extractor.aclose()


async def test_an_endpoint_that_is_away_at_the_start_is_waited_for(model: ModelServer) -> None:
    extractor = main.open_extractor(settings(model), Ontology.load())
    assert isinstance(extractor, VllmExtractor)
    await model.stop()
    async with asyncio.timeout(20):
        await main.verify_extractor(extractor)
    assert await extractor.problem() is not None
    await extractor.aclose()


def test_the_extractor_is_chosen_by_the_settings(model: ModelServer) -> None:
    kinds = {"builtin": BuiltinExtractor, "vllm": VllmExtractor, "cascade": CascadeExtractor}
    for name, kind in kinds.items():
        assert type(main.open_extractor(settings(model, name), Ontology.load())) is kind


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"extractor": "vllm"}, "needs SPECTRON_VLLM_URL and SPECTRON_VLLM_MODEL"),
        (
            {"extractor": "cascade", "vllm_url": "http://localhost"},
            "needs SPECTRON_VLLM_URL and SPECTRON_VLLM_MODEL",
        ),
        ({"vllm_url": "localhost:8000"}, "must be an address"),
        ({"chat_url": "ftp://models"}, "must be an address"),
        ({"chat_url": "http://models/v1"}, "SPECTRON_CHAT_URL and SPECTRON_CHAT_MODEL go together"),
        ({"extractor": "other"}, "builtin"),
    ],
)
def test_settings_that_cannot_work_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings.model_validate(fields)
