"""Times in questions and turns: "When did ...?", "in May 2023", "last summer".

What is remembered is dated by when it was said. Who asks about a time asks for what was said then
or soon after, and who asks when something was is answered by a turn that tells a time. English
only; other languages are found by their words and meaning.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from spectron_server.index.stems import words

_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_UNITS: Final = {"day": 1, "week": 7, "weekend": 7, "month": 30, "year": 365}
_NUMBERS: Final = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIME_WORDS: Final = frozenset(
    {
        *_MONTHS,
        *_SEASONS,
        *_UNITS,
        *_DAYS,
        *(f"{unit}s" for unit in _UNITS),
        *["ago", "last", "next", "since", "recently", "today", "tomorrow", "tonight", "yesterday"],
    }
)
_YEAR: Final = r"(?:19|20)\d\d"
_ASKS_WHEN: Final = re.compile(
    r"\b(?:when|how long|(?:what|which) (?:date|day|month|season|time|year))\b", re.IGNORECASE
)
# "Our last conversation", "the last time we spoke", "What did we talk about last time?"
_SPEAKING: Final = r"(?:chat|discuss|speak|spoke|talk)\w{0,3}"
_OF_LAST_SESSION: Final = re.compile(
    r"\b(?:our (?:last|latest|previous|most recent) (?:chat|conversation|discussion|exchange"
    rf"|session|talk)|(?:last|previous) time we {_SPEAKING}|we last {_SPEAKING}"
    rf"|we (?:\w+ )?{_SPEAKING}\b[^.!?]{{0,40}} last(?: time)?)\b",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    rf"\b(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?"
    rf"(?P<month>{'|'.join(_MONTHS)}|{'|'.join(_SEASONS)})\b"
    rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:,?\s+(?:of\s+)?(?P<year>{_YEAR})\b)?",
    re.IGNORECASE,
)
_BARE_YEAR: Final = re.compile(rf"\b({_YEAR})\b")
_AGO: Final = re.compile(
    rf"\b(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})\s+(?P<unit>{'|'.join(_UNITS)})s?\s+ago\b",
    re.IGNORECASE,
)
_LAST: Final = re.compile(
    rf"\b(?P<which>last|past|this)\s+(?P<unit>{'|'.join(_UNITS)})\b|\b(?P<word>yesterday|today)\b",
    re.IGNORECASE,
)
# A month that is also a word counts only where it can be no word: "in May", "May 2023", "3 March".
_DOUBTFUL: Final = frozenset({"may", "march", "spring", "fall", "summer", "winter", "autumn"})
_BEFORE_DOUBTFUL: Final = re.compile(
    r"\b(?:last|this|(?:in|of|since|during|by|until|early|late)(?:\s+the)?)\s+$", re.IGNORECASE
)
# What happened in a month is often told in the weeks after it, and of a day on the next.
_TOLD_WITHIN: Final = timedelta(days=10)
_DAY: Final = timedelta(days=1)
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2999, 12, 31, tzinfo=UTC)
# A month without a year is one of any of the last years.
_YEARS_BACK: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From a moment until before another."""

    start: datetime
    end: datetime


def tells_time(spoken: Iterable[str]) -> bool:
    """Tells whether words, in lower case, say when something is or was."""
    return not TIME_WORDS.isdisjoint(spoken)


def asks_when(question: str) -> bool:
    """Tells whether a question asks for a time."""
    return _ASKS_WHEN.search(question) is not None


def asks_of_last_session(question: str) -> bool:
    """Tells whether a question is about what was said when user and assistant last spoke."""
    return _OF_LAST_SESSION.search(question) is not None


def periods(question: str, now: datetime) -> list[Period]:
    """Returns when that may have been told which a question asks about.

    Args:
        question: The question.
        now: The moment that "last week" is seen from.

    Returns:
        The periods of the first time that the question names; none if it names none.
    """
    if TIME_WORDS.isdisjoint(words(question)) and not _BARE_YEAR.search(question):
        return []
    # Calendars end; nobody remembers anything from there.
    now = min(max(now, _EARLIEST), _LATEST)
    date = next((match for match in _DATE.finditer(question) if _is_date(match)), None)
    if date is not None:
        return list(_dated(date, now))
    if (ago := _AGO.search(question)) is not None:
        count = ago["count"].lower()
        days = (int(count) if count.isdigit() else _NUMBERS[count]) * _UNITS[ago["unit"].lower()]
        # The further back, the less exactly people remember.
        slack = timedelta(days=max(1, days // 4))
        moment = now - timedelta(days=days)
        return [Period(start=moment - slack, end=moment + slack)]
    if (last := _LAST.search(question)) is not None:
        return [_last(last, now)]
    if (year := _BARE_YEAR.search(question)) is not None:
        return [_span(int(year[1]), 1, 12)]
    return []


def _is_date(match: re.Match[str]) -> bool:
    if match["month"].lower() not in _DOUBTFUL or match["year"]:
        return True
    if match["before"] or match["after"]:
        return match["month"].lower() in _MONTHS
    written = match["month"][0].isupper() or match["month"].lower() in _SEASONS
    return written and _BEFORE_DOUBTFUL.search(match.string[: match.start("month")]) is not None


def _dated(match: re.Match[str], now: datetime) -> Iterator[Period]:
    name = match["month"].lower()
    season = name in _SEASONS
    month = _SEASONS[name] if season else _MONTHS.index(name) + 1
    day = int(match["before"] or match["after"] or 0)
    if match["year"]:
        years = range(int(match["year"]), int(match["year"]) + 1)
    elif re.search(r"\b(?:last|this)\s+$", match.string[: match.start("month")], re.IGNORECASE):
        years = range(now.year if month <= now.month else now.year - 1, now.year + 1)
    else:
        years = range(now.year - _YEARS_BACK, now.year + 1)
    for year in years:
        if day and not season:
            start = datetime(year, month, 1, tzinfo=UTC) + (day - 1) * _DAY
            yield Period(start=start - _DAY, end=start + 2 * _DAY)
        else:
            yield _span(year, month, 3 if season else 1)


def _span(year: int, month: int, months: int) -> Period:
    after = month + months - 1
    end = datetime(year + after // 12, after % 12 + 1, 1, tzinfo=UTC)
    start = datetime(year, month, 1, tzinfo=UTC)
    return Period(start=start - _DAY, end=end + _TOLD_WITHIN)


def _last(match: re.Match[str], now: datetime) -> Period:
    word = (match["word"] or "").lower()
    if word:
        return Period(start=now - (2 if word == "yesterday" else 1) * _DAY, end=now + _DAY)
    days = _UNITS[match["unit"].lower()]
    if match["which"].lower() == "this":
        return Period(start=now - timedelta(days=days), end=now + _DAY)
    return Period(start=now - timedelta(days=2 * days), end=now + _DAY)
