"""What follows "I am" with a preposition: "from Cork", "at Acme as a nurse"."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.guards import GUARDS, is_role
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ARTICLES,
    DETERMINERS,
    DIETS,
    DWELLINGS,
    INDUSTRIES,
    WORKPLACES,
)
from spectron_extraction.builtin.roles import well_known
from spectron_extraction.builtin.schooling import schooled
from spectron_extraction.builtin.things import SYSTEMS
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.values import cut, trim, without_article, written
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType

_SURROUNDINGS: Final = word_set("city country suburbs countryside mountains desert woods")


def whereabouts(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    """Yields what a preposition after "I am" tells.

    Args:
        reading: The clause.
        tokens: What follows "I am", from the preposition on.
    """
    preposition, rest = tokens[0].norm, tokens[1:]
    if preposition == "from":
        place = cut(rest, at=frozenset({"and", "but", "at", "with", "for", "as"}))
        if GUARDS["origin"](place):
            value = written(reading.text, place, ValueType.PLACE)
            yield from only(reading.claim("hometown", value))
        return
    schooling = list(schooled(reading, preposition, rest))
    if schooling:
        yield from schooling
    elif preposition in {"in", "on"} and (zone := _zone(rest)):
        yield from only(reading.claim("timezone", written(reading.text, zone)))
    elif preposition == "in":
        place = cut(rest, at=frozenset({"for", "with", "at", "on", "as"}))
        if place and place[-1].norm in {"zone", "timezone"}:
            zone = place[:-2] if place[-2:-1] and place[-2].norm == "time" else place[:-1]
            value = written(reading.text, without_article(zone))
            claim = reading.claim("timezone", value)
        elif place and head(place) in INDUSTRIES:
            value = written(reading.text, place)
            claim = reading.claim("industry", value, confidence=0.8)
        elif place and place[0].norm in ARTICLES and head(place) in _SURROUNDINGS:
            claim = reading.claim("location", written(reading.text, place), confidence=0.75)
        elif place and GUARDS["place"](place) and well_known(place):
            # A visit reads the same as a home: "for a week", "on holiday" tell the visit.
            visiting = any(t.norm in {"for", "on", "visiting", "until", "till"} for t in rest)
            value = written(reading.text, place, ValueType.PLACE)
            claim = None if visiting else reading.claim("location", value, confidence=0.75)
        else:
            claim = None
        if claim:
            yield claim
    elif preposition == "at":
        company = cut(rest, at=frozenset({"in", "for", "as", "on", "with"}))
        if not _employed(reading, rest):
            return
        named = company and (company[0].capital or _long_there(reading, company))
        if named and GUARDS["organization"](company):
            value = written(reading.text, company)
            yield from only(reading.claim("employer", value, confidence=0.7))
    elif preposition == "on":
        yield from _on(reading, rest)


def _on(reading: Reading, rest: Phrase) -> Iterator[Claim]:
    """Reads "on Windows 11", "on maternity leave", "on a keto diet", "on the platform team"."""
    team = without_article(cut(rest, at=frozenset({"at", "in", "for"})))
    if team and (team[0].norm in SYSTEMS or (len(team) == 1 and team[0].norm in _MACHINES)):
        yield from only(reading.claim("tool", written(reading.text, team)))
    elif team and team[-1].norm in {"leave", "sabbatical", "disability", "welfare"}:
        value = written(reading.text, team)
        yield from only(reading.claim("employment_status", f"on {value}"))
    elif team and len(team) == 1 and team[0].norm in DIETS:
        yield from only(reading.claim("diet", written(reading.text, team)))
    elif team and team[-1].norm == "diet":
        value = written(reading.text, team)
        yield from only(reading.claim("diet", f"on a {value}"))
    elif len(team) > 1 and team[-1].norm == "team":
        value = written(reading.text, team[:-1])
        yield from only(reading.claim("team", value))


def _employed(reading: Reading, place: Phrase) -> bool:
    """Tells "I've been at Acme since May", "I'm at Acme as a nurse" from where one is just now."""
    norms = [token.norm for token in place]
    as_what = place[norms.index("as") + 1 :] if "as" in norms else ()
    lasting = any(
        time.kind in {TimeKind.SINCE, TimeKind.DURATION}
        and reading.observed_at - time.start > _LONGEST_VISIT
        for time in reading.predicate.times
    )
    return lasting or (bool(as_what) and is_role(trim(as_what)))


_LONGEST_VISIT: Final = timedelta(days=2)


def _long_there(reading: Reading, company: Phrase) -> bool:
    """Tells "i've been at siemens since 2019", in lower case, from "at the gym for an hour"."""
    lasting = any(
        time.kind in {TimeKind.SINCE, TimeKind.DURATION}
        and reading.observed_at - time.start > _PROBATION
        for time in reading.predicate.times
    )
    common = company[0].norm in DETERMINERS or head(company) in WORKPLACES | DWELLINGS | _NO_FIRM
    return lasting and len(company) <= 3 and not common


_PROBATION: Final = timedelta(days=60)
_NO_FIRM: Final = word_set("war peace sea risk odds camp rehab large rest gym uni loss base")
_MACHINES: Final = word_set("mac macbook pc chromebook iphone ipad")


def _zone(rest: Phrase) -> Phrase:
    """Returns "cet" of "in cet" and "pacific time" of "on pacific time"; nothing of a place."""
    if rest and rest[0].norm in _ZONES:
        return rest[:1]
    timed = words(rest[1:2]) == "time" or words(rest[1:3]) in {"standard time", "daylight time"}
    return rest[: 2 + (rest[1].norm != "time")] if timed and rest[0].norm in _REGIONS else ()


_ZONES: Final = word_set(
    "cet cest bst gmt utc est edt cst cdt pst pdt mst ist jst kst aest aedt awst nzst nzdt eet "
    "eest hkt sgt msk brt sast"
)
_REGIONS: Final = word_set("pacific eastern central mountain atlantic uk")
"""What is said before "time" of where one's clock is set."""
