"""Statements on `sessions`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from spectron_server.domain.conversation import Session
from spectron_server.domain.scope import Scope
from spectron_server.storage import scopes
from spectron_server.storage.rows import session_of
from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import SCOPES, SESSIONS

_INSERT: Final = Statement(insert(SESSIONS))
_GET: Final = Statement(
    select(SESSIONS, SCOPES.c.context_id, SCOPES.c.dimensions)
    .join(SCOPES, SCOPES.c.scope_key == SESSIONS.c.scope_key)
    .where(SESSIONS.c.scope_key == bindparam("key"))
    .where(SESSIONS.c.session_id == bindparam("session_id"))
)
_PAGE: Final = Statement(
    select(SESSIONS)
    .where(SESSIONS.c.scope_key == bindparam("key"))
    .where(SESSIONS.c.session_id < bindparam("before"))
    .where(
        or_(
            bindparam("state") == "any",
            (bindparam("state") == "open") & SESSIONS.c.closed_at.is_(None),
            (bindparam("state") == "closed") & SESSIONS.c.closed_at.is_not(None),
        )
    )
    .order_by(SESSIONS.c.session_id.desc())
    .limit(bindparam("limit"))
)
_COUNT_TURNS: Final = Statement(
    update(SESSIONS)
    .where(SESSIONS.c.scope_key == bindparam("key"))
    .where(SESSIONS.c.session_id == bindparam("id"))
    .where(SESSIONS.c.closed_at.is_(None))
    .values(turn_count=SESSIONS.c.turn_count + bindparam("turns", type_=BigInteger))
    .returning(SESSIONS.c.turn_count)
)
_CLOSE: Final = Statement(
    update(SESSIONS)
    .where(SESSIONS.c.scope_key == bindparam("key"))
    .where(SESSIONS.c.session_id == bindparam("id"))
    .values(closed_at=func.coalesce(SESSIONS.c.closed_at, bindparam("now")))
)


async def add(connection: Connection, scope_key: str, session: Session) -> None:
    """Writes a new session."""
    await _INSERT.run(
        connection,
        scope_key=scope_key,
        session_id=session.id,
        metadata=Jsonb(dict(session.metadata)),
        created_at=session.created_at,
        closed_at=session.closed_at,
        turn_count=session.turn_count,
    )


async def get(connection: Connection, scope_key: str, session_id: str) -> Session | None:
    """Returns a session."""
    row = await _GET.row(connection, key=scope_key, session_id=session_id)
    if row is None:
        return None
    dimensions: Mapping[str, str] = row["dimensions"]
    return session_of(
        row, context_id=row["context_id"], scope=Scope(tuple(sorted(dimensions.items())))
    )


async def page(
    connection: Connection,
    scope_key: str,
    *,
    context_id: str,
    scope: Scope,
    state: str,
    before: str,
    limit: int,
) -> list[Session]:
    """Returns sessions of one scope, newest first, those before an id.

    `state` is "any", "open" or "closed"; `before` of "~" starts at the newest.
    """
    rows = await _PAGE.rows(connection, key=scope_key, state=state, before=before, limit=limit)
    return [session_of(row, context_id=context_id, scope=scope) for row in rows]


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """The places of new turns.

    Attributes:
        revision: The scope's, which they make.
        position: Of the last of them in the scope.
        sequence: Of the last of them in the session.
    """

    revision: int
    position: int
    sequence: int


async def take_places(
    connection: Connection, scope_key: str, session_id: str, turns: int
) -> Places | None:
    """Counts new turns of a session, and so locks the scope until the transaction ends.

    Returns:
        Their places; None if the session is closed or missing, and then the transaction must
        not be committed.
    """
    # The scope first, as everyone does. Both travel in one round trip.
    bump = scopes.BUMP.send(connection, key=scope_key, turns=turns, beliefs=False)
    count = _COUNT_TURNS.send(connection, key=scope_key, id=session_id, turns=turns)
    scopes_found, sessions_found = (await bump).rows, (await count).rows
    if not scopes_found or not sessions_found:
        return None
    [scope], [session] = scopes_found, sessions_found
    return Places(
        revision=scope["revision"], position=scope["turn_count"], sequence=session["turn_count"]
    )


async def close(connection: Connection, scope_key: str, session_id: str, now: datetime) -> None:
    """Closes a session; a closed one keeps its time."""
    await _CLOSE.run(connection, key=scope_key, id=session_id, now=now)
