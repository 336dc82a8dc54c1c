"""Statements on `contexts`, `api_keys` and `server_settings`."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import LargeBinary, any_, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from spectron_server.domain.access import Key, KeyRole, MemoryContext
from spectron_server.storage.line import Answer
from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import API_KEYS, CONTEXTS, SERVER_SETTINGS

_CONTEXT: Final = Statement(select(CONTEXTS).where(CONTEXTS.c.context_id == bindparam("id")))
_ADD_CONTEXT: Final = Statement(
    insert(CONTEXTS).on_conflict_do_nothing().returning(CONTEXTS.c.context_id)
)
_LOCK_CONTEXT: Final = Statement(
    select(CONTEXTS.c.context_id).where(CONTEXTS.c.context_id == bindparam("id")).with_for_update()
)
_CONTEXTS: Final = Statement(
    select(CONTEXTS)
    .where(CONTEXTS.c.context_id > bindparam("after"))
    .order_by(CONTEXTS.c.context_id)
    .limit(bindparam("limit"))
)
_ADD_KEY: Final = Statement(insert(API_KEYS))
_KEY_BY_HASH: Final = Statement(select(API_KEYS).where(API_KEYS.c.secret_hash == bindparam("hash")))
_KEYS_BY_HASH: Final = Statement(
    select(API_KEYS).where(
        API_KEYS.c.secret_hash == any_(bindparam("hashes", type_=ARRAY(LargeBinary)))
    )
)
KEY_HOLDS: Final = exists(
    select(literal(1))
    .where(API_KEYS.c.key_id == bindparam("asked_key"))
    .where(API_KEYS.c.revoked_at.is_(None))
    .where(or_(API_KEYS.c.expires_at.is_(None), API_KEYS.c.expires_at > bindparam("asked_at")))
)
"""Whether a key is good, for statements that ask about it themselves."""
_HOLDS: Final = Statement(select(KEY_HOLDS.label("holds")))
_KEY: Final = Statement(select(API_KEYS).where(API_KEYS.c.key_id == bindparam("id")))
_KEYS: Final = Statement(
    select(API_KEYS)
    .where(API_KEYS.c.context_id == bindparam("context_id"))
    .where(API_KEYS.c.key_id > bindparam("after"))
    .order_by(API_KEYS.c.key_id)
    .limit(bindparam("limit"))
)
_COUNT_KEYS: Final = Statement(
    select(func.count(literal(1)).label("count"))
    .select_from(API_KEYS)
    .where(API_KEYS.c.revoked_at.is_(None))
)
_REVOKE: Final = Statement(
    update(API_KEYS)
    .where(API_KEYS.c.key_id == bindparam("id"))
    .values(revoked_at=func.coalesce(API_KEYS.c.revoked_at, bindparam("now")))
    .returning(API_KEYS)
)
_SETTING: Final = Statement(
    select(SERVER_SETTINGS.c.value).where(SERVER_SETTINGS.c.name == bindparam("setting"))
)
_NEW_SETTING: Final = insert(SERVER_SETTINGS)
_SET: Final = Statement(
    _NEW_SETTING.on_conflict_do_update(
        index_elements=["name"], set_={"value": _NEW_SETTING.excluded.value}
    )
)


def _key_of(row: Mapping[str, Any]) -> Key:
    return Key(
        id=row["key_id"],
        context_id=row["context_id"],
        role=KeyRole(row["role"]),
        label=row["label"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )


async def context(connection: Connection, context_id: str) -> MemoryContext | None:
    """Returns a context."""
    row = await _CONTEXT.row(connection, id=context_id)
    return MemoryContext(id=row["context_id"], created_at=row["created_at"]) if row else None


async def add_context(connection: Connection, context_id: str, now: datetime) -> bool:
    """Makes a context; returns False if there is one of that name."""
    row = await _ADD_CONTEXT.row(connection, context_id=context_id, created_at=now)
    return row is not None


async def lock_context(connection: Connection, context_id: str) -> None:
    """Locks a context until the transaction ends, against another import into it."""
    await _LOCK_CONTEXT.row(connection, id=context_id)


async def contexts(connection: Connection, *, after: str, limit: int) -> list[MemoryContext]:
    """Returns contexts by name, those after a name."""
    rows = await _CONTEXTS.rows(connection, after=after, limit=limit)
    return [MemoryContext(id=row["context_id"], created_at=row["created_at"]) for row in rows]


async def add_key(connection: Connection, key: Key, secret_hash: bytes) -> None:
    """Writes a new key."""
    await _ADD_KEY.run(
        connection,
        key_id=key.id,
        secret_hash=secret_hash,
        context_id=key.context_id,
        role=key.role.value,
        label=key.label,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )


async def key_by_hash(connection: Connection, secret_hash: bytes) -> Key | None:
    """Returns the key whose secret has a hash."""
    row = await _KEY_BY_HASH.row(connection, hash=secret_hash)
    return _key_of(row) if row else None


def send_keys_by_hash(
    connection: Connection, secret_hashes: Sequence[bytes]
) -> asyncio.Future[Answer]:
    """Asks for the keys whose secrets have some hashes; `keys_found` reads the answer."""
    return _KEYS_BY_HASH.send(connection, hashes=list(secret_hashes))


def keys_found(answer: Answer) -> Iterator[tuple[bytes, Key]]:
    """Yields the keys in an answer, each after its hash."""
    for row in answer.rows:
        yield bytes(row["secret_hash"]), _key_of(row)


async def key_holds(connection: Connection, key_id: str, now: datetime) -> bool:
    """Tells whether a key is there, not revoked and not expired."""
    row = await _HOLDS.row(connection, asked_key=key_id, asked_at=now)
    return row is not None and bool(row["holds"])


async def key(connection: Connection, key_id: str) -> Key | None:
    """Returns a key."""
    row = await _KEY.row(connection, id=key_id)
    return _key_of(row) if row else None


async def keys(connection: Connection, context_id: str, *, after: str, limit: int) -> list[Key]:
    """Returns the keys bound to a context, or to `*`, oldest first, those after an id."""
    rows = await _KEYS.rows(connection, context_id=context_id, after=after, limit=limit)
    return [_key_of(row) for row in rows]


async def count_keys(connection: Connection) -> int:
    """Returns how many keys there are that were not revoked."""
    row = await _COUNT_KEYS.row(connection)
    assert row is not None
    return int(row["count"])


async def revoke(connection: Connection, key_id: str, now: datetime) -> Key | None:
    """Revokes a key; one revoked before keeps its time."""
    row = await _REVOKE.row(connection, id=key_id, now=now)
    return _key_of(row) if row else None


async def setting(connection: Connection, name: str) -> str | None:
    """Returns a fact about the data as a whole."""
    row = await _SETTING.row(connection, setting=name)
    return str(row["value"]) if row else None


async def put_setting(connection: Connection, name: str, value: str) -> None:
    """Writes a fact about the data as a whole."""
    await _SET.run(connection, name=name, value=value)
