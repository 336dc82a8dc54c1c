"""Sessions with agents, for the tests of the client's chat."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from spectron import ChatEvent, Session, Spectron


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
