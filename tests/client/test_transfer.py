from collections.abc import AsyncIterator

import grpc
import pytest

from spectron import RecordKind, Spectron, SpectronError, TransferRecord, errors
from spectron.v1 import attribute_pb2, turn_pb2
from spectron.v1.transfer_service_pb2 import (
    ExportContextResponse,
    ImportContextResponse,
)
from spectron.v1.transfer_service_pb2 import (
    TransferRecord as WireRecord,
)
from tests.client.scripted import Failure, ScriptedServer


def wire_records() -> list[WireRecord]:
    session, turn, attribute, unknown = WireRecord(), WireRecord(), WireRecord(), WireRecord()
    session.session.id = "session:1"
    session.session.scope.dimensions["user"] = "zoë"
    turn.turn.turn.id = "turn:1"
    turn.turn.turn.content = "Ich wohne in Köln"
    turn.turn.turn.sequence = 1
    turn.turn.turn.observed_at.FromJsonString("2024-11-15T10:23:00.123456Z")
    turn.turn.extraction.status = turn_pb2.EXTRACTION_STATUS_DONE
    attribute.attribute.id = "attribute:1"
    attribute.attribute.confidence = 0.1 + 0.2
    attribute.attribute.category = attribute_pb2.CATEGORY_IDENTITY
    unknown.unknown.id = "unknown:1"
    return [session, turn, attribute, unknown]


def scripted_export(scripted: ScriptedServer) -> None:
    scripted.answer(
        "ExportContext", [ExportContextResponse(record=each) for each in wire_records()]
    )


async def test_an_export_through_a_file_comes_back_the_same(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted_export(scripted)
    lines = [each.to_json() async for each in client.memory("old").export()]
    assert all("\n" not in line for line in lines)
    assert "Köln" in lines[1]
    scripted.answer("ImportContext", ImportContextResponse(session_count=1, turn_count=1))
    receipt = await client.memory("new").import_(map(TransferRecord.from_json, lines))
    assert (receipt.session_count, receipt.turn_count) == (1, 1)
    [call] = scripted.calls("ImportContext")
    assert call.requests[0].context_id == "new"
    assert not call.requests[0].HasField("record")
    assert [each.record for each in call.requests[1:]] == wire_records()


async def test_records_have_kinds(client: Spectron, scripted: ScriptedServer) -> None:
    scripted_export(scripted)
    kinds = [each.kind async for each in client.memory("c").export()]
    assert kinds == ["session", "turn", "attribute", "unknown"]


async def test_an_export_flows_into_an_import(client: Spectron, scripted: ScriptedServer) -> None:
    scripted_export(scripted)
    await client.memory("new").import_(client.memory("old").export())
    [call] = scripted.calls("ImportContext")
    assert [each.record for each in call.requests[1:]] == wire_records()


async def test_an_unknown_kind_of_record_is_not_left_out_in_silence(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted.answer("ExportContext", [ExportContextResponse(record=WireRecord())])
    with pytest.raises(SpectronError, match="upgrade the client"):
        await anext(client.memory("c").export())


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "{}", '{"cat": {}}', '{"turn": 1}', '{"turn": {}, "session": {}}']
)
def test_lines_that_are_no_records_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"record|JSON"):
        TransferRecord.from_json(line)


async def test_a_malformed_record_is_named_and_stops_the_import(
    client: Spectron, scripted: ScriptedServer
) -> None:
    records = [
        TransferRecord(kind=RecordKind.SESSION, fields={"id": "session:1"}),
        TransferRecord(kind=RecordKind.TURN, fields={"colour": "red"}),
    ]
    with pytest.raises(ValueError, match="record 2 is malformed"):
        await client.memory("c").import_(records)
    # The call was cancelled, so the server never saw a whole import.
    assert scripted.calls("ImportContext") == []


async def test_an_error_of_the_source_reaches_the_caller(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def source() -> AsyncIterator[TransferRecord]:
        yield TransferRecord(kind=RecordKind.SESSION, fields={"id": "session:1"})
        raise OSError("disk on fire")

    with pytest.raises(OSError, match="disk on fire"):
        await client.memory("c").import_(source())
    assert scripted.calls("ImportContext") == []


async def test_a_refused_import_says_why(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.answer(
        "ImportContext",
        Failure(code=grpc.StatusCode.FAILED_PRECONDITION, reason="CONTEXT_NOT_EMPTY"),
    )
    with pytest.raises(errors.FailedPrecondition) as caught:
        await client.memory("c").import_([])
    assert caught.value.reason == "CONTEXT_NOT_EMPTY"


async def test_a_refusal_half_way_is_the_servers_not_a_broken_pipe(
    client: Spectron, scripted: ScriptedServer
) -> None:
    # An unauthenticated call is refused before the server reads any record.
    scripted.refuse_streams = Failure(code=grpc.StatusCode.UNAUTHENTICATED, reason="INVALID_KEY")
    record = TransferRecord(kind=RecordKind.SESSION, fields={"id": "x" * 10_000})
    with pytest.raises(errors.Unauthenticated):
        await client.memory("c").import_([record] * 2_000)
