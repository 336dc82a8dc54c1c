"""What a question finds, and in which order."""

import random
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from spectron_server.index.hits import MAX_LISTED
from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import search
from tests.index.builders import NOW, EmbeddedItem, add, axis, belief, between, day, fact, turn

FILLER = [
    turn(f"turn:filler{number}", text, embedding=axis(100 + number), session=f"filler{number}")
    for number, text in enumerate(
        [
            "The weather was fine.",
            "We played chess until midnight.",
            "My bicycle needs a new chain.",
            "The concert starts at eight.",
            "I baked bread this morning.",
        ]
    )
]


def index_of(*items: EmbeddedItem) -> ScopeIndex:
    index = ScopeIndex()
    add(index, items)
    return index


def ids(
    question: str,
    *indexes: ScopeIndex,
    vector: int | None = None,
    top_k: int = 10,
    now: datetime = NOW,
    as_of: datetime | None = None,
    include_history: bool = False,
) -> list[str]:
    hits = search(
        question,
        None if vector is None else axis(vector),
        indexes,
        top_k=top_k,
        now=now,
        as_of=as_of,
        include_history=include_history,
    )
    return [hit.item.id for hit in hits]


def test_words_find_an_item_without_a_vector() -> None:
    index = index_of(*FILLER, turn("turn:1", "Our sailing boats leave on Friday."))
    assert ids("When does the boat sail?", index, vector=0)[0] == "turn:1"


def test_meaning_finds_an_item_without_the_words() -> None:
    index = index_of(*FILLER, turn("turn:1", "We set off on Friday.", embedding=axis(0)))
    assert ids("departure", index, vector=0)[0] == "turn:1"


def test_an_answer_is_found_by_the_words_of_its_question() -> None:
    dialogue = [
        turn("turn:1", "Which school did your daughter choose?", session="s", sequence=1),
        turn("turn:2", "The one by the river, she loves it.", session="s", sequence=2),
        turn("turn:3", "Dinner is ready.", session="s", sequence=3),
    ]
    # The answer goes before its question, which answers nothing.
    found = ids("daughter school", index_of(*FILLER, *dialogue))
    assert found[0] == "turn:2"
    assert "turn:1" in found[:3]
    apart = [turn(item.id, item.text, session=item.id, sequence=1) for item in dialogue]
    hits = search("daughter school", None, [index_of(*FILLER, *apart)], top_k=9, now=NOW)
    scores = {hit.item.id: hit.score for hit in hits}
    assert scores["turn:2"] == scores["turn:3"] < scores["turn:1"]


def test_words_of_a_passage_may_lie_some_turns_apart() -> None:
    dialogue = [
        turn("turn:1", "My kiln arrived.", session="s", sequence=1),
        turn("turn:2", "Nice.", session="s", sequence=2),
        turn("turn:3", "It was expensive.", session="s", sequence=3),
    ]
    elsewhere = turn("turn:4", "It was expensive.", session="t", sequence=1, observed_at=day(9))
    found = ids("expensive kiln", index_of(*FILLER, elsewhere, *dialogue))
    assert found.index("turn:3") < found.index("turn:4")


def test_neighbours_lend_each_other_their_scores() -> None:
    near = turn("turn:near", "Nothing to add.", embedding=axis(50), session="s", sequence=2)
    far = turn("turn:far", "Nothing to add.", embedding=axis(51), session="t", sequence=2)
    best = turn("turn:best", "Off we went.", embedding=axis(0), session="s", sequence=1)
    found = ids("departure", index_of(*FILLER, far, near, best), vector=0)
    assert found[:2] == ["turn:best", "turn:near"]


@pytest.mark.parametrize(
    ("speakers", "prefixes"),
    [
        (("Caroline", "Dr. Melanie Berg"), ("", "")),
        (("user", "assistant"), ("Caroline: ", "Dr. Melanie Berg: ")),
    ],
)
def test_who_is_named_goes_first(speakers: tuple[str, str], prefixes: tuple[str, str]) -> None:
    both = [
        turn(
            f"turn:{number}",
            f"{prefix}I ran a race for charity.",
            session=f"s{number}",
            speaker=speaker,
        )
        for number, (speaker, prefix) in enumerate(zip(speakers, prefixes, strict=True))
    ]
    index = index_of(*FILLER, *both)
    assert ids("When did Caroline run the race?", index)[0] == "turn:0"
    assert ids("When did Melanie run the race?", index)[0] == "turn:1"


def test_a_role_is_no_name() -> None:
    same = [
        turn(f"turn:{role}", "The account was closed.", session=role, speaker=role)
        for role in ("user", "assistant")
    ]
    hits = search("the user account", None, [index_of(*FILLER, *same)], top_k=2, now=NOW)
    assert hits[0].score == hits[1].score


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


def test_what_is_left_out_lends_nothing() -> None:
    dialogue = [
        turn("turn:1", "Nothing to add.", session="s", sequence=1, embedding=axis(50)),
        turn("turn:2", "Off.", session="s", sequence=2, embedding=axis(0), observed_at=day(20)),
        turn("turn:3", "Nothing to add.", session="t", sequence=1, embedding=axis(51)),
    ]
    hits = search(
        "departure", axis(0), [index_of(*FILLER, *dialogue)], top_k=9, now=NOW, as_of=day(10)
    )
    scores = {hit.item.id: hit.score for hit in hits}
    assert "turn:2" not in scores
    assert scores["turn:1"] == scores["turn:3"]


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


def test_who_asks_of_themselves_means_what_they_said() -> None:
    index = index_of(
        *FILLER,
        turn("turn:user", "The account was closed.", session="s", own=True),
        turn("turn:assistant", "The account was closed.", session="t", observed_at=day(9)),
    )
    assert ids("Why was my account closed?", index)[0] == "turn:user"
    assert ids("Why was the account closed?", index)[0] == "turn:assistant"


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


def test_what_was_said_in_the_time_asked_about_goes_first() -> None:
    index = index_of(
        *FILLER,
        turn(
            "turn:1",
            "We hiked in the hills.",
            session="s",
            observed_at=datetime(2023, 5, 9, tzinfo=UTC),
        ),
        turn(
            "turn:2",
            "We hiked in the hills.",
            session="t",
            observed_at=datetime(2023, 8, 9, tzinfo=UTC),
        ),
    )
    assert ids("Where did we hike in May 2023?", index)[0] == "turn:1"
    assert ids("Where did we hike in August?", index)[0] == "turn:2"
    assert ids("Where did we hike?", index)[0] == "turn:2"


def test_who_asks_when_wants_a_time() -> None:
    index = index_of(
        *FILLER,
        turn("turn:1", "I sold the boat last week.", session="s"),
        turn("turn:2", "I sold the boat happily.", session="t", observed_at=day(3)),
    )
    assert ids("When was the boat sold?", index)[0] == "turn:1"
    assert ids("Why was the boat sold?", index)[0] == "turn:2"


def test_what_is_excluded_does_not_come_back() -> None:
    index = index_of(*(turn(f"turn:{n}", "a boat", observed_at=day(n)) for n in range(9)))
    hits = search(
        "boat", None, [index], top_k=3, now=NOW, exclude=frozenset({"turn:8", "turn:6", "turn:x"})
    )
    assert [hit.item.id for hit in hits] == ["turn:7", "turn:5", "turn:4"]


def test_ties_go_to_facts_then_to_the_newer_then_to_the_lesser_id() -> None:
    items = [
        turn("turn:b", "same", observed_at=day(1)),
        turn("turn:a", "same", observed_at=day(1)),
        turn("turn:new", "same", observed_at=day(2)),
        fact("fact:old", "same", entity="the"),
    ]
    expected = ["fact:old", "turn:new", "turn:a", "turn:b"]
    for seed in range(10):
        random.Random(seed).shuffle(items)
        index = index_of(*items)
        for top_k in range(1, 5):
            assert ids("same", index, top_k=top_k) == expected[:top_k]


def test_a_question_that_fits_nothing_finds_the_newest() -> None:
    index = index_of(*(turn(f"turn:{n}", "same", observed_at=day(n)) for n in range(30)))
    assert ids("???", index, top_k=3) == ["turn:29", "turn:28", "turn:27"]


def test_scopes_are_searched_together() -> None:
    first = index_of(*FILLER[:3], turn("turn:1", "The boat is red."))
    second = index_of(*FILLER[3:], turn("turn:2", "The boat, the red boat."))
    apart = {
        hit.item.id: hit.score for hit in search("boat", None, [first, second], top_k=9, now=NOW)
    }
    together = index_of(
        *FILLER, turn("turn:1", "The boat is red."), turn("turn:2", "The boat, the red boat.")
    )
    joined = {hit.item.id: hit.score for hit in search("boat", None, [together], top_k=9, now=NOW)}
    assert apart == pytest.approx(joined, abs=1e-3)
    assert ids("boat", first, second)[:2] == ["turn:2", "turn:1"]


def test_limits() -> None:
    empty = ScopeIndex()
    assert ids("boat", empty, vector=0) == []
    assert ids("boat", vector=0) == []
    assert (
        ids("boat", index_of(*FILLER), top_k=2, vector=0)
        == ids("boat", index_of(*FILLER), vector=0)[:2]
    )
    assert len(ids("word " * 8000, index_of(*FILLER), vector=0)) == len(FILLER)
    hits = search("boat", axis(0), [index_of(*FILLER)], top_k=9, now=NOW)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert np.isfinite(scores).all()
