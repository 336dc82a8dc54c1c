"""What holds of beliefs whatever is said, and in whatever order it is learned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from spectron_extraction.protocol import Fact, Retraction
from spectron_server.domain.belief import Attribute, AttributeStatus
from tests.domain.builders import START, Memory, day, fact, retraction

ONE = ("location", "employer")
MANY = ("likes", "tool")
VALUES = ("Alpha", "Beta", "Gamma")
MOMENTS = 7


@dataclass(frozen=True)
class Said:
    """A turn: what it says and when."""

    turn: str
    moment: int
    facts: tuple[Fact, ...]
    retractions: tuple[Retraction, ...]


def _moments() -> st.SearchStrategy[int]:
    return st.integers(min_value=1, max_value=MOMENTS)


@st.composite
def _facts(draw: st.DrawFn, turn: str, moment: int, keys: Sequence[str]) -> Fact:
    value = draw(st.sampled_from(VALUES))
    shape = draw(
        st.sampled_from(
            ["plain"] * 4 + ["change", "previous", "hedged", "unsure", "since", "past", "future"]
        )
    )
    found = fact(
        draw(st.sampled_from(keys)),
        value,
        turn=turn,
        start=draw(st.integers(0, 3)),
        confidence=draw(st.sampled_from([0.9, 0.9, 0.95, 0.75])),
    )
    end = draw(st.integers(0, moment + 1))
    begin = draw(st.none() | st.integers(0, end))
    shapes: dict[str, Fact] = {
        "plain": found,
        "change": replace(found, change=True),
        "previous": replace(found, previous_value=draw(st.sampled_from(VALUES))),
        "hedged": replace(found, hedged=True),
        "unsure": replace(found, confidence=draw(st.sampled_from([0.3, 0.55, 0.65]))),
        "since": replace(found, valid_from=day(draw(st.integers(0, moment)))),
        "future": replace(found, valid_from=day(moment + 3)),
        "past": replace(
            found, valid_from=None if begin is None else day(begin), valid_until=day(end)
        ),
    }
    return shapes[shape]


@st.composite
def _turns(
    draw: st.DrawFn, *, keys: Sequence[str] = ONE + MANY, retract: bool = True
) -> list[Said]:
    turns = []
    for position in range(draw(st.integers(1, 7))):
        turn = f"turn:{position}"
        moment = draw(_moments())
        facts = draw(st.lists(_facts(turn, moment, keys), max_size=3))
        retractions = []
        if retract and draw(st.integers(0, 3)) == 0:
            value = draw(st.none() | st.sampled_from(VALUES))
            retractions.append(retraction(draw(st.sampled_from(keys)), value, turn=turn, start=2))
        turns.append(
            Said(turn=turn, moment=moment, facts=tuple(facts), retractions=tuple(retractions))
        )
    return turns


def _window(memory: Memory, turns: Sequence[Said]) -> None:
    memory.apply(
        {said.turn: day(said.moment) for said in turns},
        facts=[found for said in turns for found in said.facts],
        retractions=[found for said in turns for found in said.retractions],
    )


def _one_by_one(turns: Sequence[Said]) -> Memory:
    memory = Memory()
    for said in turns:
        _window(memory, [said])
    return memory


def _slots(memory: Memory) -> dict[str, list[Attribute]]:
    slots: dict[str, list[Attribute]] = {}
    for row in memory.beliefs.attributes:
        slots.setdefault(row.key, []).append(row)
    return slots


@given(_turns())
def test_no_value_is_lost(turns: list[Said]) -> None:
    memory = Memory()
    for said in turns:
        before = {row.id: row for row in memory.beliefs.attributes}
        _window(memory, [said])
        after = {row.id: row for row in memory.beliefs.attributes}
        for row_id, row in before.items():
            assert after[row_id].value == row.value
            assert after[row_id].key == row.key
            assert after[row_id].valid_from <= row.valid_from
            assert after[row_id].last_validated_at >= row.last_validated_at
    rows = {(row.key, row.value) for row in memory.beliefs.attributes}
    doubts = {(doubt.about, doubt.value) for doubt in memory.beliefs.unknowns}
    for found in (found for said in turns for found in said.facts):
        assert (found.key, found.value) in rows | doubts
        plain = not found.hedged and found.confidence >= 0.9
        if plain and found.previous_value is not None:
            assert (found.key, found.previous_value) in rows


@given(_turns(keys=ONE))
def test_a_plain_value_stands_in_its_chain_or_contradicts_it(turns: list[Said]) -> None:
    memory = _one_by_one(turns)
    rows = {(row.key, row.value) for row in memory.beliefs.attributes}
    contradictions = {
        (doubt.about, doubt.value)
        for doubt in memory.beliefs.unknowns
        if doubt.reason.value == "contradiction"
    }
    for said in turns:
        for found in said.facts:
            future = found.valid_from is not None and found.valid_from > day(said.moment + 1)
            if not found.hedged and found.confidence >= 0.9 and not future:
                assert (found.key, found.value) in rows | contradictions


@given(_turns())
def test_one_value_of_a_key_holds_at_a_time(turns: list[Said]) -> None:
    memory = _one_by_one(turns)
    for rows in _slots(memory).values():
        one = rows[0].key in ONE
        moments = {START + timedelta(hours=12 * step) for step in range(2 * MOMENTS + 12)}
        moments |= {row.valid_from for row in rows}
        for moment in moments:
            holding = [row.value for row in rows if row.holds_at(moment)]
            assert len(holding) == len(set(holding))
            assert not one or len(holding) <= 1
        current = [row for row in rows if row.current]
        assert not one or len(current) <= 1


@given(_turns())
def test_rows_and_links_are_consistent(turns: list[Said]) -> None:
    memory = _one_by_one(turns)
    rows = {row.id: row for row in memory.beliefs.attributes}
    for row in rows.values():
        assert row.current == (row.valid_until is None)
        assert row.valid_until is None or row.valid_from <= row.valid_until
        assert row.valid_from <= row.last_validated_at
        assert (row.status is AttributeStatus.SUPERSEDED) == (row.superseded_by is not None)
        assert 0 <= row.confidence <= 1
        if row.superseded_by is not None:
            following = rows[row.superseded_by]
            assert following.supersedes == row.id
            assert (following.entity, following.key) == (row.entity, row.key)
        if row.supersedes is not None:
            assert rows[row.supersedes].superseded_by == row.id
        seen = {row.id}
        following_id = row.superseded_by
        while following_id is not None:
            assert following_id not in seen
            seen.add(following_id)
            following_id = rows[following_id].superseded_by


@given(_turns(keys=ONE))
def test_a_chain_runs_forward_in_time(turns: list[Said]) -> None:
    memory = _one_by_one(turns)
    rows = {row.id: row for row in memory.beliefs.attributes}
    for first in rows.values():
        last_end = first.valid_until
        row = first
        while row.superseded_by is not None:
            row = rows[row.superseded_by]
            lasting = row.valid_until is None or row.valid_from < row.valid_until
            if lasting and first.valid_until is not None and first.valid_from < first.valid_until:
                assert last_end is not None
                assert last_end <= row.valid_from
                last_end = row.valid_until


@given(_turns())
def test_disputes_have_an_open_contradiction(turns: list[Said]) -> None:
    memory = _one_by_one(turns)
    contradicted = {
        doubt.conflicts_with
        for doubt in memory.beliefs.unknowns
        if doubt.open and doubt.reason.value == "contradiction"
    }
    for row in memory.beliefs.attributes:
        if row.status is AttributeStatus.DISPUTED:
            assert row.id in contradicted
        if row.status is AttributeStatus.ACTIVE:
            assert row.id not in contradicted


@settings(max_examples=300)
@given(_turns(), st.data())
def test_applying_an_extraction_again_changes_nothing(
    turns: list[Said], data: st.DataObject
) -> None:
    memory = Memory()
    windows = []
    rest = turns
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        windows.append(rest[:size])
        rest = rest[size:]
    for window in windows:
        _window(memory, window)
        outcome = memory.apply(
            {said.turn: day(said.moment) for said in window},
            facts=[found for said in window for found in said.facts],
            retractions=[found for said in window for found in said.retractions],
        )
        assert outcome.empty
        assert outcome.new_ids == frozenset()
        assert list(outcome.diffs) == [said.turn for said in window]
        assert all(diff.empty for diff in outcome.diffs.values())


@settings(max_examples=300)
@given(_turns())
def test_applying_all_of_history_again_changes_nothing(turns: list[Said]) -> None:
    memory = _one_by_one(turns)
    outcome = memory.apply(
        {said.turn: day(said.moment) for said in turns},
        facts=[found for said in turns for found in said.facts],
        retractions=[found for said in turns for found in said.retractions],
    )
    assert outcome.empty


@given(_turns())
def test_one_window_gives_the_same_as_one_by_one(turns: list[Said]) -> None:
    together = Memory()
    _window(together, turns)
    apart = _one_by_one(turns)
    assert sorted(together.beliefs.attributes, key=lambda row: row.id) == sorted(
        apart.beliefs.attributes, key=lambda row: row.id
    )
    assert sorted(together.beliefs.unknowns, key=lambda row: row.id) == sorted(
        apart.beliefs.unknowns, key=lambda row: row.id
    )


@given(_turns())
def test_the_order_of_rows_does_not_matter(turns: list[Said]) -> None:
    straight, reversed_ = Memory(), Memory()
    for said in turns:
        _window(straight, [said])
        _window(reversed_, [said])
        reversed_.beliefs = replace(
            reversed_.beliefs,
            attributes=list(reversed_.beliefs.attributes)[::-1],
            unknowns=list(reversed_.beliefs.unknowns)[::-1],
        )
    assert sorted(straight.beliefs.attributes, key=lambda row: row.id) == sorted(
        reversed_.beliefs.attributes, key=lambda row: row.id
    )


@given(st.permutations(range(1, 7)), st.lists(st.sampled_from(VALUES), min_size=6, max_size=6))
def test_the_newest_statement_is_believed_in_whatever_order(
    moments: list[int], values: list[str]
) -> None:
    memory = Memory()
    for position, (moment, value) in enumerate(zip(moments, values, strict=True)):
        memory.say(day(moment), fact("location", value))
        newest = max(moments[: position + 1])
        assert memory.current("location") == [values[moments.index(newest)]]
        (row,) = [row for row in memory.rows("location") if row.current]
        assert row.last_validated_at == day(newest)


@given(_turns(), st.sampled_from(ONE + MANY))
def test_a_retraction_leaves_no_current_value(turns: list[Said], key: str) -> None:
    memory = _one_by_one(turns)
    memory.say(day(MOMENTS + 1), retraction(key))
    assert memory.current(key) == []


@given(st.permutations(range(1, 7)))
def test_a_chain_in_any_order_holds_what_was_said_when(moments: list[int]) -> None:
    # Every moment has a value of its own, so that the true history is known.
    memory = Memory()
    for moment in moments:
        memory.say(day(moment), fact("location", f"Place {moment}"))
    assert memory.history("location") == [
        (f"Place {moment}", moment, moment + 1 if moment < 6 else None, status)
        for moment, status in zip(range(1, 7), ["superseded"] * 5 + ["active"], strict=True)
    ]
