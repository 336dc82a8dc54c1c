"""SQLAlchemy Core statements, compiled once and run on a line.

Building and compiling a statement costs more than Postgres takes to run it, so each is compiled
when its module is imported; at run time only the parameters travel.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString, TypeAlias

from psycopg.rows import DictRow
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.sql import ClauseElement

from spectron_server.storage.line import Answer, Line

Connection: TypeAlias = Line

_DIALECT: Final = psycopg_dialect.PGDialect_psycopg(  # type: ignore[no-untyped-call]
    paramstyle="numeric_dollar"
)


class Statement:
    """A compiled statement. Its parameters are given by the names of its bind parameters."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        # The text comes from our own tables and columns, never from input.
        self.sql: LiteralString = compiled.string
        self._names: tuple[str, ...] = tuple(getattr(compiled, "positiontup", None) or ())
        self._defaults = {
            name: value for name, value in (compiled.params or {}).items() if value is not None
        }

    async def rows(self, connection: Connection, **parameters: Any) -> list[DictRow]:
        """Runs it and returns all rows."""
        return (await self.send(connection, **parameters)).rows

    async def row(self, connection: Connection, **parameters: Any) -> DictRow | None:
        """Runs it and returns the first row, or None."""
        rows = (await self.send(connection, **parameters)).rows
        return rows[0] if rows else None

    async def run(self, connection: Connection, **parameters: Any) -> None:
        """Has it run before what is sent later; an error is told then, or when the block ends."""
        self.send(connection, **parameters)

    async def count(self, connection: Connection, **parameters: Any) -> int:
        """Runs it and returns the number of rows it touched."""
        return (await self.send(connection, **parameters)).count

    def send(
        self, connection: Connection, *, whole: bool = False, **parameters: Any
    ) -> asyncio.Future[Answer]:
        """Sends it; its answer can be awaited together with those of others.

        Args:
            connection: Where to.
            whole: Leave the result as it came, for `columns_of` to read.
            parameters: Its parameters, by name.
        """
        given = self._defaults | parameters
        return connection.send(self.sql, [given[name] for name in self._names], whole=whole)

    async def run_many(
        self, connection: Connection, parameters: Sequence[Mapping[str, Any]]
    ) -> None:
        """Has it run once for each set of parameters, as `run`."""
        for each in parameters:
            self.send(connection, **each)
