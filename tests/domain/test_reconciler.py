"""Examples of the rules about what is stated plainly, the guides' among them."""

import pytest

from spectron_extraction.protocol import EntityRef, Proposals
from spectron_server.domain.belief import (
    AttributeStatus,
    Beliefs,
    ChangeAction,
    Diff,
)
from spectron_server.domain.reconciler import reconcile
from tests.domain.builders import ALICE, NOW, ONTOLOGY, Ids, Memory, day, fact, retraction


def _actions(diff: Diff) -> list[tuple[ChangeAction, str, str | None]]:
    return [
        (change.action, change.attribute.value, change.previous_value) for change in diff.changes
    ]


def test_a_first_value_is_added_with_its_evidence() -> None:
    memory = Memory()
    outcome = memory.say(day(1), fact("employer", "Acme Corp"), turn="turn:a")
    assert _actions(outcome.diff) == [(ChangeAction.ADDED, "Acme Corp", None)]
    (row,) = memory.rows()
    assert row.evidence is not None
    assert row.evidence.turn_id == "turn:a"
    assert (row.valid_from, row.valid_until) == (day(1), None)
    assert (row.last_validated_at, row.recorded_at) == (day(1), NOW)
    assert outcome.new_ids == {row.id}


def test_moving_from_berlin_to_london_tells_of_berlin_though_it_was_not_known() -> None:
    memory = Memory()
    outcome = memory.say(day(1), fact("location", "London", change=True, previous_value="Berlin"))
    assert _actions(outcome.diff) == [(ChangeAction.UPDATED, "London", "Berlin")]
    assert memory.history("location") == [
        ("Berlin", 1, 1, "superseded"),
        ("London", 1, None, "active"),
    ]
    berlin, london = memory.rows("location")
    assert (berlin.superseded_by, london.supersedes) == (london.id, berlin.id)


def test_moving_from_berlin_to_london_supersedes_the_berlin_that_was_known() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "Berlin"))
    outcome = memory.say(day(3), fact("location", "London", change=True, previous_value="Berlin"))
    assert _actions(outcome.diff) == [(ChangeAction.UPDATED, "London", "Berlin")]
    assert memory.history("location") == [
        ("Berlin", 1, 3, "superseded"),
        ("London", 3, None, "active"),
    ]
    assert outcome.new_ids == {memory.rows("location")[1].id}


def test_a_previous_value_other_than_the_known_one_is_kept_beside_it() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "Paris"))
    memory.say(day(3), fact("location", "London", change=True, previous_value="Berlin"))
    assert memory.history("location") == [
        ("Paris", 1, 3, "superseded"),
        ("Berlin", 3, 3, "superseded"),
        ("London", 3, None, "active"),
    ]


def test_a_previous_value_is_kept_though_the_new_one_was_known() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London"))
    outcome = memory.say(day(1), fact("location", "London", previous_value="Berlin"))
    assert _actions(outcome.diff) == [(ChangeAction.BACKFILLED, "Berlin", None)]
    assert memory.current("location") == ["London"]


def test_a_backend_engineer_becomes_a_platform_engineer() -> None:
    memory = Memory()
    memory.say(day(1), fact("employer", "Acme Corp"), fact("role", "backend engineer"))
    memory.say(day(3), fact("response_style", "concise"))
    outcome = memory.say(day(5), fact("role", "platform engineer", change=True, confidence=0.8))
    assert _actions(outcome.diff) == [
        (ChangeAction.UPDATED, "platform engineer", "backend engineer")
    ]
    assert memory.current("role") == ["platform engineer"]
    assert memory.current("employer") == ["Acme Corp"]
    assert memory.current("response_style") == ["concise"]
    old, new = memory.rows("role")
    assert old.status is AttributeStatus.SUPERSEDED
    assert (old.superseded_by, new.supersedes) == (new.id, old.id)
    assert old.valid_until == new.valid_from == day(5)


def test_the_same_value_in_other_words_confirms() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "New York", confidence=0.8))
    outcome = memory.say(day(4), fact("location", "NYC", confidence=0.9))
    assert _actions(outcome.diff) == [(ChangeAction.CONFIRMED, "New York", None)]
    (row,) = memory.rows()
    assert row.confidence == pytest.approx(0.8 + 0.2 * 0.3 * 0.9)
    assert row.last_validated_at == day(4)
    assert outcome.new_ids == frozenset()


def test_values_of_a_key_that_takes_many_stand_side_by_side() -> None:
    memory = Memory()
    memory.say(day(1), fact("likes", "tea"))
    outcome = memory.say(day(2), fact("likes", "hiking"))
    assert _actions(outcome.diff) == [(ChangeAction.ADDED, "hiking", None)]
    assert memory.current("likes") == ["tea", "hiking"]


def test_a_value_of_a_key_that_takes_many_replaces_the_one_it_is_said_to_replace() -> None:
    memory = Memory()
    memory.say(day(1), fact("tool", "vim"), fact("tool", "tmux"))
    outcome = memory.say(day(2), fact("tool", "emacs", previous_value="vim"))
    assert _actions(outcome.diff) == [(ChangeAction.UPDATED, "emacs", "vim")]
    assert memory.current("tool") == ["tmux", "emacs"]


def test_a_turn_does_not_end_a_value_that_it_states_itself() -> None:
    memory = Memory()
    memory.say(day(0), fact("tool", "vim"))
    said = [fact("tool", "emacs", previous_value="vim"), fact("tool", "vim", start=9)]
    memory.say(day(1), *said, turn="turn:a")
    assert memory.current("tool") == ["emacs", "vim"]
    assert memory.say(day(1), *said, turn="turn:a").empty


def test_a_negation_expires_the_belief() -> None:
    memory = Memory()
    memory.say(day(1), fact("employer", "Hooli"))
    outcome = memory.say(day(5), retraction("employer", "Hooli"))
    assert _actions(outcome.diff) == [(ChangeAction.EXPIRED, "Hooli", None)]
    assert memory.history("employer") == [("Hooli", 1, 5, "expired")]


def test_a_negation_of_something_else_or_something_newer_changes_nothing() -> None:
    memory = Memory()
    memory.say(day(5), fact("employer", "Acme"))
    assert memory.say(day(6), retraction("employer", "Hooli")).empty
    assert memory.say(day(4), retraction("employer", "Acme")).empty
    assert memory.say(day(6), retraction("location")).empty
    assert memory.current("employer") == ["Acme"]


def test_quitting_and_joining_in_one_turn_is_a_supersession() -> None:
    memory = Memory()
    memory.say(day(1), fact("employer", "Hooli"))
    outcome = memory.say(day(5), retraction("employer"), fact("employer", "Acme", start=30))
    assert _actions(outcome.diff) == [(ChangeAction.UPDATED, "Acme", "Hooli")]
    assert memory.current("employer") == ["Acme"]


def test_a_value_that_ended_can_come_back() -> None:
    memory = Memory()
    memory.say(day(1), fact("employer", "Hooli"))
    memory.say(day(2), retraction("employer"))
    memory.say(day(3), fact("employer", "Hooli"))
    assert memory.history("employer") == [("Hooli", 1, 2, "expired"), ("Hooli", 3, None, "active")]


def test_a_late_turn_takes_its_place_in_the_past() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "Berlin"))
    memory.say(day(9), fact("location", "London"))
    outcome = memory.say(day(4), fact("location", "Paris"))
    assert _actions(outcome.diff) == [(ChangeAction.BACKFILLED, "Paris", None)]
    assert memory.history("location") == [
        ("Berlin", 1, 4, "superseded"),
        ("Paris", 4, 9, "superseded"),
        ("London", 9, None, "active"),
    ]
    berlin, paris, london = memory.rows("location")
    assert [berlin.superseded_by, paris.superseded_by] == [paris.id, london.id]
    assert [paris.supersedes, london.supersedes] == [berlin.id, paris.id]


def test_a_late_turn_with_the_first_value_moves_its_start_back() -> None:
    memory = Memory()
    memory.say(day(5), fact("location", "Berlin"))
    outcome = memory.say(day(2), fact("location", "Berlin"))
    assert _actions(outcome.diff) == [(ChangeAction.BACKFILLED, "Berlin", None)]
    assert memory.history("location") == [("Berlin", 2, None, "active")]


def test_a_late_turn_within_a_confirmed_time_is_kept_without_a_length() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "Berlin"))
    memory.say(day(9), fact("location", "Berlin"))
    memory.say(day(4), fact("location", "Paris"))
    assert memory.history("location") == [
        ("Berlin", 1, None, "active"),
        ("Paris", 4, 4, "superseded"),
    ]


def test_a_late_turn_does_not_bring_back_what_ended() -> None:
    memory = Memory()
    memory.say(day(1), fact("employer", "Hooli"))
    memory.say(day(9), retraction("employer"))
    memory.say(day(4), fact("employer", "Acme"))
    assert memory.current("employer") == []
    assert memory.history("employer") == [
        ("Hooli", 1, 4, "superseded"),
        ("Acme", 4, 9, "expired"),
    ]


def test_words_that_tell_a_start_set_it() -> None:
    memory = Memory()
    memory.say(day(5), fact("location", "London", valid_from=day(2)))
    assert memory.history("location") == [("London", 2, None, "active")]


def test_a_start_does_not_reach_behind_what_was_stated_before() -> None:
    memory = Memory()
    memory.say(day(3), fact("location", "Berlin"))
    memory.say(day(6), fact("location", "London", valid_from=day(1)))
    assert memory.current("location") == ["London"]
    assert memory.history("location") == [
        ("Berlin", 3, 3, "superseded"),
        ("London", 3, None, "active"),
    ]


def test_a_statement_about_the_past_never_becomes_current() -> None:
    memory = Memory()
    memory.say(day(9), fact("employer", "Hooli", valid_from=day(1), valid_until=day(4)))
    assert memory.history("employer") == [("Hooli", 1, 4, "expired")]
    memory.say(day(10), fact("employer", "Acme"))
    memory.say(day(11), fact("employer", "Initech", valid_from=day(2), valid_until=day(8)))
    assert memory.history("employer") == [
        ("Hooli", 1, 4, "expired"),
        ("Initech", 4, 8, "superseded"),
        ("Acme", 10, None, "active"),
    ]


def test_a_statement_about_the_past_ends_what_was_believed_until_then() -> None:
    memory = Memory()
    memory.say(day(1), fact("employer", "Hooli"))
    outcome = memory.say(day(9), fact("employer", "Hooli", valid_until=day(4)))
    assert _actions(outcome.diff) == [(ChangeAction.EXPIRED, "Hooli", None)]
    assert memory.history("employer") == [("Hooli", 1, 4, "expired")]


def test_a_past_that_leaves_no_room_is_kept_without_a_length() -> None:
    memory = Memory()
    memory.say(day(1), fact("employer", "Hooli"))
    memory.say(day(9), fact("employer", "Acme", valid_from=day(2), valid_until=day(4)))
    assert memory.history("employer") == [
        ("Hooli", 1, None, "active"),
        ("Acme", 4, 4, "superseded"),
    ]


def test_entities_are_apart_and_their_letter_case_does_not_count() -> None:
    memory = Memory()
    sister = EntityRef(type="Person", name="Aoife")
    memory.say(day(1), fact("role", "vet", entity=sister), fact("role", "engineer"))
    memory.say(day(2), fact("role", "surgeon", entity=EntityRef(type="Person", name="aoife")))
    assert {(row.entity, row.value) for row in memory.rows() if row.current} == {
        (ALICE, "engineer"),
        (sister, "surgeon"),
    }


def test_every_turn_of_a_window_has_a_difference() -> None:
    memory = Memory()
    outcome = memory.apply(
        {"turn:a": day(1), "turn:b": day(2)}, facts=[fact("location", "Oslo", turn="turn:b")]
    )
    assert outcome.diffs["turn:a"].empty
    assert not outcome.diffs["turn:b"].empty


def test_a_proposal_of_another_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="not of the window"):
        reconcile(
            beliefs=Beliefs(),
            proposals=Proposals(facts=(fact("location", "Oslo", turn="turn:x"),)),
            observed={"turn:a": day(1)},
            now=NOW,
            new_id=Ids(),
            ontology=ONTOLOGY,
        )
