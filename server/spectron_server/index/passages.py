"""The words of a turn together with those of the turns around it.

People spread what they say over several turns: one names the thing, the other answers "Last
week!", and both go on about "it". So a turn is searched by the words of a passage: its own words
and those of the turn that it answers count twice, those of the turns around them once. Occurrences
are added up before they saturate, as BM25F does with the fields of a document (Robertson, Zaragoza
and Taylor, 2004); a fact is a passage by itself.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.index.columns import Columns

K1: Final = 1.2
B: Final = 0.75
# How many turns before and after a turn belong to its passage.
REACH: Final = 4
OWN: Final = 2.0
AROUND: Final = 1.0
# Words, without stop words, of a turn in ordinary conversation. A constant, so that a score does
# not depend on what else there is.
TYPICAL_LENGTH: Final = 7.5
_TYPICAL_PASSAGE: Final = TYPICAL_LENGTH * (2 * OWN + (2 * REACH - 1) * AROUND)

Occurrences = tuple[NDArray[np.int32], NDArray[np.float32]]


class Passages:
    """Scores passages by the occurrences of words in single items."""

    def __init__(self, columns: Columns) -> None:
        """Begins without lengths.

        Args:
            columns: The links of the turns and the lengths of the items.
        """
        self._columns = columns
        self._norms: NDArray[np.float32] | None = None

    def forget(self) -> None:
        """Forgets what is kept between searches; to be called when an item comes or goes."""
        self._norms = None

    def scores(
        self,
        occurrences: Mapping[str, Occurrences],
        rarity: Mapping[str, float],
        found: NDArray[np.bool_] | None,
        rows: int,
    ) -> NDArray[np.float32]:
        """Scores every row by the words of its passage.

        Args:
            occurrences: For each stem the rows that hold it, and how often.
            rarity: For each stem its inverse document frequency.
            found: Which rows may be found, `(rows,) bool`: the others lend no words; None: all
                that there are.
            rows: How long the result is to be.

        Returns:
            The scores, `(rows,) float32`: which part of the stems, weighted by their rarity, is
            there, from 0 to below 1.
        """
        scores = np.zeros(rows, np.float32)
        total = sum(rarity.values())
        if not total:
            return scores
        norms = self._norms_of(found, rows)
        times = np.zeros(rows, np.float32)
        for stem, (holding, counts) in occurrences.items():
            kept = slice(None) if found is None else found[holding]
            self._spread(times, holding[kept], counts[kept])
            touched = np.flatnonzero(times)
            within = times[touched]
            scores[touched] += np.float32(rarity[stem] / total) * within / (within + norms[touched])
            times[touched] = 0
        return scores

    def _norms_of(self, found: NDArray[np.bool_] | None, rows: int) -> NDArray[np.float32]:
        """Returns what BM25 compares the occurrences in each row's passage with."""
        if found is None and self._norms is not None:
            return self._norms
        lengths = np.zeros(rows, np.float32)
        live = self._columns.live[:rows] if found is None else found
        holding = np.flatnonzero(live).astype(np.int32)
        self._spread(lengths, holding, self._columns.length[holding])
        norms = np.float32(K1) * (1 - B + B / _TYPICAL_PASSAGE * lengths)
        if found is None:
            self._norms = norms
        return norms

    def _spread(
        self, sums: NDArray[np.float32], holding: NDArray[np.int32], counts: NDArray[np.float32]
    ) -> None:
        """Adds counts to the rows that hold them and to the passages that these belong to."""
        # A row occurs once among those that are reached in one step, so this adds each count.
        sums[holding] += np.float32(OWN) * counts
        for links, first in ((self._columns.after, OWN), (self._columns.before, AROUND)):
            reached, lent = holding, counts
            for step in range(REACH):
                reached = links[reached]
                linked = reached >= 0
                reached, lent = reached[linked], lent[linked]
                sums[reached] += np.float32(first if step == 0 else AROUND) * lent
