"""Several processes that serve one port.

The first process answers no call. It runs the embedded database, holds the port, and starts the
replicas: each is `spectron serve` in a process of its own, which is told the database, the port
and its number by its environment. The kernel spreads new connections among them. Nothing is
shared but the database, so that each answers as any other server on it would.

A replica that dies is started again. When the first process is told to stop, it tells them; when
it is killed, the end of their standard input tells them. Either way they drain.
"""

import asyncio
import contextlib
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

import structlog

from spectron_server.application import StartError, make_first_key
from spectron_server.main import Started, load_tls, open_store
from spectron_server.rpc.server import PortInUseError
from spectron_server.settings import Settings
from spectron_server.storage.database import Database
from spectron_server.storage.queue import JobQueue
from spectron_server.system import SystemClock, UlidIds
from spectron_server.telemetry.metrics import Metrics

READY: Final = "ready"
"""What a replica writes to its standard output, as a line, once it serves."""

_START_WITHIN_S: Final = 120.0
_EXIT_WITHIN_S: Final = 10.0
_FIRST_PAUSE_S: Final = 0.5
_MAX_PAUSE_S: Final = 30.0
# One that served for so long did not die of the way in which it was started.
_STEADY_S: Final = 30.0
# The embedded database takes 100, some of which are for `spectron` commands and the first process.
_EMBEDDED_CONNECTIONS: Final = 80
_MIN_CONNECTIONS: Final = 4

_log = structlog.get_logger(__name__)


async def serve_together(
    settings: Settings, stop: asyncio.Event, announce: Callable[[Started], None]
) -> None:
    """Runs as many replicas as the settings say until told to stop.

    Raises:
        StartError: The settings do not allow it, or a replica did not start.
        PortInUseError: Another program listens on the address.
    """
    load_tls(settings)
    with _port_held(settings.listen) as (address, port):
        async with open_store(settings) as store:
            first_key = await make_first_key(
                settings, store.database, ids=UlidIds(), clock=SystemClock()
            )
            await _rescue(store.database, alone=settings.embedded)
            connections = settings.database_connections
            if settings.embedded:
                share = _EMBEDDED_CONNECTIONS // settings.workers
                connections = max(_MIN_CONNECTIONS, min(connections, share))

            def environment(number: int) -> dict[str, str]:
                return settings.environment(
                    database_url=store.url,
                    database_connections=connections,
                    listen=address,
                    metrics_listen=_metrics_address(settings, number),
                    replica=number,
                    workers=1,
                )

            async with _running(environment, settings):
                announce(Started(port=port, first_key=first_key))
                await stop.wait()
    _log.info("stopped")


@asynccontextmanager
async def _running(
    environment: Callable[[int], dict[str, str]], settings: Settings
) -> AsyncIterator[None]:
    replicas = [
        _Replica(number, environment(number), settings.drain_s)
        for number in range(settings.workers)
    ]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_stop_all, replicas)
        await asyncio.gather(*(replica.start() for replica in replicas))
        watching = [asyncio.create_task(replica.watch()) for replica in replicas]
        stack.push_async_callback(_cancel_all, watching)
        yield


class _Replica:
    """One process, started again whenever it dies."""

    def __init__(self, number: int, environment: dict[str, str], drain_s: float) -> None:
        self._number = number
        self._environment = environment
        self._drain_s = drain_s
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts it, and waits until it serves.

        Raises:
            StartError: It ended before, or took too long. Its own error is on standard error.
        """
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "spectron_server",
            "serve",
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_WITHIN_S):
                async for line in self._process.stdout:
                    if line.decode().strip() == READY:
                        _log.info("replica_serves", replica=self._number, process=self._process.pid)
                        return
        await self.stop()
        raise StartError(f"Process {self._number + 1} of --workers did not start; see above.")

    async def watch(self) -> None:
        """Starts it again whenever it has ended, until cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            since = time.monotonic()
            status = await self._ended()
            if time.monotonic() - since > _STEADY_S:
                pause_s = _FIRST_PAUSE_S
            _log.error("replica_died", replica=self._number, status=status)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _MAX_PAUSE_S)
            with contextlib.suppress(StartError):
                await self.start()

    async def stop(self) -> None:
        """Tells it to drain and stop, and waits until it has."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._ended(), self._drain_s + _EXIT_WITHIN_S)
        except TimeoutError:
            _log.error("replica_killed", replica=self._number)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ended(self) -> int:
        assert self._process is not None
        assert self._process.stdout is not None
        # A full pipe would hold it up.
        while await self._process.stdout.readline():
            pass
        return await self._process.wait()


async def _stop_all(replicas: list[_Replica]) -> None:
    await asyncio.gather(*(replica.stop() for replica in replicas))


async def _cancel_all(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _rescue(database: Database, *, alone: bool) -> None:
    queue = JobQueue(database, SystemClock(), Metrics())
    await queue.open()
    await queue.rescue(alone=alone)


def _metrics_address(settings: Settings, number: int) -> str | None:
    """Returns where a replica shows its metrics: each on a port of its own, from the one set."""
    if settings.metrics_listen is None:
        return None
    host, _, port = settings.metrics_listen.rpartition(":")
    return f"{host}:{int(port) + number if int(port) else 0}"


@contextmanager
def _port_held(address: str) -> Iterator[tuple[str, int]]:
    """Holds a port for the replicas, so that no other server can take it; gives the address.

    The socket is bound as one that shares with nobody, which fails if anybody has the port, and
    lets others share afterwards. Only the replicas ask to. It never listens itself.

    Raises:
        PortInUseError: Another program has the port.
    """
    host, _, port = address.rpartition(":")
    with contextlib.ExitStack() as stack:
        try:
            found = socket.getaddrinfo(host.strip("[]") or None, int(port), type=socket.SOCK_STREAM)
            family, kind, protocol, _, place = found[0]
            held = stack.enter_context(socket.socket(family, kind, protocol))
            # Connections of a former server that are still dying are no hindrance.
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(place)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        except OSError as error:
            raise PortInUseError(address) from error
        taken: int = held.getsockname()[1]
        yield f"{host}:{taken}", taken
