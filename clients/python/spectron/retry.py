"""When a failed call is tried again, and after how long."""

from dataclasses import dataclass
from typing import Final

import grpc

from spectron.enums import ErrorReason
from spectron.errors import (
    Cancelled,
    DeadlineExceeded,
    ResourceExhausted,
    SpectronError,
    Unavailable,
)

_CUT: Final = (grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter.

    A call is tried again if the server could not be reached, or said that it is overloaded. That
    is safe for changes too: the client sends each with a `request_id`, and the server answers a
    repeated id with its first answer. The call's deadline bounds all attempts together.

    Full jitter draws each pause evenly between zero and its bound, which spreads the clients of
    a server that comes back (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).

    Attributes:
        max_attempts: How many times a call is tried, the first included. 1: no retries.
        initial_backoff_s: The bound of the pause before the second attempt.
        multiplier: How much the bound grows with each attempt.
        max_backoff_s: The bound's own bound.
    """

    max_attempts: int = 6
    initial_backoff_s: float = 0.2
    multiplier: float = 2.0
    max_backoff_s: float = 5.0

    def __post_init__(self) -> None:
        """Refuses bounds that would never pause, never end or never try."""
        if self.max_attempts < 1:
            raise ValueError("max_attempts must be at least 1")
        if self.initial_backoff_s <= 0 or self.max_backoff_s < self.initial_backoff_s:
            raise ValueError("0 < initial_backoff_s <= max_backoff_s must hold")
        if self.multiplier < 1:
            raise ValueError("multiplier must be at least 1")

    def backoff_s(self, attempt: int, jitter: float) -> float:
        """Returns the pause after a failed attempt.

        Args:
            attempt: Its number, from 1.
            jitter: A random number from 0 to 1.

        Returns:
            The pause in seconds.
        """
        bound = self.initial_backoff_s
        for _ in range(attempt - 1):
            bound = min(self.max_backoff_s, bound * self.multiplier)
        return bound * jitter


def is_retryable(error: SpectronError) -> bool:
    """Tells whether the same call may succeed a little later.

    A server that stops may cut off a call that it has taken and not begun: that is cancelled
    without a reason, and without anybody here having asked for it.
    """
    return (
        isinstance(error, Unavailable)
        or (isinstance(error, ResourceExhausted) and error.reason == ErrorReason.OVERLOADED)
        or (isinstance(error, Cancelled) and error.reason == ErrorReason.UNSPECIFIED)
    )


def may_reconnect(error: BaseException) -> bool:
    """Tells whether a stream that ended with an error may be opened again.

    Beside what may succeed a little later, that is what says of the stream only: that it was idle,
    or that a proxy or the network cut it, which no server of ours gave a reason for.
    """
    return isinstance(error, SpectronError) and (
        is_retryable(error)
        or isinstance(error, DeadlineExceeded)
        or (error.reason == ErrorReason.UNSPECIFIED and error.code in _CUT)
    )
