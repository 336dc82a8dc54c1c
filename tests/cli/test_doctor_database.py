"""What `spectron doctor` reads in a database: each thing that can be wrong there is told."""

import asyncio
from datetime import timedelta
from importlib.metadata import version

import psycopg
import pytest

from spectron_server.cli.doctor_database import database_checks
from spectron_server.cli.finding import Check, Status
from spectron_server.settings import Settings
from spectron_server.system import SystemClock
from tests.cli.test_doctor import FixedClock
from tests.conftest import StartServer


async def looked(
    url: str,
    ahead: timedelta = timedelta(),
    *,
    expect_server: bool = True,
    **fields: object,
) -> dict[str, Check]:
    settings = Settings.model_validate({"database_url": url, **fields})
    found = await asyncio.to_thread(
        database_checks, url, settings, FixedClock(ahead), expect_server=expect_server
    )
    checks = {each.name: each for each in found}
    assert len(checks) == len(found)
    for check in found:
        assert bool(check.advice) == bool(check.why) == (check.status is not Status.OK)
    return checks


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


async def test_an_empty_database_is_well(database_url: str) -> None:
    told = await looked(database_url)
    assert {each.status for each in told.values()} == {Status.OK}
    assert told.keys() == {
        *("vectors", "backlog", "failed turns", "jobs", "key expiry", "connections", "versions")
    }
    assert told["versions"].message == "no server or worker is connected"


async def test_vectors_of_another_embedder(start_server: StartServer, database_url: str) -> None:
    async with start_server():
        pass
    run(
        database_url,
        "INSERT INTO server_settings (name, value)"
        " VALUES ('embedder', 'all-MiniLM-L6-v2/int8 (384 dimensions)')",
    )
    assert (await looked(database_url))["vectors"].status is Status.OK
    for other in ("other-model/fp32 (384 dimensions)", "none: re-embedding was broken off"):
        run(database_url, f"UPDATE server_settings SET value = '{other}'")
        told = (await looked(database_url))["vectors"]
        assert told.status is Status.FAIL
        assert other in told.message
        assert "spectron migrate --re-embed" in told.advice


async def test_turns_that_wait(start_server: StartServer, database_url: str) -> None:
    async with start_server(worker=False) as server, server.client() as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        await session.turn("user", "one")
        await session.turn("user", "two")

        told = (await looked(database_url))["backlog"]
        assert told.status is Status.FAIL
        assert "2 turns wait" in told.message
        assert "no worker runs" in told.message
        assert "spectron worker" in told.advice
        # Nobody is to be at work on a database that was started for the check.
        asleep = await looked(database_url, expect_server=False)
        assert asleep["backlog"].status is Status.OK

        run(database_url, "INSERT INTO procrastinate_workers DEFAULT VALUES")
        assert (await looked(database_url))["backlog"].status is Status.OK
        late = await looked(database_url, timedelta(hours=3))
        assert late["backlog"].status is Status.WARN
        assert "since 3 hours" in late["backlog"].message
        assert "SPECTRON_WORKER_CONCURRENCY" in late["backlog"].advice


async def test_turns_that_failed(start_server: StartServer, database_url: str) -> None:
    async with start_server(worker=False) as server, server.client() as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        await session.turn("user", "one")
    run(database_url, "UPDATE turns SET extraction_status = 'failed'")
    told = (await looked(database_url))["failed turns"]
    assert told.status is Status.WARN
    assert "1 turn" in told.message
    assert "RetryExtraction" in told.advice


async def test_jobs_of_a_dead_worker(database_url: str) -> None:
    run(
        database_url,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status)"
        " VALUES ('extraction', 'spectron.extract', 's', 'doing')",
    )
    told = (await looked(database_url))["jobs"]
    assert told.status is Status.WARN
    assert "1 job of a dead worker" in told.message
    asleep = (await looked(database_url, expect_server=False))["jobs"]
    assert asleep.status is Status.OK
    assert "broken off" in asleep.message
    run(
        database_url,
        "WITH alive AS (INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id)"
        " UPDATE procrastinate_jobs SET worker_id = alive.id FROM alive",
    )
    assert (await looked(database_url))["jobs"].message == "0 waiting, 1 running"


async def test_keys_that_expire(start_server: StartServer, database_url: str) -> None:
    now = SystemClock().now()
    async with start_server() as server:
        await server.add_key(expires_at=now + timedelta(days=3))
        await server.add_key(expires_at=now + timedelta(days=300))
    told = (await looked(database_url))["key expiry"]
    assert told.status is Status.WARN
    assert "1 key expires soon: key:" in told.message
    assert "spectron keys create" in told.advice
    later = (await looked(database_url, timedelta(days=5)))["key expiry"]
    assert later.status is Status.OK


async def test_servers_of_several_versions(start_server: StartServer, database_url: str) -> None:
    async with start_server():
        told = (await looked(database_url))["versions"]
        assert told.status is Status.OK
        assert version("spectron") in told.message
        with psycopg.connect(database_url, application_name="spectron/0.0.1"):
            told = (await looked(database_url))["versions"]
    assert told.status is Status.WARN
    assert "0.0.1" in told.message
    assert "restart" in told.advice


@pytest.mark.parametrize(("wanted", "status"), [(16, Status.OK), (500, Status.FAIL)])
async def test_a_pool_that_the_database_cannot_fill(
    database_url: str, wanted: int, status: Status
) -> None:
    told = (await looked(database_url, database_connections=wanted))["connections"]
    assert told.status is status
    assert f"may open {wanted + 1}" in told.message
