"""The client's side of the Chat RPC, against a server that plays its part by a script."""

import asyncio
from typing import Any

import grpc
import pytest

from spectron import (
    AgentCall,
    ChatDelta,
    ChatDone,
    ChatRecorded,
    Spectron,
    SpectronError,
    errors,
)
from spectron.v1.chat_service_pb2 import CHAT_AGENT_CLIENT, CHAT_AGENT_SERVER
from tests.client.chat_scripts import (
    Peer,
    answer_one,
    delta,
    done,
    failed,
    obliging,
    recorded,
    turn,
)
from tests.client.chatting import chatting, collected, hello, pieces
from tests.client.conftest import QUICK_RETRY
from tests.client.scripted import Failure, ScriptedServer


async def test_a_message_is_answered_by_the_agent(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def script(peer: Peer) -> None:
        opening = await peer.open()
        assert (opening.context_id, opening.session_id) == ("c", "session:1")
        assert opening.agent == CHAT_AGENT_CLIENT
        assert (opening.top_k, opening.history_limit) == (5, 7)
        assert opening.agent_timeout.ToTimedelta().total_seconds() == 1.5
        assert opening.extraction_timeout.ToTimedelta().total_seconds() == 0
        said = await peer.expect("user_message")
        assert said.content == "hi"
        await peer.send(recorded(said.message_id, turn(1, "hi")))
        await peer.call(said.message_id, system_prompt="Known: Alice.")
        reply = await peer.expect("agent_reply")
        assert reply.call_id == f"{said.message_id}/1"
        await peer.send(recorded(said.message_id, turn(2, reply.content)))
        await peer.send(done(said.message_id, reply.content, extraction_status=1))
        assert await peer.read() is None

    scripted.chats = [script]
    session = chatting(
        client, hello, top_k=5, history_limit=7, agent_timeout_s=1.5, extraction_timeout_s=0
    )
    result = await session.chat(content="hi")
    assert result.response == "hello alice"
    assert result.extraction.changes == ()
    assert result.extraction_status == "pending"
    assert (result.session.id, result.session.turn_count) == ("session:1", 2)
    assert [(each.role, each.content) for each in result.turns] == [
        ("user", "hi"),
        ("assistant", "hello alice"),
    ]
    assert session.info == result.session
    await session.aclose()


async def test_pieces_come_as_events_and_go_as_frames(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def script(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(recorded(said.message_id, turn(1, "hi")))
        await peer.call(said.message_id)
        await peer.send(done(said.message_id, await peer.reply()))
        kinds = {each.WhichOneof("frame") for each in peer.frames}
        assert "agent_delta" in kinds
        assert peer.frames[-1].agent_reply.content == ""

    scripted.chats = [script]
    events = await collected(chatting(client, pieces).chat_stream(content="hi"))
    assert isinstance(events[0], ChatRecorded)
    assert isinstance(events[-1], ChatDone)
    assert "".join(each.text for each in events if isinstance(each, ChatDelta)) == "hello alice"
    assert events[-1].result.response == "hello alice"


async def test_without_an_agent_the_server_answers_and_streams(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def script(peer: Peer) -> None:
        assert (await peer.open()).agent == CHAT_AGENT_SERVER
        said = await peer.expect("user_message")
        await peer.send(delta(said.message_id, "I "), delta(said.message_id, "see."))
        await peer.send(done(said.message_id, "I see."))

    scripted.chats = [script]
    events = await collected(chatting(client).chat_stream("hi", message_id="m1"))
    assert "".join(each.text for each in events if isinstance(each, ChatDelta)) == "I see."
    assert scripted.peers[0].frames[1].user_message.message_id == "m1"


async def test_without_an_agent_and_a_model_there_is_an_error_of_its_own(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def script(peer: Peer) -> None:
        await peer.expect("open")
        refusal = Failure(
            code=grpc.StatusCode.FAILED_PRECONDITION, reason="NO_CHAT_MODEL", message="None here."
        )
        await refusal.abort(peer.context)

    scripted.chats = [script]
    session = chatting(client)
    for _ in range(2):
        with pytest.raises(errors.NoChatModel, match="None here"):
            await session.chat("hi")


async def test_many_messages_share_one_stream_with_eight_under_way(
    client: Spectron, scripted: ScriptedServer
) -> None:
    under_way, most = 0, 0

    async def script(peer: Peer) -> None:
        nonlocal under_way, most
        await peer.open()
        while frame := await peer.read():
            if frame.HasField("user_message"):
                under_way += 1
                most = max(most, under_way)
                await peer.call(frame.user_message.message_id)
            else:
                under_way -= 1
                message_id = frame.agent_reply.call_id.rpartition("/")[0]
                await peer.send(done(message_id, frame.agent_reply.content))

    scripted.chats = [script]
    gathered = asyncio.Barrier(8)

    async def agent(_messages: list[dict[str, str]], call: AgentCall) -> str:
        await gathered.wait()
        return call.message_id

    session = chatting(client, agent)
    ids = [f"m{number}" for number in range(40)]
    results = await asyncio.gather(*(session.chat("hi", message_id=each) for each in ids))
    assert [each.response for each in results] == ids
    assert most == 8
    assert len(scripted.peers) == 1
    sent = [each.user_message.message_id for each in scripted.peers[0].frames]
    assert [each for each in sent if each] == ids


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (4, "AGENT_TIMEOUT", errors.AgentTimeout),
        (1, "MESSAGE_CANCELLED", errors.MessageCancelled),
        (6, "MESSAGE_ID_REUSED", errors.AlreadyExists),
        (9, "SESSION_CLOSED", errors.SessionClosed),
        (3, "INVALID_FIELD", errors.InvalidArgument),
        (13, "INTERNAL", errors.Internal),
        (99, "UNSPECIFIED", SpectronError),
    ],
)
async def test_a_failed_message_raises_its_error(
    client: Spectron, scripted: ScriptedServer, code: int, reason: str, kind: type[SpectronError]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(failed(said.message_id, code, reason, "What happened."))
        await answer_one(peer)

    scripted.chats = [script]
    session = chatting(client, hello)
    with pytest.raises(kind, match="What happened") as caught:
        await session.chat("hi")
    assert type(caught.value) is kind
    assert caught.value.reason == reason
    assert (await session.chat("again")).response == "hello alice"
    assert len(scripted.peers) == 1


async def cancelled_frame(peer: Peer) -> str:
    while frame := await peer.read():
        if frame.HasField("cancel"):
            return str(frame.cancel.message_id)
    raise AssertionError


@pytest.mark.parametrize("how", ["timeout", "task", "deadline", "loop"])
async def test_whoever_leaves_gives_the_message_up(
    client: Spectron, scripted: ScriptedServer, how: str
) -> None:
    given_up: asyncio.Queue[str] = asyncio.Queue()
    stopped = asyncio.Event()
    started = asyncio.Event()

    async def agent(_messages: list[dict[str, str]], call: AgentCall) -> str:
        if call.message_id != "m1":
            return "next"
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return ""

    async def script(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(recorded(said.message_id, turn(1, "hi")))
        await peer.call(said.message_id)
        given_up.put_nowait(await cancelled_frame(peer))
        await peer.send(failed("m1", 1, "MESSAGE_CANCELLED"))
        await answer_one(peer)

    scripted.chats = [script]
    session = chatting(client, agent)
    if how == "timeout":
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await session.chat("hi", message_id="m1")
    elif how == "deadline":
        with pytest.raises(errors.DeadlineExceeded, match="'m1'"):
            await session.chat("hi", message_id="m1", timeout_s=0.1)
    elif how == "task":
        task = asyncio.create_task(session.chat("hi", message_id="m1"))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        events: Any = session.chat_stream("hi", message_id="m1")
        async for event in events:
            assert isinstance(event, ChatRecorded)
            await started.wait()
            break
        await events.aclose()
    async with asyncio.timeout(10):
        assert await given_up.get() == "m1"
        await stopped.wait()
    assert (await session.chat("go on")).response == "next"
    assert len(scripted.peers) == 1


async def test_the_same_message_twice_at_once_is_sent_one_after_the_other(
    client: Spectron, scripted: ScriptedServer
) -> None:
    calls = 0

    async def agent(_messages: list[dict[str, str]]) -> str:
        nonlocal calls
        calls += 1
        return "once"

    async def script(peer: Peer) -> None:
        await peer.open()
        await answer_one(peer)
        assert (await peer.expect("user_message")).message_id == "m1"
        await peer.send(done("m1", "once"))

    scripted.chats = [script]
    session = chatting(client, agent)
    results = await asyncio.gather(*(session.chat("hi", message_id="m1") for _ in range(2)))
    assert [each.response for each in results] == ["once", "once"]
    assert calls == 1


async def test_closing_the_session_fails_what_is_under_way_and_it_connects_again(
    client: Spectron, scripted: ScriptedServer
) -> None:
    session = chatting(client, hello)
    assert (await session.chat("1")).response == "hello alice"

    async def silent(peer: Peer) -> None:
        await peer.open()
        await asyncio.Event().wait()

    await session.aclose()
    scripted.chats = [silent, obliging]
    waiting = asyncio.create_task(session.chat("2"))
    async with scripted.arrived:
        await asyncio.wait_for(
            scripted.arrived.wait_for(lambda: len(scripted.peers) == 2), timeout=10
        )
    await session.aclose()
    with pytest.raises(errors.MessageCancelled):
        await asyncio.wait_for(waiting, timeout=10)
    assert (await session.chat("3")).response == "hello alice"


async def test_closing_the_client_closes_its_chats(scripted: ScriptedServer) -> None:
    client = Spectron("sk-x", endpoint=scripted.endpoint, retry=QUICK_RETRY)
    session = chatting(client, hello)
    await session.chat("1")
    await client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await session.chat("2")


async def test_nobody_is_kept_waiting_by_events_that_nobody_reads(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def script(peer: Peer) -> None:
        await peer.open()
        slow = await peer.expect("user_message")
        for _ in range(3_000):
            await peer.send(delta(slow.message_id, "0123456789"))
        await peer.send(done(slow.message_id, "0123456789" * 3_000))
        quick = await peer.expect("user_message")
        await peer.send(done(quick.message_id, "quick"))

    scripted.chats = [script]
    session = chatting(client)
    events: Any = session.chat_stream("slow")
    first = await anext(events)
    assert isinstance(first, ChatDelta)
    assert (await session.chat("quick")).response == "quick"
    rest = await collected(events)
    # What came meanwhile waits as one piece.
    assert len(rest) <= 2
    assert isinstance(rest[0], ChatDelta)
    assert len(first.text + rest[0].text) == 30_000


async def test_frames_that_belong_to_nothing_are_let_pass(
    client: Spectron, scripted: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(peer: Peer) -> None:
        await peer.open()
        await peer.send(failed("", 3, "INVALID_FRAME", "No such call."))
        await peer.send(done("other", "x"), delta("other", "x"), recorded("other"))
        await peer.call("other")
        await answer_one(peer)

    scripted.chats = [script]
    assert (await chatting(client, hello).chat("hi")).response == "hello alice"
    assert "No such call" in caplog.text
