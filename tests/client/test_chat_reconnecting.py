"""A chat whose stream breaks, is refused or drained, against servers that do so by a script."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from spectron import (
    ChatDelta,
    ChatDone,
    ChatRecorded,
    Spectron,
    SpectronError,
    errors,
)
from tests.client.chat_scripts import (
    ChatScript,
    Peer,
    answer_one,
    delta,
    done,
    failed,
    obliging,
    recorded,
    turn,
)
from tests.client.chatting import chatting, collected, hello
from tests.client.conftest import QUICK_RETRY
from tests.client.scripted import Failure, ScriptedServer

UNAVAILABLE = Failure(code=grpc.StatusCode.UNAVAILABLE)


def breaking(script: ChatScript) -> ChatScript:
    """Plays a script, then breaks the stream as a server does that goes away."""

    async def play(peer: Peer) -> None:
        await script(peer)
        await UNAVAILABLE.abort(peer.context)

    return play


async def test_a_broken_stream_is_reopened_and_the_message_sent_again(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def first(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(recorded(said.message_id, turn(1, "hi")))

    async def second(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(recorded(said.message_id, turn(1, "hi")))
        await obliging_from(peer, said.message_id)

    async def obliging_from(peer: Peer, message_id: str) -> None:
        await peer.call(message_id)
        reply = await peer.expect("agent_reply")
        await peer.send(recorded(message_id, turn(2, reply.content)))
        await peer.send(done(message_id, reply.content))

    scripted.chats = [breaking(first), refusing, second]
    events = await collected(chatting(client, hello).chat_stream("hi"))
    assert [type(each) for each in events] == [ChatRecorded, ChatDelta, ChatRecorded, ChatDone]
    said = [each.frames[-1] for each in scripted.peers[:1]] + [scripted.peers[2].frames[1]]
    assert said[0] == said[1]


async def refusing(peer: Peer) -> None:
    await peer.expect("open")
    await UNAVAILABLE.abort(peer.context)


async def test_a_server_that_is_away_is_waited_for_once_a_message_was_sent(
    client: Spectron, scripted: ScriptedServer
) -> None:
    """A server takes longer to start than a call is worth; the message may be under way."""

    async def first(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(recorded(said.message_id, turn(1, "hi")))

    away = [refusing] * (3 * QUICK_RETRY.max_attempts)
    scripted.chats = [breaking(first), *away, obliging]
    assert (await chatting(client, hello).chat("hi")).response == "hello alice"
    assert len(scripted.peers) == len(away) + 2

    scripted.chats = [refusing]
    before = len(scripted.peers)
    with pytest.raises(errors.Unavailable):
        await chatting(client, hello).chat("hi")
    assert len(scripted.peers) - before == QUICK_RETRY.max_attempts

    # Last, since the stream that its time runs out on may still be on its way to the server.
    scripted.chats = [breaking(first), refusing]
    with pytest.raises(errors.DeadlineExceeded, match="message_id='m1'"):
        await chatting(client, hello).chat("hi", message_id="m1", timeout_s=1)


@pytest.mark.parametrize("streaming", [False, True])
async def test_the_agent_is_called_once_however_often_the_stream_breaks(
    client: Spectron, scripted: ScriptedServer, *, streaming: bool
) -> None:
    """The agent works while streams break, and what it said is sent again from the beginning."""
    calls = 0
    go_on = asyncio.Event()

    async def generator(_messages: list[dict[str, str]]) -> AsyncIterator[str]:
        nonlocal calls
        calls += 1
        yield "hel"
        await go_on.wait()
        yield "lo"

    async def coroutine(messages: list[dict[str, str]]) -> str:
        return "".join([each async for each in generator(messages)])

    async def first(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.call(said.message_id)
        if streaming:
            assert (await peer.expect("agent_delta")).text == "hel"

    async def second(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        go_on.set()
        await peer.call(said.message_id)
        assert await peer.reply() == "hello"

    async def third(peer: Peer) -> None:
        await second(peer)
        await peer.send(done("m1", "hello"))

    scripted.chats = [breaking(first), breaking(second), third]
    session = chatting(client, generator if streaming else coroutine)
    events = await collected(session.chat_stream("hi", message_id="m1"))
    assert "".join(each.text for each in events if isinstance(each, ChatDelta)) == "hello"
    assert calls == 1


async def test_unanswered_messages_are_sent_again_in_their_order(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def first(peer: Peer) -> None:
        await peer.open()
        for _ in range(5):
            await peer.expect("user_message")
        await peer.send(done("m1", "early"))

    scripted.chats = [breaking(first), obliging]
    session = chatting(client, hello)
    ids = [f"m{number}" for number in range(5)]
    results = await asyncio.gather(*(session.chat("hi", message_id=each) for each in ids))
    assert [each.response for each in results] == ["hello alice", "early"] + ["hello alice"] * 3
    sent = [each.user_message.message_id for each in scripted.peers[1].frames]
    assert [each for each in sent if each] == ["m0", "m2", "m3", "m4"]


async def test_attempts_are_bounded(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.chats = [refusing]
    session = chatting(client, hello)
    results = await asyncio.gather(*(session.chat("hi") for _ in range(3)), return_exceptions=True)
    assert all(isinstance(each, errors.Unavailable) for each in results)
    assert len({id(each) for each in results}) == 3
    assert len(scripted.peers) == QUICK_RETRY.max_attempts


async def test_a_stream_that_breaks_with_each_message_is_not_retried_for_ever(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def script(peer: Peer) -> None:
        await peer.open()
        await peer.expect("user_message")

    scripted.chats = [breaking(script)]
    with pytest.raises(errors.Unavailable):
        await chatting(client, hello).chat("hi")
    assert len(scripted.peers) == QUICK_RETRY.max_attempts


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (grpc.StatusCode.NOT_FOUND, "SESSION_NOT_FOUND", errors.NotFound),
        (grpc.StatusCode.UNAUTHENTICATED, "REVOKED_KEY", errors.Unauthenticated),
        (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FRAME", errors.InvalidArgument),
    ],
)
async def test_what_ends_a_stream_for_good_fails_its_messages(
    client: Spectron,
    scripted: ScriptedServer,
    code: grpc.StatusCode,
    reason: str,
    kind: type[SpectronError],
) -> None:
    async def at_once(peer: Peer) -> None:
        await peer.expect("open")
        await Failure(code=code, reason=reason).abort(peer.context)

    async def later(peer: Peer) -> None:
        await peer.open()
        await peer.expect("user_message")
        await Failure(code=code, reason=reason).abort(peer.context)

    scripted.chats = [at_once, later]
    for _ in range(2):
        with pytest.raises(kind) as caught:
            await chatting(client, hello).chat("hi")
        assert caught.value.reason == reason
    assert len(scripted.peers) == 2


@pytest.mark.parametrize(("code", "reason"), [(8, "OVERLOADED"), (14, "DATABASE_UNAVAILABLE")])
async def test_a_failure_that_passes_is_sent_again_on_the_same_stream(
    client: Spectron, scripted: ScriptedServer, code: int, reason: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.open()
        for _ in range(2):
            said = await peer.expect("user_message")
            await peer.send(failed(said.message_id, code, reason))
        await answer_one(peer)

    scripted.chats = [script]
    assert (await chatting(client, hello).chat("hi")).response == "hello alice"


async def test_a_server_that_drains_finishes_what_is_under_way_and_the_next_takes_the_rest(
    client: Spectron, scripted: ScriptedServer
) -> None:
    moved = asyncio.Event()

    async def draining(peer: Peer) -> None:
        await peer.open()
        await peer.expect("user_message")
        await peer.expect("user_message")
        await peer.send(failed("new", 14, "SHUTTING_DOWN"))
        await moved.wait()
        await peer.send(done("old", "from the one that drains"))
        assert await peer.read() is None

    async def following(peer: Peer) -> None:
        await peer.open()
        await answer_one(peer)
        moved.set()

    scripted.chats = [draining, following]
    session = chatting(client, hello)
    old, new = await asyncio.gather(
        session.chat("1", message_id="old"), session.chat("2", message_id="new")
    )
    assert old.response == "from the one that drains"
    assert new.response == "hello alice"


@pytest.mark.parametrize(("reply", "pieces"), [("I see.", ["I ", "see."]), ("Yes.", ["I "])])
async def test_the_servers_reply_is_never_told_twice(
    client: Spectron, scripted: ScriptedServer, reply: str, pieces: list[str]
) -> None:
    """After a break its agent goes on, unheard, or begins anew; the outcome tells."""

    async def first(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(delta(said.message_id, "I "))

    async def second(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(delta(said.message_id, reply[-4:]), done(said.message_id, reply))

    scripted.chats = [breaking(first), second]
    events = await collected(chatting(client).chat_stream("hi"))
    assert [each.text for each in events if isinstance(each, ChatDelta)] == pieces
    assert isinstance(events[-1], ChatDone)
    assert events[-1].result.response == reply


async def test_a_failure_of_another_agent_is_not_that_of_ours(
    client: Spectron, scripted: ScriptedServer
) -> None:
    calls = 0

    async def agent(_messages: list[dict[str, str]]) -> str:
        nonlocal calls
        calls += 1
        return "ours"

    async def script(peer: Peer) -> None:
        await peer.open()
        said = await peer.expect("user_message")
        await peer.send(failed(said.message_id, 10, "AGENT_FAILED", "The client left."))
        said = await peer.expect("user_message")
        await peer.call(said.message_id, 2)
        assert await peer.reply() == "ours"
        await peer.send(failed(said.message_id, 10, "AGENT_FAILED", "The client left."))
        await answer_one(peer)

    scripted.chats = [script]
    assert (await chatting(client, agent).chat("hi")).response == "ours"
    assert calls == 1

    async def hopeless(peer: Peer) -> None:
        await peer.open()
        while frame := await peer.read():
            await peer.send(failed(frame.user_message.message_id, 10, "AGENT_FAILED", "No."))

    scripted.chats = [hopeless]
    with pytest.raises(errors.AgentFailed, match="No"):
        await chatting(client, agent).chat("hi")
    assert len(scripted.peers[-1].frames) == 1 + QUICK_RETRY.max_attempts
