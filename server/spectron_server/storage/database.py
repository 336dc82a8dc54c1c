"""The connection pool, transactions, and database errors turned into the domain's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from types import TracebackType
from typing import Final, TypeAlias, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from spectron_server.domain.errors import (
    DatabaseUnavailableError,
    SpectronError,
    StorageFullError,
)
from spectron_server.storage.line import Line, LineConnection
from spectron_server.storage.statement import Connection
from spectron_server.telemetry.traces import NO_TRACES, Traces

T = TypeVar("T")
Refusal: TypeAlias = Callable[[psycopg.Error], SpectronError | None]
"""Tells what an error of the database means to who asked for the work, if it is known."""

CONNECT_TIMEOUT_S: Final = 5.0
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
_WATCHFUL: Final = {
    "connect_timeout": int(CONNECT_TIMEOUT_S),
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
APPLICATION: Final = "spectron"
"""How connections call themselves in `pg_stat_activity`, before a slash and the version."""
_TRIES: Final = 4
_ASK_TIMEOUT_S: Final = 10.0
# Classes of SQLSTATE that mean that the server is away, not that the statement is wrong:
# 08 connection exceptions, 57P0x shutdown and start-up, 53200 and 53300 out of memory and of
# connections, which pass.
_AWAY: Final = ("08", "57P", "53200", "53300")
_FULL: Final = ("53100",)


class Database:
    """A pool of connections to one Postgres database."""

    def __init__(
        self, pool: AsyncConnectionPool[LineConnection], traces: Traces = NO_TRACES
    ) -> None:
        self.pool = pool
        self._traces = traces
        self._lines = _Lines(pool)
        self._standing = _StandingLine(self._lines)

    @classmethod
    async def open(
        cls, url: str, *, max_connections: int, traces: Traces = NO_TRACES
    ) -> "Database":
        """Connects, with one connection at first and at most the number given.

        Args:
            url: The database's address.
            max_connections: At most this many connections.
            traces: Where each use of a connection is told.

        Raises:
            DatabaseUnavailableError: No connection could be made.
        """
        pool: AsyncConnectionPool[LineConnection] = AsyncConnectionPool(
            watchful(url),
            connection_class=LineConnection,
            kwargs={
                "row_factory": dict_row,
                "application_name": f"{APPLICATION}/{version('spectron')}",
            },
            configure=_configure,
            min_size=1,
            max_size=max_connections,
            timeout=CONNECT_TIMEOUT_S,
            reconnect_timeout=CONNECT_TIMEOUT_S,
            open=False,
        )
        try:
            await pool.open(wait=True, timeout=CONNECT_TIMEOUT_S)
        except PoolTimeout as error:
            await pool.close()
            raise DatabaseUnavailableError(_AWAY_MESSAGE) from error
        return cls(pool, traces)

    async def close(self) -> None:
        """Closes all connections, after those in use were returned."""
        await self._standing.aclose()
        await self._lines.aclose()
        await self.pool.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Lends a connection that commits each statement by itself."""
        with _translated(), self._traces.span("database"):
            line = await self._lines.take()
            try:
                yield line
            except BaseException as error:
                await self._lines.put_back(line, error)
                raise
            await self._lines.put_back(line)

    async def ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Runs a statement that reads on a line that stays open, and returns its result.

        For what nearly every call asks for: to lend a connection each time costs as much as the
        statement. The line is shared, so it is no place for writes or for transactions.
        """
        with _translated(), self._traces.span("database"):
            line = await self._standing.line()
            # Those who wait on it are told then. `asyncio.timeout` would take eight times as long.
            overdue = asyncio.get_running_loop().call_later(_ASK_TIMEOUT_S, line.give_up)
            try:
                return await work(line)
            finally:
                overdue.cancel()

    async def write(
        self, work: Callable[[Connection], Awaitable[T]], refusal: Refusal | None = None
    ) -> T:
        """Runs work in one transaction and returns its result.

        Statements whose results are not asked for travel with the next one whose is, and the
        last of them with the commit.

        A transaction that Postgres broke off because of a deadlock or a conflict is run again, a
        few times: the work must have no effect outside the database. So is one whose row belongs
        to a scope that was erased since the work had seen it.

        Args:
            work: What to do.
            refusal: Tells what it means that the database refused what was done last, if that is
                known: it is raised instead.
        """
        try:
            return await self._write(work)
        except psycopg.Error as error:
            refused = refusal(error) if refusal is not None else None
            if refused is None:
                raise
            raise refused from error

    async def _write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        for attempt in range(1, _TRIES + 1):
            try:
                with self._traces.span("transaction", attempt=attempt):
                    async with self.read() as connection, connection.transaction():
                        return await work(connection)
            except _CONFLICTS:
                if attempt == _TRIES:
                    raise
                await asyncio.sleep(0.01 * attempt)
        raise AssertionError  # The loop returns or raises.


def watchful(url: str) -> str:
    """Returns an address whose connections end when the other side has been silent for long.

    Where a machine or its network is lost nothing tells of it, and the kernel waits by itself for
    a quarter of an hour. What the address says of this already stays as it is.
    """
    return make_conninfo("", **{**_WATCHFUL, **conninfo_to_dict(url)})


class _Lines:
    """Lines on connections of the pool, a few of which stay open until they are used again.

    To open and close one each time takes half as long as recording a turn on it.
    """

    def __init__(self, pool: AsyncConnectionPool[LineConnection]) -> None:
        self._pool = pool
        # The rest is left to those who use the pool itself.
        self._most_idle = pool.max_size // 4
        self._idle: list[Line] = []
        self._asking = 0

    async def take(self) -> Line:
        """Returns a line that nobody uses."""
        while self._idle:
            line = self._idle.pop()
            if not line.failed:
                return line
            await self.dismiss(line)
        self._asking += 1
        try:
            connection = await self._pool.getconn()
            while connection.notice_end():
                await self._pool.putconn(connection)
                connection = await self._pool.getconn()
        finally:
            self._asking -= 1
        try:
            return await Line(connection).__aenter__()
        except BaseException:
            await self._pool.putconn(connection)
            raise

    async def put_back(self, line: Line, error: BaseException | None = None) -> None:
        """Ends the use of a line, which ended with an error if one is given.

        Raises:
            psycopg.Error: The first error of a statement, if nobody can have been told of it.
        """
        try:
            await line.settle(error)
        finally:
            if line.failed or self._asking or len(self._idle) >= self._most_idle:
                await self.dismiss(line)
            else:
                self._idle.append(line)

    async def dismiss(self, line: Line) -> None:
        """Closes a line on which nothing is under way."""
        line.close()
        await self._pool.putconn(line.connection)

    async def aclose(self) -> None:
        """Closes the lines that are open."""
        while self._idle:
            await self.dismiss(self._idle.pop())


class _StandingLine:
    """A line that many use at once; opened at the first use, and anew after a failure."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._opening = asyncio.Lock()
        self._line: Line | None = None

    async def line(self) -> Line:
        if self._line is not None and not self._line.failed:
            return self._line
        async with self._opening:
            if self._line is None or self._line.failed:
                await self.aclose()
                self._line = await self._lines.take()
            return self._line

    async def aclose(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        # Those whose statement failed have been told.
        with contextlib.suppress(psycopg.Error):
            await line.settle()
        await self._lines.dismiss(line)


async def _configure(connection: LineConnection) -> None:
    await connection.set_autocommit(True)


_CONFLICTS: Final = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.ForeignKeyViolation,
)
_AWAY_MESSAGE: Final = "The database cannot be reached. Try again in a moment."
_FULL_MESSAGE: Final = "The database has no room left. Nothing was written; free some space."


class _translated:  # noqa: N801 - it reads as a statement
    """Turns what psycopg raises when the database is away or full into the domain's errors."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, PoolTimeout | PoolClosed):
            raise DatabaseUnavailableError(_AWAY_MESSAGE) from error
        if isinstance(error, psycopg.Error):
            state = error.sqlstate or ""
            if state in _FULL:
                raise StorageFullError(_FULL_MESSAGE) from error
            lost = isinstance(error, psycopg.OperationalError) and not state
            if lost or state.startswith(_AWAY):
                raise DatabaseUnavailableError(_AWAY_MESSAGE) from error
