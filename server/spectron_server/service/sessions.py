"""Sessions: create, get, list, close."""

from collections.abc import Mapping
from typing import Final

from spectron_server.domain.clock import Clock
from spectron_server.domain.conversation import Session
from spectron_server.domain.ids import Ids
from spectron_server.domain.scope import Scope
from spectron_server.service.caller import Caller
from spectron_server.service.directory import Directory, session_not_found
from spectron_server.service.once import Idempotency, Once, Whole
from spectron_server.service.pages import Page, newest_first
from spectron_server.storage import scopes, sessions
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

_SESSION: Final = Whole(Session)
_NEWEST: Final = "~"


class SessionService:
    """The use cases of sessions."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        directory: Directory,
        idempotency: Idempotency,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._directory = directory
        self._idempotency = idempotency

    async def create(
        self, caller: Caller, scope: Scope, metadata: Mapping[str, str], once: Once | None
    ) -> Session:
        """Opens a new session."""
        key = scope.key(caller.context_id)

        async def work(connection: Connection) -> Session:
            now = self._clock.now()
            await scopes.ensure(connection, context_id=caller.context_id, scope=scope, now=now)
            session = Session(
                id=self._ids.scoped("session", key),
                context_id=caller.context_id,
                scope=scope,
                metadata=dict(metadata),
                created_at=now,
                closed_at=None,
                turn_count=0,
            )
            await sessions.add(connection, key, session)
            return session

        return await self._idempotency.run(once, key, _SESSION, work)

    async def get(self, caller: Caller, session_id: str) -> Session:
        """Returns a session.

        Raises:
            SessionNotFoundError: There is none that the caller reaches.
        """
        place = await self._directory.session_place(caller, session_id)
        async with self._database.read() as connection:
            session = await sessions.get(connection, place.key, session_id)
        if session is None:
            raise session_not_found()
        return session

    async def list(
        self, caller: Caller, scope: Scope, *, state: str, size: int, cursor: str | None
    ) -> Page[Session]:
        """Returns the sessions that a scope sees, newest first."""
        async with self._database.read() as connection:
            states = await scopes.find(connection, scope.visible_keys(caller.context_id))

            async def load(place: scopes.ScopeState) -> list[Session]:
                return await sessions.page(
                    connection,
                    place.key,
                    context_id=place.context_id,
                    scope=place.scope,
                    state=state,
                    before=cursor or _NEWEST,
                    limit=size + 1,
                )

            return await newest_first(states, load, lambda session: session.id, size)

    async def close(self, caller: Caller, session_id: str, once: Once | None) -> Session:
        """Closes a session.

        Raises:
            SessionNotFoundError: There is none that the caller reaches.
        """
        place = await self._directory.session_place(caller, session_id)

        async def work(connection: Connection) -> Session:
            await sessions.close(connection, place.key, session_id, self._clock.now())
            session = await sessions.get(connection, place.key, session_id)
            if session is None:
                raise session_not_found()
            return session

        return await self._idempotency.run(once, place.key, _SESSION, work)
