"""A message that is sent again, or that several streams wait for, and several at once."""

import grpc

from spectron.v1 import chat_service_pb2 as pb
from tests.server.chat_room import Room, reason


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
