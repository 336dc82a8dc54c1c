"""Facts and reviews that come from an application."""

from datetime import timedelta

import pytest

from spectron_extraction.protocol import Category
from spectron_server.domain.belief import AttributeStatus, ChangeAction, UnknownResolution
from spectron_server.domain.direct import (
    NO_TURN,
    DirectFact,
    accept_unknown,
    dismiss_unknown,
    reconcile_direct,
)
from spectron_server.domain.errors import (
    InvalidFieldError,
    UnknownAlreadyResolvedError,
    UnknownNotFoundError,
)
from spectron_server.domain.outcome import Outcome
from tests.domain.builders import ALICE, NOW, ONTOLOGY, Memory, day, fact


def _record(memory: Memory, value: str, **given: object) -> Outcome:
    valid_from = given.get("valid_from")
    outcome = reconcile_direct(
        beliefs=memory.beliefs,
        fact=DirectFact(
            entity=ALICE,
            category=Category.IDENTITY,
            key="location",
            value=value,
            valid_from=valid_from,  # type: ignore[arg-type]
        ),
        now=NOW,
        new_id=memory.new_id,
        ontology=ONTOLOGY,
    )
    memory.keep(outcome)
    return outcome


def _disputed() -> Memory:
    memory = Memory()
    memory.say(day(1), fact("location", "London"), fact("location", "Oslo", start=30))
    return memory


def test_a_direct_fact_needs_no_evidence_and_supersedes() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "Berlin", confidence=1.0))
    outcome = _record(memory, "London")
    (change,) = outcome.diffs[NO_TURN].changes
    assert (change.action, change.previous_value) == (ChangeAction.UPDATED, "Berlin")
    assert change.attribute.evidence is None
    assert change.attribute.confidence == 1.0
    assert memory.current("location") == ["London"]


def test_a_direct_fact_again_confirms() -> None:
    memory = Memory()
    _record(memory, "London")
    outcome = _record(memory, "London")
    assert [change.action for change in outcome.diff.changes] == [ChangeAction.CONFIRMED]
    assert len(memory.rows()) == 1


def test_a_direct_fact_overrules_a_turn_that_is_dated_ahead() -> None:
    memory = Memory()
    memory.say(NOW + timedelta(minutes=4), fact("location", "Berlin"))
    _record(memory, "London")
    assert memory.current("location") == ["London"]


def test_a_direct_fact_may_have_begun_earlier_but_not_later() -> None:
    memory = Memory()
    _record(memory, "London", valid_from=day(1))
    assert memory.history("location") == [("London", 1, None, "active")]
    with pytest.raises(InvalidFieldError, match="future"):
        _record(memory, "Oslo", valid_from=NOW + timedelta(days=1))


@pytest.mark.parametrize("value", ["Oslo", "London", "Rome"])
def test_accepting_a_value_settles_the_doubt_and_the_belief(value: str) -> None:
    memory = _disputed()
    (doubt,) = memory.beliefs.unknowns
    outcome = accept_unknown(
        beliefs=memory.beliefs,
        unknown_id=doubt.id,
        value=value,
        now=NOW,
        new_id=memory.new_id,
        ontology=ONTOLOGY,
    )
    memory.keep(outcome)
    (current,) = [row for row in memory.rows() if row.current]
    assert (current.value, current.status) == (value, AttributeStatus.ACTIVE)
    (settled,) = outcome.diff.unknowns_resolved
    assert (settled.resolution, settled.resolved_at) == (UnknownResolution.ACCEPTED, NOW)
    assert (current.evidence is not None) is (value != "Rome")


def test_dismissing_a_doubt_leaves_the_belief_undisputed() -> None:
    memory = _disputed()
    (doubt,) = memory.beliefs.unknowns
    outcome = dismiss_unknown(
        beliefs=memory.beliefs,
        unknown_id=doubt.id,
        now=NOW,
        new_id=memory.new_id,
        ontology=ONTOLOGY,
    )
    memory.keep(outcome)
    assert [(row.value, row.status) for row in memory.rows()] == [
        ("London", AttributeStatus.ACTIVE)
    ]
    assert [found.resolution for found in memory.beliefs.unknowns] == [UnknownResolution.DISMISSED]
    assert not outcome.diff.changes


def test_a_belief_stays_disputed_while_another_contradiction_is_open() -> None:
    memory = Memory()
    memory.say(
        day(1),
        fact("location", "London"),
        fact("location", "Oslo", start=30),
        fact("location", "Rome", start=60),
    )
    memory.keep(
        dismiss_unknown(
            beliefs=memory.beliefs,
            unknown_id=memory.beliefs.unknowns[0].id,
            now=NOW,
            new_id=memory.new_id,
            ontology=ONTOLOGY,
        )
    )
    assert [row.status for row in memory.rows()] == [AttributeStatus.DISPUTED]


def test_a_doubt_is_settled_once_and_must_exist() -> None:
    memory = _disputed()
    (doubt,) = memory.beliefs.unknowns
    arguments = {"now": NOW, "new_id": memory.new_id, "ontology": ONTOLOGY}
    with pytest.raises(UnknownNotFoundError):
        dismiss_unknown(beliefs=memory.beliefs, unknown_id="unknown:none", **arguments)  # type: ignore[arg-type]
    memory.keep(dismiss_unknown(beliefs=memory.beliefs, unknown_id=doubt.id, **arguments))  # type: ignore[arg-type]
    with pytest.raises(UnknownAlreadyResolvedError):
        accept_unknown(
            beliefs=memory.beliefs,
            unknown_id=doubt.id,
            value="Oslo",
            **arguments,  # type: ignore[arg-type]
        )
