"""What a turn answers to, and how its beginning reads as a reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.sentences import Sentence
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.protocol import KnownAttribute


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """What a turn answers to.

    Attributes:
        assistant: The assistant's turn just before, or None.
        said: What the user said before, the newest last.
    """

    assistant: str | None
    said: Sequence[Claim]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The beginning of a turn, taken as a reply: its first sentence and what follows a verdict."""

    text: str
    observed_at: datetime
    known: tuple[KnownAttribute, ...]
    sentence: Sentence
    verdict: str
    rest: Phrase
    marked: bool = False

    @property
    def whole(self) -> Phrase:
        """The first sentence, and the second if that holds the value."""
        return (*self.sentence.tokens, *self.rest) if self.beyond else self.sentence.tokens

    @property
    def beyond(self) -> bool:
        """Whether what follows the verdict is a sentence of its own: "No. Bergen"."""
        return bool(self.rest) and self.rest[0].start > self.sentence.tokens[-1].start
