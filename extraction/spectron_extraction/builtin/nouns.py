"""Noun phrases that tell of relatives, animals and others: "a sister named Aoife who is a vet"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.entities import Discourse, Relation, kin_key, plural, read_relation
from spectron_extraction.builtin.lexicon import (
    ARTICLES,
    KIN,
    NATIONALITIES,
    PLURAL_KIN,
    PREPOSITIONS,
    SINGLE_KIN,
)
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.things import CHARACTER, HUES, LOOKS
from spectron_extraction.builtin.tokens import Phrase, Token, words
from spectron_extraction.builtin.values import (
    cut,
    items,
    name_like,
    trim,
    without_quantity,
    written,
)
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType
from spectron_extraction.protocol import EntityRef, KnownAttribute

_NOT_HAD: Final = word_set("to my our his her their the your no not any")
# "an app called Sparrow", "a small bakery named Crumb & Co".
_NAMED_THING: Final = re.compile(
    r"\b(?P<kind>(?:an?|my|our|the) (?:[\w-]+ ){0,4}[\w-]+) (?:called|named) "
    r"(?P<name>[A-Z][\w.'-]*(?: (?:& )?[A-Z][\w.'-]*){0,4})"
)
_CHILDREN: Final = frozenset({"son", "daughter", "child", "sons", "daughters", "children"})
_SIBLINGS: Final = frozenset(
    {"sister", "brother", "sibling", "sisters", "brothers", "siblings", "twin"}
)
_GRANDCHILDREN: Final = frozenset({"grandchildren", "grandchild", "grandson", "granddaughter"})
OFFSPRING: Final = frozenset(
    {"boy", "girl", "boys", "girls", "twins", "triplets", "toddlers", "teenagers"}
)
"""Words that after "I have" mean children."""

_DISTANT: Final = frozenset({"nieces", "nephews", "cousins", "aunts", "uncles"})
_MARRIED: Final = frozenset({"wife", "husband", "spouse"})
_ENGAGED: Final = frozenset({"fiance", "fiancee"})
_COUPLED: Final = frozenset({"girlfriend", "boyfriend", "partner"})
_PLURAL_WORDS: Final = {"kid": "kids", "child": "children"}


def introduced(reading: Reading, relation: Relation, *, confidence: float = 0.9) -> Iterator[Claim]:
    """Yields what the mention of "my sister Aoife" or "my wife" itself tells.

    Args:
        reading: The clause it stands in, whoever that is about.
        relation: The relative or animal.
        confidence: How sure it is.
    """
    entity = reading.discourse.entity_of(relation)
    if relation.animal:
        kind = relation.kind if relation.kind != "pet" else None
        if relation.name:
            described = f"a {kind or 'pet'} named {relation.name}"
            yield _plain(reading, "pet", described, reading.user, confidence)
            if kind:
                yield _plain(reading, "species", kind, entity, confidence)
        return
    if relation.name and not plural(relation):
        key = kin_key(relation.kind, reading.ontology)
        reading.discourse.names[key] = relation.name
        yield _plain(reading, key, relation.name, reading.user, confidence)
    status = _status(relation.kind)
    if status and relation.kind not in _COUPLED:
        yield _plain(reading, "marital_status", status, reading.user, min(confidence, 0.8))


def named_by_pronoun(
    text: str, tokens: Phrase, discourse: Discourse, known: Sequence[KnownAttribute]
) -> Iterator[Claim]:
    """Reads "his name is Frodo", "her name's Ana" after a relative or animal without a name.

    Args:
        text: The turn's content.
        tokens: The clause.
        discourse: Whom it may be about.
        known: What is believed: "a dog" gives way to "a dog named Frodo".
    """
    norms = [token.norm for token in tokens[:3]]
    if norms[:2] not in (["his", "name"], ["her", "name"], ["its", "name"], ["their", "name"]):
        return
    name_tokens = trim(cut(tokens[3:], at=frozenset({",", "and", "but", "because"})))
    if norms[2:] not in (["is"], ["'s"], ["was"]) or not name_like(name_tokens, longest=2):
        return
    entity = next((e for e in reversed(discourse.mentions) if discourse.kind_of(e)), None)
    name = written(text, name_tokens, ValueType.PERSON)
    kind = discourse.kind_of(entity) if entity else None
    if entity is None or kind is None or name is None:
        return
    key, value, previous = kin_key(kind, discourse.ontology), name, None
    if entity.type == "Pet":
        key, value = "pet", f"a {kind} named {name}"
        said = [a.value for a in known if a.entity == discourse.user and a.key == "pet"]
        previous = next((v for v in said if v.split()[-1] == kind and "named" not in v), None)
    else:
        discourse.names[key] = name
    discourse.mention(EntityRef(type=entity.type, name=name))
    yield Claim(entity=discourse.user, key=key, value=value, tokens=tokens, previous_value=previous)


def _status(kind: str) -> str | None:
    if kind in _MARRIED:
        return "married"
    if kind in _ENGAGED:
        return "engaged"
    return "in a relationship" if kind in _COUPLED else None


def named_thing(reading: Reading, claim: Claim) -> Iterator[Claim]:
    """Yields what "building an app called Sparrow" tells of the app itself.

    Args:
        reading: The clause.
        claim: A claim of the user whose value may name a project or an organisation.
    """
    entity_type = {"project": "Project", "responsibility": "Organization"}.get(claim.key)
    match = _NAMED_THING.search(claim.value or "")
    if entity_type is None or match is None or claim.retracts or claim.hedged:
        return
    entity = EntityRef(type=entity_type, name=match["name"])
    reading.discourse.mention(entity)
    yield _plain(reading, "description", match["kind"], entity, claim.confidence)


def _plain(reading: Reading, key: str, value: str, entity: EntityRef, confidence: float) -> Claim:
    return Claim(
        entity=entity,
        key=key,
        value=value,
        tokens=reading.predicate.tokens,
        confidence=confidence,
    )


def possessed_beings(reading: Reading, phrase: Phrase, *, event: bool = False) -> Iterator[Claim]:
    """Yields what "I have ..." tells of relatives and animals.

    Args:
        reading: The clause.
        phrase: What follows "have".
        event: Whether it was got rather than had.
    """
    counted: dict[str, list[Claim]] = {}
    before: Token | None = None
    named = 0
    listed = [trim(item) or item for item in items(phrase)]
    for place, item in enumerate(listed):
        if item[-1].norm in {"old", "olds"} and "year" in words(item) and len(item) <= 5:
            yield from only(reading.claim("children", written(reading.text, item)))
            continue
        if item[-1].norm in OFFSPRING and (item[0].norm in ARTICLES or len(item) <= 2):
            claim = reading.claim("children", written(reading.text, item), event=event)
            counted.setdefault("children", []).extend(only(claim))
            continue
        noun = _being(without_quantity(item))
        if noun is None and before is not None and (named or _is_name(item)):
            yield from _listed(reading, before, item, event=event)
            named = max(named - 1, 0)
            continue
        before = noun or before
        named = _names_after(item, listed[place + 1 :]) if noun is not None else 0
        if noun is None or item[0].norm in _NOT_HAD:
            none = reading.predicate.negated and item[:1] and item[0].norm == "any"
            if noun is not None and noun.norm in KIN and (none or item[0].norm == "no"):
                yield from _none(reading, noun.norm)
            if (
                noun is not None
                and noun.norm in {"pet", "pets"}
                and (none or words(item[:1]) == "no")
            ):
                yield from only(reading.claim("pet", "no pets", retracts=False))
            continue
        head = item[1:] if item[0].norm in ARTICLES else item
        relation = read_relation(head, reading.text)
        value = written(reading.text, _bare(item))
        if noun.norm in ANIMALS:
            if _animal_part(item, noun.norm) or value is None:
                continue
            claim = reading.claim("pet", _pet_value(relation, value), event=event)
            if claim and not claim.retracts and 0 < _count(item) <= named:
                continue  # "Two cats, Tom and Bo": each is told by its name.
            if claim:
                yield claim
                if relation and relation.name and not claim.retracts:
                    entity = reading.discourse.entity_of(relation)
                    reading.discourse.mention(entity)
                    yield _plain(reading, "species", relation.kind, entity, 0.9)
                elif relation and not claim.retracts:
                    reading.discourse.mention(reading.discourse.entity_of(relation))
            continue
        for claim in _relative(reading, relation, KIN[noun.norm], value, event=event):
            if claim.key in {"children", "siblings"}:
                counted.setdefault(claim.key, []).append(claim)
            else:
                yield claim
    for claims in counted.values():
        # "Two brothers and a sister" is one value, as the key holds one.
        together = " and ".join(claim.value for claim in claims if claim.value)
        yield replace(claims[0], value=together)


def _names_after(item: Phrase, following: Sequence[Phrase]) -> int:
    """Returns how many names follow: "Tom and Bo" after "two cats", "nils" after "a baby".

    Without capitals they are names if there are as many of them as were counted, or if the one
    that follows is a common name.
    """
    names = 0
    while names < len(following) and _is_name(following[names]):
        names += 1
    if names or not following:
        return names
    count = _count(item)
    alike = count == len(following) and all(_may_name(each) for each in following)
    return count if alike and (count > 1 or following[0][0].norm in GIVEN_NAMES) else 0


def _may_name(item: Phrase) -> bool:
    """Tells "mochi" from "black" and "rescued", which say what an animal is like."""
    plain = name_like(item, longest=1) and item[0].norm not in _LIKE
    return plain and verb_form(item[0].norm) is None and item[0].norm not in KIN.keys() | ANIMALS


_LIKE: Final = LOOKS | CHARACTER | HUES | NATIONALITIES


def _count(item: Phrase) -> int:
    """Returns how many "two cats" or "a dog" are, 0 if it does not say."""
    first = item[0].norm
    return int(first) if first.isdecimal() else _NUMBERS.get(first, 0)


_NUMBERS: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def _is_name(item: Phrase) -> bool:
    return name_like(item, longest=2) and all(token.capital for token in item)


def _listed(
    reading: Reading, being: Token, item: Phrase, *, event: bool = False
) -> Iterator[Claim]:
    """Reads the names in "two dogs, Max and Ruby"."""
    name = written(reading.text, item, ValueType.PERSON)
    if name:
        kind = "Pet" if being.norm in ANIMALS else "Person"
        reading.discourse.mention(EntityRef(type=kind, name=name))
    if being.norm in ANIMALS:
        kind = ANIMALS[being.norm]
        value = f"a {kind} named {name}" if name else None
        yield from only(reading.claim("pet", value, event=event))
        return
    single = SINGLE_KIN.get(KIN[being.norm], KIN[being.norm])
    yield from only(reading.claim(kin_key(single, reading.ontology), name, event=event))


def listed_friends(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    """Yields the friends who are named in "two friends, Ben and Zoe".

    Args:
        reading: The clause.
        phrase: The noun phrase.
    """
    first, *names = items(phrase)
    being = _being(first)
    if being is None or SINGLE_KIN.get(KIN.get(being.norm, "")) != "friend":
        return
    for item in names:
        if _is_name(item):
            yield from _listed(reading, being, item)


def _being(item: Phrase) -> Token | None:
    """Returns the word for a relative or animal that a noun phrase is of."""
    for token in item[:6]:
        form = verb_form(token.norm)
        if token.norm in PREPOSITIONS or (form is not None and form.gerund):
            return None
        if token.norm in KIN or token.norm in ANIMALS:
            return token
    return None


def _pet_value(relation: Relation | None, value: str) -> str:
    if relation and relation.name:
        return f"a {relation.kind} named {relation.name}"
    return value


def _relative(
    reading: Reading, relation: Relation | None, kind: str, value: str | None, *, event: bool
) -> Iterator[Claim]:
    if reading.predicate.negated:
        if value and kind in PLURAL_KIN and reading.predicate.tense is Tense.PRESENT:
            yield from _none(reading, value.lower())
        return
    if relation and relation.name and not relation.animal:
        key = kin_key(kind, reading.ontology)
        claim = reading.claim(key, relation.name, event=event)
        if claim:
            reading.discourse.names[key] = relation.name
            reading.discourse.mention(reading.discourse.entity_of(relation))
            yield claim
    elif relation:
        reading.discourse.mention(reading.discourse.entity_of(relation))
    counted = None
    if kind in _DISTANT:
        counted = "relative"
    elif kind in _GRANDCHILDREN:
        counted = "grandchildren"
    elif kind in _CHILDREN:
        counted = "children"
    elif kind in _SIBLINGS:
        counted = "siblings"
    if counted and value and not (relation and relation.name):
        yield from only(reading.claim(counted, value, event=event))
    status = _status(kind)
    if status:
        yield from only(reading.claim("marital_status", status, confidence=0.85, event=event))


def _none(reading: Reading, noun: str) -> Iterator[Claim]:
    kind = KIN.get(noun, "")
    key = "children" if kind in _CHILDREN else "siblings" if kind in _SIBLINGS else None
    if key:
        yield from only(reading.claim(key, f"no {noun}", retracts=False))


def _bare(item: Phrase) -> Phrase:
    """Returns a noun phrase up to its name or relative clause: "two cats", "a brother"."""
    for index, token in enumerate(item):
        if token.norm in {"named", "called", "who", "that", "which", "and", "with", "at", "from",
                "living"} or (index and not token.word and token.norm != "-"):  # fmt: skip
            return trim(item[:index])
    return trim(item)


def _animal_part(item: Phrase, noun: str) -> bool:
    """Tells "a dog bed" and "a cat allergy" from a dog and a cat."""
    words = [token.norm for token in item]
    place = words.index(noun)
    following = words[place + 1 : place + 2]
    return bool(following) and following[0] in {
        "bed", "allergy", "food", "phobia", "house", "person", "toy", "walker", "owner", "shop",
        "lover", "allergies", "sitter", "problem", "'s",
    }  # fmt: skip
