"""Idempotency: the same request again returns the first answer.

The answer is written in the transaction of the work itself, so that there is never one without
the other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

import psycopg
from pydantic import TypeAdapter

from spectron_server.domain.clock import Clock
from spectron_server.domain.errors import (
    DatabaseUnavailableError,
    RequestIdReusedError,
    SpectronError,
    StorageFullError,
)
from spectron_server.storage import requests
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

T = TypeVar("T")

KEPT_FOR: Final = timedelta(hours=24)
_HOPELESS: Final = (DatabaseUnavailableError, StorageFullError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Once:
    """Names a request: `fingerprint` is a SHA-256 of its method and body without the id."""

    request_id: str
    fingerprint: bytes


class Idempotency:
    """Runs the work of a request at most once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(
        self,
        once: Once | None,
        scope_key: str,
        answer: TypeAdapter[T],
        work: Callable[[Connection], Awaitable[T]],
    ) -> T:
        """Runs work in a transaction, or returns what it returned the first time.

        Args:
            once: The request; None runs the work without remembering.
            scope_key: Whose request it is; a request id counts within one scope.
            answer: How the answer is kept.
            work: What to do. It may be called again after a conflict in the database.

        Raises:
            RequestIdReusedError: The id was used for a request with another body.
        """
        if once is None:
            return await self._database.write(work)

        async def first(connection: Connection) -> T:
            result = await work(connection)
            await requests.put(
                connection,
                scope_key,
                once.request_id,
                fingerprint=once.fingerprint,
                answer=answer.dump_python(result, mode="json"),
                now=self._clock.now(),
            )
            return result

        async def again(connection: Connection) -> T:
            fresh = self._clock.now() - KEPT_FOR
            earlier = await requests.get(connection, scope_key, once.request_id)
            if earlier is not None and earlier.created_at >= fresh:
                return self._replay(once, earlier, answer)
            await requests.drop(connection, scope_key, once.request_id)
            return await first(connection)

        # Nearly every request is new: to look first would cost each of them a round trip.
        for work_once in (first, again):
            try:
                return await self._database.write(work_once)
            except SpectronError as error:
                # What is refused now may have been done the first time; where the database is
                # away or full, whoever asks again would only wait once more.
                if work_once is again or isinstance(error, _HOPELESS):
                    raise
            except psycopg.errors.UniqueViolation as error:
                if not requests.taken(error):
                    raise
        # Another call answered it in this very moment, and has committed: its answer is there.
        return await self._database.write(again)

    def _replay(self, once: Once, earlier: requests.Answered, answer: TypeAdapter[T]) -> T:
        if earlier.fingerprint != once.fingerprint:
            raise RequestIdReusedError(
                "This request_id was used for another request in the last 24 hours. Use a new "
                "request_id for a new request."
            )
        return answer.validate_python(earlier.answer)
