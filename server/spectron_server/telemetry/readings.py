"""What the server's parts count by themselves, read when somebody asks.

A part that keeps plain numbers need not know who wants them: it gives one of these values, and
nothing is paid for it between two looks.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheReading:
    """A cache of scopes. The counts only grow.

    Attributes:
        hits: How often what was wanted was there.
        misses: How often it was not.
        evictions: How often something had to make room.
        entries: How many scopes it holds.
        nbytes: About how much memory it takes.
    """

    hits: int
    misses: int
    evictions: int
    entries: int
    nbytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadReading:
    """What is under way, and how much may be."""

    under_way: int
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchReading:
    """Batches of texts that the embedder ran. The counts only grow.

    Attributes:
        by_size: How many batches there were of each size; the sizes from 1 on.
        seconds: How long all of them took together.
        waiting: How many texts wait to be embedded.
    """

    by_size: tuple[int, ...]
    seconds: float
    waiting: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelReading:
    """Requests to the model that extracts. The counts only grow.

    Attributes:
        requests: How many ended how.
        prompt_tokens: Tokens that it read.
        completion_tokens: Tokens that it wrote.
        splits: How often a window had to be divided.
    """

    requests: dict[str, int] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    splits: int = 0
