"""`spectron doctor` says until when a certificate is good, in its files and as it is shown."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from spectron_server.cli import probes
from spectron_server.cli.connection import Connection
from spectron_server.cli.doctor_certificate import certificate_of_files
from spectron_server.cli.finding import Check, Status
from tests.cli.conftest import Cli
from tests.cli.test_doctor import FixedClock, found
from tests.conftest import StartServer

OWN = Path(__file__).parent / "certificates"
GOOD = Path(__file__).parents[1] / "client" / "certificates" / "loopback.pem"


@pytest.mark.parametrize(
    ("ahead", "status", "told"),
    [
        (timedelta(), Status.OK, "valid until 2126-10-28"),
        (datetime(2126, 10, 20, tzinfo=UTC) - datetime.now(UTC), Status.WARN, "in 8 days"),
        (datetime(2126, 11, 1, tzinfo=UTC) - datetime.now(UTC), Status.FAIL, "has expired"),
    ],
)
def test_the_files_of_a_server(ahead: timedelta, status: Status, told: str) -> None:
    check = certificate_of_files(GOOD, GOOD.with_suffix(".key"), FixedClock(ahead))
    assert check.status is status
    assert told in check.message
    assert ("Renew it" in check.advice) == (status is not Status.OK)


def test_a_certificate_that_has_expired() -> None:
    # Its dates are past by any clock.
    check = certificate_of_files(OWN / "expired.pem", OWN / "expired.key", FixedClock())
    assert check.status is Status.FAIL
    assert "has expired" in check.message


async def test_the_settings_files_are_checked(bare: Cli) -> None:
    tls = {"SPECTRON_TLS_CERTIFICATE": str(OWN / "expired.pem")}
    for key, told in (("expired.key", "has expired"), ("missing.key", "Cannot read")):
        cli = bare.using(**tls, SPECTRON_TLS_KEY=str(OWN / key))
        ran = await cli("doctor", "--endpoint", "127.0.0.1:1", "--json")
        assert ran.code == 1
        assert told in found(ran)["certificate"]["message"]


async def shown(endpoint: str, ahead: timedelta = timedelta()) -> dict[str, Check]:
    def probe() -> dict[str, Check]:
        connection = Connection(endpoint=endpoint)
        found = probes.server_checks(connection, None, FixedClock(ahead))
        return {each.name: each for each in found}

    return await asyncio.to_thread(probe)


async def test_what_a_server_shows(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A name that is not a loopback address by itself, so that TLS is used.
    monkeypatch.setattr(probes, "is_local", lambda _: False)
    monkeypatch.setattr("spectron.endpoint.is_local", lambda _: False)
    tls = {"tls_certificate": GOOD, "tls_key": GOOD.with_suffix(".key")}
    async with start_server(**tls) as server:
        stranger = await shown(server.endpoint)
        assert stranger["certificate"].status is Status.FAIL
        assert "not trusted" in stranger["certificate"].message
        assert "SPECTRON_TLS_ROOT_CERTIFICATES" in stranger["certificate"].advice
        assert stranger["server"].status is Status.FAIL

        monkeypatch.setenv("SPECTRON_TLS_ROOT_CERTIFICATES", str(GOOD))
        friend = await shown(server.endpoint)
        assert friend["certificate"].status is Status.OK, friend
        assert friend["server"].status is Status.OK
        late = datetime(2126, 10, 20, tzinfo=UTC) - datetime.now(UTC)
        assert (await shown(server.endpoint, late))["certificate"].status is Status.WARN


async def test_an_expired_one_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "is_local", lambda _: False)
    monkeypatch.setattr(probes, "_PATIENCE_S", 1.0)
    monkeypatch.setattr("spectron.endpoint.is_local", lambda _: False)
    monkeypatch.setenv("SPECTRON_TLS_ROOT_CERTIFICATES", str(OWN / "expired.pem"))
    pair = ((OWN / "expired.key").read_bytes(), (OWN / "expired.pem").read_bytes())
    server = grpc.aio.server()
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    await server.start()
    try:
        told = await shown(f"127.0.0.1:{port}")
    finally:
        await server.stop(None)
    assert told["certificate"].status is Status.FAIL
    assert "has expired" in told["certificate"].message
