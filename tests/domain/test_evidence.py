"""Which proposals are taken."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_extraction.protocol import (
    Category,
    EntityRef,
    Fact,
    Proposals,
    Retraction,
    Role,
    Span,
    WindowTurn,
)
from spectron_server.domain.evidence import (
    MAX_PROPOSALS_PER_TURN,
    MAX_VALUE_LENGTH,
    CheckedProposals,
    DropReason,
    check,
)
from tests.domain.builders import ALICE, ONTOLOGY, day

CONTENT = "I live in Oslo. Yes, in Oslo, and I work at Acme."


def _turn(content: str = CONTENT, role: Role = Role.USER) -> WindowTurn:
    return WindowTurn(id="turn:1", role=role, content=content, observed_at=day(1))


def _fact(**given: object) -> Fact:
    usual = Fact(
        entity=ALICE,
        category=Category.IDENTITY,
        key="location",
        value="Oslo",
        confidence=0.9,
        evidence=Span(turn_id="turn:1", start=0, end=14, quote="I live in Oslo"),
    )
    return replace(usual, **given)  # type: ignore[arg-type]


def _retraction(value: str | None, key: str = "location") -> Retraction:
    return Retraction(entity=ALICE, key=key, value=value, evidence=_fact().evidence)


def _check(*facts: Fact, turn: WindowTurn | None = None) -> CheckedProposals:
    return check(Proposals(facts=facts), {"turn:1": turn or _turn()}, ONTOLOGY)


def _reasons(checked: CheckedProposals) -> dict[DropReason, int]:
    return dict(checked.dropped.get("turn:1", {}))


def test_a_proved_fact_is_taken_as_it_is() -> None:
    checked = _check(_fact())
    assert checked.facts == (_fact(),)
    assert checked.dropped_count("turn:1") == 0


def test_wrong_offsets_are_repaired_to_the_nearest_place() -> None:
    proposed = _fact(evidence=Span(turn_id="turn:1", start=20, end=24, quote="Oslo"))
    (taken,) = _check(proposed).facts
    assert (taken.evidence.start, taken.evidence.end) == (24, 28)
    assert CONTENT[24:28] == "Oslo"


@pytest.mark.parametrize("start", [-5, 0, 7, 10_000])
def test_offsets_out_of_the_text_are_repaired(start: int) -> None:
    proposed = _fact(evidence=Span(turn_id="turn:1", start=start, end=start, quote="Acme"))
    (taken,) = _check(proposed).facts
    assert CONTENT[taken.evidence.start : taken.evidence.end] == "Acme"


@pytest.mark.parametrize("quote", ["I live in Rome", "i live in oslo", "", "  "])
def test_words_that_the_turn_does_not_hold_prove_nothing(quote: str) -> None:
    span = Span(turn_id="turn:1", start=0, end=len(quote), quote=quote)
    checked = _check(_fact(evidence=span))
    assert checked.facts == ()
    assert _reasons(checked) == {DropReason.NO_EVIDENCE: 1}


def test_a_turn_that_is_not_of_the_window_proves_nothing() -> None:
    span = Span(turn_id="turn:9", start=0, end=6, quote="I live")
    checked = _check(_fact(evidence=span))
    assert checked.facts == ()
    assert checked.dropped == {"turn:9": {DropReason.UNKNOWN_TURN: 1}}


@pytest.mark.parametrize(
    ("role", "key", "taken"),
    [
        (Role.USER, "location", True),
        (Role.USER, "likes", True),
        (Role.USER, "response_style", True),
        (Role.USER, "project", True),
        (Role.ASSISTANT, "location", False),
        (Role.ASSISTANT, "likes", False),
        (Role.ASSISTANT, "response_style", False),
        (Role.ASSISTANT, "project", True),
        (Role.SYSTEM, "project", False),
        (Role.SYSTEM, "location", False),
        (Role.TOOL, "project", False),
        (Role.TOOL, "instruction", False),
    ],
)
def test_roles_may_say_only_so_much(role: Role, key: str, *, taken: bool) -> None:
    # The category that the extractor claims does not matter for a known key.
    checked = _check(_fact(key=key, category=Category.CONTEXT), turn=_turn(role=role))
    assert bool(checked.facts) is taken
    assert _reasons(checked) == ({} if taken else {DropReason.ROLE_NOT_ALLOWED: 1})


def test_a_key_that_is_not_known_keeps_its_category_and_so_its_role_rule() -> None:
    assistant = _turn(role=Role.ASSISTANT)
    identity = _fact(key="shoe_size", category=Category.IDENTITY)
    context = _fact(key="sprint_goal", category=Category.CONTEXT)
    (taken,) = _check(identity, context, turn=assistant).facts
    assert (taken.key, taken.category) == ("sprint_goal", Category.CONTEXT)


def test_keys_and_categories_become_those_of_the_ontology() -> None:
    (taken,) = _check(_fact(key="City", category=Category.KNOWLEDGE)).facts
    assert (taken.key, taken.category) == ("location", Category.IDENTITY)
    (taken,) = _check(_fact(key="Shoe Size (EU)", category=Category.IDENTITY)).facts
    assert (taken.key, taken.category) == ("shoe_size_eu", Category.IDENTITY)


def test_a_doubt_becomes_a_hedged_fact_of_another_category() -> None:
    (known, other) = _check(
        _fact(category=Category.UNKNOWNS), _fact(key="shoe_size", category=Category.UNKNOWNS)
    ).facts
    assert (known.category, known.hedged) == (Category.IDENTITY, True)
    assert (other.category, other.hedged) == (Category.KNOWLEDGE, True)


@pytest.mark.parametrize(
    ("confidence", "kept"), [(1.7, 1.0), (-3.0, 0.0), (float("nan"), 0.0), (0.4, 0.4)]
)
def test_confidence_is_clamped(confidence: float, kept: float) -> None:
    (taken,) = _check(_fact(confidence=confidence)).facts
    assert taken.confidence == kept


def test_values_are_trimmed_and_bounded() -> None:
    (taken,) = _check(_fact(value="  Os\x00lo\ud800 \n")).facts
    assert taken.value == "Oslo"
    (taken,) = _check(_fact(value="ab " * 2_000)).facts
    assert len(taken.value) <= MAX_VALUE_LENGTH
    checked = _check(_fact(value=" \x00\n"), _fact(entity=EntityRef(type="Person", name=" ")))
    assert checked.facts == ()
    assert _reasons(checked) == {DropReason.EMPTY: 2}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("wifi_password", "hunter2"),
        ("note", "the password is hunter2"),
        ("tool", "key sk-abcdefghijklmnopqrstuvwx"),
        ("note", "card 4111 1111 1111 1111"),
    ],
)
def test_secrets_are_dropped_and_counted(key: str, value: str) -> None:
    checked = _check(_fact(key=key, value=value))
    assert checked.facts == ()
    assert _reasons(checked) == {DropReason.SECRET: 1}


def test_a_secret_is_not_kept_as_previous_value() -> None:
    (taken,) = _check(_fact(previous_value="sk-abcdefghijklmnopqrstuvwx")).facts
    assert taken.previous_value is None


def test_times_are_made_comparable() -> None:
    begin, end = datetime(2020, 1, 1), datetime(2021, 1, 1, tzinfo=UTC)  # noqa: DTZ001
    (taken,) = _check(_fact(valid_from=begin, valid_until=end)).facts
    assert taken.valid_from == datetime(2020, 1, 1, tzinfo=UTC)
    (taken,) = _check(_fact(valid_from=end, valid_until=begin)).facts
    assert (taken.valid_from, taken.valid_until) == (None, datetime(2020, 1, 1, tzinfo=UTC))


def test_retractions_are_checked_likewise() -> None:
    proposals = Proposals(
        retractions=(_retraction("Oslo", "city"), _retraction(None), _retraction(" "))
    )
    checked = check(proposals, {"turn:1": _turn()}, ONTOLOGY)
    assert [(found.key, found.value) for found in checked.retractions] == [
        ("location", "Oslo"),
        ("location", None),
    ]
    assert _reasons(checked) == {DropReason.EMPTY: 1}
    assistant = check(proposals, {"turn:1": _turn(role=Role.ASSISTANT)}, ONTOLOGY)
    assert assistant.retractions == ()


def test_the_proposals_of_a_turn_are_bounded() -> None:
    checked = _check(*[_fact()] * (MAX_PROPOSALS_PER_TURN + 3))
    assert len(checked.facts) == MAX_PROPOSALS_PER_TURN
    assert _reasons(checked) == {DropReason.TOO_MANY: 3}


@given(
    content=st.text(max_size=60),
    quote=st.text(max_size=8),
    start=st.integers(-10, 80),
    key=st.text(max_size=80),
    value=st.text(max_size=40),
)
def test_whatever_is_taken_is_proved_and_within_bounds(
    content: str, quote: str, start: int, key: str, value: str
) -> None:
    proposed = _fact(
        evidence=Span(turn_id="turn:1", start=start, end=start, quote=quote), key=key, value=value
    )
    checked = _check(proposed, turn=_turn(content))
    assert len(checked.facts) + checked.dropped_count("turn:1") == 1
    for taken in checked.facts:
        assert content[taken.evidence.start : taken.evidence.end] == quote
        assert 1 <= len(taken.key) <= 64
        assert taken.key == ONTOLOGY.canonical(taken.key)
        assert 1 <= len(taken.value) <= MAX_VALUE_LENGTH
        taken.value.encode()
