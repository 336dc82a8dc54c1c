"""The vectors of one scope, searched exactly while they are few, and nearly so when they are many.

Vectors lie in one contiguous array that is changed in place and grows by a part of itself when it
is full, so that adding one to 50,000 costs no more than adding the first. FAISS's kernel computes
the inner products of all rows, on the calling thread: with one question at a time that is quicker
than an index of FAISS, and it does not wait for threads that other work keeps busy.

Reading 50,000 vectors takes ten milliseconds, whatever is computed. So of many vectors the signs of
their numbers are compared first, a bit each: the part of the bits that differs estimates the angle
(Charikar, 2002). Those that are nearest by that are then compared exactly.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import faiss
import numpy as np
from numpy.typing import NDArray

from spectron_server.index.columns import with_room

# Up to so many rows all are compared exactly: in order, that is as quick as some in disorder.
EXACT_ROWS: Final = 8192
# So many of more rows are. Of 50,000 they hold 99.6 % of the nearest 50.
NEAREST: Final = 2048
# So many rows are put in at a time: what is made of them on the way stays in the processor's cache.
_BLOCK: Final = 512

_T = TypeVar("_T", bound=np.generic)


class VectorIndex:
    """Vectors by row, and their inner products with a question. Not safe for threads."""

    def __init__(self, dimension: int) -> None:
        """Makes an empty index.

        Args:
            dimension: The length of a vector.
        """
        self._dimension = dimension
        self._matrix = np.zeros((0, dimension), np.float32)
        self._signs = np.zeros((0, -(-dimension // 8)), np.uint8)
        self._present = np.zeros(0, np.bool_)
        self._end = 0
        angles = np.arange(dimension + 1, dtype=np.float32) * np.float32(np.pi / dimension)
        self._cosines = np.cos(angles)

    def __len__(self) -> int:
        return int(self._present.sum())

    @property
    def nbytes(self) -> int:
        """How much memory the vectors take."""
        return self._matrix.nbytes + self._signs.nbytes + self._present.nbytes

    def grow(self, rows: int) -> None:
        """Makes room for a number of rows."""
        capacity = with_room(len(self._present), rows)
        self._matrix = _padded(self._matrix, capacity)
        self._signs = _padded(self._signs, capacity)
        self._present = _padded(self._present, capacity)

    def upsert(self, rows: Sequence[int], vectors: NDArray[np.floating[Any]]) -> None:
        """Puts vectors in rows, in place of those that were there.

        Args:
            rows: Numbers from 0; the smaller, the less memory.
            vectors: One for each row, `(n, dimension)`, unit norm.

        Raises:
            ValueError: The vectors have another shape.
        """
        if vectors.shape != (len(rows), self._dimension):
            raise ValueError(
                f"expected vectors of shape {(len(rows), self._dimension)}, got {vectors.shape}"
            )
        if not rows:
            return
        places = np.array(rows, np.intp)
        self._end = max(self._end, int(places.max()) + 1)
        self.grow(self._end)
        self._present[places] = True
        for start in range(0, len(places), _BLOCK):
            block = slice(start, start + _BLOCK)
            exact = vectors[block].astype(np.float32)
            self._matrix[places[block]] = exact
            self._signs[places[block]] = _signs(exact)

    def remove(self, rows: Sequence[int]) -> None:
        """Takes the vectors out of rows, where there are any."""
        # A row that is not there must not weigh anything, whatever becomes of its flag.
        kept = [row for row in rows if row < self._end]
        self._matrix[kept] = 0
        self._present[kept] = False

    def present(self, rows: int) -> NDArray[np.bool_]:
        """Tells which of the first rows hold a vector, `(rows,) bool`."""
        return _padded(self._present[: min(rows, self._end)].copy(), rows)

    def scores(self, query: NDArray[np.float32] | None, rows: int) -> NDArray[np.float32]:
        """Compares a vector with every row.

        Args:
            query: The vector, `(dimension,) float32`, unit norm; None: like none of them.
            rows: How long the result is to be.

        Returns:
            The cosine of each row, `(rows,) float32`, estimated for the less near of more than
            `EXACT_ROWS`; 0 where there is no vector.

        Raises:
            ValueError: The vector has another length.
        """
        end = min(rows, self._end)
        if query is None or not end:
            return np.zeros(rows, np.float32)
        asked = np.ascontiguousarray(query, np.float32)
        if asked.shape != (self._dimension,):
            raise ValueError(f"expected a vector of {self._dimension} numbers, got {asked.shape}")
        return _padded(self._all(asked, end) if end <= EXACT_ROWS else self._near(asked, end), rows)

    def _all(self, asked: NDArray[np.float32], end: int) -> NDArray[np.float32]:
        products = np.empty(end, np.float32)
        # Its stubs leave the kernels out.
        faiss.fvec_inner_products_ny(  # type: ignore[attr-defined]
            faiss.swig_ptr(products),
            faiss.swig_ptr(asked),
            faiss.swig_ptr(self._matrix),
            self._dimension,
            end,
        )
        return products

    def _near(self, asked: NDArray[np.float32], end: int) -> NDArray[np.float32]:
        differing = np.empty(end, np.int32)
        faiss.hammings(  # type: ignore[attr-defined]
            faiss.swig_ptr(_signs(asked)),
            faiss.swig_ptr(self._signs),
            1,
            end,
            self._signs.shape[1],
            faiss.swig_ptr(differing),
        )
        # A row without a vector would look half alike.
        differing[~self._present[:end]] = self._dimension
        cosines: NDArray[np.float32] = self._cosines[differing]
        cosines[~self._present[:end]] = 0
        nearest = np.sort(np.argpartition(differing, NEAREST)[:NEAREST])
        exact = np.empty(NEAREST, np.float32)
        faiss.fvec_inner_products_by_idx(  # type: ignore[attr-defined]
            faiss.swig_ptr(exact),
            faiss.swig_ptr(asked),
            faiss.swig_ptr(self._matrix),
            faiss.swig_ptr(nearest),
            self._dimension,
            1,
            NEAREST,
        )
        cosines[nearest] = exact
        return cosines


def _signs(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    signs: NDArray[np.uint8] = np.packbits(vectors > 0, axis=-1)
    return signs


def _padded(values: NDArray[_T], length: int) -> NDArray[_T]:
    if len(values) == length:
        return values
    padded = np.zeros((length, *values.shape[1:]), values.dtype)
    padded[: len(values)] = values
    return padded
