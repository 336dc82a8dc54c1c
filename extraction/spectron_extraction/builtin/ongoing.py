"""What somebody is in the middle of, has arranged, or has just done."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.intentions import POINTING, calling, doubt, intended
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    ARTICLES,
    LANGUAGES,
    MOMENTARY,
    PREPOSITIONS,
    RECENT,
    UNREMARKABLE_VERBS,
    VAGUE,
    WORK_VERBS,
)
from spectron_extraction.builtin.syntax import verb_phrase
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import slice_of, trim_marks, words
from spectron_extraction.builtin.values import cut, items, trim, usable, without_article, written
from spectron_extraction.builtin.verbs import FORMS, gerund, past, verb_form
from spectron_extraction.builtin.wordlists import word_set

_NO_PROJECT: Final = word_set(
    "live stay use have be sit stand reside read try look wear listen eat watch drink"
)
_MAX_TOKENS: Final = 16
_EVENT_WORDS: Final = word_set("you your this that it these those them here there")


def ongoing_claims(reading: Reading) -> Iterator[Claim]:
    """Yields what someone is in the middle of: "I'm leading a migration", "I'm learning Thai"."""
    predicate = reading.predicate
    doing = predicate.progressive and predicate.tense is not Tense.PAST
    if predicate.negated or predicate.hypothetical:
        return
    if predicate.tense is Tense.FUTURE and not predicate.progressive:
        yield from _future(reading)
        return
    if not doing:
        if predicate.lemma == "learn" and predicate.tense is Tense.PRESENT and predicate.perfect:
            return
        yield from _events(reading)
        return
    lemma = predicate.lemma
    phrase = cut(predicate.complement)
    rule = {
        "learn": ("learning", ""),
        "study": ("learning", ""),
        "read": ("reading", ""),
        "look": ("looking_for", "for"),
        "search": ("looking_for", "for"),
    }.get(lemma)
    if rule:
        key, preposition = rule
        if preposition:
            if not phrase or phrase[0].norm != preposition:
                return
            phrase = phrase[1:]
        vocation = calling(reading, phrase[1:]) if phrase and phrase[0].norm == "to" else None
        if vocation:
            yield from only(intended(reading, "goal", vocation, 0.85))
            return
        if lemma == "study" and not any(token.norm in LANGUAGES for token in phrase):
            if not phrase or phrase[0].norm != "for":
                return
            key = "project"
        skills = key == "learning" and phrase and phrase[0].norm == "to"
        aside = bool(phrase) and phrase[0].norm in {"about", "at", "through", "to"}
        if not skills and (aside or not GUARDS["likeable"](phrase)):
            return
        if phrase and phrase[0].norm in {"and", "or", "but"}:
            return
        for item in items(phrase) if key == "learning" else (phrase,):
            value = written(reading.text, item)
            if key == "project":
                value = f"studying {value}"
            yield from only(reading.claim(key, value, change=False))
        return
    if lemma == "save" and words(phrase[:2]) in {"up for", "for a", "for my", "for an"}:
        value = written(reading.text, phrase)
        yield from only(intended(reading, "goal", f"save {value}", 0.85) if value else None)
        return
    if lemma in {"think", "consider", "contemplate", "debate"}:
        yield from _considered(reading)
        return
    if lemma in WORK_VERBS or lemma == "work" or "currently" in predicate.adverbs:
        yield from _project(reading)
        return
    if lemma in _ARRANGED:
        yield from _scheduled(reading)


_ARRANGED: Final = word_set(
    "move visit fly travel go leave get start host give attend present perform speak throw join "
    "return graduate marry retire meet see run"
)
"""Verbs whose -ing form with a time to come tells a plan."""


def _project(reading: Reading) -> Iterator[Claim]:
    predicate = reading.predicate
    phrase = trim(cut(predicate.complement))
    if predicate.lemma == "work":
        if not phrase or phrase[0].norm not in {"on", "towards", "toward"}:
            return
        if not GUARDS["worked_on"](phrase[1:]):
            return
    elif predicate.lemma in _NO_PROJECT or not GUARDS["work_item"](phrase):
        return
    elif phrase[0].norm in {"from", "to"}:
        return  # "I'm writing from Prague"
    if len(phrase) < 1 or any(token.norm in {"you", "your"} for token in phrase):
        return
    value = written(reading.text, phrase)
    if value is None:
        return
    yield from only(reading.claim("project", f"{gerund(predicate.lemma)} {value}", change=False))


def _considered(reading: Reading) -> Iterator[Claim]:
    """Reads "I'm thinking about moving to Lisbon": a doubt about what the moving would change."""
    predicate = reading.predicate
    phrase = trim_marks(predicate.raw)
    if phrase and phrase[0].norm in {"about", "of"}:
        phrase = phrase[1:]
    elif predicate.lemma == "think":
        return
    while len(phrase) > 1 and phrase[0].norm in ADVERBS:
        phrase = phrase[1:]
    if len(phrase) < 2 or not (verb_form(phrase[0].norm) or FORMS["be"]).gerund:
        named = {token.norm for token in phrase[1:3]} & _TRIPS or predicate.lemma == "consider"
        if named and phrase and phrase[0].norm in ARTICLES:
            move = written(reading.text, trim(cut(phrase)))
            yield from (doubt(reading, "plan", move),) if move else ()
        return
    inner = verb_phrase(predicate.subject, phrase, reading.observed_at)
    if inner is None:
        return
    place = trim(cut(inner.complement, at=frozenset({"from", "for", "with", "in", "because"})))
    if inner.lemma in {"move", "relocate"} and place and place[0].norm == "to":
        place = place[1:]
        if GUARDS["destination"](place):
            value = written(reading.text, place)
            if value:
                yield doubt(reading, "location", value)
            return
    base = inner.lemma
    rest = trim(cut(phrase[1:]))
    if any(token.norm in POINTING for token in rest) or not rest:
        return
    value = written(reading.text, rest)
    if value:
        yield doubt(reading, "plan", f"{base} {value}")


_TRIPS: Final = word_set("trip move holiday vacation getaway cruise visit tattoo dog cat")


def _scheduled(reading: Reading) -> Iterator[Claim]:
    """Reads "I'm moving to Lisbon in May", "I'm flying to Rome on Monday"."""
    predicate = reading.predicate
    ahead = any(
        time.kind is TimeKind.AT and time.end > reading.observed_at for time in predicate.times
    )
    moving = predicate.lemma == "move" and any(t.norm == "to" for t in predicate.complement[:1])
    married = predicate.lemma == "get" and any(
        t.norm == "married" for t in predicate.complement[:1]
    )
    instead = any(token.norm == "instead" for token in predicate.raw)
    if not (ahead or moving or married or instead):
        return
    yield from _planned(reading)


def _future(reading: Reading) -> Iterator[Claim]:
    """Reads "I'm going to run a marathon in May", "I will move to Oslo next year"."""
    predicate = reading.predicate
    ahead = any(time.kind is TimeKind.AT for time in predicate.times)
    if predicate.lemma in MOMENTARY - {"start", "stop", "go", "get"} and not ahead:
        return
    sure = predicate.lemma in {"move", "marry"} or predicate.hedged
    if predicate.modal == "will" and not ahead and not sure:
        return
    yield from _planned(reading)


def _planned(reading: Reading) -> Iterator[Claim]:
    predicate = reading.predicate
    raw = [token.norm for token in predicate.raw[:_MAX_TOKENS]]
    end = raw.index("instead") if "instead" in raw else len(raw)
    phrase = trim(predicate.raw[:end])
    if not phrase or any(token.norm in _EVENT_WORDS for token in phrase):
        return
    value = written(reading.text, phrase)
    if value is None:
        return
    if predicate.hedged and predicate.lemma == "move" and phrase[0].norm == "to":
        return
    if predicate.lemma in {"start", "begin"} and phrase[0].norm in PREPOSITIONS | {"next"}:
        return  # "Starting in June": not what.
    yield Claim(
        entity=reading.entity,
        key="plan",
        value=f"{predicate.lemma} {value}",
        tokens=predicate.tokens,
        confidence=0.85,
        hedged=predicate.hedged,
    )


def _events(reading: Reading) -> Iterator[Claim]:
    """Reads "I just ran my first marathon", "Last week I passed my exam"."""
    predicate = reading.predicate
    if predicate.tense is not Tense.PAST and not (predicate.perfect and predicate.adverbs & RECENT):
        return
    if (
        predicate.used_to
        or predicate.modal
        or predicate.hedged
        or predicate.lemma in {"be", "have"}
    ):
        return
    recent = bool(predicate.adverbs & RECENT) or any(
        time.kind is TimeKind.AT and (reading.observed_at - time.end).days < 400
        for time in predicate.times
    )
    trifling = predicate.lemma in UNREMARKABLE_VERBS and not predicate.times
    if not recent or trifling or predicate.passive:
        return
    if predicate.lemma in _TOLD_ELSEWHERE:
        return
    phrase = trim(cut(predicate.complement))
    if not phrase or len(phrase) > _MAX_TOKENS or not usable(without_article(phrase)):
        return
    if any(token.norm in _EVENT_WORDS for token in phrase) or phrase[0].norm in VAGUE:
        return
    value = slice_of(reading.text, phrase)
    if written(reading.text, phrase) is None:
        return
    claim = reading.claim(
        "event", f"{past(predicate.lemma)} {value}", event=True, confidence=0.8, change=False
    )
    if claim and not claim.retracts:
        yield claim


_TOLD_ELSEWHERE: Final = word_set(
    "think wonder "
    "live work move relocate join start begin quit leave study like love hate prefer want own "
    "enjoy grow transfer switch retire stop hope plan wish major attend buy adopt lose resign turn "
    "marry become"
)
"""Verbs whose past says something that other rules keep under a better key."""
