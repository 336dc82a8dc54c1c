"""Each call has an id, which its caller may give and always gets, and which the log tells."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import grpc
import pytest

from spectron.v1 import memory_service_pb2, scope_pb2
from spectron.v1.memory_service_pb2_grpc import MemoryServiceStub
from tests.conftest import Server
from tests.server.process import serving

OUR_OWN = re.compile(r"call:[0-9a-hjkmnp-tv-z]{26}-\d+")
ALICE = scope_pb2.Scope(dimensions={"user": "alice"})


async def call(
    endpoint: str, key: str, request_id: str | None = None, context_id: str = "c"
) -> tuple[str, str]:
    """Asks for a profile; returns the status and the id that came back."""
    metadata = [("authorization", f"Bearer {key}")]
    if request_id is not None:
        metadata.append(("x-request-id", request_id))
    async with grpc.aio.insecure_channel(endpoint) as channel:
        stub: Any = MemoryServiceStub(channel)
        request = memory_service_pb2.GetProfileRequest(context_id=context_id, scope=ALICE)
        asked = stub.GetProfile(request, metadata=tuple(metadata), timeout=20)
        trailing = dict(await asked.trailing_metadata())
        return (await asked.code()).name, str(trailing["x-request-id"])


async def test_a_call_without_an_id_gets_one(server: Server) -> None:
    ids = {(await call(server.endpoint, server.admin_key))[1] for _ in range(3)}
    assert len(ids) == 3
    assert all(OUR_OWN.fullmatch(each) for each in ids)


@pytest.mark.parametrize("given", ["a", "7f3c-11", "call:1/2+3=", "x" * 128])
async def test_an_id_that_is_given_comes_back(server: Server, given: str) -> None:
    assert await call(server.endpoint, server.admin_key, given) == ("OK", given)


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "-x", "{}"])
async def test_a_malformed_id_is_replaced(server: Server, given: str) -> None:
    status, came = await call(server.endpoint, server.admin_key, given)
    assert status == "OK"
    assert OUR_OWN.fullmatch(came)


async def test_a_refused_call_has_its_id_and_its_details(server: Server) -> None:
    assert await call(server.endpoint, "sk-none", "mine") == ("UNAUTHENTICATED", "mine")
    async with grpc.aio.insecure_channel(server.endpoint) as channel:
        stub: Any = MemoryServiceStub(channel)
        asked = stub.GetProfile(memory_service_pb2.GetProfileRequest())
        trailing = dict(await asked.trailing_metadata())
        assert await asked.code() is grpc.StatusCode.UNAUTHENTICATED
    assert trailing.keys() >= {"x-request-id", "grpc-status-details-bin"}


async def test_the_log_tells_the_id_of_each_of_many_calls(server_directory: Path) -> None:
    async with serving(
        server_directory, SPECTRON_LOG_FORMAT="json", SPECTRON_LOG_LEVEL="debug"
    ) as server:
        assert server.key is not None
        given = [f"mine-{number}" for number in range(20)]
        context = "no context at all"
        calls = (call(server.endpoint, server.key, each, context) for each in given)
        assert set(await asyncio.gather(*calls)) == {("INVALID_ARGUMENT", each) for each in given}
    events = [json.loads(line) for line in server.output if line.startswith("{")]
    told = [each["request_id"] for each in events if each["event"] == "call_refused"]
    assert sorted(told) == sorted(given)
    # What belongs to no call tells none.
    assert all("request_id" not in each for each in events if each["event"] == "draining")
