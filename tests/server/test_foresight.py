"""A question is embedded while its caller's key is looked up: of callers who were let in before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from spectron import errors
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.system import new_secret
from tests.conftest import Server, StartServer, eventually

ALICE = {"user": "alice"}


@pytest.fixture
async def quiet(start_server: StartServer) -> AsyncIterator[Server]:
    """A server that embeds nothing of its own accord."""
    async with start_server(worker=False) as server:
        yield server


@asynccontextmanager
async def no_key_is_told(database_url: str) -> AsyncIterator[None]:
    """Keeps the database from answering about keys until the block is left."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE")
        yield
        await connection.rollback()


async def test_a_question_is_embedded_before_the_key_is_told(
    quiet: Server, embedder: MiniLmEmbedder, database_url: str, fresh_name: str
) -> None:
    async with quiet.client() as client:
        memory = client.memory(context_id="c")
        await memory.context("Who am I?", scope=ALICE)
        before = embedder.queue.texts_run
        async with no_key_is_told(database_url):
            asked = asyncio.create_task(memory.context(f"Who is {fresh_name}?", scope=ALICE))

            async def embedded() -> bool:
                return embedder.queue.texts_run == before + 1

            await eventually(embedded)
            assert not asked.done()
        await asked
        assert embedder.queue.texts_run == before + 1


async def test_nothing_is_begun_for_strangers(
    quiet: Server, embedder: MiniLmEmbedder, fresh_name: str
) -> None:
    before = embedder.queue.texts_run
    async with quiet.client(new_secret()) as client:
        for _ in range(3):
            with pytest.raises(errors.Unauthenticated):
                await client.memory(context_id="c").context(f"Who is {fresh_name}?", scope=ALICE)
    assert embedder.queue.texts_run == before


async def test_nothing_is_begun_for_a_key_that_was_refused(
    quiet: Server, embedder: MiniLmEmbedder, fresh_name: str
) -> None:
    secret = await quiet.add_key()
    async with quiet.client() as admin, quiet.client(secret) as client:
        memory = client.memory(context_id="c")
        await memory.context("Who am I?", scope=ALICE)
        [key] = [each for each in await admin.admin.keys.list() if each.label == "test"]
        await admin.admin.keys.revoke(key.id)
        # It is not known yet that it was revoked. This question is answered without embedding it.
        with pytest.raises(errors.Unauthenticated):
            await memory.context("Who am I?", scope=ALICE)
        before = embedder.queue.texts_run
        with pytest.raises(errors.Unauthenticated):
            await memory.context(f"Who is {fresh_name}?", scope=ALICE)
        assert embedder.queue.texts_run == before


async def test_a_refused_question_leaves_nothing_for_the_next_to_stumble_over(
    quiet: Server,
) -> None:
    async with quiet.client() as client:
        memory = client.memory(context_id="c")
        await memory.context("Who am I?", scope=ALICE)
        with pytest.raises(errors.InvalidArgument):
            await memory.context("Where do I live?", scope=ALICE, top_k=5_000)
        # A text that is embedded for one caller is there for the next.
        assert not (await memory.context("Where do I live?", scope=ALICE)).items
