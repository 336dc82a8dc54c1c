"""The index of a scope: items come, change and go, and leave nothing behind."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from spectron_server.domain.context_text import ContextKind
from spectron_server.index.items import IndexItem
from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import search
from tests.index.builders import (
    NOW,
    EmbeddedItem,
    add,
    add_in_bulk,
    axis,
    belief,
    day,
    fact,
    rows_of,
    turn,
)

TEXTS = ["a red boat", "the boat sank", "red wine", "Anna: a green boat", "wine and cheese", ""]
QUESTIONS = ["boat", "red wine", "Anna's cheese"]


class AgainstFresh(RuleBasedStateMachine):
    """An index that was changed step by step finds what one built at once finds."""

    def __init__(self) -> None:
        super().__init__()
        self.index = ScopeIndex()
        self.model: dict[str, EmbeddedItem] = {}

    @rule(
        number=st.integers(0, 14),
        text=st.sampled_from(TEXTS),
        session=st.sampled_from(["s", "t"]),
        sequence=st.integers(0, 6),
        vector=st.none() | st.integers(0, 3),
    )
    def put_turn(
        self, number: int, text: str, session: str, sequence: int, vector: int | None
    ) -> None:
        taken = {
            (item.session_id, item.sequence)
            for item in self.model.values()
            if item.id != f"turn:{number}"
        }
        if (session, sequence) in taken:
            return
        self._put(
            turn(
                f"turn:{number}",
                text,
                embedding=None if vector is None else axis(vector),
                session=session,
                sequence=sequence,
                observed_at=day(number),
            )
        )

    @rule(
        number=st.integers(0, 9),
        text=st.sampled_from(TEXTS),
        source=st.none() | st.integers(0, 14),
        vector=st.none() | st.integers(0, 3),
        ended=st.none() | st.integers(100, 500),
    )
    def put_fact(
        self, number: int, text: str, source: int | None, vector: int | None, ended: int | None
    ) -> None:
        self._put(
            fact(
                f"fact:{number}",
                text,
                embedding=None if vector is None else axis(vector),
                source=None if source is None else f"turn:{source}",
                valid_until=None if ended is None else day(ended),
            )
        )

    @rule(
        number=st.integers(10, 19),
        value=st.sampled_from(TEXTS),
        source=st.none() | st.integers(0, 14),
        quote=st.sampled_from(TEXTS),
        key=st.sampled_from(["likes", "hobby"]),
        listed=st.booleans(),
        aliases=st.sampled_from([(), ("boat", "wine")]),
    )
    def put_belief(
        self,
        number: int,
        value: str,
        source: int | None,
        quote: str,
        key: str,
        *,
        listed: bool,
        aliases: tuple[str, ...],
    ) -> None:
        self._put(
            belief(
                f"fact:{number}",
                value,
                source=None if source is None else f"turn:{source}",
                observed_at=day(number),
                key=key,
                embedding=axis(number),
                quote=quote,
                listed=listed,
                aliases=aliases,
            )
        )

    @rule(
        texts=st.lists(st.sampled_from(TEXTS), max_size=6),
        session=st.sampled_from(["s", "t"]),
        vector=st.none() | st.integers(0, 3),
        own=st.booleans(),
    )
    def put_many_turns(
        self, texts: list[str], session: str, vector: int | None, *, own: bool
    ) -> None:
        taken = [
            item.sequence
            for item in self.model.values()
            if item.session_id == session and item.sequence is not None
        ]
        free = [number for number in range(15) if f"turn:{number}" not in self.model]
        new = [
            turn(
                f"turn:{number}",
                text,
                embedding=None if vector is None else axis(vector),
                session=session,
                sequence=sequence,
                speaker="alice" if own else "user",
                own=own,
                observed_at=day(number),
            )
            for sequence, (number, text) in enumerate(
                zip(free, texts, strict=False), max(taken, default=0) + 1
            )
        ]
        add_in_bulk(self.index, new)
        self.model |= {item.id: item for item in new}

    @rule(number=st.integers(0, 19), kind=st.sampled_from(["turn", "fact"]))
    def remove(self, number: int, kind: str) -> None:
        self.index.remove([f"{kind}:{number}"])
        self.model.pop(f"{kind}:{number}", None)

    @rule(
        question=st.sampled_from(QUESTIONS),
        as_of=st.none() | st.integers(0, 400).map(day),
        history=st.booleans(),
        put=st.sampled_from([add, add_in_bulk]),
    )
    def ask(
        self,
        question: str,
        as_of: datetime | None,
        put: Callable[[ScopeIndex, Iterable[EmbeddedItem]], None],
        *,
        history: bool,
    ) -> None:
        fresh = ScopeIndex()
        put(fresh, [self.model[key] for key in sorted(self.model)])
        assert len(self.index) == len(fresh) == len(self.model)
        found, expected = (
            search(
                question,
                axis(1),
                [index],
                top_k=50,
                now=NOW,
                as_of=as_of,
                include_history=history,
            )
            for index in (self.index, fresh)
        )
        assert [hit.item for hit in found] == [hit.item for hit in expected]
        assert [hit.others for hit in found] == [hit.others for hit in expected]
        np.testing.assert_allclose(
            [hit.score for hit in found], [hit.score for hit in expected], atol=2e-3
        )

    def _put(self, item: EmbeddedItem) -> None:
        add(self.index, [item])
        self.model[item.id] = item


TestAgainstFresh = AgainstFresh.TestCase
TestAgainstFresh.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_rows_are_used_again() -> None:
    index = ScopeIndex()
    for number in range(100):
        add(index, [turn(f"turn:{number}", "a boat", embedding=axis(0), sequence=number)])
        index.remove([f"turn:{number - 3}"])
    assert len(index) == 3
    assert index.rows <= 4


def test_emptied_index_takes_no_more_than_it_did() -> None:
    index = ScopeIndex()
    items = [turn(f"turn:{n}", "a boat " * 50, sequence=n) for n in range(50)]
    items += [fact(f"fact:{n}", "a boat", source=f"turn:{n}") for n in range(50)]
    add(index, items)
    index.remove([item.id for item in items] + ["turn:unknown"])
    assert len(index) == 0
    assert not index._links._facts_from
    assert not index.lexical._postings
    assert not index.columns.live.any()
    assert not index._items._facts
    assert not any(index._items._texts)
    assert search("boat", axis(0), [index], top_k=5, now=NOW) == []


def test_memory_grows_with_the_items() -> None:
    index = ScopeIndex()
    sizes = [index.nbytes]
    for number in range(1, 400):
        add(index, [turn(f"turn:{number}", "a boat", embedding=axis(0), sequence=number)])
        sizes.append(index.nbytes)
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0] + 399 * 384 * 4


def test_items_without_a_zone_are_refused() -> None:
    naive = day(1).replace(tzinfo=None)
    with pytest.raises(ValueError, match="timezone"):
        turn("turn:1", "a boat", observed_at=naive)
    with pytest.raises(ValueError, match="timezone"):
        fact("fact:1", "a boat", valid_until=naive)


def test_an_embedding_that_comes_later_counts() -> None:
    index = ScopeIndex()
    item = turn("turn:1", "a boat", sequence=1)
    add(index, [item, turn("turn:2", "a boat", embedding=axis(1), sequence=9)])
    assert len(index.vectors) == 1
    add(index, [replace(item, embedding=axis(0))])
    assert len(index.vectors) == 2
    assert search("ship", axis(0), [index], top_k=1, now=NOW)[0].item.id == "turn:1"


@pytest.mark.parametrize("at_once", [1, 3, 40])
def test_turns_are_linked_alike_however_they_come(at_once: int) -> None:
    index = ScopeIndex()
    numbers = [(17 * n) % 40 for n in range(40)]
    for start in range(0, 40, at_once):
        add(
            index,
            [turn(f"turn:{n}", "a boat", sequence=n) for n in numbers[start : start + at_once]],
        )
    rows = rows_of(index, [f"turn:{n}" for n in range(40)])
    places = np.zeros(index.rows, np.float32)
    places[rows] = range(1, 41)
    around = [(n - 1 if n > 1 else 0) + (n + 1 if n < 40 else 0) for n in range(1, 41)]
    assert index.passages.around(places)[rows].tolist() == around


def test_an_item_is_given_back_while_it_is_there() -> None:
    index = ScopeIndex()
    item = IndexItem(
        id="turn:1",
        kind=ContextKind.TURN,
        text="a boat",
        source_turn="turn:1",
        session_id="session:1",
        sequence=7,
        speaker="alice",
        role="user",
        observed_at=day(3) + timedelta(microseconds=1),
        valid_until=None,
        own=True,
    )
    index.upsert([item], {})
    assert index.item(0) == item
    assert "turn:1" in index
    assert index.row_of("turn:1") == 0
    index.remove(["turn:1"])
    assert index.row_of("turn:1") is None
    with pytest.raises(KeyError):
        index.item(0)


def test_the_last_turns_without_a_vector_are_told() -> None:
    index = ScopeIndex()
    items = [turn(f"turn:{n}", "a boat", sequence=n) for n in range(5)]
    add(index, [*items[:4], fact("fact:1", "a boat"), replace(items[4], embedding=axis(0))])
    found = [item.id for item in index.last_turns_without_vectors(3)]
    assert found == ["turn:1", "turn:2", "turn:3"]
