"""What a clause opens with before it says something: greetings, doubts, adverbials."""

from typing import Final

from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    DOUBTS,
    HEDGES,
    OPENERS,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    THINKS,
)
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set

_LONGEST_OPENER: Final = 7


_PREFIX_WINDOW: Final = 9


_GREETINGS: Final = frozenset({"hi", "hello", "hey", "hi there", "hello there"})
_ORDERING: Final = frozenset({"always", "never", "only"})


_AFTER_ADDRESS: Final = frozenset({",", "i", "we", "my", "you"})


_CHILDHOOD: Final = word_set("kid child teenager teen boy girl student baby youngster")


def strip_openers(tokens: Phrase) -> tuple[Phrase, bool, frozenset[str]]:
    """Takes off what a clause opens with before it says something.

    Args:
        tokens: A clause.

    Returns:
        The rest, whether a doubt was taken off ("I think", "maybe"), and the words taken off.
    """
    hedged = False
    taken: set[str] = set()
    rest = trim_marks(tokens)
    while rest:
        length = _opener_length(rest)
        if length:
            opener = words(rest[:length])
            if opener in _GREETINGS and len(rest) > length + 2:
                # "Hi Todd I sing": a name between the greeting and what is said.
                named = rest[length].word and rest[length].norm not in SUBJECT_PRONOUNS
                length += named and rest[length + 1].norm in {"i", "im", "my", ","}
            hedged = hedged or opener in DOUBTS or opener in THINKS
            taken.add(opener)
            rest = trim_marks(rest[length:])
        elif rest[0].norm in ADVERBS - _ORDERING and len(rest) > 1 and _opens(rest[1].norm):
            hedged = hedged or rest[0].norm in HEDGES
            taken.add(rest[0].norm)
            rest = trim_marks(rest[1:])
        else:
            break
    return rest, hedged, frozenset(taken)


def _opener_length(tokens: Phrase) -> int:
    if words(tokens[:2]) in {"me and", "me n", "me &"}:
        return 0  # "Me and Noor", though "me, I ..." opens.
    for length in range(min(_LONGEST_OPENER, len(tokens)), 0, -1):
        text = words(tokens[:length])
        if text == "my friend" and tokens[length:] and tokens[length].norm not in _AFTER_ADDRESS:
            return 0  # "My friend lives in Rome"
        if text == "i am afraid" and tokens[length:] and tokens[length].norm in {"of", "from"}:
            return 0
        if text in OPENERS or text in DOUBTS:
            # "Right now" and "like" are openers only before more; "so" only before a subject.
            return length if length < len(tokens) else 0
        if text in THINKS and length < len(tokens) and _opens(tokens[length].norm):
            return length
    return 0


def _opens(word: str) -> bool:
    return (
        word in SUBJECT_PRONOUNS
        or word in DETERMINERS
        or word in ADVERBS
        or word in AUXILIARIES
        or word == ","
        or word in OPENERS
        or word in {"please", "call"}
        or word in FORMS
    )


def skip_prefix(tokens: Phrase) -> tuple[Phrase, bool]:
    """Takes off an adverbial before the subject: "last year I", "as a nurse I", "at work I"."""
    if not tokens or tokens[0].norm in {"i", "we", "my", "our"}:
        return tokens, False
    first = tokens[0].norm
    starts = (
        first in PREPOSITIONS
        or first in {"last", "next", "this", "yesterday", "today", "tomorrow", "every", "back"}
        or (len(tokens) > 2 and tokens[2].norm == "ago")
        or first in ADVERBS
        or first.isdigit()
        or first in {"a", "an", "one", "two", "three", "four", "five", "ten"}
    )
    if not starts:
        return tokens, False
    for index in range(1, min(_PREFIX_WINDOW, len(tokens))):
        word = tokens[index].norm
        if word in {"i", "we", "my", "our"} and index + 1 < len(tokens):
            if word in {"my", "our"} and tokens[index - 1].norm in PREPOSITIONS:
                continue
            prefix = {token.norm for token in tokens[:index]}
            return tokens[index:], bool(prefix & _CHILDHOOD)
        if word in AUXILIARIES:
            break
    return tokens, False
