"""Statements on `turns`: how far the extraction of each has come, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Text, any_, bindparam, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from spectron_server.domain.belief import Diff
from spectron_server.domain.conversation import ExtractionStatus, Turn, TurnExtraction
from spectron_server.storage.rows import diff_json, extraction_of, turn_of
from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import TURNS

_OF_SCOPE: Final = TURNS.c.scope_key == bindparam("key")
_OF_IDS: Final = TURNS.c.turn_id == any_(bindparam("ids", type_=ARRAY(Text)))

_GET: Final = Statement(
    select(TURNS).where(_OF_SCOPE).where(TURNS.c.turn_id == bindparam("turn_id"))
)
_PENDING: Final = Statement(
    select(TURNS)
    .where(_OF_SCOPE)
    .where(TURNS.c.extraction_status == "pending")
    .order_by(TURNS.c.position)
    .limit(bindparam("limit"))
)
_STATES: Final = Statement(
    select(TURNS.c.turn_id, TURNS.c.extraction_status).where(_OF_SCOPE).where(_OF_IDS)
)
_AWAITING: Final = Statement(
    select(TURNS.c.turn_id, TURNS.c.hidden)
    .where(_OF_SCOPE)
    .where(_OF_IDS)
    .where(TURNS.c.extraction_status == "pending")
)
_FINISH: Final = Statement(
    update(TURNS)
    .where(_OF_SCOPE)
    .where(TURNS.c.turn_id == bindparam("id"))
    .where(TURNS.c.extraction_status == "pending")
    .values(
        extraction_status=bindparam("status"),
        extraction_error=bindparam("error"),
        extraction_attempts=TURNS.c.extraction_attempts + 1,
        extractor=bindparam("by"),
        dropped_count=bindparam("dropped"),
        diff=bindparam("outcome"),
        finished_at=bindparam("now"),
    )
)
_TRIED: Final = Statement(
    update(TURNS)
    .where(_OF_SCOPE)
    .where(_OF_IDS)
    .values(extraction_attempts=TURNS.c.extraction_attempts + 1)
)
_RESTART: Final = Statement(
    update(TURNS)
    .where(_OF_SCOPE)
    .where(TURNS.c.turn_id == bindparam("id"))
    .where(TURNS.c.extraction_status == "failed")
    .values(extraction_status="pending", extraction_error="", finished_at=null(), diff=null())
)


async def get(connection: Connection, scope_key: str, turn_id: str) -> TurnExtraction | None:
    """Returns the extraction of a turn."""
    row = await _GET.row(connection, key=scope_key, turn_id=turn_id)
    return extraction_of(row) if row else None


async def pending(connection: Connection, scope_key: str, limit: int) -> list[Turn]:
    """Returns the oldest turns of a scope that await extraction."""
    return [turn_of(row) for row in await _PENDING.rows(connection, key=scope_key, limit=limit)]


async def statuses(
    connection: Connection, scope_key: str, turn_ids: Sequence[str]
) -> dict[str, ExtractionStatus]:
    """Returns how far the extraction of turns has come."""
    rows = await _STATES.rows(connection, key=scope_key, ids=list(turn_ids))
    return {row["turn_id"]: ExtractionStatus(row["extraction_status"]) for row in rows}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How the extraction of a turn ended; `diff` is None if it failed.

    `hidden` tells whether the turn was hidden when it was read.
    """

    turn_id: str
    hidden: bool
    status: ExtractionStatus
    diff: Diff | None = None
    dropped: int = 0
    error: str = ""


async def finish(
    connection: Connection,
    scope_key: str,
    endings: Sequence[Ending],
    *,
    extractor: str,
    now: datetime,
) -> bool:
    """Ends the extraction of turns; returns False if one was ended, or hidden, since it was read.

    The transaction must hold the scope's row lock, and must not be committed after a False.
    """
    rows = await _AWAITING.rows(
        connection, key=scope_key, ids=[ending.turn_id for ending in endings]
    )
    awaiting = {row["turn_id"]: row["hidden"] for row in rows}
    if any(awaiting.get(ending.turn_id) is not ending.hidden for ending in endings):
        return False
    await _FINISH.run_many(
        connection,
        [
            {
                "key": scope_key,
                "id": ending.turn_id,
                "status": ending.status.value,
                "outcome": None if ending.diff is None else diff_json(ending.diff),
                "by": extractor,
                "dropped": ending.dropped,
                "error": ending.error,
                "now": now,
            }
            for ending in endings
        ],
    )
    return True


async def count_try(connection: Connection, scope_key: str, turn_ids: Sequence[str]) -> None:
    """Counts a failed try of turns that stay pending."""
    await _TRIED.run(connection, key=scope_key, ids=list(turn_ids))


async def restart(connection: Connection, scope_key: str, turn_id: str) -> bool:
    """Makes a failed extraction pending again; returns False if it has not failed."""
    return await _RESTART.count(connection, key=scope_key, id=turn_id) == 1
