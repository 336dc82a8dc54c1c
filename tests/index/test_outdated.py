"""Turns that say what holds no more are marked, and what replaced it goes before them."""

from datetime import datetime

import pytest

from spectron_server.index.hits import Hit
from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import search
from tests.index.builders import NOW, EmbeddedItem, add, axis, belief, between, day, turn

SAID = turn(
    "turn:berlin", "I live in Berlin with my cat.", embedding=axis(0), observed_at=day(1), own=True
)
BERLIN = belief(
    "fact:berlin",
    "Berlin",
    source="turn:berlin",
    observed_at=day(1),
    valid_until=day(10),
    superseded_by="fact:london",
)
LONDON = belief(
    "fact:london",
    "London",
    source="turn:london",
    observed_at=day(10),
    supersedes="fact:berlin",
)
MOVED = turn(
    "turn:london",
    "We moved from Berlin to London!",
    embedding=between(0, 5, 0.9),
    observed_at=day(10),
    own=True,
)
FILLER = [
    turn(f"turn:{number}", "Nothing to add.", embedding=axis(50 + number)) for number in range(20)
]


def found(
    *items: EmbeddedItem,
    top_k: int = 40,
    as_of: datetime | None = None,
    history: bool = False,
) -> list[Hit]:
    index = ScopeIndex()
    add(index, [*FILLER, *items])
    return search(
        "Where do I live with my cat?",
        axis(0),
        [index],
        top_k=top_k,
        now=NOW,
        as_of=as_of,
        include_history=history,
    )


def outdated(hits: list[Hit]) -> dict[str, list[str]]:
    return {hit.item.id: [each.value for each in hit.outdated] for hit in hits if hit.outdated}


def test_the_turn_that_a_superseded_fact_came_from_is_marked_and_goes_last() -> None:
    hits = found(SAID, BERLIN, LONDON, MOVED)
    ids = [hit.item.id for hit in hits]
    assert "fact:berlin" not in ids
    assert ids.index("fact:london") < ids.index("turn:berlin")
    # "We moved from Berlin" was said when it no longer held, and says so itself.
    assert outdated(hits) == {"turn:berlin": ["Berlin"]}


def test_the_value_that_holds_comes_back_even_if_it_was_not_among_the_best() -> None:
    far = belief(
        "fact:london", "London", source="turn:london", observed_at=day(10), supersedes="fact:berlin"
    )
    hits = found(SAID, BERLIN, far, top_k=1)
    assert [hit.item.id for hit in hits] == ["fact:london"]
    hits = found(SAID, BERLIN, far, top_k=2)
    assert [hit.item.id for hit in hits] == ["fact:london", "turn:berlin"]


def test_other_turns_that_say_the_superseded_value_are_marked() -> None:
    hits = found(
        SAID,
        BERLIN,
        LONDON,
        turn("turn:again", "Berlin suits my cat.", observed_at=day(5), embedding=axis(0)),
        turn("turn:visit", "I visited Berlin with my cat.", observed_at=day(30), embedding=axis(0)),
        turn("turn:other", "Berliner is a word too, cat.", observed_at=day(5), embedding=axis(0)),
    )
    assert outdated(hits) == {"turn:berlin": ["Berlin"], "turn:again": ["Berlin"]}


def test_nothing_was_outdated_while_it_held() -> None:
    assert outdated(found(SAID, BERLIN, LONDON, MOVED, as_of=day(9))) == {}
    assert outdated(found(SAID, BERLIN, LONDON, MOVED, as_of=day(10))) != {}


def test_what_holds_again_is_not_outdated() -> None:
    back = belief("fact:back", "berlin", source=None, observed_at=day(20), supersedes="fact:london")
    left = belief(
        "fact:london",
        "London",
        source="turn:london",
        observed_at=day(10),
        valid_until=day(20),
        supersedes="fact:berlin",
        superseded_by="fact:back",
    )
    hits = found(SAID, BERLIN, left, MOVED, back)
    assert outdated(hits) == {"turn:london": ["London"]}
    assert [hit.item.id for hit in hits].index("fact:back") < 2


def test_a_retracted_value_marks_the_turn_that_said_it_only() -> None:
    hooli = belief(
        "fact:hooli",
        "Hooli",
        key="employer",
        source="turn:hooli",
        observed_at=day(1),
        valid_until=day(10),
    )
    hits = found(
        turn("turn:hooli", "I work at Hooli.", observed_at=day(1)),
        turn("turn:cat", "My cat hates Hooli.", observed_at=day(2)),
        hooli,
    )
    assert outdated(hits) == {"turn:hooli": ["Hooli"]}


@pytest.mark.parametrize("value", ["tea", "42", "the"])
def test_common_words_mark_no_other_turns(value: str) -> None:
    old = belief(
        "fact:old",
        value,
        key="favorite_drink",
        source="turn:1",
        observed_at=day(1),
        valid_until=day(10),
        superseded_by="fact:new",
    )
    new = belief("fact:new", "coffee", key="favorite_drink", source=None, observed_at=day(10))
    hits = found(
        turn("turn:1", f"My drink is {value}.", observed_at=day(1)),
        turn("turn:2", f"My cat spilled {value}.", observed_at=day(2)),
        old,
        new,
    )
    assert outdated(hits) == {"turn:1": [value]}


def test_facts_that_go_leave_no_marks() -> None:
    index = ScopeIndex()
    add(index, [SAID, BERLIN, LONDON])
    index.remove(["fact:berlin", "fact:london"])
    assert not index.outdated.said_in(SAID, NOW)
    assert not index.outdated._by_source
    assert not index.outdated._by_word
    assert not index.outdated._by_value
