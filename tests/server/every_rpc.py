"""A good request for every RPC of the API, so that tests can try something on all of them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from spectron.v1 import (
    admin_pb2,
    admin_service_pb2,
    attribute_pb2,
    chat_service_pb2,
    memory_service_pb2,
    scope_pb2,
    session_service_pb2,
    transfer_service_pb2,
    turn_pb2,
    turn_service_pb2,
)

MODULES = (
    admin_service_pb2,
    chat_service_pb2,
    memory_service_pb2,
    session_service_pb2,
    transfer_service_pb2,
    turn_service_pb2,
)


@dataclass(frozen=True, kw_only=True)
class World:
    """Names of things that exist in a context."""

    context_id: str
    scope: Mapping[str, str]
    session_id: str
    turn_id: str
    unknown_id: str
    key_id: str
    entity_name: str


def methods() -> dict[str, MethodDescriptor]:
    """Returns every RPC by its full name, such as `spectron.v1.TurnService/RecordTurn`."""
    return {
        f"{service.full_name}/{method.name}": method
        for module in MODULES
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


def requests(world: World, context_id: str) -> dict[str, Message]:
    """Returns a request for every RPC by its name: about things of a world, in a context."""
    scope = scope_pb2.Scope(dimensions=dict(world.scope))
    entity = attribute_pb2.EntityRef(type="Person", name=world.entity_name)
    said = turn_pb2.NewTurn(role=turn_pb2.ROLE_USER, content="I play the cello.")
    session, memory, turn = session_service_pb2, memory_service_pb2, turn_service_pb2
    admin, transfer = admin_service_pb2, transfer_service_pb2
    common: dict[str, Any] = {"context_id": context_id}
    return {
        "CreateSession": session.CreateSessionRequest(**common, scope=scope),
        "GetSession": session.GetSessionRequest(**common, session_id=world.session_id),
        "ListSessions": session.ListSessionsRequest(**common, scope=scope),
        "CloseSession": session.CloseSessionRequest(**common, session_id=world.session_id),
        "RecordTurn": turn.RecordTurnRequest(**common, session_id=world.session_id, turn=said),
        "RecordTurns": turn.RecordTurnsRequest(**common, session_id=world.session_id, turns=[said]),
        "ListTurns": turn.ListTurnsRequest(**common, session_id=world.session_id),
        "GetExtraction": turn.GetExtractionRequest(**common, turn_id=world.turn_id),
        "RetryExtraction": turn.RetryExtractionRequest(**common, turn_id=world.turn_id),
        "GetProfile": memory.GetProfileRequest(**common, scope=scope),
        "GetContext": memory.GetContextRequest(
            **common, session_id=world.session_id, query="Where do I live?"
        ),
        "Forget": memory.ForgetRequest(**common, scope=scope, attribute_key="location"),
        "RecordFact": memory.RecordFactRequest(**common, scope=scope, key="location", value="Oslo"),
        "ListEntities": memory.ListEntitiesRequest(**common, scope=scope),
        "GetEntity": memory.GetEntityRequest(**common, scope=scope, entity=entity),
        "GetAttributeHistory": memory.GetAttributeHistoryRequest(
            **common, scope=scope, key="location"
        ),
        "ListUnknowns": memory.ListUnknownsRequest(**common, scope=scope),
        "ResolveUnknown": memory.ResolveUnknownRequest(
            **common, unknown_id=world.unknown_id, dismiss=True
        ),
        "CreateContext": admin.CreateContextRequest(context_id=f"{context_id}-new"),
        "ListContexts": admin.ListContextsRequest(),
        "CreateKey": admin.CreateKeyRequest(**common, role=admin_pb2.KEY_ROLE_READ),
        "ListKeys": admin.ListKeysRequest(**common),
        "RevokeKey": admin.RevokeKeyRequest(key_id=world.key_id),
        "EraseScope": admin.EraseScopeRequest(**common, scope=scope),
        "GetStats": admin.GetStatsRequest(**common),
        "ListAuditEntries": admin.ListAuditEntriesRequest(**common, scope=scope),
        "Chat": chat_service_pb2.ChatRequest(
            open=chat_service_pb2.ChatOpen(**common, session_id=world.session_id)
        ),
        "ExportContext": transfer.ExportContextRequest(**common),
        "ImportContext": transfer.ImportContextRequest(**common),
    }


def _bytes(message: Any) -> bytes:
    data: bytes = message if isinstance(message, bytes) else message.SerializeToString()
    return data


_WRITE_FAILED: Final = "Internal error from Core"


class RawClient:
    """Calls any RPC by its name, with nothing of the client between."""

    def __init__(self, endpoint: str, key: str | None) -> None:
        self._channel = grpc.aio.insecure_channel(endpoint)
        self._metadata = (("authorization", f"Bearer {key}"),) if key is not None else ()
        self._methods = {name.partition("/")[2]: name for name in methods()}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    async def call(
        self, method: str, request: Message | bytes, timeout_s: float = 20.0
    ) -> list[Any]:
        """Makes a call and returns its responses."""
        name = self._methods[method]
        descriptor = methods()[name]
        response = GetMessageClass(descriptor.output_type).FromString
        path = f"/{name}"

        async def requests() -> AsyncIterator[Message | bytes]:
            yield request

        if descriptor.client_streaming and descriptor.server_streaming:
            both = self._channel.stream_stream(path, _bytes, response)
            return [
                message
                async for message in both(requests(), metadata=self._metadata, timeout=timeout_s)
            ]
        if descriptor.server_streaming:
            stream = self._channel.unary_stream(path, _bytes, response)
            return [
                message
                async for message in stream(request, metadata=self._metadata, timeout=timeout_s)
            ]
        if descriptor.client_streaming:
            upload = self._channel.stream_unary(path, _bytes, response)
            return [await upload(requests(), metadata=self._metadata, timeout=timeout_s)]
        unary = self._channel.unary_unary(path, _bytes, response)
        return [await unary(request, metadata=self._metadata, timeout=timeout_s)]

    async def outcome(self, method: str, request: Message | bytes) -> str:
        """Makes a call and returns `OK`, or its status and reason: `NOT_FOUND/TURN_NOT_FOUND`."""
        while True:
            try:
                await self.call(method, request)
            except grpc.aio.AioRpcError as error:
                # A stream that is refused while its client still writes: gRPC's client may fail at
                # the writing, and then does not tell with which status.
                if error.details() == _WRITE_FAILED:
                    continue
                return f"{error.code().name}/{reason_of(error)}"
            return "OK"

    async def violations(self, method: str, request: Message) -> list[str]:
        """Makes a call that must be refused for its fields, and returns their paths."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self.call(method, request)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        status = rpc_status.from_call(caught.value)  # type: ignore[arg-type]  # it has what is needed
        assert status is not None
        found = error_details_pb2.BadRequest()
        for detail in status.details:
            if detail.Is(found.DESCRIPTOR):
                detail.Unpack(found)
        assert all(violation.description for violation in found.field_violations)
        return [violation.field for violation in found.field_violations]


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """Returns the reason in an error's details; every error of ours has one."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # it has what is needed
    assert status is not None, f"no details: {error.code()} {error.details()}"
    info = error_details_pb2.ErrorInfo()
    [packed] = [each for each in status.details if each.Is(info.DESCRIPTOR)]
    assert packed.Unpack(info)
    assert info.domain == "spectron"
    assert status.message.endswith("."), status.message
    reason: str = info.reason
    return reason
