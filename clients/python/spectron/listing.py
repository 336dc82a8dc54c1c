"""Lists of any length: awaited as a list, or walked page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from typing import Any, Final, Generic, TypeVar

DEFAULT_LIMIT: Final = 10_000
# Pages of this size keep a page of the longest turns (32 KiB each) at a few MiB.
PAGE_SIZE: Final = 200

_Item = TypeVar("_Item")


class Listing(Generic[_Item]):
    """The items that a call lists, fetched in pages as they are needed.

    `await listing` gives them all as a list; `async for item in listing` fetches no more pages
    than it reads. Either gives at most `limit` items.
    """

    def __init__(
        self,
        fetch: Callable[[int, str], Awaitable[tuple[Sequence[_Item], str]]],
        *,
        limit: int,
    ) -> None:
        """Describes the list; nothing is fetched yet.

        Args:
            fetch: Takes a page size and a page token, and returns the page's items and the
                token of the next page, which is empty after the last.
            limit: At most this many items.

        Raises:
            ValueError: The limit is not positive.
        """
        if limit < 1:
            raise ValueError("limit must be at least 1")
        self._fetch = fetch
        self._limit = limit

    def __await__(self) -> Generator[Any, None, list[_Item]]:
        return self._all().__await__()

    async def __aiter__(self) -> AsyncIterator[_Item]:
        remaining = self._limit
        page_size = min(self._limit, PAGE_SIZE)
        token = ""
        while True:
            items, token = await self._fetch(page_size, token)
            for item in items[:remaining]:
                yield item
            remaining -= len(items)
            if remaining <= 0 or not token:
                return

    async def _all(self) -> list[_Item]:
        return [item async for item in self]
