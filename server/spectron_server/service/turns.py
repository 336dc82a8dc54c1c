"""Turns: record, list, and what was learned from each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import psycopg

from spectron_extraction.protocol import Role
from spectron_server.domain.clock import Clock
from spectron_server.domain.conversation import ExtractionStatus, NewTurn, Turn, TurnExtraction
from spectron_server.domain.errors import (
    ExtractionNotFailedError,
    SessionClosedError,
    SpectronError,
    TurnNotFoundError,
)
from spectron_server.domain.ids import Ids
from spectron_server.service.caller import Caller, key_gone
from spectron_server.service.directory import Directory, Place, session_not_found
from spectron_server.service.once import Idempotency, Once, Whole
from spectron_server.service.pages import Page, cut
from spectron_server.service.waiting import Waiting
from spectron_server.storage import access, extractions, scopes, sessions, turns
from spectron_server.storage.database import Database
from spectron_server.storage.queue import JobQueue
from spectron_server.storage.statement import Connection

_EXTRACTION: Final = Whole(TurnExtraction)
EXTRACTED_ROLES: Final = frozenset({Role.USER, Role.ASSISTANT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """Turns on their way into the database.

    Attributes:
        drafts: The turns; their own places count nothing if others are to be told.
        places: Those they take, told while the transaction runs; None: they were recorded before.
    """

    drafts: Sequence[Turn]
    places: sessions.Places | None = None

    async def refusal(self) -> SpectronError | None:
        """Waits for the places, and returns why there are none."""
        if self.places is not None:
            await self.places.told()
        return self.refused()

    def refused(self) -> SpectronError | None:
        """Returns why the session takes no turns, if it does not."""
        if self.places is None:
            return None
        if self.places.missing:
            return session_not_found()
        if self.places.closed:
            return SessionClosedError(
                "The session is closed. Create a new one with the same scope: memory is kept "
                "by scope."
            )
        return None

    def turns(self) -> list[Turn]:
        """Returns the turns in their places."""
        if self.places is None:
            return list(self.drafts)
        sequence = self.places.sequence - len(self.drafts)
        position = self.places.position - len(self.drafts)
        return [
            replace(draft, sequence=sequence + number, position=position + number)
            for number, draft in enumerate(self.drafts, start=1)
        ]


@dataclass(frozen=True, slots=True)
class _ByIds:
    """Keeps the ids of recorded turns: the rest is with the turns themselves."""

    scope_key: str
    caller: Caller
    clock: Clock

    def keep(self, answer: Recording) -> list[str]:
        return [turn.id for turn in answer.drafts]

    async def restore(self, connection: Connection, kept: Any) -> Recording:
        # Nothing is written that would ask about the key.
        if not self.caller.proven and not await access.key_holds(
            connection, self.caller.key.id, self.clock.now()
        ):
            raise key_gone()
        found = await turns.by_id(connection, self.scope_key, kept)
        # As they were when they were recorded, whatever became of them since.
        return Recording(
            drafts=[
                replace(
                    found[turn_id],
                    extraction_status=_first_status(found[turn_id].role),
                    extraction_attempts=0,
                    hidden=False,
                )
                for turn_id in kept
            ]
        )


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

        It asks about the key of a caller who is not proven.

        Raises:
            RevokedKeyError: The key of a caller who was not proven is no good.
            SessionNotFoundError: There is none that the caller reaches.
            SessionClosedError: The session is closed.
        """
        place = await self._directory.session_place(caller, session_id)
        sent: Recording | None = None

        async def work(connection: Connection) -> Recording:
            nonlocal sent
            for_key = None if caller.proven else caller.key.id
            sent = self._send(connection, place, session_id, new, for_key)
            return sent

        def refusal(error: psycopg.Error) -> SpectronError | None:
            if sent is None or not turns.placeless(error):
                return None
            return sent.refused() or (None if caller.proven else key_gone())

        keeping = _ByIds(place.key, caller, self._clock)
        recording = await self._idempotency.run(once, place.key, keeping, work, refusal)
        return recording.turns()

    async def write(
        self,
        connection: Connection,
        place: Place,
        session_id: str,
        new: Sequence[NewTurn],
        *,
        for_key: str,
    ) -> list[Turn]:
        """Writes turns and queues their extraction, in the transaction of a connection.

        If the key is no good any more, the transaction fails with an error that is
        `turns.placeless`.

        Raises:
            SessionNotFoundError: There is no such session in the scope.
            SessionClosedError: The session is closed.
        """
        sent = self._send(connection, place, session_id, new, for_key)
        refused = await sent.refusal()
        if refused is not None:
            raise refused
        return sent.turns()

    def _send(
        self,
        connection: Connection,
        place: Place,
        session_id: str,
        new: Sequence[NewTurn],
        for_key: str | None,
    ) -> Recording:
        """Sends turns and the job to extract them, without waiting for anything."""
        now = self._clock.now()
        drafts = [
            Turn(
                id=self._ids.scoped("turn", place.key),
                session_id=session_id,
                sequence=0,
                position=0,
                role=turn.role,
                content=turn.content,
                observed_at=turn.observed_at or now,
                recorded_at=now,
                extraction_status=_first_status(turn.role),
                message_id=turn.message_id,
            )
            for turn in new
        ]
        places = sessions.take_places(connection, place.key, session_id, len(drafts))
        turns.add(connection, place.key, drafts, for_key=for_key)
        if any(turn.extraction_status is ExtractionStatus.PENDING for turn in drafts):
            self._queue.enqueue(connection, place.key)
        return Recording(drafts=drafts, places=places)

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
            extraction = await extractions.get(connection, place.key, turn_id)
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
            if not await extractions.restart(connection, place.key, turn_id):
                if await turns.get(connection, place.key, turn_id) is None:
                    raise turn_not_found()
                raise ExtractionNotFailedError(
                    "The extraction of this turn has not failed, so there is nothing to retry."
                )
            self._queue.enqueue(connection, place.key)
            extraction = await extractions.get(connection, place.key, turn_id)
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
