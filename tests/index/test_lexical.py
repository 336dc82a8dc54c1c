"""The words of documents: as if they had been put in at once, whatever came and went."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from spectron_server.index.lexical import LexicalIndex
from spectron_server.index.spoken import spoken_in
from spectron_server.index.stems import stems_of, words

# Two are stop words, and two have the same stem.
WORDS = ["boat", "boats", "sea", "the", "of", "wind", "wine"]
STEMS = ["boat", "sea", "wind", "wine", "the", "unknown"]
ROWS = st.integers(0, 30)
DOCUMENTS = st.lists(st.sampled_from(WORDS), max_size=12)


class AgainstCounting(RuleBasedStateMachine):
    """Does the same to the index and to a dict of documents."""

    def __init__(self) -> None:
        super().__init__()
        self.index = LexicalIndex()
        self.model: dict[int, list[str]] = {}

    @rule(first=ROWS, documents=st.lists(DOCUMENTS, max_size=20))
    def add(self, first: int, documents: list[list[str]]) -> None:
        new = {
            row: document for row, document in enumerate(documents, first) if row not in self.model
        }
        lengths = self.index.add(new.items())
        assert lengths == [len(stems_of(document)) for document in new.values()]
        self.model |= new

    @rule(documents=st.lists(DOCUMENTS, max_size=20))
    def add_many(self, documents: list[list[str]]) -> None:
        first = max(self.model, default=-1) + 1
        spoken = spoken_in([" ".join(document) for document in documents])
        lengths = self.index.add_many(first, len(documents), spoken)
        assert lengths.tolist() == [len(stems_of(document)) for document in documents]
        self.model |= dict(enumerate(documents, first))

    @rule(row=ROWS)
    def remove(self, row: int) -> None:
        if row in self.model:
            self.index.remove(row, self.model.pop(row))

    @invariant()
    def counts(self) -> None:
        assert len(self.index) == len(self.model)
        stems = {row: stems_of(document) for row, document in self.model.items()}
        for stem in STEMS:
            rows, times = self.index.occurrences(stem)
            assert rows.dtype == np.int32
            assert times.dtype == np.float32
            found = dict(zip(rows.tolist(), times.tolist(), strict=True))
            assert len(found) == len(rows)
            assert found == {row: held.count(stem) for row, held in stems.items() if stem in held}


TestAgainstCounting = AgainstCounting.TestCase
TestAgainstCounting.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)


def test_removed_documents_take_no_memory() -> None:
    index = LexicalIndex()
    empty = index.nbytes
    index.add((row, ["boat", f"word{row}"]) for row in range(500))
    assert index.nbytes > empty + 500 * 2 * 4
    for row in range(500):
        index.remove(row, ["boat", f"word{row}"])
    assert index.nbytes == empty
    assert not index._postings


def test_lists_may_grow_while_an_answer_is_held() -> None:
    index = LexicalIndex()
    index.add([(0, ["boat"])])
    rows, _ = index.occurrences("boat")
    index.add([(1, ["boat"])])
    assert rows.tolist() == [0]
    assert index.occurrences("boat")[0].tolist() == [0, 1]


def test_stems_of_words() -> None:
    def stems(text: str) -> list[str]:
        return stems_of(words(text))

    assert stems("She was running; they RAN migrations!") == ["run", "run", "migrat"]
    assert stems("Biscuit ate what mice eat") == ["biscuit", "eat", "mous", "eat"]
    assert stems("a rose left on the ground") == ["rose", "leav", "ground"]
    assert stems("Caroline's café, naïve 42") == ["carolin", "café", "naïv", "42"]
    assert stems("snake_case e-mail") == ["snake", "case", "e", "mail"]
    assert stems("東京に住んでいます") == ["東京に住んでいます"]
    assert stems("") == stems("the of and") == stems("... \N{THUMBS UP SIGN}") == []
