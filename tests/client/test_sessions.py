import asyncio
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest

from spectron import NewTurn, SessionState, Spectron, errors
from spectron.v1 import session_pb2, turn_pb2
from spectron.v1.session_service_pb2 import (
    CloseSessionResponse,
    CreateSessionResponse,
    ListSessionsRequest,
    ListSessionsResponse,
)
from spectron.v1.turn_service_pb2 import (
    GetExtractionResponse,
    RecordTurnResponse,
    RecordTurnsResponse,
)
from tests.client.scripted import Failure, ScriptedServer, never


def wire_turn(number: int = 1) -> turn_pb2.Turn:
    return turn_pb2.Turn(
        id=f"turn:{number}",
        session_id="session:1",
        sequence=number,
        role=turn_pb2.ROLE_USER,
        content="I live in London",
        extraction_status=turn_pb2.EXTRACTION_STATUS_PENDING,
    )


def extraction(status: Any, **fields: Any) -> GetExtractionResponse:
    return GetExtractionResponse(
        extraction=turn_pb2.Extraction(turn_id="turn:1", status=status, **fields)
    )


PENDING = extraction(turn_pb2.EXTRACTION_STATUS_PENDING)
DONE = extraction(turn_pb2.EXTRACTION_STATUS_DONE, attempts=1, extractor="builtin-0.1.0")


async def test_opening_a_session_asks_no_server(client: Spectron, scripted: ScriptedServer) -> None:
    session = client.memory("c").sessions.open("session:1")
    assert (session.id, session.scope, session.info) == ("session:1", None, None)
    assert scripted.received == []


async def test_a_created_session_knows_what_the_server_said(
    client: Spectron, scripted: ScriptedServer
) -> None:
    wire = session_pb2.Session(
        id="session:1",
        context_id="c",
        metadata={"channel": "web"},
        state=session_pb2.SESSION_STATE_OPEN,
        turn_count=2,
    )
    wire.scope.dimensions["user"] = "alice"
    scripted.answer("CreateSession", CreateSessionResponse(session=wire))
    session = await client.memory("c").sessions.create(
        scope={"user": "alice"}, metadata={"channel": "web"}
    )
    assert session.id == "session:1"
    assert session.scope == {"user": "alice"}
    assert session.info is not None
    assert session.info.metadata == {"channel": "web"}
    assert (session.info.state, session.info.closed_at) == (SessionState.OPEN, None)
    assert dict(scripted.calls("CreateSession")[0].requests[0].metadata) == {"channel": "web"}
    wire.state = session_pb2.SESSION_STATE_CLOSED
    scripted.answer("CloseSession", CloseSessionResponse(session=wire))
    assert (await session.close()).state == "closed"
    assert session.info.state == "closed"


async def test_a_turn_is_frozen_and_shows_no_machinery(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted.answer("RecordTurn", RecordTurnResponse(turn=wire_turn()))
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    turn = (
        await client.memory("c")
        .sessions.open("session:1")
        .turn(role="user", content="I live in London", observed_at=moment)
    )
    assert (turn.id, turn.role, turn.extraction_status) == ("turn:1", "user", "pending")
    assert "transport" not in repr(turn)
    with pytest.raises(AttributeError):
        turn.content = "else"  # type: ignore[misc]
    request = scripted.calls("RecordTurn")[0].requests[0]
    assert request.turn.observed_at.ToDatetime(tzinfo=UTC) == moment
    assert request.turn.role == turn_pb2.ROLE_USER


async def test_a_batch_takes_turns_and_mappings(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.answer("RecordTurns", RecordTurnsResponse(turns=[wire_turn(1), wire_turn(2)]))
    turns = (
        await client.memory("c")
        .sessions.open("session:1")
        .turns(
            [
                NewTurn(role="user", content="one", observed_at=datetime(2024, 5, 1, tzinfo=UTC)),
                {"role": "assistant", "content": "two"},
            ]
        )
    )
    assert [each.id for each in turns] == ["turn:1", "turn:2"]
    sent = scripted.calls("RecordTurns")[0].requests[0].turns
    assert [(each.role, each.content) for each in sent] == [
        (turn_pb2.ROLE_USER, "one"),
        (turn_pb2.ROLE_ASSISTANT, "two"),
    ]
    assert [each.HasField("observed_at") for each in sent] == [True, False]


@pytest.fixture
async def turn(client: Spectron, scripted: ScriptedServer) -> Any:
    scripted.answer("RecordTurn", RecordTurnResponse(turn=wire_turn()))
    return await client.memory("c").sessions.open("session:1").turn("user", "hello")


async def test_waiting_for_an_extraction_asks_until_it_is_done(
    turn: Any, scripted: ScriptedServer
) -> None:
    scripted.answer("GetExtraction", PENDING, PENDING, DONE)
    found = await turn.extraction(timeout_s=20)
    assert (found.status, found.extractor, found.diff.changes) == ("done", "builtin-0.1.0", ())
    calls = scripted.calls("GetExtraction")
    assert len(calls) == 3
    assert calls[0].requests[0].turn_id == "turn:1"
    assert 15 < calls[0].requests[0].wait.ToTimedelta().total_seconds() <= 20


async def test_a_failed_extraction_is_an_error(turn: Any, scripted: ScriptedServer) -> None:
    scripted.answer(
        "GetExtraction",
        extraction(turn_pb2.EXTRACTION_STATUS_FAILED, attempts=5, error="no model"),
    )
    with pytest.raises(errors.ExtractionFailed, match="after 5 attempts: no model") as caught:
        await turn.extraction()
    assert caught.value.reason == "EXTRACTION_FAILED"
    assert caught.value.metadata == {"turn_id": "turn:1"}


@pytest.mark.parametrize("answer", [PENDING, never])
async def test_an_extraction_that_does_not_come_in_time_says_that_it_goes_on(
    turn: Any, scripted: ScriptedServer, answer: Any
) -> None:
    scripted.answer("GetExtraction", answer)
    with pytest.raises(errors.DeadlineExceeded, match=r"turn:1 was not finished within 0\.3 s"):
        await turn.extraction(timeout_s=0.3)
    # A server that answers at once is not asked in a tight loop.
    assert len(scripted.calls("GetExtraction")) <= 5


async def test_waiting_can_be_cancelled(turn: Any, scripted: ScriptedServer) -> None:
    scripted.answer("GetExtraction", never)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(turn.extraction(), timeout=0.1)


async def test_a_missing_turn_is_not_found(turn: Any, scripted: ScriptedServer) -> None:
    scripted.answer(
        "GetExtraction", Failure(code=grpc.StatusCode.NOT_FOUND, reason="TURN_NOT_FOUND")
    )
    with pytest.raises(errors.NotFound):
        await turn.extraction()


def paged_sessions(total: int) -> Any:
    async def answer(request: ListSessionsRequest) -> ListSessionsResponse:
        start = int(request.page_token or 0)
        end = min(total, start + request.page_size)
        return ListSessionsResponse(
            sessions=[session_pb2.Session(id=f"session:{n}") for n in range(start, end)],
            next_page_token=str(end) if end < total else "",
        )

    return answer


async def test_a_list_holds_all_pages(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.answer("ListSessions", paged_sessions(450))
    found = await client.memory("c").sessions.list(scope={"user": "alice"}, state="open")
    assert [each.id for each in found] == [f"session:{n}" for n in range(450)]
    requests = [call.requests[0] for call in scripted.calls("ListSessions")]
    assert [each.page_token for each in requests] == ["", "200", "400"]
    assert {each.page_size for each in requests} == {200}
    assert {each.state for each in requests} == {session_pb2.SESSION_STATE_OPEN}


@pytest.mark.parametrize(("limit", "calls"), [(1, 1), (5, 1), (200, 1), (201, 2), (400, 2)])
async def test_a_list_ends_at_its_limit(
    client: Spectron, scripted: ScriptedServer, limit: int, calls: int
) -> None:
    scripted.answer("ListSessions", paged_sessions(450))
    assert len(await client.memory("c").sessions.list(scope={}, limit=limit)) == limit
    assert len(scripted.calls("ListSessions")) == calls


async def test_a_walked_list_fetches_no_more_pages_than_it_reads(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted.answer("ListSessions", paged_sessions(450))
    seen = 0
    async for _ in client.memory("c").sessions.list(scope={}):
        seen += 1
        if seen == 201:
            break
    assert len(scripted.calls("ListSessions")) == 2


def test_a_limit_is_positive(client: Spectron) -> None:
    with pytest.raises(ValueError, match="limit"):
        client.memory("c").sessions.list(scope={}, limit=0)
