"""Who is left: "we split up", "my husband left me", "I left Noor"; and what of it is believed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.lexicon import ARTICLES
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.values import without_article
from spectron_extraction.builtin.wordlists import word_set

_COMPANIONS: Final = frozenset({"spouse", "partner"})
_FILLERS: Final = word_set("lol haha though tho so btw sadly unfortunately again")
_MAX_LEFT: Final = 1


def believed(reading: Reading, keys: frozenset[str], tokens: Phrase) -> str | None:
    """Returns the user's believed value that words name, perhaps in short: "the Ministry".

    Args:
        reading: The clause.
        keys: The keys of which it may be a value.
        tokens: The words.
    """
    named = {token.norm for token in without_article(tokens) if token.word}
    capital = any(token.capital for token in tokens)
    for attribute in reading.known:
        if attribute.entity == reading.user and attribute.key in keys and named:
            value = set(attribute.value.lower().split())
            if named == value - ARTICLES or (capital and named <= value):
                return attribute.value
    return None


def companion(reading: Reading, tokens: Phrase) -> str | None:
    """Returns the name of the partner or spouse whom words name, if they name one."""
    return believed(reading, _COMPANIONS, tokens)


def parted(reading: Reading) -> Iterator[Claim]:
    """Reads "we split up", "I broke up with my boyfriend"."""
    predicate = reading.predicate
    if predicate.lemma == "split" and predicate.tense is Tense.PRESENT:
        predicate = replace(predicate, tense=Tense.PAST)
        reading = replace(reading, predicate=predicate)  # It is its own past.
    said = [token for token in predicate.complement if token.word and token.norm not in _FILLERS]
    rest = words(said[:2])
    happened = predicate.tense is Tense.PAST or predicate.perfect
    over = rest in {"up", "up with"} or (predicate.lemma == "separate" and not rest)
    if happened and over and reading.about_user and not predicate.negated:
        yield from only(reading.claim("marital_status", "single", event=True))


def left_behind(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    """Reads "my husband left me", "I left Noor", of whom the user was with.

    Args:
        reading: The clause.
        phrase: Who was left, and what follows.
    """
    alone = len(phrase) == _MAX_LEFT or not phrase[_MAX_LEFT].word
    by_companion = any(
        attribute.entity == reading.user
        and attribute.key in _COMPANIONS
        and reading.ontology.same_value(attribute.key, attribute.value, reading.entity.name)
        for attribute in reading.known
    )
    if alone and (reading.about_user or by_companion):
        yield from only(reading.claim("marital_status", "single", event=True, entity=reading.user))
