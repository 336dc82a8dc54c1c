"""Attempts to reach another context or scope through ids, tokens, requests and imports."""

from collections.abc import AsyncIterator, Callable, Sequence

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from spectron import Spectron
from spectron.v1 import (
    admin_pb2,
    admin_service_pb2,
    attribute_pb2,
    memory_service_pb2,
    scope_pb2,
    session_pb2,
    session_service_pb2,
    transfer_service_pb2,
    turn_pb2,
)
from spectron_server.rpc import tokens
from tests.conftest import Server
from tests.server.every_rpc import RawClient

MOMENT = Timestamp(seconds=1_600_000_000)
ALICE = {"user": "alice"}
BOB = {"user": "bob"}


def an_id(kind: str, number: int) -> str:
    """Returns an id of the form that servers make, with the key of no scope."""
    return f"{kind}:{number:026d}-{'0' * 16}"


def fact_record(
    value: str, scope: dict[str, str], evidence: attribute_pb2.Evidence
) -> transfer_service_pb2.TransferRecord:
    """Returns an attribute as an export holds it, with evidence of the caller's choice."""
    return transfer_service_pb2.TransferRecord(
        attribute=attribute_pb2.Attribute(
            id=an_id("attribute", 3),
            entity=attribute_pb2.EntityRef(type="Person", name=scope["user"]),
            category=attribute_pb2.CATEGORY_IDENTITY,
            key="location",
            value=value,
            confidence=0.9,
            evidence=evidence,
            valid_from=MOMENT,
            recorded_at=MOMENT,
            last_validated_at=MOMENT,
            status=attribute_pb2.ATTRIBUTE_STATUS_ACTIVE,
            scope=scope_pb2.Scope(dimensions=scope),
        )
    )


def conversation_records(scope: dict[str, str]) -> list[transfer_service_pb2.TransferRecord]:
    """Returns a session with one turn as an export holds them."""
    pending = turn_pb2.EXTRACTION_STATUS_PENDING
    session = session_pb2.Session(
        id=an_id("session", 1),
        scope=scope_pb2.Scope(dimensions=scope),
        created_at=MOMENT,
        turn_count=1,
    )
    turn = turn_pb2.Turn(
        id=an_id("turn", 2),
        session_id=session.id,
        sequence=1,
        role=turn_pb2.ROLE_TOOL,
        content="The weather is fine.",
        observed_at=MOMENT,
        recorded_at=MOMENT,
        extraction_status=pending,
    )
    extraction = turn_pb2.Extraction(turn_id=turn.id, status=pending)
    return [
        transfer_service_pb2.TransferRecord(session=session),
        transfer_service_pb2.TransferRecord(
            turn=transfer_service_pb2.TransferTurn(turn=turn, extraction=extraction)
        ),
    ]


async def refusal_of_import(
    server: Server, context_id: str, records: Sequence[transfer_service_pb2.TransferRecord]
) -> str:
    """Imports records with nothing of the client between; returns the status, `OK` for none."""

    async def requests() -> AsyncIterator[transfer_service_pb2.ImportContextRequest]:
        for record in records:
            yield transfer_service_pb2.ImportContextRequest(context_id=context_id, record=record)

    async with grpc.aio.insecure_channel(server.endpoint) as channel:
        upload = channel.stream_unary(
            "/spectron.v1.TransferService/ImportContext",
            transfer_service_pb2.ImportContextRequest.SerializeToString,
            transfer_service_pb2.ImportContextResponse.FromString,
        )
        try:
            await upload(
                requests(), metadata=(("authorization", f"Bearer {server.admin_key}"),), timeout=20
            )
        except grpc.aio.AioRpcError as error:
            return error.code().name
    return "OK"


async def test_an_import_cannot_lean_on_turns_of_another_context(
    server: Server, client: Spectron, fresh_name: str
) -> None:
    victim = client.memory(context_id=f"victim-{fresh_name}")
    session = await victim.sessions.create(scope=ALICE)
    turn = await session.turn("user", "I live in Berlin.")
    await turn.extraction()
    stolen = attribute_pb2.Evidence(turn_id=turn.id, start=0, end=1, quote="I")
    thief = f"thief-{fresh_name}"
    assert (
        await refusal_of_import(server, thief, [fact_record("Oslo", ALICE, stolen)])
        == "INVALID_ARGUMENT"
    )
    assert not (await client.memory(context_id=thief).profile(ALICE)).attributes
    assert "Berlin" in (await victim.profile(ALICE)).summary


async def test_an_import_cannot_lean_on_turns_of_another_scope(
    server: Server, client: Spectron, fresh_name: str
) -> None:
    bobs = conversation_records(BOB)
    foreign = attribute_pb2.Evidence(turn_id=an_id("turn", 2), start=0, end=3, quote="The")
    refused = await refusal_of_import(
        server, fresh_name, [*bobs, fact_record("Oslo", ALICE, foreign)]
    )
    assert refused == "INVALID_ARGUMENT"
    # All or nothing: the good records before it are not there either.
    assert not await client.memory(context_id=fresh_name).sessions.list(scope=BOB)
    # The same evidence is good for a fact of the scope that the turn is of.
    own = await refusal_of_import(server, fresh_name, [*bobs, fact_record("Oslo", BOB, foreign)])
    assert own == "OK"


async def test_a_request_id_is_answered_to_its_own_scope_and_context_only(
    server: Server, fresh_name: str
) -> None:
    made = set()
    async with RawClient(server.endpoint, server.admin_key) as raw:
        for context_id in (f"{fresh_name}-a", f"{fresh_name}-b"):
            for user in ("alice", "bob"):
                request = memory_service_pb2.RecordFactRequest(
                    context_id=context_id,
                    request_id="the-same",
                    scope=scope_pb2.Scope(dimensions={"user": user}),
                    key="location",
                    value="Oslo",
                )
                [response] = await raw.call("RecordFact", request)
                [change] = response.diff.changes
                assert change.attribute.scope.dimensions["user"] == user
                made.add(change.attribute.id)
    assert len(made) == 4


async def test_a_repeated_request_for_a_key_never_shows_the_secret_again(
    server: Server, client: Spectron, fresh_name: str
) -> None:
    await client.admin.contexts.create(fresh_name)
    request = admin_service_pb2.CreateKeyRequest(
        context_id=fresh_name, request_id="one", role=admin_pb2.KEY_ROLE_WRITE
    )
    async with RawClient(server.endpoint, server.admin_key) as raw:
        [first] = await raw.call("CreateKey", request)
    other = await server.add_key(context_id=fresh_name)
    async with RawClient(server.endpoint, other) as raw:
        [again] = await raw.call("CreateKey", request)
    assert first.secret
    assert again.key.id == first.key.id
    assert again.secret == ""
    async with server.application.store.database.pool.connection() as connection:
        rows = await (await connection.execute("SELECT r::text AS text FROM requests r")).fetchall()
    assert rows
    assert not [row for row in rows if first.secret in row["text"]]


@pytest.mark.parametrize("bound_to", ["*", "other"])
async def test_a_bound_administrator_makes_no_key_beyond_its_context(
    server: Server, client: Spectron, fresh_name: str, bound_to: str
) -> None:
    for context_id in (fresh_name, f"{fresh_name}-other"):
        await client.admin.contexts.create(context_id)
    target = "*" if bound_to == "*" else f"{fresh_name}-other"
    key = await server.add_key(context_id=fresh_name, role="admin")
    role = admin_pb2.KEY_ROLE_READ
    async with RawClient(server.endpoint, key) as raw:
        create = admin_service_pb2.CreateKeyRequest(context_id=target, role=role)
        assert await raw.outcome("CreateKey", create) == "NOT_FOUND/CONTEXT_NOT_FOUND"
        keys = admin_service_pb2.ListKeysRequest(context_id=target)
        assert await raw.outcome("ListKeys", keys) == "NOT_FOUND/CONTEXT_NOT_FOUND"
        own = admin_service_pb2.CreateKeyRequest(context_id=fresh_name, role=role)
        assert await raw.outcome("CreateKey", own) == "OK"


def session_list(context_id: str, scope: dict[str, str]) -> session_service_pb2.ListSessionsRequest:
    return session_service_pb2.ListSessionsRequest(
        context_id=context_id, scope=scope_pb2.Scope(dimensions=scope)
    )


def forged_token(request: Message, cursor: str) -> str:
    """Returns the token that the server gives for a cursor: it is no secret how they are made."""
    return tokens.encode(request, cursor)


async def test_a_forged_page_token_stays_within_its_own_list(
    server: Server, client: Spectron, fresh_name: str
) -> None:
    memory = client.memory(context_id=fresh_name)
    own = {(await memory.sessions.create(scope=ALICE)).id for _ in range(3)}
    foreign = [await memory.sessions.create(scope=BOB) for _ in range(3)]
    request = session_list(fresh_name, ALICE)
    request.page_token = forged_token(request, foreign[-1].id)
    async with RawClient(server.endpoint, server.admin_key) as raw:
        [response] = await raw.call("ListSessions", request)
        assert {session.id for session in response.sessions} == own
        # The token of one scope's list is none for another's.
        others = session_list(fresh_name, BOB)
        others.page_token = request.page_token
        refused = await raw.outcome("ListSessions", others)
    assert refused == "INVALID_ARGUMENT/INVALID_PAGE_TOKEN"


def unproved(scope: dict[str, str]) -> attribute_pb2.Attribute:
    """Returns an attribute as an export holds one that was recorded directly."""
    attribute = fact_record("Oslo", scope, attribute_pb2.Evidence()).attribute
    attribute.ClearField("evidence")
    return attribute


def _with_secret_value(attribute: attribute_pb2.Attribute) -> None:
    attribute.value = "my password is hunter2"


def _with_secret_key(attribute: attribute_pb2.Attribute) -> None:
    attribute.key, attribute.value = "wifi_password", "bluebirds"


def _with_secret_entity(attribute: attribute_pb2.Attribute) -> None:
    attribute.entity.type, attribute.entity.name = "Password", "hunter2"


def _with_secret_quote(attribute: attribute_pb2.Attribute) -> None:
    attribute.evidence.CopyFrom(
        attribute_pb2.Evidence(turn_id=an_id("turn", 2), end=1, quote="4111 1111 1111 1111")
    )


@pytest.mark.parametrize(
    "tell", [_with_secret_value, _with_secret_key, _with_secret_entity, _with_secret_quote]
)
async def test_an_import_brings_no_secret(
    server: Server, fresh_name: str, tell: Callable[[attribute_pb2.Attribute], None]
) -> None:
    attribute = unproved(ALICE)
    tell(attribute)
    record = transfer_service_pb2.TransferRecord(attribute=attribute)
    records = [*conversation_records(ALICE), record]
    assert await refusal_of_import(server, fresh_name, records) == "INVALID_ARGUMENT"


async def test_an_import_brings_no_secret_in_what_a_turn_is_said_to_have_taught(
    server: Server, fresh_name: str
) -> None:
    session, turn = conversation_records(ALICE)
    done = turn_pb2.EXTRACTION_STATUS_DONE
    turn.turn.turn.extraction_status = turn.turn.extraction.status = done
    change = turn.turn.extraction.diff.changes.add(
        action=turn_pb2.CHANGE_ACTION_UPDATED, attribute=unproved(ALICE), previous_value="Rome"
    )
    assert await refusal_of_import(server, f"{fresh_name}-a", [session, turn]) == "OK"
    change.previous_value = "the door code is 4410"
    assert await refusal_of_import(server, f"{fresh_name}-b", [session, turn]) == "INVALID_ARGUMENT"


async def test_an_import_takes_no_links_of_one_side_only(server: Server, fresh_name: str) -> None:
    old, new = unproved(ALICE), unproved(ALICE)
    old.id, new.id = an_id("attribute", 3), an_id("attribute", 4)
    old.status, old.superseded_by = attribute_pb2.ATTRIBUTE_STATUS_SUPERSEDED, new.id
    old.valid_until.CopyFrom(MOMENT)
    records = [transfer_service_pb2.TransferRecord(attribute=each) for each in (old, new)]
    assert await refusal_of_import(server, f"{fresh_name}-a", records) == "INVALID_ARGUMENT"
    records[1].attribute.supersedes = old.id
    assert await refusal_of_import(server, f"{fresh_name}-b", records) == "OK"


@pytest.mark.parametrize(
    ("entity_type", "name"),
    [("Person", "my password is hunter2"), ("Password", "hunter2"), ("sk-" + "a1B2" * 8, "x")],
)
async def test_an_entity_is_named_by_no_secret(
    server: Server, fresh_name: str, entity_type: str, name: str
) -> None:
    request = memory_service_pb2.RecordFactRequest(
        context_id=fresh_name,
        scope=scope_pb2.Scope(dimensions={"user": "4111111111111111"}),
        entity=attribute_pb2.EntityRef(type=entity_type, name=name),
        key="color",
        value="red",
    )
    async with RawClient(server.endpoint, server.admin_key) as raw:
        assert await raw.outcome("RecordFact", request) == "INVALID_ARGUMENT/INVALID_FIELD"
        # A user may be called whatever the application chose.
        request.entity.type, request.entity.name = "Person", "4111111111111111"
        assert await raw.outcome("RecordFact", request) == "OK"
