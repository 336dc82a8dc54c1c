"""What is known of the items of a scope, as arrays by row."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_LEAST_ROOM: Final = 16
FOREVER: Final = int(np.iinfo(np.int64).max)
"""The end of what has not ended."""
# What an array holds where there is no item.
_EMPTY: Final[dict[str, tuple[Any, int]]] = {
    "live": (np.bool_, False),
    "fact": (np.bool_, False),
    "own": (np.bool_, False),
    "served": (np.bool_, False),
    "timed": (np.bool_, False),
    "naming": (np.bool_, False),
    "idle": (np.float32, 0),
    "length": (np.float32, 0),
    "observed": (np.int64, 0),
    "until": (np.int64, FOREVER),
    "session": (np.int32, -1),
    "sequence": (np.int64, -1),
    "source": (np.int32, -1),
    "whole": (np.bool_, False),
    "listed": (np.int32, -1),
    "key": (np.int32, -1),
    "speaker": (np.int32, -1),
}


class Columns:
    """Arrays that grow together. They are longer than the rows in use.

    Attributes:
        live: Whether there is an item, bool.
        fact: Whether it is a fact, bool.
        own: Whether the scope's user said it, or it is about them, bool.
        served: Whether it is a turn of the assistant or a tool, bool.
        timed: Whether it says when something is or was, bool.
        naming: Whether it holds a name, bool.
        idle: Which part of it answers nothing, such as questions, float32, 0 to 1.
        length: How many of its words are no stop words, float32.
        observed: When it was said or became true, int64, microseconds since 1970.
        until: When it ceased to be true, int64, microseconds since 1970; the largest if it did not.
        session: The number of a turn's session, int32; -1 if it has none.
        sequence: The place of a turn in its session, int64; -1 if it has none.
        source: The row of the turn that a fact came from, int32; -1 if that is not there.
        whole: Whether a fact is about all that the turn says which it came from, bool.
        listed: The number of the list that a fact is on, int32; -1 if it is on none.
        key: The number of the key of a fact, int32; -1 for a turn.
        speaker: The number of who said it or whom it is about, int32; -1 for nobody in particular.
    """

    live: NDArray[np.bool_]
    fact: NDArray[np.bool_]
    own: NDArray[np.bool_]
    served: NDArray[np.bool_]
    timed: NDArray[np.bool_]
    naming: NDArray[np.bool_]
    idle: NDArray[np.float32]
    length: NDArray[np.float32]
    observed: NDArray[np.int64]
    until: NDArray[np.int64]
    session: NDArray[np.int32]
    sequence: NDArray[np.int64]
    source: NDArray[np.int32]
    whole: NDArray[np.bool_]
    listed: NDArray[np.int32]
    key: NDArray[np.int32]
    speaker: NDArray[np.int32]

    def __init__(self) -> None:
        for name, (kind, empty) in _EMPTY.items():
            setattr(self, name, np.full(0, empty, kind))

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        return sum(getattr(self, name).nbytes for name in _EMPTY)

    def grow(self, rows: int) -> None:
        """Makes room for a number of rows."""
        former = len(self.live)
        capacity = with_room(former, rows)
        if capacity == former:
            return
        for name, (kind, empty) in _EMPTY.items():
            array = np.full(capacity, empty, kind)
            array[:former] = getattr(self, name)
            setattr(self, name, array)

    def clear(self, row: int) -> None:
        """Makes a row as it was before it held an item."""
        for name, (_, empty) in _EMPTY.items():
            getattr(self, name)[row] = empty


def with_room(length: int, rows: int) -> int:
    """Returns how long arrays are to be that shall hold a number of rows.

    At first they hold just these, since most scopes are asked more often than told. When they
    grow, there is room for a quarter more, so that they seldom do.

    Args:
        length: How long they are.
        rows: What they shall hold.
    """
    if rows <= length:
        return length
    return rows + max(rows // 4, _LEAST_ROOM) if length else rows
