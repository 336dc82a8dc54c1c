"""What the database tells of those who use it: connections, versions of servers, keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, literal, select, text

from spectron_server.storage.database import APPLICATION
from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import API_KEYS

_CONNECTIONS: Final = Statement(
    text(
        "SELECT current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int AS most,"
        " (SELECT count(*) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend')::int AS used"
    )
)
_VERSIONS: Final = Statement(
    text(
        "SELECT DISTINCT split_part(application_name, '/', 2) AS version FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE :ours"
    ).bindparams(bindparam("ours"))
)
_EXPIRING: Final = Statement(
    select(API_KEYS.c.key_id, API_KEYS.c.label, API_KEYS.c.expires_at)
    .where(API_KEYS.c.revoked_at.is_(None))
    .where(API_KEYS.c.expires_at > bindparam("now"))
    .where(API_KEYS.c.expires_at <= bindparam("until"))
    .order_by(API_KEYS.c.expires_at)
    .limit(literal(20))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionRoom:
    """How many connections the database takes, and has."""

    most: int
    used: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiringKey:
    """A key that stops working soon."""

    id: str
    label: str
    expires_at: datetime


async def connection_room(connection: Connection) -> ConnectionRoom:
    """Returns how many connections the database's server takes from users, and has."""
    row = await _CONNECTIONS.row(connection)
    assert row is not None
    return ConnectionRoom(most=row["most"], used=row["used"])


async def server_versions(connection: Connection) -> list[str]:
    """Returns the versions of the servers and workers that are connected."""
    rows = await _VERSIONS.rows(connection, ours=f"{APPLICATION}/%")
    return sorted(str(row["version"]) for row in rows)


async def expiring_keys(
    connection: Connection, *, now: datetime, until: datetime
) -> list[ExpiringKey]:
    """Returns up to 20 keys that stop working before a time, the next first."""
    rows = await _EXPIRING.rows(connection, now=now, until=until)
    return [
        ExpiringKey(id=row["key_id"], label=row["label"], expires_at=row["expires_at"])
        for row in rows
    ]
