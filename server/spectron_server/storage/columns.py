"""Answers of many rows as columns: for what is read to be put into arrays, not shown one by one.

They are read page by page, so that what is under way has a bound, and each page is asked for
before the one before it is worked on.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from psycopg.adapt import Transformer
from sqlalchemy import ColumnElement, LargeBinary, func

from spectron_server.storage.line import Answer

PAGE_ROWS: Final = 8192
# Moments travel as PostgreSQL keeps them, microseconds since 2000.
_POSTGRES_EPOCH_US: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


async def pages(ask: Callable[[Any], Awaitable[Answer]], first: object) -> AsyncIterator[Answer]:
    """Yields whole results of up to `PAGE_ROWS` rows until there are no more.

    Args:
        ask: Sends for the rows that come after one whose first column is given.
        first: What comes before the first column of all rows.
    """
    asked = ask(first)
    full = True
    while full:
        page = await asked
        full = page.count == PAGE_ROWS
        if full:
            [last] = _rows(page, PAGE_ROWS - 1)
            asked = ask(last[0])
        yield page


def columns_of(page: Answer) -> list[Sequence[Any]]:
    """Returns the columns of a whole result, in order.

    Much of it is work of Python's, and none of it needs the connection: it may run on any thread.
    """
    assert page.whole is not None
    rows = _rows(page)
    return [[row[place] for row in rows] for place in range(page.whole.nfields)]


def raw_moment(column: ColumnElement[Any]) -> ColumnElement[bytes]:
    """Returns a time as bytes, which cost a fifth of a datetime; `microseconds_of` reads them."""
    return func.timestamptz_send(column, type_=LargeBinary)


def microseconds_of(moments: Sequence[bytes]) -> list[int]:
    """Returns raw moments as microseconds since 1970."""
    since: list[int] = (np.frombuffer(b"".join(moments), ">i8") + _POSTGRES_EPOCH_US).tolist()
    return since


def _rows(page: Answer, start: int = 0) -> list[tuple[Any, ...]]:
    assert page.whole is not None
    transformer = Transformer()
    transformer.set_pgresult(page.whole)
    return transformer.load_rows(start, page.count, tuple)
