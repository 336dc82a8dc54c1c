"""What a clause closes with after it has said something: degrees, "anymore", times."""

from collections.abc import Sequence
from typing import Final

from spectron_extraction.builtin.times import TimeExpression
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.wordlists import word_set

_MUCH: Final = frozenset({"very much", "so much", "a lot", "too much"})
_FILLERS: Final = word_set("so though too lol haha btw and but tho")


def without_degree(tokens: Phrase) -> Phrase:
    """Takes "very much" off "I like very much to read", but not "a lot" off "a lot of jazz"."""
    while len(tokens) > 1 and words(tokens[:2]) in _MUCH and words(tokens[2:3]) != "of":
        tokens = tokens[2:]
    return tokens


def strip_over(tokens: Phrase) -> tuple[Phrase, bool]:
    """Takes "anymore" off the end, and tells whether it stood there."""
    rest = trim_marks(tokens)
    if rest and rest[-1].norm == "anymore":
        return rest[:-1], True
    if len(rest) > 1 and words(rest[-2:]) in {"any more", "any longer", "no more"}:
        return rest[:-2], True
    return rest, False


def without_times(tokens: Phrase, times: Sequence[TimeExpression]) -> Phrase:
    """Takes expressions of time off both ends of a phrase; one in the middle stays."""
    first, last = 0, len(tokens)
    while times and last and tokens[last - 1].norm in _FILLERS:
        last -= 1  # "I moved here last year, so"
    for time in reversed(times):
        if time.last == last:
            last = time.first
            while last > first and tokens[last - 1].norm in {",", "back"}:
                last -= 1
    for time in times:
        if time.first == first and time.last <= last:
            first = time.last
    return tokens[first:last]
