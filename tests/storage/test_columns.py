"""Many rows as columns: whole, in pages, with moments that are exact."""

from datetime import UTC, datetime, timedelta

import psycopg

from spectron_server.storage.columns import PAGE_ROWS, columns_of, microseconds_of, pages
from spectron_server.storage.line import Line, LineConnection

MOMENTS = [
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 30, 15, 123_456, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
]


async def test_pages_hold_every_row_once(database_url: str) -> None:
    for count in (0, 1, PAGE_ROWS, PAGE_ROWS + 1, 2 * PAGE_ROWS):
        async with (
            await LineConnection.connect(database_url, autocommit=True) as connection,
            Line(connection) as line,
        ):
            numbers: list[int] = []
            texts: list[str] = []
            sizes: list[int] = []
            async for page in pages(
                lambda after, count=count, line=line: line.send(  # type: ignore[misc]
                    "SELECT n, 'é' || n FROM generate_series(1, $1::int) AS n"
                    " WHERE n > $2 ORDER BY n LIMIT $3",
                    [count, after, PAGE_ROWS],
                    whole=True,
                ),
                first=0,
            ):
                some_numbers, some_texts = columns_of(page)
                numbers += some_numbers
                texts += some_texts
                sizes.append(page.count)
        assert numbers == list(range(1, count + 1))
        assert texts == [f"é{number}" for number in numbers]
        assert max(sizes) <= PAGE_ROWS


async def test_moments_are_exact_whatever_the_zone(database_url: str) -> None:
    async with await LineConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("SET timezone TO 'Asia/Kathmandu'")
        async with Line(connection) as line:
            answer = await line.send(
                "SELECT timestamptz_send(unnest($1::timestamptz[]))", [MOMENTS], whole=True
            )
    [moments] = columns_of(answer)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    expected = [(moment - epoch) // timedelta(microseconds=1) for moment in MOMENTS]
    assert microseconds_of(moments) == expected
    assert microseconds_of([]) == []


async def test_a_failed_statement_tells_so_when_its_page_is_asked_for(database_url: str) -> None:
    async with await LineConnection.connect(database_url, autocommit=True) as connection:
        try:
            async with Line(connection) as line:
                async for _ in pages(
                    lambda _: line.send("SELECT * FROM nothing_of_this_name", whole=True), first=0
                ):
                    raise AssertionError("no page was expected")
        except psycopg.errors.UndefinedTable:
            return
    raise AssertionError("an error was expected")
