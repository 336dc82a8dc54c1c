"""Sessions by id: which scope a session, turn or unknown belongs to, checked against the caller."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from spectron_server.domain.errors import SessionNotFoundError
from spectron_server.domain.ids import scope_key_of
from spectron_server.domain.scope import Scope
from spectron_server.service.caller import Caller
from spectron_server.storage import scopes
from spectron_server.storage.database import Database

_MAX_SCOPES: Final = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A scope, by its key."""

    key: str
    context_id: str
    scope: Scope


class Directory:
    """Finds the scope that an id belongs to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # What a key stands for never changes, so that it can be kept.
        self._places: OrderedDict[str, Place] = OrderedDict()

    async def place_of(self, caller: Caller, record_id: str, kind: str) -> Place | None:
        """Returns the scope of a record, None if the caller's context does not hold it."""
        key = scope_key_of(record_id, kind)
        if key is None:
            return None
        place = self._places.get(key)
        if place is None:
            async with self._database.read() as connection:
                found = await scopes.find(connection, [key])
            if not found:
                return None
            state = found[0]
            place = Place(key=state.key, context_id=state.context_id, scope=state.scope)
            self._places[key] = place
            if len(self._places) > _MAX_SCOPES:
                self._places.popitem(last=False)
        return place if place.context_id == caller.context_id else None

    async def session_place(self, caller: Caller, session_id: str) -> Place:
        """Returns the scope of a session.

        Raises:
            SessionNotFoundError: There is none that the caller reaches.
        """
        place = await self.place_of(caller, session_id, "session")
        if place is None:
            raise session_not_found()
        return place


def session_not_found() -> SessionNotFoundError:
    """Returns the error for a session that is missing or out of reach."""
    return SessionNotFoundError(
        "There is no such session in this context. Create one with CreateSession."
    )
