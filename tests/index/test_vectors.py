"""The vector index against brute force, whatever is put in and taken out."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray

from spectron_server.index.vectors import EXACT_ROWS, NEAREST, VectorIndex

DIMENSION = 8
ROWS = st.integers(0, 80)
SEEDS = st.integers(0, 2**32 - 1)


def units(seed: int, count: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSION), np.float32)
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


class AgainstBruteForce(RuleBasedStateMachine):
    """Does the same to the index and to a dict of vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.index = VectorIndex(DIMENSION)
        self.model: dict[int, NDArray[np.float32]] = {}

    @rule(rows=st.lists(ROWS, unique=True, max_size=40), seed=SEEDS)
    def upsert(self, rows: list[int], seed: int) -> None:
        vectors = units(seed, len(rows))
        self.index.upsert(rows, vectors)
        self.model.update(zip(rows, vectors.copy(), strict=True))
        # The index keeps no reference to what it was given.
        vectors[:] = 0

    @rule(rows=st.lists(ROWS, unique=True, max_size=10))
    def remove(self, rows: list[int]) -> None:
        self.index.remove(rows)
        for row in rows:
            self.model.pop(row, None)

    @rule(seed=SEEDS, rows=st.integers(0, 200))
    def compare(self, seed: int, rows: int) -> None:
        query = units(seed, 1)[0]
        found = self.index.scores(query, rows)
        assert found.shape == (rows,)
        assert found.dtype == np.float32
        expected = [
            float(self.model[row] @ query) if row in self.model else 0 for row in range(rows)
        ]
        np.testing.assert_allclose(found, expected, atol=1e-6)

    @rule(rows=st.integers(0, 200))
    def compare_presence(self, rows: int) -> None:
        expected = [row in self.model for row in range(rows)]
        assert self.index.present(rows).tolist() == expected

    @invariant()
    def counts(self) -> None:
        assert len(self.index) == len(self.model)


TestAgainstBruteForce = AgainstBruteForce.TestCase
TestAgainstBruteForce.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_vectors_of_another_shape_are_refused() -> None:
    index = VectorIndex(DIMENSION)
    with pytest.raises(ValueError, match="shape"):
        index.upsert([0], np.zeros((1, DIMENSION + 1), np.float32))
    with pytest.raises(ValueError, match="shape"):
        index.upsert([0, 1], np.zeros((1, DIMENSION), np.float32))
    index.upsert([0], units(1, 1))
    with pytest.raises(ValueError, match="numbers"):
        index.scores(np.zeros(DIMENSION - 1, np.float32), 1)


def test_the_nearest_of_many_are_exact() -> None:
    count, dimension = EXACT_ROWS + 5000, 128
    random = np.random.default_rng(7)
    # Like sentences, they crowd around some directions.
    centres = random.standard_normal((50, dimension), np.float32)
    vectors = centres[random.integers(50, size=count)]
    vectors += random.standard_normal((count, dimension), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = VectorIndex(dimension)
    index.upsert(range(count), vectors)
    removed = [3, EXACT_ROWS, count - 1]
    index.remove(removed)
    expected = vectors @ vectors[100]
    expected[removed] = 0
    found = index.scores(vectors[100], count + 2)
    assert found.shape == (count + 2,)
    assert found[[*removed, count, count + 1]].tolist() == [0] * 5
    exact = np.abs(found[:count] - expected) < 1e-6
    best = np.argsort(-expected)[:50]
    assert exact[best].sum() >= 48
    # The others are estimated: the order of what is far is roughly that of the cosines.
    assert exact.sum() >= NEAREST
    assert np.corrcoef(found[:count], expected)[0, 1] > 0.75


def test_no_question_is_like_nothing() -> None:
    index = VectorIndex(DIMENSION)
    index.upsert([0, 1], units(1, 2))
    assert index.scores(None, 3).tolist() == [0, 0, 0]


def test_memory_grows_with_the_rows() -> None:
    index = VectorIndex(DIMENSION)
    before = index.nbytes
    index.upsert([1000], units(1, 1))
    assert before + 1000 * DIMENSION * 4 <= index.nbytes <= before + 3 * 1100 * DIMENSION * 4
