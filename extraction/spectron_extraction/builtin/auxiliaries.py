"""Auxiliaries: what stands before a main verb, and what it says of tense, polarity and doubt."""

from enum import StrEnum
from typing import Final

from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    DETERMINERS,
    PREPOSITIONS,
)
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.verbs import FORMS, VerbForm, verb_form
from spectron_extraction.builtin.wordlists import word_set


class Tense(StrEnum):
    """When a clause is true."""

    PRESENT = "present"
    PAST = "past"
    FUTURE = "future"


class Auxiliaries:
    """What stands before the main verb."""

    def __init__(self, *, copular: bool = False) -> None:
        # Of a thing, "is" tells what it is even before a gerund: "my job is teaching".
        self._copular = copular
        self.adverbs: set[str] = set()
        self.negated = False
        self.ended = False
        self.used_to = False
        self.modal = ""
        self.be = False
        self.have = False
        self.going_to = False
        self.past = False
        self.main = ""

    def take(self, tokens: Phrase, index: int) -> int:
        """Takes the token at a place if it is an auxiliary or adverb; returns how many it took."""
        word = tokens[index].norm
        follower = tokens[index + 1].norm if index + 1 < len(tokens) else ""
        if self.main:
            return self._after_main(word, follower)
        if word in {"not", "never"}:
            self.negated = True
            return 1
        if word == "no" and follower == "longer":
            self.ended = self.negated = True
            return 2
        if follower == "to" and (word == "used" or (word == "use" and _base_at(tokens, index + 2))):
            self.used_to = True
            return 2
        if (
            word in {"going", "about"}
            and follower == "to"
            and self.be
            and _base_at(tokens, index + 2)
        ):
            self.going_to, self.be = True, False
            self.modal = "would" if self.past else self.modal  # "I was going to be a doctor"
            return 2
        if word in {"kind", "sort"} and follower == "of":
            return 2
        if word in ADVERBS or word == "," or (word == "since" and self.have):
            self.adverbs.add(word)
            return 1
        if word in {"can", "will", "would", "could", "may", "might", "must", "should", "shall"}:
            self.modal = word
            return 1
        if word in {"do", "does", "did"} and self._auxiliary_do(tokens, index):
            self.past = self.past or word == "did"
            return 1
        if word in {"have", "has", "had"} and self._auxiliary_have(tokens, index):
            self.have = True
            self.past = self.past or word == "had"
            return 1
        if word in {"am", "is", "are", "was", "were", "be", "been", "being", "'s"}:
            self.past = self.past or (word in {"was", "were"})
            self.be = True
            if self._copular or not _participle_at(tokens, index + 1):
                self.main = "be"
            return 1
        return 0

    def _after_main(self, word: str, follower: str) -> int:
        if word in {"not", "never"}:
            self.negated = True
            return 1
        if word == "no" and follower == "longer":
            self.ended = self.negated = True
            return 2
        # "I'm currently in Oslo": adverbs after "be"; "all", "both" and times stay.
        if word in ADVERBS and word not in {"all", "both", "today", "tomorrow", "yesterday",
                "once", "so", "too", "long", "only", "much"} and follower:  # fmt: skip
            self.adverbs.add(word)
            return 1
        return 0

    @staticmethod
    def _auxiliary_do(tokens: Phrase, index: int) -> bool:
        return _base_at(tokens, index + 1)

    @staticmethod
    def _auxiliary_have(tokens: Phrase, index: int) -> bool:
        place = _past_adverbs(tokens, index + 1)
        if place >= len(tokens):
            return False
        word = tokens[place].norm
        if word == "been":
            return True
        form = verb_form(word)
        return form is not None and form.participle

    def tense(self, form: VerbForm) -> Tense:
        """Returns the tense, the main verb's form given."""
        if self.used_to or self.past:
            return Tense.PAST
        if self.modal == "will" or self.going_to:
            return Tense.FUTURE
        if self.have:
            return Tense.PRESENT
        # "Quit" is its own past, and is hardly ever said as a present.
        if form.past and not (self.be or self.modal) and (not form.base or form.lemma == "quit"):
            return Tense.PAST
        return Tense.PRESENT


def _past_adverbs(tokens: Phrase, index: int) -> int:
    while index < len(tokens) and (tokens[index].norm in ADVERBS | {"not", "since"}):
        index += 1
    return index


def _base_at(tokens: Phrase, index: int) -> bool:
    """Tells whether a base form, perhaps after "not" and adverbs, stands at a place."""
    place = _past_adverbs(tokens, index)
    if place >= len(tokens):
        return False
    word = tokens[place].norm
    form = FORMS.get(word)
    return (
        (form is not None and form.base)
        or word in {"be", "have", "do"}
        or (place > index and form is None and word not in DETERMINERS | PREPOSITIONS)
    )


def _participle_at(tokens: Phrase, index: int) -> bool:
    """Tells whether a gerund or participle that is not an adjective stands at a place."""
    place = _past_adverbs(tokens, index)
    if place < len(tokens) and tokens[place].norm == "no":
        place = _past_adverbs(tokens, place + 2)
    if place >= len(tokens):
        return False
    word = tokens[place].norm
    if word in {"been", "being"}:
        return True
    if word in {"going", "about"} and place + 1 < len(tokens) and tokens[place + 1].norm == "to":
        return True
    form = verb_form(word)
    if form is None:
        return False
    if form.gerund:
        return True
    return form.participle and form.lemma in _PASSIVES and not form.base


_PASSIVES: Final = word_set(
    "raise base employ hire transfer promote grow move enroll diagnose write build switch adopt "
    "join settle"
)
