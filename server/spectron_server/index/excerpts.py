"""The part of a long turn that bears on a question, so that it can be quoted without the rest.

An assistant's answer may be of many paragraphs, of which one was asked for. It is the one with the
words of the question: those that the turn says seldom tell most.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from spectron_server.index.persons import as_the_user_asks
from spectron_server.index.stems import STOP_WORDS, stems_of, words

# Of a longer turn, what comes later is not read: it would keep other calls waiting.
_MAX_READ: Final = 8_192
# A sentence, or what can be read of one at once.
_PIECE: Final = re.compile(r"\S[^\n]{0,198}?[.!?](?=\s|\Z)|\S[^\n]{0,198}(?=\s|\Z)|\S{1,200}")
_CUT: Final = "\u2026"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    start: int
    end: int
    stems: frozenset[str]


def excerpt(text: str, question: str, limit: int) -> str:
    """Returns the part of a text that bears on a question most.

    Args:
        text: The text.
        question: The question.
        limit: At most this many characters.

    Returns:
        Whole sentences where they are short, with an ellipsis where something is left out; the
        text, if it is not longer, or if no part tells more than its beginning.
    """
    if len(text) <= limit:
        return text
    asked = frozenset(stems_of(words(as_the_user_asks(question))))
    pieces = list(_pieces(text[:_MAX_READ], asked))
    held = Counter(stem for piece in pieces for stem in piece.stems)
    if not held:
        return text
    room = limit - 2 * len(f" {_CUT}")
    ends = _ends(pieces, room)
    worth = [
        sum(1 / held[stem] for stem in _stems(pieces[first:end])) for first, end in enumerate(ends)
    ]
    best = max(worth)
    if worth[0] == best:
        return text
    first = max(place for place, value in enumerate(worth) if value == best)
    # With what goes before it, if there is room.
    if worth[first - 1] == best:
        first -= 1
    start, end = pieces[first].start, pieces[ends[first] - 1].end
    tail = f" {_CUT}" if text[end:].strip() else ""
    return f"{_CUT} {text[start:end]}{tail}"


def _pieces(text: str, asked: frozenset[str]) -> Iterator[_Piece]:
    telling = list({word for word in words(text) if word not in STOP_WORDS})
    stem_of = dict(zip(telling, stems_of(telling), strict=True))
    wanted = {word: stem for word, stem in stem_of.items() if stem in asked}
    for match in _PIECE.finditer(text):
        found = frozenset(wanted[word] for word in words(match[0]) if word in wanted)
        yield _Piece(start=match.start(), end=match.end(), stems=found)


def _ends(pieces: Sequence[_Piece], room: int) -> list[int]:
    """Returns for each piece behind which one a part ends that begins with it."""
    ends: list[int] = []
    end = 0
    for first, piece in enumerate(pieces):
        end = max(end, first + 1)
        while end < len(pieces) and pieces[end].end - piece.start <= room:
            end += 1
        ends.append(end)
    return ends


def _stems(pieces: Sequence[_Piece]) -> frozenset[str]:
    return frozenset[str]().union(*(piece.stems for piece in pieces))
