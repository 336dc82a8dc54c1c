from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest

from spectron import (
    AttributeStatus,
    Category,
    ChangeAction,
    ContextItemKind,
    EntityRef,
    ExtractionStatus,
    KeyRole,
    Role,
    SessionState,
    Spectron,
    UnknownReason,
    UnknownResolution,
    convert,
)
from spectron.v1 import (
    admin_pb2,
    attribute_pb2,
    memory_pb2,
    memory_service_pb2,
    scope_pb2,
    session_pb2,
    turn_pb2,
    unknown_pb2,
)
from tests.client.scripted import ScriptedServer

MOMENT = datetime(2024, 11, 15, 10, 25, 0, 123_456, tzinfo=UTC)


def stamp(minutes: int = 0) -> Any:
    return convert.time_to(MOMENT + timedelta(minutes=minutes), name="test")


def attribute(**changes: Any) -> attribute_pb2.Attribute:
    fields: dict[str, Any] = {
        "id": "attribute:1",
        "entity": attribute_pb2.EntityRef(type="Person", name="alice"),
        "category": attribute_pb2.CATEGORY_IDENTITY,
        "key": "location",
        "value": "London",
        "confidence": 0.9,
        "evidence": attribute_pb2.Evidence(turn_id="turn:1", start=3, end=9, quote="London"),
        "valid_from": stamp(1),
        "valid_until": stamp(2),
        "recorded_at": stamp(3),
        "last_validated_at": stamp(4),
        "supersedes": "attribute:0",
        "superseded_by": "attribute:2",
        "status": attribute_pb2.ATTRIBUTE_STATUS_SUPERSEDED,
        "scope": scope_pb2.Scope(dimensions={"user": "alice"}),
    }
    return attribute_pb2.Attribute(**(fields | changes))


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        (Category, attribute_pb2.Category),
        (AttributeStatus, attribute_pb2.AttributeStatus),
        (Role, turn_pb2.Role),
        (ExtractionStatus, turn_pb2.ExtractionStatus),
        (ChangeAction, turn_pb2.ChangeAction),
        (SessionState, session_pb2.SessionState),
        (ContextItemKind, memory_pb2.ContextItemKind),
        (UnknownReason, unknown_pb2.UnknownReason),
        (UnknownResolution, unknown_pb2.UnknownResolution),
        (KeyRole, admin_pb2.KeyRole),
    ],
)
def test_string_enums_hold_what_the_api_defines(kind: type[StrEnum], wire: Any) -> None:
    assert len(kind) == len(wire.DESCRIPTOR.values)
    for value in wire.DESCRIPTOR.values:
        member = convert.kind_of(kind, wire, value.number)
        assert convert.kind_to(kind, wire, member, name="test") == value.number
        assert value.name.endswith(f"_{member.value.upper()}")
    assert convert.kind_of(kind, wire, 9_999) == "unspecified"
    assert convert.kind_to(kind, wire, None, name="test") == 0


def test_an_attribute_keeps_every_field() -> None:
    found = convert.attribute_of(attribute())
    assert found.entity == EntityRef(type="Person", name="alice")
    assert found.entity.id == 'entity:["Person", "alice"]'
    assert found.category == "identity"
    assert (found.id, found.key, found.value) == ("attribute:1", "location", "London")
    assert found.confidence == 0.9
    assert found.evidence is not None
    assert (found.evidence.start, found.evidence.end, found.evidence.quote) == (3, 9, "London")
    assert found.source_turn == "turn:1"
    times = (found.valid_from, found.valid_until, found.recorded_at, found.last_validated_at)
    assert times == tuple(MOMENT + timedelta(minutes=each) for each in (1, 2, 3, 4))
    assert all(each is not None and each.tzinfo is UTC for each in times)
    assert (found.supersedes, found.superseded_by) == ("attribute:0", "attribute:2")
    assert found.status == "superseded"
    assert found.scope == {"user": "alice"}


def test_absent_fields_of_an_attribute_are_none() -> None:
    message = attribute(supersedes="", superseded_by="")
    message.ClearField("evidence")
    message.ClearField("valid_until")
    found = convert.attribute_of(message)
    assert found.evidence is None
    assert found.source_turn is None
    assert found.valid_until is None
    assert found.supersedes is None
    assert found.superseded_by is None


def test_a_diff_sorts_its_changes_by_what_they_did() -> None:
    actions = (
        turn_pb2.CHANGE_ACTION_UPDATED,
        turn_pb2.CHANGE_ACTION_ADDED,
        turn_pb2.CHANGE_ACTION_CONFIRMED,
        turn_pb2.CHANGE_ACTION_EXPIRED,
        turn_pb2.CHANGE_ACTION_BACKFILLED,
    )
    message = turn_pb2.ExtractionDiff(
        changes=[
            turn_pb2.AttributeChange(
                action=action,
                attribute=attribute(value=str(action)),
                previous_value="Berlin" if action == turn_pb2.CHANGE_ACTION_UPDATED else None,
            )
            for action in actions
        ],
        unknowns_raised=[unknown_pb2.Unknown(id="unknown:1")],
        unknowns_resolved=[unknown_pb2.Unknown(id="unknown:2", resolved=True)],
    )
    diff = convert.diff_of(message)
    assert len(diff.changes) == 5
    [updated] = diff.updated
    assert (updated.key, updated.value, updated.previous_value) == ("location", "2", "Berlin")
    assert (updated.category, updated.entity.name) == ("identity", "alice")
    assert updated.valid_from == MOMENT + timedelta(minutes=1)
    assert [each.value for each in diff.added] == ["1"]
    assert [each.value for each in diff.confirmed] == ["3"]
    assert [each.value for each in diff.expired] == ["4"]
    assert [each.value for each in diff.backfilled] == ["5"]
    assert diff.added[0].previous_value is None
    assert [each.id for each in diff.unknowns] == ["unknown:1"]
    assert [each.id for each in diff.unknowns_resolved] == ["unknown:2"]


def test_an_unknown_keeps_every_field() -> None:
    found = convert.unknown_of(
        unknown_pb2.Unknown(
            id="unknown:1",
            entity=attribute_pb2.EntityRef(type="Person", name="alice"),
            about="location",
            value="Lisbon",
            reason=unknown_pb2.UNKNOWN_REASON_HEDGED,
            evidence=attribute_pb2.Evidence(turn_id="turn:1", quote="might move to Lisbon"),
            raised_at=stamp(1),
            recorded_at=stamp(2),
            resolved=True,
            resolution=unknown_pb2.UNKNOWN_RESOLUTION_DISMISSED,
            resolved_at=stamp(3),
            scope=scope_pb2.Scope(dimensions={"user": "alice"}),
            conflicts_with="attribute:1",
            category=attribute_pb2.CATEGORY_IDENTITY,
        )
    )
    assert (found.about, found.value, found.reason) == ("location", "Lisbon", "hedged")
    assert found.evidence is not None
    assert found.evidence.quote == "might move to Lisbon"
    assert (found.resolved, found.resolution) == (True, "dismissed")
    assert found.resolved_at == MOMENT + timedelta(minutes=3)
    assert (found.conflicts_with, found.category) == ("attribute:1", "identity")
    assert found.scope == {"user": "alice"}


def test_context_items_are_facts_or_turns() -> None:
    message = memory_service_pb2.GetContextResponse(
        items=[
            memory_pb2.ContextItem(
                kind=memory_pb2.CONTEXT_ITEM_KIND_FACT,
                text="alice lives in London",
                score=0.5,
                attribute=attribute(),
                observed_at=stamp(),
            ),
            memory_pb2.ContextItem(
                kind=memory_pb2.CONTEXT_ITEM_KIND_TURN,
                text="I moved to London",
                source_turn="turn:1",
                session_id="session:1",
                role="user",
            ),
            memory_pb2.ContextItem(role="oracle"),
        ],
        formatted="...",
        revision=7,
    )
    result = convert.context_of(message)
    fact, turn, strange = result.items
    assert (fact.kind, fact.role, fact.source_turn) == ("fact", None, None)
    assert fact.attribute is not None
    assert fact.attribute.value == "London"
    assert fact.observed_at == MOMENT
    assert (turn.kind, turn.role, turn.attribute) == ("turn", "user", None)
    assert (turn.source_turn, turn.session_id) == ("turn:1", "session:1")
    assert (strange.kind, strange.role) == ("unspecified", "unspecified")
    assert (result.formatted, result.revision) == ("...", 7)


def test_times_with_a_zone_become_utc() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    moment = datetime(2024, 1, 1, 5, 30, tzinfo=zone)
    message = convert.time_to(moment, name="test")
    assert message is not None
    assert convert.time_of(message) == datetime(2024, 1, 1, tzinfo=UTC)
    assert convert.time_to(None, name="test") is None


async def test_times_without_a_zone_are_refused_by_name(client: Spectron) -> None:
    naive = datetime(2024, 1, 1)  # noqa: DTZ001 -- the point of the test.
    memory = client.memory("c")
    session = memory.sessions.open("session:1")
    with pytest.raises(ValueError, match="observed_at must be timezone-aware"):
        await session.turn("user", "hello", observed_at=naive)
    with pytest.raises(ValueError, match="as_of must be timezone-aware"):
        await memory.profile({}, as_of=naive)
    with pytest.raises(ValueError, match="as_of must be timezone-aware"):
        await session.context("hello", as_of=naive)
    with pytest.raises(ValueError, match="valid_from must be timezone-aware"):
        await memory.record_fact({}, "employer", "Acme", valid_from=naive)
    with pytest.raises(ValueError, match="expires_at must be timezone-aware"):
        await client.admin.keys.create(role="read", expires_at=naive)


async def test_words_that_are_no_kind_are_refused_with_the_choices(client: Spectron) -> None:
    memory = client.memory("c")
    with pytest.raises(ValueError, match="role must be one of 'user', 'assistant'"):
        await memory.sessions.open("session:1").turn("human", "hello")
    with pytest.raises(ValueError, match="category must be one of 'identity'"):
        await memory.forget({}, category="everything")
    with pytest.raises(ValueError, match="state must be one of 'open', 'closed'"):
        await memory.sessions.list(scope={}, state="ajar")


async def test_a_scope_of_something_else_than_strings_is_refused(client: Spectron) -> None:
    scope: Mapping[str, Any] = {"user": None}
    with pytest.raises(TypeError, match=r"scope\['user'\] must be a string, not NoneType"):
        await client.memory("c").profile(scope)


async def test_what_is_left_out_is_left_to_the_server(
    client: Spectron, scripted: ScriptedServer
) -> None:
    memory = client.memory()
    await memory.context("hello", scope={})
    await memory.sessions.open("session:1").context("hello", top_k=3, include_history=True)
    await memory.record_fact({"user": "alice"}, "employer", "Acme")
    await memory.record_fact({}, "role", "vet", entity_type="Person", entity_name="Aoife")
    scoped, in_session = (call.requests[0] for call in scripted.calls("GetContext"))
    assert scoped.context_id == ""
    assert scoped.WhichOneof("target") == "scope"
    assert (scoped.top_k, scoped.max_tokens, scoped.HasField("as_of")) == (0, 0, False)
    assert in_session.WhichOneof("target") == "session_id"
    assert (in_session.top_k, in_session.include_history) == (3, True)
    plain, named = (call.requests[0] for call in scripted.calls("RecordFact"))
    assert not plain.HasField("entity")
    assert not plain.HasField("confidence")
    assert not plain.HasField("valid_from")
    assert plain.category == attribute_pb2.CATEGORY_UNSPECIFIED
    assert (named.entity.type, named.entity.name) == ("Person", "Aoife")
