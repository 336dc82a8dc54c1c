"""Lines that stay open: used again, left when broken, and never kept from those who wait."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator

import psycopg
import pytest

from spectron_server.domain.errors import DatabaseUnavailableError
from spectron_server.storage import database as module
from spectron_server.storage import line
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection
from tests.conftest import eventually
from tests.storage.network import Network


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's own database, with four connections at most, so that one line may stay open."""
    database = await Database.open(database_url, max_connections=4)
    yield database
    await database.close()


async def backend(database: Database) -> int:
    """Returns the process of PostgreSQL that answers the next to ask."""
    async with database.read() as connection:
        [row] = (await connection.send("SELECT pg_backend_pid() AS pid")).rows
    return int(row["pid"])


async def test_a_line_is_used_again_also_after_a_refused_transaction(database: Database) -> None:
    async def refused(connection: Connection) -> None:
        await connection.send("SELECT 1 / 0")

    first = await backend(database)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await database.write(refused)
    assert await backend(database) == first


async def test_a_line_that_broke_while_nobody_used_it_is_left(
    database: Database, database_url: str
) -> None:
    first = await backend(database)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        await other.execute("SELECT pg_terminate_backend(%s)", (first,))

    async def noticed() -> bool:
        return all(line.failed for line in database._lines._idle)

    assert database._lines._idle
    await eventually(noticed, within_s=20)
    assert await backend(database) != first


async def test_a_line_that_broke_within_a_transaction_is_left(database: Database) -> None:
    async def ended(connection: Connection) -> None:
        connection.give_up()
        await connection.send("SELECT 1")

    first = await backend(database)
    with pytest.raises(DatabaseUnavailableError):
        await database.write(ended)
    assert await backend(database) != first


async def test_connections_that_broke_while_they_waited_in_the_pool_are_left(
    database: Database, database_url: str
) -> None:
    async with database.read(), database.read(), database.read():
        pass  # Two of three connections go back to the pool.
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    async with database.read() as first, database.read() as second:
        for connection in (first, second):
            assert (await connection.send("SELECT 1 AS one")).rows == [{"one": 1}]


async def test_many_more_than_there_are_connections_are_all_served(database: Database) -> None:
    async def sleep() -> None:
        async with database.read() as connection:
            await connection.send("SELECT pg_sleep(0.01)")

    async with asyncio.timeout(20):
        await asyncio.gather(*(sleep() for _ in range(60)))
    assert database.pool.get_stats().get("requests_waiting", 0) == 0


async def test_who_asks_a_database_that_does_not_answer_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(connection: Connection) -> None:
        await connection.send("SELECT pg_sleep(60)")

    async def quick(connection: Connection) -> int:
        return len((await connection.send("SELECT 1")).rows)

    monkeypatch.setattr(module, "_ASK_TIMEOUT_S", 0.2)
    with pytest.raises(DatabaseUnavailableError):
        await database.ask(slow)
    assert await database.ask(quick) == 1


async def test_who_gives_up_on_a_silent_network_leaves_at_once_and_takes_no_connection_along(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "_CANCEL_TIMEOUT_S", 0.2)

    async def ask(database: Database) -> None:
        async with asyncio.timeout(0.2), database.read() as connection:
            await connection.send("SELECT 1")

    async with Network(database_url).open() as network:
        database = await Database.open(network.url, max_connections=2)
        try:
            await ask(database)
            network.silence()
            asking = [asyncio.create_task(ask(database)) for _ in range(2)]
            ended, _ = await asyncio.wait(asking, timeout=20)
            assert len(ended) == 2
            assert {type(each.exception()) for each in ended} == {TimeoutError}
            network.mend()
            assert await backend(database)
        finally:
            await database.close()


@pytest.mark.parametrize(("said", "expected_ms"), [("", 30_000), (" tcp_user_timeout=7000", 7_000)])
async def test_the_kernel_is_told_not_to_wait_long_for_a_silent_network(
    database_url: str, said: str, expected_ms: int
) -> None:
    async with Network(database_url).open() as network:
        database = await Database.open(f"{network.url}{said}", max_connections=2)
        try:
            async with database.read() as connection:
                with socket.socket(fileno=os.dup(connection.connection.pgconn.socket)) as found:
                    assert found.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                    waits_ms = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert waits_ms == expected_ms
        finally:
            await database.close()
