"""What a model was asked, and what it cost, since the process began."""

from dataclasses import dataclass, field
from enum import StrEnum


class RequestOutcome(StrEnum):
    """How a request to the model ended."""

    ANSWERED = "answered"
    CUT = "cut"
    UNUSABLE = "unusable"
    TOO_LONG = "too_long"
    REFUSED = "refused"
    BROKEN = "broken"
    MISCONFIGURED = "misconfigured"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelStatistics:
    """Totals; every number only grows.

    Attributes:
        requests: Requests by outcome.
        request_s: The time they took together, in seconds.
        prompt_tokens: Tokens read by the model.
        completion_tokens: Tokens written by it.
        windows: Windows extracted.
        turns: Turns extracted.
        splits: How many times a window was divided because an answer was cut or full.
        facts: Facts and retractions proposed.
    """

    requests: dict[RequestOutcome, int] = field(default_factory=dict)
    request_s: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    windows: int = 0
    turns: int = 0
    splits: int = 0
    facts: int = 0
