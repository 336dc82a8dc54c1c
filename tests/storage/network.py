"""A network before PostgreSQL that can fall silent, as where a machine is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Network:
    """Connections through it carry what is said until they are silenced: nothing tells their end.

    Attributes:
        url: The database's address through this network.
    """

    def __init__(self, url: str) -> None:
        parts = conninfo_to_dict(url)
        self._host = str(parts.get("host") or "localhost")
        self._port = int(parts.get("port") or 5432)
        self._parts = parts
        self._heard = asyncio.Event()
        self._heard.set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Network"]:
        """Listens until the block is left."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.url = make_conninfo(**{**self._parts, "host": "127.0.0.1", "port": port})
        try:
            yield self
        finally:
            server.close()
            for pump in self._pumps:
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)

    def silence(self) -> None:
        """Carries nothing any more on the connections that there are, nor on new ones."""
        self._heard.clear()

    def mend(self) -> None:
        """Carries what is said on new connections; those that were silenced stay silent."""
        self._heard = asyncio.Event()
        self._heard.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = self._heard
        if self._host.startswith("/"):
            socket = Path(self._host) / f".s.PGSQL.{self._port}"
            far_reader, far_writer = await asyncio.open_unix_connection(socket)
        else:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            pump = asyncio.create_task(_carry(source, sink, heard))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)


async def _carry(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, heard: asyncio.Event
) -> None:
    with contextlib.suppress(OSError), contextlib.closing(sink):
        while data := await source.read(65_536):
            await heard.wait()
            sink.write(data)
            await sink.drain()
        await heard.wait()
