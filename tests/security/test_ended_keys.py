"""A key that is revoked while its stream is open writes nothing more, and is told nothing more."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from spectron import Spectron
from spectron.admin_models import NewKey
from spectron.v1 import transfer_service_pb2 as pb
from tests.conftest import Server
from tests.security.test_crossing import conversation_records
from tests.server.chat_stream import channel_to

ALICE = {"user": "alice"}
UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED


@pytest.fixture
async def made(client: Spectron, fresh_name: str) -> NewKey:
    """An administrator's key of a new context."""
    await client.admin.contexts.create(fresh_name)
    return await client.admin.keys.create(context_id=fresh_name, role="admin")


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[grpc.aio.Channel]:
    async with channel_to(server.endpoint) as channel:
        yield channel


async def ending(download: Any, read: list[str]) -> grpc.StatusCode:
    """Reads an export, and returns how it ended."""
    with contextlib.suppress(grpc.aio.AioRpcError):
        while (answer := await download.read()) is not grpc.aio.EOF:
            read.append(answer.record.turn.turn.content)
    code: grpc.StatusCode = await download.code()
    return code


def metadata(made: NewKey) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {made.secret}"),)


@pytest.mark.parametrize("asked_each_s", [0.0, 3_600.0])
async def test_an_import_that_outlives_its_key_leaves_nothing(
    client: Spectron,
    made: NewKey,
    channel: grpc.aio.Channel,
    monkeypatch: pytest.MonkeyPatch,
    asked_each_s: float,
) -> None:
    monkeypatch.setattr("spectron_server.rpc.calls.KEY_ASKED_EACH_S", asked_each_s)
    upload = channel.stream_unary(
        "/spectron.v1.TransferService/ImportContext",
        pb.ImportContextRequest.SerializeToString,
        pb.ImportContextResponse.FromString,
    )(metadata=metadata(made))
    first, second = conversation_records(ALICE)
    await upload.write(pb.ImportContextRequest(record=first))
    await client.admin.keys.revoke(made.key.id)
    await upload.write(pb.ImportContextRequest(record=second))
    if asked_each_s:
        await upload.done_writing()
    # Else it ends although more could come.
    assert await asyncio.wait_for(upload.code(), 20) == UNAUTHENTICATED
    assert (await client.admin.stats(context_id=made.key.context_id)).scope_count == 0


async def test_an_export_ends_with_its_key(
    client: Spectron, made: NewKey, channel: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spectron_server.rpc.calls.KEY_ASKED_EACH_S", 0.0)
    memory = client.memory(context_id=made.key.context_id)
    session = await memory.sessions.create(scope=ALICE)
    # More than waits for a reader on its way.
    await session.turns([{"role": "tool", "content": "x" * 32_000} for _ in range(60)])
    await session.turns([{"role": "tool", "content": "the last"}])
    download = channel.unary_stream(
        "/spectron.v1.TransferService/ExportContext",
        pb.ExportContextRequest.SerializeToString,
        pb.ExportContextResponse.FromString,
    )(pb.ExportContextRequest(), metadata=metadata(made))
    await download.initial_metadata()
    await client.admin.keys.revoke(made.key.id)
    read: list[str] = []
    assert await asyncio.wait_for(ending(download, read), 20) == UNAUTHENTICATED
    assert "the last" not in read
