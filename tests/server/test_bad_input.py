"""Bad input gets a clear error: its status and reason, and nothing is lost or half done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from spectron.v1 import (
    attribute_pb2,
    memory_service_pb2,
    session_pb2,
    session_service_pb2,
    turn_service_pb2,
)
from spectron_server.domain import errors as domain
from spectron_server.rpc.errors import mapped_errors, status_of
from tests.conftest import Server
from tests.server.bad_input import CONTEXT, INVALID, a_turn, scope
from tests.server.every_rpc import RawClient

# Bad input is refused before it comes to the database.
pytestmark = pytest.mark.any_postgres


async def test_ids_that_name_nothing_are_not_found(raw: RawClient, session_id: str) -> None:
    other = session_id.replace("session:", "session:7")[: len(session_id)]
    for given in ("session:nonsense", "turn:x", other):
        assert (
            await raw.outcome(
                "GetSession",
                session_service_pb2.GetSessionRequest(context_id=CONTEXT, session_id=given),
            )
            == "NOT_FOUND/SESSION_NOT_FOUND"
        )
        assert await raw.outcome("RecordTurn", a_turn(given)) == "NOT_FOUND/SESSION_NOT_FOUND"
        assert (
            await raw.outcome(
                "ListTurns", turn_service_pb2.ListTurnsRequest(context_id=CONTEXT, session_id=given)
            )
            == "NOT_FOUND/SESSION_NOT_FOUND"
        )
        assert (
            await raw.outcome(
                "GetExtraction",
                turn_service_pb2.GetExtractionRequest(context_id=CONTEXT, turn_id=given),
            )
            == "NOT_FOUND/TURN_NOT_FOUND"
        )
        assert (
            await raw.outcome(
                "ResolveUnknown",
                memory_service_pb2.ResolveUnknownRequest(
                    context_id=CONTEXT, unknown_id=given, dismiss=True
                ),
            )
            == "NOT_FOUND/UNKNOWN_NOT_FOUND"
        )
    nobody = scope(user="nobody")
    assert (
        await raw.outcome(
            "GetEntity",
            memory_service_pb2.GetEntityRequest(
                context_id=CONTEXT,
                scope=nobody,
                entity=attribute_pb2.EntityRef(type="Person", name="nobody"),
            ),
        )
        == "NOT_FOUND/ENTITY_NOT_FOUND"
    )
    assert (
        await raw.outcome(
            "GetAttributeHistory",
            memory_service_pb2.GetAttributeHistoryRequest(
                context_id=CONTEXT, scope=nobody, key="location"
            ),
        )
        == "NOT_FOUND/ATTRIBUTE_NOT_FOUND"
    )


async def test_a_closed_session_takes_no_turns(raw: RawClient, session_id: str) -> None:
    close = session_service_pb2.CloseSessionRequest(context_id=CONTEXT, session_id=session_id)
    [first] = await raw.call("CloseSession", close)
    assert first.session.state == session_pb2.SESSION_STATE_CLOSED
    [again] = await raw.call("CloseSession", close)
    assert again == first
    assert (
        await raw.outcome("RecordTurn", a_turn(session_id)) == "FAILED_PRECONDITION/SESSION_CLOSED"
    )


async def test_an_extraction_that_has_not_failed_is_not_retried(
    raw: RawClient, session_id: str
) -> None:
    [answer] = await raw.call("RecordTurn", a_turn(session_id))
    retry = turn_service_pb2.RetryExtractionRequest(context_id=CONTEXT, turn_id=answer.turn.id)
    assert (
        await raw.outcome("RetryExtraction", retry) == "FAILED_PRECONDITION/EXTRACTION_NOT_FAILED"
    )


async def test_a_page_token_belongs_to_its_request(raw: RawClient) -> None:
    for _ in range(3):
        await raw.call(
            "CreateSession",
            session_service_pb2.CreateSessionRequest(context_id=CONTEXT, scope=scope(user="p")),
        )
    first = session_service_pb2.ListSessionsRequest(
        context_id=CONTEXT, scope=scope(user="p"), page_size=1
    )
    [page] = await raw.call("ListSessions", first)
    token = page.next_page_token
    assert token
    for bad in (
        session_service_pb2.ListSessionsRequest(
            context_id=CONTEXT, scope=scope(user="q"), page_token=token
        ),
        session_service_pb2.ListSessionsRequest(
            context_id=CONTEXT,
            scope=scope(user="p"),
            state=session_pb2.SESSION_STATE_OPEN,
            page_token=token,
        ),
        session_service_pb2.ListSessionsRequest(
            context_id=CONTEXT, scope=scope(user="p"), page_token="garbage"
        ),
        session_service_pb2.ListSessionsRequest(
            context_id=CONTEXT, scope=scope(user="p"), page_token="ü" * 10
        ),
        session_service_pb2.ListSessionsRequest(
            context_id=CONTEXT, scope=scope(user="p"), page_token="A" * 5_000
        ),
    ):
        assert await raw.outcome("ListSessions", bad) == "INVALID_ARGUMENT/INVALID_PAGE_TOKEN"
    # Another page size is fine.
    good = session_service_pb2.ListSessionsRequest(
        context_id=CONTEXT, scope=scope(user="p"), page_size=2, page_token=token
    )
    [rest] = await raw.call("ListSessions", good)
    assert len(rest.sessions) == 2
    assert not rest.next_page_token


async def test_invalid_utf8_and_garbage_are_bad_arguments(raw: RawClient) -> None:
    # Field 1, context_id, with a byte that is no UTF-8.
    assert await raw.outcome("GetProfile", b"\x0a\x01\xff") == INVALID
    # A length that runs past the end.
    assert await raw.outcome("GetProfile", b"\x0a\x7f") == INVALID
    assert await raw.outcome("ImportContext", b"\x0a\x01\xff") == INVALID


async def test_a_message_too_large_says_so(raw: RawClient, session_id: str) -> None:
    huge = a_turn(session_id, content="x" * (5 * 1024 * 1024))
    assert await raw.outcome("RecordTurn", huge) == "RESOURCE_EXHAUSTED/MESSAGE_TOO_LARGE"


async def test_keys_that_are_no_good(server: Server) -> None:
    request = memory_service_pb2.GetProfileRequest(context_id=CONTEXT)
    expired = await server.add_key(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    async with RawClient(server.endpoint, expired) as raw:
        assert await raw.outcome("GetProfile", request) == "UNAUTHENTICATED/EXPIRED_KEY"
    reader = await server.add_key(context_id=CONTEXT, role="read")
    async with RawClient(server.endpoint, reader) as raw:
        assert await raw.outcome("GetProfile", request) == "OK"
        create = session_service_pb2.CreateSessionRequest(context_id=CONTEXT)
        assert await raw.outcome("CreateSession", create) == "PERMISSION_DENIED/ROLE_NOT_ALLOWED"


async def test_an_unknown_method_is_unimplemented(server: Server) -> None:
    async with grpc.aio.insecure_channel(server.endpoint) as channel:
        call: Any = channel.unary_unary("/spectron.v1.ChatService/Nothing")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_every_error_of_the_domain_has_a_status() -> None:
    def subclasses(kind: type[domain.SpectronError]) -> set[type[domain.SpectronError]]:
        direct = set(kind.__subclasses__())
        return direct.union(*map(subclasses, direct))

    assert mapped_errors() == subclasses(domain.SpectronError)
    for kind in mapped_errors():
        error = kind([]) if kind is domain.InvalidFieldError else kind("What to do.")
        assert status_of(error).code
