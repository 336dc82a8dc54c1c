"""Starting, changing and leaving: jobs, teams, tools and habits."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.frame_rules import company_name, frame_claims
from spectron_extraction.builtin.guards import GUARDS, is_role
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import DWELLINGS, PROGRAMMING, WORKPLACES
from spectron_extraction.builtin.ongoing import ongoing_claims
from spectron_extraction.builtin.partings import believed, companion, left_behind
from spectron_extraction.builtin.sites import NOT_EMPLOYING, serves
from spectron_extraction.builtin.syntax import verb_phrase
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    trim,
    with_article,
    without_article,
    written,
)
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType

_JOB: Final = word_set("job work position role employment")


_TEAM_HEADS: Final = word_set("team squad department division group")


_NO_JOB_YET: Final = word_set(
    "offer offers interview interviews application applications posting fair ad advert listing "
    "lead opportunity rejection search hunt alert coach centre center"
)
AFTER_COMPANY: Final = word_set("as in for on with since because after to last")


def new_job(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    """Reads "a new job at Acme as a nurse", "a job offer" and "a job interview" are none."""
    norms = [token.norm for token in phrase]
    place = next((i for i, word in enumerate(norms[:5]) if word in _JOB), None)
    if place is None or set(norms[place + 1 : place + 2]) & _NO_JOB_YET:
        return
    for index in range(place + 1, len(phrase) - 1):
        if norms[index] in {"at", "with"}:
            company = company_name(cut(phrase[index + 1 :], at=AFTER_COMPANY | {","}))
            if GUARDS["organization"](company):
                value = written(reading.text, company)
                yield from only(reading.claim("employer", value, event=True))
        if norms[index] == "as":
            role = without_article(cut(phrase[index + 1 :], at=frozenset({"at", "in", "for"})))
            if is_role(role):
                value = written(reading.text, role)
                yield from only(reading.claim("role", value, event=True))


def ended(reading: Reading, key: str, value: str | None) -> Claim:
    """Returns the claim that a value, or whatever the value is, no longer holds."""
    return Claim(
        entity=reading.entity,
        key=key,
        value=value,
        tokens=reading.predicate.tokens,
        retracts=True,
    )


def quit_or_left(reading: Reading) -> Iterator[Claim]:
    """Reads "I quit my job", "I left Hooli", "I stopped drinking coffee"."""
    predicate = reading.predicate
    past = predicate.tense is Tense.PAST or predicate.perfect
    if not past or predicate.negated or predicate.hedged or predicate.modal or predicate.used_to:
        return
    phrase = trim_marks(predicate.complement)
    if not phrase:
        yield from _quit_named(reading)
        return
    form = verb_form(phrase[0].norm)
    if form and form.gerund and predicate.lemma in {"quit", "stop"}:
        yield from _stopped(reading, phrase)
        yield from _forgone(reading, phrase) if predicate.lemma == "quit" else ()
        return
    norms = [token.norm for token in phrase]
    if any(word in _JOB for word in norms[:4]) and norms[0] in {"my", "our", "the", "a"}:
        company = next(
            (phrase[i + 1 :] for i, w in enumerate(norms) if w in {"at", "with", "from"}), ()
        )
        tokens = cut(company, at=AFTER_COMPANY)
        yield ended(reading, "employer", written(reading.text, tokens) if tokens else None)
        return
    if predicate.lemma in {"quit", "leave", "dump"}:
        if words(phrase[:1]) == "me" or companion(reading, phrase[:1]):
            yield from left_behind(reading, phrase)
            return
        tokens = cut(phrase, at=AFTER_COMPANY | {"at"})
        value = written(reading.text, tokens) if tokens else None
        named = believed(reading, frozenset({"employer"}), tokens)
        lived = value and any(
            attribute.key == "location"
            and reading.ontology.same_value("location", attribute.value, value)
            for attribute in reading.known
        )
        if value and lived:
            yield ended(reading, "location", value)
        elif named:
            yield ended(reading, "employer", named)
        elif (
            tokens
            and len(tokens) > 1
            and tokens[0].norm in {"the", "my", "our"}
            and head(tokens) in WORKPLACES - NOT_EMPLOYING
        ):
            yield ended(reading, "employer", None)
        elif value and tokens[0].capital and GUARDS["organization"](tokens):
            yield ended(reading, "employer", value)
        elif value and predicate.lemma == "quit" and norms[0] in {"smoking", "drinking"}:
            yield ended(reading, "habit", value)


def _quit_named(reading: Reading) -> Iterator[Claim]:
    """Reads "Costa was awful, so I quit": an employer that the turn names before it."""
    if reading.predicate.lemma != "quit" or not reading.about_user:
        return
    before = reading.text[: reading.predicate.tokens[0].start].casefold()
    for attribute in reading.known:
        own = attribute.entity == reading.user and attribute.key == "employer"
        if own and re.search(rf"\b{re.escape(attribute.value.casefold())}\b", before):
            yield ended(reading, "employer", attribute.value)
            return


def _stopped(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
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
    for attribute in reading.known:
        if attribute.entity == reading.entity and attribute.key in {"likes", "hobby", "habit"}:
            said = set(attribute.value.lower().split())
            if content & said or value.lower() == attribute.value.lower():
                yield ended(reading, attribute.key, attribute.value)
                return
    yield ended(reading, "habit", value)


_CONSUMING: Final = word_set("smoke drink eat vape chew gamble")


def _forgone(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    """Yields what one abstains from after "I quit smoking"."""
    form = verb_form(phrase[0].norm)
    if form is not None and form.lemma in _CONSUMING:
        value = written(reading.text, cut(phrase, at=frozenset({"in", "last", "when", "for"})))
        yield from only(reading.claim("abstains_from", value, event=True, change=False))


def gave_up(reading: Reading) -> Iterator[Claim]:
    """Reads "I gave up sugar", "I've given up smoking"."""
    predicate = reading.predicate
    phrase = trim_marks(predicate.complement)
    happened = predicate.tense is Tense.PAST or predicate.perfect
    if not happened or predicate.negated or words(phrase[:1]) != "up" or len(phrase) < 2:
        return
    thing = cut(phrase[1:], at=frozenset({"in", "last", "when", "for", "on", "at"}))
    if not thing or thing[0].norm in {"on", "my", "the", "a", "hope", "trying"} or len(thing) > 4:
        return
    yield from only(
        reading.claim("abstains_from", written(reading.text, thing), event=True, change=False)
    )


def lost(reading: Reading) -> Iterator[Claim]:
    """Reads "I lost my job"."""
    predicate = reading.predicate
    if predicate.tense is Tense.PAST or predicate.perfect:
        norms = [token.norm for token in predicate.complement]
        if norms[:2] == ["my", "job"]:
            yield from quit_or_left(reading)


def resigned(reading: Reading) -> Iterator[Claim]:
    """Reads "I resigned from Hooli" and "I retired"."""
    predicate = reading.predicate
    if predicate.tense is not Tense.PAST and not predicate.perfect:
        return
    phrase = predicate.complement
    company = cut(phrase[1:], at=AFTER_COMPANY) if phrase and phrase[0].norm == "from" else ()
    if believed(reading, frozenset({"member_of"}), company):
        return  # Told by `endings`.
    named = believed(reading, frozenset({"employer"}), company)
    value = named or (written(reading.text, company) if company else None)
    if predicate.lemma == "retire":
        yield from only(reading.claim("employment_status", "retired", event=True))
        if value is None:
            return
    yield ended(reading, "employer", value)


def started(reading: Reading) -> Iterator[Claim]:
    """Reads "I started learning Thai" and "I start a new job at Initech on Monday"."""
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
    yield from new_job(reading, phrase)


def founded(reading: Reading) -> Iterator[Claim]:
    """Reads "I founded Acme", "I own a bakery": who leads a company."""
    phrase = cut(reading.predicate.complement, at=frozenset({"in", "with", "for", "at"}))
    if phrase and phrase[0].capital and GUARDS["organization"](phrase):
        value = written(reading.text, phrase)
        yield from only(reading.claim("role", f"founder of {value}", event=True))


def taught(reading: Reading) -> Iterator[Claim]:
    """Reads "I teach maths at MIT"."""
    predicate = reading.predicate
    if predicate.perfect or predicate.modal or predicate.hedged or predicate.negated:
        return
    phrase = cut(predicate.complement, at=frozenset({"at", "in", "to", "for", "with", "as", "on"}))
    if phrase and phrase[0].norm == "myself":
        value = written(reading.text, phrase[1:]) if len(phrase) > 1 else None
        yield from only(reading.claim("learning", value))
        return
    if 1 <= len(phrase) <= 2 and phrase[0].norm not in {"my", "me", "you", "kids", "people",
            "children", "students", "them", "him", "her", "a", "the", "how"}:  # fmt: skip
        value = written(reading.text, phrase)
        yield from only(reading.claim("role", f"{value} teacher", confidence=0.8))
    norms = [token.norm for token in predicate.complement]
    if "at" in norms:
        company = cut(predicate.complement[norms.index("at") + 1 :], at=AFTER_COMPANY)
        if GUARDS["organization"](company):
            value = written(reading.text, company)
            yield from only(reading.claim("employer", value, confidence=0.8))


def moved_team(reading: Reading) -> Iterator[Claim]:
    """Reads "I moved to the platform team": the role changes if one is known, else the team."""
    predicate = reading.predicate
    happened = predicate.tense is Tense.PAST or predicate.perfect or predicate.passive
    phrase = predicate.complement
    if predicate.lemma == "move" and happened and words(phrase[:1]) in {"into", "in"}:
        home = trim(cut(phrase[1:], at=frozenset({"with", "in", "near", "for", "that"})))
        home = home[1:] if home and home[0].norm == "to" else home
        if home and head(without_article(home)) in DWELLINGS and not predicate.negated:
            value = written(reading.text, home)
            yield from only(reading.claim("event", f"moved into {value}", event=True, change=False))
            if len(home) > 1 and home[0].norm in {"a", "an", "our", "my"}:
                yield from only(reading.claim("housing", _kind_of_home(reading, home), event=True))
            return
    if predicate.lemma == "move" and happened and words(phrase[:2]) in {"out of", "away from"}:
        place = cut(phrase[2:], at=frozenset({"for", "with", "in", "to"}))
        if GUARDS["destination"](place) and not predicate.negated:
            yield ended(reading, "location", written(reading.text, place, ValueType.PLACE))
        return
    norms = [token.norm for token in phrase]
    if predicate.lemma == "move" and happened and "from" in norms and "to" not in norms:
        place = cut(
            phrase[norms.index("from") + 1 :], at=frozenset({"for", "with", "in", "because"})
        )
        past = reading.claim("location", written(reading.text, place, ValueType.PLACE), event=True)
        if past and not past.retracts and GUARDS["origin"](place):
            end = past.valid_from or reading.observed_at
            yield replace(past, valid_from=None, valid_until=end, change=False)
        return
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
    role = next(
        (a.value for a in reading.known if a.entity == reading.entity and a.key == "role"), None
    )
    title = role.split() if role else []
    if len(title) > 1 and is_role_word(title[-1]):
        claim = reading.claim("role", f"{name} {title[-1]}", event=True, confidence=0.8)
    else:
        claim = reading.claim("team", name, event=True)
    if claim:
        yield claim


def _kind_of_home(reading: Reading, home: Phrase) -> str | None:
    """Returns "a flat" of "our new flat": that it is new does not last."""
    bare = home[1:]
    while len(bare) > 1 and bare[0].norm in {"new", "own", "first", "another", "different"}:
        bare = bare[1:]
    value = written(reading.text, bare)
    return value and with_article(value)


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
    """Reads "I switched from Vim to Emacs"."""
    predicate = reading.predicate
    norms = [token.norm for token in predicate.complement]
    if "to" not in norms:
        return
    place = norms.index("to")
    target = cut(predicate.complement[place + 1 :], at=frozenset({"from", "for", "in", "as", "at"}))
    known = target and (target[0].capital or serves(target) or target[0].norm in PROGRAMMING)
    if not known or len(target) > 3:
        return
    value = written(reading.text, target)
    if value is None:
        return
    leaving = norms[norms.index("from") + 1 : norms.index("from") + 2] if "from" in norms else []
    trade = verb_form(leaving[0]) if leaving else None
    if trade is not None and trade.gerund:
        # "From teaching to design": a trade, not a tool.
        yield from only(reading.claim("role", value, event=True))
        return
    claim = reading.claim("tool", value, event=True)
    if claim:
        yield claim
    if "from" in norms:
        source = cut(predicate.complement[norms.index("from") + 1 :], at=frozenset({"to", "for"}))
        old = written(reading.text, source) if source else None
        if old and claim:
            yield ended(reading, "tool", old)
