"""SQLAlchemy Core statements, compiled once and run by psycopg.

Building and compiling a statement costs more than Postgres takes to run it, so each is compiled
when its module is imported; at run time only the parameters travel. In a pipeline, statements
whose result nobody asks for wait until somebody asks for one, and travel with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString, TypeAlias

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import DictRow
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.sql import ClauseElement

Connection: TypeAlias = AsyncConnection[DictRow]

_DIALECT: Final = psycopg_dialect.PGDialect_psycopg(  # type: ignore[no-untyped-call]
    paramstyle="pyformat"
)


class Statement:
    """A compiled statement. Its parameters are given by the names of its bind parameters."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        # The text comes from our own tables and columns, never from input.
        self.sql: LiteralString = compiled.string
        self._defaults = {
            name: value for name, value in (compiled.params or {}).items() if value is not None
        }

    async def rows(self, connection: Connection, **parameters: Any) -> list[DictRow]:
        """Runs it and returns all rows."""
        cursor = await self.send(connection, **parameters)
        return await cursor.fetchall()

    async def row(self, connection: Connection, **parameters: Any) -> DictRow | None:
        """Runs it and returns the first row, or None."""
        cursor = await self.send(connection, **parameters)
        return await cursor.fetchone()

    async def run(self, connection: Connection, **parameters: Any) -> None:
        """Runs it."""
        await self.send(connection, **parameters)

    async def count(self, connection: Connection, **parameters: Any) -> int:
        """Runs it and returns the number of rows it touched."""
        async with connection.pipeline() as pipeline:
            cursor = await self.send(connection, **parameters)
            await pipeline.sync()
        return cursor.rowcount

    async def send(self, connection: Connection, **parameters: Any) -> AsyncCursor[DictRow]:
        """Runs it; in a pipeline, its rows can be fetched together with those of others."""
        return await connection.execute(self.sql, self._defaults | parameters)

    async def run_many(
        self, connection: Connection, parameters: Sequence[Mapping[str, Any]]
    ) -> None:
        """Runs it once for each set of parameters, in one round trip."""
        if not parameters:
            return
        async with connection.cursor() as cursor:
            await cursor.executemany(self.sql, [self._defaults | dict(p) for p in parameters])
