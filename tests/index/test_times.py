"""Times in questions: which are understood, and when that may have been told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_server.index.stems import words
from spectron_server.index.times import (
    asks_of_last_session,
    asks_when,
    periods,
    tells_time,
)

NOW = datetime(2024, 8, 14, 12, tzinfo=UTC)


def asked(question: str, year: int, month: int, day: int) -> bool:
    """Whether a question asks about a day."""
    moment = datetime(year, month, day, 12, tzinfo=UTC)
    return any(period.start <= moment < period.end for period in periods(question, NOW))


@pytest.mark.parametrize(
    ("question", "inside", "outside"),
    [
        ("Where was Ada in May 2023?", (2023, 5, 9), (2022, 5, 9)),
        ("Where was Ada in May 2023?", (2023, 6, 5), (2023, 6, 20)),
        ("What did Ada buy on 7 May 2023?", (2023, 5, 8), (2023, 5, 10)),
        ("What did Ada buy on July 3rd, 2023?", (2023, 7, 3), (2023, 7, 9)),
        ("What did Ada buy in december?", (2021, 12, 9), (2021, 10, 9)),
        ("Where did she go last summer?", (2024, 7, 9), (2022, 7, 9)),
        ("Where did she go in the winter of 2022?", (2023, 2, 9), (2022, 9, 9)),
        ("What happened in 2022?", (2022, 12, 30), (2023, 2, 1)),
        ("What did we discuss yesterday?", (2024, 8, 13), (2024, 8, 11)),
        ("What did we discuss last week?", (2024, 8, 6), (2024, 7, 20)),
        ("What did we discuss this month?", (2024, 8, 1), (2024, 6, 20)),
        ("Where was I two months ago?", (2024, 6, 14), (2024, 8, 1)),
    ],
)
def test_a_time_is_understood(
    question: str, inside: tuple[int, int, int], outside: tuple[int, int, int]
) -> None:
    assert asked(question, *inside)
    assert not asked(question, *outside)


@pytest.mark.parametrize(
    "question",
    [
        "Where does Ada live?",
        "May I ask where Ada lives?",
        "Did they march through the fall leaves?",
        "Which spring does the clock need?",
        "What is the last thing that I said?",
        "How many days does it take?",
        "Who owns 2500 books?",
    ],
)
def test_no_time_is_invented(question: str) -> None:
    assert periods(question, NOW) == []


def test_questions_for_a_time_and_turns_that_tell_one() -> None:
    assert asks_when("When did Ada move?")
    assert asks_when("In which year was it?")
    assert not asks_when("Where did Ada move?")
    assert tells_time(words("We moved last year."))
    assert tells_time(words("On Monday!"))
    assert not tells_time(words("We moved to Rome."))


@given(
    st.text(max_size=80)
    | st.sampled_from(["in May", "last winter", "999 years ago", "last year", "yesterday"]),
    st.datetimes(timezones=st.just(UTC)),
)
def test_any_question_can_be_asked_at_any_time(question: str, now: datetime) -> None:
    for period in periods(question, now):
        assert period.start < period.end


@given(
    st.from_regex(
        r"(on|in)? ?(31|30|[1-9])? ?(february|june|winter|may),? ?(1900|2099)?|999 years ago",
        fullmatch=True,
    )
)
def test_dates_that_are_none_do_no_harm(question: str) -> None:
    for period in periods(question, NOW):
        assert timedelta(0) < period.end - period.start < timedelta(days=365 * 700)


@pytest.mark.parametrize(
    "question",
    [
        "What did we talk about last time?",
        "what were we discussing in the kitchen last?",
        "Summarise our last conversation",
        "the last time we spoke, was I ill?",
        "Where did we stop when we last talked?",
    ],
)
def test_the_last_session_is_asked_for(question: str) -> None:
    assert asks_of_last_session(question)


@pytest.mark.parametrize(
    "question",
    [
        "When did Ada last ski?",
        "When was the last time that we went to Oslo?",
        "What did we talk about in May?",
        "What was my last job?",
        "We talked. What is the last name of Ada?",
    ],
)
def test_what_is_last_otherwise_is_no_session(question: str) -> None:
    assert not asks_of_last_session(question)
