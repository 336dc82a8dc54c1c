"""The one place that turns errors of the domain into gRPC statuses."""

from typing import Final

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from spectron.v1 import chat_service_pb2
from spectron.v1.error_reason_pb2 import ErrorReason
from spectron_server.domain import errors as domain

DOMAIN: Final = "spectron"
_PREFIX: Final = "ERROR_REASON_"

_TABLE: Final[dict[type[domain.SpectronError], tuple[grpc.StatusCode, str]]] = {
    domain.InvalidFieldError: (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
    domain.InvalidPageTokenError: (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"),
    domain.InvalidKeyError: (grpc.StatusCode.UNAUTHENTICATED, "INVALID_KEY"),
    domain.ExpiredKeyError: (grpc.StatusCode.UNAUTHENTICATED, "EXPIRED_KEY"),
    domain.RevokedKeyError: (grpc.StatusCode.UNAUTHENTICATED, "REVOKED_KEY"),
    domain.RoleNotAllowedError: (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_ALLOWED"),
    domain.ContextNotFoundError: (grpc.StatusCode.NOT_FOUND, "CONTEXT_NOT_FOUND"),
    domain.SessionNotFoundError: (grpc.StatusCode.NOT_FOUND, "SESSION_NOT_FOUND"),
    domain.TurnNotFoundError: (grpc.StatusCode.NOT_FOUND, "TURN_NOT_FOUND"),
    domain.EntityNotFoundError: (grpc.StatusCode.NOT_FOUND, "ENTITY_NOT_FOUND"),
    domain.AttributeNotFoundError: (grpc.StatusCode.NOT_FOUND, "ATTRIBUTE_NOT_FOUND"),
    domain.UnknownNotFoundError: (grpc.StatusCode.NOT_FOUND, "UNKNOWN_NOT_FOUND"),
    domain.KeyNotFoundError: (grpc.StatusCode.NOT_FOUND, "KEY_NOT_FOUND"),
    domain.SessionClosedError: (grpc.StatusCode.FAILED_PRECONDITION, "SESSION_CLOSED"),
    domain.UnknownAlreadyResolvedError: (
        grpc.StatusCode.FAILED_PRECONDITION,
        "UNKNOWN_ALREADY_RESOLVED",
    ),
    domain.ExtractionNotFailedError: (
        grpc.StatusCode.FAILED_PRECONDITION,
        "EXTRACTION_NOT_FAILED",
    ),
    domain.ExtractionFailedError: (grpc.StatusCode.FAILED_PRECONDITION, "EXTRACTION_FAILED"),
    domain.ContextAlreadyExistsError: (
        grpc.StatusCode.ALREADY_EXISTS,
        "CONTEXT_ALREADY_EXISTS",
    ),
    domain.RequestIdReusedError: (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
    domain.ContextNotEmptyError: (grpc.StatusCode.FAILED_PRECONDITION, "CONTEXT_NOT_EMPTY"),
    domain.InvalidRecordError: (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_RECORD"),
    domain.DatabaseUnavailableError: (grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE"),
    domain.StorageFullError: (grpc.StatusCode.RESOURCE_EXHAUSTED, "STORAGE_FULL"),
    domain.OverloadedError: (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED"),
    domain.MessageTooLargeError: (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"),
    domain.WaitTimeoutError: (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
    domain.ShuttingDownError: (grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN"),
    domain.InvalidFrameError: (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FRAME"),
    domain.MessageIdReusedError: (grpc.StatusCode.ALREADY_EXISTS, "MESSAGE_ID_REUSED"),
    domain.MessageCancelledError: (grpc.StatusCode.CANCELLED, "MESSAGE_CANCELLED"),
    domain.AgentFailedError: (grpc.StatusCode.ABORTED, "AGENT_FAILED"),
    domain.AgentTimeoutError: (grpc.StatusCode.DEADLINE_EXCEEDED, "AGENT_TIMEOUT"),
    domain.NoChatModelError: (grpc.StatusCode.FAILED_PRECONDITION, "NO_CHAT_MODEL"),
    domain.InternalError: (grpc.StatusCode.INTERNAL, "INTERNAL"),
}


def status_of(error: domain.SpectronError) -> status_pb2.Status:
    """Returns the status of an error that a caller may see."""
    code, reason = _TABLE[type(error)]
    details: list[any_pb2.Any] = []
    info = error_details_pb2.ErrorInfo(
        reason=_checked(reason), domain=DOMAIN, metadata=error.metadata
    )
    details.append(_packed(info))
    if isinstance(error, domain.InvalidFieldError):
        details.append(
            _packed(
                error_details_pb2.BadRequest(
                    field_violations=[
                        error_details_pb2.BadRequest.FieldViolation(
                            field=violation.field, description=violation.description
                        )
                        for violation in error.violations
                    ]
                )
            )
        )
    return status_pb2.Status(code=code.value[0], message=error.message, details=details)


def failure_of(error: domain.SpectronError) -> chat_service_pb2.ChatFailure:
    """Returns the failure of a chat's message."""
    code, reason = _TABLE[type(error)]
    return chat_service_pb2.ChatFailure(
        code=code.value[0], reason=ErrorReason.Value(_PREFIX + reason), message=error.message
    )


def mapped_errors() -> frozenset[type[domain.SpectronError]]:
    """Returns the errors that have a status, for a test that none is missing."""
    return frozenset(_TABLE)


def _checked(reason: str) -> str:
    # Raises ValueError for a reason that is not in the proto file.
    ErrorReason.Value(_PREFIX + reason)
    return reason


def _packed(detail: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)
    return packed
