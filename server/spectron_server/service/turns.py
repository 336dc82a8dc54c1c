"""Turns: record, list, and what was learned from each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from spectron_extraction.protocol import Role
from spectron_server.domain.clock import Clock
from spectron_server.domain.conversation import ExtractionStatus, NewTurn, Turn, TurnExtraction
from spectron_server.domain.errors import (
    ExtractionNotFailedError,
    SessionClosedError,
    TurnNotFoundError,
)
from spectron_server.domain.ids import Ids
from spectron_server.service.caller import Caller
from spectron_server.service.directory import Directory, Place, session_not_found
from spectron_server.service.once import Idempotency, Once
from spectron_server.service.pages import Page, cut
from spectron_server.service.waiting import Waiting
from spectron_server.storage import scopes, sessions, turns
from spectron_server.storage.database import Database
from spectron_server.storage.queue import JobQueue
from spectron_server.storage.statement import Connection

_TURNS: Final = TypeAdapter(list[Turn])
_EXTRACTION: Final = TypeAdapter(TurnExtraction)
EXTRACTED_ROLES: Final = frozenset({Role.USER, Role.ASSISTANT})


class TurnService:
    """The use cases of turns."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        directory: Directory,
        idempotency: Idempotency,
        queue: JobQueue,
        waiting: Waiting,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._directory = directory
        self._idempotency = idempotency
        self._queue = queue
        self._waiting = waiting

    async def record(
        self, caller: Caller, session_id: str, new: Sequence[NewTurn], once: Once | None
    ) -> list[Turn]:
        """Records turns of a session and queues their extraction, in one transaction.

        Raises:
            SessionNotFoundError: There is none that the caller reaches.
            SessionClosedError: The session is closed.
        """
        place = await self._directory.session_place(caller, session_id)

        async def work(connection: Connection) -> list[Turn]:
            return await self.write(connection, place, session_id, new)

        return await self._idempotency.run(once, place.key, _TURNS, work)

    async def write(
        self, connection: Connection, place: Place, session_id: str, new: Sequence[NewTurn]
    ) -> list[Turn]:
        """Writes turns and queues their extraction, in the transaction of a connection.

        Raises:
            SessionNotFoundError: There is none of this id.
            SessionClosedError: The session is closed.
        """
        # From here on the scope is locked, which gives its turns their order.
        last = await sessions.take_places(connection, place.key, session_id, len(new))
        if last is None:
            if await sessions.get(connection, place.key, session_id):
                raise SessionClosedError(
                    "The session is closed. Create a new one with the same scope: memory is kept "
                    "by scope."
                )
            raise session_not_found()
        now = self._clock.now()
        recorded = [
            Turn(
                id=self._ids.scoped("turn", place.key),
                session_id=session_id,
                sequence=last.sequence - len(new) + number,
                position=last.position - len(new) + number,
                role=turn.role,
                content=turn.content,
                observed_at=turn.observed_at or now,
                recorded_at=now,
                extraction_status=_first_status(turn.role),
                message_id=turn.message_id,
            )
            for number, turn in enumerate(new, start=1)
        ]
        await turns.add(connection, place.key, recorded, last.revision)
        if any(turn.extraction_status is ExtractionStatus.PENDING for turn in recorded):
            await self._queue.enqueue(connection, place.key)
        return recorded

    async def list(
        self,
        caller: Caller,
        session_id: str,
        *,
        status: ExtractionStatus | None,
        size: int,
        cursor: str | None,
    ) -> Page[Turn]:
        """Returns the turns of a session, in order.

        Raises:
            SessionNotFoundError: There is none that the caller reaches.
        """
        place = await self._directory.session_place(caller, session_id)
        async with self._database.read() as connection:
            found = await turns.page(
                connection,
                place.key,
                session_id=session_id,
                status=status,
                after=int(cursor or 0),
                limit=size + 1,
            )
            if not found and await sessions.get(connection, place.key, session_id) is None:
                raise session_not_found()
        return cut(found, size, lambda turn: str(turn.sequence))

    async def extraction(
        self, caller: Caller, turn_id: str, *, until: datetime | None
    ) -> TurnExtraction:
        """Returns the extraction of a turn, waiting for it until a moment.

        Raises:
            TurnNotFoundError: There is no such turn that the caller reaches.
        """
        place = await self._turn_place(caller, turn_id)
        if until is not None:
            await self._waiting.until_extracted(place.key, turn_id, until)
        async with self._database.read() as connection:
            extraction = await turns.get_extraction(connection, place.key, turn_id)
        if extraction is None:
            raise turn_not_found()
        return extraction

    async def retry(self, caller: Caller, turn_id: str, once: Once | None) -> TurnExtraction:
        """Queues a failed extraction again.

        Raises:
            TurnNotFoundError: There is no such turn that the caller reaches.
            ExtractionNotFailedError: Its extraction has not failed.
        """
        place = await self._turn_place(caller, turn_id)

        async def work(connection: Connection) -> TurnExtraction:
            await scopes.lock(connection, place.key)
            if not await turns.restart(connection, place.key, turn_id):
                if await turns.get(connection, place.key, turn_id) is None:
                    raise turn_not_found()
                raise ExtractionNotFailedError(
                    "The extraction of this turn has not failed, so there is nothing to retry."
                )
            await self._queue.enqueue(connection, place.key)
            extraction = await turns.get_extraction(connection, place.key, turn_id)
            assert extraction is not None
            return extraction

        return await self._idempotency.run(once, place.key, _EXTRACTION, work)

    async def _turn_place(self, caller: Caller, turn_id: str) -> Place:
        place = await self._directory.place_of(caller, turn_id, "turn")
        if place is None:
            raise turn_not_found()
        return place


def _first_status(role: Role) -> ExtractionStatus:
    return ExtractionStatus.PENDING if role in EXTRACTED_ROLES else ExtractionStatus.DONE


def turn_not_found() -> TurnNotFoundError:
    """Returns the error for a turn that is missing or out of reach."""
    return TurnNotFoundError("There is no such turn in this context.")
