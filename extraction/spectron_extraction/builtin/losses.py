"""Who is no more, or no more with the user: "my dog passed away", "my wife left me".

What such a clause takes for granted, a dog or a wife, is what it says there is no longer.
"""

import re
from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.entities import Relation
from spectron_extraction.builtin.lexicon import PLURAL_KIN
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.wordlists import phrase_set, word_set

_COUPLED: Final = word_set("girlfriend boyfriend partner fiance fiancee")
_MARRIED: Final = word_set("wife husband spouse")
_DEAD: Final = phrase_set("dead, gone, deceased, no more, no longer with us, no longer alive")
_UNREAL: Final = word_set("almost nearly if not never")
# "Left me", "broke up with me", "walked out": what follows the verb.
_PARTING: Final[dict[str, re.Pattern[str]]] = {
    "leave": re.compile(r"(?:me|us)(?! \w+ (?:alone|here|there|behind)\b)(?: for\b| \W|$)"),
    "dump": re.compile(r"me\b"),
    "ditch": re.compile(r"me\b"),
    "break": re.compile(r"(?:up(?: with me\b|$| [^\w ])|it off\b)"),
    "split": re.compile(r"(?:up(?: with me\b|$| [^\w ])|with me\b)"),
    "walk": re.compile(r"out(?: on me\b|$)"),
    "end": re.compile(r"(?:it|things|our relationship)(?: with me\b|$)"),
}
_DEATH: Final = re.compile(
    r"\b(?:died|dead|deceased|euthani[sz]ed|passed (?:away|on|over)|rainbow bridge"
    r"|put (?:\w+ ){0,4}(?:down|to sleep))\b"
)
_FLOWN: Final = re.compile(
    r"(?:has |have |just |, \w+ , |\w+ )?"
    r"(?:ran away|run away|ran off|went missing|gone missing)\b"
)
_LOST: Final = word_set("lost rehomed stolen missing")
_BREAKUP: Final = re.compile(
    r"\b(?:(?:broke|broken|split) up|broke it off|dumped|divorced|separated|breakup|left me)\b"
)
_WALKED_OUT: Final = re.compile(
    r"\bmy (?:wife|husband|girlfriend|boyfriend|gf|bf) left (?:\w+ ){0,2}"
    r"(?:ago|last (?:year|month))\b"
)


def speaks_of_death(tokens: Phrase) -> bool:
    """Tells whether a sentence speaks of a death, so that its "my dog" is perhaps no more."""
    return bool(_DEATH.search(words(tokens)))


def speaks_of_loss(tokens: Phrase) -> bool:
    """Tells whether a sentence speaks of an animal that is no longer there, dead or not."""
    gone = {token.norm for token in tokens} & _LOST
    return bool(gone) or speaks_of_death(tokens) or "ran away" in words(tokens)


def flown(noun: str, after: Phrase) -> bool:
    """Tells "my dog ran away", after which there is none, from "my brother ran away".

    Args:
        noun: The word for who it is.
        after: What follows it.
    """
    return noun in ANIMALS and bool(_FLOWN.match(words(after)))


def speaks_of_parting(tokens: Phrase) -> bool:
    """Tells whether a sentence speaks of a couple that parted."""
    return bool(_BREAKUP.search(words(tokens))) or walked_out(tokens)


def walked_out(tokens: Phrase) -> bool:
    """Tells "my wife left years ago" from "my wife left for work" and "left me a note"."""
    return bool(_WALKED_OUT.search(words(tokens)))


def after_loss(reading: Reading, relation: Relation) -> list[Claim] | None:
    """Returns what is left to say after "my husband died", None if nobody was lost.

    Args:
        reading: The clause, whose subject is the relative or animal.
        relation: Who that is.
    """
    predicate = reading.predicate
    if flown(relation.kind, predicate.tokens[-len(predicate.raw) - 1 :]):
        return []
    if predicate.negated or predicate.hypothetical or predicate.hedged or predicate.modal:
        return None
    if {token.norm for token in predicate.tokens} & _UNREAL:
        return None
    if _dead(reading):
        if relation.animal:
            return []
        if relation.kind in _MARRIED:
            return list(_status(reading, "widowed"))
        if relation.kind in _COUPLED:
            return list(_status(reading, "single"))
        lost = f"lost their {relation.kind}"
        return list(
            only(
                reading.claim("event", lost, event=True, change=False, entity=reading.user)
                if relation.kind not in PLURAL_KIN
                else None
            )
        )
    happened = predicate.tense is Tense.PAST or predicate.perfect or predicate.lemma == "split"
    if not happened or relation.kind not in _COUPLED | _MARRIED:
        return None
    if predicate.lemma == "divorce" and words(predicate.complement[:1]) == "me":
        return list(_status(reading, "divorced"))
    pattern = _PARTING.get(predicate.lemma)
    if pattern is not None and pattern.match(words(predicate.complement)):
        return list(_status(reading, "single"))
    return None


def _dead(reading: Reading) -> bool:
    predicate = reading.predicate
    rest = words([token for token in predicate.complement if token.word])
    if predicate.lemma == "be":
        return rest in _DEAD or rest.startswith(("put down", "put to sleep", "euthani"))
    happened = predicate.tense is Tense.PAST or predicate.perfect or predicate.passive
    return happened and speaks_of_death(predicate.tokens)


def _status(reading: Reading, status: str) -> Iterator[Claim]:
    yield from only(
        reading.claim("marital_status", status, event=True, entity=reading.user, retracts=False)
    )
