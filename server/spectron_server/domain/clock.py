"""The clock that the services are given."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests set it."""

    def now(self) -> datetime:
        """Returns the time, timezone-aware, in UTC."""
