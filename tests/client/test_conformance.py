"""Every RPC in `proto/` is called by the client."""

import importlib
from pathlib import Path
from typing import Final

from google.protobuf.descriptor import MethodDescriptor

from spectron import Spectron
from tests.client.every_call import make_every_call
from tests.client.scripted import SERVICES, ScriptedServer

PROTO: Final = Path(__file__).parents[2] / "proto"


def methods() -> dict[str, MethodDescriptor]:
    """Returns the RPCs of all files in `proto/`, by name."""
    modules = [
        importlib.import_module(
            ".".join((*path.parent.relative_to(PROTO).parts, f"{path.stem}_pb2"))
        )
        for path in sorted(PROTO.rglob("*.proto"))
    ]
    return {
        method.name: method
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


def test_the_scripted_server_serves_every_rpc() -> None:
    assert {each.full_name for service in SERVICES for each in service.methods} == {
        each.full_name for each in methods().values()
    }


async def test_every_rpc_is_called(client: Spectron, scripted: ScriptedServer) -> None:
    await make_every_call(client, scripted)
    assert {each.method for each in scripted.received} == set(methods())


async def test_every_change_carries_a_request_id(
    client: Spectron, scripted: ScriptedServer
) -> None:
    await make_every_call(client, scripted)
    changes = {
        name
        for name, method in methods().items()
        if "request_id" in method.input_type.fields_by_name
    }
    calls = [each for each in scripted.received if each.method in changes]
    assert {each.method for each in calls} == changes
    ids = [each.requests[0].request_id for each in calls]
    assert all(ids)
    assert len(set(ids)) == len(ids)
