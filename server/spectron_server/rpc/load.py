"""How many calls are under way, and whose: no key's flood leaves the others without room."""

from collections import Counter
from typing import Final

from spectron_server.domain.errors import OverloadedError
from spectron_server.telemetry.readings import LoadReading

# A key may hold this many times as many calls as are free: three quarters of all if it is alone,
# and the less the more others do the same. Dynamic thresholds, as switches share their memory:
# Choudhury and Hahne, IEEE/ACM Transactions on Networking 6 (1998).
_SHARE: Final = 3


class Load:
    """The calls of one kind that are under way."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: Counter[int] = Counter()
        self._under_way = 0

    def reading(self) -> LoadReading:
        """Tells how many calls are under way, for the metrics."""
        return LoadReading(under_way=self._under_way, limit=self._limit)

    def enter(self, secret: str) -> None:
        """Counts a call that begins, and what it shows as its key."""
        self._under_way += 1
        self._held[hash(secret)] += 1

    def leave(self, secret: str) -> None:
        """Counts a call that ends."""
        self._under_way -= 1
        self._held[hash(secret)] -= 1
        if not self._held[hash(secret)]:
            del self._held[hash(secret)]

    def refuse_overload(self, secret: str) -> None:
        """Refuses a call that has begun, if there are too many.

        Raises:
            OverloadedError: There are too many, of this key or of all.
        """
        free = self._limit - self._under_way
        if free < 0:
            raise OverloadedError(
                "The server has as many calls under way as it takes on. Try again in a moment."
            )
        if self._held[hash(secret)] > _SHARE * (free + 1):
            raise OverloadedError(
                "This key has as many calls under way as leave room for others. Try again when "
                "some of them have ended."
            )
