"""A line to a server that is cut now and then: a TCP proxy that breaks its connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class CuttingLine:
    """Forwards connections to a server, until it cuts them.

    Attributes:
        endpoint: Where to connect.
        cuts: How many connections were cut.
    """

    def __init__(self, target: str) -> None:
        self.endpoint = ""
        self.cuts = 0
        self._host, _, port = target.rpartition(":")
        self._port = int(port)
        self._writers: set[asyncio.StreamWriter] = set()

    @contextlib.asynccontextmanager
    async def laid(self) -> AsyncIterator["CuttingLine"]:
        """Forwards until the block is left."""
        server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.endpoint = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """Breaks every connection, without a word on either side."""
        for writer in self._writers:
            self.cuts += 1
            writer.transport.abort()
        self._writers.clear()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near, far = writer, (await asyncio.open_connection(self._host, self._port))
        self._writers |= {near, far[1]}
        await asyncio.gather(self._pump(reader, far[1]), self._pump(far[0], near))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()
        self._writers.discard(writer)
