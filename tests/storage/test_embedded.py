"""The embedded PostgreSQL: its data directory, its lock, its end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from spectron_server.storage.embedded import (
    DataDirectoryInUseError,
    EmbeddedPostgres,
    EmbeddedPostgresError,
)


def test_it_starts_keeps_data_and_stops(data_directory: Path) -> None:
    first = EmbeddedPostgres.start(data_directory / "data")
    with psycopg.connect(first.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    first.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(first.url)

    second = EmbeddedPostgres.start(data_directory / "data")
    try:
        with psycopg.connect(second.url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    finally:
        second.stop()


def test_it_listens_to_no_network_and_logs_no_statements(data_directory: Path) -> None:
    postgres = EmbeddedPostgres.start(data_directory / "data")
    try:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW unix_socket_permissions").fetchone() == ("0700",)
            with pytest.raises(psycopg.errors.UndefinedTable):
                connection.execute("SELECT 'what a user said' FROM nowhere")
        log = (data_directory / "data" / "postgres" / "log").read_text()
        assert "what a user said" not in log
    finally:
        postgres.stop()


def test_a_second_server_is_kept_away(data_directory: Path) -> None:
    postgres = EmbeddedPostgres.start(data_directory / "data")
    try:
        with pytest.raises(DataDirectoryInUseError, match=f"process {os.getpid()}"):
            EmbeddedPostgres.start(data_directory / "data")
    finally:
        postgres.stop()


def test_it_is_taken_over_after_its_owner_was_killed(data_directory: Path) -> None:
    program = (
        "import sys, pathlib, time\n"
        "from spectron_server.storage.embedded import EmbeddedPostgres\n"
        "postgres = EmbeddedPostgres.start(pathlib.Path(sys.argv[1]))\n"
        "print(postgres.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program, str(data_directory / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    owner.send_signal(signal.SIGKILL)
    owner.communicate(timeout=30)

    postgres = EmbeddedPostgres.start(data_directory / "data")
    assert postgres.pid == pid
    postgres.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.url)


def test_a_broken_off_first_start_is_begun_anew(data_directory: Path) -> None:
    half_made = data_directory / "data" / "postgres"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    postgres = EmbeddedPostgres.start(data_directory / "data")
    try:
        with psycopg.connect(postgres.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        postgres.stop()


def test_a_directory_that_cannot_be_used_is_explained(data_directory: Path) -> None:
    (data_directory / "file").write_text("")
    with pytest.raises(EmbeddedPostgresError, match="SPECTRON_DATA_DIR"):
        EmbeddedPostgres.start(data_directory / "file" / "data")
