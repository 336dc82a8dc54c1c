"""Statements on `attributes`, `unknowns` and `embeddings`."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Text, any_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from spectron_server.domain.belief import Attribute, Beliefs, Unknown
from spectron_server.storage.columns import PAGE_ROWS, columns_of, pages
from spectron_server.storage.line import Answer
from spectron_server.storage.rows import (
    attribute_columns,
    attribute_of,
    unknown_columns,
    unknown_of,
)
from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import ATTRIBUTES, EMBEDDINGS, UNKNOWNS

_KEYS: Final = bindparam("names", type_=ARRAY(Text))

_ATTRIBUTES_OF: Final = Statement(
    select(ATTRIBUTES)
    .where(ATTRIBUTES.c.scope_key == bindparam("key"))
    .where(ATTRIBUTES.c.key == any_(_KEYS))
)
_UNKNOWNS_OF: Final = Statement(
    select(UNKNOWNS)
    .where(UNKNOWNS.c.scope_key == bindparam("key"))
    .where(UNKNOWNS.c.about == any_(_KEYS))
)
_ATTRIBUTES_SINCE: Final = Statement(
    select(ATTRIBUTES)
    .where(ATTRIBUTES.c.scope_key == bindparam("key"))
    .where(ATTRIBUTES.c.revision > bindparam("since"))
)
_UNKNOWNS_SINCE: Final = Statement(
    select(UNKNOWNS)
    .where(UNKNOWNS.c.scope_key == bindparam("key"))
    .where(UNKNOWNS.c.revision > bindparam("since"))
)
_CURRENT: Final = Statement(
    select(ATTRIBUTES)
    .where(ATTRIBUTES.c.scope_key == bindparam("key"))
    .where(or_(ATTRIBUTES.c.status == "active", ATTRIBUTES.c.status == "disputed"))
    .order_by(ATTRIBUTES.c.last_validated_at.desc())
    .limit(bindparam("limit"))
)
_UNKNOWN: Final = Statement(
    select(UNKNOWNS)
    .where(UNKNOWNS.c.scope_key == bindparam("key"))
    .where(UNKNOWNS.c.unknown_id == bindparam("unknown_id"))
)


def _upsert(table: object) -> Statement:
    """Returns a statement that writes a row, or all of it anew where it exists."""
    assert table is ATTRIBUTES or table is UNKNOWNS
    source = ATTRIBUTES if table is ATTRIBUTES else UNKNOWNS
    new = insert(source)
    primary = [column.name for column in source.primary_key]
    return Statement(
        new.on_conflict_do_update(
            index_elements=primary,
            set_={
                column.name: new.excluded[column.name]
                for column in source.columns
                if column.name not in primary
            },
        )
    )


_ADD_ATTRIBUTE: Final = Statement(insert(ATTRIBUTES))
_ADD_UNKNOWN: Final = Statement(insert(UNKNOWNS))
_PUT_ATTRIBUTE: Final = _upsert(ATTRIBUTES)
_PUT_UNKNOWN: Final = _upsert(UNKNOWNS)
_NEW_EMBEDDING: Final = insert(EMBEDDINGS)
_PUT_EMBEDDING: Final = Statement(
    _NEW_EMBEDDING.on_conflict_do_update(
        index_elements=["scope_key", "item_id"],
        set_={"vector": _NEW_EMBEDDING.excluded.vector},
    )
)
_EMBEDDINGS_PAGE: Final = Statement(
    select(EMBEDDINGS.c.item_id, EMBEDDINGS.c.vector)
    .where(EMBEDDINGS.c.scope_key == bindparam("key"))
    .where(EMBEDDINGS.c.item_id > bindparam("after"))
    .order_by(EMBEDDINGS.c.item_id)
    .limit(PAGE_ROWS)
)
_EMBEDDINGS_OF: Final = Statement(
    select(EMBEDDINGS.c.item_id, EMBEDDINGS.c.vector)
    .where(EMBEDDINGS.c.scope_key == bindparam("key"))
    .where(EMBEDDINGS.c.item_id == any_(bindparam("ids", type_=ARRAY(Text))))
)
_DROP_EMBEDDINGS: Final = Statement(
    delete(EMBEDDINGS)
    .where(EMBEDDINGS.c.scope_key == bindparam("key"))
    .where(EMBEDDINGS.c.item_id == any_(bindparam("ids", type_=ARRAY(Text))))
)


async def of_keys(connection: Connection, scope_key: str, keys: Sequence[str]) -> Beliefs:
    """Returns the rows of every status that a scope has under some keys."""
    attributes = _ATTRIBUTES_OF.send(connection, key=scope_key, names=list(keys))
    unknowns = _UNKNOWNS_OF.send(connection, key=scope_key, names=list(keys))
    return await _both(attributes, unknowns)


async def since(connection: Connection, scope_key: str, revision: int) -> Beliefs:
    """Returns the rows of every status that changed after a revision; 0 gives all."""
    attributes = _ATTRIBUTES_SINCE.send(connection, key=scope_key, since=revision)
    unknowns = _UNKNOWNS_SINCE.send(connection, key=scope_key, since=revision)
    return await _both(attributes, unknowns)


async def _both(attributes: Awaitable[Answer], unknowns: Awaitable[Answer]) -> Beliefs:
    return Beliefs(
        attributes=[attribute_of(row) for row in (await attributes).rows],
        unknowns=[unknown_of(row) for row in (await unknowns).rows],
    )


async def current(connection: Connection, scope_key: str, limit: int) -> list[Attribute]:
    """Returns what a scope believes now, the most recently validated first."""
    rows = await _CURRENT.rows(connection, key=scope_key, limit=limit)
    return [attribute_of(row) for row in rows]


async def unknown(connection: Connection, scope_key: str, unknown_id: str) -> Unknown | None:
    """Returns one doubt."""
    row = await _UNKNOWN.row(connection, key=scope_key, unknown_id=unknown_id)
    return unknown_of(row) if row else None


async def put(
    connection: Connection,
    scope_key: str,
    *,
    attributes: Sequence[Attribute],
    unknowns: Sequence[Unknown],
    revision: int,
) -> None:
    """Writes rows as they are now, new or changed."""
    fixed = {"scope_key": scope_key, "revision": revision}
    await _PUT_ATTRIBUTE.run_many(
        connection, [attribute_columns(attribute) | fixed for attribute in attributes]
    )
    await _PUT_UNKNOWN.run_many(
        connection, [unknown_columns(unknown) | fixed for unknown in unknowns]
    )


async def add_attribute(
    connection: Connection, scope_key: str, attribute: Attribute, revision: int
) -> None:
    """Writes a row that must not be there yet."""
    fixed = {"scope_key": scope_key, "revision": revision}
    await _ADD_ATTRIBUTE.run(connection, **attribute_columns(attribute), **fixed)


async def add_unknown(
    connection: Connection, scope_key: str, unknown: Unknown, revision: int
) -> None:
    """Writes a row that must not be there yet."""
    fixed = {"scope_key": scope_key, "revision": revision}
    await _ADD_UNKNOWN.run(connection, **unknown_columns(unknown), **fixed)


async def put_embeddings(
    connection: Connection, scope_key: str, vectors: Mapping[str, NDArray[np.float32]]
) -> None:
    """Writes the vectors of turns and attributes.

    Args:
        connection: In a transaction.
        scope_key: The scope's key.
        vectors: By item id, each `(dimension,) float32`, unit norm; kept as float16, which
            changes a cosine by less than 0.001.
    """
    await _PUT_EMBEDDING.run_many(
        connection,
        [
            {"scope_key": scope_key, "item_id": item, "vector": vector.astype("<f2").tobytes()}
            for item, vector in vectors.items()
        ],
    )


def embedded(connection: Connection, scope_key: str) -> AsyncIterator[Answer]:
    """Yields the vectors of all items of a scope, in pages for `ids_and_vectors` to read."""
    return pages(
        lambda after: _EMBEDDINGS_PAGE.send(connection, whole=True, key=scope_key, after=after),
        first="",
    )


def ids_and_vectors(page: Answer) -> tuple[Sequence[str], NDArray[np.float16]]:
    """Reads a page of vectors; for any thread.

    Returns:
        The ids of the items, and their vectors, `(n, dimension) float16`, unit norm.
    """
    ids, vectors = columns_of(page)
    numbers = np.frombuffer(b"".join(vectors), "<f2")
    return ids, numbers.reshape(len(ids), -1) if ids else numbers.reshape(0, 0)


async def embeddings(
    connection: Connection, scope_key: str, ids: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """Returns the vectors of items, as `(dimension,) float32`."""
    rows = await _EMBEDDINGS_OF.rows(connection, key=scope_key, ids=list(ids))
    return {
        row["item_id"]: np.frombuffer(row["vector"], dtype="<f2").astype(np.float32) for row in rows
    }


async def drop_embeddings(connection: Connection, scope_key: str, ids: Sequence[str]) -> None:
    """Deletes the vectors of items."""
    await _DROP_EMBEDDINGS.run(connection, key=scope_key, ids=list(ids))
