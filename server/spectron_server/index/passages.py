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
from spectron_server.index.order import REACH, Order

K1: Final = 1.2
B: Final = 0.75
# What a turn's own words count, and those of the turn before it.
OWN: Final = 2.0
# Words, without stop words, of a turn in ordinary conversation. A constant, so that a score does
# not depend on what else there is.
TYPICAL_LENGTH: Final = 7.5
_TYPICAL_PASSAGE: Final = TYPICAL_LENGTH * (2 * OWN + 2 * REACH - 1)

Occurrences = tuple[NDArray[np.int32], NDArray[np.float32]]


class Passages:
    """Scores passages by the occurrences of words in single items."""

    def __init__(self, columns: Columns) -> None:
        """Begins without passages.

        Args:
            columns: The places of the turns and the lengths of the items.
        """
        self._columns = columns
        self._order: Order | None = None
        self._norms: NDArray[np.float32] | None = None

    @property
    def nbytes(self) -> int:
        """How much memory is taken by what is kept between searches."""
        return sum(part.nbytes for part in (self._order, self._norms) if part is not None)

    def forget(self) -> None:
        """Forgets what is kept between searches; to be called when an item comes or goes."""
        self._order = self._norms = None

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
        order = self._order_of(rows)
        norms = self._norms_of(order, found, rows)
        scores = np.zeros_like(norms)
        for stem, (held, counts) in occurrences.items():
            if not len(held):
                continue
            lending = slice(None) if found is None else found[held]
            times = order.passages(order.laid(counts[lending], held[lending]), OWN)
            # What BM25 compares them with.
            times /= times + norms
            times *= np.float32(rarity[stem] / total)
            scores += times
        return order.by_row(scores)

    def around(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Adds up what the turns before and after each have; those not there count nothing.

        Args:
            values: A value for each row, `(rows,) float32`; 0 for rows that hold no item.

        Returns:
            The sums, `(rows,) float32`.
        """
        order = self._order_of(len(values))
        return order.by_row(order.neighbours(order.laid(values, slice(None))))

    def _order_of(self, rows: int) -> Order:
        if self._order is None:
            self._order = Order(self._columns, rows)
        return self._order

    def _norms_of(
        self, order: Order, found: NDArray[np.bool_] | None, rows: int
    ) -> NDArray[np.float32]:
        """Returns what BM25 compares the occurrences in each place's passage with."""
        if found is None and self._norms is not None:
            return self._norms
        held = np.flatnonzero(self._columns.live[:rows] if found is None else found)
        lengths = order.passages(order.laid(self._columns.length[held], held), OWN)
        norms: NDArray[np.float32] = np.float32(K1) * (1 - B + B / _TYPICAL_PASSAGE * lengths)
        if found is None:
            self._norms = norms
        return norms
