"""Allergies: "a severe nut allergy", "Ana can't have eggs, she's allergic"."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.endings import stems
from spectron_extraction.builtin.lexicon import ADVERBS, ARTICLES, DETERMINERS
from spectron_extraction.builtin.syntax import Predicate
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import items, without_article, written
from spectron_extraction.builtin.wordlists import word_set

_SEVERITY: Final = word_set(
    "severe bad serious terrible mild slight strong nasty awful horrible acute major huge massive "
    "life-threatening deadly lethal dangerous extreme known new weird really any no "
    "some several many two three multiple few lots various all"
)
"""What is said of an allergy rather than of what it is to."""

CONSUMING: Final = frozenset({"eat", "drink", "have"})
_KINDS: Final = word_set("food seasonal skin respiratory")
_ALLERGIC: Final = re.compile(r"\b(?:anaphyla\w+|allerg\w+|epi-?pens?)\b", re.IGNORECASE)
_OWN: Final = re.compile(r"\b(?:i|i'm|im|my|we|our)\b", re.IGNORECASE)
_OTHERS: Final = re.compile(r"\b(?:my|our|he|she|they|who)\b", re.IGNORECASE)
_NEAR: Final = 80
"""How many characters after a clause may still say why something is not eaten."""


def allergy_claims(reading: Reading, item: Phrase) -> Iterator[Claim]:
    """Reads what somebody has as an allergy: "a severe peanut allergy", "allergies to eggs".

    Args:
        reading: The clause.
        item: What is had.
    """
    norms = [token.norm for token in item]
    place = next((i for i, word in enumerate(norms) if word in {"allergy", "allergies"}), 0)
    before = _without_severity(item[:place])
    if "to" in norms:
        things = list(items(item[norms.index("to") + 1 :]))
    elif before and before[-1].norm in _KINDS:
        yield from only(reading.claim("health", written(reading.text, item)))
        return
    else:
        things = list(items(before)) if before else []
    for thing in things:
        if thing[-1].norm not in _SEVERITY | DETERMINERS:
            value = written(reading.text, without_article(thing))
            yield from graded(reading, value, item[:place])


def own_allergy(reading: Reading, noun: Phrase) -> Iterator[Claim]:
    """Reads "my peanut allergy is severe", which takes the allergy for granted.

    Args:
        reading: The clause.
        noun: The words after "my", the last of which is "allergy".
    """
    value = written(reading.text, _without_severity(noun[:-1])) if len(noun) > 1 else None
    if reading.predicate.tense is Tense.PRESENT and not reading.predicate.ended:
        yield from graded(reading, value, reading.predicate.complement, retracts=False)


def graded(
    reading: Reading, value: str | None, said: Phrase, *, retracts: bool | None = None
) -> Iterator[Claim]:
    """Yields an allergy, with how bad it is if the words beside it tell.

    What is known of the same allergy gives way to the graded value, and a grade that is known is
    kept where none is said.

    Args:
        reading: The clause.
        value: What it is to.
        said: The words that may tell how bad it is.
        retracts: As for `Reading.claim`.
    """
    norms = {token.norm for token in said} | reading.predicate.adverbs
    grade = next((_GRADES[word] for word in norms if word in _GRADES), "")
    held = next(
        (
            attribute.value
            for attribute in reading.known
            if (attribute.entity, attribute.key) == (reading.entity, "allergy")
            and stems(attribute.value.partition(" (")[0]) == stems(value or "")
        ),
        None,
    )
    claim = reading.claim("allergy", value, retracts=retracts)
    if claim is None:
        return
    if grade and not claim.retracts:
        told = f"{value} ({grade})"
        yield replace(claim, value=told, previous_value=held if held != told else None)
    else:
        yield replace(claim, value=held or value)


_SEVERE: Final = word_set(
    "severely severe deadly deathly lethal life-threatening anaphylactic dangerously fatal fatally "
    "dangerous seriously serious extremely extreme terribly terrible violently highly badly bad "
    "acute horribly horrible awfully awful super"
)
_MILD: Final = word_set("mildly mild slightly slight bit little")
_GRADES: Final = {**dict.fromkeys(_SEVERE, "severe"), **dict.fromkeys(_MILD, "mild")}
"""Words that say how bad an allergy is, and how it is kept."""


def for_allergy(predicate: Predicate, text: str) -> bool:
    """Tells whether a clause, or what follows it at once, speaks of an allergy of its subject.

    Args:
        predicate: The clause.
        text: The turn's content.
    """
    start, end = predicate.tokens[0].start, predicate.tokens[-1].end
    own = predicate.subject.kind.value == "first"
    after = text[end : end + _NEAR].partition("\n")[0]
    found = _ALLERGIC.search(after)
    if found is None:
        return _ALLERGIC.search(text, start, end) is not None
    return not (_OTHERS if own else _OWN).search(after[: found.start()])


def tells_allergy(predicate: Predicate, text: str) -> bool:
    """Tells whether a clause says of somebody that they are allergic, whoever it is.

    Args:
        predicate: The clause.
        text: The turn's content.
    """
    said = {token.norm for token in predicate.tokens} & {"allergic", "allergy", "allergies"}
    forbidden = predicate.modal == "can" and predicate.negated
    if forbidden and predicate.lemma in CONSUMING:
        return for_allergy(predicate, text)
    return predicate.lemma in {"be", "have"} and bool(said)


def _without_severity(phrase: Phrase) -> Phrase:
    """Returns "peanut" of "a really severe peanut", nothing of "a severe"."""
    rest = phrase
    while rest and (rest[0].norm in _SEVERITY | ARTICLES | ADVERBS or rest[0].norm.endswith("ly")):
        rest = rest[1:]
    return rest
