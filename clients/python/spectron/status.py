"""From a failed call to a typed error, by the details that the server sends with its status.

The details are those of `google.rpc`: one `ErrorInfo` with the reason, and `BadRequest` with the
fields at fault. A call that never reached a server has none; its message then says what to do.
"""

from collections.abc import Iterable
from typing import Final, cast

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from spectron.convert import kind_of
from spectron.endpoint import Endpoint
from spectron.enums import ErrorReason
from spectron.errors import (
    Aborted,
    AgentFailed,
    AgentTimeout,
    AlreadyExists,
    Cancelled,
    DeadlineExceeded,
    ExtractionFailed,
    FailedPrecondition,
    FieldViolation,
    Internal,
    InvalidArgument,
    MessageCancelled,
    NoChatModel,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    SessionClosed,
    SpectronError,
    Unauthenticated,
    Unavailable,
)
from spectron.v1 import chat_service_pb2, error_reason_pb2

DOMAIN: Final = "spectron"

_BY_CODE: Final[dict[grpc.StatusCode, type[SpectronError]]] = {
    kind.code: kind
    for kind in (
        InvalidArgument,
        NotFound,
        AlreadyExists,
        Aborted,
        PermissionDenied,
        Unauthenticated,
        FailedPrecondition,
        ResourceExhausted,
        DeadlineExceeded,
        Unavailable,
        Cancelled,
        Internal,
    )
}
_BY_REASON: Final[dict[ErrorReason, type[SpectronError]]] = {
    ErrorReason.SESSION_CLOSED: SessionClosed,
    ErrorReason.EXTRACTION_FAILED: ExtractionFailed,
    ErrorReason.AGENT_FAILED: AgentFailed,
    ErrorReason.AGENT_TIMEOUT: AgentTimeout,
    ErrorReason.MESSAGE_CANCELLED: MessageCancelled,
    ErrorReason.NO_CHAT_MODEL: NoChatModel,
}
_BY_NUMBER: Final[dict[int, grpc.StatusCode]] = {
    number: code for code in grpc.StatusCode for number in code.value[:1]
}


def error_of(failure: grpc.aio.AioRpcError, endpoint: Endpoint) -> SpectronError:
    """Returns the typed error for a failed call.

    Args:
        failure: What gRPC raised.
        endpoint: The server that was called, for the message.

    Returns:
        The error, not raised.
    """
    info, violations = _details_of(failure)
    message = failure.details() or failure.code().name
    if info is None:
        # No server of ours wrote this status: it comes from the connection or a proxy.
        message = _explained(failure.code(), message, endpoint)
        return build_error(failure.code(), message)
    return build_error(failure.code(), message, info=info, violations=violations)


def failure_of(message: chat_service_pb2.ChatFailure) -> SpectronError:
    """Returns the typed error for a message that failed within a chat.

    Args:
        message: Why it failed.

    Returns:
        The error, not raised.
    """
    code = _BY_NUMBER.get(message.code, grpc.StatusCode.UNKNOWN)
    reason = kind_of(ErrorReason, error_reason_pb2.ErrorReason, message.reason)
    return build_error(
        code, message.message or code.name, info=ErrorInfo(reason=reason.name, domain=DOMAIN)
    )


def build_error(
    code: grpc.StatusCode,
    message: str,
    *,
    info: ErrorInfo | None = None,
    violations: Iterable[FieldViolation] = (),
) -> SpectronError:
    """Builds the error for a status and its details.

    Args:
        code: The status.
        message: The message, for people.
        info: The reason and its metadata.
        violations: The fields at fault.

    Returns:
        The error, of the class for its reason or else for its code.
    """
    name = info.reason if info else ""
    reason = ErrorReason.__members__.get(name, ErrorReason.UNSPECIFIED)
    metadata = dict(info.metadata) if info else {}
    kind = _BY_CODE.get(code, SpectronError)
    specific = _BY_REASON.get(reason)
    if specific is not None and issubclass(specific, kind):
        kind = specific
    if issubclass(kind, InvalidArgument):
        return kind(message, reason=reason, metadata=metadata, violations=tuple(violations))
    return kind(message, code=code, reason=reason, metadata=metadata)


def _details_of(
    failure: grpc.aio.AioRpcError,
) -> tuple[ErrorInfo | None, tuple[FieldViolation, ...]]:
    try:
        # It reads the code, the message and the trailing metadata, which both kinds of call have.
        status = rpc_status.from_call(cast("grpc.Call", failure))
        details: Iterable[AnyMessage] = status.details if status else ()
        return _read(details)
    except (ValueError, DecodeError):
        # Details that contradict the status or cannot be read must not hide the failure itself.
        return None, ()


def _read(details: Iterable[AnyMessage]) -> tuple[ErrorInfo | None, tuple[FieldViolation, ...]]:
    found: ErrorInfo | None = None
    violations: list[FieldViolation] = []
    for detail in details:
        info, bad_request = ErrorInfo(), BadRequest()
        if detail.Unpack(info) and info.domain == DOMAIN:
            found = info
        elif detail.Unpack(bad_request):
            violations.extend(
                FieldViolation(field=each.field, description=each.description)
                for each in bad_request.field_violations
            )
    return found, tuple(violations)


def _explained(code: grpc.StatusCode, message: str, endpoint: Endpoint) -> str:
    if code is grpc.StatusCode.UNAVAILABLE:
        return (
            f"No Spectron server could be reached at {endpoint}: {message}. "
            f"{_advice(message, endpoint)}"
        )
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"No answer from {endpoint} within the deadline. Pass a larger timeout_s to wait."
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return f"The server at {endpoint} does not know this call: {message}."
    return f"{message} (from {endpoint})"


def _advice(message: str, endpoint: Endpoint) -> str:
    """Returns what to do about a server that cannot be reached, as far as gRPC tells why."""
    if "Socket closed" in message and not endpoint.tls:
        return "If the server there uses TLS, pass root_certificates or tls=True."
    if "CERTIFICATE_VERIFY_FAILED" in message:
        return (
            "Its certificate is not trusted: name the file of the certificate that signed it with "
            "root_certificates, or in SPECTRON_TLS_ROOT_CERTIFICATES."
        )
    if "WRONG_VERSION_NUMBER" in message:
        return "The server there does not use TLS: pass tls=False if nobody can listen on the way."
    return "Start one with `spectron serve`, or set SPECTRON_ENDPOINT to the address of yours."
