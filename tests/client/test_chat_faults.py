"""Chats whose client or server vanishes, is killed or drains: nothing is lost, nothing doubled."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from spectron import (
    ChatDelta,
    ChatDone,
    ChatRecorded,
    RetryPolicy,
    Spectron,
)
from tests.client.chatting import Messages, Once, create, said, turn_ids, understood
from tests.client.cutting import CuttingLine
from tests.conftest import Server, eventually
from tests.server.process import ServerProcess, launch, serving

# A server needs some seconds to come back.
PATIENT: Final = RetryPolicy(max_attempts=200, initial_backoff_s=0.1, max_backoff_s=0.3)


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Spectron]:
    """A client of the real server."""
    async with server.client() as made:
        yield made


VANISHING: Final = """
import asyncio, sys
from spectron import Spectron

async def agent(messages):
    print("called", flush=True)
    await asyncio.Event().wait()

async def main():
    client = Spectron(sys.argv[1], endpoint=sys.argv[2])
    session = client.memory(sys.argv[3]).sessions.open(sys.argv[4], agent_fn=agent)
    await session.chat("I live in Berlin.", message_id="m1")

asyncio.run(main())
"""


async def test_a_client_that_vanishes_and_another_that_comes_back(
    server: Server, client: Spectron, fresh_name: str
) -> None:
    agent = Once()
    agent.may_answer.set()
    session = await create(client, fresh_name, agent)
    vanishing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", VANISHING, server.admin_key, server.endpoint),
        *(fresh_name, session.id),
        stdout=asyncio.subprocess.PIPE,
    )
    assert vanishing.stdout is not None
    async with asyncio.timeout(30):
        assert await vanishing.stdout.readline() == b"called\n"
        # It comes back while the first is still there, and joins the message.
        joined = asyncio.create_task(session.chat("I live in Berlin.", message_id="m1"))
        vanishing.kill()
        await vanishing.wait()
        result = await joined
    assert result.response == "answer 1"
    assert [each.value for each in result.extraction.added] == ["Berlin"]
    assert await said(session) == [("user", "I live in Berlin."), ("assistant", "answer 1")]
    other = await create(client, fresh_name, understood)
    again = client.memory(fresh_name).sessions.open(session.id, agent_fn=understood)
    assert (await again.chat("I live in Berlin.", message_id="m1")).response == "answer 1"
    assert (await other.chat("I live in Berlin.", message_id="m1")).response == "Understood."
    assert agent.calls == 1


async def test_a_server_killed_between_turn_and_reply(server_directory: Path) -> None:
    """The message is finished by the server that follows; the agent is called once."""
    agent = Once()
    first = await launch(server_directory)
    async with Spectron(first.key, endpoint=first.endpoint) as client:
        session = await create(client, "c", agent)
        events: list[Any] = []

        async def chat() -> None:
            events.extend([each async for each in session.chat_stream("I live in Berlin.")])

        chatting = asyncio.create_task(chat())
        async with asyncio.timeout(120):
            await agent.called.wait()
            await first.kill()
            agent.may_answer.set()
            async with serving(server_directory, SPECTRON_LISTEN=first.endpoint):
                await chatting
                result = events[-1].result
                assert result.response == "answer 1"
                assert agent.calls == 1
                assert [each.value for each in result.extraction.added] == ["Berlin"]
                assert await said(session) == [
                    ("user", "I live in Berlin."),
                    ("assistant", "answer 1"),
                ]
                assert [type(each) for each in events] == [
                    ChatRecorded,
                    ChatDelta,
                    ChatRecorded,
                    ChatDone,
                ]
                again = await session.chat("I live in Berlin.", message_id=result.message_id)
                assert (again.response, turn_ids(again)) == (result.response, turn_ids(result))


async def test_a_server_that_drains_finishes_the_chat_and_the_next_goes_on(
    server_directory: Path,
) -> None:
    agent = Once()
    first = await launch(server_directory)
    async with Spectron(first.key, endpoint=first.endpoint, retry=PATIENT) as client:
        session = await create(client, "c", agent)
        under_way = asyncio.create_task(session.chat("I live in Berlin."))
        async with asyncio.timeout(120):
            await agent.called.wait()
            stopping = asyncio.create_task(first.stop())
            await eventually(lambda: drains(first))
            later = asyncio.create_task(session.chat("I like tea."))
            agent.may_answer.set()
            assert (await under_way).response == "answer 1"
            assert await stopping == 0
            async with serving(server_directory, SPECTRON_LISTEN=first.endpoint):
                assert (await later).response == "answer 2"
                assert [role for role, _ in await said(session)] == ["user", "assistant"] * 2


async def drains(server: ServerProcess) -> bool:
    """Tells whether a server has begun to drain."""
    return any("drain" in line for line in server.output)


async def test_chats_through_a_line_that_is_cut_again_and_again(
    server: Server, fresh_name: str
) -> None:
    """Whatever is cut when: one turn of the user, one reply, one call of the agent."""
    calls: Counter[str] = Counter()

    async def agent(messages: Messages) -> AsyncIterator[str]:
        content = messages[-1]["content"]
        calls[content] += 1
        for word in ("re:", " ", content):
            yield word
            await asyncio.sleep(random.uniform(0, 0.05))

    async with CuttingLine(server.endpoint).laid() as line:
        async with Spectron(server.admin_key, endpoint=line.endpoint, retry=PATIENT) as client:
            session = await create(client, fresh_name, agent, extraction_timeout_s=0)

            async def chat(number: int) -> None:
                events = [each async for each in session.chat_stream(f"message {number}")]
                done = events[-1]
                assert isinstance(done, ChatDone)
                assert done.result.response == f"re: message {number}"
                pieces = "".join(each.text for each in events if isinstance(each, ChatDelta))
                assert pieces == done.result.response

            chats = asyncio.gather(*(chat(number) for number in range(40)))
            async with asyncio.timeout(120):
                while not chats.done():
                    await asyncio.wait([chats], timeout=random.uniform(0.02, 0.3))
                    line.cut()
                await chats
        assert line.cuts > 0
    async with server.client() as client:
        turns = await said(client.memory(fresh_name).sessions.open(session.id))
    assert sorted(turns) == sorted(
        each
        for number in range(40)
        for each in (("user", f"message {number}"), ("assistant", f"re: message {number}"))
    )
    assert calls == {f"message {number}": 1 for number in range(40)}
