"""Sentences of a turn, without what the speaker does not say in their own voice.

Pasted text, code, quoted lines and quotations are taken out first: they are somebody else's words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.lexicon import AUXILIARIES
from spectron_extraction.builtin.pasted import pasted
from spectron_extraction.builtin.times import MONTHS
from spectron_extraction.builtin.tokens import Phrase, Token, tokenise, trim_marks
from spectron_extraction.builtin.wordlists import word_set

MAX_SENTENCE_TOKENS: Final = 120
"""A longer sentence is cut there; it keeps the work per sentence bounded."""

_QUOTE_MARK: Final = "“"
_QUOTE_MAX: Final = 2_000
# Each repetition is over a class that excludes what follows it, so no match is tried twice.
_CODE: Final = re.compile(
    r"```[^`]*(?:```|\Z)|~~~[^~]*(?:~~~|\Z)|^[ \t\u00a0\u200b\ufeff]*[>»][^\n]*|"
    # A JSON object, with all that stands up to the last brace.
    r"\{\s{0,80}\"[^\"\n]{1,80}\"\s{0,80}:(?s:.*\}|.*\Z)",
    re.MULTILINE,
)
_QUOTED: Final = re.compile(
    rf"[\"“„]([^\"“”„]{{1,{_QUOTE_MAX}}})[\"”“]|(?<!\w)'([^'\n]{{9,400}})'(?!\w)"
    # Of other languages, of code, and the words of a link.
    r"|[«»「『]([^«»「」『』]{1,2000})[»«」』]|``?([^`'\n]{1,400})(?:`|'')"
    r"|(?<!\w)\u2018([^\u2018\n]{9,400})\u2019(?!\w)|\[([^\[\]\n]{1,400})\]\([^()\s]{1,400}\)"
)
_OWN_VOICE: Final = re.compile(
    r"\b(?:i|im|i['\u2019]\w+|me|my|we|our|you|your|he|she|they)\b|[.!?]\s", re.IGNORECASE
)
_REPORTS: Final = re.compile(
    r"\b(?:say|says|said|saying|write|writes|wrote|translate|sentence|phrase|quote|lyrics?|line|"
    r"reads|goes|word|told|tells|asks?|asked|replied|shouted|text|titled)\W{0,3}$",
    re.IGNORECASE,
)
_MAX_QUOTED_NAME: Final = 6
_ABBREVIATIONS: Final = word_set(
    "mr mrs ms dr prof st vs etc e.g i.e approx dept inc ltd co corp jr sr no"
)
_ENDS: Final = frozenset(".!?…")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A sentence: its tokens without the final mark, and whether that is a question mark."""

    tokens: Phrase
    question: bool
    colon: bool = False


def split_sentences(text: str) -> list[Sentence]:
    """Splits a turn's text into sentences.

    Args:
        text: The content of a turn.

    Returns:
        The sentences in order, quotations replaced by one mark, code and quoted lines left out.
    """
    tokens = _without_asides(_without(tokenise(text), list(_opaque(text))))
    found: list[Sentence] = []
    current: list[Token] = []

    def close(mark: str) -> None:
        trimmed = trim_marks(current)
        if trimmed:
            colon = current[-1].norm == ":"
            found.append(Sentence(tokens=trimmed, question="?" in mark, colon=colon))
        current.clear()

    for index, token in enumerate(tokens):
        if current and (token.newline or len(current) >= MAX_SENTENCE_TOKENS):
            close("")
        first = token.norm[0]
        if first in _ENDS and not _abbreviation(tokens, index):
            # "?!" comes as two tokens: the second only adds to the sentence just closed.
            if not current and found and "?" in token.norm:
                last = found[-1]
                found[-1] = Sentence(tokens=last.tokens, question=True)
            close(token.norm)
        else:
            current.append(token)
    close("")
    return found


def _without_asides(tokens: list[Token]) -> list[Token]:
    """Leaves out numbers in brackets, which would part "Anika (8) and Rohan (5)"."""
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        aside = [token.norm for token in tokens[index : index + 3]]
        if len(aside) == 3 and aside[0] == "(" and aside[1].isdigit() and aside[2] == ")":
            index += 3
            continue
        kept.append(tokens[index])
        index += 1
    return kept


def _opaque(text: str) -> Iterator[tuple[int, int]]:
    yield from pasted(text)
    for match in _CODE.finditer(text):
        yield match.span()
    for match in _QUOTED.finditer(text):
        inner = match[match.lastindex or 0]
        before = text[max(0, match.start() - 40) : match.start()]
        name = len(inner.split()) <= _MAX_QUOTED_NAME and not _OWN_VOICE.search(inner)
        if not name or _REPORTS.search(before):
            yield match.span()


def _without(tokens: list[Token], ranges: list[tuple[int, int]]) -> list[Token]:
    """Replaces the tokens within each range by one mark that stands for the whole range."""
    if not ranges:
        return tokens
    ranges.sort()
    kept: list[Token] = []
    position = 0
    for token in tokens:
        while position < len(ranges) and ranges[position][1] <= token.start:
            position += 1
        inside = position < len(ranges) and ranges[position][0] <= token.start
        if not inside:
            kept.append(token)
        elif not kept or kept[-1].end <= ranges[position][0]:
            start, end = ranges[position]
            kept.append(Token(_QUOTE_MARK, start, end, newline=token.newline))
    return kept


def _abbreviation(tokens: list[Token], index: int) -> bool:
    """Tells whether a full stop belongs to the word before it rather than ending a sentence."""
    token = tokens[index]
    if token.norm != "." or index == 0 or index + 1 >= len(tokens):
        return False
    before, after = tokens[index - 1], tokens[index + 1]
    if before.end != token.start or after.newline:
        return False
    if before.norm.isdigit() and after.norm in MONTHS:
        return True  # "Am 4. November", as a date is written in German.
    if before.norm in _ABBREVIATIONS or after.start == token.end:
        return before.norm not in AUXILIARIES
    if len(before.norm) == 1 and before.capital and after.capital and before.norm.isalpha():
        return True  # "Ursula K. Le Guin"
    # "U.S. citizen", "J. Smith": single letters with full stops between them.
    letters = before.norm.split(".")
    return before.capital and all(len(letter) == 1 for letter in letters) and len(letters) > 1
