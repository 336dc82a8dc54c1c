"""Conditions on values, by which a slot tells what belongs in it from what does not."""

from collections.abc import Callable
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.heads import begins_with_gerund, head
from spectron_extraction.builtin.lexicon import (
    APPOINTMENTS,
    ARTICLES,
    DETERMINERS,
    DWELLINGS,
    INDUSTRIES,
    INSTRUMENTS,
    KIN,
    LANGUAGES,
    NOT_ROLES,
    OCCUPATIONS,
    POSSESSIVES,
    PROGRAMMING,
    ROLE_ENDINGS,
    TITLES,
    VAGUE,
    VEHICLES,
    VENTURES,
    WORKPLACES,
)
from spectron_extraction.builtin.places import (
    is_base,
    is_destination,
    is_origin,
    is_place,
    is_raised_on,
)
from spectron_extraction.builtin.sites import (
    FURNITURE,
    NOT_EMPLOYING,
    NOT_FIRMS,
    PASSING,
    PAY,
    serves,
)
from spectron_extraction.builtin.things import BODY_MARKS, BODY_PARTS, OWNED, SYSTEMS
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import name_like, usable, without_article
from spectron_extraction.builtin.wordlists import word_set

Guard = Callable[[Phrase], bool]

_SCHOOL_WORDS: Final = word_set(
    "high university college school academy uni institute polytechnic kindergarten gymnasium"
)
_SCHOOLS: Final = word_set(
    "mit ucla oxford cambridge harvard stanford yale princeton berkeley caltech eth nyu"
)
_OWN_WORK: Final = word_set("job work place office desk company firm home own")
_ADDRESSEE: Final = word_set("you your yours yourself")
_SENTENTIAL: Final = word_set("how when what why where if whether that")


def is_role(phrase: Phrase) -> bool:
    """Tells whether a noun phrase names an occupation or position."""
    bare = without_article(phrase)
    if not bare or len(bare) > 10 or bare[0].norm in VAGUE:
        return False
    noun = head(bare)
    if noun in TITLES:
        return bool({token.norm for token in bare[:-1]} & TITLES[noun])
    if noun in NOT_ROLES | APPOINTMENTS:
        return False
    single = noun.removesuffix("s")
    smith = single == "smith" and bare[-1].capital  # "Leo Smith"
    if noun in OCCUPATIONS or single in OCCUPATIONS or single.endswith(ROLE_ENDINGS):
        return not smith
    return any(token.norm.split("-")[-1] in OCCUPATIONS for token in bare[:4])


def _organization(phrase: Phrase) -> bool:
    if not usable(phrase) or phrase[0].norm in PASSING | _ADDRESSEE:
        return False
    if phrase[0].norm in {"my", "our", "the"} and len(phrase) == 2 and phrase[1].norm in _OWN_WORK:
        return False
    hour = phrase[0].norm[0].isdigit() and phrase[0].norm.endswith(("am", "pm"))
    if begins_with_gerund(phrase) or phrase[0].norm.isdigit() or hour:
        return False
    bare = without_article(phrase)
    noun = head(bare)
    if len(bare) > 1 and noun in WORKPLACES:
        return True  # "A nursing home"
    owned = phrase[0].norm in POSSESSIVES and noun not in VENTURES  # "My kitchen table"
    paid = noun in PAY and phrase[0].norm not in {"a", "an"}
    if not _capital(phrase) and (noun in FURNITURE or paid or owned):
        return False
    return noun not in PASSING | NOT_FIRMS


def _taken_up(phrase: Phrase) -> bool:
    """Tells "got into bouldering" from "got into trouble" and "got into the car"."""
    return (
        _likeable(phrase)
        and phrase[0].norm not in DETERMINERS
        and phrase[-1].norm not in _ENTERED | _SCHOOLS
        and len(phrase) <= 4
    )


_ENTERED: Final = word_set(
    "trouble bed debt college school university position shape touch law fight fights contact "
    "arguments argument power office town work details detail"
)


def _wished(phrase: Phrase) -> bool:
    """Tells "a puppy" and "a new bike", which one wishes for, from "a short answer"."""
    noun = head(without_article(phrase))
    return phrase[0].norm in {"a", "an", "another", "my", "two"} and (
        noun in ANIMALS or noun in OWNED or noun in {"baby", "family", "child", "tattoo", "kids"}
    )


def _workplace(phrase: Phrase) -> bool:
    """Tells "a bank" and "the city library" from "a hurry" and "a team"."""
    bare = without_article(phrase)
    if phrase[0].norm not in {"a", "an", "the", "our", "my", "two"} or len(bare) > 6:
        return False
    return usable(bare) and head(bare) in WORKPLACES


def _industry(phrase: Phrase) -> bool:
    bare = without_article(phrase)
    return head(bare) in INDUSTRIES or (
        len(bare) <= 5 and head(bare) in {"industry", "sector", "field", "business"}
    )


def _work_item(phrase: Phrase) -> bool:
    return usable(phrase) and not any(token.norm in _ADDRESSEE for token in phrase)


def _worked_on(phrase: Phrase) -> bool:
    """Tells what one works on from when: "on weekends", "on Mondays and Fridays"."""
    return _work_item(phrase) and phrase[0].norm.removesuffix("s") not in _DAYS


_DAYS: Final = word_set(
    "weekend weekday monday tuesday wednesday thursday friday saturday sunday night evening "
    "morning holiday commission call shift contract"
)


def _school(phrase: Phrase) -> bool:
    if not usable(phrase):
        return False
    noun = head(without_article(phrase))
    capital = any(token.capital for token in phrase)
    named = capital and any(token.norm in _SCHOOL_WORDS | _SCHOOLS for token in phrase)
    return named or noun in _SCHOOL_WORDS


def _studied_at(phrase: Phrase) -> bool:
    """Tells "MIT" and "the academy" from "the library" and "a café", where anybody may study."""
    anywhere = {token.norm for token in phrase[:4]} & (WORKPLACES | DWELLINGS)
    return _organization(phrase) and (_capital(phrase) or not anywhere or _school(phrase))


def _admitted(phrase: Phrase) -> bool:
    """Tells a school that takes somebody in from "hospital", "the bar" and "a programme"."""
    noun = head(without_article(phrase))
    named = noun not in _TAKING_IN and (len(phrase) > 1 or noun not in _SCHOOL_WORDS)
    return named and _studied_at(phrase) and phrase[0].norm not in {"a", "an"}


_TAKING_IN: Final = word_set(
    "hospital ward icu emergency bar program programme course party club group team gym"
)


def _subject(phrase: Phrase) -> bool:
    return (
        usable(phrase)
        and phrase[0].norm not in {"hard", "abroad", "alone", "together", "at", "for", "all"}
        and phrase[0].norm not in DETERMINERS
        and not phrase[0].norm.isdigit()
        and len(phrase) <= 6
    )


def _likeable(phrase: Phrase) -> bool:
    if not usable(phrase) or any(token.norm in _ADDRESSEE for token in phrase):
        return False
    if phrase[0].norm in {"this", "that", "these", "those", "his", "her", "their", "its", "any"}:
        return False
    if phrase[0].norm in {"about", "of"}:
        return False  # "One of the things I love about his work"
    if phrase[0].norm in _SENTENTIAL or (phrase[0].norm == "the" and len(phrase) == 1):
        return False
    if phrase[0].norm in {"the", "a", "an"} and head(without_article(phrase)) in {
        "way", "idea", "fact", "sound", "look", "thought", "suggestion", "answer", "part",
    }:  # fmt: skip
        return False
    return not (phrase[0].norm in {"my", "our"} and any(token.norm in KIN for token in phrase))


def _language(phrase: Phrase) -> bool:
    return any(token.norm in LANGUAGES for token in phrase)


def _tool(phrase: Phrase) -> bool:
    if not _likeable(phrase) or (
        phrase[0].norm in {"the", "my", "a", "an", "some", "our"}
        and not (any(token.capital for token in phrase[1:]))
    ):
        return False
    return len(phrase) <= 6 and not begins_with_gerund(phrase)


def _programming(phrase: Phrase) -> bool:
    return len(phrase) <= 4 and any(token.norm in PROGRAMMING for token in phrase)


def _game(phrase: Phrase) -> bool:
    return (
        _likeable(phrase)
        and len(phrase) <= 6
        and head(without_article(phrase)) not in {"role", "part", "fool", "well", "music", "fair"}
    )


def _pastime(phrase: Phrase) -> bool:
    return (
        _likeable(phrase)
        and len(phrase) <= 8
        and phrase[0].norm not in VAGUE | ARTICLES - {"a", "an"}
    )


def _owned(phrase: Phrase) -> bool:
    return _likeable(phrase) and len(phrase) <= 8


def _worn_mark(phrase: Phrase) -> bool:
    """Tells "I wear glasses", which belong to how one looks, from "I wear a coat"."""
    noun = head(without_article(phrase))
    return len(phrase) <= 4 and noun in BODY_MARKS | BODY_PARTS | {"contacts", "dentures", "wig"}


def _vehicle(phrase: Phrase) -> bool:
    return (
        len(phrase) > 1
        and len(phrase) <= 6
        and phrase[0].norm in {"a", "an", "my"}
        and usable(phrase[1:])
        and head(phrase) not in KIN
        and head(phrase) not in ANIMALS
        and head(phrase) not in {"bus", "taxi", "train", "lot", "cab", "hour", "way", "kids"}
    )


def _joined(phrase: Phrase) -> bool:
    named = next((i for i, token in enumerate(phrase) if token.norm in {"called", "named"}), 0)
    phrase = phrase[named + 1 :] if named else phrase  # "A consultancy named Arup"
    return bool(phrase) and (
        _organization(phrase)
        and phrase[0].capital
        and not serves(phrase)
        and head(phrase) not in {"gym", "club", "us", "call", "meeting", "band", "army"}
    )


def _begun(phrase: Phrase) -> bool:
    """Tells where one begins a job from "I started at the gym" and "at the bottom"."""
    noun = head(without_article(phrase))
    employing = noun in (WORKPLACES | VENTURES) - NOT_EMPLOYING
    common = phrase[0].norm in DETERMINERS and not _capital(phrase)
    return _organization(phrase) and (employing or not common)


def _responsibility(phrase: Phrase) -> bool:
    return usable(phrase) and phrase[0].norm != "to" and len(phrase) <= 10 and _likeable(phrase)


def _department(phrase: Phrase) -> bool:
    bare = without_article(phrase)
    return len(bare) > 1 and head(bare) in {"department", "team", "division", "squad", "unit"}


def _system(phrase: Phrase) -> bool:
    """Tells "I run Debian", which names a system, from "I run marathons"."""
    return bool(phrase) and phrase[0].capital and phrase[0].norm in SYSTEMS


def _venture(phrase: Phrase) -> bool:
    return (
        len(phrase) > 1
        and phrase[0].norm in {"a", "an", "my", "our", "the"}
        and head(phrase[1:]) in VENTURES
        and usable(phrase[1:])
    )


def _capital(phrase: Phrase) -> bool:
    return any(token.capital for token in phrase)


def _name(phrase: Phrase) -> bool:
    return (
        name_like(phrase)
        and (phrase[0].capital or len(phrase) == 1)
        and not (phrase[0].norm in KIN or phrase[0].norm in ANIMALS)
    )


def _number(phrase: Phrase) -> bool:
    return bool(phrase) and phrase[0].norm.replace(".", "").isdigit()


def _instrument(phrase: Phrase) -> bool:
    return head(without_article(phrase)) in INSTRUMENTS


def _owned_kind(phrase: Phrase) -> bool:
    return any(token.norm in VEHICLES for token in phrase)


GUARDS: Final[dict[str, Guard]] = {
    "": usable,
    "admitted": _admitted,
    "base": is_base,
    "begun": _begun,
    "capital": _capital,
    "department": _department,
    "destination": is_destination,
    "game": _game,
    "industry": _industry,
    "instrument": _instrument,
    "joined": _joined,
    "language": _language,
    "likeable": _likeable,
    "name": _name,
    "number": _number,
    "organization": _organization,
    "origin": is_origin,
    "owned": _owned,
    "owned_kind": _owned_kind,
    "pastime": _pastime,
    "place": is_place,
    "programming": _programming,
    "raised_on": is_raised_on,
    "responsibility": _responsibility,
    "role": is_role,
    "school": _school,
    "service": serves,
    "studied_at": _studied_at,
    "subject": _subject,
    "system": _system,
    "taken_up": _taken_up,
    "tool": _tool,
    "topic": _likeable,
    "trouble": _work_item,
    "vehicle": _vehicle,
    "venture": _venture,
    "wished": _wished,
    "work_item": _work_item,
    "worked_on": _worked_on,
    "workplace": _workplace,
    "worn_mark": _worn_mark,
}
"""The conditions, by the name that a slot refers to them by."""
