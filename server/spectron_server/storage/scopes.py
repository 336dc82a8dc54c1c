"""Statements on `scopes`: the counters that order and version everything in a scope."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, Text, any_, bindparam, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from spectron_server.domain.scope import Scope
from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import SCOPES


@dataclass(frozen=True, kw_only=True, slots=True)
class ScopeState:
    """A scope and its counters.

    Attributes:
        key: The scope's key.
        context_id: The context it belongs to.
        scope: Its dimensions.
        revision: Grows with every change, from 0.
        belief_revision: The revision of the last change of an attribute or unknown.
        created_at: When it was made; tells it from one of the same name that was erased.
    """

    key: str
    context_id: str
    scope: Scope
    revision: int
    belief_revision: int
    created_at: datetime


_STATE: Final = (
    SCOPES.c.scope_key,
    SCOPES.c.context_id,
    SCOPES.c.dimensions,
    SCOPES.c.revision,
    SCOPES.c.belief_revision,
    SCOPES.c.created_at,
)
_FIND: Final = Statement(
    select(*_STATE).where(SCOPES.c.scope_key == any_(bindparam("keys", type_=ARRAY(Text))))
)
_LOCK: Final = Statement(
    select(*_STATE).where(SCOPES.c.scope_key == bindparam("key")).with_for_update()
)
_ENSURE: Final = Statement(insert(SCOPES).on_conflict_do_nothing())
BUMP: Final = Statement(
    update(SCOPES)
    .where(SCOPES.c.scope_key == bindparam("key"))
    .values(
        revision=SCOPES.c.revision + 1,
        turn_count=SCOPES.c.turn_count + bindparam("turns", type_=BigInteger),
        belief_revision=case(
            (bindparam("beliefs"), SCOPES.c.revision + 1), else_=SCOPES.c.belief_revision
        ),
    )
    .returning(SCOPES.c.revision, SCOPES.c.turn_count)
)
_PAGE: Final = Statement(
    select(*_STATE)
    .where(SCOPES.c.context_id == bindparam("context_id"))
    .where(SCOPES.c.scope_key > bindparam("after"))
    .order_by(SCOPES.c.scope_key)
    .limit(bindparam("limit"))
)
_UNDER: Final = Statement(
    select(*_STATE)
    .where(SCOPES.c.context_id == bindparam("context_id"))
    .where(SCOPES.c.dimensions.contains(bindparam("dimensions", type_=JSONB)))
)
_ANY_OF_CONTEXT: Final = Statement(
    select(func.count(literal(1)).label("count")).where(
        SCOPES.c.context_id == bindparam("context_id")
    )
)


def _state_of(row: Mapping[str, Any]) -> ScopeState:
    return ScopeState(
        key=row["scope_key"],
        context_id=row["context_id"],
        scope=Scope(tuple(sorted(row["dimensions"].items()))),
        revision=row["revision"],
        belief_revision=row["belief_revision"],
        created_at=row["created_at"],
    )


async def find(connection: Connection, keys: Sequence[str]) -> list[ScopeState]:
    """Returns those scopes of the keys that exist, the least specific first."""
    return least_specific_first((await by_key(connection, keys)).values())


async def by_key(connection: Connection, keys: Sequence[str]) -> dict[str, ScopeState]:
    """Returns those scopes of the keys that exist, by key."""
    states = [_state_of(row) for row in await _FIND.rows(connection, keys=list(keys))]
    return {state.key: state for state in states}


def least_specific_first(states: Iterable[ScopeState]) -> list[ScopeState]:
    """Returns scopes in the order in which later ones overrule earlier ones."""
    return sorted(states, key=lambda state: (len(state.scope.dimensions), state.scope.dimensions))


async def lock(connection: Connection, key: str) -> ScopeState | None:
    """Returns a scope, locked until the transaction ends: all its writers wait."""
    row = await _LOCK.row(connection, key=key)
    return _state_of(row) if row else None


async def ensure(connection: Connection, *, context_id: str, scope: Scope, now: datetime) -> str:
    """Makes a scope if it is not there, and returns its key."""
    key = scope.key(context_id)
    await _ENSURE.run(
        connection,
        scope_key=key,
        context_id=context_id,
        dimensions=Jsonb(scope.as_dict()),
        revision=0,
        belief_revision=0,
        turn_count=0,
        created_at=now,
    )
    return key


async def bump(
    connection: Connection, key: str, *, turns: int = 0, beliefs: bool = False
) -> tuple[int, int] | None:
    """Counts a change, and so locks the scope until the transaction ends.

    Args:
        connection: In a transaction.
        key: The scope's key.
        turns: How many turns the change records.
        beliefs: Whether it changes attributes or unknowns.

    Returns:
        The new revision and the number of turns after the change; None without such a scope.
    """
    row = await BUMP.row(connection, key=key, turns=turns, beliefs=beliefs)
    return (row["revision"], row["turn_count"]) if row else None


async def page(
    connection: Connection, *, context_id: str, after: str, limit: int
) -> list[ScopeState]:
    """Returns a context's scopes by key, those after a key."""
    rows = await _PAGE.rows(connection, context_id=context_id, after=after, limit=limit)
    return [_state_of(row) for row in rows]


async def under(connection: Connection, *, context_id: str, scope: Scope) -> list[ScopeState]:
    """Returns a context's scopes that include the scope given."""
    rows = await _UNDER.rows(connection, context_id=context_id, dimensions=Jsonb(scope.as_dict()))
    return [_state_of(row) for row in rows]


async def count(connection: Connection, context_id: str) -> int:
    """Returns how many scopes a context has."""
    row = await _ANY_OF_CONTEXT.row(connection, context_id=context_id)
    assert row is not None
    return int(row["count"])
