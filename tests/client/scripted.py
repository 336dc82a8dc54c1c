"""A real gRPC server that answers as a test tells it to, for faults that no real server shows.

It serves every method of every service of `spectron.v1`, found by descriptor. A method without a
script answers with an empty message.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from google.protobuf import any_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from spectron.v1 import (
    admin_service_pb2,
    chat_service_pb2,
    memory_service_pb2,
    session_service_pb2,
    transfer_service_pb2,
    turn_service_pb2,
)
from tests.client.chat_scripts import ChatScript, Peer, obliging

SERVICES: Final[tuple[ServiceDescriptor, ...]] = (
    session_service_pb2.DESCRIPTOR.services_by_name["SessionService"],
    turn_service_pb2.DESCRIPTOR.services_by_name["TurnService"],
    chat_service_pb2.DESCRIPTOR.services_by_name["ChatService"],
    memory_service_pb2.DESCRIPTOR.services_by_name["MemoryService"],
    admin_service_pb2.DESCRIPTOR.services_by_name["AdminService"],
    transfer_service_pb2.DESCRIPTOR.services_by_name["TransferService"],
)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A status to fail a call with; with a reason, in the form of the API's errors."""

    code: grpc.StatusCode
    message: str = "scripted"
    reason: str | None = None
    domain: str = "spectron"
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: Mapping[str, str] = field(default_factory=dict)

    async def abort(self, context: "grpc.aio.ServicerContext[Any, Any]") -> None:
        if self.reason is None:
            await context.abort(self.code, self.message)
        details = [
            _packed(
                error_details_pb2.ErrorInfo(
                    reason=self.reason, domain=self.domain, metadata=self.metadata
                )
            )
        ]
        if self.violations:
            bad_request = error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(field=name, description=text)
                    for name, text in self.violations.items()
                ]
            )
            details.append(_packed(bad_request))
        status = status_pb2.Status(code=self.code.value[0], message=self.message, details=details)
        await context.abort_with_status(rpc_status.to_status(status))


Answer = Message | Failure | Sequence[Message | Failure] | Callable[[Any], Awaitable[Message]]


@dataclass(frozen=True, kw_only=True)
class Received:
    """A call that the server saw; `requests` has several messages for a client's stream only."""

    method: str
    requests: Sequence[Any]
    metadata: Mapping[str, str]


class ScriptedServer(grpc.GenericRpcHandler):
    """Answers each method with what was scripted for it, in order; the last answer stays."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.arrived = asyncio.Condition()
        self._scripts: dict[str, list[Answer]] = {}
        self._methods = {
            f"/{method.containing_service.full_name}/{method.name}": method
            for service in SERVICES
            for method in service.methods
        }
        self._server: grpc.aio.Server | None = None
        self.endpoint = ""
        self.chats: list[ChatScript] = [obliging]
        """Scripts of the Chat streams, one after the other; the last one stays."""
        self.peers: list[Peer] = []
        self.refuse_streams: Failure | None = None
        """Fails a client's stream before anything is read from it."""

    def answer(self, method: str, *answers: Answer) -> None:
        """Scripts a method, named without its service: no two services share a name."""
        assert method in {each.name for each in self._methods.values()}
        self._scripts[method] = list(answers)

    def calls(self, method: str) -> list[Received]:
        """Returns the calls that a method received."""
        return [each for each in self.received if each.method == method]

    async def start(self, port: int = 0, credentials: grpc.ServerCredentials | None = None) -> None:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((self,))
        address = f"127.0.0.1:{port}"
        bound = (
            server.add_secure_port(address, credentials)
            if credentials
            else server.add_insecure_port(address)
        )
        await server.start()
        self._server = server
        self.endpoint = f"127.0.0.1:{bound}"

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop(grace=None)
            self._server = None

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        method = self._methods.get(handler_call_details.method)
        if method is None:
            return None
        codec: dict[str, Any] = {
            "request_deserializer": GetMessageClass(method.input_type).FromString,
            "response_serializer": lambda message: message.SerializeToString(),
        }
        if method.client_streaming and method.server_streaming:
            return grpc.stream_stream_rpc_method_handler(self._chat(method), **codec)
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(self._stream(method), **codec)
        if method.client_streaming:
            return grpc.stream_unary_rpc_method_handler(self._upload(method), **codec)
        return grpc.unary_unary_rpc_method_handler(self._unary(method), **codec)

    def _unary(self, method: MethodDescriptor) -> Callable[..., Any]:
        async def handle(request: Message, context: Any) -> Message:
            await self._note(method, [request], context)
            return await self._one(method, request, context)

        return handle

    def _upload(self, method: MethodDescriptor) -> Callable[..., Any]:
        async def handle(requests: AsyncIterator[Message], context: Any) -> Message:
            if self.refuse_streams:
                await self.refuse_streams.abort(context)
            received = [each async for each in requests]
            await self._note(method, received, context)
            return await self._one(method, received, context)

        return handle

    def _stream(self, method: MethodDescriptor) -> Callable[..., Any]:
        async def handle(request: Message, context: Any) -> AsyncIterator[Message]:
            await self._note(method, [request], context)
            answer = self._next(method)
            assert isinstance(answer, Sequence)
            for each in answer:
                if isinstance(each, Failure):
                    await each.abort(context)
                else:
                    yield each

        return handle

    def _chat(self, method: MethodDescriptor) -> Callable[..., Any]:
        async def handle(_requests: AsyncIterator[Message], context: Any) -> None:
            peer = Peer(context)
            self.peers.append(peer)
            await self._note(method, peer.frames, context)
            script = self.chats.pop(0) if len(self.chats) > 1 else self.chats[0]
            await script(peer)

        return handle

    async def _one(self, method: MethodDescriptor, request: Any, context: Any) -> Message:
        answer = self._next(method)
        if isinstance(answer, Failure):
            await answer.abort(context)
        if isinstance(answer, Message):
            return answer
        assert callable(answer)
        return await answer(request)

    def _next(self, method: MethodDescriptor) -> Answer:
        script = self._scripts.get(method.name, [])
        if not script:
            return [] if method.server_streaming else GetMessageClass(method.output_type)()
        return script.pop(0) if len(script) > 1 else script[0]

    async def _note(
        self, method: MethodDescriptor, requests: Sequence[Message], context: Any
    ) -> None:
        metadata = {key: str(value) for key, value in context.invocation_metadata()}
        async with self.arrived:
            self.received.append(Received(method=method.name, requests=requests, metadata=metadata))
            self.arrived.notify_all()


async def never(_request: Any) -> Message:
    """Answers no call: each waits until its deadline."""
    await asyncio.Event().wait()
    raise AssertionError


def _packed(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
