"""The ontology: names of keys, what they mean, and which values are the same."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_extraction.ontology import (
    Cardinality,
    KeyDefinition,
    Ontology,
    OntologyError,
    ValueType,
)
from spectron_extraction.protocol import Category

ONTOLOGY = Ontology.load()

ENTRY = """
[[keys]]
name = "{name}"
category = "identity"
cardinality = "one"
value_type = "text"
they = "are {{value}}"
it = "is {{value}}"
description = "A key."
synonyms = [{synonyms}]
"""


def entry(name: str, *synonyms: str) -> str:
    return ENTRY.format(name=name, synonyms=", ".join(f'"{synonym}"' for synonym in synonyms))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("location", "location"),
        ("city", "location"),
        ("residence", "location"),
        ("lives_in", "location"),
        ("Lives In", "location"),
        ("job", "role"),
        ("occupation", "role"),
        ("jobTitle", "role"),
        ("company", "employer"),
        ("workplace", "employer"),
        ("favouriteColour", "favorite_color"),
        ("fav_food", "favorite_food"),
        ("shoe size", "shoe_size"),
        ("9 lives left", "lives_left"),
        ("имя", "note"),
        ("", "note"),
    ],
)
def test_canonical(key: str, name: str) -> None:
    assert ONTOLOGY.canonical(key) == name


@given(st.text(max_size=200))
def test_canonical_is_always_a_key_and_final(key: str) -> None:
    name = ONTOLOGY.canonical(key)
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name)
    assert ONTOLOGY.canonical(name) == name


def test_a_definition_is_found_under_any_of_its_names() -> None:
    definition = ONTOLOGY.definition("city")
    assert definition is not None
    assert definition.name == "location"
    assert definition.they.format(value="London") == "live in London"
    assert definition.it.format(value="London") == "lives in London"
    assert definition.value_type is ValueType.PLACE


def test_a_family_of_keys_shares_a_definition() -> None:
    definition = ONTOLOGY.definition("favorite_ice_cream")
    assert definition is not None
    assert definition.they.format(value="mango") == "have mango as their favorite ice cream"
    assert ONTOLOGY.cardinality("favorite_ice_cream") is Cardinality.ONE


def test_an_unknown_key_holds_one_value_of_no_category() -> None:
    assert ONTOLOGY.definition("shoe_size") is None
    assert ONTOLOGY.category("shoe_size") is None
    assert ONTOLOGY.cardinality("shoe_size") is Cardinality.ONE


def test_every_category_but_unknowns_has_keys() -> None:
    definitions = ONTOLOGY.keys()
    assert {one.category for one in definitions} == set(Category) - {Category.UNKNOWNS}


@pytest.mark.parametrize("definition", ONTOLOGY.keys(), ids=lambda one: one.name)
def test_every_definition_reads_well(definition: KeyDefinition) -> None:
    for phrase in (definition.they, definition.it):
        assert phrase.count("{value}") == 1
        assert phrase == phrase.strip()
        assert not phrase.endswith(".")
    assert definition.description.endswith(".")
    assert ONTOLOGY.canonical(definition.name) == definition.name
    for synonym in definition.synonyms:
        assert ONTOLOGY.canonical(synonym) == definition.name


@pytest.mark.parametrize(
    ("key", "a", "b"),
    [
        ("location", "the UK", "U.K."),
        ("location", "UK", "United Kingdom"),
        ("location", "New York", "NYC"),
        ("location", "oslo", "  Oslo. "),
        ("prefers", "Typescript over Javascript", "TypeScript over JavaScript"),
        ("tool", "k8s", "Kubernetes"),
        ("pet", "two cats", "2 cats"),
        ("response_format", "bullet-points", "bullet points"),
        ("shoe_size", "ten", "10"),
        ("name", "O'Neill", "ONeill"),
    ],
)
def test_same_value(key: str, a: str, b: str) -> None:
    assert ONTOLOGY.same_value(key, a, b)
    assert ONTOLOGY.same_value(key, b, a)


@pytest.mark.parametrize(
    ("key", "a", "b"),
    [
        ("programming_language", "C", "C++"),
        ("programming_language", "C", "C#"),
        ("age", "3.5", "35"),
        ("prefers", "tea over coffee", "coffee over tea"),
        ("location", "Berlin", "Bern"),
        ("name", "The The", "The"),
        ("note", "!", "?"),
        ("age", "-5", "5"),
    ],
)
def test_other_value(key: str, a: str, b: str) -> None:
    assert not ONTOLOGY.same_value(key, a, b)


@given(st.text(max_size=50), st.text(max_size=50))
def test_sameness_is_symmetric_and_every_value_is_itself(a: str, b: str) -> None:
    assert ONTOLOGY.same_value("likes", a, a)
    assert ONTOLOGY.same_value("likes", a, b) == ONTOLOGY.same_value("likes", b, a)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("keys = [", "not valid TOML"),
        (entry("a") + entry("a"), "'a' is claimed by both a and a"),
        (entry("a", "x") + entry("b", "x"), "'x' is claimed by both a and b"),
        (entry("a", "b") + entry("b"), "'b' is claimed by both a and b"),
        (entry("Not A Key"), "must match"),
        (entry("a", "Not A Key"), "is not in snake_case"),
        (entry("a").replace('"identity"', '"nonsense"'), "a: 'nonsense' is not a valid Category"),
        (entry("a").replace('"one"', '"some"'), "a: 'some' is not a valid Cardinality"),
        (entry("a").replace("are {value}", "are"), "must hold {value} once"),
        (entry("a").replace('description = "A key."', ""), "a lacks description"),
        ('[same_values]\ntext = [["a", "b"], ["b", "c"]]', "'b' stands in two groups"),
        ('[same_values]\nnonsense = [["a", "b"]]', "same_values"),
    ],
)
def test_a_malformed_file_is_refused_with_its_fault(text: str, complaint: str) -> None:
    with pytest.raises(OntologyError, match=re.escape(complaint)):
        Ontology.parse(text)
