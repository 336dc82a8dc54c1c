"""Errors of the domain: one subclass for each thing that a caller would do differently.

They know nothing of gRPC; `rpc/errors.py` maps each to a status and a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class SpectronError(Exception):
    """The base of all errors that a caller may see. The message says what to do."""

    def __init__(self, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = metadata


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field at fault, as a dotted path, and what is wrong with it, without its value."""

    field: str
    description: str


class InvalidFieldError(SpectronError):
    """One or more fields of a request are missing, malformed or out of range."""

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        super().__init__("; ".join(f"{v.field} {v.description}".strip() for v in violations) + ".")
        self.violations = tuple(violations)


class InvalidPageTokenError(SpectronError):
    """The page token was not given out for this request."""


class InvalidKeyError(SpectronError):
    """No key came with the call, or one that does not exist."""


class ExpiredKeyError(SpectronError):
    """The key's expiry has passed."""


class RevokedKeyError(SpectronError):
    """The key was revoked."""


class RoleNotAllowedError(SpectronError):
    """The key's role does not allow the call."""


class ContextNotFoundError(SpectronError):
    """There is no such context, or the key does not reach it."""


class SessionNotFoundError(SpectronError):
    """There is no such session, or the key does not reach it."""


class TurnNotFoundError(SpectronError):
    """There is no such turn, or the key does not reach it."""


class EntityNotFoundError(SpectronError):
    """Nothing is known of such an entity in the scope."""


class AttributeNotFoundError(SpectronError):
    """The entity has no such attribute."""


class UnknownNotFoundError(SpectronError):
    """There is no such unknown, or the key does not reach it."""


class KeyNotFoundError(SpectronError):
    """There is no such key, or the caller's key does not reach it."""


class SessionClosedError(SpectronError):
    """The session takes no more turns."""


class UnknownAlreadyResolvedError(SpectronError):
    """The unknown was settled before."""


class ExtractionNotFailedError(SpectronError):
    """The extraction has not failed, so there is nothing to retry."""


class ExtractionFailedError(SpectronError):
    """The call waited for an extraction that failed for good."""


class ContextAlreadyExistsError(SpectronError):
    """There is a context of this name."""


class RequestIdReusedError(SpectronError):
    """The request id was used for a request with another body."""


class ContextNotEmptyError(SpectronError):
    """An import needs an empty context."""


class InvalidRecordError(SpectronError):
    """A record of an import is malformed or names something that did not come before it."""


class DatabaseUnavailableError(SpectronError):
    """The database cannot be reached."""


class StorageFullError(SpectronError):
    """The database has no room left."""


class OverloadedError(SpectronError):
    """The server has as much work under way as it takes on."""


class MessageTooLargeError(SpectronError):
    """A message is larger than the server takes."""


class WaitTimeoutError(SpectronError):
    """What the call waited for did not happen before its deadline."""


class ShuttingDownError(SpectronError):
    """The server drains, and takes nothing new."""


class InvalidFrameError(SpectronError):
    """A frame of a chat came out of order, or names a call that never was."""


class MessageIdReusedError(SpectronError):
    """The message id was used in the session for a message with another content."""


class MessageCancelledError(SpectronError):
    """The message was given up."""


class AgentFailedError(SpectronError):
    """The agent raised an error, answered with nothing or with too much, or left."""


class AgentTimeoutError(SpectronError):
    """The agent did not answer in time."""


class NoChatModelError(SpectronError):
    """The server is asked to answer by itself, and has no chat model."""


class InternalError(SpectronError):
    """A fault of the server. The message tells nothing but where to look."""

    def __init__(self, request_id: str) -> None:
        super().__init__(
            f"The server failed. Its log says why, under request_id {request_id}.",
            request_id=request_id,
        )
