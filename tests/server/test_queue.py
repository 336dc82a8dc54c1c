"""The queue: its worker ends when it is told to, and what a dead one ran is put back once."""

import asyncio
import contextlib
from typing import Any

import pytest
from procrastinate.manager import JobManager

from spectron_server.storage.database import Database
from spectron_server.storage.queue import JobQueue
from spectron_server.system import SystemClock
from spectron_server.telemetry.metrics import Metrics


async def test_it_ends_also_if_it_is_told_so_while_it_waits_for_a_connection(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, connected = asyncio.Event(), asyncio.Event()
    register = JobManager.register_worker

    async def register_late(manager: JobManager) -> Any:
        waiting.set()
        # As where the connection came in that very moment (`asyncio.wait_for` until 3.11).
        with contextlib.suppress(asyncio.CancelledError):
            await connected.wait()
        return await register(manager)

    async def nothing(scope_key: str) -> None:
        raise AssertionError(scope_key)

    monkeypatch.setattr(JobManager, "register_worker", register_late)
    database = await Database.open(database_url, max_connections=4)
    try:
        queue = JobQueue(database, SystemClock(), Metrics())
        await queue.open()
        stop = asyncio.Event()
        work = asyncio.create_task(queue.run(nothing, concurrency=1, grace_s=1, stop=stop))
        await waiting.wait()
        stop.set()
        # So that it is told before it is connected.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        connected.set()
        ended, _ = await asyncio.wait({work}, timeout=20)
        assert ended
        await work
    finally:
        await database.close()


async def test_servers_that_start_together_put_a_dead_workers_jobs_back_once(
    database_url: str,
) -> None:
    first = await Database.open(database_url, max_connections=4)
    second = await Database.open(database_url, max_connections=4)
    try:
        async with first.pool.connection() as connection:
            await connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status)"
                " SELECT 'extraction', 'spectron.extract', key, '{}', 'doing'"
                " FROM unnest(%s::text[]) AS key",
                ([f"scope{number}" for number in range(20)],),
            )
        queues = [JobQueue(each, SystemClock(), Metrics()) for each in (first, second)]
        for queue in queues:
            await queue.open()
        counts = await asyncio.gather(*(queue.rescue(alone=False) for queue in queues))
        assert sum(counts) == 20
        async with first.pool.connection() as connection:
            found = await connection.execute(
                "SELECT status, attempts, count(*) AS count FROM procrastinate_jobs GROUP BY 1, 2"
            )
            assert await found.fetchall() == [{"status": "todo", "attempts": 1, "count": 20}]
    finally:
        await first.close()
        await second.close()
