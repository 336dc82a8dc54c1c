"""A server for a while: on a data directory of its own that is removed afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc

from spectron_server.cli.errors import CommandError
from spectron_server.system import new_secret

_START_S: Final = 60.0
_LOOK_S: Final = 0.5
_STOP_S: Final = 25.0
_LOG_LINES: Final = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class TemporaryServer:
    """Where a temporary server is, and its key."""

    endpoint: str
    api_key: str = field(repr=False)


@contextmanager
def temporary_server() -> Iterator[TemporaryServer]:
    """Runs a server until the block is left, then removes all that it wrote.

    Raises:
        CommandError: It did not start; the message ends with the end of its log.
    """
    directory = Path(tempfile.mkdtemp(prefix="spectron-"))
    try:
        # The embedded PostgreSQL runs as another user where this one is root, and has to enter.
        # What it keeps inside is closed to others all the same.
        directory.chmod(0o711)
        with _running(directory) as server:
            yield server
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _running(directory: Path) -> Iterator[TemporaryServer]:
    endpoint = f"127.0.0.1:{_free_port()}"
    key = new_secret()
    # The settings of a real deployment must not lead this server to its database.
    environment = {
        name: each for name, each in os.environ.items() if not name.startswith("SPECTRON_")
    }
    environment |= {
        "SPECTRON_DATA_DIR": str(directory / "data"),
        "SPECTRON_LISTEN": endpoint,
        "SPECTRON_FIRST_KEY": key,
        # Libraries leave small files behind in the directory for such files.
        "TMPDIR": str(directory),
    }
    log = directory / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "spectron_server.cli", "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for this process, which then stops the server.
            start_new_session=True,
        )
    try:
        _wait_for(process, endpoint, log)
        yield TemporaryServer(endpoint=endpoint, api_key=key)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", endpoint: str, log: Path) -> None:
    options = [
        ("grpc.enable_http_proxy", 0),
        ("grpc.initial_reconnect_backoff_ms", 50),
        ("grpc.min_reconnect_backoff_ms", 50),
        ("grpc.max_reconnect_backoff_ms", 200),
    ]
    with grpc.insecure_channel(endpoint, options=options) as channel:
        ready = grpc.channel_ready_future(channel)
        for _ in range(round(_START_S / _LOOK_S)):
            if process.poll() is not None:
                break
            try:
                ready.result(timeout=_LOOK_S)
            except grpc.FutureTimeoutError:
                continue
            return
        ready.cancel()
    end = log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
    raise CommandError("\n".join(["The temporary server did not start. Its log ends:", *end]))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
