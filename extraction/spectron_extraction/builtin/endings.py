"""Beliefs that end: "I sold the Honda", "the trip is off", "Miso passed away", "no trip, then".

A verb of ending tells which kinds of belief it can end, the words beside it which of those. A
belief ends if its value holds all the words that the clause has for it; if none does, what stands
between "and", or before a preposition, may name one alone. Nothing else is touched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from spectron_extraction.builtin.answer_words import ANSWER_NOUNS
from spectron_extraction.builtin.claims import Claim, end_of
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
)
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import phrase_set, word_set
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
_AILING: Final = frozenset({"health", "allergy", "fear", "problem"})
_HOUSEHOLD: Final = frozenset({"household"})
_ANY: Final = _KEPT_UP | _PLANNED | _OWNED | frozenset({"skill", "prefers", "health", "problem"})

_ENDS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("sold", "totaled", "crashed", "stolen"), _OWNED),
    **dict.fromkeys(("lost", "rehomed"), _OWNED | _ANIMAL),
    **dict.fromkeys(("finished", "completed", "submitted", "delivered", "filed", "done"), _DONE),
    **dict.fromkeys(("cancelled", "canceled", "postponed", "scrapped", "shelved"), _PLANNED),
    **dict.fromkeys(("quit", "stopped", "dropped", "abandoned", "ditched"), _KEPT_UP | _PLANNED),
    **dict.fromkeys(("left", "resigned"), _LEFT),
    "died": _ANIMAL,
}
"""Verbs in the past, and the keys whose beliefs they end."""

_PHRASAL: Final[tuple[tuple[tuple[str, str], frozenset[str]], ...]] = (
    (("gave", "up"), _KEPT_UP | _PLANNED),
    (("given", "up"), _KEPT_UP | _PLANNED),
    (("gave", "away"), _OWNED | _ANIMAL),
    (("called", "off"), _PLANNED),
    (("fell", "through"), _PLANNED),
    (("fell", "apart"), _PLANNED),
    (("backed", "out"), _PLANNED),
    (("passed", "away"), _ANIMAL),
    (("crossed", "bridge"), _ANIMAL),
    (("ran", "away"), _ANIMAL),
    (("run", "away"), _ANIMAL),
    (("went", "missing"), _ANIMAL),
    (("gone", "missing"), _ANIMAL),
    (("put", "down"), _ANIMAL),
    (("put", "sleep"), _ANIMAL),
    (("dropped", "out"), _LEFT),
    (("rid", "of"), _OWNED | _ANIMAL),
    (("grew", "out"), _AILING),
    (("recovered", "from"), _AILING),
    (("am", "over"), _AILING),
    (("back", "from"), _PLANNED),
    (("moved", "out"), _HOUSEHOLD),
    (("switched", "from"), frozenset({"tool", "programming_language"})),
)
_OF_SUBJECT: Final = _ANIMAL | _HOUSEHOLD
"""What ends of itself: it stands before the verb."""

_STATES: Final[tuple[tuple[frozenset[str], frozenset[str]], ...]] = (
    (
        phrase_set(
            "off, not happening, not going to happen, not going ahead, not on, dead, "
            "no longer happening, no longer on, no longer going ahead, off the table, off the cards"
        ),
        _PLANNED,
    ),
    (phrase_set("over, history"), _PLANNED | _KEPT_UP),
    (phrase_set("no longer with us, no more, not with us"), _ANIMAL),
    (phrase_set("gone, healed, cured"), _ANIMAL | _AILING),
)
"""What is said of a thing that is over after "is", and the keys whose beliefs that ends."""

_INSTRUCTED: Final = frozenset(
    {"response_format", "response_style", "language_of_reply", "tone", "units", "instruction",
     "code_style", "address_as"}
)  # fmt: skip

_UNDONE: Final[tuple[str, ...]] = ("decided not to", "decided against", "not going to", "not")
"""What stands before that which one will not do, the last two only with "after all"."""

_UNREAL: Final = word_set("if not never might may would could should will can almost nearly")
_EMPTY: Final = DETERMINERS | PREPOSITIONS | ADVERBS | AUXILIARIES | SUBJECT_PRONOUNS | word_set(
    "and or but first own got get gotten off up down away out last week month year ago one old "
    "bridge because since of rid me him them us her sold lost had were sleep rainbow anyway anymore"
)  # fmt: skip
_GENERIC: Final = word_set("trip plan goal idea thing project task habit hobby learn do play go us")
_LEADING: Final = ADVERBS | word_set("so then and but guess ok okay well i means that which")
_CLOSING: Final = word_set("then anymore now more sadly unfortunately")
_BESIDE: Final = (PREPOSITIONS - {"of"}) | {"last", "yesterday", "today", "after", "since"}
_PROMISED: Final = frozenset({"wedding", "engagement"})
_MIN_STEM: Final = 3
_LONGEST_STATE: Final = 4
_MAX_NAMED: Final = 4


def ending_claims(
    tokens: Phrase, known: Sequence[KnownAttribute], user: EntityRef
) -> Iterator[Claim]:
    """Yields the ends of the beliefs that a clause says are over.

    Args:
        tokens: The clause.
        known: What is believed.
        user: The user, whose beliefs these are.
    """
    for attribute in named_beliefs(_unsure(tokens), _PLANNED, known, user):
        claim = end_of(attribute, tokens)
        yield claim
        yield replace(claim, retracts=False, hedged=True)
    readers = (_state, _undone, _lacking, _allowed, _verb)
    keys, named = next((found for read in readers if (found := read(tokens))), (frozenset(), ()))
    if not keys or not named:
        return
    ended = named_beliefs(named, keys, known, user)
    yield from (end_of(each, tokens) for each in ended)
    gone = {each.value.partition(" named ")[2].casefold() for each in ended if each.key == "pet"}
    for attribute in known:
        # What is known of a pet itself: its kind, its age.
        if attribute.entity.type == "Pet" and attribute.entity.name.casefold() in gone - {""}:
            yield end_of(attribute, tokens)
    if keys >= _PLANNED and {token.norm for token in named} & _PROMISED:
        engaged = _matching({_stem("engaged")}, frozenset({"marital_status"}), known, user)
        yield from (end_of(each, tokens) for each in engaged)


def no_longer(
    tokens: Phrase,
    lemma: str,
    complement: Phrase,
    known: Sequence[KnownAttribute],
    user: EntityRef,
) -> Iterator[Claim]:
    """Yields the ends of what "I don't ... anymore" denies, of whatever kind it is.

    Args:
        tokens: The clause.
        lemma: Its verb, which names what ends if nothing follows it: "I can't run any more".
        complement: What follows its verb.
        known: What is believed.
        user: The user.
    """
    content = _content(cut(complement)) or {_stem(lemma)}
    yield from (end_of(each, tokens) for each in _matching(content, _ANY, known, user))
    asked = content - _OF_ANSWERS
    yield from (end_of(each, tokens) for each in _matching(asked, _INSTRUCTED, known, user))


def _state(tokens: Phrase) -> tuple[frozenset[str], Phrase] | None:
    """Reads "the Tokyo trip is off", "Rex is no longer with us"."""
    norms = [token.norm for token in tokens]
    if set(norms) & (_UNREAL - {"not", "going"}):
        return None
    place = next((i for i, w in enumerate(norms) if i and w in {"is", "are", "was", "'s"}), 0)
    rest = trim_marks(tokens[place + 1 :])
    while rest and rest[0].norm in ADVERBS | {"all"}:
        rest = rest[1:]
    for length in range(min(_LONGEST_STATE, len(rest)), 0 if place else _LONGEST_STATE, -1):
        follower = rest[length : length + 1]
        ends = not follower or not follower[0].word or follower[0].norm in _AFTER_STATE
        for phrases, keys in _STATES:
            if ends and words(rest[:length]) in phrases:
                return keys, tokens[:place]
    return None


_AFTER_STATE: Final = ADVERBS | word_set("because since then after for this anymore due")


def _unsure(tokens: Phrase) -> Phrase:
    """Returns what is in doubt in "the Rome trip is up in the air", "Rome might not happen"."""
    joined = words(tokens)
    for phrase in _UNSURE:
        before, found, after = joined.partition(f" {phrase}")
        if found and (
            not after or after.startswith((" ,", " because", " since", " now", " again"))
        ):
            return tokens[: len(before.split())]
    return ()


_UNSURE: Final = (
    "is up in the air", "are up in the air", "is uncertain", "is in doubt", "might not happen",
    "may not happen", "might fall through", "may fall through", "might be off",
)  # fmt: skip


def _undone(tokens: Phrase) -> tuple[frozenset[str], Phrase] | None:
    """Reads "we decided not to go to Japan", "I'm not going to Japan after all"."""
    joined = words(tokens)
    after_all = "after all" in joined or joined.endswith((" anymore", " any more"))
    for lead in _UNDONE:
        if lead.startswith("not") and not after_all:
            continue
        length = len(lead.split())
        for place in range(len(tokens) - length):
            if words(tokens[place : place + length]) == lead:
                return _PLANNED, cut(tokens[place + length :], at=frozenset({"after", "anymore"}))
    return None


def _lacking(tokens: Phrase) -> tuple[frozenset[str], Phrase] | None:
    """Reads "so no Japan trip", "no trip then", "no more tennis for me"."""
    rest = trim_marks(tokens)
    led = False
    while rest and rest[0].norm in _LEADING:
        led = led or rest[0].norm in {"so", "then", "guess", "means"}
        rest = trim_marks(rest[1:])
    if len(rest) < 2 or rest[0].norm != "no":
        return None
    more = rest[1].norm == "more"
    named = cut(rest[2 if more else 1 :], at=frozenset({"for", "after", "this", ","}))
    closed = rest[-1].norm in _CLOSING or words(rest[-2:]) == "after all"
    if not named or len(named) > _MAX_NAMED or not (led or more or closed):
        return None
    return (_ANY if more else _PLANNED), named


def _allowed(tokens: Phrase) -> tuple[frozenset[str], Phrase] | None:
    """Reads "emojis are fine again", "you can use emojis now", which lifts what was forbidden."""
    rest = trim_marks(tokens)
    while rest and rest[-1].norm in {
        "again",
        "now",
        "too",
        "though",
        "actually",
        "by",
        "with",
        "me",
    }:
        rest = trim_marks(rest[:-1])
    while rest and rest[0].norm in _LEADING:
        rest = trim_marks(rest[1:])
    if len(rest) > 2 and rest[-1].norm in _PERMITTED and rest[-2].norm in {"is", "are"}:
        return _FORBIDDEN, rest[:-2]
    if len(rest) > 3 and words(rest[:2]) in {"you can", "you may"} and rest[2].norm == "use":
        return _FORBIDDEN, cut(rest[3:], at=frozenset({"if", "when", "for"}))
    return None


_FORBIDDEN: Final = frozenset({"avoid"})
_PERMITTED: Final = word_set("fine ok okay allowed welcome good")


def _verb(tokens: Phrase) -> tuple[frozenset[str], Phrase]:
    """Reads a verb that ends something, and what it ends: its object or its subject."""
    norms = [token.norm for token in tokens]
    if set(norms) & _UNREAL:
        return frozenset(), ()
    place, keys = 0, frozenset[str]()
    for (first, second), ended in _PHRASAL:
        if first in norms and second in norms[norms.index(first) + 1 :]:
            place, keys = norms.index(first), ended
            break
    else:
        place, keys = next(
            ((i, _ENDS[word]) for i, word in enumerate(norms) if word in _ENDS), (0, keys)
        )
    after = cut(tokens[place + 1 :], at=frozenset({"last", "yesterday", "for"}))
    # "Is done", "got cancelled": the subject is what ends, as it is of what ends by itself.
    passive = place > 0 and norms[place - 1] in (AUXILIARIES | {"got", "gets"}) - {"have", "has"}
    before = tokens[:place] if passive or keys <= _OF_SUBJECT or not _content(after) else ()
    if keys <= _OF_SUBJECT and norms[place] != "put" and _content(before):
        after = ()  # "Rex died this morning": when is no part of who.
    return keys, (*before, *after)


def _readings(named: Phrase) -> Iterator[list[set[str]]]:
    """Yields what words may name, the fullest reading first: each is one thing or several."""
    yield [_content(named)]
    parts = _parts(named)
    yield [_content(part) for part in parts]
    yield [_content(cut(part, at=_BESIDE)) for part in parts[:1]]
    things = tuple(token for token in named if token.capital or not _is_verb(token.norm))
    yield [_content(cut(things, at=_BESIDE - {"to", "for", "in"}))]


def _parts(named: Phrase) -> list[Phrase]:
    """Returns what stands between "and" and commas."""
    ends = [i for i, token in enumerate(named) if token.norm in {"and", "or", "&", ","}]
    starts = [0, *(end + 1 for end in ends)]
    return [part for i, j in zip(starts, [*ends, len(named)], strict=True) if (part := named[i:j])]


def _is_verb(word: str) -> bool:
    form = FORMS.get(word)
    return form is not None and (form.base or form.gerund)


def named_beliefs(
    named: Phrase, keys: frozenset[str], known: Sequence[KnownAttribute], user: EntityRef
) -> list[KnownAttribute]:
    """Returns the beliefs that words name, by the fullest reading that names any.

    Args:
        named: The words.
        keys: The keys that are meant.
        known: What is believed.
        user: Whose beliefs these are.
    """
    for contents in _readings(named) if named else ():
        found = [each for content in contents for each in _matching(content, keys, known, user)]
        if found:
            return found
    return []


def _matching(
    content: set[str],
    keys: frozenset[str],
    known: Sequence[KnownAttribute],
    user: EntityRef,
) -> Iterator[KnownAttribute]:
    content = content - _GENERIC or content
    if not content:
        return
    for attribute in known:
        if attribute.entity == user and attribute.key in keys:
            value = stems(attribute.value)
            # "My thesis deadline" names the deadline "thesis on 2025-06-01".
            if content & value and content <= value | {attribute.key}:
                yield attribute


# Each clause that may end something is held against all that is believed.
@lru_cache(maxsize=4_096)
def stems(value: str) -> frozenset[str]:
    """Returns the words of a value, in lower case and without their endings."""
    return frozenset(_stem(word.strip(".,'\"")) for word in value.lower().split())


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
            stem = word.removesuffix(ending)
            doubled = len(stem) > _MIN_STEM and stem[-1] == stem[-2] and stem[-1] not in "lsz"
            return stem[:-1] if doubled else stem.removesuffix("e")
    return word.removesuffix("e") if len(word) > _MIN_STEM else word


_OF_ANSWERS: Final = stems(" ".join(ANSWER_NOUNS)) | stems("answering replying writing speaking")
