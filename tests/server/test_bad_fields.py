"""A field that is not as it must be is refused by its path, and nothing is half done."""

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from spectron.v1 import (
    admin_pb2,
    admin_service_pb2,
    attribute_pb2,
    memory_service_pb2,
    scope_pb2,
    session_service_pb2,
    turn_pb2,
    turn_service_pb2,
)
from tests.server.bad_input import CONTEXT, INVALID, a_turn, scope
from tests.server.every_rpc import RawClient

# Bad input is refused before it comes to the database.
pytestmark = pytest.mark.any_postgres


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
    assert await raw.violations("RecordTurn", a_turn(session_id, **fields)) == [field]
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

    assert await raw.violations("RecordTurns", batch(good, bad)) == ["turns[1].content"]
    assert await raw.violations("RecordTurns", batch()) == ["turns"]
    assert await raw.violations("RecordTurns", batch(*[good] * 501)) == ["turns"]
    big = turn_pb2.NewTurn(role=turn_pb2.ROLE_USER, content="x" * 32_000)
    assert await raw.violations("RecordTurns", batch(*[big] * 70)) == ["turns"]
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
        [field] = await raw.violations(method, request)
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
    assert await raw.violations(method, request_) != []


async def test_a_key_for_all_contexts_must_name_one(raw: RawClient) -> None:
    request = memory_service_pb2.GetProfileRequest()
    assert await raw.violations("GetProfile", request) == ["context_id"]
    request.context_id = "no spaces"
    assert await raw.violations("GetProfile", request) == ["context_id"]
