"""Goals, plans and tasks: what somebody wants, has or means to do."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.doubts import DECIDED
from spectron_extraction.builtin.guards import is_role
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    DETERMINERS,
    HEDGES,
    MOMENTARY,
)
from spectron_extraction.builtin.syntax import Predicate
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut, items, trim, usable, without_article, written
from spectron_extraction.builtin.verbs import FORMS, gerund, verb_form
from spectron_extraction.builtin.wordlists import word_set

_TO_VERB: Final[dict[str, tuple[str, float]]] = {
    "plan": ("plan", 0.9), "intend": ("plan", 0.9), "hope": ("goal", 0.8), "aim": ("goal", 0.9),
    "aspire": ("goal", 0.9), "want": ("goal", 0.85), "try": ("goal", 0.85), "wish": ("goal", 0.8),
    "need": ("task", 0.8), "have": ("task", 0.8), "expect": ("plan", 0.75),
    "decide": ("plan", 0.85), "like": ("goal", 0.8), "love": ("goal", 0.8), "prefer": ("goal", 0.8),
    "mean": ("goal", 0.75),
}  # fmt: skip
"""Verbs followed by "to" and another: the key of what they tell, and how sure it is."""

POINTING: Final = frozenset({"you", "your", "this", "that", "it", "these", "those", "me"})
"""Words by which an intention points at the conversation, so that it does not last."""

_TRAVEL: Final = word_set("visit fly travel go move relocate drive")
_LEISURE: Final = word_set("run eat write go make create sleep look rest laugh talk")
_MAX_TOKENS: Final = 16


def intention_claims(reading: Reading) -> Iterator[Claim]:
    """Yields goals, plans and tasks: "I want to run a marathon", "I have to file my taxes"."""
    predicate = reading.predicate
    if predicate.negated:
        return
    raw = trim_marks(predicate.raw)
    if predicate.lemma in _CALLED_TO:
        yield from _called_to(reading, raw)
        return
    if predicate.lemma not in _TO_VERB:
        return
    if predicate.tense is Tense.PAST:
        if predicate.lemma in {"want", "hope", "wish", "aspire"} and words(raw[:1]) == "to":
            once = calling(reading, raw[1:])
            yield from only((once and reading.claim("goal", once, retracts=False)) or None)
        return
    if len(raw) < 2 or raw[0].norm != "to":
        return
    if predicate.lemma in {"like", "love", "prefer"} and not predicate.modal:
        yield from _liked_activity(reading, raw[1:])
        return
    if predicate.lemma == "mean" and not predicate.progressive:
        return  # "I have been meaning to", not "I mean to".
    would = predicate.modal == "would"
    if (predicate.lemma in {"like", "love", "prefer"}) != would:
        return
    if predicate.modal and not would and not predicate.hedged:
        return
    key, confidence = _TO_VERB[predicate.lemma]
    inner = raw[1:]
    dated = predicate.times and len(inner) > 2 and inner[1].norm in {"a", "an", "my", "our"}
    pointed = {token.norm for token in inner} & {"you", "your", "it", "that", "them"}
    if key == "task" and not pointed and (_own_errand(inner) or dated):
        yield from only(intended(reading, "task", written(reading.text, inner) or "", confidence))
        return
    vocation = calling(reading, inner)
    if vocation:
        yield from only(intended(reading, "goal", vocation, confidence))
        return
    value = _activity(reading, inner)
    if value is None:
        return
    claim = intended(reading, key, value, confidence)
    if claim:
        yield claim


_CALLED_TO: Final = word_set("dream study train")
"""Verbs whose "to be ..." names a calling: "I'm studying to be a vet"."""


def _called_to(reading: Reading, raw: Phrase) -> Iterator[Claim]:
    """Reads "I'm training to be a pilot", "I dream of being a pilot"."""
    place = next((i for i, token in enumerate(raw) if token.norm in {"to", "of", "about"}), -1)
    inner = raw[place + 1 :]
    while inner and inner[0].norm in ADVERBS | {"one", "day", "someday"}:
        inner = inner[1:]
    if place < 0 or not inner or reading.predicate.modal:
        return
    vocation = calling(reading, inner)
    yield from only(intended(reading, "goal", vocation, 0.85) if vocation else None)


def obligations(reading: Reading) -> Iterator[Claim]:
    """Reads "I must finish the report by Monday", "I should call my aunt"."""
    predicate = reading.predicate
    binding = predicate.modal == "must" or (predicate.modal == "should" and _about_own(predicate))
    if not binding or predicate.negated or predicate.perfect or predicate.passive:
        return
    phrase = trim(cut(predicate.raw[:_MAX_TOKENS]))
    dated = predicate.times or _about_own(predicate)
    if not phrase or not dated or any(token.norm in POINTING for token in phrase):
        return
    value = written(reading.text, phrase)
    if value:
        task = f"{predicate.lemma} {value}"
        yield from only(intended(reading, "task", task, 0.8))


def _about_own(predicate: Predicate) -> bool:
    return bool(predicate.complement) and predicate.complement[0].norm in {"my", "our"}


def _own_errand(inner: Phrase) -> bool:
    """Tells "do my taxes" and "call my aunt" from "do this" and "call a function"."""
    plain = len(inner) > 2 and inner[0].norm in MOMENTARY and inner[1].norm in {"my", "our"}
    return plain and inner[2].norm not in {"code", "text", "essay", "question", "email", "answer"}


def hedged_plan(reading: Reading) -> Iterator[Claim]:
    """Reads "I might open a shop", "perhaps we get a dog": a doubt, if nothing better is told."""
    predicate = reading.predicate
    perhaps = not predicate.modal and predicate.adverbs & HEDGES and predicate.lemma in DECIDED
    if predicate.modal not in {"may", "might"} and not perhaps:
        return
    if predicate.negated or not reading.about_user or (perhaps and predicate.progressive):
        return
    if predicate.perfect or predicate.passive or predicate.tense is Tense.PAST:
        return
    phrase = trim(cut(predicate.raw[:_MAX_TOKENS], at=frozenset({","})))
    if predicate.lemma in MOMENTARY - {"leave", "get", "go", "do"} or not phrase:
        return
    thing = phrase[1:] if phrase[0].norm == "to" else phrase
    if perhaps and predicate.lemma == "go" and not (thing and thing[0].norm in FORMS):
        return  # "Perhaps I go to live in Porto", not "maybe I go to the shop"
    if any(token.norm in POINTING for token in phrase) or not thing:
        return
    if not usable(without_article(thing)):
        return
    value = written(reading.text, phrase)
    if value:
        yield doubt(reading, "plan", f"{predicate.lemma} {value}")


def calling(reading: Reading, inner: Phrase) -> str | None:
    """Returns "become a vet" for "be a vet" and "become a vet": what someone wants to be.

    Args:
        reading: The clause.
        inner: What follows "to".
    """
    while inner and (inner[0].norm in ADVERBS):
        inner = inner[1:]
    if not inner or inner[0].norm not in {"be", "become", "being", "becoming"}:
        return None
    phrase = trim(cut(inner[1:], at=frozenset({"when", "for", "because", "so", "at", "someday"})))
    if not phrase or not is_role(phrase) or len(phrase) > 8:
        return None
    value = written(reading.text, phrase)
    return value and f"become {value}"


def _liked_activity(reading: Reading, inner: Phrase) -> Iterator[Claim]:
    """Reads "I like to hike and cook": each verb gives an activity."""
    for item in items(cut(inner, at=frozenset({"instead", "maybe"}))):
        form = FORMS.get(item[0].norm)
        if form is not None and form.gerund:  # "I like to reading"
            yield from only(reading.claim("hobby", written(reading.text, item)))
            continue
        if form is None or not form.base or item[0].norm in MOMENTARY - _LEISURE:
            continue
        rest = trim(item[1:])
        going = verb_form(rest[0].norm) if item[0].norm == "go" and rest else None
        if item[0].norm == "go" and not (going and going.gerund):
            if not (rest and rest[0].norm == "to") and rest[:1] and rest[0].norm != "on":
                continue
        elif item[0].norm == "go":
            yield from only(reading.claim("hobby", written(reading.text, rest)))
            continue
        if rest and not usable(rest):
            continue
        value = written(reading.text, rest) if rest else ""
        if value is None:
            continue
        yield from only(reading.claim("hobby", f"{gerund(form.lemma)} {value}".strip()))


def intended(reading: Reading, key: str, value: str, confidence: float) -> Claim | None:
    """Returns the claim of an intention, which no negation or tense of the verb turns round."""
    predicate = reading.predicate
    return Claim(
        entity=reading.entity,
        key=key,
        value=value,
        tokens=predicate.tokens,
        confidence=confidence,
        hedged=predicate.hedged,
    )


def _activity(reading: Reading, inner: Phrase) -> str | None:
    """Returns a verb phrase worth keeping, or None for "know", "ask you", "do that"."""
    while inner and (inner[0].norm in {"really", "also", "be", "eventually", "finally"}):
        if inner[0].norm == "be":
            break
        inner = inner[1:]
    tokens = trim(inner[:_MAX_TOKENS])
    if (
        not tokens
        or (tokens[0].norm in MOMENTARY and not _ambition(tokens))
        or tokens[0].norm in {"not", "be"} - {"be"}
    ):
        return None
    form = FORMS.get(tokens[0].norm)
    if form is not None and not form.base:
        return None
    # "This year" is a time; "this" alone points at what is on the screen.
    norms = {
        token.norm
        for index, token in enumerate(tokens)
        if token.norm != "this" or words(tokens[index + 1 : index + 2]) not in _PERIODS
    }
    if norms & {"you", "your", "this", "these", "that", "it", "them"} or tokens[-1].norm in {
        "it",
        "them",
    }:
        return None
    if len(tokens) == 1 and (form is None or tokens[0].norm in _OBJECTLESS):
        return None
    if tokens[-1].norm in DETERMINERS or tokens[0].norm in _PERIODS | {"this", "next"}:
        return None  # What it is done to was cut off: "squeeze in some"
    return written(reading.text, tokens)


_OBJECTLESS: Final = _TRAVEL | word_set(
    "work study live watch read play finish try start see buy do make have get use eat hear begin"
)
"""Verbs that tell no goal alone: "a series I've been meaning to watch"."""

_PERIODS: Final = word_set(
    "year month week weekend summer winter autumn fall spring term semester season morning "
    "afternoon evening"
)
_NO_STATES: Final = word_set(
    "sure clear honest able a an the more notified careful as in on here there done left alone"
)


def _ambition(tokens: Phrase) -> bool:
    """Tells "get into medical school" and "go to Peru" from "get it" and "go now"."""
    norms = [token.norm for token in tokens[:3]]
    if norms[0] == "get":
        ahead = {token.norm for token in tokens[1:4]} & {"job", "degree", "license", "promotion"}
        return bool(ahead) or norms[1:2] in (
            ["into"], ["married"], ["fit"], ["better"], ["healthy"], ["back"]
        )  # fmt: skip
    if norms[0] == "be":
        return len(tokens) > 2 and norms[1] not in _NO_STATES
    if norms[0] == "try":
        forms = map(verb_form, norms[1:])
        return any(form is not None and form.gerund for form in forms)
    if norms[0] == "go":
        return norms[1:2] == ["back"] or (norms[1:2] == ["to"] and len(tokens) > 2)
    return False


def doubt(reading: Reading, key: str, value: str) -> Claim:
    """Returns the claim of something that is only thought about."""
    return Claim(
        entity=reading.entity,
        key=key,
        value=value,
        tokens=reading.predicate.tokens,
        confidence=0.6,
        hedged=True,
    )
