"""How a question finds facts: beside the turns they came from, at which time, and as lists."""

from typing import Any

import pytest

from spectron_server.index.hits import MAX_LISTED
from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import search
from tests.index.asking import FILLER, ids, index_of
from tests.index.builders import NOW, EmbeddedItem, axis, belief, between, day, fact, turn


def test_ended_facts_are_left_out_unless_asked_for() -> None:
    index = index_of(
        fact("fact:berlin", "Alice lives in Berlin.", observed_at=day(1), valid_until=day(10)),
        fact("fact:london", "Alice lives in London.", observed_at=day(10)),
        fact("fact:later", "Alice rents until summer.", valid_until=day(500)),
    )
    question = "Where does Alice live?"
    assert set(ids(question, index)) == {"fact:london", "fact:later"}
    assert set(ids(question, index, include_history=True)) == {
        "fact:berlin",
        "fact:london",
        "fact:later",
    }
    assert set(ids(question, index, now=day(500))) == {"fact:london"}


def test_as_of_looks_back() -> None:
    index = index_of(
        fact("fact:berlin", "Alice lives in Berlin.", observed_at=day(1), valid_until=day(10)),
        fact("fact:london", "Alice lives in London.", observed_at=day(10)),
        turn("turn:1", "I live in Berlin.", observed_at=day(1)),
        turn("turn:2", "I just moved to London.", observed_at=day(10)),
    )
    question = "Where does Alice live?"
    assert ids(question, index, as_of=day(0)) == []
    assert set(ids(question, index, as_of=day(1))) == {"fact:berlin", "turn:1"}
    assert set(ids(question, index, as_of=day(9))) == {"fact:berlin", "turn:1"}
    assert set(ids(question, index, as_of=day(10))) == {"fact:london", "turn:1", "turn:2"}
    everything = {"fact:berlin", "fact:london", "turn:1", "turn:2"}
    assert set(ids(question, index, as_of=day(10), include_history=True)) == everything


@pytest.mark.parametrize("turn_first", [True, False])
def test_a_fact_takes_the_place_of_the_sentence_that_it_came_from(*, turn_first: bool) -> None:
    sentence = turn("turn:1", "I live in Lisbon with my cat.", embedding=axis(0), sequence=1)
    learned = fact(
        "fact:1", "Alice lives in Lisbon.", source="turn:1", embedding=between(9, 0, 0.8)
    )
    items = [sentence, learned] if turn_first else [learned, sentence]
    index = index_of(*FILLER, *items)
    question = "Where do I live?"
    assert ids(question, index, vector=0)[:2] == ["fact:1", "turn:1"]
    [first, second] = search(question, axis(0), [index], top_k=2, now=NOW)
    alone = search(question, axis(0), [index_of(*FILLER, sentence)], top_k=1, now=NOW)[0]
    assert first.score >= alone.score - 0.1 > second.score
    index.remove(["turn:1"])
    found = ids(question, index, vector=0)
    assert "fact:1" in found
    assert "turn:1" not in found


def test_only_the_fact_that_fits_takes_the_place() -> None:
    items = [
        *FILLER,
        turn("turn:1", "I live in Lisbon and my cat is Tom.", embedding=axis(0)),
        fact("fact:cat", "The cat is called Tom.", source="turn:1", embedding=axis(8)),
    ]
    question = "Do I live in Lisbon?"
    assert ids(question, index_of(*items), vector=0)[0] == "turn:1"
    city = fact(
        "fact:city", "Alice lives in Lisbon.", source="turn:1", embedding=between(9, 0, 0.8)
    )
    assert ids(question, index_of(*items, city), vector=0)[:2] == ["fact:city", "turn:1"]


def test_a_fact_takes_the_place_of_a_turn_that_says_nothing_else() -> None:
    said = "I am with the Acme Corp."
    question = "Who employs me?"
    for quote, first in ((said, "fact:1"), ("Acme", "turn:1")):
        learned = belief(
            "fact:1",
            "Acme Corp",
            source="turn:1",
            observed_at=day(1),
            embedding=axis(9),
            quote=quote,
        )
        sentence = turn("turn:1", said, embedding=axis(0))
        for items in ([sentence, learned], [learned, sentence]):
            index = index_of(*FILLER, *items)
            assert ids(question, index, vector=0)[0] == first


def test_a_fact_is_found_by_other_names_of_its_key() -> None:
    index = index_of(
        *FILLER,
        belief("fact:1", "Acme Corp", source=None, observed_at=day(1)),
        belief("fact:2", "Acme Corp", source=None, observed_at=day(1), aliases=("company",)),
    )
    assert ids("Which company is it?", index)[0] == "fact:2"
    index.remove(["fact:2"])
    assert "fact:2" not in ids("Which company is it?", index)


def likes(number: int, *, part: float | None = None, ended: int | None = None) -> EmbeddedItem:
    return belief(
        f"fact:{number}",
        f"thing {number}",
        source=None,
        observed_at=day(number),
        valid_until=None if ended is None else day(ended),
        key="likes",
        embedding=between(20 + number, 0, part) if part else None,
        listed=True,
    )


def found_with(index: ScopeIndex, **asked: Any) -> list[tuple[str, list[str]]]:
    hits = search("departure", axis(0), [index], now=NOW, **{"top_k": 10, **asked})
    return [(hit.item.id, [other.id for other in hit.others]) for hit in hits]


def test_values_of_a_key_that_takes_many_share_a_place() -> None:
    parts = {1: 0.3, 2: 0.9, 3: 0.6}
    index = index_of(*FILLER, *(likes(number, part=part) for number, part in parts.items()))
    found = found_with(index, top_k=2)
    assert found[0] == ("fact:2", ["fact:3", "fact:1"])
    assert found[1][0].startswith("turn:filler")
    index.remove(["fact:2"])
    assert found_with(index)[0] == ("fact:3", ["fact:1"])
    assert found_with(index, exclude=frozenset({"fact:3"}))[0] == ("fact:1", [])


def test_a_long_list_is_told_in_parts() -> None:
    count = 2 * MAX_LISTED + 1
    index = index_of(
        *(likes(number, part=0.9 - number / 100) for number in range(count)),
        turn("turn:1", "We set off.", embedding=between(1, 0, 0.95 - MAX_LISTED / 100)),
    )
    values = [f"fact:{number}" for number in range(count)]
    # Each part stands where its best value does.
    assert found_with(index) == [
        (values[0], values[1:MAX_LISTED]),
        ("turn:1", []),
        (values[MAX_LISTED], values[MAX_LISTED + 1 : -1]),
        (values[-1], []),
    ]
    assert found_with(index, top_k=1) == [(values[0], values[1:MAX_LISTED])]


def test_what_ends_is_not_told_in_a_list() -> None:
    index = index_of(
        likes(1, part=0.9),
        likes(2, part=0.8),
        likes(3, part=0.7, ended=10),
        likes(4, part=0.6, ended=500),
    )
    assert sorted(found_with(index)) == [("fact:1", ["fact:2"]), ("fact:4", [])]
    everything = found_with(index, include_history=True)
    assert sorted(everything) == [("fact:1", ["fact:2"]), ("fact:3", []), ("fact:4", [])]
    # At that time nobody knew that it would end.
    assert found_with(index, as_of=day(5)) == [("fact:1", ["fact:2", "fact:3", "fact:4"])]


def test_a_new_value_on_a_list_takes_the_place_of_the_old_one() -> None:
    index = index_of(
        *FILLER,
        belief(
            "fact:old",
            "green tea",
            source="turn:1",
            observed_at=day(1),
            valid_until=day(9),
            superseded_by="fact:2",
            key="likes",
            listed=True,
        ),
        turn("turn:1", "I like green tea.", embedding=axis(0), observed_at=day(1)),
        likes(2, part=0.1),
        likes(3, part=0.2),
    )
    found = found_with(index, top_k=2)
    assert found == [("fact:3", ["fact:2"]), ("turn:1", [])]


def test_an_ended_fact_is_not_raised() -> None:
    index = index_of(
        *FILLER,
        turn("turn:1", "I live in Lisbon with my cat.", embedding=axis(0)),
        fact(
            "fact:1",
            "Alice lives in Lisbon.",
            source="turn:1",
            embedding=axis(0),
            valid_until=day(10),
        ),
    )
    found = ids("Where do I live with my cat?", index, vector=0, include_history=True)
    assert found[0] == "turn:1"
    assert "fact:1" in found


def test_facts_go_before_the_questions_of_the_assistant() -> None:
    index = index_of(
        turn("turn:1", "Where do you live?", session="s", sequence=1, embedding=axis(0)),
        turn("turn:2", "In London.", session="s", sequence=2, own=True, embedding=axis(1)),
        fact("fact:name", "The user's name is Alice.", own=True, embedding=between(7, 0, 0.3)),
        fact(
            "fact:city",
            "The user lives in London.",
            source="turn:2",
            own=True,
            embedding=between(8, 0, 0.6),
        ),
    )
    found = ids("Where does Alice live?", index, vector=0)
    assert found[0] == "fact:city"
    assert found.index("fact:name") > found.index("fact:city")
    assert ids("Where do I live?", index, vector=0)[0] == "fact:city"


def test_of_equal_facts_the_lesser_id_takes_the_place_whichever_came_first() -> None:
    said = turn("turn:0", "a red boat", observed_at=day(1))
    facts = [
        fact(f"fact:{number}", "the boat sank", source="turn:0", observed_at=day(1))
        for number in range(3)
    ]
    orders = ([said, *facts], [*reversed(facts), said], [facts[1], said, facts[2], facts[0]])
    found = [ids("red wine", index_of(*items)) for items in orders]
    assert found[0] == found[1] == found[2]
