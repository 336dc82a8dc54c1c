"""Merging the pages of several scopes into one list."""

import heapq
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[T]):
    """Some items of a list; `next_cursor` of None says that they are the last."""

    items: Sequence[T]
    next_cursor: str | None = None


def cut(items: Sequence[T], size: int, cursor: Callable[[T], str]) -> Page[T]:
    """Makes a page of at most `size` of the items; one more than that says there are others."""
    if len(items) <= size:
        return Page(items=items)
    kept = items[:size]
    return Page(items=kept, next_cursor=cursor(kept[-1]))


async def newest_first(
    places: Iterable[S],
    load: Callable[[S], Awaitable[list[T]]],
    cursor: Callable[[T], str],
    size: int,
) -> Page[T]:
    """Merges the newest items of several scopes.

    Each scope is asked by itself, so that no statement needs an order across scopes. Ids start
    with their time, and so order items across scopes too.
    """
    lists = [await load(place) for place in places]
    merged = heapq.merge(*lists, key=cursor, reverse=True)
    return cut([item for item, _ in zip(merged, range(size + 1), strict=False)], size, cursor)
