"""What the user takes back: "forget that I live in Oslo", "scratch that", "drop the 10k goal".

Taken back is what the clause after "forget that" would say, or what was said just before, or the
beliefs that the words name. An order to forget instructions or memory as a whole is no such thing:
`speech_acts` keeps it out before it comes here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.lexicon import ADVERBS, DETERMINERS, PREPOSITIONS
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import trim
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import EntityRef, KnownAttribute

_VERBS: Final = word_set(
    "forget scratch strike ignore disregard cancel drop delete remove erase undo unlearn discard "
    "nevermind"
)
_POLITE: Final = word_set(
    "please can could would will you kindly just now actually ok okay oh so and wait no sorry hey "
    "hmm well yeah alright"
)
_LAST: Final = phrase_set(
    "that, it, this, that one, that last one, the last one, the last thing, the last part, what i "
    "said, what i just said, what i told you, that part, my last message, my previous message, "
    "my previous request, my last request, my earlier request, that request, last one, that bit, "
    "all that, my earlier message, that plan, that idea"
)
_ABOUT: Final = phrase_set(
    "about, that, the fact that, what i said about, what i told you about, everything about, "
    "anything about, all about, what you know about, about the fact that"
)
_NOT_NAMING: Final = DETERMINERS | PREPOSITIONS | ADVERBS | word_set(
    "goal plan fact thing stuff idea preference instruction rule info information detail details "
    "about and or name"
)  # fmt: skip
_LONGEST: Final = 6
_REFUSED: Final = word_set("to it worry password")


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenBack:
    """What a sentence takes back.

    Attributes:
        last: Whether it is what was said just before.
        phrase: Else the words that name it.
        rest: What the sentence says beside: "scratch that, we're going to Scotland".
        tokens: The words that take it back.
    """

    last: bool
    phrase: Phrase
    rest: Phrase
    tokens: Phrase


def taken_back(tokens: Phrase) -> TakenBack | None:
    """Reads a sentence as taking something back; None if it does not.

    Args:
        tokens: The sentence.
    """
    rest = trim_marks(tokens)
    while rest and (rest[0].norm in _POLITE or not rest[0].word):
        rest = rest[1:]
    if words(rest[:2]) == "never mind":
        rest = trim_marks(rest[2:])
        if not rest or rest[0].norm not in _VERBS:
            return TakenBack(last=True, phrase=(), rest=rest, tokens=tokens) if rest else None
    if not rest or rest[0].norm not in _VERBS:
        return None
    rest = rest[1:]
    for length in range(_LONGEST, 0, -1):
        follower = rest[length : length + 1]
        ends = not follower or not follower[0].word or follower[0].norm in {"and", "instead"}
        if words(rest[:length]) in _LAST and ends:
            return TakenBack(last=True, phrase=(), rest=trim_marks(rest[length:]), tokens=tokens)
    for length in range(_LONGEST, 0, -1):
        if words(rest[:length]) in _ABOUT:
            rest = rest[length:]
            break
    if not rest or rest[0].norm in _REFUSED:
        return None
    return TakenBack(last=False, phrase=trim(rest), rest=(), tokens=tokens)


def ended_claims(
    claims: Sequence[Claim], tokens: Phrase, known: Sequence[KnownAttribute], ontology: Ontology
) -> Iterator[Claim]:
    """Yields the ends of what claims would state, where something like it is believed.

    Args:
        claims: What was said.
        tokens: The words that take it back.
        known: What is believed.
        ontology: The keys.
    """
    for claim in claims:
        key = ontology.canonical(claim.key)
        for attribute in known:
            if (
                attribute.entity == claim.entity
                and attribute.key == key
                and claim.value is not None
                and ontology.same_value(key, attribute.value, claim.value)
            ):
                yield _end(claim.entity, key, attribute.value, tokens)
                break


def named_ends(
    phrase: Phrase,
    tokens: Phrase,
    known: Sequence[KnownAttribute],
    user: EntityRef,
    ontology: Ontology,
) -> Iterator[Claim]:
    """Yields the ends of the beliefs that a phrase names: by its key, or by the value's words.

    Args:
        phrase: What is to be forgotten: "my birthday", "the 10k goal".
        tokens: The words that take it back.
        known: What is believed.
        user: The user.
        ontology: The keys.
    """
    content = [token.norm for token in phrase if token.word and token.norm not in DETERMINERS]
    definition = ontology.definition("_".join(content)) if content else None
    named = {word for word in content if word not in _NOT_NAMING}
    for attribute in known:
        if attribute.entity != user:
            continue
        said = set(attribute.value.lower().replace("-", " ").split()) | set(
            attribute.key.split("_")
        )
        by_key = definition is not None and definition.name == attribute.key
        if by_key or (named and named <= said):
            yield _end(user, attribute.key, attribute.value, tokens)


def _end(entity: EntityRef, key: str, value: str, tokens: Phrase) -> Claim:
    return Claim(entity=entity, key=key, value=value, tokens=tokens, retracts=True)
