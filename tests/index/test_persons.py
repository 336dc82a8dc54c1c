"""Whom a question means without a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_server.index.persons import (
    as_the_user_asks,
    asks_for_something,
    asks_of_assistant,
    asks_of_self,
)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Where does the user live?", "Where does I live?"),
        ("What is the user's job?", "What is my job?"),
        ("The user\u2019s allergies", "my allergies"),
        ("Which columns does my table of the user have?", None),
        ("Where do the users live?", None),
        ("Where does Ada live?", None),
    ],
)
def test_who_asks_about_the_user_asks_as_the_user(question: str, asked: str | None) -> None:
    assert as_the_user_asks(question) == (asked or question)


def test_who_speaks_of_themselves() -> None:
    assert asks_of_self("Where do I live?")
    assert asks_of_self("what's MY name")
    assert not asks_of_self("Where does Ada live?")


@pytest.mark.parametrize(
    "question",
    [
        "Plan a dinner for Saturday",
        "Please, could you please write an invoice?",
        "ok, suggest a breakfast",
    ],
)
def test_who_wants_something_asks_for_it(question: str) -> None:
    assert asks_for_something(question)


@pytest.mark.parametrize(
    "question",
    ["Where does Ada live?", "Which plan did Ada make?", "Showers in May", "hourly rate", ""],
)
def test_other_questions_are_no_requests(question: str) -> None:
    assert not asks_for_something(question)


@pytest.mark.parametrize(
    "question",
    [
        "Did you recommend Kafka?",
        "did you ever tell me how to prepare the files",
        "Haven't you said that before?",
        "What price did you suggest?",
        "You explained it with a coffee bar, how did that go?",
        "What was your first suggestion for the disk?",
        "Which tools did we adopt on your advice?",
        "according to you, how long does it take",
        "What did the assistant say about Kafka?",
    ],
)
def test_who_asks_what_was_answered_asks_of_the_assistant(question: str) -> None:
    assert asks_of_assistant(question)


@pytest.mark.parametrize(
    "question",
    [
        "Do you know where I live?",
        "Can you tell me my rate?",
        "Did you know that I moved?",
        "What is your suggestion for tonight?",
        "What did I tell you about my oven?",
        "Who recommended the hotel?",
        "Who is her assistant?",
    ],
)
def test_other_questions_to_the_assistant_are_not_about_it(question: str) -> None:
    assert not asks_of_assistant(question)


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(question: str) -> None:
    asks_for_something(question)
    asks_of_assistant(question)
    assert "the user" in question.lower() or as_the_user_asks(question) == question
