"""The vectors of one scope, searched exactly.

Vectors lie in one contiguous array that is changed in place and doubled when it is full, so that
adding one to 50,000 costs no more than adding the first. FAISS's kernel computes the inner
products of all rows, on the calling thread: with one question at a time that is quicker than an
index of FAISS, and unlike a matrix product it does not wait for threads that other work keeps busy.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

import faiss
import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY: Final = 16

_T = TypeVar("_T", bound=np.generic)


class VectorIndex:
    """Vectors by row, and their inner products with a question. Not safe for threads."""

    def __init__(self, dimension: int) -> None:
        """Makes an empty index.

        Args:
            dimension: The length of a vector.
        """
        self._dimension = dimension
        self._matrix = np.zeros((_FIRST_CAPACITY, dimension), np.float32)
        self._present = np.zeros(_FIRST_CAPACITY, np.bool_)
        self._end = 0

    def __len__(self) -> int:
        return int(self._present.sum())

    @property
    def nbytes(self) -> int:
        """How much memory the vectors take."""
        return self._matrix.nbytes + self._present.nbytes

    def upsert(self, rows: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Puts vectors in rows, in place of those that were there.

        Args:
            rows: Numbers from 0; the smaller, the less memory.
            vectors: One for each row, `(n, dimension) float32`, unit norm.

        Raises:
            ValueError: The vectors have another shape.
        """
        if vectors.shape != (len(rows), self._dimension):
            raise ValueError(
                f"expected vectors of shape {(len(rows), self._dimension)}, got {vectors.shape}"
            )
        if not rows:
            return
        self._grow(max(rows) + 1)
        self._matrix[list(rows)] = vectors
        self._present[list(rows)] = True

    def remove(self, rows: Sequence[int]) -> None:
        """Takes the vectors out of rows, where there are any."""
        # A row that is not there must not weigh anything, whatever becomes of its flag.
        kept = [row for row in rows if row < self._end]
        self._matrix[kept] = 0
        self._present[kept] = False

    def present(self, rows: int) -> NDArray[np.bool_]:
        """Tells which of the first rows hold a vector, `(rows,) bool`."""
        return _padded(self._present[: min(rows, self._end)].copy(), rows)

    def scores(self, query: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
        """Compares a vector with every row.

        Args:
            query: The vector, `(dimension,) float32`, unit norm.
            rows: How long the result is to be.

        Returns:
            The cosine of each row, `(rows,) float32`; 0 where there is no vector.

        Raises:
            ValueError: The vector has another length.
        """
        end = min(rows, self._end)
        if not end:
            return np.zeros(rows, np.float32)
        products = np.empty(end, np.float32)
        asked = np.ascontiguousarray(query, np.float32)
        if asked.shape != (self._dimension,):
            raise ValueError(f"expected a vector of {self._dimension} numbers, got {asked.shape}")
        # Its stubs leave the kernel out.
        faiss.fvec_inner_products_ny(  # type: ignore[attr-defined]
            faiss.swig_ptr(products),
            faiss.swig_ptr(asked),
            faiss.swig_ptr(self._matrix),
            self._dimension,
            end,
        )
        return _padded(products, rows)

    def _grow(self, end: int) -> None:
        self._end = max(self._end, end)
        capacity = len(self._present)
        if end <= capacity:
            return
        while capacity < end:
            capacity *= 2
        matrix = np.zeros((capacity, self._dimension), np.float32)
        matrix[: len(self._matrix)] = self._matrix
        self._matrix = matrix
        self._present = _padded(self._present, capacity)


def _padded(values: NDArray[_T], length: int) -> NDArray[_T]:
    if len(values) == length:
        return values
    padded = np.zeros(length, values.dtype)
    padded[: len(values)] = values
    return padded
