"""`spectron serve` as a process of its own, to be stopped and killed."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.patience import within


@dataclass(kw_only=True)
class ServerProcess:
    """A running `spectron serve`."""

    process: asyncio.subprocess.Process
    endpoint: str
    key: str | None
    output: list[str]
    reader: asyncio.Task[None]

    async def kill(self) -> None:
        """Kills it, as a crash or the kernel would: it gets no chance to clean up."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self, within_s: float = 60.0) -> int:
        """Asks it to stop, and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), within_s)


def environment(data_directory: Path, **settings: str) -> dict[str, str]:
    """Returns the environment of a server with a data directory of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPECTRON_")}
    return {
        **kept,
        "SPECTRON_DATA_DIR": str(data_directory),
        "SPECTRON_LISTEN": "127.0.0.1:0",
        **settings,
    }


async def launch(data_directory: Path, *, within_s: float = 60.0, **settings: str) -> ServerProcess:
    """Starts a server and waits until it serves; fails with its output if it does not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "spectron_server",
        "serve",
        env=environment(data_directory, **settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    output: list[str] = []
    endpoint, key = None, None
    try:
        async with within(within_s, "starting the server"):
            while not (endpoint and "grpcurl " in output[-1]):
                line = (await process.stdout.readline()).decode()
                assert line, "the server ended: " + "".join(output)
                output.append(line)
                if found := re.search(r"serving on (\S+)", line):
                    endpoint = found[1]
                if found := re.search(r"first key\s+(sk-\S+)", line):
                    key = found[1]
    except BaseException:
        # Nobody else could end it.
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    assert endpoint is not None

    async def drain() -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            output.append(line.decode())

    # A full pipe would stop the server.
    reader = asyncio.create_task(drain())
    return ServerProcess(process=process, endpoint=endpoint, key=key, output=output, reader=reader)


@asynccontextmanager
async def serving(
    data_directory: Path, *, within_s: float = 60.0, **settings: str
) -> AsyncIterator[ServerProcess]:
    """Runs a server until the block is left."""
    server = await launch(data_directory, within_s=within_s, **settings)
    try:
        yield server
    finally:
        if server.process.returncode is None:
            await server.stop()
