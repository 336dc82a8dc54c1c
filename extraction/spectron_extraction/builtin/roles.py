"""Roles: "a backend engineer at Acme from Leeds" gives the role and what goes with it."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.frame_rules import Segment, company_name, segments
from spectron_extraction.builtin.guards import GUARDS, is_role
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ARTICLES,
    KIN,
    MOODS,
    NOT_ROLES,
    PLACE_NAMES,
    VENTURES,
    WORKPLACES,
)
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.values import (
    cut,
    trim,
    without_article,
    written,
)
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType

INTENSIFIERS: Final = word_set(
    "very quite pretty really so extremely rather fairly totally completely fully half strictly "
    "still now super too always also happily newly recently a an the bit little of actually proud "
    "terribly awfully incredibly insanely unbelievably "
    "practicing practising devout single-handedly naturally lifelong strict ethical mostly kind "
    "kinda"
)


_STUDENT: Final = word_set("student undergraduate undergrad postgraduate freshman sophomore")


def well_known(place: Phrase) -> bool:
    """Tells whether a phrase names a place: by a capital, or as a well-known place."""
    return (
        place[0].capital
        or any(token.norm in PLACE_NAMES for token in place)
        or any(words(place[index : index + 2]) in PLACE_NAMES for index in range(len(place)))
        or words(place) in PLACE_NAMES
    )


def role_claims(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    """Yields the role that a noun phrase names, and the employer and place beside it."""
    parts = segments(tokens, frozenset({"at", "for", "from", "in", "with", "on", "by"}))
    first = parts[0]
    if first.name != "obj":
        return
    title = trim(without_article(first.tokens))
    if not title or not (is_role(title) or _employed(reading, first.tokens, parts[1:])):
        return
    if len(title) == 1 and title[0].norm in _STUDENT and not reading.predicate.negated:
        yield from only(reading.claim("employment_status", f"a {title[0].norm}", confidence=0.85))
        yield from _student(reading, parts)
        return
    if reading.predicate.lemma == "be" and first.tokens[0].norm in {"your", "his", "her", "their"}:
        return
    if title[0].norm in _UNPAID or _in_passing(reading, title):
        return
    title = _without_adjectives(title)
    value = written(reading.text, title)
    if reading.predicate.tense is Tense.FUTURE and first.tokens[0].norm in {"a", "an"}:
        # "When I graduate I'll be a doctor": nobody says when, so it is an aim.
        goal = None if reading.predicate.negated else value and f"become a {value}"
        yield from only(reading.claim("goal", goal, confidence=0.85))
        return
    claim = reading.claim("role", value)
    if not claim:
        return
    yield claim
    if claim.retracts:
        return
    for part in parts[1:]:
        place = trim(cut(part.tokens))
        if part.name in {"at", "for"} and GUARDS["organization"](place):
            if part.name == "for" and not place[0].capital and place[0].norm not in ARTICLES:
                continue
            company = written(reading.text, company_name(place))
            yield from only(reading.claim("employer", company))
        elif part.name == "from" and GUARDS["origin"](place):
            origin = written(reading.text, place, ValueType.PLACE)
            yield from only(reading.claim("hometown", origin))
        elif part.name == "in" and well_known(place) and GUARDS["place"](place):
            home = written(reading.text, place, ValueType.PLACE)
            yield from only(reading.claim("location", home, confidence=0.75))


def _employed(reading: Reading, first: Phrase, parts: list[Segment]) -> bool:
    """Tells "a physio at a rehab clinic", whatever the word, by where such a one works."""
    noun = first[-1].norm
    known = noun in KIN or noun in MOODS or noun in _VISITORS or noun in NOT_ROLES
    plain = first[0].norm in {"a", "an", "the"} and 1 < len(first) <= 4 and not known
    form = verb_form(noun)
    if not plain or reading.predicate.tense is not Tense.PRESENT or (form and form.gerund):
        return False
    firms = [trim(cut(part.tokens)) for part in parts if part.name in {"at", "for"}]
    return any(
        firm and GUARDS["organization"](firm) and head(without_article(firm)) in _FIRMS
        for firm in firms
    )


_FIRMS: Final = WORKPLACES | VENTURES
_VISITORS: Final = word_set(
    "guest customer patient client visitor regular member volunteer user newcomer tourist stranger "
    "beginner fan friend disaster mess bit lot person guy girl man woman one part fool hit"
)
"""Who is at a place without working there."""


def _in_passing(reading: Reading, title: Phrase) -> bool:
    """Tells "a pilot in my spare time", "the chef tonight" and "a student of life"."""
    after = words([t for t in reading.predicate.tokens if t.start >= title[-1].end])
    figure = title[-1].norm in _FIGURES and any(token.norm == "of" for token in title)
    return figure or after.startswith(BESIDES)


_UNPAID: Final = word_set("designated self-appointed unofficial honorary resident wannabe")
_FIGURES: Final = word_set("life love universe world things")
BESIDES: Final = (
    "in my spare time", "in my free time", "on the side", "on weekends", "on the weekends",
    "at weekends", "for fun", "as a hobby", "tonight", "for the night", "for tonight",
    "for the day", "for the evening", "for the weekend", "this evening", "this weekend",
)  # fmt: skip
"""What follows a role that is nobody's work."""


def _student(reading: Reading, parts: list[Segment]) -> Iterator[Claim]:
    for part in parts[1:]:
        tokens = trim(cut(part.tokens, at=frozenset({"majoring", "studying", "doing"})))
        if part.name == "at" and GUARDS["organization"](tokens):
            value = written(reading.text, tokens)
            yield from only(reading.claim("school", value))


def _without_adjectives(title: Phrase) -> Phrase:
    """Takes praise off a title: "very good nurse"; a "retired teacher" teaches no more."""
    start = 0
    while start < len(title) - 1 and (
        title[start].norm in INTENSIFIERS
        or title[start].norm in {"good", "great", "full-time", "part-time", "professional", "new",
            "fulltime", "big", "huge", "currently", "humble", "simple", "mere"}
    ):  # fmt: skip
        start += 1
    return title[start:]
