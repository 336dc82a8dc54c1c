"""The cache of indexes: by use, within its budget, one lock for each scope."""

import asyncio
import gc

from spectron_server.index.budget import ScopeIndexes
from spectron_server.index.scope_index import ScopeIndex
from tests.index.builders import add, axis, day, turn


def index_of_size(items: int) -> ScopeIndex:
    index = ScopeIndex()
    add(index, [turn(f"turn:{n}", "a boat", embedding=axis(0)) for n in range(items)])
    return index


def put(cache: ScopeIndexes, key: str, index: ScopeIndex, revision: int = 1) -> None:
    cache.put(key, created_at=day(1), revision=revision, index=index)


def test_least_recently_used_makes_room() -> None:
    index = index_of_size(10)
    cache = ScopeIndexes(3 * index.nbytes)
    for key in "abc":
        put(cache, key, index)
    assert cache.get("a", day(1)) is not None
    put(cache, "d", index)
    assert cache.get("b", day(1)) is None
    assert [bool(cache.get(key, day(1))) for key in "acd"] == [True] * 3
    assert (cache.hits, cache.misses, cache.evictions) == (4, 1, 1)
    assert cache.nbytes == 3 * index.nbytes


def test_growth_counts_when_an_index_is_put_again() -> None:
    small = index_of_size(10)
    cache = ScopeIndexes(2 * small.nbytes)
    grown = index_of_size(10)
    put(cache, "a", small)
    put(cache, "b", grown)
    assert len(cache) == 2
    add(grown, [turn(f"turn:more{n}", "a boat") for n in range(100)])
    put(cache, "b", grown, revision=2)
    entry = cache.get("b", day(1))
    assert entry is not None
    assert entry.revision == 2
    assert entry.index is grown
    assert cache.get("a", day(1)) is None
    assert cache.nbytes == grown.nbytes


def test_an_index_larger_than_the_budget_stays_until_the_next() -> None:
    cache = ScopeIndexes(1)
    put(cache, "a", index_of_size(10))
    assert cache.get("a", day(1)) is not None
    put(cache, "b", index_of_size(10))
    assert cache.get("a", day(1)) is None
    assert len(cache) == 1


def test_a_scope_made_anew_does_not_get_the_index_of_the_old() -> None:
    cache = ScopeIndexes(10**9)
    put(cache, "a", index_of_size(1))
    assert cache.get("a", day(2)) is None
    assert cache.misses == 1


def test_discarded_index_is_gone() -> None:
    cache = ScopeIndexes(10**9)
    put(cache, "a", index_of_size(1))
    cache.discard("a")
    cache.discard("a")
    assert cache.get("a", day(1)) is None
    assert cache.nbytes == 0


async def test_locks_are_one_for_each_scope_and_do_not_pile_up() -> None:
    cache = ScopeIndexes(1)
    order: list[str] = []

    async def build(name: str) -> None:
        async with cache.lock("a"):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    async with cache.lock("b"):
        await asyncio.gather(build("one"), build("two"))
    assert order == ["one begins", "one ends", "two begins", "two ends"]
    gc.collect()
    assert not cache._locks
