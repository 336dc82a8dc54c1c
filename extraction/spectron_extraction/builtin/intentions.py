"""Goals, plans, tasks, and what someone is in the middle of."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.guards import GUARDS, is_role
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    ARTICLES,
    LANGUAGES,
    MOMENTARY,
    RECENT,
    UNREMARKABLE_VERBS,
    VAGUE,
    WORK_VERBS,
)
from spectron_extraction.builtin.syntax import Predicate, verb_phrase
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import Phrase, slice_of, trim_marks, words
from spectron_extraction.builtin.values import cut, items, trim, usable, without_article, written
from spectron_extraction.builtin.verbs import FORMS, gerund, past, verb_form
from spectron_extraction.builtin.wordlists import word_set

_TO_VERB: Final[dict[str, tuple[str, float]]] = {
    "plan": ("plan", 0.9), "intend": ("plan", 0.9), "hope": ("goal", 0.8), "aim": ("goal", 0.9),
    "aspire": ("goal", 0.9), "want": ("goal", 0.85), "try": ("goal", 0.85), "wish": ("goal", 0.8),
    "need": ("task", 0.8), "have": ("task", 0.8), "expect": ("plan", 0.75),
    "decide": ("plan", 0.85), "like": ("goal", 0.8), "love": ("goal", 0.8), "prefer": ("goal", 0.8),
    "mean": ("goal", 0.75),
}  # fmt: skip
"""Verbs followed by "to" and another: the key of what they tell, and how sure it is."""

_GOAL_TIME_WORDS: Final = frozenset({"you", "your", "this", "that", "it", "these", "those", "me"})
_NO_PROJECT: Final = word_set(
    "live stay use have be sit stand reside read try look wear listen eat watch drink"
)
_TRAVEL: Final = word_set("visit fly travel go move relocate drive")
_LEISURE: Final = word_set("run eat write go make create sleep look rest laugh talk")
_MAX_TOKENS: Final = 16
_EVENT_WORDS: Final = word_set("you your this that it these those them here there")


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
            once = _calling(reading, raw[1:])
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
        yield from only(_intended(reading, "task", written(reading.text, inner) or "", confidence))
        return
    calling = _calling(reading, inner)
    if calling:
        yield from only(_intended(reading, "goal", calling, confidence))
        return
    value = _activity(reading, inner)
    if value is None:
        return
    claim = _intended(reading, key, value, confidence)
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
    calling = _calling(reading, inner)
    yield from only(_intended(reading, "goal", calling, 0.85) if calling else None)


def obligations(reading: Reading) -> Iterator[Claim]:
    """Reads "I must finish the report by Monday", "I should call my aunt"."""
    predicate = reading.predicate
    binding = predicate.modal == "must" or (predicate.modal == "should" and _about_own(predicate))
    if not binding or predicate.negated or predicate.perfect or predicate.passive:
        return
    phrase = trim(cut(predicate.raw[:_MAX_TOKENS]))
    dated = predicate.times or _about_own(predicate)
    if not phrase or not dated or any(token.norm in _GOAL_TIME_WORDS for token in phrase):
        return
    value = written(reading.text, phrase)
    if value:
        task = f"{predicate.lemma} {value}"
        yield from only(_intended(reading, "task", task, 0.8))


def _about_own(predicate: Predicate) -> bool:
    return bool(predicate.complement) and predicate.complement[0].norm in {"my", "our"}


def _own_errand(inner: Phrase) -> bool:
    """Tells "do my taxes" and "call my aunt" from "do this" and "call a function"."""
    plain = len(inner) > 2 and inner[0].norm in MOMENTARY and inner[1].norm in {"my", "our"}
    return plain and inner[2].norm not in {"code", "text", "essay", "question", "email", "answer"}


def hedged_plan(reading: Reading) -> Iterator[Claim]:
    """Reads "I might open a bookshop": a doubt about a plan, if nothing better is told."""
    predicate = reading.predicate
    if predicate.modal not in {"may", "might"} or predicate.negated or not reading.about_user:
        return
    if predicate.perfect or predicate.passive or predicate.tense is Tense.PAST:
        return
    phrase = trim(cut(predicate.raw[:_MAX_TOKENS], at=frozenset({","})))
    if predicate.lemma in MOMENTARY - {"leave", "get", "go", "do"} or not phrase:
        return
    thing = phrase[1:] if phrase[0].norm == "to" else phrase
    if any(token.norm in _GOAL_TIME_WORDS for token in phrase) or not thing:
        return
    if not usable(without_article(thing)):
        return
    value = written(reading.text, phrase)
    if value:
        yield _doubt(reading, "plan", f"{predicate.lemma} {value}")


def _calling(reading: Reading, inner: Phrase) -> str | None:
    """Returns "become a vet" for "be a vet" and "become a vet": what someone wants to be."""
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


def _intended(reading: Reading, key: str, value: str, confidence: float) -> Claim | None:
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
    if len(tokens) == 1 and (form is None or tokens[0].norm in _TRAVEL | {"work", "study", "live"}):
        return None
    return written(reading.text, tokens)


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
    if norms[0] == "go":
        return norms[1:2] == ["back"] or (norms[1:2] == ["to"] and len(tokens) > 2)
    return False


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
        calling = _calling(reading, phrase[1:]) if phrase and phrase[0].norm == "to" else None
        if calling:
            yield from only(_intended(reading, "goal", calling, 0.85))
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
        yield from only(_intended(reading, "goal", f"save {value}", 0.85) if value else None)
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
        if not usable(phrase[1:]):
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
        if predicate.lemma == "consider" and phrase and phrase[0].norm in ARTICLES:
            move = written(reading.text, trim(cut(phrase)))
            yield from (_doubt(reading, "plan", move),) if move else ()
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
                yield _doubt(reading, "location", value)
            return
    base = inner.lemma
    rest = trim(cut(phrase[1:]))
    if any(token.norm in _GOAL_TIME_WORDS for token in rest) or not rest:
        return
    value = written(reading.text, rest)
    if value:
        yield _doubt(reading, "plan", f"{base} {value}")


def _doubt(reading: Reading, key: str, value: str) -> Claim:
    return Claim(
        entity=reading.entity,
        key=key,
        value=value,
        tokens=reading.predicate.tokens,
        confidence=0.6,
        hedged=True,
    )


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
    "live work move relocate join start begin quit leave study like love hate prefer want own "
    "enjoy grow transfer switch retire stop hope plan wish major attend buy adopt lose resign turn "
    "marry become"
)
"""Verbs whose past says something that other rules keep under a better key."""
