"""The queue of extraction jobs, kept in the same database by procrastinate.

A job names a scope, not a turn: it extracts every turn of the scope that is pending when it runs.
At most one job of a scope waits, and at most one runs. Why none is lost: a writer holds the
scope's row lock when it looks for a waiting job, and a job takes the same lock before it looks
for pending turns. So a job that a writer saw waiting cannot look before the writer has committed.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeAlias

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.jobs import Job
from procrastinate.worker import Worker
from psycopg.errors import RaiseException
from sqlalchemy import (
    Text,
    bindparam,
    cast,
    column,
    exists,
    func,
    insert,
    literal,
    select,
    table,
    text,
)

from spectron_server.domain.clock import Clock
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection, Statement
from spectron_server.telemetry.metrics import Metrics

_QUEUE: Final = "extraction"
_TASK: Final = "spectron.extract"
_HEARTBEAT_S: Final = 5.0
STALLED_S: Final = 20.0
"""A worker that gives no sign of life for so long is dead."""
# A notification tells of a new job, but not that a scope is free again: a job that came while
# another of its scope ran is found by looking.
_POLL_S: Final = 0.2
_RESTART_S: Final = 1.0
# How long a worker may take to stop beside its jobs, and then each step of its breaking off.
_LEAVE_S: Final = 5.0
_BREAK_OFF_S: Final = 1.0
_FIRST_BACKOFF_S: Final = 0.5
_BACKOFF_FACTOR: Final = 2.0
_MAX_BACKOFF_S: Final = 30.0

_JOBS: Final = table(
    "procrastinate_jobs",
    *(column(name) for name in ("id", "queue_name", "task_name", "lock", "args", "status")),
)
_KEY: Final = bindparam("scope_key", type_=Text)
# What procrastinate's own function for it would insert, and only if no such job waits: asking
# first would be one more round trip for every turn.
_ENQUEUE: Final = Statement(
    insert(_JOBS).from_select(
        ["queue_name", "task_name", "lock", "args"],
        select(
            literal(_QUEUE),
            literal(_TASK),
            cast(_KEY, Text),
            func.jsonb_build_object("scope_key", cast(_KEY, Text)),
        ).where(
            ~exists()
            .select_from(_JOBS)
            .where(_JOBS.c.lock == cast(_KEY, Text))
            .where(text("status = 'todo'"))
        ),
    )
)
_RUNNING: Final = Statement(
    select(_JOBS.c.id).where(text("status = 'doing'")).order_by(_JOBS.c.id).limit(10_000)
)

JobHandler: TypeAlias = Callable[[str], Awaitable[None]]

_log = structlog.get_logger(__name__)


class _Backoff(BaseRetryStrategy):
    """Tries again after 0.5, 1, 2, 4 seconds and so on up to 30; after a shutdown at once.

    A job is never given up: it is the service that gives up a turn that cannot be extracted.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Returns when to try a job again."""
        if isinstance(exception, JobAborted | asyncio.CancelledError):
            return RetryDecision(retry_at=self._clock.now())
        wait_s = min(_FIRST_BACKOFF_S * _BACKOFF_FACTOR ** min(job.attempts, 10), _MAX_BACKOFF_S)
        return RetryDecision(retry_at=self._clock.now() + timedelta(seconds=wait_s))


class JobQueue:
    """Puts jobs into the queue and runs them."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._app = App(connector=PsycopgConnector())
        self._handler: JobHandler | None = None
        self._app.task(name=_TASK, queue=_QUEUE, retry=_Backoff(clock))(self._run_job)

    async def open(self) -> None:
        """Gets ready, on the database's own pool."""
        await self._app.open_async(self._database.pool)

    def enqueue(self, connection: Connection, scope_key: str) -> None:
        """Sends what makes sure that a job of the scope waits.

        The caller's transaction must hold the scope's row lock; the job is seen when it commits.
        """
        _ENQUEUE.send(connection, scope_key=scope_key)

    async def rescue(self, *, alone: bool) -> int:
        """Puts jobs back whose worker died; returns how many.

        Args:
            alone: No other worker can be running on this database, so that every running job is
                an orphan. Otherwise only those whose worker gave no sign of life for 20 s are.
        """
        manager = self._app.job_manager
        if alone:
            async with self._database.read() as connection:
                orphans = [int(row["id"]) for row in await _RUNNING.rows(connection)]
        else:
            stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S)
            orphans = [job.id for job in stalled if job.id is not None]
        count = 0
        for job_id in orphans:
            try:
                await manager.retry_job_by_id_async(job_id=job_id, retry_at=self._clock.now())
            except ConnectorException as error:
                # It runs no more: another server has put it back in this very moment.
                if not isinstance(error.__cause__, RaiseException):
                    raise
            else:
                count += 1
        if count:
            self._metrics.jobs_rescued.inc(count)
            _log.info("jobs_rescued", count=count)
        return count

    async def run(
        self,
        handler: JobHandler,
        *,
        concurrency: int,
        grace_s: float,
        stop: asyncio.Event,
    ) -> None:
        """Runs jobs until told to stop; then finishes those under way, or puts them back.

        Args:
            handler: Called with the scope's key; if it raises, it is called again later.
            concurrency: How many jobs at once; each of another scope.
            grace_s: How long jobs may take to finish after the stop.
            stop: Set to stop.
        """
        self._handler = handler
        while not stop.is_set():
            worker: Any = Worker(
                app=self._app,
                queues=[_QUEUE],
                concurrency=concurrency,
                fetch_job_polling_interval=_POLL_S,
                shutdown_graceful_timeout=grace_s,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=_HEARTBEAT_S,
                stalled_worker_timeout=STALLED_S,
            )
            running = asyncio.create_task(worker.run())
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                # A cancellation may be lost while it waits for a connection: it would go on.
                worker.stop()
                await asyncio.wait({running}, timeout=grace_s + _LEAVE_S)
                while not running.done():
                    # It waits for a database that says nothing: each takes it one step further.
                    running.cancel()
                    await asyncio.wait({running}, timeout=_BREAK_OFF_S)
                try:
                    await running
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - see above
                    _log.warning("worker_stopped_badly", error=type(error).__name__)
                return
            stopped.cancel()
            # The worker ends by itself when it loses the database. It is started again: the
            # queue is on disk, nothing was lost.
            self._metrics.worker_restarts.inc()
            _log.warning("worker_restarts", error=type(running.exception()).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _RESTART_S)

    async def _run_job(self, scope_key: str) -> None:
        assert self._handler is not None
        await self._handler(scope_key)


def schema_sql() -> str:
    """Returns the statements that make the queue's tables."""
    app: Any = App(connector=PsycopgConnector())
    return str(app.schema_manager.get_schema())
