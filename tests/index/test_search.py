"""What a question finds, and in which order."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import search
from tests.index.asking import FILLER, ids, index_of
from tests.index.builders import NOW, EmbeddedItem, axis, day, fact, turn


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


def with_an_assistant() -> ScopeIndex:
    said = [
        ("user", "We talk about the broker, Kafka."),
        ("assistant", "As a broker, Kafka is more than it takes."),
    ]
    return index_of(
        *FILLER,
        *(
            turn(
                f"turn:{speaker}",
                text,
                speaker="Ada" if speaker == "user" else speaker,
                role=speaker,
                session=speaker,
                own=speaker == "user",
            )
            for speaker, text in said
        ),
    )


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Kafka broker", "turn:user"),
        ("What do I think of the broker Kafka?", "turn:user"),
        ("Compare Kafka with another broker", "turn:user"),
        ("Tell what Ada thinks of Kafka as a broker", "turn:user"),
        ("What does the user think of the broker Kafka?", "turn:user"),
        ("Did you recommend Kafka as a broker to me?", "turn:assistant"),
    ],
)
def test_what_the_assistant_said_goes_first_where_it_is_asked_for(
    question: str, first: str
) -> None:
    found = ids(question, with_an_assistant())
    assert found[0] == first
    assert set(found[:2]) == {"turn:user", "turn:assistant"}


def test_the_last_session_is_the_one_before_that_in_which_is_asked() -> None:
    def said(name: str, moment: datetime) -> list[EmbeddedItem]:
        return [
            turn(f"turn:{name}{place}", text, session=name, sequence=place, observed_at=moment)
            for place, text in enumerate(["The kiln broke.", "I mended it."])
        ]

    sessions = [said("a", day(1)), said("b", day(200)), said("c", NOW - timedelta(minutes=5))]
    index = index_of(*FILLER, *(item for items in sessions for item in items))
    shared = index_of(*said("shared", day(100)))
    for question in ("What did we talk about last time?", "our last chat"):
        assert set(ids(question, index, shared)[:2]) == {"turn:b0", "turn:b1"}
    then = ids("our last chat", index, shared, as_of=day(150))
    assert set(then[:2]) == {"turn:shared0", "turn:shared1"}
    going_on = index_of(*sessions[2])
    assert set(ids("our last chat", going_on)) == {"turn:c0", "turn:c1"}
    assert ids("our last chat", ScopeIndex()) == []


def test_mere_assent_goes_behind_what_says_something() -> None:
    said = [
        turn("turn:1", "My kiln arrived.", session="s", sequence=1),
        turn("turn:2", "Perfect, thanks!", session="s", sequence=2),
        turn("turn:3", "It stands in the shed.", session="s", sequence=3),
    ]
    assert ids("kiln", index_of(*FILLER, *said))[:2] == ["turn:1", "turn:3"]


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


def test_who_asks_of_themselves_means_what_they_said() -> None:
    index = index_of(
        *FILLER,
        turn("turn:user", "The account was closed.", session="s", own=True),
        turn("turn:assistant", "The account was closed.", session="t", observed_at=day(9)),
    )
    assert ids("Why was my account closed?", index)[0] == "turn:user"
    assert ids("Why was the account closed?", index)[0] == "turn:assistant"


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
