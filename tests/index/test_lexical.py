"""The lexical index: as if it had been built at once, and as the formula says."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from spectron_server.index.lexical import (
    K1,
    TYPICAL_LENGTH,
    B,
    LexicalIndex,
    inverse_document_frequency,
)
from spectron_server.index.stems import stems

ALPHABET = "abcdefgh"
ROWS = st.integers(0, 60)
DOCUMENTS = st.lists(st.sampled_from(ALPHABET), max_size=12)


def rarity_of(index: LexicalIndex, question: str) -> dict[str, float]:
    return {
        stem: inverse_document_frequency(len(index), index.document_frequency(stem))
        for stem in question
    }


def formula(documents: dict[int, list[str]], question: str, rows: int) -> list[float]:
    """Lucene's BM25, with a constant in place of the average length."""
    scores = [0.0] * rows
    for stem in set(question):
        containing = sum(stem in document for document in documents.values())
        weight = math.log(1 + (len(documents) - containing + 0.5) / (containing + 0.5))
        for row, document in documents.items():
            times = document.count(stem)
            length = K1 * (1 - B + B * len(document) / TYPICAL_LENGTH)
            scores[row] += weight * times / (times + length)
    return scores


class AgainstFormula(RuleBasedStateMachine):
    """Does the same to the index and to a dict of documents."""

    def __init__(self) -> None:
        super().__init__()
        self.index = LexicalIndex()
        self.model: dict[int, list[str]] = {}

    @rule(row=ROWS, document=DOCUMENTS)
    def upsert(self, row: int, document: list[str]) -> None:
        self.index.upsert(row, document)
        self.model[row] = document

    @rule(first=ROWS, documents=st.lists(DOCUMENTS, max_size=40))
    def load(self, first: int, documents: list[list[str]]) -> None:
        for row, document in enumerate(documents, first):
            self.upsert(row, document)

    @rule(row=ROWS)
    def remove(self, row: int) -> None:
        self.index.remove(row)
        self.model.pop(row, None)

    @rule(question=st.text(ALPHABET + "z", max_size=5))
    def ask(self, question: str) -> None:
        found = self.index.scores(rarity_of(self.index, question), 120)
        np.testing.assert_allclose(found, formula(self.model, question, 120), rtol=1e-4, atol=1e-6)

    @invariant()
    def counts(self) -> None:
        assert len(self.index) == len(self.model)
        for stem in ALPHABET:
            containing = sum(stem in document for document in self.model.values())
            assert self.index.document_frequency(stem) == containing


TestAgainstFormula = AgainstFormula.TestCase
TestAgainstFormula.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)


@given(
    documents=st.lists(DOCUMENTS, min_size=1, max_size=80),
    question=st.text(ALPHABET, max_size=4),
    asked_after=st.sets(st.integers(0, 80)),
)
@settings(max_examples=60, deadline=None)
def test_documents_one_by_one_score_as_documents_at_once(
    documents: list[list[str]], question: str, asked_after: set[int]
) -> None:
    at_once, one_by_one = LexicalIndex(), LexicalIndex()
    for row, document in enumerate(documents):
        at_once.upsert(row, document)
        one_by_one.upsert(row, document)
        if row in asked_after:
            one_by_one.scores(rarity_of(one_by_one, question), len(documents))
    np.testing.assert_allclose(
        one_by_one.scores(rarity_of(one_by_one, question), len(documents)),
        at_once.scores(rarity_of(at_once, question), len(documents)),
        rtol=1e-4,
        atol=1e-6,
    )


def test_segments_stay_few_and_work_stays_small() -> None:
    index = LexicalIndex()
    for row in range(1000):
        index.upsert(row, [ALPHABET[row % 8], ALPHABET[row % 7]])
        index.scores({"a": 1.0}, 1000)
        sizes = [segment.size for segment in index._segments]
        assert len(sizes) <= 8
        assert sum(sizes) == row + 1


def test_removed_documents_do_not_pile_up() -> None:
    index = LexicalIndex()
    for row in range(500):
        index.upsert(row, ["a", "b"])
    index.scores({"a": 1.0}, 500)
    full = index.nbytes
    for row in range(400):
        index.remove(row)
    index.scores({"a": 1.0}, 500)
    assert index.nbytes < full / 3


def test_stems_of_words() -> None:
    assert stems("She was running; they RAN migrations!") == ["run", "ran", "migrat"]
    assert stems("Caroline's café, naïve 42") == ["carolin", "café", "naïv", "42"]
    assert stems("snake_case e-mail") == ["snake", "case", "e", "mail"]
    assert stems("東京に住んでいます") == ["東京に住んでいます"]
    assert stems("") == stems("the of and") == stems("... \N{THUMBS UP SIGN}") == []
