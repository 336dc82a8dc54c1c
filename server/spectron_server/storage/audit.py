"""Statements on `audit`. Details hold counts and selectors, never user text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import AUDIT

_ADD: Final = Statement(insert(AUDIT))
_PAGE: Final = Statement(
    select(AUDIT)
    .where(AUDIT.c.scope_key == bindparam("key"))
    .where(AUDIT.c.audit_id < bindparam("before"))
    .order_by(AUDIT.c.audit_id.desc())
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditRow:
    """One change to memory; `key_id` is empty for the server's own worker."""

    id: str
    at: datetime
    action: str
    key_id: str
    details: Mapping[str, str]


async def add(connection: Connection, scope_key: str, entry: AuditRow) -> None:
    """Writes an entry."""
    await _ADD.run(
        connection,
        scope_key=scope_key,
        audit_id=entry.id,
        at=entry.at,
        action=entry.action,
        key_id=entry.key_id,
        details=Jsonb(dict(entry.details)),
    )


async def page(
    connection: Connection, scope_key: str, *, before: str, limit: int
) -> list[AuditRow]:
    """Returns entries of one scope, newest first, those before an id; "~" starts at the newest."""
    rows = await _PAGE.rows(connection, key=scope_key, before=before, limit=limit)
    return [
        AuditRow(
            id=row["audit_id"],
            at=row["at"],
            action=row["action"],
            key_id=row["key_id"],
            details=row["details"],
        )
        for row in rows
    ]
