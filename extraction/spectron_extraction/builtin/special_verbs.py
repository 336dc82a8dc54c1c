"""Verbs with rules of their own: have, get, buy, join a team, quit, lose, start, turn, be born."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.claims import Claim, Reading
from spectron_extraction.builtin.entities import Discourse
from spectron_extraction.builtin.frame_rules import frame_claims
from spectron_extraction.builtin.guards import GUARDS, head, is_role
from spectron_extraction.builtin.intentions import ongoing_claims
from spectron_extraction.builtin.lexicon import (
    APPEARANCE,
    APPOINTMENTS,
    HEALTH,
    MARITAL,
    TROUBLES,
    VEHICLES,
)
from spectron_extraction.builtin.nouns import possessed_beings
from spectron_extraction.builtin.syntax import Tense, verb_phrase
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    items,
    name_like,
    trim,
    without_article,
    written,
)
from spectron_extraction.builtin.verbs import gerund, verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType
from spectron_extraction.protocol import KnownAttribute

Rule = Callable[[Reading, Discourse, tuple[KnownAttribute, ...]], Iterator[Claim]]

_DEGREES: Final = word_set(
    "phd ph.d doctorate master masters master's bachelor bachelors bachelor's degree mba ba bsc "
    "msc ma bs ms diploma"
)
_JOB: Final = word_set("job work position role employment")
_TEAM_HEADS: Final = word_set("team squad department division group")
_AFTER_COMPANY: Final = word_set("as in for on with since because after to last")


def _have(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    _ = known
    predicate = reading.predicate
    phrase = trim_marks(predicate.complement)
    if not phrase or phrase[0].norm == "to" or predicate.hypothetical:
        return
    yield from possessed_beings(reading, discourse, phrase)
    for item in items(cut(phrase)):
        yield from _had(reading, trim(item))


def _had(reading: Reading, item: Phrase) -> Iterator[Claim]:
    if not item:
        return
    norms = {token.norm for token in item}
    noun = head(without_article(item))
    claim: Claim | None = None
    value = written(reading.text, item)
    if value is None:
        return
    if norms & {"allergy", "allergies"}:
        claim = _allergy(reading, item)
    elif norms & HEALTH and len(item) <= 5:
        claim = reading.claim("health", value)
    elif noun in APPEARANCE and len(item) <= 5 and reading.predicate.tense is Tense.PRESENT:
        claim = reading.claim("appearance", value)
    elif (norms & _DEGREES and "from" not in norms and len(item) <= 8) or (
        norms & _DEGREES and len(item) <= 10
    ):
        claim = reading.claim("degree", value)
    elif noun in TROUBLES:
        claim = _trouble(reading, item)
    elif "experience" in norms:
        claim = _experience(reading, item)
    elif noun in VEHICLES and item[0].norm in {"a", "an", "two", "three", "my"} and len(item) <= 6:
        claim = reading.claim("possession", value)
    elif noun in APPOINTMENTS and reading.predicate.times and reading.about_user:
        claim = _appointment(reading, item)
    if claim:
        yield claim


def _allergy(reading: Reading, item: Phrase) -> Claim | None:
    norms = [token.norm for token in item]
    if "to" in norms:
        value = written(reading.text, item[norms.index("to") + 1 :])
    else:
        place = next(i for i, word in enumerate(norms) if word in {"allergy", "allergies"})
        value = written(reading.text, without_article(item[:place])) if place else None
    if value in {None, "a", "an", "bad", "any", "no", "the", "some", "severe"}:
        return None
    return reading.claim("allergy", value or "")


def _trouble(reading: Reading, item: Phrase) -> Claim | None:
    norms = [token.norm for token in item]
    for preposition in ("with", "in"):
        if preposition in norms:
            value = written(reading.text, item[norms.index(preposition) + 1 :])
            vague = {"you", "your", "this", "that", "it"} & set(norms)
            no = norms[0] in {"no", "any"}
            return reading.claim("problem", value) if value and not vague and not no else None
    return None


def _experience(reading: Reading, item: Phrase) -> Claim | None:
    norms = [token.norm for token in item]
    if norms[0] in {"no", "little"}:
        return None
    place = norms.index("experience")
    if place + 2 < len(item) and norms[place + 1] in {"in", "with"}:
        value = written(reading.text, item[place + 2 :])
        return reading.claim("expertise", value) if value else None
    return None


def _appointment(reading: Reading, item: Phrase) -> Claim | None:
    ahead = [
        time
        for time in reading.predicate.times
        if time.kind is TimeKind.AT and time.end > reading.observed_at
    ]
    value = written(reading.text, item)
    if not ahead or value is None or reading.predicate.tense is Tense.PAST:
        return None
    # The date is written out: "tomorrow" would mean another day to whoever reads it later.
    return reading.claim("appointment", f"{value} on {ahead[0].start:%Y-%m-%d}", change=False)


def _get(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    predicate = reading.predicate
    phrase = trim_marks(predicate.complement)
    if not phrase:
        return
    if predicate.perfect and predicate.tense is Tense.PRESENT and not predicate.negated:
        # "I've got two cats" means having them.
        if phrase[0].norm != "to":
            yield from _have(reading, discourse, known)
    if predicate.tense is not Tense.PAST and not predicate.perfect:
        return
    if phrase[0].norm in MARITAL or words(phrase[:1]) == "remarried":
        status = "married" if phrase[0].norm == "remarried" else phrase[0].norm
        claim = reading.claim("marital_status", status, event=True)
        if claim:
            yield claim
        if words(phrase[1:2]) == "to" and name_like(phrase[2:3]) and phrase[2].capital:
            spouse = written(reading.text, cut(phrase[2:], at=_AFTER_COMPANY), ValueType.PERSON)
            claim = spouse and reading.claim("spouse", spouse, event=True)
            if claim:
                yield claim
        return
    first = phrase[0].norm
    if first in {"fired", "laid"} or words(phrase[:2]) == "let go":
        yield _end(reading, "employer", None)
        return
    if first in {"hired", "promoted", "accepted"}:
        inner = verb_phrase(predicate.subject, phrase, reading.observed_at)
        if inner:
            moved = replace(inner, tense=Tense.PAST, times=predicate.times, tokens=predicate.tokens)
            yield from frame_claims(replace(reading, predicate=moved))
        return
    if not predicate.perfect:
        yield from possessed_beings(reading, discourse, phrase, event=True)
    yield from _job(reading, phrase)
    yield from _bought(reading, phrase)


def _job(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    """ "a new job at Acme as a nurse", "a job offer" is none."""
    norms = [token.norm for token in phrase]
    place = next((i for i, word in enumerate(norms[:5]) if word in _JOB), None)
    if place is None or norms[place + 1 : place + 2] == ["offer"]:
        return
    for index in range(place + 1, len(phrase) - 1):
        if norms[index] in {"at", "with"}:
            company = cut(phrase[index + 1 :], at=_AFTER_COMPANY)
            if GUARDS["organization"](company):
                value = written(reading.text, company)
                claim = value and reading.claim("employer", value, event=True)
                if claim:
                    yield claim
        if norms[index] == "as":
            role = without_article(cut(phrase[index + 1 :], at=frozenset({"at", "in", "for"})))
            if is_role(role):
                value = written(reading.text, role)
                claim = value and reading.claim("role", value, event=True)
                if claim:
                    yield claim


def _bought(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    item = trim(cut(phrase, at=frozenset({"for", "from", "with", "in", "at", "on"})))
    if item and item[0].norm in {"a", "an", "my", "our"} and len(item) <= 6:
        if head(item[1:]) in VEHICLES:
            value = written(reading.text, item)
            claim = value and reading.claim("possession", value, event=True)
            if claim:
                yield claim


def _acquire(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    _ = known
    predicate = reading.predicate
    if predicate.tense is Tense.PAST or predicate.perfect:
        yield from possessed_beings(reading, discourse, predicate.complement, event=True)
        yield from _bought(reading, predicate.complement)


def _end(reading: Reading, key: str, value: str | None) -> Claim:
    return Claim(
        entity=reading.entity,
        key=key,
        value=value,
        tokens=reading.predicate.tokens,
        retracts=True,
    )


def _quit(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    """ "I quit my job at Hooli", "I left Hooli", "I stopped drinking coffee"."""
    predicate = reading.predicate
    past = predicate.tense is Tense.PAST or predicate.perfect
    if not past or predicate.negated or predicate.hedged or predicate.modal or predicate.used_to:
        return
    phrase = trim_marks(predicate.complement)
    if not phrase:
        return
    form = verb_form(phrase[0].norm)
    if form and form.gerund and predicate.lemma in {"quit", "stop"}:
        yield from _stopped(reading, phrase, known)
        return
    norms = [token.norm for token in phrase]
    if any(word in _JOB for word in norms[:4]) and norms[0] in {"my", "our", "the", "a"}:
        company = next(
            (phrase[i + 1 :] for i, w in enumerate(norms) if w in {"at", "with", "from"}), ()
        )
        tokens = cut(company, at=_AFTER_COMPANY)
        yield _end(reading, "employer", written(reading.text, tokens) if tokens else None)
        return
    if predicate.lemma in {"quit", "leave"}:
        tokens = cut(phrase, at=_AFTER_COMPANY | {"at"})
        value = written(reading.text, tokens) if tokens else None
        named = value and any(
            attribute.key == "employer"
            and reading.ontology.same_value("employer", attribute.value, value)
            for attribute in known
        )
        lived = value and any(
            attribute.key == "location"
            and reading.ontology.same_value("location", attribute.value, value)
            for attribute in known
        )
        if value and lived:
            yield _end(reading, "location", value)
        elif value and (named or (tokens[0].capital and GUARDS["organization"](tokens))):
            yield _end(reading, "employer", value)
        elif value and predicate.lemma == "quit" and norms[0] in {"smoking", "drinking"}:
            yield _end(reading, "habit", value)
    _ = discourse


def _stopped(
    reading: Reading, phrase: Phrase, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    """Ends what is known of an activity, by the words they share; else a habit."""
    inner = verb_phrase(reading.predicate.subject, phrase, reading.observed_at)
    value = written(reading.text, cut(phrase))
    if inner is None or value is None:
        return
    found = list(
        frame_claims(
            replace(
                reading,
                predicate=replace(inner, tokens=reading.predicate.tokens, progressive=False),
            )
        )
    )
    states = [
        claim for claim in found if claim.key in {"employer", "location", "school", "tool", "role"}
    ]
    if states:
        yield from (
            replace(claim, retracts=True, valid_from=None, change=False) for claim in states
        )
        return
    content = {token.norm for token in phrase[1:] if len(token.norm) > 2}
    for attribute in known:
        if attribute.entity == reading.entity and attribute.key in {"likes", "hobby", "habit"}:
            said = set(attribute.value.lower().split())
            if content & said or value.lower() == attribute.value.lower():
                yield _end(reading, attribute.key, attribute.value)
                return
    yield _end(reading, "habit", value)


def _lose(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    predicate = reading.predicate
    if predicate.tense is Tense.PAST or predicate.perfect:
        norms = [token.norm for token in predicate.complement]
        if norms[:2] == ["my", "job"]:
            yield from _quit(reading, discourse, known)


def _resign(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    _ = discourse, known
    predicate = reading.predicate
    if predicate.tense is not Tense.PAST and not predicate.perfect:
        return
    phrase = predicate.complement
    company = cut(phrase[1:], at=_AFTER_COMPANY) if phrase and phrase[0].norm == "from" else ()
    value = written(reading.text, company) if company else None
    if predicate.lemma == "retire":
        claim = reading.claim("employment_status", "retired", event=True)
        if claim:
            yield claim
        if value is None:
            return
    yield _end(reading, "employer", value)


def _start(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    """ "I started learning Thai", "I start a new job at Initech on Monday", "I started Foo"."""
    _ = discourse, known
    predicate = reading.predicate
    phrase = trim_marks(predicate.complement)
    if not phrase or predicate.negated or predicate.hypothetical:
        return
    form = verb_form(phrase[0].norm)
    if form and form.gerund:
        inner = verb_phrase(predicate.subject, phrase, reading.observed_at)
        if inner:
            begun = replace(
                inner,
                progressive=True,
                tokens=predicate.tokens,
                times=predicate.times,
                hedged=predicate.hedged,
                adverbs=predicate.adverbs | {"now"},
                tense=Tense.PRESENT,
            )
            again = replace(reading, predicate=begun)
            found = list(frame_claims(again)) or list(ongoing_claims(again))
            starts = [time.start for time in predicate.times if time.kind is TimeKind.AT]
            for claim in found:
                yield replace(claim, valid_from=starts[0] if starts else claim.valid_from)
        return
    yield from _job(reading, phrase)


def _turn(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    _ = discourse, known
    phrase = trim(reading.predicate.complement)
    if phrase and phrase[0].norm.isdigit() and len(phrase) == 1 and int(phrase[0].norm[:4]) < 120:
        if reading.predicate.tense is Tense.PAST or reading.predicate.perfect:
            claim = reading.claim("age", phrase[0].norm, event=True)
            if claim:
                yield claim


def _named(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    """ "I founded Acme", "I own a bakery": who leads a company."""
    _ = discourse, known
    phrase = cut(reading.predicate.complement, at=frozenset({"in", "with", "for", "at"}))
    if phrase and phrase[0].capital and GUARDS["organization"](phrase):
        value = written(reading.text, phrase)
        claim = value and reading.claim("role", f"founder of {value}", event=True)
        if claim:
            yield claim


def _teach(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    _ = discourse, known
    predicate = reading.predicate
    if predicate.perfect or predicate.modal or predicate.hedged or predicate.negated:
        return
    phrase = cut(predicate.complement, at=frozenset({"at", "in", "to", "for", "with", "as", "on"}))
    if 1 <= len(phrase) <= 2 and phrase[0].norm not in {"my", "me", "you", "kids", "people",
            "children", "students", "them", "him", "her", "a", "the", "how"}:  # fmt: skip
        value = written(reading.text, phrase)
        claim = value and reading.claim("role", f"{value} teacher", confidence=0.8)
        if claim:
            yield claim
    norms = [token.norm for token in predicate.complement]
    if "at" in norms:
        company = cut(predicate.complement[norms.index("at") + 1 :], at=_AFTER_COMPANY)
        if GUARDS["organization"](company):
            value = written(reading.text, company)
            claim = value and reading.claim("employer", value, confidence=0.8)
            if claim:
                yield claim


def _move(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    """ "I just moved to the platform team": the role changes if one is known, else the team."""
    _ = discourse
    predicate = reading.predicate
    happened = predicate.tense is Tense.PAST or predicate.perfect or predicate.passive
    phrase = predicate.complement
    if phrase and phrase[0].norm in {"to", "into", "over", "onto"}:
        phrase = phrase[1:]
        if phrase and phrase[0].norm == "to":
            phrase = phrase[1:]
    team = cut(phrase, at=frozenset({"at", "from", "in", "for", "as", "last"}))
    team = without_article(team)
    if len(team) < 2 or team[-1].norm not in _TEAM_HEADS or not (happened or predicate.hedged):
        if predicate.lemma in {"switch", "migrate", "convert"} and happened:
            yield from _switched(reading)
        return
    name = written(reading.text, team[:-1])
    if name is None or team[0].norm in {"my", "our", "their", "another", "different", "new"}:
        return
    role = next((a.value for a in known if a.entity == reading.entity and a.key == "role"), None)
    title = role.split() if role else []
    if len(title) > 1 and is_role_word(title[-1]):
        claim = reading.claim("role", f"{name} {title[-1]}", event=True, confidence=0.8)
    else:
        claim = reading.claim("team", name, event=True)
    if claim:
        yield claim


def is_role_word(word: str) -> bool:
    """Tells whether a single word names an occupation."""
    from_word = word.lower()
    return bool(from_word) and from_word[-1].isalpha() and from_word in _ROLE_WORDS


_ROLE_WORDS: Final = word_set(
    "engineer developer designer analyst manager scientist architect administrator lead tester "
    "consultant specialist researcher director coordinator writer programmer strategist intern "
    "technician producer editor marketer recruiter planner"
)


def _switched(reading: Reading) -> Iterator[Claim]:
    """ "I switched from Vim to Emacs"."""
    predicate = reading.predicate
    norms = [token.norm for token in predicate.complement]
    if "to" not in norms:
        return
    place = norms.index("to")
    target = cut(predicate.complement[place + 1 :], at=frozenset({"from", "for", "in", "as", "at"}))
    if not (target and target[0].capital and len(target) <= 3):
        return
    value = written(reading.text, target)
    if value is None:
        return
    claim = reading.claim("tool", value, event=True)
    if claim:
        yield claim
    if "from" in norms:
        source = cut(predicate.complement[norms.index("from") + 1 :], at=frozenset({"to", "for"}))
        old = written(reading.text, source) if source else None
        if old and claim:
            yield _end(reading, "tool", old)


def _born(
    reading: Reading, discourse: Discourse, known: tuple[KnownAttribute, ...]
) -> Iterator[Claim]:
    """ "I was born in Rome", "I was born on 5 May 1990", "born and raised in Leeds"."""
    _ = discourse, known
    predicate = reading.predicate
    raw = trim_marks(predicate.raw)
    while raw and raw[0].norm in {"born", "raised", "and", "bred", "up"}:
        raw = raw[1:]
    place = cut(predicate.complement, at=frozenset({"on", "to", "with", "at", "as"}))
    while place and place[0].norm in {"born", "raised", "and", "bred", "up"}:
        place = place[1:]
    if predicate.times and raw and raw[0].norm in {"on", "in"}:
        value = written(reading.text, raw[1:])
        if value and any(character.isdigit() for character in value):
            claim = reading.claim("birthday", value, event=True, change=False)
            if claim:
                yield replace(claim, valid_from=None)
            return
    if place and place[0].norm == "in" and GUARDS["origin"](place[1:]):
        value = written(reading.text, place[1:], ValueType.PLACE)
        claim = value and reading.claim("hometown", value, event=True, change=False)
        if claim:
            yield replace(claim, valid_from=None)


SPECIAL: Final[dict[str, Rule]] = {
    "have": _have,
    "get": _get,
    "buy": _acquire,
    "adopt": _acquire,
    "rescue": _acquire,
    "own": _acquire,
    "quit": _quit,
    "leave": _quit,
    "stop": _quit,
    "lose": _lose,
    "resign": _resign,
    "retire": _resign,
    "start": _start,
    "begin": _start,
    "turn": _turn,
    "found": _named,
    "co-found": _named,
    "teach": _teach,
    "move": _move,
    "join": _move,
    "transfer": _move,
    "switch": _move,
    "migrate": _move,
    "raise": _born,
}
"""The rules by the verb's base form."""


def born(reading: Reading, discourse: Discourse) -> Iterator[Claim]:
    """Yields what "I was born ..." says; "born" stands after "be" as an adjective would."""
    yield from _born(reading, discourse, ())


def activity(lemma: str) -> str:
    """Returns the -ing form under which an activity is kept."""
    return gerund(lemma)
