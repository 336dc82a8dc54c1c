"""The Chat RPC on a real port: its order of frames, and what an agent may do to a message."""

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from spectron.v1 import chat_service_pb2 as pb
from spectron.v1 import turn_pb2
from spectron.v1.transfer_service_pb2_grpc import TransferServiceStub
from tests.server.chat_room import Room, reason, seconds
from tests.server.chat_stream import begin


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


async def test_what_is_learned_need_not_be_waited_for(room: Room) -> None:
    stream = await room.opened(extraction_timeout=Duration())
    done = await stream.answered("m1", "I live in Berlin.", "Noted.")
    assert done.response == "Noted."
    if done.extraction_status != turn_pb2.EXTRACTION_STATUS_DONE:
        assert not done.HasField("extraction")
