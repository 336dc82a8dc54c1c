"""When a value that was extracted is the value that was expected, and the figures made of that."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MIN_OVERLAP: Final = 0.5
"""The share of the shorter value's words that must be common."""

_WORD: Final = re.compile(r"[^\W_]+")
# Words that say nothing of the value: they would make "a cat" and "a house" overlap.
_EMPTY_WORDS: Final = frozenset(
    {
        "a", "an", "the", "my", "our", "your", "his", "her", "its", "their", "of", "to", "in",
        "on", "at", "for", "and", "or", "with", "is", "am", "are", "be",
    }
)  # fmt: skip


def value_words(text: str) -> frozenset[str]:
    """Returns the words of a value in lower case, without articles, possessives and the like.

    Args:
        text: A value. Of one that has no other words, those words are kept.
    """
    words = frozenset(_WORD.findall(text.lower()))
    return words - _EMPTY_WORDS or words


def overlaps(one: str, other: str) -> bool:
    """Tells whether two values share at least half of the words of the shorter one."""
    one_words, other_words = value_words(one), value_words(other)
    shorter = min(len(one_words), len(other_words))
    return shorter > 0 and len(one_words & other_words) >= MIN_OVERLAP * shorter


def holds_words(value: str, tokens: Iterable[str]) -> bool:
    """Tells whether a value holds every one of some words or phrases, whole words only.

    Args:
        value: A value that was extracted.
        tokens: Words or phrases, in any case; a tail marked with `*` may differ: `run*`.
    """
    return all(_pattern(token).search(value) for token in tokens)


def _pattern(token: str) -> re.Pattern[str]:
    tail = "" if token.endswith("*") else r"(?!\w)"
    return re.compile(rf"(?<!\w){re.escape(token.rstrip('*'))}{tail}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """Counts of what was expected and what was extracted.

    Attributes:
        expected: How many values there were to find.
        found: How many of them were found.
        extracted: How many values were extracted.
        right: How many of those were expected.
    """

    expected: int = 0
    found: int = 0
    extracted: int = 0
    right: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            expected=self.expected + other.expected,
            found=self.found + other.found,
            extracted=self.extracted + other.extracted,
            right=self.right + other.right,
        )

    @property
    def recall(self) -> float:
        """The share of the expected values that were found; 1 if none was expected."""
        return self.found / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """The share of the extracted values that were expected; 1 if none was extracted."""
        return self.right / self.extracted if self.extracted else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 if both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def figures(self) -> dict[str, float]:
        """Returns the counts and the figures made of them."""
        return {
            "expected": self.expected,
            "found": self.found,
            "extracted": self.extracted,
            "right": self.right,
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
        }


def total(tallies: Iterable[Tally]) -> Tally:
    """Returns the sum of some tallies."""
    return sum(tallies, Tally())
