"""What a sentence lets slip of who speaks: "while doing my PhD", "my college days at Purdue"."""

import re
from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.lexicon import AUXILIARIES, PREPOSITIONS
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.values import cut, usable, written
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.protocol import EntityRef

_CONFIDENCE: Final = 0.75
_MAX_TOKENS: Final = 4
_DEGREES: Final = word_set(
    "phd ph.d doctorate master's masters bachelor's bachelors mba msc bsc llm llb"
)
_SCHOOLS: Final = word_set("college university uni school student undergrad undergraduate grad")
_TIMES: Final = word_set("days years time")
_AGED: Final = re.compile(r"(\d\d)-year-old")
_MEASURED: Final = phrase_set("bad for a, good for a, well for a, fit for a, great for a")
_OWN: Final = word_set("i my me")
_DONE: Final = word_set("was were did during finished got defended completed earned since after")
"""Words that tell of a degree as past, or at least as taken up: "my PhD" alone may be to come."""

_UNREAL: Final = word_set(
    "if wish want wanted would could might apply applied applying consider considering hope dream "
    "dreaming never quit dropped almost he she his her your you they their"
)
_ENDS: Final = (
    PREPOSITIONS | AUXILIARIES | word_set("and but so i we was were when while because that now")
)


def slip_claims(text: str, tokens: Phrase, user: EntityRef) -> Iterator[Claim]:
    """Yields what a sentence tells of the speaker's age, degree and school beside its point.

    Args:
        text: The turn's content.
        tokens: What of a sentence is stated.
        user: The user.
    """
    norms = {token.norm for token in tokens}
    if norms & _UNREAL:
        return
    for place in range(1, len(tokens)):
        key, value = "age", _age(tokens, place)
        if not value and tokens[place - 1].norm == "my" and "not" not in norms:
            key, value = "degree", _degree(text, tokens[place:]) if norms & _DONE else None
            if not value:
                key, value = "alma_mater", _school(text, tokens[place:])
        if value:
            yield Claim(entity=user, key=key, value=value, tokens=tokens, confidence=_CONFIDENCE)


def _age(tokens: Phrase, place: int) -> str | None:
    """Reads "as a 52-year-old, I ..." and "not bad for a 37-year-old"."""
    aged = _AGED.fullmatch(tokens[place].norm)
    after = tokens[place + 1 :]
    if not aged or (after and after[0].word and after[0].norm not in _ENDS):
        return None
    lead = words(tokens[max(0, place - 3) : place])
    own = lead.endswith("as a") and {token.norm for token in tokens} & _OWN
    return aged[1] if own or (lead in _MEASURED and not after) else None


def _degree(text: str, phrase: Phrase) -> str | None:
    """Reads "back when I was doing my PhD in botany"."""
    if phrase[0].norm not in _DEGREES:
        return None
    subject = cut(phrase[2:], at=_ENDS | {","}) if words(phrase[1:2]) == "in" else ()
    named = 0 < len(subject) <= _MAX_TOKENS and not subject[0].norm.isdigit() and usable(subject)
    return written(text, (*phrase[:2], *subject) if named else phrase[:1])


def _school(text: str, phrase: Phrase) -> str | None:
    """Reads "my college days at Purdue"."""
    norms = [token.norm for token in phrase[:3]]
    if len(norms) < 3 or norms[0] not in _SCHOOLS or norms[1] not in _TIMES or norms[2] != "at":
        return None
    school = cut(phrase[3:], at=_ENDS | {","})
    named = 0 < len(school) <= _MAX_TOKENS and school[0].capital
    return written(text, school) if named else None
