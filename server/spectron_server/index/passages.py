"""The words of a turn together with those of the turns around it.

People spread what they say over several turns: one names the thing, the other answers "Last
week!", and both go on about "it". So a turn is searched by the words of a passage: its own words
and those of the turn that it answers count twice, those of the turns around them once. Occurrences
are added up before they saturate, as BM25F does with the fields of a document (Robertson, Zaragoza
and Taylor, 2004); a fact is a passage by itself.
"""

from collections.abc import Mapping
from typing import Any, Final

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
        total = sum(rarity.values())
        if not total:
            return np.zeros(rows, np.float32)
        parts = []
        for held, counts in occurrences.values():
            kept = slice(None) if found is None else found[held]
            parts.append((held[kept], counts[kept]))
        # All stems at once, those of the second stem behind the rows of the first, and so on.
        firsts = np.arange(len(parts)) * rows
        sizes = [len(held) for held, _ in parts]
        times = self._spread(
            np.concatenate([held for held, _ in parts]),
            np.concatenate([counts for _, counts in parts]),
            np.repeat(firsts, sizes),
            rows * len(parts),
        )
        times = times.reshape(len(parts), rows)
        times /= times + self._norms_of(found, rows)
        weights = np.array([rarity[stem] / total for stem in occurrences], np.float32)
        return weights @ times

    def _norms_of(self, found: NDArray[np.bool_] | None, rows: int) -> NDArray[np.float32]:
        """Returns what BM25 compares the occurrences in each row's passage with."""
        if found is None and self._norms is not None:
            return self._norms
        live = self._columns.live[:rows] if found is None else found
        held = np.flatnonzero(live)
        lengths = self._spread(held, self._columns.length[held], np.zeros_like(held), rows)
        norms: NDArray[np.float32] = np.float32(K1) * (1 - B + B / _TYPICAL_PASSAGE * lengths)
        if found is None:
            self._norms = norms
        return norms

    def _spread(
        self,
        held: NDArray[np.integer[Any]],
        counts: NDArray[np.float32],
        first: NDArray[np.int64],
        size: int,
    ) -> NDArray[np.float32]:
        """Adds counts up over the passages that the rows which hold them belong to.

        Args:
            held: Rows, `(n,)`.
            counts: What each lends, `(n,) float32`.
            first: What to add to a row for its place in the result, `(n,)`. No two are at the same.
            size: How long the result is to be.

        Returns:
            The sums, `(size,) float32`.
        """
        sums = np.zeros(size, np.float32)
        sums[first + held] = np.float32(OWN) * counts
        # Every turn has one turn before it at most, so a place is reached once in a step, and this
        # adds each count.
        for links, nearest in ((self._columns.after, OWN), (self._columns.before, AROUND)):
            reached, lent, at = held, counts, first
            for step in range(REACH):
                following = links[reached]
                linked = np.flatnonzero(following >= 0)
                reached, lent, at = following[linked], lent[linked], at[linked]
                sums[at + reached] += np.float32(nearest if step == 0 else AROUND) * lent
        return sums
