"""A line: what is sent together, errors in the middle, cancelled waits, lost connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import errors
from psycopg.pq import TransactionStatus

from spectron_server.storage.line import Line, LineConnection
from tests.conftest import eventually


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[LineConnection]:
    """A connection to the test's own database, with a table of numbers."""
    async with await LineConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("CREATE TABLE numbers (n int PRIMARY KEY, t text)")
        yield connection


@asynccontextmanager
async def locked(database_url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Another connection that holds the table's lock until the block is left."""
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("LOCK TABLE numbers")
        yield other


async def numbers(connection: LineConnection) -> list[int]:
    """Returns what is in the table."""
    async with Line(connection) as line:
        return [row["n"] for row in (await line.send("SELECT n FROM numbers ORDER BY n")).rows]


async def test_answers_come_in_order_and_in_python_values(connection: LineConnection) -> None:
    async with Line(connection) as line:
        sent = [line.send("SELECT $1::int AS n, $2::text AS t", [n, f"é{n}"]) for n in range(50)]
        moment = line.send("SELECT '2024-05-01 10:00+00'::timestamptz AS at, NULL AS nothing")
        answers = await asyncio.gather(*sent)
        [row] = (await moment).rows
    assert [answer.rows for answer in answers] == [[{"n": n, "t": f"é{n}"}] for n in range(50)]
    assert row["at"] == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert row["nothing"] is None


async def test_lists_travel_whatever_they_hold(connection: LineConnection) -> None:
    async with Line(connection) as line:
        texts = line.send("SELECT $1::text[] AS v", [["a", 'b"c', "{d,e}", "", "\\", "NULL"]])
        data = line.send("SELECT $1::bytea[] AS v", [[b"\0\xff", b""]])
        numbers = line.send("SELECT $1::bigint[] AS v", [[1, 2**40]])
        nothing = line.send("SELECT $1::text[] AS v", [[]])
        found = [(await each).rows[0]["v"] for each in (texts, data, numbers, nothing)]
    assert found == [
        ["a", 'b"c', "{d,e}", "", "\\", "NULL"],
        [b"\0\xff", b""],
        [1, 2**40],
        [],
    ]


async def test_a_count_is_of_the_rows_touched(connection: LineConnection) -> None:
    async with Line(connection) as line:
        insert = line.send("INSERT INTO numbers (n) SELECT * FROM generate_series(1, 7)")
        delete = line.send("DELETE FROM numbers WHERE n > 4")
        assert ((await insert).count, (await delete).count) == (7, 3)


async def test_what_is_more_than_a_socket_holds_travels_both_ways(
    connection: LineConnection,
) -> None:
    text = "x" * 1_000_000
    async with Line(connection) as line:
        sent = [line.send("SELECT $1::text AS t", [f"{n}{text}"]) for n in range(20)]
        assert [len((await each).rows[0]["t"]) for each in sent] == [1_000_001] * 10 + [
            1_000_002
        ] * 10


async def test_a_transaction_is_undone_after_an_exception(connection: LineConnection) -> None:
    async def leave(line: Line) -> None:
        async with line.transaction():
            line.send("INSERT INTO numbers (n) VALUES (1)")
            raise LookupError

    async with Line(connection) as line:
        with pytest.raises(LookupError):
            await leave(line)
        async with line.transaction():
            line.send("INSERT INTO numbers (n) VALUES (2)")
    assert await numbers(connection) == [2]


async def test_an_error_that_nobody_asked_for_undoes_the_transaction_and_is_told(
    connection: LineConnection,
) -> None:
    async def write() -> None:
        async with Line(connection) as line, line.transaction():
            for n in (1, 1, 2):
                line.send("INSERT INTO numbers (n) VALUES ($1)", [n])

    with pytest.raises(errors.UniqueViolation):
        await write()
    assert await numbers(connection) == []


async def test_whoever_asks_after_an_error_is_told_of_the_first(
    connection: LineConnection,
) -> None:
    async def write(line: Line) -> None:
        async with line.transaction():
            line.send("INSERT INTO numbers (n) VALUES (1)")
            line.send("INSERT INTO numbers (n) VALUES (1)")
            later = line.send("SELECT 1 AS one")
            with pytest.raises(errors.UniqueViolation):
                await later
            with pytest.raises(errors.UniqueViolation):
                await line.send("SELECT 2 AS two")

    async with Line(connection) as line:
        with pytest.raises(errors.UniqueViolation):
            await write(line)
        assert (await line.send("SELECT 3 AS three")).rows == [{"three": 3}]


async def test_an_error_of_the_commit_is_told(connection: LineConnection) -> None:
    await connection.execute(
        "CREATE TABLE links (n int REFERENCES numbers DEFERRABLE INITIALLY DEFERRED)"
    )
    with pytest.raises(errors.ForeignKeyViolation):
        async with Line(connection) as line, line.transaction():
            await line.send("INSERT INTO links VALUES (1)")
    assert connection.pgconn.transaction_status == TransactionStatus.IDLE


async def test_an_error_outside_of_a_transaction_is_told_when_the_block_ends(
    connection: LineConnection,
) -> None:
    with pytest.raises(errors.DivisionByZero):
        async with Line(connection) as line:
            line.send("SELECT 1 / 0")
    assert await numbers(connection) == []


async def test_a_statement_that_cannot_be_prepared_can_be_sent_again(
    connection: LineConnection,
) -> None:
    for _ in range(2):
        with pytest.raises(errors.UndefinedTable):
            async with Line(connection) as line:
                await line.send("SELECT n FROM later")
    await connection.execute("CREATE TABLE later (n int)")
    async with Line(connection) as line:
        assert (await line.send("SELECT n FROM later")).rows == []


async def test_one_who_leaves_waits_for_no_lock_and_leaves_the_connection_clean(
    connection: LineConnection, database_url: str
) -> None:
    sent = asyncio.Event()

    async def write() -> None:
        async with Line(connection) as line, line.transaction():
            answer = line.send("INSERT INTO numbers (n) VALUES (1)")
            sent.set()
            await answer

    async with locked(database_url) as other:
        writing = asyncio.create_task(write())
        await sent.wait()

        async def waits() -> bool:
            row = await (await other.execute("SELECT 1 FROM pg_locks WHERE NOT granted")).fetchone()
            return row is not None

        await eventually(waits)
        writing.cancel()
        async with asyncio.timeout(5):
            with pytest.raises(asyncio.CancelledError):
                await writing
    assert connection.pgconn.transaction_status == TransactionStatus.IDLE
    assert await numbers(connection) == []


async def test_a_lost_connection_fails_all_that_is_under_way(
    connection: LineConnection, database_url: str
) -> None:
    backend = connection.info.backend_pid
    told: list[object] = []

    async def ask() -> None:
        async with Line(connection) as line:
            slow = [line.send("SELECT pg_sleep(30)") for _ in range(3)]
            async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as own:
                await own.execute("SELECT pg_terminate_backend(%s)", (backend,))
            async with asyncio.timeout(10):
                told.extend(await asyncio.gather(*slow, return_exceptions=True))

    with pytest.raises(psycopg.OperationalError):
        await ask()
    assert [type(each) for each in told] == [errors.AdminShutdown] * 3
    assert connection.closed
