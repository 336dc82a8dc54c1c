"""What is known of the items of a scope, as arrays by row."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY: Final = 16


class Columns:
    """Arrays that grow together. They are longer than the rows in use.

    Attributes:
        live: Whether there is an item, bool.
        fact: Whether it is a fact, bool.
        observed: When it was said or became true, int64, microseconds since 1970.
        until: When it ceased to be true, int64, microseconds since 1970; the largest if it did not.
        before: The row of the turn before it in its session, int32; -1 if there is none.
        after: The row of the turn after it, likewise.
        source: The row of the turn that a fact came from, likewise.
        speaker: The number of who said it or whom it is about, int32; -1 for nobody in particular.
    """

    def __init__(self) -> None:
        self._make(_FIRST_CAPACITY)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        return sum(array.nbytes for array in vars(self).values())

    def grow(self, rows: int) -> None:
        """Makes room for a number of rows."""
        capacity = len(self.live)
        if rows <= capacity:
            return
        while capacity < rows:
            capacity *= 2
        former = dict(vars(self))
        self._make(capacity)
        for name, array in former.items():
            getattr(self, name)[: len(array)] = array

    def clear(self, row: int) -> None:
        """Makes a row as it was before it held an item."""
        self.live[row] = False
        for links in (self.before, self.after, self.source, self.speaker):
            links[row] = -1

    def _make(self, capacity: int) -> None:
        self.live: NDArray[np.bool_] = np.zeros(capacity, np.bool_)
        self.fact: NDArray[np.bool_] = np.zeros(capacity, np.bool_)
        self.observed: NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.until: NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.before: NDArray[np.int32] = np.full(capacity, -1, np.int32)
        self.after: NDArray[np.int32] = np.full(capacity, -1, np.int32)
        self.source: NDArray[np.int32] = np.full(capacity, -1, np.int32)
        self.speaker: NDArray[np.int32] = np.full(capacity, -1, np.int32)
