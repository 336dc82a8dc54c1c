import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, assert_type

import grpc
import pytest

from spectron import Profile, TransferRecord, errors, models
from spectron.sync import Memory, Session, Spectron, Turn
from spectron.v1 import session_pb2, turn_pb2
from spectron.v1.memory_service_pb2 import GetProfileResponse
from spectron.v1.session_service_pb2 import CreateSessionResponse, ListSessionsResponse
from spectron.v1.transfer_service_pb2 import ExportContextResponse
from spectron.v1.turn_service_pb2 import (
    GetExtractionResponse,
    ListTurnsResponse,
    RecordTurnResponse,
    RecordTurnsResponse,
)
from tests.client.conftest import API_KEY, QUICK_RETRY
from tests.client.scripted import Failure, ScriptedServer, never

Result = TypeVar("Result")


def background_threads() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if each.name == "spectron-client"}


async def blocking(scripted: ScriptedServer, use: Callable[[Spectron], Result]) -> Result:
    """Uses a blocking client in a thread, since the server runs on this thread's event loop."""

    def run() -> Result:
        with Spectron(API_KEY, endpoint=scripted.endpoint, retry=QUICK_RETRY) as client:
            return use(client)

    return await asyncio.to_thread(run)


async def test_a_conversation_without_await(scripted: ScriptedServer) -> None:
    wire_session = session_pb2.Session(id="session:1")
    wire_session.scope.dimensions["user"] = "alice"
    wire_turn = turn_pb2.Turn(id="turn:1", role=turn_pb2.ROLE_USER, content="hello")
    done = turn_pb2.Extraction(turn_id="turn:1", status=turn_pb2.EXTRACTION_STATUS_DONE)
    scripted.answer("CreateSession", CreateSessionResponse(session=wire_session))
    scripted.answer("ListSessions", ListSessionsResponse(sessions=[wire_session]))
    scripted.answer("RecordTurn", RecordTurnResponse(turn=wire_turn))
    scripted.answer("RecordTurns", RecordTurnsResponse(turns=[wire_turn, wire_turn]))
    scripted.answer("ListTurns", ListTurnsResponse(turns=[wire_turn]))
    scripted.answer("GetExtraction", GetExtractionResponse(extraction=done))
    response = GetProfileResponse()
    response.profile.summary = "The user is Alice."
    scripted.answer("GetProfile", response)

    def use(client: Spectron) -> None:
        memory = assert_type(client.memory(context_id="c"), Memory)
        session = assert_type(memory.sessions.create(scope={"user": "alice"}), Session)
        assert (session.id, session.scope) == ("session:1", {"user": "alice"})
        turn = assert_type(session.turn(role="user", content="hello"), Turn)
        assert (turn.id, turn.content, turn.role) == ("turn:1", "hello", "user")
        assert turn.extraction(timeout_s=5).status == "done"
        assert [each.extraction().turn_id for each in session.turns([])] == ["turn:1"] * 2
        assert [each.id for each in assert_type(session.history(), list[Turn])] == ["turn:1"]
        assert [each.id for each in memory.sessions.list(scope={})] == ["session:1"]
        assert memory.sessions.open("session:9").scope is None
        assert_type(memory.profile({"user": "alice"}), Profile)
        assert memory.profile({"user": "alice"}).summary == "The user is Alice."
        assert_type(memory.entities.list({}), list[models.Entity])
        assert memory.entities.list({}) == []
        assert client.admin.stats().turn_count == 0
        assert API_KEY not in repr(client)

    await blocking(scripted, use)
    assert background_threads() == set()


async def test_errors_are_the_same(scripted: ScriptedServer) -> None:
    scripted.answer("GetProfile", Failure(code=grpc.StatusCode.NOT_FOUND, reason="INTERNAL"))

    def use(client: Spectron) -> None:
        with pytest.raises(errors.NotFound):
            client.memory("c").profile({})
        with pytest.raises(ValueError, match="role must be one of"):
            client.memory("c").sessions.open("session:1").turn("nobody", "x")

    await blocking(scripted, use)


def exported(count: int) -> list[ExportContextResponse]:
    records = [ExportContextResponse() for _ in range(count)]
    for number, each in enumerate(records):
        each.record.session.id = f"session:{number}"
    return records


async def test_iterators_yield_one_by_one_and_can_stop_early(scripted: ScriptedServer) -> None:
    scripted.answer("ExportContext", [*exported(3), Failure(code=grpc.StatusCode.INTERNAL)])

    def use(client: Spectron) -> None:
        records = assert_type(client.memory("c").export(), Iterator[TransferRecord])
        assert [next(records).fields["id"] for _ in range(3)] == [
            "session:0",
            "session:1",
            "session:2",
        ]
        with pytest.raises(errors.Internal):
            next(records)
        stopped: Any = client.memory("c").export()
        next(stopped)
        stopped.close()

    await blocking(scripted, use)


async def test_an_export_flows_into_an_import(scripted: ScriptedServer) -> None:
    scripted.answer("ExportContext", exported(3))

    def use(client: Spectron) -> None:
        client.memory("new").import_(list(client.memory("old").export()))

    await blocking(scripted, use)
    assert len(scripted.calls("ImportContext")[0].requests) == 4


async def test_threads_share_a_client(scripted: ScriptedServer) -> None:
    def use(client: Spectron) -> int:
        memory = client.memory("c")
        with ThreadPoolExecutor(max_workers=8) as pool:
            return len([pool.submit(memory.profile, {}).result() for _ in range(40)])

    assert await blocking(scripted, use) == 40
    assert len(scripted.calls("GetProfile")) == 40


async def test_a_client_that_never_called_has_no_thread_and_closes() -> None:
    before = background_threads()
    client = Spectron(API_KEY)
    assert background_threads() == before
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.memory("c").profile({})


async def test_a_forgotten_client_takes_its_thread_along(scripted: ScriptedServer) -> None:
    def use() -> threading.Thread:
        client = Spectron(API_KEY, endpoint=scripted.endpoint)
        client.memory("c").profile({})
        [thread] = background_threads()
        return thread

    thread = await asyncio.to_thread(use)
    gc.collect()
    await asyncio.to_thread(thread.join, 10)
    assert not thread.is_alive()


async def test_closing_ends_a_call_of_another_thread(scripted: ScriptedServer) -> None:
    scripted.answer("GetProfile", never)
    client = Spectron(API_KEY, endpoint=scripted.endpoint)
    waiting = asyncio.create_task(asyncio.to_thread(client.memory("c").profile, {}))
    async with scripted.arrived:
        await asyncio.wait_for(
            scripted.arrived.wait_for(lambda: bool(scripted.received)), timeout=10
        )
    await asyncio.to_thread(client.close)
    with pytest.raises((errors.SpectronError, asyncio.CancelledError, RuntimeError)):
        await asyncio.wait_for(waiting, timeout=10)


async def test_a_blocking_call_on_its_own_event_loop_is_refused_not_hung(
    scripted: ScriptedServer,
) -> None:
    def use(client: Spectron) -> None:
        def records() -> Iterator[TransferRecord]:
            # The background loop reads this; a blocking call here would wait for itself.
            client.memory("c").profile({})
            yield from ()

        with pytest.raises(RuntimeError, match="own event loop"):
            client.memory("c").import_(records())

    await blocking(scripted, use)
