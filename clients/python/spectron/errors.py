"""The errors that calls raise: one class for each gRPC status, a few for reasons worth their own.

Programs branch on the class, or on `reason`; the message is for people and may change. No error
holds the API key.
"""

# The classes bear the names of the gRPC statuses, under which the API documents them.
# ruff: noqa: N818

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import grpc

from spectron.enums import ErrorReason


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field at fault.

    Attributes:
        field: Its dotted path in the request, such as `turn.content`.
        description: What is wrong with it.
    """

    field: str
    description: str


class SpectronError(Exception):
    """The base of all errors of this client.

    Attributes:
        message: What went wrong and what to do, for people.
        code: The gRPC status.
        reason: Which failure it was; `UNSPECIFIED` if the server did not say, or said one that
            this client does not know.
        metadata: Details such as `required_role`; the keys are documented with the reasons.
    """

    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode | None = None,
        reason: ErrorReason = ErrorReason.UNSPECIFIED,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata or {})
        if code is not None:
            self.code = code


def copied(error: Exception) -> Exception:
    """Returns an error like another, so that each of several callers raises one of its own."""
    if not isinstance(error, SpectronError):
        return error
    made = copy.copy(error)
    made.__cause__ = error.__cause__
    return made


class InvalidArgument(SpectronError):
    """The request is wrong, whatever the state of the server.

    Attributes:
        violations: The fields at fault.
    """

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode | None = None,
        reason: ErrorReason = ErrorReason.UNSPECIFIED,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
    ) -> None:
        super().__init__(message, code=code, reason=reason, metadata=metadata)
        self.violations = tuple(violations)


class NotFound(SpectronError):
    """There is no such thing, or the key does not reach it."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(SpectronError):
    """There is one of that name, or the id was used for another request or message."""

    code = grpc.StatusCode.ALREADY_EXISTS


class PermissionDenied(SpectronError):
    """The key is good, but its role does not allow the call."""

    code = grpc.StatusCode.PERMISSION_DENIED


class Unauthenticated(SpectronError):
    """The key is missing, wrong, expired or revoked."""

    code = grpc.StatusCode.UNAUTHENTICATED


class FailedPrecondition(SpectronError):
    """The state of the thing named does not allow the call."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class SessionClosed(FailedPrecondition):
    """The session takes no more turns. Create another with the same scope."""


class ExtractionFailed(FailedPrecondition):
    """The extraction of a turn failed for good; `metadata["turn_id"]` names the turn."""


class NoChatModel(FailedPrecondition):
    """The session has no agent, and the server has no chat model to answer in its place."""


class Aborted(SpectronError):
    """The operation was broken off; it may be tried again."""

    code = grpc.StatusCode.ABORTED


class AgentFailed(Aborted):
    """The agent raised an error, which `__cause__` holds, or answered nothing, or too much.

    The user's turn stays recorded. The message may be sent again with its `message_id`.
    """


class ResourceExhausted(SpectronError):
    """The server is overloaded, its storage full, or the message too large."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class DeadlineExceeded(SpectronError):
    """The answer did not come in time. A change may have been made all the same."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class AgentTimeout(DeadlineExceeded):
    """The agent did not answer in time. The message may be sent again with its `message_id`."""


class Unavailable(SpectronError):
    """The server, or its database, could not be reached, after all retries."""

    code = grpc.StatusCode.UNAVAILABLE


class Cancelled(SpectronError):
    """The call was cancelled by the server or on the way."""

    code = grpc.StatusCode.CANCELLED


class MessageCancelled(Cancelled):
    """The message was given up, by this client or another that sent it."""


class Internal(SpectronError):
    """A fault of the server; `metadata["request_id"]` is in its log."""

    code = grpc.StatusCode.INTERNAL
