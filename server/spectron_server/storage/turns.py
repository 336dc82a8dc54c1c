"""Statements on `turns`: what was said, its place, and what may be found of it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.errors import NotNullViolation
from sqlalchemy import BigInteger, Select, Text, any_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from spectron_extraction.protocol import Role
from spectron_server.domain.conversation import ExtractionStatus, Turn, TurnExtraction
from spectron_server.storage.access import KEY_HOLDS
from spectron_server.storage.columns import (
    PAGE_ROWS,
    columns_of,
    microseconds_of,
    pages,
    raw_moment,
)
from spectron_server.storage.line import Answer
from spectron_server.storage.rows import diff_json, extraction_of, turn_of
from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import SCOPES, SESSIONS, TURNS

_ID: Final = TURNS.c.scope_key == bindparam("key")

_OWN: Final = (
    "scope_key",
    "turn_id",
    "session_id",
    "role",
    "content",
    "observed_at",
    "recorded_at",
    "hidden",
    "extraction_status",
    "message_id",
)
_PLACES: Final = ("sequence", "position", "revision")
_BEHIND: Final = bindparam("behind", type_=BigInteger)
_OF_SCOPE: Final = SCOPES.c.scope_key == bindparam("scope_key")
_OF_SESSION: Final = (
    (SESSIONS.c.scope_key == bindparam("scope_key"))
    & (SESSIONS.c.session_id == bindparam("session_id"))
    & SESSIONS.c.closed_at.is_(None)
)


def _insert(revision: Select[tuple[int]]) -> Statement:
    # The places come from the counters themselves, so that nobody has to be told of them first.
    # Where there are none to count there is no place, which these columns do not take: nothing is
    # written.
    return Statement(
        insert(TURNS).from_select(
            [*_OWN, *_PLACES],
            select(
                *(bindparam(name, type_=TURNS.c[name].type) for name in _OWN),
                select(SESSIONS.c.turn_count).where(_OF_SESSION).scalar_subquery() - _BEHIND,
                select(SCOPES.c.turn_count).where(_OF_SCOPE).scalar_subquery() - _BEHIND,
                revision.scalar_subquery(),
            ),
        )
    )


_REVISION: Final = select(SCOPES.c.revision).where(_OF_SCOPE)
_INSERT: Final = _insert(_REVISION)
# In the same way nothing is written for a key that is no good.
_INSERT_FOR_KEY: Final = _insert(_REVISION.where(KEY_HOLDS))
_GET: Final = Statement(select(TURNS).where(_ID).where(TURNS.c.turn_id == bindparam("turn_id")))
_BY_ID: Final = Statement(
    select(TURNS).where(_ID).where(TURNS.c.turn_id == any_(bindparam("ids", type_=ARRAY(Text))))
)
_OF_MESSAGE: Final = Statement(
    select(TURNS)
    .where(_ID)
    .where(TURNS.c.session_id == bindparam("session_id"))
    .where(TURNS.c.message_id == bindparam("message"))
)
_PAGE: Final = Statement(
    select(TURNS)
    .where(_ID)
    .where(TURNS.c.session_id == bindparam("session_id"))
    .where(TURNS.c.sequence > bindparam("after"))
    .where(
        or_(
            bindparam("status") == "any",
            TURNS.c.extraction_status == bindparam("status"),
        )
    )
    .order_by(TURNS.c.sequence)
    .limit(bindparam("limit"))
)
_SCOPE_PAGE: Final = Statement(
    select(TURNS)
    .where(_ID)
    .where(TURNS.c.position > bindparam("after"))
    .order_by(TURNS.c.position)
    .limit(bindparam("limit"))
)
_EARLIER: Final = Statement(
    select(TURNS)
    .where(_ID)
    .where(TURNS.c.session_id == bindparam("session_id"))
    .where(TURNS.c.sequence < bindparam("before"))
    .order_by(TURNS.c.sequence.desc())
    .limit(bindparam("limit"))
)
_CHANGED: Final = Statement(select(TURNS).where(_ID).where(TURNS.c.revision > bindparam("since")))
_SHOWN: Final = Statement(
    select(
        TURNS.c.position,
        TURNS.c.turn_id,
        TURNS.c.session_id,
        TURNS.c.sequence,
        TURNS.c.role,
        TURNS.c.content,
        raw_moment(TURNS.c.observed_at),
    )
    .where(_ID)
    .where(TURNS.c.position > bindparam("after"))
    .where(~TURNS.c.hidden)
    .order_by(TURNS.c.position)
    .limit(PAGE_ROWS)
)
_HIDE: Final = Statement(
    update(TURNS)
    .where(_ID)
    .where(TURNS.c.turn_id == any_(bindparam("ids", type_=ARRAY(Text))))
    .values(hidden=True, revision=bindparam("rev"))
)
_IMPORT: Final = Statement(insert(TURNS))


def _own(scope_key: str, turn: Turn) -> dict[str, Any]:
    return {
        "scope_key": scope_key,
        "turn_id": turn.id,
        "session_id": turn.session_id,
        "role": turn.role.value,
        "content": turn.content,
        "observed_at": turn.observed_at,
        "recorded_at": turn.recorded_at,
        "hidden": turn.hidden,
        "extraction_status": turn.extraction_status.value,
        "message_id": turn.message_id,
    }


def add(
    connection: Connection, scope_key: str, turns: Sequence[Turn], *, for_key: str | None = None
) -> None:
    """Sends new turns of a session, whose places were taken in the same transaction.

    The numbers that the turns carry are not looked at: they get the places that the counters of
    scope and session tell of. If the session is closed or missing, the transaction fails with an
    error that is `placeless`; so it does if a key is named and was revoked or has expired by the
    time at which the turns are recorded.
    """
    for behind, turn in zip(range(len(turns) - 1, -1, -1), turns, strict=True):
        values = {"behind": behind, **_own(scope_key, turn)}
        if for_key is None:
            _INSERT.send(connection, **values)
        else:
            _INSERT_FOR_KEY.send(connection, asked_key=for_key, asked_at=turn.recorded_at, **values)


def placeless(error: psycopg.Error) -> bool:
    """Tells whether an error means that the session or the key of a new turn is no good."""
    return isinstance(error, NotNullViolation) and error.diag.column_name in _PLACES


async def add_extracted(
    connection: Connection,
    scope_key: str,
    turn: Turn,
    extraction: TurnExtraction,
    revision: int,
) -> None:
    """Writes a turn that comes with its place and its extraction, from an export."""
    await _IMPORT.run(
        connection,
        **_own(scope_key, turn),
        sequence=turn.sequence,
        position=turn.position,
        revision=revision,
        extraction_attempts=extraction.attempts,
        extraction_error=extraction.error,
        extractor=extraction.extractor,
        dropped_count=extraction.dropped_count,
        diff=None if extraction.diff is None else diff_json(extraction.diff),
        finished_at=extraction.finished_at,
    )


async def get(connection: Connection, scope_key: str, turn_id: str) -> Turn | None:
    """Returns a turn."""
    row = await _GET.row(connection, key=scope_key, turn_id=turn_id)
    return turn_of(row) if row else None


async def by_id(connection: Connection, scope_key: str, turn_ids: Sequence[str]) -> dict[str, Turn]:
    """Returns turns by their ids."""
    rows = await _BY_ID.rows(connection, key=scope_key, ids=list(turn_ids))
    return {row["turn_id"]: turn_of(row) for row in rows}


async def of_message(
    connection: Connection, scope_key: str, session_id: str, message_id: str
) -> dict[Role, Turn]:
    """Returns the turns of a chat's message: none, the user's, or the user's and the reply."""
    rows = await _OF_MESSAGE.rows(
        connection, key=scope_key, session_id=session_id, message=message_id
    )
    found = [turn_of(row) for row in rows]
    return {turn.role: turn for turn in found}


async def page(
    connection: Connection,
    scope_key: str,
    *,
    session_id: str,
    status: ExtractionStatus | None,
    after: int,
    limit: int,
) -> list[Turn]:
    """Returns turns of a session in order, those after a sequence number."""
    rows = await _PAGE.rows(
        connection,
        key=scope_key,
        session_id=session_id,
        status=status.value if status else "any",
        after=after,
        limit=limit,
    )
    return [turn_of(row) for row in rows]


async def scope_page(
    connection: Connection, scope_key: str, *, after: int, limit: int
) -> list[tuple[Turn, TurnExtraction]]:
    """Returns turns of a scope in the order of recording, those after a position."""
    rows = await _SCOPE_PAGE.rows(connection, key=scope_key, after=after, limit=limit)
    return [(turn_of(row), extraction_of(row)) for row in rows]


async def earlier(
    connection: Connection, scope_key: str, *, session_id: str, before: int, limit: int
) -> list[Turn]:
    """Returns the last turns of a session before a sequence number, oldest first."""
    rows = await _EARLIER.rows(
        connection, key=scope_key, session_id=session_id, before=before, limit=limit
    )
    return [turn_of(row) for row in reversed(rows)]


async def changed(connection: Connection, scope_key: str, since: int) -> list[Turn]:
    """Returns the turns of a scope recorded or hidden after a revision."""
    return [turn_of(row) for row in await _CHANGED.rows(connection, key=scope_key, since=since)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownTurns:
    """What is to be found of many turns, by column.

    Attributes:
        ids: Their ids.
        session_ids: The session of each.
        sequences: The place of each in its session.
        roles: Who said each.
        contents: What was said.
        observed_us: When it was said, in microseconds since 1970.
    """

    ids: Sequence[str]
    session_ids: Sequence[str]
    sequences: Sequence[int]
    roles: Sequence[str]
    contents: Sequence[str]
    observed_us: Sequence[int]


def shown(connection: Connection, scope_key: str) -> AsyncIterator[Answer]:
    """Yields the turns of a scope that are not hidden, in the order of recording.

    They come in pages for `shown_turns` to read.
    """
    return pages(
        lambda after: _SHOWN.send(connection, whole=True, key=scope_key, after=after), first=0
    )


def shown_turns(page: Answer) -> ShownTurns:
    """Reads a page of turns; for any thread."""
    _, ids, session_ids, sequences, roles, contents, moments = columns_of(page)
    return ShownTurns(
        ids=ids,
        session_ids=session_ids,
        sequences=sequences,
        roles=roles,
        contents=contents,
        observed_us=microseconds_of(moments),
    )


async def hide(
    connection: Connection, scope_key: str, turn_ids: Sequence[str], revision: int
) -> None:
    """Takes turns out of retrieval."""
    await _HIDE.run(connection, key=scope_key, ids=list(turn_ids), rev=revision)
