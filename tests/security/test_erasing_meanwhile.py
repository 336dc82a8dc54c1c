"""What is under way while its scope is erased leaves nothing of it, and says what became of it.

The erasure is that of the service; it is committed at the worst moment.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import LiteralString

import pytest

from spectron import Memory, Spectron, errors
from spectron_server.domain.scope import Scope
from spectron_server.storage import erasure
from tests.conftest import Server, eventually
from tests.security.test_erasure import tables_that_hold

ALICE = {"user": "alice"}


@pytest.fixture
def memory(client: Spectron, fresh_name: str) -> Memory:
    return client.memory(context_id=fresh_name)


@pytest.fixture
def word(fresh_name: str) -> str:
    """A word that no other test says."""
    return f"Quetzal{fresh_name.replace('-', 'x')}"


@asynccontextmanager
async def erased_meanwhile(
    server: Server, context_id: str, table: LiteralString = "attributes"
) -> AsyncIterator[None]:
    """Erases Alice's scope once what the block began has seen it, and waits for a table."""
    database = server.application.store.database
    async with database.read() as connection, connection.transaction():
        await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield

        async def waits() -> bool:
            async with database.pool.connection() as other:
                found = await other.execute(
                    "SELECT FROM pg_stat_activity "
                    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                return bool(await found.fetchall())

        await eventually(waits)
        await erasure.erase(connection, [Scope.of(ALICE).key(context_id)])


async def test_a_fact_is_recorded_after_the_erasure(
    server: Server, memory: Memory, fresh_name: str, word: str
) -> None:
    await memory.record_fact(ALICE, "employer", "Acme")
    async with erased_meanwhile(server, fresh_name):
        call = asyncio.create_task(memory.record_fact(ALICE, "location", word, request_id="fact"))
    diff = await call
    assert [change.attribute.value for change in diff.changes] == [word]
    assert [row.value for row in (await memory.profile(ALICE)).attributes] == [word]
    assert await memory.record_fact(ALICE, "location", word, request_id="fact") == diff


async def test_a_doubt_that_was_erased_is_not_found(
    server: Server, memory: Memory, fresh_name: str, word: str
) -> None:
    session = await memory.sessions.create(scope=ALICE)
    turn = await session.turn("user", f"I live in Oslo. I might move to {word}.")
    await turn.extraction()
    [doubt] = await memory.unknowns.list(ALICE)
    async with erased_meanwhile(server, fresh_name):
        call = asyncio.create_task(
            memory.unknowns.resolve(doubt.id, accept=word, request_id="doubt")
        )
    with pytest.raises(errors.NotFound):
        await call
    assert await tables_that_hold(server, word) == set()


async def test_what_was_erased_is_not_told_as_forgotten(
    server: Server, memory: Memory, fresh_name: str, word: str
) -> None:
    await memory.record_fact(ALICE, "employer", word)
    async with erased_meanwhile(server, fresh_name):
        call = asyncio.create_task(
            memory.forget(ALICE, attribute_key="employer", request_id="forget")
        )
    assert not (await call).attributes
    assert await tables_that_hold(server, word) == set()


async def test_a_session_is_made_after_the_erasure(
    server: Server, memory: Memory, fresh_name: str
) -> None:
    first = await memory.sessions.create(scope=ALICE)
    async with erased_meanwhile(server, fresh_name, "sessions"):
        call = asyncio.create_task(memory.sessions.create(scope=ALICE))
    session = await call
    assert (await session.turn("user", "I live in Oslo.")).sequence == 1
    with pytest.raises(errors.NotFound):
        await first.turn("user", "I live in Oslo.")
