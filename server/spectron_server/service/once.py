"""Idempotency: the same request again returns the first answer.

The answer is written in the transaction of the work itself, so that there is never one without
the other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from pydantic import TypeAdapter

from spectron_server.domain.clock import Clock
from spectron_server.domain.errors import RequestIdReusedError
from spectron_server.storage import requests
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

T = TypeVar("T")

KEPT_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Once:
    """Names a request: `fingerprint` is a SHA-256 of its method and body without the id."""

    request_id: str
    fingerprint: bytes


class _AnsweredMeanwhileError(Exception):
    """Another call has answered the request; this one's work must be undone."""


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

        async def guarded(connection: Connection) -> T:
            now = self._clock.now()
            earlier = await requests.get(connection, scope_key, once.request_id)
            if earlier is not None and earlier.created_at >= now - KEPT_FOR:
                return self._replay(once, earlier, answer)
            result = await work(connection)
            written = await requests.put(
                connection,
                scope_key,
                once.request_id,
                fingerprint=once.fingerprint,
                answer=answer.dump_python(result, mode="json"),
                now=now,
                stale=now - KEPT_FOR,
            )
            if not written:
                raise _AnsweredMeanwhileError
            return result

        try:
            return await self._database.write(guarded)
        except _AnsweredMeanwhileError:
            # The other call has committed, so that its answer is found now.
            return await self._database.write(guarded)

    def _replay(self, once: Once, earlier: requests.Answered, answer: TypeAdapter[T]) -> T:
        if earlier.fingerprint != once.fingerprint:
            raise RequestIdReusedError(
                "This request_id was used for another request in the last 24 hours. Use a new "
                "request_id for a new request."
            )
        return answer.validate_python(earlier.answer)
