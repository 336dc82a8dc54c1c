"""The connection of a chat, seen from within: idle, dead, closed, and what would harm it."""

import asyncio
from typing import Any

import pytest

from spectron import ChatDone, Spectron, errors
from spectron.agent import Agent
from spectron.chat import ChatOptions
from spectron.chat_frames import open_frame
from spectron.chat_link import ChatLink
from tests.client.chat_scripts import Peer, obliging
from tests.client.chatting import chatting, collected, hello
from tests.client.conftest import QUICK_RETRY
from tests.client.scripted import ScriptedServer


def link_of(client: Spectron, **settings: float) -> ChatLink:
    options = ChatOptions(agent=Agent(hello), extraction_timeout_s=0)
    return ChatLink(
        transport=client._transport,
        opening=open_frame(context_id="c", session_id="session:1", options=options),
        options=options,
        **settings,
    )


async def response(link: ChatLink, message_id: str, timeout_s: float = 10) -> str:
    events = await collected(link.converse(message_id, "hi", timeout_s=timeout_s))
    assert isinstance(events[-1], ChatDone)
    return events[-1].result.response


async def test_a_stream_that_is_idle_is_closed_and_opened_again(
    client: Spectron, scripted: ScriptedServer
) -> None:
    closed = asyncio.Event()

    async def script(peer: Peer) -> None:
        await obliging(peer)
        closed.set()

    scripted.chats = [script]
    link = link_of(client, idle_s=0.05)
    assert await response(link, "m1") == "hello alice"
    assert await response(link, "m2") == "hello alice"
    assert len(scripted.peers) == 1
    await asyncio.wait_for(closed.wait(), timeout=10)
    assert await response(link, "m3") == "hello alice"
    assert len(scripted.peers) == 2


async def test_a_connection_on_which_nothing_ends_counts_as_dead(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def deaf(peer: Peer) -> None:
        await peer.open()
        await asyncio.Event().wait()

    scripted.chats = [deaf, obliging]
    link = link_of(client, patience_s=0.2)
    other = asyncio.create_task(response(link, "other"))
    with pytest.raises(errors.DeadlineExceeded):
        await response(link, "m1", timeout_s=0.1)
    # What waits on the same stream moves to the next one.
    assert await asyncio.wait_for(other, timeout=10) == "hello alice"
    assert await response(link, "m1") == "hello alice"
    assert len(scripted.peers) == 2


async def test_nothing_runs_on_when_all_is_closed(scripted: ScriptedServer) -> None:
    async def never(_messages: list[dict[str, str]]) -> str:
        await asyncio.Event().wait()
        return ""

    before = asyncio.all_tasks()
    async with Spectron("sk-x", endpoint=scripted.endpoint, retry=QUICK_RETRY) as client:
        await chatting(client, hello).chat("hi")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(chatting(client, never).chat("hi"), timeout=0.1)
        # The server runs on this event loop too.
        running = asyncio.all_tasks() - before
        mine = {each for each in running if "AioServer" not in repr(each)}
        assert mine
    await asyncio.wait(mine, timeout=10)
    assert [each for each in mine if not each.done()] == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (7, TypeError),
        ("\ud800", ValueError),
        ("x" * 2_000_000, errors.ResourceExhausted),
    ],
)
async def test_what_cannot_be_sent_does_not_harm_the_stream(
    client: Spectron, scripted: ScriptedServer, content: Any, error: type[Exception]
) -> None:
    session = chatting(client, hello)
    results = await asyncio.gather(
        session.chat("hi"), session.chat(content), session.chat("hi"), return_exceptions=True
    )
    assert isinstance(results[1], error)
    assert [getattr(each, "response", None) for each in results] == [
        "hello alice",
        None,
        "hello alice",
    ]
    assert len(scripted.peers) == 1
