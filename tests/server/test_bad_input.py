"""Bad input gets a clear error: its status and reason, and nothing is lost or half done."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from spectron.v1 import (
    admin_pb2,
    admin_service_pb2,
    attribute_pb2,
    memory_service_pb2,
    scope_pb2,
    session_pb2,
    session_service_pb2,
    turn_pb2,
    turn_service_pb2,
)
from spectron_server.domain import errors as domain
from spectron_server.rpc.errors import mapped_errors, status_of
from tests.conftest import Server
from tests.server.every_rpc import RawClient

# Bad input is refused before it comes to the database.
pytestmark = pytest.mark.any_postgres

CONTEXT = "bad-input"
INVALID = "INVALID_ARGUMENT/INVALID_FIELD"


@pytest.fixture
async def raw(server: Server) -> AsyncIterator[RawClient]:
    async with RawClient(server.endpoint, server.admin_key) as client:
        yield client


@pytest.fixture
async def session_id(raw: RawClient) -> str:
    [answer] = await raw.call(
        "CreateSession",
        session_service_pb2.CreateSessionRequest(context_id=CONTEXT, scope=scope(user="eve")),
    )
    found: str = answer.session.id
    return found


def scope(**dimensions: str) -> scope_pb2.Scope:
    return scope_pb2.Scope(dimensions=dimensions)


def a_turn(session_id: str, **fields: object) -> turn_service_pb2.RecordTurnRequest:
    turn = {"role": turn_pb2.ROLE_USER, "content": "Hello.", **fields}
    return turn_service_pb2.RecordTurnRequest(
        context_id=CONTEXT,
        session_id=session_id,
        turn=turn_pb2.NewTurn(**turn),  # type: ignore[arg-type]
    )


def ahead(delta: timedelta) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime.now(UTC) + delta)
    return moment


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"content": ""}, "turn.content"),
        ({"content": " \n\t "}, "turn.content"),
        ({"content": "x" * (32 * 1024 + 1)}, "turn.content"),
        ({"content": "ü" * (16 * 1024 + 1)}, "turn.content"),
        ({"content": "a\0b"}, "turn.content"),
        ({"role": turn_pb2.ROLE_UNSPECIFIED}, "turn.role"),
        ({"role": 99}, "turn.role"),
        ({"observed_at": ahead(timedelta(hours=2))}, "turn.observed_at"),
        ({"observed_at": Timestamp(seconds=-(10**12))}, "turn.observed_at"),
        ({"observed_at": Timestamp(nanos=-1)}, "turn.observed_at"),
    ],
)
async def test_a_bad_turn_is_refused(
    raw: RawClient, session_id: str, fields: dict[str, object], field: str
) -> None:
    assert await violations(raw, "RecordTurn", a_turn(session_id, **fields)) == [field]
    listed = turn_service_pb2.ListTurnsRequest(context_id=CONTEXT, session_id=session_id)
    [answer] = await raw.call("ListTurns", listed)
    assert list(answer.turns) == []


async def test_the_longest_turn_is_taken(raw: RawClient, session_id: str) -> None:
    longest = a_turn(session_id, content="word " * 6553 + "end")
    [answer] = await raw.call("RecordTurn", longest)
    assert answer.turn.content == longest.turn.content
    slightly_ahead = a_turn(session_id, observed_at=ahead(timedelta(minutes=4)))
    assert await raw.outcome("RecordTurn", slightly_ahead) == "OK"


async def test_a_batch_is_taken_whole_or_not_at_all(raw: RawClient, session_id: str) -> None:
    good = turn_pb2.NewTurn(role=turn_pb2.ROLE_USER, content="I like tea.")
    bad = turn_pb2.NewTurn(role=turn_pb2.ROLE_USER, content="")

    def batch(*turns: turn_pb2.NewTurn) -> turn_service_pb2.RecordTurnsRequest:
        return turn_service_pb2.RecordTurnsRequest(
            context_id=CONTEXT, session_id=session_id, turns=turns
        )

    assert await violations(raw, "RecordTurns", batch(good, bad)) == ["turns[1].content"]
    assert await violations(raw, "RecordTurns", batch()) == ["turns"]
    assert await violations(raw, "RecordTurns", batch(*[good] * 501)) == ["turns"]
    big = turn_pb2.NewTurn(role=turn_pb2.ROLE_USER, content="x" * 32_000)
    assert await violations(raw, "RecordTurns", batch(*[big] * 70)) == ["turns"]
    listed = turn_service_pb2.ListTurnsRequest(context_id=CONTEXT, session_id=session_id)
    [answer] = await raw.call("ListTurns", listed)
    assert list(answer.turns) == []


@pytest.mark.parametrize(
    "dimensions",
    [
        {"User": "x"},
        {"": "x"},
        {"a-b": "x"},
        {"1a": "x"},
        {"a" * 33: "x"},
        {"user": ""},
        {"user": "x" * 257},
        {"user": "a\nb"},
        {"user": "a\0b"},
        {f"d{n}": "x" for n in range(9)},
    ],
)
async def test_a_bad_scope_is_refused(raw: RawClient, dimensions: dict[str, str]) -> None:
    wire = scope_pb2.Scope(dimensions=dimensions)
    for method, request in (
        ("CreateSession", session_service_pb2.CreateSessionRequest(scope=wire)),
        ("GetProfile", memory_service_pb2.GetProfileRequest(scope=wire)),
        ("GetContext", memory_service_pb2.GetContextRequest(scope=wire, query="x")),
        ("Forget", memory_service_pb2.ForgetRequest(scope=wire, attribute_key="x")),
    ):
        request.context_id = CONTEXT
        [field] = await violations(raw, method, request)
        assert field.startswith("scope")


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetSession", session_service_pb2.GetSessionRequest()),
        ("GetSession", session_service_pb2.GetSessionRequest(session_id="x" * 129)),
        ("ListSessions", session_service_pb2.ListSessionsRequest(page_size=501)),
        ("ListSessions", session_service_pb2.ListSessionsRequest(page_size=-1)),
        ("ListSessions", session_service_pb2.ListSessionsRequest(state=77)),  # type: ignore[arg-type]
        (
            "CreateSession",
            session_service_pb2.CreateSessionRequest(metadata={f"k{n}": "v" for n in range(33)}),
        ),
        ("CreateSession", session_service_pb2.CreateSessionRequest(metadata={"": "v"})),
        ("CreateSession", session_service_pb2.CreateSessionRequest(metadata={"k": "v" * 513})),
        ("CreateSession", session_service_pb2.CreateSessionRequest(request_id="ü")),
        ("CreateSession", session_service_pb2.CreateSessionRequest(request_id="x" * 129)),
        ("GetProfile", memory_service_pb2.GetProfileRequest(max_tokens=15)),
        ("GetProfile", memory_service_pb2.GetProfileRequest(max_tokens=8_001)),
        ("GetProfile", memory_service_pb2.GetProfileRequest(as_of=Timestamp(nanos=-5))),
        ("GetContext", memory_service_pb2.GetContextRequest(query="x")),
        ("GetContext", memory_service_pb2.GetContextRequest(scope=scope(), query="")),
        ("GetContext", memory_service_pb2.GetContextRequest(scope=scope(), query="x", top_k=51)),
        ("GetContext", memory_service_pb2.GetContextRequest(scope=scope(), query="x", top_k=-1)),
        (
            "GetContext",
            memory_service_pb2.GetContextRequest(scope=scope(), query="x" * 33_000),
        ),
        ("Forget", memory_service_pb2.ForgetRequest(scope=scope(user="a"))),
        ("Forget", memory_service_pb2.ForgetRequest(category=77)),  # type: ignore[arg-type]
        ("RecordFact", memory_service_pb2.RecordFactRequest(value="x")),
        ("RecordFact", memory_service_pb2.RecordFactRequest(key="Bad Key", value="x")),
        ("RecordFact", memory_service_pb2.RecordFactRequest(key="k", value=" ")),
        ("RecordFact", memory_service_pb2.RecordFactRequest(key="k", value="x" * 2_001)),
        ("RecordFact", memory_service_pb2.RecordFactRequest(key="k", value="v", confidence=1.1)),
        (
            "RecordFact",
            memory_service_pb2.RecordFactRequest(key="k", value="v", confidence=float("nan")),
        ),
        (
            "RecordFact",
            memory_service_pb2.RecordFactRequest(
                key="k", value="v", category=attribute_pb2.CATEGORY_UNKNOWNS
            ),
        ),
        (
            "RecordFact",
            memory_service_pb2.RecordFactRequest(
                key="k", value="v", entity=attribute_pb2.EntityRef(type="Person")
            ),
        ),
        ("GetEntity", memory_service_pb2.GetEntityRequest()),
        ("GetAttributeHistory", memory_service_pb2.GetAttributeHistoryRequest()),
        ("ResolveUnknown", memory_service_pb2.ResolveUnknownRequest(unknown_id="unknown:x")),
        (
            "ResolveUnknown",
            memory_service_pb2.ResolveUnknownRequest(unknown_id="unknown:x", dismiss=False),
        ),
        ("CreateContext", admin_service_pb2.CreateContextRequest(context_id="no spaces")),
        ("CreateKey", admin_service_pb2.CreateKeyRequest()),
        (
            "CreateKey",
            admin_service_pb2.CreateKeyRequest(
                role=admin_pb2.KEY_ROLE_READ, expires_at=Timestamp(seconds=1)
            ),
        ),
        (
            "CreateKey",
            admin_service_pb2.CreateKeyRequest(role=admin_pb2.KEY_ROLE_READ, label="x" * 129),
        ),
        ("EraseScope", admin_service_pb2.EraseScopeRequest()),
        (
            "EraseScope",
            admin_service_pb2.EraseScopeRequest(scope=scope(user="a"), whole_context=True),
        ),
    ],
)
async def test_a_bad_field_is_refused(raw: RawClient, method: str, request_: Message) -> None:
    if "context_id" in request_.DESCRIPTOR.fields_by_name and not request_.context_id:  # type: ignore[attr-defined]
        request_.context_id = CONTEXT  # type: ignore[attr-defined]
    assert await raw.outcome(method, request_) == INVALID
    assert await violations(raw, method, request_) != []


async def test_a_key_for_all_contexts_must_name_one(raw: RawClient) -> None:
    request = memory_service_pb2.GetProfileRequest()
    assert await violations(raw, "GetProfile", request) == ["context_id"]
    request.context_id = "no spaces"
    assert await violations(raw, "GetProfile", request) == ["context_id"]


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


async def violations(raw: RawClient, method: str, request: Message) -> list[str]:
    """Makes a call that must be refused for its fields, and returns their paths."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await raw.call(method, request)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    status = rpc_status.from_call(caught.value)  # type: ignore[arg-type]  # it has what is needed
    assert status is not None
    found = error_details_pb2.BadRequest()
    for detail in status.details:
        if detail.Is(found.DESCRIPTOR):
            detail.Unpack(found)
    assert all(violation.description for violation in found.field_violations)
    return [violation.field for violation in found.field_violations]
