"""What the user wants none of in answers, or less: "no more tables", "3 lines at most"."""

import re
from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.answer_words import ANSWER_NOUNS, FORMATS
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.lexicon import LANGUAGES, VAGUE
from spectron_extraction.builtin.preferences import avoided
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut, trim, written
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.protocol import EntityRef

LENGTHS: Final = word_set("words sentences lines paragraphs characters")
"""Units in which the length of an answer is told."""

_BEFORE_DENIAL: Final = word_set(
    "actually ok okay and but so also please oh well wait sorry hmm then now right"
)
_CLOSING: Final = word_set("please thanks then ok okay")
_SAYING: Final = word_set("saying writing using mentioning including adding")
_ENDS: Final = frozenset({"in", "for", "please", "with", "at", "on", ","})
_MAX_NAMED: Final = 3
# A few quoted words right after "stop saying": they are what is not to be said.
_QUOTED: Final = re.compile(
    r"\s*([\"'\u201c\u2018`][^\"'\u201c\u201d\u2018\u2019`\n]{1,40}[\"'\u201d\u2019`])"
)


def denial(tokens: Phrase) -> Phrase:
    """Returns a clause from its "no" on: "actually, no more tables" gives "no tables".

    Args:
        tokens: The clause.

    Returns:
        Nothing if it does not begin so.
    """
    rest = trim_marks(tokens)
    while rest and (rest[0].norm in _BEFORE_DENIAL or not rest[0].word):
        rest = rest[1:]
    if not rest or rest[0].norm != "no":
        return ()
    more = len(rest) > 2 and rest[1].norm == "more" and rest[2].norm != "than"
    return (rest[0], *rest[2:]) if more else rest


def unwanted(
    text: str, tokens: Phrase, said: Phrase, user: EntityRef, *, more: bool
) -> Iterator[Claim]:
    """Yields what a clause that begins with "no" wants to be left out or shorter.

    Args:
        text: The turn's content.
        tokens: The clause.
        said: What `denial` gives of it.
        user: The user.
        more: Whether it may tell more than what only answers hold: "no pork in the recipes
            please", "no phone calls for me".
    """
    polite = said[-1].norm in _CLOSING
    bare = trim_marks(said[1:-1] if polite else said[1:])
    limited = {token.norm for token in said} & LENGTHS and words(said[1:3]) == "more than"
    if more and limited:
        longest = written(text, said[:-1] if polite else said)
        if longest:
            yield Claim(entity=user, key="instruction", value=longest.lower(), tokens=tokens)
        return
    answers = [token for token in bare if token.norm not in ANSWER_NOUNS | {"in"}]
    told = polite or len(said) < len(trim_marks(tokens))
    form = FORMATS.get(words(bare)) if more and told else None
    if form:
        yield Claim(entity=user, key="avoid", value=form, tokens=tokens)
        return
    if more and polite and len(answers) == 1 and answers[0].norm in LANGUAGES:
        value = f"answering in {answers[0].norm.title()}"
        yield Claim(entity=user, key="avoid", value=value, tokens=tokens)
        return
    thing = trim(cut(said[1:], at=_ENDS))
    mine = words(said[1 + len(thing) : 3 + len(thing)]) == "for me"
    named = 0 < len(thing) <= _MAX_NAMED and thing[0].norm not in VAGUE
    thing_value = written(text, thing) if named else None
    polite = said[-1].norm == "please"
    if more and thing_value and (polite or mine) and not list(avoided(text, thing)):
        yield Claim(entity=user, key="avoid", value=thing_value, tokens=tokens, confidence=0.8)


def limit(tokens: Phrase) -> str | None:
    """Returns the length that "like 2 sentences max" allows answers: `no more than 2 sentences`.

    Args:
        tokens: The clause.
    """
    norms = [token.norm for token in tokens if token.word and token.norm != "please"]
    while norms and norms[0] in _ABOUT:
        norms = norms[1:]
    number, unit, *rest = [*norms, "", ""]
    numbered = number.isdigit() or number in _NUMBERS
    if not numbered or f"{unit.removesuffix('s')}s" not in LENGTHS:
        return None
    return f"no more than {number} {unit}" if " ".join(rest).strip() in _AT_MOST else None


_ABOUT: Final = word_set("like about just only around and so")
_NUMBERS: Final = word_set("one two three four five six ten")
_AT_MOST: Final = phrase_set("max, maximum, tops, at most, or less, or fewer, at the most")


def with_quotation(text: str, value: str, phrase: Phrase) -> str | None:
    """Returns "saying "certainly"" for "saying", if so it stands in the text.

    Args:
        text: The turn's content.
        value: What is to be avoided, as far as it is no quotation.
        phrase: Its tokens.

    Returns:
        None if it says nothing without what is quoted.
    """
    if value.lower() not in _SAYING:
        return value
    quoted = _QUOTED.match(text, phrase[-1].end)
    return f"{value} {quoted[1]}" if quoted else None
