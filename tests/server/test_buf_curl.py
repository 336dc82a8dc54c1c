"""Every unary RPC can be driven from a shell: `buf curl` learns the API from reflection alone."""

import asyncio
import sys
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass

from tests.conftest import Server
from tests.server.every_rpc import MODULES, World, methods, requests
from tests.server.failing import fail_extraction

pytestmark = pytest.mark.any_postgres

BUF = Path(sys.executable).with_name("buf")
UNARY = sorted(
    name
    for name, method in methods().items()
    if not (method.client_streaming or method.server_streaming)
)


async def buf_curl(server: Server, *arguments: str, path: str = "") -> str:
    """Runs `buf curl` against a server, and returns what it printed."""
    process = await asyncio.create_subprocess_exec(
        BUF,
        "curl",
        *("--protocol", "grpc", "--http2-prior-knowledge", "--connect-timeout", "20"),
        *("--header", f"authorization: Bearer {server.admin_key}"),
        *arguments,
        f"http://{server.endpoint}{path}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        printed, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return printed.decode()


@pytest.fixture
async def world(server: Server, fresh_name: str) -> World:
    """A context in which something of every kind exists; its turn waits for a retry."""
    context_id = f"shell-{fresh_name}"
    await server.add_key(context_id=context_id, role="read")
    scope = {"user": "alice"}
    async with server.client() as client:
        memory = client.memory(context_id=context_id)
        session = await memory.sessions.create(scope=scope)
        turn = await session.turn("user", "I live in Berlin. I might move to Lisbon.")
        await turn.extraction()
        [unknown] = await memory.unknowns.list(scope)
        [key] = await client.admin.keys.list(context_id=context_id)
    return World(
        context_id=context_id,
        scope=scope,
        session_id=session.id,
        turn_id=turn.id,
        unknown_id=unknown.id,
        key_id=key.id,
        entity_name="alice",
    )


@pytest.mark.parametrize("name", UNARY)
async def test_buf_curl_drives_every_unary_rpc(server: Server, world: World, name: str) -> None:
    method = name.partition("/")[2]
    if method == "RetryExtraction":
        await fail_extraction(server, world.turn_id)
    request = json_format.MessageToJson(
        requests(world, world.context_id)[method], preserving_proto_field_name=True
    )

    printed = await buf_curl(server, "--data", request, path=f"/{name}")

    response = GetMessageClass(methods()[name].output_type)()
    json_format.Parse(printed, response)
    # A field that the stubs know and the answer lacks would show here, as would an empty answer.
    assert json_format.MessageToDict(response), printed


async def test_reflection_names_every_service(server: Server) -> None:
    listed = (await buf_curl(server, "--list-services")).split()
    served = {
        service.full_name
        for module in MODULES
        for service in module.DESCRIPTOR.services_by_name.values()
    }
    assert served <= set(listed)
    assert "grpc.health.v1.Health" in listed
