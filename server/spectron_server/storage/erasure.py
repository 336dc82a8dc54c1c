"""Deleting scopes for good, and counting what a context holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Table, Text, any_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import (
    ATTRIBUTES,
    AUDIT,
    EMBEDDINGS,
    REQUESTS,
    SCOPES,
    SESSIONS,
    TURNS,
    UNKNOWNS,
)

_KEYS: Final = bindparam("keys", type_=ARRAY(Text))

# Rows that refer to others go before those.
_ORDER: Final = (REQUESTS, AUDIT, EMBEDDINGS, UNKNOWNS, ATTRIBUTES, TURNS, SESSIONS, SCOPES)


def _delete(table: Table) -> Statement:
    return Statement(delete(table).where(table.c.scope_key == any_(_KEYS)))


_DELETES: Final = {table.name: _delete(table) for table in _ORDER}


@dataclass(frozen=True, kw_only=True, slots=True)
class StatsRow:
    """How much some scopes hold."""

    sessions: int
    turns: int
    pending: int
    failed: int
    active_attributes: int
    attributes: int
    open_unknowns: int
    oldest_pending_at: datetime | None


_SESSIONS: Final = Statement(
    select(func.count().label("sessions"))
    .select_from(SESSIONS)
    .where(SESSIONS.c.scope_key == any_(_KEYS))
)
_TURNS: Final = Statement(
    select(
        func.count().label("turns"),
        func.count().filter(TURNS.c.extraction_status == "pending").label("pending"),
        func.count().filter(TURNS.c.extraction_status == "failed").label("failed"),
        func.min(TURNS.c.recorded_at)
        .filter(TURNS.c.extraction_status == "pending")
        .label("oldest_pending_at"),
    ).where(TURNS.c.scope_key == any_(_KEYS))
)
_ATTRIBUTES: Final = Statement(
    select(
        func.count().label("attributes"),
        func.count()
        .filter(or_(ATTRIBUTES.c.status == "active", ATTRIBUTES.c.status == "disputed"))
        .label("active_attributes"),
    ).where(ATTRIBUTES.c.scope_key == any_(_KEYS))
)
_UNKNOWNS: Final = Statement(
    select(func.count().filter(UNKNOWNS.c.resolution.is_(None)).label("open_unknowns")).where(
        UNKNOWNS.c.scope_key == any_(_KEYS)
    )
)


async def erase(connection: Connection, scope_keys: Sequence[str]) -> dict[str, int]:
    """Deletes every row of some scopes; returns how many of each table."""
    counts = {}
    for name, statement in _DELETES.items():
        counts[name] = await statement.count(connection, keys=list(scope_keys))
    return counts


async def stats(connection: Connection, scope_keys: Sequence[str]) -> StatsRow:
    """Returns how much some scopes hold."""
    figures: dict[str, object] = {}
    for statement in (_SESSIONS, _TURNS, _ATTRIBUTES, _UNKNOWNS):
        row = await statement.row(connection, keys=list(scope_keys))
        figures.update(row or {})
    return StatsRow(**figures)  # type: ignore[arg-type]  # the labels are its fields
