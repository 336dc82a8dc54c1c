"""Typed ids."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_server.domain.ids import entity_id, scope_key_of
from spectron_server.domain.scope import Scope
from spectron_server.system import UlidIds

KEY = Scope.of({"user": "alice"}).key("assistant")


@pytest.mark.parametrize("kind", ["session", "turn", "attribute", "unknown", "audit"])
def test_an_id_tells_its_scope(kind: str) -> None:
    assert scope_key_of(UlidIds().scoped(kind, KEY), kind) == KEY


def test_an_id_of_another_kind_tells_nothing() -> None:
    assert scope_key_of(UlidIds().scoped("turn", KEY), "session") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "turn:",
        "turn:01jt4m8t6mf0b2k9x3v7q5a1zc",
        f"turn:01JT4M8T6MF0B2K9X3V7Q5A1ZC-{KEY}",
        f"turn:01jt4m8t6mf0b2k9x3v7q5a1zi-{KEY}",
        f"turn:01jt4m8t6mf0b2k9x3v7q5a1zc-{KEY}0",
        f"turn:01jt4m8t6mf0b2k9x3v7q5a1zc-{KEY}\n",
        f" turn:01jt4m8t6mf0b2k9x3v7q5a1zc-{KEY}",
        f"context:01jt4m8t6mf0b2k9x3v7q5a1zc-{KEY}",
    ],
)
def test_what_is_no_id_tells_nothing(text: str) -> None:
    assert scope_key_of(text, "turn") is None


def test_later_ids_sort_after_earlier_ones() -> None:
    ids = UlidIds()
    made = [ids.scoped("turn", KEY) for _ in range(2_000)]
    assert all(one < other for one, other in pairwise(made))


@given(st.text(min_size=1), st.text(min_size=1))
def test_an_entity_id_holds_type_and_name_as_json(kind: str, name: str) -> None:
    made = entity_id(kind, name)
    assert json.loads(made.removeprefix("entity:")) == [kind, name]


def test_an_entity_id_is_written_as_the_guide_writes_it() -> None:
    assert entity_id("Person", "alice") == 'entity:["Person", "alice"]'
