"""Waiting until a turn has been extracted, wherever its worker runs."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from spectron_server.domain.clock import Clock
from spectron_server.domain.conversation import ExtractionStatus
from spectron_server.domain.errors import (
    ExtractionFailedError,
    TurnNotFoundError,
    WaitTimeoutError,
)
from spectron_server.domain.ids import scope_key_of
from spectron_server.storage import extractions
from spectron_server.storage.database import Database

# News of other servers may be lost with a connection: look by oneself now and then.
_LOOK_AGAIN_S: Final = 2.0


class Waiting:
    """Wakes those who wait for news of a scope."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def wake(self, scope_key: str | None) -> None:
        """Wakes those who wait for a scope; all of them with None."""
        keys = [scope_key] if scope_key is not None else list(self._waiters)
        for key in keys:
            for event in self._waiters.get(key, ()):
                event.set()

    async def until_extracted(
        self, scope_key: str, turn_id: str, until: datetime
    ) -> ExtractionStatus | None:
        """Waits until a turn's extraction has ended, but not longer than until a moment.

        Returns:
            How far it has come; None if there is no such turn.
        """
        with self._listening(scope_key) as news:
            while True:
                news.clear()
                status = await self._status(scope_key, turn_id)
                left_s = (until - self._clock.now()).total_seconds()
                if status is not ExtractionStatus.PENDING or left_s <= 0:
                    return status
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), min(left_s, _LOOK_AGAIN_S))

    async def until_idle(self, scope_key: str, until: datetime) -> None:
        """Waits until no turn of a scope awaits extraction, but not longer than until a moment."""
        with self._listening(scope_key) as news:
            while True:
                news.clear()
                async with self._database.read() as connection:
                    pending = await extractions.pending(connection, scope_key, 1)
                left_s = (until - self._clock.now()).total_seconds()
                if not pending or left_s <= 0:
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), min(left_s, _LOOK_AGAIN_S))

    async def require(self, visible_keys: Sequence[str], turn_id: str, until: datetime) -> None:
        """Waits for the turn that a read names as `min_turn`.

        Raises:
            TurnNotFoundError: The read's scope does not see such a turn.
            ExtractionFailedError: Its extraction failed.
            WaitTimeoutError: It was not extracted in time.
        """
        key = scope_key_of(turn_id, "turn")
        status = None
        if key in visible_keys:
            assert key is not None
            status = await self.until_extracted(key, turn_id, until)
        if status is None:
            raise TurnNotFoundError("min_turn names no turn that this scope sees.")
        if status is ExtractionStatus.FAILED:
            raise ExtractionFailedError(
                "The extraction of min_turn failed; GetExtraction says why, and RetryExtraction "
                "queues it again.",
                turn_id=turn_id,
            )
        if status is ExtractionStatus.PENDING:
            raise WaitTimeoutError(
                "min_turn was not extracted before the deadline. Try again with a later deadline."
            )

    async def _status(self, scope_key: str, turn_id: str) -> ExtractionStatus | None:
        async with self._database.read() as connection:
            found = await extractions.statuses(connection, scope_key, [turn_id])
        return found.get(turn_id)

    @contextlib.contextmanager
    def _listening(self, scope_key: str) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiters[scope_key].add(event)
        try:
            yield event
        finally:
            self._waiters[scope_key].discard(event)
            if not self._waiters[scope_key]:
                del self._waiters[scope_key]
