"""The gRPC server: handlers bound to the services of the proto files, health, reflection, TLS."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from spectron_server.rpc.calls import MAX_MESSAGE_BYTES, Calls, parser
from spectron_server.rpc.tls import Tls

EXTRACTION: Final = "spectron.extraction"
"""What the health service calls the extraction of turns."""

# Above our own limit, so that a message between the two gets our error, with its reason.
_MAX_RECEIVED: Final = 4 * MAX_MESSAGE_BYTES
_MAX_SENT: Final = 64 * 1024 * 1024
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", _MAX_RECEIVED),
    ("grpc.max_send_message_length", _MAX_SENT),
    ("grpc.max_metadata_size", 16 * 1024),
    # Clients may ping an idle connection once in 10 s to keep it open.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A chat may be silent for long: pings tell whether its client is still there.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)


class Rpc(Protocol):
    """The handlers of one service."""

    @property
    def SERVICE(self) -> ServiceDescriptor:  # noqa: N802 - a constant of the class
        """The service that they serve."""


class PortInUseError(Exception):
    """Another program listens on the address."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"Cannot listen on {address}: the port is in use, or the address is not one of this "
            "machine. Choose another with --listen HOST:PORT."
        )


class RpcServer:
    """A gRPC server with our services."""

    def __init__(self, calls: Calls, services: Sequence[Rpc], *, shares_port: bool = False) -> None:
        """Makes a server that does not listen yet.

        Args:
            calls: What every call goes through.
            services: What it serves.
            shares_port: Whether other servers of ours listen on the same port. Otherwise a second
                one, started by mistake, would take half of the calls.
        """
        options = (*_OPTIONS, ("grpc.so_reuseport", int(shares_port)))
        self._server = grpc.aio.server(options=options)
        self._health = health.aio.HealthServicer()
        self._names = [service.SERVICE.full_name for service in services]
        for service in services:
            self._server.add_generic_rpc_handlers((_handlers(calls, service),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            [*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME], self._server
        )

    def bind(self, address: str, tls: Tls | None) -> int:
        """Takes an address, and returns its port; calls wait until the server is started.

        Raises:
            PortInUseError: Another program listens there.
        """
        try:
            if tls is None:
                return self._server.add_insecure_port(address)
            credentials = grpc.ssl_server_credentials([(tls.key, tls.certificate)])
            return self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise PortInUseError(address) from error

    async def start(self) -> None:
        """Starts to answer."""
        await self._server.start()

    async def set_serving(self, *, serving: bool) -> None:
        """Tells the health service, for each service and the whole."""
        response = health_pb2.HealthCheckResponse
        status = response.SERVING if serving else response.NOT_SERVING
        for name in ["", *self._names]:
            await self._health.set(name, status)

    async def set_extracting(self, *, serving: bool) -> None:
        """Tells the health service whether turns are extracted here; it is a name of its own."""
        response = health_pb2.HealthCheckResponse
        status = response.SERVING if serving else response.NOT_SERVING
        await self._health.set(EXTRACTION, status)

    async def drain(self, grace_s: float) -> None:
        """Takes no more calls, lets those under way finish, and stops."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)


def _handlers(calls: Calls, service: Rpc) -> grpc.GenericRpcHandler:
    methods = service.SERVICE.methods
    return grpc.method_handlers_generic_handler(
        service.SERVICE.full_name,
        {method.name: _handler(calls, service, method) for method in methods},
    )


def _handler(
    calls: Calls, service: Rpc, method: MethodDescriptor
) -> "grpc.RpcMethodHandler[Any, Any]":
    # A method without a handler fails here, when the server is built, rather than when called.
    handler: Callable[..., Any] = getattr(service, snake_case(method.name))
    name = f"{service.SERVICE.full_name}/{method.name}"
    parse = parser(GetMessageClass(method.input_type))
    if method.client_streaming and method.server_streaming:
        return grpc.stream_stream_rpc_method_handler(
            calls.stream_both(name, handler), parse, _serialise
        )
    if method.client_streaming:
        return grpc.stream_unary_rpc_method_handler(
            calls.stream_in(name, handler), parse, _serialise
        )
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler(
            calls.stream_out(name, handler), parse, _serialise
        )
    return grpc.unary_unary_rpc_method_handler(calls.unary(name, handler), parse, _serialise)


def _serialise(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data


def snake_case(name: str) -> str:
    """Returns the name of an RPC as that of its handler."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
