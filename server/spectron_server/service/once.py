"""Idempotency: the same request again returns the first answer.

The answer is written in the transaction of the work itself, so that there is never one without
the other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

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
from spectron_server.storage.database import Database, Refusal
from spectron_server.storage.statement import Connection

T = TypeVar("T")

KEPT_FOR: Final = timedelta(hours=24)
_HOPELESS: Final = (DatabaseUnavailableError, StorageFullError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Once:
    """Names a request: `fingerprint` is a SHA-256 of its method and body without the id."""

    request_id: str
    fingerprint: bytes


class Keeping(Protocol[T]):
    """How the answer to a request is kept."""

    def keep(self, answer: T) -> Any:
        """Returns what is kept of an answer, as JSON; the transaction is not over yet."""

    async def restore(self, connection: Connection, kept: Any) -> T:
        """Returns the answer of which something was kept."""


class Whole(Generic[T]):
    """Keeps answers of a type as they are."""

    def __init__(self, kind: type[T]) -> None:
        self._json = TypeAdapter(kind)

    def keep(self, answer: T) -> Any:
        """Returns an answer as JSON."""
        return self._json.dump_python(answer, mode="json")

    async def restore(self, connection: Connection, kept: Any) -> T:
        """Returns an answer that was JSON."""
        del connection
        return self._json.validate_python(kept)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Request(Generic[T]):
    """A request to be answered at most once, and the work that it asks for."""

    once: Once
    scope_key: str
    keeping: Keeping[T]
    work: Callable[[Connection], Awaitable[T]]
    clock: Clock

    async def first(self, connection: Connection) -> T:
        """Does the work and keeps the answer; the transaction fails if there is one already."""
        answer = await self.work(connection)
        await requests.put(
            connection,
            self.scope_key,
            self.once.request_id,
            fingerprint=self.once.fingerprint,
            answer=self.keeping.keep(answer),
            now=self.clock.now(),
        )
        return answer

    async def again(self, connection: Connection) -> T:
        """Returns the answer that is kept; does the work if there is none, or an old one."""
        earlier = await requests.get(connection, self.scope_key, self.once.request_id)
        if earlier is None or earlier.created_at < self.clock.now() - KEPT_FOR:
            await requests.drop(connection, self.scope_key, self.once.request_id)
            return await self.first(connection)
        if earlier.fingerprint != self.once.fingerprint:
            raise RequestIdReusedError(
                "This request_id was used for another request in the last 24 hours. Use a new "
                "request_id for a new request."
            )
        return await self.keeping.restore(connection, earlier.answer)


class Idempotency:
    """Runs the work of a request at most once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(
        self,
        once: Once | None,
        scope_key: str,
        keeping: Keeping[T],
        work: Callable[[Connection], Awaitable[T]],
        refusal: Refusal | None = None,
    ) -> T:
        """Runs work in a transaction, or returns what it returned the first time.

        Args:
            once: The request; None runs the work without remembering.
            scope_key: Whose request it is; a request id counts within one scope.
            keeping: How the answer is kept.
            work: What to do. It may be called again after a conflict in the database.
            refusal: As for `Database.write`.

        Raises:
            RequestIdReusedError: The id was used for a request with another body.
        """
        if once is None:
            return await self._database.write(work, refusal)
        request = _Request(
            once=once, scope_key=scope_key, keeping=keeping, work=work, clock=self._clock
        )
        # Nearly every request is new: to look first would cost each of them a round trip.
        try:
            return await self._database.write(request.first, refusal)
        except SpectronError as error:
            # What is refused now may have been done the first time; where the database is away
            # or full, whoever asks again would only wait once more.
            if isinstance(error, _HOPELESS):
                raise
        except psycopg.errors.UniqueViolation as error:
            if not requests.taken(error):
                raise
        try:
            return await self._database.write(request.again, refusal)
        except psycopg.errors.UniqueViolation as error:
            if not requests.taken(error):
                raise
        # Another call answered it in this very moment, and has committed: its answer is there.
        return await self._database.write(request.again, refusal)
