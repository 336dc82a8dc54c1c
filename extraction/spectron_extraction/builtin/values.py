"""Values: cutting them out of what follows a verb, and writing them as they are kept."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    ARTICLES,
    AUXILIARIES,
    DETERMINERS,
    PLACE_NAMES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    VAGUE,
)
from spectron_extraction.builtin.secrets import holds_secret
from spectron_extraction.builtin.tokens import Phrase, Token, slice_of, trim_marks, words
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.ontology import ValueType

MAX_VALUE_LENGTH: Final = 300
"""A longer value is no fact in a few words; the protocol allows 2,000 characters."""

_MAX_ITEM_TOKENS: Final = 6
_MAX_ITEMS: Final = 12
_CUTS: Final = word_set(
    "because since although though while when whenever where which who whose whom but if unless so "
    "than whereas that except besides instead"
)
_TRAILING: Final = word_set(
    "now too well currently actually though anyway please tbh lol haha btw lately recently "
    "again idk dunno right ok okay either really still also already just today here there "
    "overall originally instead alot lot myself presently personally honestly together "
    "sometimes often usually regularly atm rn these days moment sure time times yet tho xd lmao "
    "nowadays maybe religiously sm ig fr ngl imo imho istg smh lowkey highkey"
)
_TRAILING_PHRASES: Final = phrase_set(
    "right now, at the moment, these days, as well, for now, of course, you know, i think, i "
    "guess, at present, by the way, a lot, very much, so much, the most, the best, all the "
    "time, all day, all day long, every day, "
    "at this point, as of now, to be honest, for sure, for a living, full "
    "time, part time, full-time, part-time, most of the time, at times, in general, more than "
    "anything, at all, hands down, by far, without a doubt, for a while, a bit, a little, "
    "a while, quite a bit, "
    "as a hobby, in my free time, in my spare time, on the side, after all, for work, "
    "for years, for a long time, my whole life, all my life, now days"
)
_TRAILING_LENGTHS: Final = tuple(
    sorted({len(phrase.split()) for phrase in _TRAILING_PHRASES}, reverse=True)
)
_TRAILING_ENDS: Final = frozenset(phrase.split()[-1] for phrase in _TRAILING_PHRASES)
_SPANS: Final = word_set("day hour time night evening week month year")
_DANGLING: Final = PREPOSITIONS | {"and", "or", "to"}
_UNCASED: Final = word_set("of the and in near de la van von der del")
_NAME_STOP: Final = PREPOSITIONS | SUBJECT_PRONOUNS | frozenset({"and", "or", "but"})


def cut(phrase: Phrase, *, at: frozenset[str] = frozenset()) -> Phrase:
    """Cuts a phrase where its value ends.

    Args:
        phrase: What follows a verb or preposition.
        at: Further words, such as prepositions, before which the value ends.

    Returns:
        The value's tokens, without marks and adverbs at the ends.
    """
    end = len(phrase)
    for index, token in enumerate(phrase):
        word = token.norm
        if (
            (word in _CUTS and (index or word != "so"))
            or (index and word in at)
            or (index and word in _APART and words(phrase[index + 1 : index + 2]) in _FROM)
            or (index and word == "that" and _relates(phrase[index + 1 :]))
            or (not token.word and word not in _INNER_MARKS)
            or (index and word == "," and _turns_away(phrase[index + 1 : index + 3]))
            or (index and word == "," and _asked_for(phrase[index + 1 :]))
        ):
            end = index
            break
    return trim(phrase[:end])


_APART: Final = frozenset({"apart", "aside", "other"})
_FROM: Final = frozenset({"from", "than"})
"""What follows "apart" and "other" where something is left out: "all fruit apart from figs"."""


def _turns_away(following: Phrase) -> bool:
    """Tells whether a request or an aside begins: "14 March, remind me", "the bus, taking ..."."""
    first, second = ([token.norm for token in following] + ["", ""])[:2]
    if first in _MEASURING and (second[:1].isdigit() or second in _BEFORE_MEASURE):
        return True
    if first in {"please", "pls"} or (first in _ASKING and second == "you"):
        return True
    return second in {"me", "us"} and first.isalpha() and first not in _BEFORE_OBJECT


def _asked_for(following: Phrase) -> bool:
    """Tells "raw SQL please" after "I don't like ORMs,": a wish of its own."""
    last = trim_marks(following)[-1:]
    return bool(last) and last[0].norm == "please"


_BEFORE_MEASURE: Final = word_set("about around roughly in on at from")
_MEASURING: Final = word_set("taking costing lasting starting owing")
_ASKING: Final = word_set("can could will would do did")
_BEFORE_OBJECT: Final = PREPOSITIONS | DETERMINERS | ADVERBS | word_set("and or not but than as")


def _relates(following: Phrase) -> bool:
    """Tells "a headache that was bad" from "a house like that one"."""
    return bool(following) and (
        following[0].norm in AUXILIARIES or following[0].norm in SUBJECT_PRONOUNS
    )


_INNER_MARKS: Final = frozenset(
    {",", ".", "'", "\u2019", "&", "/", "-", "+", "#", "%", "$", "€", "£", "`", '"'}
)


def trim(phrase: Phrase) -> Phrase:
    """Takes marks off both ends and adverbs and phrases that add nothing off the last."""
    rest = trim_marks(phrase)
    while rest:
        last = rest[-1].norm
        length = _trailing_length(rest) if last in _TRAILING_ENDS | _SPANS else 0
        if not length and ((last in _TRAILING and len(rest) > 1) or last in _DANGLING):
            length = 1
        if not length:
            break
        rest = trim_marks(rest[:-length])
    while len(rest) > 1 and rest[0].norm in _LEADING:
        rest = trim_marks(rest[1:])
    return rest


def _trailing_length(phrase: Phrase) -> int:
    """Returns how many tokens at the end are a phrase that adds nothing."""
    last = [token.norm for token in phrase[-3:]]
    if len(phrase) > 4 and last[1] in {"a", "per", "each"}:
        # "Three days a week" says how often, not what.
        often = last[0].removesuffix("s") in _SPANS and last[2] in _SPANS
        return 4 if often else 0
    for length in _TRAILING_LENGTHS:
        if words(phrase[-length:]) in _TRAILING_PHRASES:
            return length
    return 0


_LEADING: Final = word_set(
    "never really actually currently mostly mainly also just very basically only originally "
    "definitely both"
)


def with_article(noun: str) -> str:
    """Returns a noun after "a" or "an", as its first letter has it."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def without_article(phrase: Phrase) -> Phrase:
    """Takes a leading article off."""
    return phrase[1:] if len(phrase) > 1 and phrase[0].norm in ARTICLES else phrase


def without_quantity(phrase: Phrase) -> Phrase:
    """Takes off how much there is of something: "a lot of jazz", "too many dishes"."""
    for length in range(_LONGEST_QUANTITY, 0, -1):
        if len(phrase) > length and words(phrase[:length]) in _QUANTITIES:
            return phrase[length:]
    return phrase


_QUANTITIES: Final = phrase_set(
    "a lot of, lots of, lots and lots of, plenty of, tons of, a ton of, loads of, a bunch of, "
    "a couple of, a few, so many, so much, too much, too many, many, much, some, any, "
    "all kinds of, "
    "all sorts of, a great deal of, quite a lot of, quite a few, a variety of, a number of, "
    "a bit of, a little, a little bit of, a tiny bit of, a whole lot of, an awful lot of, several, "
    "way too much, way too many, more, more and more, all the, a little of, lot of, various"
)
_LONGEST_QUANTITY: Final = max(len(quantity.split()) for quantity in _QUANTITIES)


def plain_number(word: str, *, below: int) -> bool:
    """Tells whether a word is a whole number of ASCII digits from 1 up to a bound, exclusive."""
    return word.isascii() and word.isdigit() and len(word) <= 9 and 0 < int(word) < below


def counts_no_years(text: str, number: Token) -> bool:
    """Tells "100% sure", "90 sure" and "$40 short", which count something else than years.

    Args:
        text: The turn's content.
        number: A number in it.
    """
    before, after = text[: number.start][-1:], text[number.end :]
    following = after.split(maxsplit=1)[:1]
    return before in _BEFORE_AMOUNTS or after[:1] in _AFTER_AMOUNTS or following in _HOW_SURE


_BEFORE_AMOUNTS: Final = tuple("$£€#")
_AFTER_AMOUNTS: Final = tuple("%°$£€")
_HOW_SURE: Final = (["%"], ["sure"], ["percent"])


def is_amount(phrase: Phrase) -> bool:
    """Tells how much rather than what: "38k a year", "about 20 minutes", "900 in rent"."""
    rest = phrase[1:] if len(phrase) > 1 and phrase[0].norm in _ABOUT else phrase
    number = rest[0].norm.lstrip("$€£")
    if not number[:1].isdigit() and rest[0].word:
        return False
    follower = rest[1].norm if len(rest) > 1 else "a"
    money = not rest[0].word or number.endswith("k")
    return money or (number.isdigit() and follower.removesuffix("s") in _MEASURES)


_ABOUT: Final = word_set("about around roughly almost nearly over under approximately")
_MEASURES: Final = word_set(
    "a per in euro dollar pound quid buck kroner crown minute min hour percent kcal calorie"
)


def usable(phrase: Phrase) -> bool:
    """Tells whether a phrase says something: not empty, no pronoun, no question word."""
    if not phrase or not any(token.word for token in phrase):
        return False
    if all(token.norm in VAGUE | ADVERBS | ARTICLES | PREPOSITIONS for token in phrase):
        return False
    if phrase[-1].norm in {"it", "them", "him", "her", "me", "this", "these", "those", "you"}:
        return False
    return phrase[0].norm not in VAGUE or phrase[0].norm in {"all", "most", "more", "stuff"}


def items(phrase: Phrase) -> Iterator[Phrase]:
    """Yields the items of a list: "pizza, sushi and ramen" gives three; else the phrase itself.

    Args:
        phrase: A value of a key that holds many.
    """
    phrase = _without_contrast(phrase)
    separators = [
        index
        for index, token in enumerate(phrase)
        if token.norm in {",", "and", "or", "&"} and 0 < index < len(phrase) - 1
    ]
    parts: list[Phrase] = []
    start = 0
    if any(token.norm in _QUOTES for token in phrase):
        separators = []  # A title keeps its "and".
    for index in [*separators, len(phrase)]:
        part = _item(phrase[start:index])
        if part:
            parts.append(part)
        start = index + 1
    listed = len(parts) > 1 and all(len(part) <= _MAX_ITEM_TOKENS for part in parts)
    # "The Lord and the Rings" or "Marks and Spencer": a title's "and" joins capitals.
    named = len(parts) == 2 and all(
        token.capital or not token.word or token.norm in _UNCASED for token in phrase
    )
    if not listed or (named and phrase[separators[0]].norm == "&"):
        if len(parts) > 1 and len(parts[0]) <= _MAX_ITEM_TOKENS < len(parts[-1]) and not named:
            yield parts[0]  # "Old maps, something about them draws me in"
        elif phrase:
            yield phrase
        return
    yield from parts[:_MAX_ITEMS]


def _item(phrase: Phrase) -> Phrase:
    """Returns an item of a list without "especially"; nothing for "even in the rain"."""
    part = trim(phrase)
    led = len(part) > 1 and part[0].norm in _ITEM_LEADS
    part = trim(part[1:]) if led else part  # "To the dust and to the cats" lists things, too.
    return () if led and part and part[0].norm in PREPOSITIONS else part


def _without_contrast(phrase: Phrase) -> Phrase:
    """Returns "coffee" of "coffee, tea only", whose end is what is meant instead."""
    comma = next((i for i in range(len(phrase) - 2, 0, -1) if phrase[i].norm == ","), 0)
    contrast = comma and {phrase[comma + 1].norm, phrase[-1].norm} & _ALONE
    return trim_marks(phrase[:comma]) if contrast else phrase


_ALONE: Final = frozenset({"only", "just", "instead"})

_ITEM_LEADS: Final = word_set(
    "to even especially particularly mostly mainly like also maybe sometimes"
)
_QUOTES: Final = frozenset({"'", '"', "\u2018", "\u2019", "\u201c", "\u201d"})


def written(text: str, phrase: Phrase, value_type: ValueType = ValueType.TEXT) -> str | None:
    """Writes a value as it is kept.

    Args:
        text: The turn's content.
        phrase: The value's tokens.
        value_type: What it names; a place or person in lower case gets capitals.

    Returns:
        The value, or None if nothing usable is left or it seems to hold a secret.
    """
    rest = trim(phrase)
    if not rest:
        return None
    value = slice_of(text, rest).strip("\"'`“”\u2019* ")
    for mark in ('"', " '"):
        if value.count(mark) % 2 and (mark == '"' or value.count("'") == 1):
            value = value.replace(mark, mark[:-1])
    if not value or len(value) > MAX_VALUE_LENGTH or holds_secret(value):
        return None
    if not any(character.isalnum() for character in value):
        return None
    if value_type in {ValueType.PLACE, ValueType.PERSON, ValueType.LANGUAGE} and value.islower():
        return _capitalised(rest, value, value_type)
    return value


def name_like(phrase: Phrase, *, longest: int = 4) -> bool:
    """Tells whether a phrase can be a name of a person: one to four plain words.

    Args:
        phrase: The phrase.
        longest: How many words a name may have.
    """
    return 0 < len(phrase) <= longest and all(
        token.norm.replace("-", "").replace("'", "").replace(".", "").isalpha()
        and token.norm not in _NAME_STOP
        and token.norm not in DETERMINERS
        and token.norm not in ADVERBS
        and token.norm not in VAGUE
        for token in phrase
    )


def _capitalised(phrase: Phrase, value: str, value_type: ValueType) -> str:
    if (
        phrase[0].norm in DETERMINERS
        and value_type is ValueType.PLACE
        and words(phrase[1:])
        not in PLACE_NAMES | {"netherlands", "philippines", "states", "united states"}
    ):
        return value
    parts = []
    for word in value.split():
        bare = word.strip(",.")
        if bare in {"us", "uk", "usa", "nyc", "la", "sf", "uae", "dc", "ny", "asl"}:
            parts.append(word.upper())
        elif bare in _UNCASED:
            parts.append(word)
        else:
            parts.append(word[:1].upper() + word[1:])
    return " ".join(parts)
