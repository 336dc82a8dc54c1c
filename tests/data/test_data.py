"""The written data are consistent: as many as promised, well formed, provable, none twice."""

import re
from collections import Counter
from pathlib import Path

import pytest

from spectron_extraction.ontology import Ontology
from tests.benchmarks.evidence import load_conversations
from tests.benchmarks.expectations import ANY, Expectation, State, parse
from tests.benchmarks.overlap import holds_words
from tests.benchmarks.written import (
    CHECKS,
    HALVES,
    SECOND,
    Case,
    Change,
    load_cases,
    load_changes,
)

VOICES = {"terse", "chatty", "typos", "lower", "nonnative", "formal"}
CASES = load_cases()
CHANGES = load_changes()
ALL: list[Case | Change] = [*CASES, *CHANGES]
ONTOLOGY = Ontology.load()
# Keys that people would use and the ontology leaves open, such as favourites of a kind.
FREE_KEYS = re.compile(r"favorite_[a-z_]+|cousin|family")


def said(case: Case | Change) -> str:
    return "\n".join(turn.content for session in case.sessions for turn in session)


def expected() -> list[tuple[Case | Change, Expectation]]:
    single = [(case, each) for case in CASES for each in case.expects]
    several = [
        (change, each) for change in CHANGES for lines in change.expects.values() for each in lines
    ]
    return [*single, *several]


def test_there_are_as_many_as_promised() -> None:
    silent = [case for case in CASES if not case.expects]
    assert len(CASES) >= 300
    assert len(silent) >= 100
    assert len(CHANGES) >= 60
    assert all(not each.maybe for case, each in expected() if isinstance(case, Change))


def test_no_case_is_there_twice() -> None:
    ids = Counter(each.id for each in ALL)
    texts = Counter(said(each) for each in ALL)
    assert [name for name, count in ids.items() if count > 1] == []
    assert [text for text, count in texts.items() if count > 1] == []


def test_the_halves_are_of_like_make() -> None:
    for some in (CASES, CHANGES):
        by_half = {half: [each for each in some if each.half == half] for half in HALVES}
        first, second = (by_half[half] for half in HALVES)
        assert abs(len(first) - len(second)) <= 2
        assert {each.voice for each in first} == {each.voice for each in second} == VOICES
        assert {each.kind for each in first} == {each.kind for each in second}


def test_the_second_set_is_large_and_in_all_voices() -> None:
    cases = [case for case in CASES if case.half == SECOND]
    changes = [change for change in CHANGES if change.half == SECOND]
    assert len(cases) >= 120
    assert sum(case.kind != "fact" for case in cases) >= 40
    assert len(changes) >= 30
    assert {each.voice for each in cases} == {each.voice for each in changes} == VOICES


def test_kinds_that_say_nothing_expect_nothing_of_the_user() -> None:
    for case in CASES:
        required = [each for each in case.expects if not each.maybe]
        assert case.kind == "fact" or not required, case.id


def test_keys_are_the_ontologys_and_in_their_category() -> None:
    for case, each in expected():
        for category, keys in each.keys.items():
            for key in keys - {ANY}:
                if FREE_KEYS.fullmatch(key):
                    continue
                known = ONTOLOGY.category(key)
                assert known is not None, f"{case.id}: {key}"
                assert known.value == category, f"{case.id}: {key}"


def test_what_is_expected_was_said() -> None:
    for case, each in expected():
        text = said(case)
        # What may be there may also follow from the words: whoever has a wife is married.
        assert each.maybe or any(holds_words(text, words) for words in each.values), (
            f"{case.id}: {each}"
        )


def test_a_change_takes_several_turns_and_expects_something_known() -> None:
    for change in CHANGES:
        turns = [turn for session in change.sessions for turn in session]
        times = [turn.observed_at for turn in turns]
        assert None not in times
        assert times == sorted(times, key=str), change.id
        assert len(turns) > 1 or change.expects.keys() & {"doubt"}, change.id
        assert change.expects.keys() <= set(CHECKS)
        assert change.expects, change.id
        states = {each.state for lines in change.expects.values() for each in lines}
        assert states == {State.CURRENT}, change.id


@pytest.mark.parametrize(
    "line", ["", "identity:location", "identity=oslo", "IDENTITY:location=oslo", "a:b= ", "maybe"]
)
def test_a_malformed_expectation_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        parse(line)


def test_conversations_with_an_assistant_are_long_and_their_questions_of_all_kinds() -> None:
    halves = {
        half: load_conversations(Path(__file__).parent / "assistant" / half) for half in HALVES
    }
    every = [conversation for half in HALVES for conversation in halves[half]]
    assert len({conversation.id for conversation in every}) == len(every) == 10
    for conversation in every:
        turns = [turn for session in conversation.sessions for turn in session.turns]
        assert 25 <= len(turns) <= 70, conversation.id
        assert len({turn.id for turn in turns}) == len(turns)
        assert len(conversation.questions) >= 12
        first, last = (conversation.sessions[place].started_at for place in (0, -1))
        assert (last - first).days > 150
        assert [each.started_at for each in conversation.sessions] == sorted(
            each.started_at for each in conversation.sessions
        )
        # Whom the assistant answers may be several people; all of them speak for the user.
        assert {turn.speaker for turn in turns} == set(conversation.speakers)
    kinds = {
        half: {question.category for each in halves[half] for question in each.questions}
        for half in HALVES
    }
    assert len(set(map(frozenset, kinds.values()))) == 1
    assert len(kinds[HALVES[0]]) == 13
