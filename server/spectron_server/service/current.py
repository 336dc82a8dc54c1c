"""Keys and scopes as they are now, looked up together by all calls that ask at the same time.

Nearly every call asks for its key, and most for the revisions of the scopes that they read. What a
call is known to read when it is let in is looked up with its key, in one round trip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from spectron_server.domain.access import Key
from spectron_server.storage import access, scopes
from spectron_server.storage.database import Database
from spectron_server.storage.lookup import SharedLookup
from spectron_server.storage.scopes import ScopeState
from spectron_server.storage.statement import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """The scopes that were looked up for a call: which, and those of them that exist, by key."""

    keys: Sequence[str] = ()
    states: Mapping[str, ScopeState] = field(default_factory=dict)


class Current:
    """Looks up keys and scopes. Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._lookup: SharedLookup[bytes | str, Key | ScopeState] = SharedLookup(database, _find)

    async def key(self, secret_hash: bytes, scope_keys: Sequence[str]) -> tuple[Key | None, Seen]:
        """Returns the key of a secret, if there is one, and what there is of some scopes."""
        found = await self._lookup.find([secret_hash, *scope_keys])
        key = found.get(secret_hash)
        assert not isinstance(key, ScopeState)
        return key, Seen(keys=scope_keys, states=_states(found))

    async def states(self, scope_keys: Sequence[str]) -> dict[str, ScopeState]:
        """Returns what there is of some scopes, by key."""
        return _states(await self._lookup.find(scope_keys))


def _states(found: Mapping[bytes | str, Key | ScopeState]) -> dict[str, ScopeState]:
    return {each.key: each for each in found.values() if isinstance(each, ScopeState)}


async def _find(
    connection: Connection, names: Sequence[bytes | str]
) -> dict[bytes | str, Key | ScopeState]:
    """Returns the keys whose secrets have some hashes, and the scopes that have some keys."""
    hashes = [name for name in names if isinstance(name, bytes)]
    scope_keys = [name for name in names if isinstance(name, str)]
    found: dict[bytes | str, Key | ScopeState] = {}
    # Both are sent before either is waited for: in one round trip.
    keys = access.send_keys_by_hash(connection, hashes) if hashes else None
    if scope_keys:
        found.update(await scopes.by_key(connection, scope_keys))
    if keys is not None:
        found.update(access.keys_found(await keys))
    return found
