"""What `spectron doctor` checks of a running server, as any client could."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final, cast

import grpc
from grpc_health.v1 import health_pb2

from spectron import ErrorReason, SpectronError
from spectron.endpoint import API_KEY_VARIABLE, Endpoint, is_local, resolve_endpoint
from spectron.errors import InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from spectron.sync import Spectron
from spectron_server.cli.connection import Connection
from spectron_server.cli.doctor_certificate import certificate_of_server
from spectron_server.cli.errors import CommandError, explanation
from spectron_server.cli.finding import Check, fail, good, skip, warn
from spectron_server.cli.output import day
from spectron_server.domain.access import ALL_CONTEXTS
from spectron_server.domain.clock import Clock
from spectron_server.rpc.server import EXTRACTION
from spectron_server.service.knowledge import CLOCK_SLACK

SERVICES: Final = tuple(
    f"spectron.v1.{name}Service" for name in ("Session", "Turn", "Memory", "Admin", "Transfer")
)
_HEALTH_METHOD: Final = "/grpc.health.v1.Health/Check"
_PATIENCE_S: Final = 5.0
_LOCAL_PATIENCE_S: Final = 1.5
_CLOCK_TOLERANCE: Final = timedelta(minutes=1)
_SOON: Final = timedelta(days=14)
_NAMED_KEYS: Final = 3
_UNUSABLE: Final = "Calls fail."
_KEYLESS: Final = "Calls from here are refused without one, and so no key was tried."
_HOW_TO_MAKE: Final = (
    "`spectron keys create --local --all --role admin` makes one on the server's machine; stop "
    "the server for that if it runs the embedded database."
)
_LOCKED_OUT: Final = "Every call with it is refused."


def server_checks(connection: Connection, context_id: str | None, clock: Clock) -> Iterator[Check]:
    """Checks whether the server answers and is well, and whether the key is good."""
    try:
        endpoint = resolve_endpoint(
            connection.endpoint,
            tls=False if connection.plaintext else None,
            root_certificates=None,
            environment=os.environ,
        )
    except (ValueError, OSError) as error:
        advice = "Correct SPECTRON_ENDPOINT or SPECTRON_TLS_ROOT_CERTIFICATES."
        yield fail("server", str(error), advice, why="No command finds the server like this.")
        return
    certificate = _certificate(endpoint, clock)
    if certificate is not None:
        yield certificate
    with _channel(endpoint) as channel:
        patience_s = _LOCAL_PATIENCE_S if is_local(endpoint.target) else _PATIENCE_S
        try:
            grpc.channel_ready_future(channel).result(timeout=patience_s)
        except grpc.FutureTimeoutError:
            tls = ", or without TLS (--plaintext)" if endpoint.tls else ", or with TLS"
            yield fail(
                "server",
                f"nothing answers at {endpoint}",
                f"Start it with `spectron serve`, or set SPECTRON_ENDPOINT. It may listen "
                f"elsewhere{tls}.",
                why="Nobody can use it, or not from here.",
            )
            yield skip("key", "not checked, because no server answers")
            return
        yield good("server", f"answers at {endpoint}")
        yield _health(channel)
        yield _extraction(channel)
    yield from _key_checks(connection, context_id, clock)


def _channel(endpoint: Endpoint) -> grpc.Channel:
    options = [("grpc.enable_http_proxy", 0)] if is_local(endpoint.target) else []
    if not endpoint.tls:
        return grpc.insecure_channel(endpoint.target, options=options)
    credentials = grpc.ssl_channel_credentials(endpoint.root_certificates)
    return grpc.secure_channel(endpoint.target, credentials, options=options)


def _certificate(endpoint: Endpoint, clock: Clock) -> Check | None:
    host, _, port = endpoint.target.rpartition(":")
    if not endpoint.tls or not port.isdecimal():
        return None
    return certificate_of_server(host.strip("[]"), int(port), endpoint.root_certificates, clock)


def _asker(channel: grpc.Channel) -> Callable[..., health_pb2.HealthCheckResponse]:
    return channel.unary_unary(
        _HEALTH_METHOD,
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )


def _health(channel: grpc.Channel) -> Check:
    ask = _asker(channel)
    ill = []
    for service in ("", *SERVICES):
        try:
            answer = ask(health_pb2.HealthCheckRequest(service=service), timeout=_PATIENCE_S)
        except grpc.RpcError as error:
            code = cast("grpc.Call", error).code()
            if code in {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNIMPLEMENTED}:
                advice = "Check the endpoint; upgrade the server if it is older than this command."
                message = "what answers there is not a Spectron server"
                return fail("health", message, advice, why="No command works with it.")
            message = f"does not answer: {code.name}"
            return fail("health", message, "See the server's log.", why=_UNUSABLE)
        if answer.status != health_pb2.HealthCheckResponse.SERVING:
            ill.append(service or "the server as a whole")
    if ill:
        advice = "It is stopping, or its database does not answer: see its log."
        return fail("health", f"not serving: {', '.join(ill)}", advice, why=_UNUSABLE)
    return good("health", f"serving, all {len(SERVICES)} services")


def _extraction(channel: grpc.Channel) -> Check:
    name = "extraction"
    try:
        status = _asker(channel)(
            health_pb2.HealthCheckRequest(service=EXTRACTION), timeout=_PATIENCE_S
        ).status
    except grpc.RpcError:
        return skip(name, "not checked: no worker runs within this server")
    if status != health_pb2.HealthCheckResponse.SERVING:
        advice = "The server's log says what is wrong with the model."
        message = "degraded: the model that extracts cannot be asked"
        return warn(name, message, advice, why="Turns are kept, and wait until it can be.")
    return good(name, "goes on")


def _key_checks(connection: Connection, context_id: str | None, clock: Clock) -> Iterator[Check]:
    if not os.environ.get(API_KEY_VARIABLE, "").strip():
        advice = f"Set {API_KEY_VARIABLE} to one. {_HOW_TO_MAKE}"
        message = f"there is none in {API_KEY_VARIABLE}"
        yield warn("key", message, advice, why=_KEYLESS)
        return
    try:
        with connection.client() as client:
            reach, context = _reach(client, context_id)
            yield reach
            yield from _expiry(client, clock)
            yield _clock(client, context, clock)
    except Unauthenticated as error:
        reasons = {
            ErrorReason.EXPIRED_KEY: "the key has expired",
            ErrorReason.REVOKED_KEY: "the key was revoked",
        }
        message = reasons.get(error.reason, "the server does not know the key")
        advice = f"Put another one in {API_KEY_VARIABLE}. {_HOW_TO_MAKE}"
        yield fail("key", message, advice, why=_LOCKED_OUT)
    except (CommandError, SpectronError) as error:
        message = explanation(error) or str(error)
        yield fail("key", message, "See the server's log.", why=_UNUSABLE)


def _expiry(client: Spectron, clock: Clock) -> Iterator[Check]:
    """Tells of keys that expire soon, if the key may see them."""
    try:
        keys = client.admin.keys.list(context_id=ALL_CONTEXTS)
        for context in client.admin.contexts.list():
            keys += client.admin.keys.list(context_id=context.id)
    except (PermissionDenied, NotFound):
        return
    now = clock.now()
    soon = [
        f"{key.id} on {day(key.expires_at)}"
        for key in keys
        if key.revoked_at is None and key.expires_at and now < key.expires_at <= now + _SOON
    ]
    if soon:
        more = ", ..." if len(soon) > _NAMED_KEYS else ""
        yield warn(
            "key expiry",
            f"expire soon: {', '.join(soon[:_NAMED_KEYS])}{more}",
            "Make the next with `spectron keys create --expires-in 365d` and --context NAME, or "
            "--all as that one, and give it to the application.",
            why="Calls with an expired key are refused.",
        )


def _reach(client: Spectron, wanted: str | None) -> tuple[Check, str | None]:
    """Returns what the key reaches, and a context that exists and that it reaches, if any.

    An administrator of all contexts makes a context by naming it, so that such a key must be told
    first and must not be tried out on a name.
    """
    try:
        names = [context.id for context in client.admin.contexts.list()]
    except PermissionDenied:
        names = None
    if names is not None:
        message = f"valid: an administrator's, for all contexts ({len(names)} so far)"
        if wanted and wanted not in names:
            advice = "It is made on first use; check the spelling."
            message = f"{message}; {wanted} is not among them"
            why = "A memory that is looked for elsewhere is not found."
            return warn("key", message, advice, why=why), None
        return good("key", message), wanted or (names[0] if names else None)
    try:
        client.memory(wanted).profile({})
    except InvalidArgument as error:
        if all(violation.field != "context_id" for violation in error.violations):
            raise
        return good("key", "valid, for all contexts; name one to use it"), None
    except NotFound:
        message = f"valid, but it does not reach the context {wanted}"
        advice = "Name another with --context, or use another key."
        return fail("key", message, advice, why=_LOCKED_OUT), None
    where = f"the context {wanted}" if wanted else "one context"
    return good("key", f"valid, for {where}"), wanted or ""


def _clock(client: Spectron, context: str | None, clock: Clock) -> Check:
    """Compares the clocks by offering turns of a session that does not exist.

    The server looks at a turn's time before it looks for the session: a time too far ahead of its
    own clock is one refusal, the missing session the other. Nothing is recorded either way.
    """
    name = "clock"
    if context is None:
        return skip(name, "not compared: there is no context to ask in")
    session = client.memory(context or None).sessions.open("session:doctor")

    def too_late(ahead: timedelta) -> bool:
        try:
            session.turn("user", "clock", observed_at=clock.now() + ahead)
        except InvalidArgument:
            return True
        except NotFound:
            return False
        raise CommandError("The server recorded a turn in a session that cannot exist.")

    advice = "Keep both machines' clocks right, with NTP: `timedatectl set-ntp true`."
    try:
        if too_late(timedelta()):
            minutes = CLOCK_SLACK // timedelta(minutes=1)
            message = f"this machine's is more than {minutes} minutes ahead of the server's"
            return fail(name, message, advice, why="Turns that are dated now are refused.")
        why = "What was said before and after is told by the turns' times."
        if too_late(CLOCK_SLACK - _CLOCK_TOLERANCE):
            message = "this machine's is more than a minute ahead of the server's"
            return warn(name, message, advice, why=why)
        if not too_late(CLOCK_SLACK + _CLOCK_TOLERANCE):
            message = "this machine's is more than a minute behind the server's"
            return warn(name, message, advice, why=why)
    except PermissionDenied:
        return skip(name, "not compared: that needs a key that may record")
    return good(name, "agrees with the server's, within a minute")
