"""Lookups that share statements: nothing that was read before it was asked for, errors to all."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from spectron_server.domain.errors import DatabaseUnavailableError
from spectron_server.storage import lookup as module
from spectron_server.storage.database import Database
from spectron_server.storage.lookup import SharedLookup
from spectron_server.storage.statement import Connection


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's own database."""
    database = await Database.open(database_url, max_connections=4)
    yield database
    await database.close()


class Numbers:
    """Answers each key with the number of the statement; holds the first back."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.started = asyncio.Event()
        self.go_on = asyncio.Event()

    async def find(self, connection: Connection, keys: Sequence[str]) -> dict[str, int]:
        """Returns what there is of the keys."""
        self.asked.append(sorted(keys))
        number = len(self.asked)
        self.started.set()
        await self.go_on.wait()
        await connection.execute("SELECT 1")
        return {key: number for key in keys if key != "missing"}


async def test_those_who_ask_meanwhile_are_answered_together_and_afresh(
    database: Database,
) -> None:
    numbers = Numbers()
    lookup = SharedLookup(database, numbers.find)
    first = asyncio.create_task(lookup.find(["a"]))
    await numbers.started.wait()
    later = [asyncio.create_task(lookup.find([key, "missing"])) for key in "abba"]
    # They have all asked once each has had its turn.
    await asyncio.sleep(0)
    numbers.go_on.set()
    assert await first == {"a": 1}
    # The first answer was on its way already: it may not tell of what was changed since.
    assert await asyncio.gather(*later) == [{"a": 2}, {"b": 2}, {"b": 2}, {"a": 2}]
    assert numbers.asked == [["a"], ["a", "b", "missing"]]


async def test_a_crowd_is_waited_for_and_one_alone_is_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_COMPANY_S", 0.05)
    numbers = Numbers()
    numbers.go_on.set()
    lookup = SharedLookup(database, numbers.find)
    await asyncio.gather(*(lookup.find([key]) for key in "ab"))
    # They came together, so that the next is held back until others have come.
    early = asyncio.create_task(lookup.find(["c"]))
    for _ in range(3):  # It would have gone by now.
        await asyncio.sleep(0)
    await asyncio.gather(early, lookup.find(["d"]))
    assert numbers.asked == [["a", "b"], ["c", "d"]]
    # Nobody came along with this one, so that the next goes at once.
    await lookup.find(["e"])
    monkeypatch.setattr(module, "_COMPANY_S", 3_600)
    async with asyncio.timeout(20):
        await lookup.find(["f"])
    assert numbers.asked[2:] == [["e"], ["f"]]


async def test_one_who_leaves_does_not_take_the_others_along(database: Database) -> None:
    numbers = Numbers()
    lookup = SharedLookup(database, numbers.find)
    leaving = asyncio.create_task(lookup.find(["a"]))
    await numbers.started.wait()
    staying = asyncio.create_task(lookup.find(["b"]))
    leaving.cancel()
    numbers.go_on.set()
    assert await staying == {"b": 2}


async def test_an_error_reaches_all_who_asked_and_passes(database: Database) -> None:
    failing = True

    async def find(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
        if failing:
            raise DatabaseUnavailableError("away")
        await connection.execute("SELECT 1")
        return dict.fromkeys(keys, 1)

    lookup = SharedLookup(database, find)
    found = await asyncio.gather(*(lookup.find(["a"]) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(each, DatabaseUnavailableError) for each in found)
    failing = False
    assert await lookup.find(["a"]) == {"a": 1}
