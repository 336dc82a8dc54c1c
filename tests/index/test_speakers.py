"""Who is named in a question, and the question as they would ask it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_server.index.speakers import Speakers, in_first_person, tells_name


@pytest.mark.parametrize(
    ("question", "names", "asked"),
    [
        ("Where did Caroline move?", {"caroline"}, "Where did I move?"),
        ("What is Caroline's dog called?", {"caroline"}, "What is my dog called?"),
        ("Is Caroline\u2019s dog old?", {"caroline"}, "Is my dog old?"),
        ("What does Anna Berg like?", {"anna", "berg"}, "What does I like?"),
        ("What is Anna Berg's job?", {"anna", "berg"}, "What is my job?"),
        ("caroline?", {"caroline"}, "I?"),
        ("Where is Anna's and Ben's house?", {"anna", "ben"}, "Where is my and my house?"),
        ("Where is Annabel?", {"anna"}, "Where is Annabel?"),
        ("Where is it?", set(), "Where is it?"),
    ],
)
def test_a_question_is_asked_by_who_is_named(question: str, names: set[str], asked: str) -> None:
    assert in_first_person(question, names) == asked


@given(st.text(max_size=60))
def test_a_question_that_names_nobody_stays_as_it_is(question: str) -> None:
    assert in_first_person(question, []) == question


def test_names_are_told_from_roles() -> None:
    speakers = Speakers()
    assert speakers.number_of("user", "I was there.") == -1
    assert speakers.number_of(None, "note: bring milk") == -1
    caroline = speakers.number_of("assistant", "Caroline: I was there.")
    assert speakers.number_of("Caroline", "I was there.") == caroline
    berg = speakers.number_of("Dr. Anna Berg", "Hello.")
    assert speakers.number_of("of", "Hello.") == -1
    assert set(speakers.named_in("Where was caroline?")) == {caroline}
    assert set(speakers.named_in("Where was Anna?")) == {berg}
    assert speakers.named_in("Where was the assistant?") == {}
    assert speakers.flags([berg]).tolist() == [False, True, False]
    assert not speakers.flags([]).any()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I read it again, by Jane Austen.", True),
        ("Have you seen \u2018Emma\u2019?", True),
        ("We left for \u00c5land, Oslo came later.", True),
        ("Ben Ito: We left for Oslo.", True),
        ("Ben Ito: We left.", False),
        ("Sure. Why not? It's on TV, I'd say.", False),
        ("all in lower case, oslo too", False),
        ("", False),
    ],
)
def test_a_capital_within_a_sentence_tells_a_name(text: str, told: bool) -> None:
    assert tells_name(text) is told
