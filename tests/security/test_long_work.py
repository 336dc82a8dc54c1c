"""What one tenant has done takes its time, and does not hold up the calls of others."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from spectron import NewTurn, Spectron

ALICE = {"user": "alice"}
# Of 32 KiB, and dear to read: each of its numbers could be that of a card.
CARDS = "4111 1111 1111 1112 " * 1_600


@dataclass
class Stopwatch:
    """How long something took, and how long the server did nothing else meanwhile."""

    whole_s: float = 0.0
    longest_s: float = 0.0


@asynccontextmanager
async def watched() -> AsyncIterator[Stopwatch]:
    """Watches the event loop, which the server shares with the test."""
    watch = Stopwatch()
    started = time.monotonic()

    async def look() -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(0)
            now = time.monotonic()
            watch.longest_s = max(watch.longest_s, now - last)
            last = now

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)
    try:
        yield watch
    finally:
        watch.whole_s = time.monotonic() - started
        looking.cancel()


async def test_other_calls_are_answered_while_long_turns_are_quoted(
    client: Spectron, fresh_name: str
) -> None:
    memory = client.memory(context_id=fresh_name)
    session = await memory.sessions.create(scope=ALICE)
    for start in range(0, 20, 10):
        await session.turns(
            [NewTurn(role="tool", content=f"mango {start + n} {CARDS}") for n in range(10)]
        )
    async with watched() as watch:
        found = await memory.context("mango", scope=ALICE, top_k=20)
    assert len(found.items) == 20
    assert watch.longest_s < watch.whole_s / 2
