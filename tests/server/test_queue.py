"""The worker of the queue ends when it is told to."""

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
