"""A bare grpc.aio server that echoes bytes: what gRPC itself costs, to compare with.

    python -m tests.benchmarks.echo

It prints its port and serves until its standard input is closed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import uvloop

SERVICE = "spectron.bench.Echo"


async def _unary(request: bytes, _: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    return request


async def _sized(request: bytes, _: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    return bytes(int.from_bytes(request[:4]))


async def _stream(
    requests: AsyncIterator[bytes], _: "grpc.aio.ServicerContext[bytes, bytes]"
) -> AsyncIterator[bytes]:
    async for request in requests:
        yield request


async def main() -> None:
    """Serves until standard input is closed."""
    server = grpc.aio.server()
    handlers: dict[str, Any] = {
        "Unary": grpc.unary_unary_rpc_method_handler(_unary),
        "Sized": grpc.unary_unary_rpc_method_handler(_sized),
        "Stream": grpc.stream_stream_rpc_method_handler(_stream),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


@asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """Runs the server as a process of its own until the block is left; gives its address."""
    async with echo_process() as (address, _):
        yield address


@asynccontextmanager
async def echo_process() -> AsyncIterator[tuple[str, int]]:
    """Does the same, and gives the process's id too."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.echo",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            port = int(await process.stdout.readline())
        yield f"127.0.0.1:{port}", process.pid
    finally:
        process.stdin.close()
        await process.wait()


def sized_request(request_size: int, response_size: int) -> bytes:
    """Returns a request of `Sized`, which asks for a response of some size."""
    return response_size.to_bytes(4) + bytes(max(request_size - 4, 0))


def path(method: str) -> str:
    """Returns the path of a method, for a channel's multi-callables."""
    return f"/{SERVICE}/{method}"


if __name__ == "__main__":
    uvloop.run(main())
