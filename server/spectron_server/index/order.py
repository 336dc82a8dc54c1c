"""The turns of a scope one after another, so that what is around each lies beside it in an array.

Rows are numbered as items come: sessions mix, and turns that come late stand behind those that
they go before. Here each session's turns stand together, in the order in which they were said,
with empty places between sessions; so the sum over a turn's neighbours is a sum of slices.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.index.columns import Columns

REACH: Final = 4
"""How many turns before and after a turn are around it; a power of two."""


class Order:
    """Where the items of a scope stand. Immutable: made anew when an item comes or goes."""

    def __init__(self, columns: Columns, rows: int) -> None:
        """Puts items in order.

        Args:
            columns: Which rows hold an item, the session of each, and its place in it.
            rows: One more than the largest row in use.
        """
        live, session = columns.live[:rows], columns.session[:rows]
        turns = np.flatnonzero(live & (session >= 0))
        turns = turns[np.lexsort((columns.sequence[turns], session[turns]))]
        others = np.flatnonzero(live & (session < 0))
        begins = np.diff(session[turns], prepend=-1) != 0
        # The first place is nobody's: rows without an item are sent there.
        places = REACH + np.arange(len(turns)) + REACH * np.cumsum(begins)
        end = int(places[-1]) + 1 + REACH if len(turns) else 2 * REACH
        self._places = np.zeros(rows, np.intp)
        self._places[turns] = places
        self._places[others] = np.arange(end, end + len(others))
        self._others = slice(end, end + len(others))
        self._length = end + len(others) + REACH

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return self._places.nbytes

    def laid(
        self, values: NDArray[np.float32], rows: NDArray[np.integer[Any]] | slice
    ) -> NDArray[np.float32]:
        """Puts values at the places of the rows that they belong to; elsewhere is 0.

        Args:
            values: A value for each row, `(n,)`; 0 for rows that hold no item.
            rows: The rows, `(n,)`, each once.

        Returns:
            The values by place, `(places,) float32`.
        """
        laid = np.zeros(self._length, np.float32)
        laid[self._places[rows]] = values
        return laid

    def by_row(self, laid: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns values by row, `(rows,) float32`, that are given by place."""
        return laid[self._places]

    def passages(self, laid: NDArray[np.float32], own: float) -> NDArray[np.float32]:
        """Adds values up around each place.

        Args:
            laid: Values by place.
            own: What a turn's own value counts, and that of the turn before it, which it answers.
                Those of the other turns around it count 1.

        Returns:
            The sums by place, `(places,) float32`; of what is no turn, what its own value counts.
        """
        # Sums of two places, of four, of eight: each adds up two of the former.
        pairs = sums = laid[:-1] + laid[1:]
        width = 2
        while width < 2 * REACH:
            sums = sums[:-width] + sums[width:]
            width *= 2
        passages = np.zeros_like(laid)
        turns = passages[REACH:-REACH]
        np.add(sums[:-1], laid[2 * REACH :], out=turns)
        turns += np.float32(own - 1) * pairs[REACH - 1 : -REACH]
        passages[self._others] = np.float32(own) * laid[self._others]
        return passages

    def neighbours(self, laid: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns the sum of the values before and after each place, by place; 0 for no turn."""
        neighbours = np.zeros_like(laid)
        np.add(laid[:-2], laid[2:], out=neighbours[1:-1])
        neighbours[self._others] = 0
        return neighbours
