"""What the user takes back: "forget that I live in Oslo", "scratch that", "drop the 10k goal".

Taken back is what the clause after "forget that" would say, or what was said just before, or the
beliefs that the words name. An order to forget instructions or memory as a whole is no such thing:
`speech_acts` keeps it out before it comes here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.claims import Claim, end_of
from spectron_extraction.builtin.endings import stems
from spectron_extraction.builtin.lexicon import ADVERBS, DETERMINERS, PREPOSITIONS
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import trim
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import EntityRef, KnownAttribute

_VERBS: Final = word_set(
    "forget scratch strike ignore disregard cancel drop delete remove erase undo unlearn discard "
    "nevermind scrap"
)
_RECORDING: Final = word_set("remember store save record memorize memorise retain")
"""What the user forbids with "don't": then nothing of the sentence is learned."""

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
    "about and or name being having answers answer replies reply request anymore"
)  # fmt: skip
_BACK: Final = phrase_set("i take that back, i take it back, take that back, i never said that")
_ASKED_FOR: Final = {
    "where i live": "location", "my address": "location", "where i am": "location",
    "where i work": "employer", "what i do": "role", "what i do for work": "role",
    "how old i am": "age", "what my name is": "name", "who i am": "name",
    "where i am from": "hometown", "what i weigh": "weight", "how tall i am": "height",
}  # fmt: skip
"""How one names a key without its name."""

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
        forbids: Whether it forbids to remember, so that the sentence itself tells nothing.
    """

    last: bool
    phrase: Phrase
    rest: Phrase
    tokens: Phrase
    forbids: bool = False


def taken_back(tokens: Phrase) -> TakenBack | None:
    """Reads a sentence as taking something back; None if it does not.

    Args:
        tokens: The sentence.
    """
    rest = trim_marks(tokens)
    while rest and (rest[0].norm in _POLITE or not rest[0].word):
        rest = rest[1:]
    if words(rest) in _BACK:
        return TakenBack(last=True, phrase=(), rest=(), tokens=tokens)
    forbids = words(rest[:2]) == "do not" and words(rest[2:3]) in _RECORDING
    rest = rest[2:] if forbids else rest
    if words(rest[:2]) == "never mind" and words(rest[2:3]) in {"the", "my", "about"}:
        rest = (rest[0]._replace(norm="nevermind"), *rest[2:])
    if words(rest[:2]) == "never mind":
        rest = trim_marks(rest[2:])
        if not rest or rest[0].norm not in _VERBS:
            return TakenBack(last=True, phrase=(), rest=rest, tokens=tokens) if rest else None
    if not rest or not (forbids or rest[0].norm in _VERBS):
        return None
    rest = rest[1:]
    for length in range(_LONGEST, 0, -1):
        follower = rest[length : length + 1]
        ends = not follower or not follower[0].word or follower[0].norm in {"and", "instead"}
        if words(rest[:length]) in _LAST and ends:
            after = trim_marks(rest[length:])
            return TakenBack(last=True, phrase=(), rest=after, tokens=tokens, forbids=forbids)
    for length in range(_LONGEST, 0, -1):
        if words(rest[:length]) in _ABOUT:
            rest = rest[length:]
            break
    if not rest or rest[0].norm in _REFUSED:
        return None
    end = next((i for i, token in enumerate(rest) if token.norm in {",", ";"}), len(rest))
    return TakenBack(
        last=False,
        phrase=trim(rest[:end]),
        rest=trim_marks(rest[end:]),
        tokens=tokens,
        forbids=forbids,
    )


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
                yield end_of(attribute, tokens)
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
    asked = _ASKED_FOR.get(words(phrase))
    definition = ontology.definition(asked or "_".join(content)) if content else None
    named = stems(" ".join(word for word in content if word not in _NOT_NAMING))
    for attribute in known:
        if attribute.entity != user:
            continue
        said = stems(f"{attribute.value} {attribute.key}".replace("-", " ").replace("_", " "))
        by_key = definition is not None and definition.name == attribute.key
        if by_key or (named and named <= said):
            yield end_of(attribute, tokens)
