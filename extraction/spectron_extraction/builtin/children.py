"""Children told one after another, with their ages: "Ida is 9 and Per is 6", "Ida (9), Per (6)"."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.entities import Discourse
from spectron_extraction.builtin.lexicon import KIN, NATIONALITIES, PLACE_NAMES, WH_WORDS
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef

_AGED: Final = re.compile(
    r"(?<!at )(?<!in )(?<!of )\b(?P<name>[A-Z][a-z][\w-]*)"
    r"(?:(?: is|'s|\u2019s)(?: now| just| already| only)? (?P<age>\d{1,2})"
    r"| \((?:aged? )?(?P<bracketed>\d{1,2})(?=[ )]))"
    r"(?P<unit> ?(?:months?|weeks?|mo|years?(?: old)?|yo|yrs?))?"
    r"(?=\s*(?:[,.;!)]|and\b|&|but\b|$))"
)
_APPOSED: Final = re.compile(
    r"\b(?:the|our|my) (?:baby|youngest|eldest|oldest|little one|toddler|newborn), "
    r"(?P<name>[A-Z][a-z][\w-]*), (?=is\b|who\b|just\b|\d)"
)
_CHILDREN: Final = word_set(
    "kids children child sons daughters son daughter twins triplets baby toddler newborn boys girls"
)
_OURS: Final = word_set("my our we i have ours the")
_OTHERS: Final = word_set("his her their your niece nephew nieces nephews friend friends class")
_NOT_NAMES: Final = NATIONALITIES | PLACE_NAMES | WH_WORDS
_SINGLE: Final = frozenset({"son", "daughter", "child"})
_AFTER: Final = 12
"""How many characters after the last word may still be an age in brackets."""


def aged_children(
    text: str, tokens: Phrase, discourse: Discourse, told: Sequence[tuple[str, str]]
) -> Iterator[Claim]:
    """Yields the children whom a sentence names with their ages, and the ages.

    Args:
        text: The turn's content.
        tokens: A sentence that is no question.
        discourse: Whom it may be about.
        told: Keys and values that are known of the user or were told in this turn.
    """
    end = tokens[-1].end
    said = text[tokens[0].start : end] + text[end : end + _AFTER].partition("\n")[0]
    aged = list(_AGED.finditer(said))
    if not aged:
        return
    known = {value.casefold() for key, value in told if key in _SINGLE}
    persons = {each.name.casefold() for each in discourse.mentions if each.type == "Person"}
    apposed = list(_APPOSED.finditer(said))
    ours = _of_children(tokens, told, named=bool(apposed))
    for match in apposed if ours else ():
        if match["name"].casefold() not in known:
            yield Claim(entity=discourse.user, key="child", value=match["name"], tokens=tokens)
    for match in aged:
        name = match["name"]
        folded = name.casefold()
        new = folded not in known | persons
        sure = len(aged) > 1 or folded in GIVEN_NAMES
        nobody = folded in _NOT_NAMES or folded == discourse.user.name.casefold()
        if nobody or (new and not (ours and sure)):
            continue
        if new:
            yield Claim(entity=discourse.user, key="child", value=name, tokens=tokens)
        young = (match["unit"] or "").strip().startswith(("mo", "week"))
        if not young:
            yield Claim(
                entity=EntityRef(type="Person", name=name),
                key="age",
                value=str(int(match["age"] or match["bracketed"])),
                tokens=tokens,
            )


def _of_children(tokens: Phrase, told: Sequence[tuple[str, str]], *, named: bool) -> bool:
    """Tells whether a sentence that names people with their ages is of the user's children."""
    norms = {token.norm for token in tokens}
    if norms & (_OTHERS | (KIN.keys() - _CHILDREN)):
        return False
    return (
        named
        or bool(norms & _CHILDREN and norms & _OURS)
        or any(key == "children" and not value.startswith("no ") for key, value in told)
    )
