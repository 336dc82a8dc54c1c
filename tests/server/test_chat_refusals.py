"""Chats that are refused, and faults that end a stream or a message."""

import re

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from spectron import Spectron
from spectron.v1 import chat_service_pb2 as pb
from tests.server.chat_room import Room, reason, seconds
from tests.server.chat_stream import begin, opened


@pytest.mark.parametrize(
    "frame",
    [
        {"user_message": pb.ChatUserMessage(message_id="m1", content="Hello.")},
        {"cancel": pb.ChatCancel(message_id="m1")},
        {},
    ],
)
async def test_the_first_frame_must_open_the_stream(room: Room, frame: dict[str, object]) -> None:
    stream = begin(room.channel, room.server.admin_key)
    await stream.send(**frame)
    code, details = await stream.ending()
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert "first frame" in details


@pytest.mark.parametrize("frame", [{"open": pb.ChatOpen(session_id="x")}, {}])
async def test_a_frame_out_of_order_ends_the_stream(room: Room, frame: dict[str, object]) -> None:
    stream = await room.opened()
    await stream.send(**frame)
    assert (await stream.ending())[0] == grpc.StatusCode.INVALID_ARGUMENT
    # Nothing is lost: the session takes the next stream.
    other = await room.opened()
    assert (await other.answered("m1", "Hello.", "Hi.")).response == "Hi."


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"top_k": 51}, "open.top_k"),
        ({"top_k": -1}, "open.top_k"),
        ({"history_limit": 201}, "open.history_limit"),
        ({"agent_timeout": seconds(601)}, "open.agent_timeout"),
        ({"agent_timeout": seconds(0)}, "open.agent_timeout"),
        ({"extraction_timeout": Duration(seconds=-1)}, "open.extraction_timeout"),
        ({"agent": 17}, "open.agent"),
    ],
)
async def test_bad_options_are_refused(room: Room, options: dict[str, object], field: str) -> None:
    stream = begin(room.channel, room.server.admin_key)
    await stream.send(
        open=pb.ChatOpen(
            session_id=room.session.id,
            context_id=room.context_id,
            **options,  # type: ignore[arg-type]
        )
    )
    code, details = await stream.ending()
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert field in details


async def test_a_server_without_a_chat_model_says_so(room: Room) -> None:
    stream = begin(room.channel, room.server.admin_key)
    await stream.send(
        open=pb.ChatOpen(
            session_id=room.session.id,
            context_id=room.context_id,
            agent=pb.CHAT_AGENT_SERVER,
        )
    )
    code, details = await stream.ending()
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert "SPECTRON_CHAT_URL" in details


async def test_sessions_of_others_are_out_of_reach(room: Room, fresh_name: str) -> None:
    other = await room.server.add_key(context_id=f"{fresh_name}-other", role="write")
    stream = begin(room.channel, other)
    await stream.send(open=pb.ChatOpen(session_id=room.session.id))
    assert (await stream.ending())[0] == grpc.StatusCode.NOT_FOUND
    reader = await room.server.add_key(context_id=room.context_id, role="read")
    stream = begin(room.channel, reader)
    await stream.send(open=pb.ChatOpen(session_id=room.session.id))
    assert (await stream.ending())[0] == grpc.StatusCode.PERMISSION_DENIED


async def test_a_revoked_key_ends_the_stream_at_the_next_message(
    room: Room, client: Spectron
) -> None:
    made = await client.admin.keys.create(context_id=room.context_id, role="write")
    stream = await opened(room.channel, made.secret, room.session.id)
    assert (await stream.answered("m1", "Hello.", "Hi.")).response == "Hi."
    await client.admin.keys.revoke(made.key.id)
    await stream.say("m2", "Are you there?")
    assert (await stream.ending())[0] == grpc.StatusCode.UNAUTHENTICATED


async def test_no_reply_is_recorded_for_a_key_that_has_ended(room: Room, client: Spectron) -> None:
    made = await client.admin.keys.create(context_id=room.context_id, role="write")
    stream = await opened(room.channel, made.secret, room.session.id)
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    await client.admin.keys.revoke(made.key.id)
    await stream.reply(call.call_id, "Hi.")
    assert reason(await stream.expect("failed")) == (16, "REVOKED_KEY")
    assert await room.turns() == [("user", "Hello.")]
    # Whoever has another key goes on where it ended.
    other = await room.opened()
    await other.say("m1", "Hello.")
    await other.expect("recorded")
    call = await other.expect("agent_call")
    await other.reply(call.call_id, "Hi.")
    await other.expect("recorded")
    assert (await other.expect("done")).response == "Hi."


async def test_a_closed_session_takes_no_message_but_tells_outcomes(room: Room) -> None:
    stream = await room.opened()
    await stream.answered("m1", "Hello.", "Hi.")
    await room.session.close()
    await stream.say("m2", "Are you there?")
    assert reason(await stream.expect("failed")) == (9, "SESSION_CLOSED")
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    assert (await stream.expect("done")).response == "Hi."


async def test_a_fault_of_the_server_fails_the_message_and_tells_where_to_look(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = await room.opened()
    with monkeypatch.context() as patch:

        async def broken(*_: object, **__: object) -> None:
            raise KeyError("what the user said")

        patch.setattr("spectron_server.service.retrieval.RetrievalService.context", broken)
        await stream.say("m1", "Hello.")
        await stream.expect("recorded")
        failed = await stream.expect("failed")
    assert reason(failed) == (13, "INTERNAL")
    assert re.search(r"request_id message:\w+", failed.failure.message)
    assert "what the user said" not in failed.failure.message
    assert (await stream.answered("m1", "Hello.", "Hi.")).response == "Hi."
