"""Examples of the rules about what is not certain: hedges, low confidence and contradictions."""

import pytest

from spectron_server.domain.belief import AttributeStatus, UnknownReason, UnknownResolution
from tests.domain.builders import Memory, day, fact, retraction


def test_a_hedge_keeps_what_is_known_and_raises_a_doubt() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London"))
    outcome = memory.say(day(2), fact("location", "Lisbon", hedged=True))
    assert memory.current("location") == ["London"]
    (doubt,) = outcome.diff.unknowns_raised
    assert (doubt.about, doubt.value, doubt.reason) == ("location", "Lisbon", UnknownReason.HEDGED)
    assert doubt.conflicts_with == memory.rows("location")[0].id
    assert doubt.open
    assert not outcome.diff.changes


def test_the_same_doubt_again_raises_no_second_one() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "Lisbon", hedged=True))
    outcome = memory.say(day(2), fact("location", "lisbon", hedged=True))
    assert outcome.diff.empty
    (doubt,) = memory.beliefs.unknowns
    assert doubt.raised_at == day(2)


@pytest.mark.parametrize(
    ("value", "resolution"),
    [
        ("Lisbon", UnknownResolution.ACCEPTED),
        ("London", UnknownResolution.DISMISSED),
        ("Oslo", UnknownResolution.DISMISSED),
    ],
)
def test_a_later_plain_statement_settles_a_doubt(value: str, resolution: UnknownResolution) -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London"))
    memory.say(day(2), fact("location", "Lisbon", hedged=True))
    outcome = memory.say(day(3), fact("location", value))
    (doubt,) = outcome.diff.unknowns_resolved
    assert (doubt.resolution, doubt.resolved_at) == (resolution, day(3))
    assert memory.current("location") == [value]


def test_a_plain_statement_does_not_settle_a_doubt_of_its_own_turn() -> None:
    memory = Memory()
    memory.say(
        day(1),
        fact("location", "Lisbon", hedged=True),
        fact("location", "London", start=20),
    )
    assert memory.current("location") == ["London"]
    assert [doubt.open for doubt in memory.beliefs.unknowns] == [True]


def test_a_doubt_that_comes_late_is_settled_by_what_was_said_after_it() -> None:
    memory = Memory()
    memory.say(day(5), fact("location", "London"))
    memory.say(day(3), fact("location", "Lisbon", hedged=True))
    (doubt,) = memory.beliefs.unknowns
    assert (doubt.resolution, doubt.resolved_at) == (UnknownResolution.DISMISSED, day(5))


def test_a_doubt_about_one_of_many_is_not_settled_by_another() -> None:
    memory = Memory()
    memory.say(day(1), fact("likes", "climbing", hedged=True))
    memory.say(day(2), fact("likes", "tea"))
    assert [doubt.open for doubt in memory.beliefs.unknowns] == [True]
    memory.say(day(3), fact("likes", "climbing"))
    assert [doubt.resolution for doubt in memory.beliefs.unknowns] == [UnknownResolution.ACCEPTED]


def test_low_confidence_does_not_overrule() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London"))
    outcome = memory.say(day(2), fact("location", "Oslo", confidence=0.6, change=True))
    assert memory.current("location") == ["London"]
    assert [doubt.reason for doubt in outcome.diff.unknowns_raised] == [
        UnknownReason.LOW_CONFIDENCE
    ]


def test_much_less_confidence_than_the_belief_needs_words_of_change() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London", confidence=1.0))
    memory.say(day(2), fact("location", "Oslo", confidence=0.75))
    assert memory.current("location") == ["London"]
    memory.say(day(3), fact("location", "Oslo", confidence=0.75, change=True))
    assert memory.current("location") == ["Oslo"]


def test_exactly_the_margin_less_is_enough() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London", confidence=0.9))
    memory.say(day(2), fact("location", "Oslo", confidence=0.7))
    assert memory.current("location") == ["Oslo"]


def test_half_a_confidence_is_believed_where_nothing_else_is_known() -> None:
    memory = Memory()
    memory.say(
        day(1), fact("location", "Oslo", confidence=0.5), fact("role", "vet", confidence=0.4)
    )
    assert memory.current("location") == ["Oslo"]
    assert memory.current("role") == []
    assert [doubt.about for doubt in memory.beliefs.unknowns] == ["role"]


def test_two_plain_values_in_one_moment_are_a_contradiction() -> None:
    memory = Memory()
    outcome = memory.say(day(1), fact("location", "London"), fact("location", "Oslo", start=30))
    (row,) = memory.rows("location")
    assert (row.value, row.status) == ("London", AttributeStatus.DISPUTED)
    (doubt,) = outcome.diff.unknowns_raised
    assert (doubt.value, doubt.reason) == ("Oslo", UnknownReason.CONTRADICTION)
    assert doubt.conflicts_with == row.id


@pytest.mark.parametrize("value", ["London", "Oslo", "Rome"])
def test_a_later_statement_ends_a_contradiction(value: str) -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London"), fact("location", "Oslo", start=30))
    memory.say(day(2), fact("location", value))
    (current,) = [row for row in memory.rows("location") if row.current]
    assert (current.value, current.status) == (value, AttributeStatus.ACTIVE)
    assert [doubt.resolution for doubt in memory.beliefs.unknowns] == [
        UnknownResolution.ACCEPTED if value == "Oslo" else UnknownResolution.DISMISSED
    ]


def test_a_correction_within_a_turn_is_no_contradiction() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "Oslo"), fact("location", "Bergen", start=30, change=True))
    assert memory.current("location") == ["Bergen"]
    assert memory.beliefs.unknowns == []


def test_a_negation_dismisses_a_doubt_about_its_value() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London"), fact("location", "Oslo", start=30))
    memory.say(day(2), retraction("location", "Oslo"))
    assert [doubt.resolution for doubt in memory.beliefs.unknowns] == [UnknownResolution.DISMISSED]
    assert [row.status for row in memory.rows()] == [AttributeStatus.ACTIVE]


def test_a_turn_may_end_a_belief_and_raise_a_doubt_about_the_same_value() -> None:
    memory = Memory()
    memory.say(day(1), fact("plan", "retire in June"))
    said = (fact("plan", "retire in June", hedged=True), retraction("plan", "retire in June"))
    memory.say(day(5), *said, turn="turn:doubting")
    assert memory.current("plan") == []
    assert [doubt.open for doubt in memory.beliefs.unknowns] == [True]
    assert memory.say(day(5), *said, turn="turn:doubting").empty


def test_what_is_only_to_come_is_a_doubt() -> None:
    memory = Memory()
    memory.say(day(1), fact("employer", "Hooli"))
    memory.say(day(2), fact("employer", "Acme", valid_from=day(30)))
    assert memory.current("employer") == ["Hooli"]
    assert [doubt.value for doubt in memory.beliefs.unknowns] == ["Acme"]
