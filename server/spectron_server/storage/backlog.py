"""What waits to be extracted, over all scopes: for those who watch the server."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, literal, select, text

from spectron_server.storage.queue import STALLED_S
from spectron_server.storage.statement import Connection, Statement
from spectron_server.storage.tables import TURNS

_ONE: Final = literal(1)
_PENDING: Final = Statement(
    select(func.count(_ONE).label("count"), func.min(TURNS.c.recorded_at).label("oldest")).where(
        TURNS.c.extraction_status == text("'pending'")
    )
)
_FAILED: Final = Statement(
    select(func.count(_ONE).label("count")).where(TURNS.c.extraction_status == text("'failed'"))
)
# A worker that ends well gives its jobs back; one that died leaves them without a sign of life.
_JOBS: Final = Statement(
    text(
        "SELECT count(*) FILTER (WHERE job.status = 'todo') AS waiting,"
        " count(*) FILTER (WHERE job.status = 'doing') AS running,"
        " count(*) FILTER (WHERE job.status = 'doing' AND (worker.id IS NULL OR"
        " worker.last_heartbeat < now() - make_interval(secs => :stalled_s))) AS stalled"
        " FROM procrastinate_jobs AS job"
        " LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id"
        " WHERE job.status IN ('todo', 'doing')"
    ).bindparams(bindparam("stalled_s"))
)
_WORKERS: Final = Statement(
    text(
        "SELECT count(*) AS count FROM procrastinate_workers"
        " WHERE last_heartbeat >= now() - make_interval(secs => :stalled_s)"
    ).bindparams(bindparam("stalled_s"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """What waits.

    Attributes:
        pending: Turns that wait for their extraction.
        oldest: When the first of them was recorded; None if there is none.
        failed: Turns whose extraction failed for good.
        waiting: Jobs that wait.
        running: Jobs under way.
        stalled: Those of them whose worker gave no sign of life for 20 s.
        workers: Workers that gave one.
    """

    pending: int
    oldest: datetime | None
    failed: int
    waiting: int
    running: int
    stalled: int
    workers: int


async def backlog(connection: Connection) -> Backlog:
    """Counts what waits: by indexes that hold nothing else, so that it costs what waits."""
    pending = await _PENDING.row(connection)
    failed = await _FAILED.row(connection)
    jobs = await _JOBS.row(connection, stalled_s=STALLED_S)
    workers = await _WORKERS.row(connection, stalled_s=STALLED_S)
    assert pending is not None
    assert failed is not None
    assert jobs is not None
    assert workers is not None
    return Backlog(
        pending=pending["count"],
        oldest=pending["oldest"],
        failed=failed["count"],
        waiting=jobs["waiting"],
        running=jobs["running"],
        stalled=jobs["stalled"],
        workers=workers["count"],
    )
