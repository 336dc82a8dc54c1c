"""Verbs with rules of their own: have, get, buy, join a team, quit, lose, start, turn, be born."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.dwelling import dwelt, rented
from spectron_extraction.builtin.employment import (
    founded,
    gave_up,
    lost,
    moved_team,
    quit_or_left,
    resigned,
    started,
    taught,
)
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.having import acquire, get, have, hold
from spectron_extraction.builtin.lexicon import ADVERBS, DWELLINGS, MOMENTARY
from spectron_extraction.builtin.nouns import listed_friends
from spectron_extraction.builtin.partings import parted
from spectron_extraction.builtin.schooling import graduated
from spectron_extraction.builtin.things import BODY_PARTS
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    plain_number,
    trim,
    written,
)
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType

Rule = Callable[[Reading], Iterator[Claim]]


def _turn(reading: Reading) -> Iterator[Claim]:
    predicate = reading.predicate
    phrase = trim(predicate.complement)
    past = predicate.tense is Tense.PAST or predicate.perfect
    if past and len(phrase) == 1 and plain_number(phrase[0].norm, below=120):
        yield from only(reading.claim("age", phrase[0].norm, event=True))


def _parts(tokens: Phrase) -> list[Phrase]:
    """Returns what stands after each preposition of "in 1990 in Leeds"."""
    places = [i for i, token in enumerate(tokens) if token.norm in {"in", "on", "at", "near"}]
    ends = [*places[1:], len(tokens)]
    parts = [trim(cut(tokens[i + 1 : j])) for i, j in zip(places, ends, strict=True)]
    return [part for part in parts if part]


def _born(reading: Reading) -> Iterator[Claim]:
    """Reads "I was born in Rome", "I was born on 5 May 1990", "born and raised in Leeds"."""
    predicate = reading.predicate
    raw = trim_marks(predicate.raw)
    while raw and raw[0].norm in {"born", "raised", "and", "bred", "up"}:
        raw = raw[1:]
    place = cut(predicate.complement, at=frozenset({"on", "to", "with", "at", "as"}))
    while place and place[0].norm in {"born", "raised", "and", "bred", "up"}:
        place = place[1:]
    if predicate.times and raw and raw[0].norm in {"on", "in"}:
        parts = _parts(raw)
        dated = [part for part in parts if any(token.norm[0].isdigit() for token in part)]
        if dated:
            claim = reading.claim(
                "birthday", written(reading.text, dated[0]), event=True, change=False
            )
            yield from (replace(each, valid_from=None) for each in only(claim))
            places = [part for part in parts if part not in dated]
            named = next((part for part in places if part[0].capital), *places[:1] or [()])
            place = (raw[0], *named) if named else ()
    if place and place[0].norm in {"in", "on"} and GUARDS["origin"](place[1:]):
        value = written(reading.text, place[1:], ValueType.PLACE)
        claim = reading.claim("hometown", value, event=True, change=False)
        if claim:
            yield replace(claim, valid_from=None)


def _married(reading: Reading) -> Iterator[Claim]:
    """Reads "I married my best friend", "we got married" apart."""
    if reading.about_user and (reading.predicate.tense is Tense.PAST or reading.predicate.perfect):
        yield from only(reading.claim("marital_status", "married", event=True))


def _divorced(reading: Reading) -> Iterator[Claim]:
    """Reads "we divorced last year"."""
    if reading.about_user and (reading.predicate.tense is Tense.PAST or reading.predicate.perfect):
        yield from only(reading.claim("marital_status", "divorced", event=True))


def _known_how(reading: Reading) -> Iterator[Claim]:
    """Reads "I know how to swim", "I don't know how to drive"."""
    predicate = reading.predicate
    phrase = trim(cut(predicate.raw, at=frozenset({"because", "so"})))
    if predicate.tense is not Tense.PRESENT or predicate.modal or len(phrase) < 3:
        return
    if words(phrase[:3]) == "my way around" and len(phrase) > 3 and not predicate.negated:
        yield from only(reading.claim("expertise", written(reading.text, phrase[3:])))
        return
    if words(phrase[:2]) != "how to" or len(phrase) > 8:
        return
    if any(token.norm in {"you", "it", "this", "that", "these", "them"} for token in phrase):
        return
    momentary = phrase[2].norm in MOMENTARY
    value = written(reading.text, phrase[2:])
    key = "skill_gap" if predicate.negated else "skill"
    if value and not momentary:
        yield from only(reading.claim(key, value, retracts=False))


def _shared(reading: Reading) -> Iterator[Claim]:
    """Reads "I share a flat with two friends"."""
    phrase = trim(cut(reading.predicate.complement))
    norms = [token.norm for token in phrase]
    if "with" not in norms or reading.predicate.tense is not Tense.PRESENT:
        return
    place = norms.index("with")
    if set(norms[:place]) & DWELLINGS:
        beside = phrase[place + 1 :]
        town = next((i for i, token in enumerate(beside) if token.norm == "in"), len(beside))
        where, beside = beside[town + 1 :], beside[:town]
        if where and GUARDS["place"](where):
            home = written(reading.text, where, ValueType.PLACE)
            yield from only(reading.claim("location", home))
        names = list(listed_friends(reading, beside))
        yield from names
        comma = next((i for i, token in enumerate(beside) if token.norm == ","), len(beside))
        company = written(reading.text, beside[:comma] if names else beside)
        yield from only((company and reading.claim("household", f"with {company}")) or None)


def _believed(reading: Reading) -> Iterator[Claim]:
    """Reads "I believe in ghosts"."""
    phrase = trim(cut(reading.predicate.complement))
    if words(phrase[:1]) == "in" and len(phrase) > 1 and not reading.predicate.negated:
        value = written(reading.text, phrase[1:]) if GUARDS["likeable"](phrase[1:]) else None
        yield from only((value and reading.claim("opinion", f"believes in {value}")) or None)


def _never_learned(reading: Reading) -> Iterator[Claim]:
    """Reads "I never learned to swim"."""
    predicate = reading.predicate
    phrase = trim(cut(predicate.raw, at=frozenset({"because", "so"})))
    phrase = phrase[1:] if words(phrase[:1]) == "how" else phrase
    if predicate.negated and predicate.tense is Tense.PAST and words(phrase[:1]) == "to":
        value = written(reading.text, phrase[1:]) if 1 < len(phrase) <= 7 else None
        yield from only(reading.claim("skill_gap", value, event=True, retracts=False))


_GOOD: Final = word_set(
    "fun amazing fascinating great relaxing interesting beautiful delicious "
    "calming soothing inspiring enjoyable exciting wonderful therapeutic cute"
)
_BAD: Final = word_set(
    "boring annoying disgusting tedious terrible awful overrated stressful "
    "exhausting frustrating gross dull scary creepy irritating"
)


def _found(reading: Reading) -> Iterator[Claim]:
    """Reads "I find opera boring"."""
    phrase = cut(reading.predicate.complement)
    while len(phrase) > 2 and phrase[-2].norm in ADVERBS:
        phrase = (*phrase[:-2], phrase[-1])
    plain = reading.predicate.tense is Tense.PRESENT and not reading.predicate.negated
    if not plain or len(phrase) < 2 or phrase[-1].norm not in _GOOD | _BAD:
        return
    if GUARDS["likeable"](phrase[:-1]):
        key = "likes" if phrase[-1].norm in _GOOD else "dislikes"
        value = written(reading.text, phrase[:-1])
        yield from only(reading.claim(key, value, confidence=0.8))


def _groomed(reading: Reading) -> Iterator[Claim]:
    """Reads "I dyed my hair blue", "I keep my beard short": how somebody looks since."""
    predicate = reading.predicate
    phrase = trim(cut(predicate.complement, at=_AFTER_LOOKS))
    dyed = predicate.lemma in {"dye", "bleach"}
    real = predicate.tense is (Tense.PAST if dyed else Tense.PRESENT) or predicate.perfect
    if not real or predicate.negated or predicate.modal or words(phrase[:1]) != "my":
        return
    if not 3 <= len(phrase) <= 5 or phrase[1].norm not in BODY_PARTS:
        return
    looks = written(reading.text, phrase[2:])
    if looks and (dyed or phrase[2].norm in _WORN):
        yield from only(
            reading.claim("appearance", f"{looks} {phrase[1].norm}", event=dyed, change=False)
        )


_AFTER_LOOKS: Final = word_set("for with so because again in at on last")
_WORN: Final = word_set("long short shaved natural curly straight braided black trimmed dyed")


SPECIAL: Final[dict[str, Rule]] = {
    "have": have,
    "hold": hold,
    "do": hold,
    "know": _known_how,
    "find": _found,
    "get": get,
    "buy": acquire,
    "adopt": acquire,
    "rescue": acquire,
    "own": acquire,
    "quit": quit_or_left,
    "leave": quit_or_left,
    "dump": quit_or_left,
    "stop": quit_or_left,
    "lose": lost,
    "share": _shared,
    "believe": _believed,
    "give": gave_up,
    "split": parted,
    "break": parted,
    "separate": parted,
    "learn": _never_learned,
    "resign": resigned,
    "retire": resigned,
    "start": started,
    "begin": started,
    "turn": _turn,
    "found": founded,
    "co-found": founded,
    "teach": taught,
    "move": moved_team,
    "join": moved_team,
    "transfer": moved_team,
    "switch": moved_team,
    "migrate": moved_team,
    "raise": _born,
    "graduate": graduated,
    "drop": graduated,
    "marry": _married,
    "divorce": _divorced,
    "live": dwelt,
    "rent": rented,
    **dict.fromkeys(("dye", "bleach", "keep", "wear"), _groomed),
}
"""The rules by the verb's base form."""


def born(reading: Reading) -> Iterator[Claim]:
    """Yields what "I was born ..." says; "born" stands after "be" as an adjective would."""
    yield from _born(reading)
