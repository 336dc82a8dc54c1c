"""The clock and the makers of ids: the only module that reads the time or draws randomness."""

import secrets
import threading
import time
from datetime import UTC, datetime
from typing import Final

from ulid import ULID

_SECRET_BYTES: Final = 32


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Returns the time, timezone-aware, in UTC, to the microsecond that Postgres keeps."""
        return datetime.now(UTC)


class UlidIds:
    """Ids made of ULIDs that never go backwards within a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def scoped(self, kind: str, scope_key: str) -> str:
        """Returns a new id of a record in a scope."""
        return f"{kind}:{self._ulid()}-{scope_key}"

    def plain(self, kind: str) -> str:
        """Returns a new id of a record that belongs to no scope."""
        return f"{kind}:{self._ulid()}"

    def _ulid(self) -> str:
        fresh = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        with self._lock:
            # Within one millisecond a random ULID may sort before its elder: then count on.
            self._last = fresh if fresh >> 80 > self._last >> 80 else self._last + 1
            number = self._last
        return str(ULID.from_int(number)).lower()


def new_secret() -> str:
    """Returns the secret of a new API key: `sk-` and 256 random bits."""
    return f"sk-{secrets.token_urlsafe(_SECRET_BYTES)}"
