"""The head of a noun phrase, by which its kind is told."""

from typing import Final

from spectron_extraction.builtin.lexicon import PREPOSITIONS
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set

_AFTER_HEAD: Final = (PREPOSITIONS - {"like"}) | word_set("that who which named called ,")


def head(phrase: Phrase) -> str:
    """Returns the head noun of a noun phrase: the last word before a preposition."""
    found = ""
    for token in phrase:
        if token.norm in _AFTER_HEAD:
            break
        found = token.norm
    return found


def begins_with_gerund(phrase: Phrase) -> bool:
    """Tells "living abroad" from "Reading", the town."""
    form = verb_form(phrase[0].norm)
    return form is not None and form.gerund and not phrase[0].capital
