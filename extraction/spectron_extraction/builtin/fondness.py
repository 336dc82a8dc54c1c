"""Set phrases of fondness: "I never say no to cake", "I left my heart in Lisbon", "my usual latte".

Each opens a clause, or ends it ("Kyoto holds a special place in my heart"); what stands beside it
is liked.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from spectron_extraction.builtin.favorites import last_noun_phrase
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import ADVERBS, DETERMINERS, KIN, SUBJECT_PRONOUNS
from spectron_extraction.builtin.tokens import Phrase, Token, trim_marks, words
from spectron_extraction.builtin.values import cut, without_article
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set


class Drawn(NamedTuple):
    """What somebody is drawn to.

    Attributes:
        phrase: The words for it.
        key: The key that it is a value of.
        verb: What one wishes to do with it ("visit"); empty: no wish.
        by_name: Whether it may be a person: somebody whose works are meant.
    """

    phrase: Phrase
    key: str = "likes"
    verb: str = ""
    by_name: bool = False


Found = Iterator[Drawn]

_LEADS: Final = phrase_set(
    "never say no to, never turn down, am always up for, am always down for, "
    "am always in the mood for, am never not in the mood for, nothing like, there is nothing like, "
    "you can not beat, can not beat, it is hard to beat, left my heart in, fell in love with, "
    "have fallen in love with, am in love with, come alive in, "
    "feel most alive in, feel most alive by, am happiest in, am happiest by, am happiest at, "
    "am happiest on, am in my element in, am in my element at, always look forward to, "
    "never miss an episode of, never miss a game of, never miss a show of, am rooting for, "
    "have season tickets for, have season tickets to, "
    "can not go wrong with, you can not go wrong with, "
    "never get tired of, never tire of, never get bored of, could never get tired of"
)
_LONGEST_LEAD: Final = 7
_ISLANDS: Final = word_set("island islands street avenue")
_EVERY_YEAR: Final = phrase_set("every year, each year, all year, every week, all week, every time")
_AGAIN: Final = phrase_set("in a heartbeat, any day, tomorrow, any time, anytime")
_FOND_ENDS: Final = phrase_set(
    "holds a special place in my heart, has a special place in my heart, "
    "hold a special place in my heart, have a special place in my heart, is close to my heart, "
    "catches my eye, catch my eye, always catches my eye, melts me, just melts me, melts my heart, "
    "puts me in a good mood, put me in a good mood, always puts me in a good mood, "
    "has its charm, has its own charm, have their charm, has a charm of its own, "
    "makes my day, lifts my spirits, lifts my mood, is music to my ears"
)
_LONGEST_END: Final = 7
_AFTER: Final = word_set(
    "this when while because after before every on with for so if during as at from in by for"
)
_PEOPLE: Final = word_set("people person guy girl man woman someone somebody him her them you")
_UNBEATEN: Final = word_set("system odds clock price prices traffic deadline value cost speed")
_GETTING: Final = word_set("grab get order have drink buy pick make sip need finish")
_HOURS: Final = word_set("flight bus train seat spot route time table place self stuff thing way")
_GAMES: Final = word_set("round game session set match hand lap")
_PLAYED: Final = word_set("play squeeze get fit do have finish enjoy sneak win lose")
_GENIUS: Final = word_set("genius legend master virtuoso treasure hero")


def fond_of(said: Phrase) -> Found:
    """Yields what a clause, without its openers, says in a set phrase to be liked.

    Args:
        said: The clause.
    """
    own = said[1:] if said[0].norm in {"i", "we"} else said
    yield from _opened(own)
    yield from _ended(said)
    yield from _usual(said)
    yield from _game_of(own)
    yield from _genius(said)
    yield from _day_with(own)
    yield from _spectated(own)


def _opened(own: Phrase) -> Found:
    """Reads "I never say no to cake" and "I'd go back to Kyoto in a heartbeat"."""
    lead = next(
        (length for length in range(_LONGEST_LEAD, 1, -1) if words(own[:length]) in _LEADS), 0
    )
    rest = own[lead:]
    if lead:
        yield from _liked(cut(rest) if rest and is_gerund(rest[0]) else cut(rest, at=_AFTER))
        return
    joined = words(own)
    if joined.startswith("grew up on ") and own[3].norm not in DETERMINERS:
        yield from _liked(cut(own[3:], at=_AFTER)) if own[-1].norm not in _ISLANDS else ()
    if joined.startswith("look forward to "):
        end = next((length for length in (2, 1) if words(own[-length:]) in _EVERY_YEAR), 0)
        yield from _liked(cut(own[3:-end])) if end else ()
    elif joined.startswith(("would go back to ", "would move back to ", "would return to ")):
        start = 3 if own[1].norm == "return" else 4
        end = next((length for length in (3, 2, 1) if words(own[-length:]) in _AGAIN), 0)
        yield from _liked(cut(own[start:-end])) if end else ()
    elif joined.startswith("can not wait to go back to "):
        place = cut(own[7:], at=_AFTER)
        yield from _liked(place) if place and place[-1].capital else ()


def _ended(said: Phrase) -> Found:
    """Reads "Kyoto holds a special place in my heart"."""
    for length in range(_LONGEST_END, 1, -1):
        if words(said[-length:]) in _FOND_ENDS and len(said) > length:
            before = said[:-length]
            while len(before) > 1 and before[-1].norm in ADVERBS:
                before = before[:-1]
            if before[0].norm == "anything" and len(before) > 1:
                before = before[1:]
            if before[0].norm not in SUBJECT_PRONOUNS | {"this", "that", "his", "her", "your"}:
                yield from _liked(last_noun_phrase(trim_marks(before), whole=True))
            return


def _usual(said: Phrase) -> Found:
    """Reads "grabbed my usual oat latte"."""
    for place in range(1, len(said) - 2):
        form = verb_form(said[place - 1].norm)
        if words(said[place : place + 2]) != "my usual" or form is None:
            continue
        phrase = cut(said[place + 2 :], at=_AFTER | {"and", "to", "of"})
        if form.lemma in _GETTING and phrase and head(phrase) not in _HOURS:
            yield from _liked(phrase)
        return


def _game_of(own: Phrase) -> Found:
    """Reads "squeezed in a round of golf": what is played is a pastime."""
    form = verb_form(own[0].norm) if own else None
    if form is None or form.lemma not in _PLAYED:
        return
    for place in range(2, len(own) - 1):
        if own[place].norm == "of" and own[place - 1].norm in _GAMES:
            article = {token.norm for token in own[max(0, place - 3) : place - 1]} & {
                "a",
                "another",
            }
            phrase = cut(own[place + 1 :], at=_AFTER | {"and", ","})
            if article and phrase and phrase[0].norm not in DETERMINERS:
                yield Drawn(phrase, "hobby")
            return


def _genius(said: Phrase) -> Found:
    """Reads "Terry Pratchett is a genius": a name of two words, since friends have one."""
    name = said[: next((i for i, token in enumerate(said) if not token.capital), 0)]
    rest = said[len(name) :]
    judged = words(rest[:2]) in {"is a", "was a"} and rest[2:] and rest[-1].norm in _GENIUS
    if judged and len(rest) <= 5 and 2 <= len(name) <= 4 and name[0].norm not in KIN:
        yield Drawn(name, by_name=True)


def _day_with(own: Phrase) -> Found:
    """Reads "I start every day with a matcha"."""
    form = verb_form(own[0].norm) if own else None
    if form is None or not (form.base or form.third) or form.lemma not in _OPENING:
        return
    if own[3:] and words((own[1], own[3])) in _EVERY_WITH and own[2].norm in _DAYTIMES:
        yield from _liked(cut(own[4:], at=_AFTER | {"and", ","}))


_OPENING: Final = word_set("start begin end finish")
_DAYTIMES: Final = word_set("day morning evening night")
_EVERY_WITH: Final = phrase_set("my with, every with, the with, each with")


def _spectated(own: Phrase) -> Found:
    """Reads "caught the rugby match": whoever watches it has a taste for the sport."""
    form = verb_form(own[0].norm) if own else None
    if form is None or form.lemma not in {"watch", "catch", "see", "attend", "follow"}:
        return
    for place in range(2, len(own)):
        sport, match = own[place - 1], own[place]
        if sport.norm in _SPORTS and match.norm in _MATCHES:
            whose = {token.norm for token in own[1 : place - 1]}
            if whose & {"a", "an", "the", "some"} and not whose & _OF_SOMEBODY:
                yield Drawn((sport,))
            return


_SPORTS: Final = word_set(
    "football soccer basketball baseball hockey rugby cricket tennis volleyball golf handball "
    "badminton boxing netball lacrosse softball snooker wrestling"
)
_MATCHES: Final = word_set("match matches game games final finals tournament playoffs race cup")
_OF_SOMEBODY: Final = word_set("my our his her their your 's school kids")


def is_gerund(token: Token) -> bool:
    """Tells whether a phrase that begins with a word names what one does."""
    form = verb_form(token.norm)
    return form is not None and form.gerund and not form.base and not token.capital


def _liked(phrase: Phrase) -> Found:
    bare = without_article(phrase)
    if (
        phrase
        and head(bare) not in _PEOPLE | _UNBEATEN
        and phrase[0].norm != "last"
        and not {t.norm for t in phrase} & _PEOPLE
    ):
        yield Drawn(phrase)
