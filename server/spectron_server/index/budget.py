"""The scope indexes that are kept in memory, the least recently used going first."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from spectron_server.index.scope_index import ScopeIndex
from spectron_server.telemetry.readings import CacheReading


@dataclass(frozen=True, kw_only=True, slots=True)
class CachedIndex:
    """An index and what it shows.

    Attributes:
        created_at: When the scope was made: a scope that was erased and made again is another.
        revision: The scope's revision that the index is up to date with.
        index: The index.
        nbytes: About how much memory it took when it was put.
    """

    created_at: datetime
    revision: int
    index: ScopeIndex
    nbytes: int


class ScopeIndexes:
    """Indexes by scope key, within a budget of memory. Belongs to one event loop.

    Attributes:
        hits: How often an index was found.
        misses: How often none was.
        evictions: How often one had to make room.
        nbytes: About how much memory all of them take.
    """

    def __init__(self, budget_bytes: int) -> None:
        """Makes an empty cache.

        Args:
            budget_bytes: How much memory the indexes may take. The one put last stays even if it
                is larger alone, since it is in use anyway.
        """
        self.hits = 0
        self.misses = 0
        self.evictions = 0
        self.nbytes = 0
        self._budget = budget_bytes
        self._entries: OrderedDict[str, CachedIndex] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._entries)

    def reading(self) -> CacheReading:
        """Tells how the cache does, for the metrics."""
        return CacheReading(
            hits=self.hits,
            misses=self.misses,
            evictions=self.evictions,
            entries=len(self._entries),
            nbytes=self.nbytes,
        )

    def lock(self, scope_key: str) -> asyncio.Lock:
        """Returns the lock of a scope: hold it while its index is built or brought up to date.

        Everyone who asks while somebody holds or awaits the lock gets the same one.
        """
        lock = self._locks.get(scope_key)
        if lock is None:
            lock = self._locks[scope_key] = asyncio.Lock()
        return lock

    def get(self, scope_key: str, created_at: datetime) -> CachedIndex | None:
        """Returns the index of a scope, or None if there is none, or only one of its forerunner."""
        entry = self._entries.get(scope_key)
        if entry is None or entry.created_at != created_at:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(scope_key)
        return entry

    def peek(self, scope_key: str) -> ScopeIndex | None:
        """Returns the index of a scope as it was last used, up to date or not."""
        entry = self._entries.get(scope_key)
        return None if entry is None else entry.index

    def put(
        self, scope_key: str, *, created_at: datetime, revision: int, index: ScopeIndex
    ) -> None:
        """Keeps an index, in place of the scope's former one; others make room if need be.

        Put an index again after it has changed, so that its growth counts.
        """
        self.discard(scope_key)
        entry = CachedIndex(
            created_at=created_at, revision=revision, index=index, nbytes=index.nbytes
        )
        self._entries[scope_key] = entry
        self.nbytes += entry.nbytes
        while self.nbytes > self._budget and len(self._entries) > 1:
            _, evicted = self._entries.popitem(last=False)
            self.nbytes -= evicted.nbytes
            self.evictions += 1

    def discard(self, scope_key: str) -> None:
        """Forgets the index of a scope, if there is one."""
        entry = self._entries.pop(scope_key, None)
        if entry is not None:
            self.nbytes -= entry.nbytes
