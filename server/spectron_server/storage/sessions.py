"""Statements on `sessions`."""

import asyncio
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
from spectron_server.storage.line import Answer
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
    .values(turn_count=SESSIONS.c.turn_count + bindparam("turns", type_=BigInteger))
    .returning(SESSIONS.c.turn_count, SESSIONS.c.closed_at)
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


@dataclass(frozen=True, slots=True)
class Places:
    """The places that new turns take, under way from the database."""

    scope: asyncio.Future[Answer]
    session: asyncio.Future[Answer]

    async def told(self) -> None:
        """Waits until both counters have been told."""
        await self.scope
        await self.session

    @property
    def missing(self) -> bool:
        """Whether there is no such session."""
        return not (self.scope.result().rows and self.session.result().rows)

    @property
    def closed(self) -> bool:
        """Whether the session takes no turns any more."""
        return not self.missing and self.session.result().rows[0]["closed_at"] is not None

    @property
    def position(self) -> int:
        """That of the last of the turns in the scope."""
        return int(self.scope.result().rows[0]["turn_count"])

    @property
    def sequence(self) -> int:
        """That of the last of the turns in the session."""
        return int(self.session.result().rows[0]["turn_count"])


def take_places(connection: Connection, scope_key: str, session_id: str, turns: int) -> Places:
    """Counts new turns of a session, and so locks the scope until the transaction ends.

    The transaction must not be committed if the session turns out to be closed or missing.
    """
    # The scope first, as everyone does.
    return Places(
        scope=scopes.BUMP.send(connection, key=scope_key, turns=turns, beliefs=False),
        session=_COUNT_TURNS.send(connection, key=scope_key, id=session_id, turns=turns),
    )


async def close(connection: Connection, scope_key: str, session_id: str, now: datetime) -> None:
    """Closes a session; a closed one keeps its time."""
    await _CLOSE.run(connection, key=scope_key, id=session_id, now=now)
