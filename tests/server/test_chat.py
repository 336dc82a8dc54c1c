"""The Chat RPC on a real port: its order of frames, and every fault that its comments name."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from spectron import Memory, Session, Spectron
from spectron.v1 import chat_service_pb2 as pb
from spectron.v1 import turn_pb2
from spectron.v1.error_reason_pb2 import ErrorReason
from spectron.v1.transfer_service_pb2_grpc import TransferServiceStub
from tests.conftest import Server
from tests.server.chat_stream import ChatStream, begin, channel_to, opened


@dataclass(frozen=True, kw_only=True)
class Room:
    """A session, and how to reach it."""

    server: Server
    channel: grpc.aio.Channel
    context_id: str
    memory: Memory
    session: Session

    async def opened(self, **options: object) -> ChatStream:
        return await opened(
            self.channel,
            self.server.admin_key,
            self.session.id,
            context_id=self.context_id,
            **options,
        )

    async def turns(self) -> list[tuple[str, str]]:
        return [(turn.role.value, turn.content) for turn in await self.session.history()]


@pytest.fixture
async def room(server: Server, client: Spectron, fresh_name: str) -> AsyncIterator[Room]:
    memory = client.memory(context_id=fresh_name)
    session = await memory.sessions.create(scope={"org": "acme", "user": "alice"})
    async with channel_to(server.endpoint) as channel:
        yield Room(
            server=server,
            channel=channel,
            context_id=fresh_name,
            memory=memory,
            session=session,
        )


def seconds(value: float) -> Duration:
    return Duration(seconds=int(value), nanos=int(value % 1 * 1e9))


def reason(failed: pb.ChatFailed) -> tuple[int, str]:
    name = ErrorReason.Name(failed.failure.reason)
    return failed.failure.code, name.removeprefix("ERROR_REASON_")


async def test_a_message_goes_through_its_states(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "I live in Berlin.")
    recorded = await stream.expect("recorded")
    assert [(turn.role, turn.content) for turn in recorded.turns] == [
        (turn_pb2.ROLE_USER, "I live in Berlin.")
    ]
    call = await stream.expect("agent_call")
    assert (call.call_id, call.message_id, call.timeout.seconds) == ("m1/1", "m1", 60)
    assert [(each.role, each.content, dict(each.metadata)) for each in call.messages] == [
        ("user", "I live in Berlin.", {"org_id": "acme", "user_id": "alice"})
    ]
    await stream.reply(call.call_id, "Noted.")
    recorded = await stream.expect("recorded")
    assert [(turn.role, turn.content) for turn in recorded.turns] == [
        (turn_pb2.ROLE_ASSISTANT, "Noted.")
    ]
    done = await stream.expect("done")
    assert (done.message_id, done.response) == ("m1", "Noted.")
    assert done.extraction_status == turn_pb2.EXTRACTION_STATUS_DONE
    [change] = done.extraction.changes
    assert (change.attribute.key, change.attribute.value) == ("location", "Berlin")
    assert done.session.turn_count == 2


async def test_the_next_call_knows_what_was_learned_and_said(room: Room) -> None:
    stream = await room.opened()
    await stream.answered("m1", "I live in Berlin.", "Noted.")
    await stream.answered("m2", "I just moved from Berlin to London.", "Good.")
    await stream.say("m3", "Where do I live?")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    assert [each.content for each in call.messages] == [
        "I live in Berlin.",
        "Noted.",
        "I just moved from Berlin to London.",
        "Good.",
        "Where do I live?",
    ]
    assert "London" in call.profile.summary
    assert "London" in call.system_prompt
    # The conversation is handed over as messages; the context does not repeat it.
    handed = {turn.id for turn in await room.session.history()}
    assert not handed & {item.source_turn for item in call.context if item.role}


async def test_the_history_is_as_long_as_asked_for(room: Room) -> None:
    stream = await room.opened(history_limit=2)
    for number in range(3):
        await stream.answered(f"m{number}", f"Message {number}.", f"Reply {number}.")
    await stream.say("m3", "Message 3.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    assert [each.content for each in call.messages] == ["Message 2.", "Reply 2.", "Message 3."]


async def test_forgotten_turns_are_not_handed_to_the_agent(room: Room) -> None:
    stream = await room.opened()
    await stream.answered("m1", "I work at Globex.", "Noted.")
    await room.memory.forget(
        scope={"org": "acme", "user": "alice"},
        entity_type="Person",
        entity_name="alice",
        attribute_key="employer",
    )
    await stream.say("m2", "Where do I work?")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    assert "Globex" not in str(call)


async def test_deltas_make_a_reply(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    for text in ("Good ", "morning", "."):
        await stream.delta(call.call_id, text)
    await stream.reply(call.call_id)
    await stream.expect("recorded")
    assert (await stream.expect("done")).response == "Good morning."


async def test_an_answer_may_come_before_its_call(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.reply("m1/1", "Good morning.")
    await stream.call.done_writing()
    kinds = []
    while (frame := await stream.call.read()) is not grpc.aio.EOF:
        kinds.append(frame.WhichOneof("frame"))
    assert kinds == ["recorded", "agent_call", "recorded", "done"]
    assert await stream.ending() == (grpc.StatusCode.OK, "")


async def test_a_failing_agent_fails_its_message_alone(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    await stream.send(
        agent_failure=pb.ChatAgentFailure(
            call_id=call.call_id, failure=pb.ChatFailure(message="ValueError was raised.")
        )
    )
    failed = await stream.expect("failed")
    assert failed.message_id == "m1"
    assert reason(failed) == (10, "AGENT_FAILED")
    assert "ValueError was raised." in failed.failure.message
    assert await room.turns() == [("user", "Hello.")]
    done = await stream.answered("m2", "Are you there?", "Yes.")
    assert done.response == "Yes."


async def test_a_failed_message_goes_on_when_sent_again(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    await stream.send(agent_failure=pb.ChatAgentFailure(call_id=call.call_id))
    await stream.expect("failed")
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    again = await stream.expect("agent_call")
    assert again.call_id == "m1/2"
    # What still comes for the call that failed is dropped.
    await stream.reply("m1/1", "Late.")
    await stream.reply("m1/2", "Hi.")
    await stream.expect("recorded")
    assert (await stream.expect("done")).response == "Hi."
    assert await room.turns() == [("user", "Hello."), ("assistant", "Hi.")]


async def test_an_agent_that_never_answers_is_timed_out(room: Room) -> None:
    stream = await room.opened(agent_timeout=seconds(0.2))
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    await stream.expect("agent_call")
    failed = await stream.expect("failed")
    assert reason(failed) == (4, "AGENT_TIMEOUT")
    assert await room.turns() == [("user", "Hello.")]


async def test_an_agent_that_streams_and_then_dies_is_timed_out(room: Room) -> None:
    stream = await room.opened(agent_timeout=seconds(0.3))
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    await stream.delta(call.call_id, "Good ")
    assert reason(await stream.expect("failed")) == (4, "AGENT_TIMEOUT")
    assert await room.turns() == [("user", "Hello.")]


async def test_a_second_answer_is_dropped(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    await stream.reply(call.call_id, "First.")
    await stream.reply(call.call_id, "Second.")
    await stream.expect("recorded")
    assert (await stream.expect("done")).response == "First."
    await stream.reply(call.call_id, "Third.")
    done = await stream.answered("m2", "And now?", "Yes.")
    assert done.response == "Yes."
    assert len(await room.turns()) == 4


@pytest.mark.parametrize(
    "call_id", ["m9/1", "m1/2", "m1/0", "m1/01", "m1", "", "m1/x", "m1/²", "m1/" + "9" * 5_000]
)
async def test_an_answer_to_a_call_that_never_was_changes_nothing(room: Room, call_id: str) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    await stream.reply(call_id, "Nonsense.")
    failed = await stream.expect("failed")
    assert failed.message_id == ""
    assert reason(failed) == (3, "INVALID_FRAME")
    await stream.reply(call.call_id, "Hi.")
    await stream.expect("recorded")
    assert (await stream.expect("done")).response == "Hi."


@pytest.mark.parametrize("content", ["x" * 32_769, "", "a\0b"])
async def test_a_reply_that_cannot_become_a_turn_fails(room: Room, content: str) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    await stream.reply(call.call_id, content)
    assert reason(await stream.expect("failed")) == (10, "AGENT_FAILED")


async def test_deltas_are_bounded(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    for _ in range(5):
        await stream.delta(call.call_id, "x" * 8_192)
    assert reason(await stream.expect("failed")) == (10, "AGENT_FAILED")


@pytest.mark.parametrize(
    ("message_id", "content", "named"),
    [("", "Hello.", ""), ("é", "Hello.", ""), ("x" * 129, "Hello.", ""), ("m1", " ", "m1")],
)
async def test_a_bad_message_fails_and_the_stream_goes_on(
    room: Room, message_id: str, content: str, named: str
) -> None:
    stream = await room.opened()
    await stream.say(message_id, content)
    failed = await stream.expect("failed")
    assert failed.message_id == named
    assert reason(failed) == (3, "INVALID_FIELD")
    assert (await stream.answered("m2", "Hello.", "Hi.")).response == "Hi."


async def test_a_bad_frame_for_a_message_under_way_does_not_end_it(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    await stream.say("m1", " ")
    failed = await stream.expect("failed")
    assert (failed.message_id, *reason(failed)) == ("", 3, "INVALID_FIELD")
    await stream.reply(call.call_id, "Hi.")
    await stream.expect("recorded")
    assert (await stream.expect("done")).response == "Hi."


async def test_a_call_under_way_is_never_forgotten(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spectron_server.service.chat._MAX_REMEMBERED", 4)
    stream = await room.opened(extraction_timeout=Duration())
    await stream.say("slow", "Think about it.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    for number in range(10):
        await stream.say(f"m{number}", "Hello.")
        await stream.send(cancel=pb.ChatCancel(message_id=f"m{number}"))
        while (await stream.read()).WhichOneof("frame") != "failed":
            pass
    await stream.reply(call.call_id, "I have thought.")
    await stream.expect("recorded")
    assert (await stream.expect("done")).response == "I have thought."


async def test_strangers_and_the_silent_hold_no_stream(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = begin(room.channel, "sk-nobody")
    assert (await stranger.ending())[0] == grpc.StatusCode.UNAUTHENTICATED
    monkeypatch.setattr("spectron_server.rpc.calls.STREAM_IDLE_S", 0.2)
    silent = begin(room.channel, room.server.admin_key)
    assert (await silent.ending())[0] == grpc.StatusCode.DEADLINE_EXCEEDED
    for key, code in (
        ("sk-nobody", grpc.StatusCode.UNAUTHENTICATED),
        (room.server.admin_key, grpc.StatusCode.DEADLINE_EXCEEDED),
    ):
        metadata = (("authorization", f"Bearer {key}"),)
        upload = TransferServiceStub(room.channel).ImportContext(metadata=metadata)
        assert await upload.code() == code


async def test_the_same_message_again_brings_the_recorded_outcome(room: Room) -> None:
    stream = await room.opened()
    first = await stream.answered("m1", "I live in Berlin.", "Noted.")
    for again in (stream, await room.opened()):
        await again.say("m1", "I live in Berlin.")
        recorded = await again.expect("recorded")
        assert [turn.content for turn in recorded.turns] == ["I live in Berlin.", "Noted."]
        done = await again.expect("done")
        assert (done.response, done.extraction) == (first.response, first.extraction)
    assert len(await room.turns()) == 2


async def test_a_message_id_names_one_content(room: Room) -> None:
    stream = await room.opened()
    await stream.answered("m1", "Hello.", "Hi.")
    await stream.say("m1", "Goodbye.")
    failed = await stream.expect("failed")
    assert (failed.message_id, *reason(failed)) == ("m1", 6, "MESSAGE_ID_REUSED")
    await stream.say("m2", "Hello.")
    await stream.expect("recorded")
    call = await stream.expect("agent_call")
    # Under way on the same stream: the failure is the frame's, the message goes on.
    await stream.say("m2", "Goodbye.")
    failed = await stream.expect("failed")
    assert (failed.message_id, *reason(failed)) == ("", 6, "MESSAGE_ID_REUSED")
    other = await room.opened()
    await other.say("m2", "Goodbye.")
    failed = await other.expect("failed")
    assert (failed.message_id, *reason(failed)) == ("m2", 6, "MESSAGE_ID_REUSED")
    await stream.reply(call.call_id, "Hi.")
    await stream.expect("recorded")
    assert (await stream.expect("done")).message_id == "m2"


async def test_a_client_that_vanishes_comes_back_to_the_same_message(room: Room) -> None:
    first = await room.opened()
    await first.say("m1", "I live in Berlin.")
    await first.expect("recorded")
    await first.expect("agent_call")
    first.call.cancel()
    second = await room.opened()
    await second.say("m1", "I live in Berlin.")
    await second.expect("recorded")
    call = await second.expect("agent_call")
    await second.reply(call.call_id, "Noted.")
    await second.expect("recorded")
    done = await second.expect("done")
    assert done.response == "Noted."
    assert await room.turns() == [("user", "I live in Berlin."), ("assistant", "Noted.")]


async def test_a_stream_that_joined_takes_the_call_over(room: Room) -> None:
    first = await room.opened()
    await first.say("m1", "Hello.")
    await first.expect("recorded")
    await first.expect("agent_call")
    second = await room.opened()
    await second.say("m1", "Hello.")
    await second.expect("recorded")
    # The first stream's agent is still at work: the second is asked only once that has left.
    first.call.cancel()
    call = await second.expect("agent_call")
    await second.reply(call.call_id, "Hi.")
    await second.expect("recorded")
    assert (await second.expect("done")).response == "Hi."
    assert len(await room.turns()) == 2


async def test_both_streams_of_a_message_get_its_outcome(room: Room) -> None:
    first = await room.opened()
    await first.say("m1", "Hello.")
    await first.expect("recorded")
    call = await first.expect("agent_call")
    second = await room.opened()
    await second.say("m1", "Hello.")
    await second.expect("recorded")
    await first.reply(call.call_id, "Hi.")
    for stream in (first, second):
        await stream.expect("recorded")
        assert (await stream.expect("done")).response == "Hi."


async def test_a_reply_outlives_the_client_that_sent_it(room: Room) -> None:
    first = await room.opened()
    await first.say("m1", "Hello.")
    await first.expect("recorded")
    call = await first.expect("agent_call")
    await first.reply(call.call_id, "Hi.")
    await first.expect("recorded")
    first.call.cancel()
    second = await room.opened()
    await second.say("m1", "Hello.")
    while (frame := await second.read()).WhichOneof("frame") != "done":
        assert frame.WhichOneof("frame") == "recorded"
    assert frame.done.response == "Hi."


async def test_a_cancelled_message_fails_and_can_be_sent_again(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    await stream.expect("agent_call")
    await stream.send(cancel=pb.ChatCancel(message_id="m1"))
    assert reason(await stream.expect("failed")) == (1, "MESSAGE_CANCELLED")
    await stream.send(cancel=pb.ChatCancel(message_id="m1"))
    await stream.send(cancel=pb.ChatCancel(message_id="never"))
    assert (await stream.answered("m1", "Hello.", "Hi.")).response == "Hi."
    assert len(await room.turns()) == 2


async def test_several_messages_are_under_way_and_keep_their_order(room: Room) -> None:
    stream = await room.opened()
    for number in range(9):
        await stream.say(f"m{number}", f"Message {number}.")
    calls: dict[str, str] = {}
    failures = []
    while len(calls) < 8:
        frame = await stream.read()
        if frame.WhichOneof("frame") == "agent_call":
            calls[frame.agent_call.message_id] = frame.agent_call.call_id
        elif frame.WhichOneof("frame") == "failed":
            failures.append((frame.failed.message_id, *reason(frame.failed)))
    assert failures == [("m8", 8, "OVERLOADED")]
    # The last is answered first.
    for number in reversed(range(8)):
        await stream.reply(calls[f"m{number}"], f"Reply {number}.")
    done: dict[str, str] = {}
    while len(done) < 8:
        frame = await stream.read()
        if frame.WhichOneof("frame") == "done":
            done[frame.done.message_id] = frame.done.response
    assert done == {f"m{number}": f"Reply {number}." for number in range(8)}
    said = [content for role, content in await room.turns() if role == "user"]
    assert said == [f"Message {number}." for number in range(8)]


async def test_half_close_ends_what_waits_for_an_answer(room: Room) -> None:
    stream = await room.opened()
    await stream.say("m1", "Hello.")
    await stream.expect("recorded")
    await stream.expect("agent_call")
    await stream.call.done_writing()
    assert reason(await stream.expect("failed")) == (10, "AGENT_FAILED")
    assert (await stream.ending())[0] == grpc.StatusCode.OK


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


async def test_what_is_learned_need_not_be_waited_for(room: Room) -> None:
    stream = await room.opened(extraction_timeout=Duration())
    done = await stream.answered("m1", "I live in Berlin.", "Noted.")
    assert done.response == "Noted."
    if done.extraction_status != turn_pb2.EXTRACTION_STATUS_DONE:
        assert not done.HasField("extraction")
