"""The words of documents that come and go: who holds a stem, and how often.

For each stem there is a list of the rows whose documents hold it, a row as often as the stem
occurs there. A document's occurrences lie next to each other, so that counting them is a
comparison of neighbours. Lists grow at their end, and a removed document is taken out of the lists
of its own stems: the index is at any time what it would be if it had been built at once, and
neither adding nor removing a document costs more in a large index than in a small one.
"""

import math
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.index.spoken import Spoken
from spectron_server.index.stems import STOP_WORDS, stems_of

# About what a stem takes besides its occurrences: its list and its place in the dict. Its text is
# mostly shared with other scopes.
_BYTES_PER_STEM: Final = 140


class LexicalIndex:
    """Documents by row, found by their stems. Not safe for threads."""

    def __init__(self) -> None:
        self._postings: dict[str, array[int]] = {}
        self._documents = 0
        self._occurrences = 0

    def __len__(self) -> int:
        return self._documents

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return len(self._postings) * _BYTES_PER_STEM + 4 * self._occurrences

    def add(self, documents: Iterable[tuple[int, Sequence[str]]]) -> list[int]:
        """Adds documents.

        Args:
            documents: For each a row that holds none yet, and its words in lower case.

        Returns:
            How many of each document's words count: those that are no stop words.
        """
        # Known for the time of the call only: it would take as much memory as the lists.
        lists = _ListsByWord(self._postings)
        lengths: list[int] = []
        for row, words in documents:
            length = 0
            for word in words:
                rows = lists[word]
                if rows is not None:
                    rows.append(row)
                    length += 1
            lengths.append(length)
        self._documents += len(lengths)
        self._occurrences += sum(lengths)
        return lengths

    def add_many(self, first: int, count: int, spoken: Spoken) -> NDArray[np.int64]:
        """Adds many documents, in less than half the time that `add` takes for each.

        Args:
            first: The row of the first of them; the others follow. They hold none yet.
            count: How many there are.
            spoken: Their words, a text for each document.

        Returns:
            How many of each document's words count, `(count,) int64`.
        """
        stems: dict[str, int] = {}
        stem_of = np.fromiter(
            (stems.setdefault(stem, len(stems)) if stem else -1 for stem in _stems(spoken.words)),
            np.int64,
            len(spoken.words),
        )[spoken.numbers]
        counted = stem_of >= 0
        documents = spoken.texts[counted]
        # Sorted by stem, and for each by row; rows fit into the lower half.
        ordered = np.sort(stem_of[counted] << 32 | documents + first)
        rows = (ordered & 0xFFFF_FFFF).astype(np.int32)
        ends = np.searchsorted(ordered, np.arange(1, len(stems) + 1, dtype=np.int64) << 32)
        start = 0
        for stem, end in zip(stems, ends.tolist(), strict=True):
            held = self._postings.get(stem)
            if held is None:
                held = self._postings[sys.intern(stem)] = array("i")
            held.frombytes(rows[start:end].tobytes())
            start = end
        self._documents += count
        self._occurrences += len(rows)
        return np.bincount(documents, minlength=count)

    def remove(self, row: int, words: Sequence[str]) -> None:
        """Takes a document out.

        Args:
            row: Its row.
            words: The words that it was added with.
        """
        for stem in stems_of(words):
            rows = self._postings[stem]
            rows.remove(row)
            self._occurrences -= 1
            if not rows:
                del self._postings[stem]
        self._documents -= 1

    def occurrences(self, stem: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Tells which documents hold a stem.

        Returns:
            Their rows, each once, in no order, and how often each holds it: `(n,) int32`,
            `(n,) float32`.
        """
        rows = self._postings.get(stem)
        if rows is None:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        # A copy: a list that lends its memory cannot grow.
        held = np.array(rows, np.int32)
        # What is done here for each word takes two thirds of the time that `np.ones` and
        # `np.flatnonzero` would.
        first = np.empty(len(held), np.bool_)
        first[0] = True
        np.not_equal(held[1:], held[:-1], out=first[1:])
        (starts,) = first.nonzero()
        counts = np.empty(len(starts), np.float32)
        counts[:-1] = starts[1:] - starts[:-1]
        counts[-1] = len(held) - starts[-1]
        return held[starts], counts


def _stems(words: Sequence[str]) -> Iterator[str]:
    """Yields the stem of each word, and nothing but "" for a stop word."""
    stems = iter(stems_of(words))
    return ("" if word in STOP_WORDS else next(stems) for word in words)


class _ListsByWord(dict[str, "array[int] | None"]):
    """The list of each word's stem, made when it is first asked for; None for a stop word."""

    def __init__(self, postings: dict[str, "array[int]"]) -> None:
        super().__init__()
        self._postings = postings

    def __missing__(self, word: str) -> "array[int] | None":
        rows = None
        if word not in STOP_WORDS:
            (stem,) = stems_of([word])
            rows = self._postings.get(stem)
            if rows is None:
                rows = self._postings[sys.intern(stem)] = array("i")
        self[word] = rows
        return rows


def inverse_document_frequency(documents: int, containing: int) -> float:
    """Returns how much a stem tells, as Lucene has it: log(1 + (n - df + 0.5) / (df + 0.5)).

    Args:
        documents: How many documents there are.
        containing: How many of them the stem is in.

    Returns:
        The weight, above 0.
    """
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))
