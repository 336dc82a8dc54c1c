"""Sessions with agents, for the tests of the client's chat."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from spectron import ChatEvent, ChatResult, Session, Spectron

Messages = list[dict[str, str]]


def chatting(client: Spectron, agent_fn: Any = None, **options: Any) -> Session:
    return client.memory("c").sessions.open("session:1", agent_fn=agent_fn, **options)


async def hello(messages: list[dict[str, str]]) -> str:
    return f"hello {messages[0]['user_id']}"


async def pieces(messages: list[dict[str, str]]) -> AsyncIterator[str]:
    for each in ("hel", "lo ", messages[0]["user_id"]):
        yield each
        await asyncio.sleep(0)


async def collected(events: AsyncIterator[ChatEvent]) -> list[ChatEvent]:
    return [each async for each in events]


async def understood(_messages: Messages) -> str:
    return "Understood."


async def said(session: Session) -> list[tuple[str, str]]:
    return [(each.role.value, each.content) for each in await session.history()]


def turn_ids(result: ChatResult) -> list[str]:
    return [each.id for each in result.turns]


async def create(client: Spectron, context: str, agent_fn: Any, **options: Any) -> Session:
    memory = client.memory(context)
    return await memory.sessions.create(scope={"user": "alice"}, agent_fn=agent_fn, **options)


class Once:
    """An agent that answers once it may, and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.called = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(self, _messages: Messages) -> str:
        self.calls += 1
        self.called.set()
        await self.may_answer.wait()
        return f"answer {self.calls}"
