"""Set phrases that say what a plainer verb says, and are read as if that stood there.

Of taste: "I can't resist dumplings", "I could eat rice all day". Of being: "I happen to be a
vegan", "I went vegan", "I consider myself an introvert". Of living: "I go to live in Porto".
"""

from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.lexicon import (
    ARTICLES,
    DETERMINERS,
    DIETS,
    EMPLOYMENT,
    MARITAL,
    RELIGIONS,
)
from spectron_extraction.builtin.roles import INTENSIFIERS
from spectron_extraction.builtin.syntax import Predicate
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.wordlists import phrase_set, word_set

_CANNOT_BEAR: Final = word_set("stand bear tolerate abide stomach")
_CANNOT_LEAVE: Final = {
    "resist": "",
    "get": "enough of",
    "live": "without",
    "do": "without",
    "survive": "without",
}
"""What one cannot do to what one likes, and the words that must follow the verb."""

_CONSUMED: Final = word_set("eat drink watch listen play read")
_OUTINGS: Final = word_set("walk run ride drive swim hike jog stroll it that")
_WITHOUT_END: Final = phrase_set(
    "all day, every day, everyday, forever, all day long, all night, for hours, all the time, "
    "every night, for every meal, all day every day, everyday all day"
)
_LONGEST_END: Final = 4
_DISMISSED: Final = phrase_set(
    "fired, laid off, let go, made redundant, sacked, fired from, sacked from"
)
_BECOMING: Final = word_set("become turn go")
_STATES: Final = DIETS | EMPLOYMENT | MARITAL | RELIGIONS
_SELF: Final = ("myself as", "myself to be", "myself")
_SEEING: Final = word_set("consider call describe see think label")


def plainly(predicate: Predicate) -> Predicate:
    """Returns a clause that says something in a set phrase with the plain verb for it.

    Args:
        predicate: The clause.

    Returns:
        The clause itself if it is no such phrase.
    """
    if predicate.modal in {"can", "could"}:
        return _of_taste(predicate)
    return _of_being(_of_leaning(predicate))


def _of_taste(predicate: Predicate) -> Predicate:
    complement = predicate.complement
    if predicate.negated and predicate.lemma in _CANNOT_BEAR:
        return _plain(predicate, "hate", complement)
    lead = _CANNOT_LEAVE.get(predicate.lemma) if predicate.negated else None
    length = len(lead.split()) if lead else 0
    if lead is not None and words(complement[:length]) == lead and complement[length:]:
        return _plain(predicate, "love", complement[length:])
    if predicate.lemma == "live" and words(complement[:1]) in {"on", "off"} and complement[1:]:
        return _plain(predicate, "love", complement[1:])
    outing = bool({token.norm for token in complement} & _OUTINGS)
    if predicate.lemma == "go" and words(complement[:1]) == "for" and complement[1:] and not outing:
        return _plain(predicate, "like", complement[1:])
    if predicate.lemma in _CONSUMED:
        for length in range(_LONGEST_END, 0, -1):
            rest = predicate.raw[:-length]
            if rest and words(predicate.raw[-length:]) in _WITHOUT_END:
                return _plain(predicate, "love", rest[1:] if rest[0].norm == "to" else rest)
    return predicate


def _of_leaning(predicate: Predicate) -> Predicate:
    """Reads "I gravitate towards loose linen", "I keep going back to Bach", "I find myself ..."."""
    steady = predicate.tense is Tense.PRESENT and not predicate.progressive
    if not steady or predicate.modal or predicate.negated:
        return predicate
    leads = _LEANING.get(predicate.lemma, ())
    if predicate.lemma in {"go", "come"} and "always" in predicate.adverbs:
        leads = ("back to",)
    rest = predicate.complement
    lead = next((lead for lead in leads if words(rest[: len(lead.split())]) == lead), "")
    rest = rest[len(lead.split()) :]
    if (
        not lead
        or not rest
        or (predicate.lemma in {"keep", "go", "come"} and rest[0].norm in DETERMINERS)
    ):
        return predicate  # "I keep going back to the office" tells of a way, not of a taste.
    return _plain(predicate, "like", rest)


_EAGER: Final = phrase_set(
    "determined to, eager to, keen to, desperate to, itching to, dying to, burning to"
)
_LONGING: Final = word_set("itch die ache yearn burn")
_LEANING: Final = {
    "gravitate": ("to", "towards", "toward"),
    "lean": ("towards", "toward"),
    "thrive": ("in", "on"),
    "keep": ("going back to", "coming back to", "returning to"),
    "find": ("myself drawn to", "myself going back to", "myself coming back to"),
    "tend": ("to go for", "to prefer", "to gravitate towards"),
}
"""What one does towards what one likes, and the words that must follow the verb."""


def _plain(predicate: Predicate, lemma: str, complement: Phrase) -> Predicate:
    return replace(
        predicate, lemma=lemma, negated=False, modal="", hedged=False, complement=complement
    )


def _of_being(predicate: Predicate) -> Predicate:
    raw = predicate.raw
    eager = predicate.lemma == "be" and words(raw[:2]) in _EAGER
    longing = predicate.progressive and predicate.lemma in _LONGING and words(raw[:1]) == "to"
    if (eager or longing) and predicate.tense is Tense.PRESENT and not predicate.negated:
        wish = raw[1:] if eager else raw
        return replace(predicate, lemma="want", progressive=False, raw=wish, complement=wish)
    if predicate.lemma == "be" and words(raw[:2]) == "off to" and not predicate.negated:
        # "I'm off to Vienna on Friday"
        return replace(
            predicate,
            lemma="go",
            progressive=True,
            raw=raw[1:],
            complement=predicate.complement[1:],
        )
    past = predicate.tense is Tense.PAST or predicate.perfect
    if past and predicate.lemma == "be" and words(raw[:2]) in _DISMISSED:
        return replace(predicate, lemma="get", perfect=False, tense=Tense.PAST)
    if predicate.lemma == "go" and predicate.perfect and words(raw[:1]) == "off" and raw[1:]:
        return replace(
            predicate, lemma="hate", perfect=False, tense=Tense.PRESENT, complement=raw[1:]
        )
    if predicate.lemma == "keep" and words(raw) in DIETS:
        return replace(predicate, lemma="be")
    if predicate.lemma == "happen" and words(raw[:2]) == "to be":
        return replace(predicate, lemma="be", complement=raw[2:], raw=raw[2:])
    if predicate.lemma == "identify" and words(raw[:1]) == "as":
        return replace(predicate, lemma="be", complement=raw[1:], raw=raw[1:])
    if predicate.lemma in _SEEING:
        lead = next((lead for lead in _SELF if words(raw[: len(lead.split())]) == lead), "")
        rest = raw[len(lead.split()) :]
        return replace(predicate, lemma="be", complement=rest, raw=rest) if lead else predicate
    happened = predicate.tense is Tense.PAST or predicate.perfect
    if predicate.lemma in _BECOMING and happened and _names_state(predicate):
        # What one became, one is.
        return replace(
            predicate,
            lemma="be",
            tense=Tense.PRESENT,
            perfect=False,
            adverbs=predicate.adverbs | {"now"},
        )
    return predicate


def _names_state(predicate: Predicate) -> bool:
    rest = predicate.complement
    while len(rest) > 1 and rest[0].norm in INTENSIFIERS - ARTICLES:
        rest = rest[1:]
    if predicate.lemma == "become":
        return bool(rest) and rest[0].norm in _STATES | {"a", "an"}
    return bool(rest) and rest[0].norm in _STATES
