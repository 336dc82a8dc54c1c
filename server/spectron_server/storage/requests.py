"""Statements on `requests`: the first answers of idempotent requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, delete, insert, select

from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import REQUESTS

_GET: Final = Statement(
    select(REQUESTS.c.fingerprint, REQUESTS.c.answer, REQUESTS.c.created_at)
    .where(REQUESTS.c.scope_key == bindparam("key"))
    .where(REQUESTS.c.request_id == bindparam("id"))
)
_PUT: Final = Statement(insert(REQUESTS))
_DROP: Final = Statement(
    delete(REQUESTS)
    .where(REQUESTS.c.scope_key == bindparam("key"))
    .where(REQUESTS.c.request_id == bindparam("id"))
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
) -> None:
    """Writes an answer; the transaction fails with an error that is `taken` if there is one."""
    await _PUT.run(
        connection,
        scope_key=scope_key,
        request_id=request_id,
        fingerprint=fingerprint,
        answer=Jsonb(answer),
        created_at=now,
    )


def taken(error: UniqueViolation) -> bool:
    """Tells whether an error means that a request has been answered before."""
    # Where tables are distributed, the name goes on with the number of a shard.
    return (error.diag.constraint_name or "").startswith(str(REQUESTS.primary_key.name))


async def drop(connection: Connection, scope_key: str, request_id: str) -> None:
    """Deletes an answer."""
    await _DROP.run(connection, key=scope_key, id=request_id)


async def purge(connection: Connection, stale: datetime) -> int:
    """Deletes the answers older than a moment; returns how many."""
    return await _PURGE.count(connection, stale=stale)
