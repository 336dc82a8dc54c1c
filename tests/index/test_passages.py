"""The scores of passages against the formula, worked out one by one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectron_server.index.lexical import inverse_document_frequency
from spectron_server.index.order import REACH
from spectron_server.index.passages import K1, OWN, TYPICAL_LENGTH, B
from spectron_server.index.scope_index import ScopeIndex
from tests.index.builders import add, day, fact, rows_of, turn

WORDS = ["boat", "sea", "wind", "wine"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=9)


def formula(sessions: list[list[list[str]]], question: str, found: list[bool]) -> list[float]:
    """BM25F of each turn, session after session, over the turns that may be found."""
    turns = [text for session in sessions for text in session]
    places = [(number, place) for number, each in enumerate(sessions) for place in range(len(each))]
    full = TYPICAL_LENGTH * (2 * OWN + 2 * REACH - 1)
    rarity = {
        word: math.log(
            1
            + (len(turns) - sum(word in text for text in turns) + 0.5)
            / (sum(word in text for text in turns) + 0.5)
        )
        for word in set(question.split())
    }
    scores = []
    for session, place in places:
        passage = [
            (text, OWN if place - other in {0, 1} else 1.0)
            for row, ((at, other), text) in enumerate(zip(places, turns, strict=True))
            if at == session and abs(other - place) <= REACH and found[row]
        ]
        length = sum(weight * len(text) for text, weight in passage)
        score = 0.0
        for word, weight in rarity.items():
            times = sum(part * text.count(word) for text, part in passage)
            score += weight * times / (times + K1 * (1 - B + B * length / full))
        scores.append(score / sum(rarity.values()))
    return scores


@given(
    sessions=st.lists(st.lists(TEXTS, min_size=1, max_size=14), min_size=1, max_size=3),
    question=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    hidden=st.sets(st.integers(0, 20)),
)
@settings(max_examples=80, deadline=None)
def test_passages_score_as_the_formula_says(
    sessions: list[list[list[str]]], question: str, hidden: set[int]
) -> None:
    index = ScopeIndex()
    items = [
        turn(f"turn:{number}-{place}", " ".join(text), session=f"s{number}", sequence=place)
        for number, session in enumerate(sessions)
        for place, text in enumerate(session)
    ]
    add(index, items)
    occurrences = {stem: index.lexical.occurrences(stem) for stem in set(question.split())}
    rarity = {
        stem: inverse_document_frequency(len(items), len(rows))
        for stem, (rows, _) in occurrences.items()
    }
    rows = rows_of(index, [item.id for item in items])
    everything = [True] * len(items)
    for _ in range(2):
        # The second time the lengths are known.
        scores = index.passages.scores(occurrences, rarity, None, index.rows)
        expected = formula(sessions, question, everything)
        assert scores[rows].tolist() == pytest.approx(expected, rel=1e-4, abs=1e-6)
    some = [number not in hidden for number in range(len(items))]
    found = np.zeros(index.rows, np.bool_)
    found[rows] = some
    scores = index.passages.scores(occurrences, rarity, found, index.rows)
    expected = formula(sessions, question, some)
    assert scores[rows].tolist() == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_a_fact_is_a_passage_by_itself() -> None:
    index = ScopeIndex()
    add(
        index,
        [
            turn("turn:1", "boat", session="s", sequence=1, observed_at=day(1)),
            turn("turn:2", "sea", session="s", sequence=2, observed_at=day(1)),
            fact("fact:1", "wind", source="turn:1"),
        ],
    )
    occurrences = {"boat": index.lexical.occurrences("boat")}
    scores = index.passages.scores(occurrences, {"boat": 1.0}, None, index.rows)
    own, of_turn, of_next = scores[rows_of(index, ["fact:1", "turn:1", "turn:2"])]
    assert own == 0
    assert of_turn > 0
    assert of_next > 0


def test_a_score_is_the_part_of_the_question_that_is_there() -> None:
    index = ScopeIndex()
    add(index, [fact("fact:1", "boat"), fact("fact:2", "boat boat boat wind wind wind")])
    occurrences = {stem: index.lexical.occurrences(stem) for stem in ("boat", "wind", "none")}
    scores = index.passages.scores(
        occurrences, {"boat": 1.0, "wind": 1.0, "none": 2.0}, None, index.rows
    )
    assert scores.tolist() == pytest.approx([0.25, 0.5], abs=0.1)
    assert index.passages.scores({}, {}, None, index.rows).tolist() == [0, 0]
