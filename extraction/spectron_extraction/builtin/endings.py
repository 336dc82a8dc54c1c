"""Beliefs that end: "I sold the Honda", "the meeting got cancelled", "Miso passed away".

A verb of ending tells which kinds of belief it can end, the words beside it which of those. A
belief ends if its value holds all the words that the clause has for it; nothing else is touched.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
)
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import cut
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef, KnownAttribute

_OWNED: Final = frozenset({"possession", "tool"})
_DONE: Final = frozenset({"task", "deadline", "project", "reading", "learning", "goal"})
_PLANNED: Final = frozenset(
    {"plan", "appointment", "goal", "task", "project", "deadline", "event", "learning"}
)
_KEPT_UP: Final = frozenset(
    {"habit", "hobby", "likes", "goal", "learning", "member_of", "diet", "collects", "activity",
     "tool", "project", "programming_language"}
)  # fmt: skip
_LEFT: Final = frozenset({"member_of", "school", "team"})
_ANIMAL: Final = frozenset({"pet"})
_ANY: Final = _KEPT_UP | _PLANNED | _OWNED | frozenset({"skill", "prefers", "health", "problem"})

_ENDS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("sold", "totaled", "crashed"), _OWNED),
    **dict.fromkeys(("lost", "rehomed"), _OWNED | _ANIMAL),
    **dict.fromkeys(("finished", "completed", "submitted", "delivered", "filed", "done"), _DONE),
    **dict.fromkeys(("cancelled", "canceled", "postponed", "scrapped", "shelved"), _PLANNED),
    **dict.fromkeys(("quit", "stopped", "dropped", "abandoned", "ditched"), _KEPT_UP | _PLANNED),
    "left": _LEFT,
    "died": _ANIMAL,
}
"""Verbs in the past, and the keys whose beliefs they end."""

_PHRASAL: Final[tuple[tuple[tuple[str, str], frozenset[str]], ...]] = (
    (("gave", "up"), _KEPT_UP | _PLANNED),
    (("given", "up"), _KEPT_UP | _PLANNED),
    (("gave", "away"), _OWNED | _ANIMAL),
    (("called", "off"), _PLANNED),
    (("passed", "away"), _ANIMAL),
    (("put", "down"), _ANIMAL),
    (("rid", "of"), _OWNED | _ANIMAL),
    (("moved", "out"), frozenset({"household"})),
    (("switched", "from"), frozenset({"tool", "programming_language"})),
)
_UNREAL: Final = word_set("if not never might may would could should will can almost nearly")
_EMPTY: Final = DETERMINERS | PREPOSITIONS | ADVERBS | AUXILIARIES | SUBJECT_PRONOUNS | word_set(
    "and or but got get gotten off up down away out last week month year ago one old "
    "because since of rid me him them us her sold lost had were"
)  # fmt: skip
_GENERIC: Final = word_set("trip plan goal idea thing project task habit hobby learn do play go us")
_MIN_STEM: Final = 3


def ending_claims(
    tokens: Phrase, known: Sequence[KnownAttribute], user: EntityRef
) -> Iterator[Claim]:
    """Yields the ends of the beliefs that a clause says are over.

    Args:
        tokens: The clause.
        known: What is believed.
        user: The user, whose beliefs these are.
    """
    norms = [token.norm for token in tokens]
    if set(norms) & _UNREAL:
        return
    place, keys = _verb(norms)
    if not keys:
        return
    passive = place > 0 and norms[place - 1] in AUXILIARIES | {"got", "gets"} - {"have", "has"}
    after = tokens[place + 1 :]
    named = tokens[:place] if passive or keys == _ANIMAL else ()
    content = _content(named) | _content(cut(after, at=frozenset({"last", "yesterday", "for"})))
    yield from _matching(content, keys, tokens, known, user)


def no_longer(
    tokens: Phrase, complement: Phrase, known: Sequence[KnownAttribute], user: EntityRef
) -> Iterator[Claim]:
    """Yields the ends of what "I don't ... anymore" denies, of whatever kind it is.

    Args:
        tokens: The clause.
        complement: What follows its verb.
        known: What is believed.
        user: The user.
    """
    yield from _matching(_content(cut(complement)), _ANY, tokens, known, user)


def _verb(norms: list[str]) -> tuple[int, frozenset[str]]:
    for (first, second), keys in _PHRASAL:
        if first in norms and second in norms[norms.index(first) + 1 :]:
            return norms.index(first), keys
    for place, word in enumerate(norms):
        if word in _ENDS:
            return place, _ENDS[word]
    return 0, frozenset()


def _matching(
    content: set[str],
    keys: frozenset[str],
    tokens: Phrase,
    known: Sequence[KnownAttribute],
    user: EntityRef,
) -> Iterator[Claim]:
    content = content - _GENERIC or content
    if not content:
        return
    for attribute in known:
        if attribute.entity == user and attribute.key in keys:
            value = {_stem(word.strip(".,'\"")) for word in attribute.value.lower().split()}
            if content <= value:
                yield Claim(
                    entity=user,
                    key=attribute.key,
                    value=attribute.value,
                    tokens=tokens,
                    retracts=True,
                )


def same_activity(value: str, other: str) -> bool:
    """Tells whether one value is the other with more words: "tennis every weekend".

    Args:
        value: What is said to be over.
        other: What is believed.
    """
    mine = {_stem(word) for word in value.lower().split()} - {"a", "an", "the", "my", "their"}
    return bool(mine) and mine <= {_stem(word) for word in other.lower().split()}


def _content(tokens: Phrase) -> set[str]:
    return {_stem(token.norm) for token in tokens if token.norm not in _EMPTY and token.word}


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            return word.removesuffix(ending)
    return word
