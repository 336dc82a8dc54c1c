"""BM25 over documents that come and go.

The BM25 library builds an index once and cannot change it. So the documents are split into
segments that are each built once: new documents wait until the next question, then become a
segment, which swallows segments of up to its own size before it. A document is so built again
about log2(n) times in its life, and there are about log2(n) segments. Removed documents are
skipped until their segment is built again.

Scores are as if there were one segment. Two things make them so: how rare a word is counts over
all documents that are there (the score of a segment is multiplied by the ratio of the two
inverse document frequencies), and lengths are compared with a constant instead of the average of
a segment (`k1` and `b` of each segment are chosen so that its average cancels out).
"""

import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import bm25s
import numpy as np
from numpy.typing import NDArray

K1: Final = 1.2
B: Final = 0.75
# Stems in a turn joined to the one before it, in ordinary conversation.
TYPICAL_LENGTH: Final = 30

# Segments that are quicker to build again than to keep beside others.
_SMALL_SEGMENT: Final = 16
# Larger segments are not merged any more: building one takes about 30 microseconds a document.
_LARGE_SEGMENT: Final = 8192

_BYTES_PER_POSTING: Final = 8
_BYTES_PER_STEM: Final = 16


class LexicalIndex:
    """Documents by row, and their BM25 scores for a question. Not safe for threads."""

    def __init__(self) -> None:
        self._documents: dict[int, tuple[str, ...]] = {}
        self._frequencies: Counter[str] = Counter()
        self._pending: set[int] = set()
        self._segments: list[_Segment] = []
        self._segment_of: dict[int, _Segment] = {}
        self._stem_count = 0

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        postings = sum(segment.postings for segment in self._segments)
        return self._stem_count * _BYTES_PER_STEM + postings * _BYTES_PER_POSTING

    def upsert(self, row: int, stems: Sequence[str]) -> None:
        """Puts a document in a row, in place of what was there.

        Args:
            row: A number from 0; the smaller, the less memory.
            stems: The document.
        """
        self.remove(row)
        # Interned, since the same few thousand stems make up all documents.
        document = tuple(map(sys.intern, stems))
        self._documents[row] = document
        self._frequencies.update(set(document))
        self._stem_count += len(document)
        self._pending.add(row)

    def remove(self, row: int) -> None:
        """Takes the document out of a row, if there is one."""
        document = self._documents.pop(row, None)
        if document is None:
            return
        self._stem_count -= len(document)
        for stem in set(document):
            self._frequencies[stem] -= 1
            if not self._frequencies[stem]:
                del self._frequencies[stem]
        self._pending.discard(row)
        segment = self._segment_of.pop(row, None)
        if segment is not None:
            segment.remove(row)

    def document_frequency(self, stem: str) -> int:
        """Returns how many documents a stem is in."""
        return self._frequencies[stem]

    def scores(self, rarity: Mapping[str, float], rows: int) -> NDArray[np.float32]:
        """Scores every document.

        Args:
            rarity: The stems of the question, each with its inverse document frequency.
            rows: How long the result is to be; above the largest row.

        Returns:
            The score of each row, `(rows,) float32`, 0 where no document shares a stem.
        """
        self.settle()
        scores = np.zeros(rows, np.float32)
        for segment in self._segments:
            segment.add_scores(rarity, scores)
        return scores

    def settle(self) -> None:
        """Makes a segment of the documents that wait for one, as the next question would do."""
        # Half a segment of removed documents is reason to build it again.
        for segment in [kept for kept in self._segments if kept.live * 2 < kept.size]:
            self._dissolve(segment)
        if not self._pending:
            return
        while self._segments and self._segments[-1].live <= self._swallowed_size():
            self._dissolve(self._segments[-1])
        rows = sorted(row for row in self._pending if self._documents[row])
        self._pending.clear()
        if rows:
            segment = _Segment(rows, [self._documents[row] for row in rows])
            self._segments.append(segment)
            self._segment_of.update(dict.fromkeys(rows, segment))

    def _swallowed_size(self) -> int:
        waiting = len(self._pending)
        return max(_SMALL_SEGMENT, waiting) if waiting < _LARGE_SEGMENT else 0

    def _dissolve(self, segment: "_Segment") -> None:
        self._segments.remove(segment)
        for row in segment.live_rows():
            del self._segment_of[row]
            self._pending.add(row)


class _Segment:
    """Documents that were built into one index of the library."""

    def __init__(self, rows: list[int], documents: list[tuple[str, ...]]) -> None:
        self._rows: NDArray[np.int64] = np.array(rows, np.int64)
        self._live = np.ones(len(rows), np.bool_)
        self._count = len(rows)
        # The library divides by (1 - b + b * length / average), where we want
        # (1 - B + B * length / TYPICAL_LENGTH): solved for k1 and b.
        average = sum(map(len, documents)) / len(documents)
        constant, slope = K1 * (1 - B), K1 * B * average / TYPICAL_LENGTH
        model = bm25s.BM25(k1=constant + slope, b=slope / (constant + slope), method="lucene")
        model.index([list(document) for document in documents], show_progress=False)
        scores: dict[str, Any] = model.scores
        self._ids: dict[str, int] = model.vocab_dict
        self._starts: NDArray[np.int64] = scores["indptr"]
        self._places: NDArray[np.int32] = scores["indices"]
        self._scores: NDArray[np.float32] = scores["data"]

    @property
    def size(self) -> int:
        """How many documents were built in."""
        return len(self._rows)

    @property
    def live(self) -> int:
        """How many of them are still there."""
        return self._count

    @property
    def postings(self) -> int:
        """How many pairs of a stem and a document there are."""
        return len(self._scores)

    def live_rows(self) -> list[int]:
        """Returns the rows of the documents that are still there."""
        rows: list[int] = self._rows[self._live].tolist()
        return rows

    def remove(self, row: int) -> None:
        """Leaves a document out from now on."""
        self._live[np.searchsorted(self._rows, row)] = False
        self._count -= 1

    def add_scores(self, rarity: Mapping[str, float], scores: NDArray[np.float32]) -> None:
        """Adds the scores of the documents to those of their rows."""
        for stem, weight in rarity.items():
            number = self._ids.get(stem)
            if number is None:
                continue
            postings = slice(self._starts[number], self._starts[number + 1])
            places = self._places[postings]
            own = inverse_document_frequency(self.size, len(places))
            found = self._scores[postings] * np.float32(weight / own)
            if self._count < self.size:
                live = self._live[places]
                places, found = places[live], found[live]
            # A document occurs once among the postings of a stem, so this adds each score.
            scores[self._rows[places]] += found


def inverse_document_frequency(documents: int, containing: int) -> float:
    """Returns how much a stem tells, as Lucene has it: log(1 + (n - df + 0.5) / (df + 0.5)).

    Args:
        documents: How many documents there are.
        containing: How many of them the stem is in.

    Returns:
        The weight, above 0.
    """
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))
