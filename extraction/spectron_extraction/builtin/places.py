"""Where somebody can live, come from and move to: the conditions on values that are places."""

from typing import Final

from spectron_extraction.builtin.heads import begins_with_gerund, head
from spectron_extraction.builtin.lexicon import (
    ARTICLES,
    DETERMINERS,
    DWELLINGS,
    INDUSTRIES,
    PLACE_NAMES,
    PROGRAMMING,
)
from spectron_extraction.builtin.sites import (
    AREAS,
    NOT_PLACES,
    PASSING,
    STEPS,
    named_alone,
    not_dwelt,
)
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import usable, without_article
from spectron_extraction.builtin.wordlists import word_set

_NOT_NAMING: Final = word_set("my your his her their our such")
_GROUPS: Final = word_set(
    "team department company office division squad group committee agency firm startup side crew"
)
"""Who one speaks for: "I'm from the marketing team"."""


def is_place(phrase: Phrase) -> bool:
    """Tells whether somebody may live there: "Oslo", "the suburbs", but not "a mess"."""
    if not usable(phrase) or phrase[0].norm in _NOT_NAMING:
        return False
    noun = head(without_article(phrase))
    if noun in NOT_PLACES or noun in PASSING or phrase[0].norm.isdigit() or not_dwelt(phrase, noun):
        return False
    return not (noun in DWELLINGS and phrase[0].norm in DETERMINERS) and not begins_with_gerund(
        phrase
    )


def is_base(phrase: Phrase) -> bool:
    """Tells "Lisbon", from which one works, from "home on Fridays"."""
    return is_place(phrase) and named_alone(phrase)


def is_raised_on(phrase: Phrase) -> bool:
    """Tells "grew up on a farm" and "on Long Island" from "grew up on Motown"."""
    if not is_place(phrase):
        return False
    named = head(phrase) in {"island", "islands", "street", "avenue"}
    return named or phrase[0].norm in DETERMINERS


def is_destination(phrase: Phrase) -> bool:
    """Tells where one can move to with one's home from "management" and "plan B"."""
    if not is_place(phrase):
        return False
    noun = head(without_article(phrase))
    # "Moved to a bigger house", "moved to management", "moved to vim": no place, unless a name.
    if phrase[0].norm in ARTICLES:
        return phrase[-1].capital or noun in AREAS
    staged = phrase[0].norm in STEPS and len(phrase) > 1  # "Plan B", "dark mode"
    staged = staged or (noun in STEPS and not phrase[-1].capital)
    return noun not in PROGRAMMING and noun not in INDUSTRIES and noun != "team" and not staged


def is_origin(phrase: Phrase) -> bool:
    """Tells where one can come from: a place with a name, or one told in a word or two."""
    return (is_place(phrase) and head(phrase) not in _GROUPS) and (
        any(token.capital for token in phrase)
        or phrase[0].norm in {"a", "the"}
        or any(token.norm in PLACE_NAMES for token in phrase)
        or len(phrase) <= 2
    )
