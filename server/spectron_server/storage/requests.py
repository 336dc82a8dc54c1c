"""Statements on `requests`: the first answers of idempotent requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import REQUESTS

_GET: Final = Statement(
    select(REQUESTS.c.fingerprint, REQUESTS.c.answer, REQUESTS.c.created_at)
    .where(REQUESTS.c.scope_key == bindparam("key"))
    .where(REQUESTS.c.request_id == bindparam("id"))
)
_NEW: Final = insert(REQUESTS)
_PUT: Final = Statement(
    _NEW.on_conflict_do_update(
        index_elements=["scope_key", "request_id"],
        set_={
            "fingerprint": _NEW.excluded.fingerprint,
            "answer": _NEW.excluded.answer,
            "created_at": _NEW.excluded.created_at,
        },
        # Only an answer that is past its day makes room; a fresh one stays, and no row is touched.
        where=REQUESTS.c.created_at < bindparam("stale"),
    ).returning(REQUESTS.c.request_id)
)
_PURGE: Final = Statement(delete(REQUESTS).where(REQUESTS.c.created_at < bindparam("stale")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A request that was answered before."""

    fingerprint: bytes
    answer: Any
    created_at: datetime


async def get(connection: Connection, scope_key: str, request_id: str) -> Answered | None:
    """Returns an earlier answer."""
    row = await _GET.row(connection, key=scope_key, id=request_id)
    if row is None:
        return None
    return Answered(
        fingerprint=bytes(row["fingerprint"]), answer=row["answer"], created_at=row["created_at"]
    )


async def put(
    connection: Connection,
    scope_key: str,
    request_id: str,
    *,
    fingerprint: bytes,
    answer: Any,
    now: datetime,
    stale: datetime,
) -> bool:
    """Writes an answer; returns False if another call has answered the request meanwhile."""
    written = await _PUT.row(
        connection,
        scope_key=scope_key,
        request_id=request_id,
        fingerprint=fingerprint,
        answer=Jsonb(answer),
        created_at=now,
        stale=stale,
    )
    return written is not None


async def purge(connection: Connection, stale: datetime) -> int:
    """Deletes the answers older than a moment; returns how many."""
    return await _PURGE.count(connection, stale=stale)
