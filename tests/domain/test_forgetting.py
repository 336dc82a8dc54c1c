"""What a request to forget ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.belief import AttributeStatus, UnknownResolution
from spectron_server.domain.errors import InvalidFieldError
from spectron_server.domain.forgetting import Forgotten, forget, mentions
from tests.domain.builders import ALICE, NOW, ONTOLOGY, Memory, day, fact

AOIFE = EntityRef(type="Person", name="Aoife")


def _memory() -> Memory:
    memory = Memory()
    memory.say(day(1), fact("employer", "Hooli"), fact("location", "Oslo"), turn="turn:a")
    memory.say(day(2), fact("employer", "Acme"), fact("project", "moving"), turn="turn:b")
    memory.say(day(3), fact("role", "vet", entity=AOIFE), turn="turn:c")
    memory.say(day(4), fact("location", "Rome", hedged=True), turn="turn:d")
    return memory


def _forget(memory: Memory, category: Category | None = None, **selectors: str) -> Forgotten:
    return forget(
        memory.beliefs,
        category=category,
        subject=ALICE,
        now=NOW,
        ontology=ONTOLOGY,
        **selectors,
    )


def test_a_key_is_forgotten_with_its_past() -> None:
    memory = _memory()
    forgotten = _forget(memory, entity_type="person", entity_name="ALICE", attribute_key="company")
    assert [(row.value, row.status, row.valid_until) for row in forgotten.attributes] == [
        ("Acme", AttributeStatus.EXPIRED, NOW)
    ]
    assert forgotten.turn_ids == ("turn:a", "turn:b")
    assert forgotten.values == ("Acme", "Hooli")
    memory.keep(forgotten.outcome)
    assert memory.current("employer") == []
    assert [row.value for row in memory.rows("employer")] == ["Hooli", "Acme"]
    assert memory.current("location") == ["Oslo"]


def test_all_selectors_must_match() -> None:
    memory = _memory()
    assert _forget(memory, entity_name="aoife", attribute_key="employer").attributes == ()
    assert [row.value for row in _forget(memory, entity_name="aoife").attributes] == ["vet"]


def test_a_category_is_forgotten() -> None:
    forgotten = _forget(_memory(), category=Category.CONTEXT)
    assert [row.value for row in forgotten.attributes] == ["moving"]
    assert forgotten.turn_ids == ("turn:b",)


def test_doubts_about_what_is_forgotten_are_forgotten() -> None:
    memory = _memory()
    forgotten = _forget(memory, attribute_key="location")
    assert [row.value for row in forgotten.attributes] == ["Oslo"]
    assert [doubt.resolution for doubt in forgotten.unknowns] == [UnknownResolution.FORGOTTEN]
    assert forgotten.turn_ids == ("turn:a", "turn:d")


def test_the_category_of_unknowns_means_doubts_alone() -> None:
    memory = _memory()
    forgotten = _forget(memory, category=Category.UNKNOWNS)
    assert forgotten.attributes == ()
    assert [doubt.value for doubt in forgotten.unknowns] == ["Rome"]
    assert forgotten.turn_ids == ("turn:d",)


def test_forgetting_a_contradiction_ends_the_dispute() -> None:
    memory = Memory()
    memory.say(day(1), fact("location", "London"), fact("location", "Oslo", start=30))
    memory.keep(_forget(memory, category=Category.UNKNOWNS).outcome)
    assert [row.status for row in memory.rows()] == [AttributeStatus.ACTIVE]


SIGGE = EntityRef(type="Pet", name="Sigge")


def _with_a_cat() -> Memory:
    memory = Memory()
    memory.say(
        day(1),
        fact("pet", "a cat named Sigge"),
        fact("likes", "tea", start=30),
        fact("species", "cat", entity=SIGGE),
        fact("breed", "Birman", entity=SIGGE, hedged=True),
        turn="turn:a",
    )
    return memory


def test_what_the_same_words_taught_of_an_entity_goes_with_the_belief_that_names_it() -> None:
    memory = _with_a_cat()
    forgotten = _forget(memory, attribute_key="pet")
    assert [row.value for row in forgotten.attributes] == ["a cat named Sigge", "cat"]
    assert [doubt.value for doubt in forgotten.unknowns] == ["Birman"]
    # Other turns speak of cats, too.
    assert forgotten.values == ("a cat named Sigge",)
    memory.keep(forgotten.outcome)
    assert [row.value for row in memory.rows() if row.current] == ["tea"]


def test_what_other_words_taught_of_an_entity_stays() -> None:
    memory = _with_a_cat()
    memory.say(day(2), fact("age", "7", entity=SIGGE), turn="turn:b")
    forgotten = _forget(memory, attribute_key="pet")
    assert [row.value for row in forgotten.attributes] == ["a cat named Sigge", "cat"]


def test_an_entity_that_another_belief_names_stays_as_it_is() -> None:
    memory = _with_a_cat()
    memory.say(day(2), fact("loves", "Sigge", entity=AOIFE), turn="turn:b")
    assert [row.value for row in _forget(memory, attribute_key="pet").attributes] == [
        "a cat named Sigge"
    ]


def test_the_user_does_not_go_with_their_name() -> None:
    memory = Memory()
    memory.say(day(1), fact("name", "Alice"), fact("likes", "tea", start=30), turn="turn:a")
    memory.say(day(1), fact("friend", "Alice", entity=AOIFE), fact("likes", "chess"), turn="turn:b")
    assert [row.value for row in _forget(memory, attribute_key="name").attributes] == ["Alice"]
    assert [row.value for row in _forget(memory, attribute_key="friend").attributes] == ["Alice"]


def test_forgetting_again_changes_nothing() -> None:
    memory = _memory()
    memory.keep(_forget(memory, attribute_key="location").outcome)
    again = _forget(memory, attribute_key="location")
    assert again.outcome.empty
    assert (again.attributes, again.unknowns) == ((), ())


def test_what_is_forgotten_does_not_come_back_with_a_turn_from_before() -> None:
    memory = _memory()
    memory.keep(_forget(memory, attribute_key="employer").outcome)
    memory.say(day(9), fact("employer", "Acme"))
    memory.say(day(10), fact("employer", "Initech"))
    assert memory.current("employer") == []


def test_a_selector_is_required() -> None:
    with pytest.raises(InvalidFieldError):
        _forget(_memory())


@pytest.mark.parametrize(
    ("value", "content", "found"),
    [
        ("Acme Corp", "I left ACME corp. yesterday", True),
        ("Acme Corp", "Acme was a corp", False),
        ("Oslo", "We met in Oslo!", True),
        ("Oslo", "The Osloer is here", False),
        ("bullet points", "use bullet-points", True),
        ("München", "ich wohne in MÜNCHEN", True),
        ("7", "I have 7 cats", False),
        ("C++", "I love C++ and Rust", True),
        ("C++", "I love C and Rust", False),
        ("北京", "我住在北京市", True),
        ("東京", "東京に住んでいます", True),
        ("Zoe", "my friend Zo\u200be", True),
        ("Ann", "Annette called", False),
        ("...", "and so on ...", False),
        ("", "anything", False),
    ],
)
def test_mentions_are_whole_phrases(value: str, content: str, *, found: bool) -> None:
    assert mentions(value, content) is found


@given(st.text(alphabet="ab c.", max_size=8), st.text(alphabet="ab c.", max_size=8))
def test_a_value_between_other_words_is_found(before: str, after: str) -> None:
    assert mentions("Acme Corp", f"{before} acme, corp {after}")
