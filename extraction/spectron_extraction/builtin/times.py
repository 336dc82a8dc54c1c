"""Expressions of time: finding them in a clause and resolving them against the turn's time.

All results are in the zone of the turn's `observed_at`. A period is kept by its start and end;
"last year" is the whole year before, "two years ago" is the day two years before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.wordlists import word_set

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thurs", "friday fri",
         "saturday sat", "sunday sun")
    )
    for name in names.split()
}  # fmt: skip
_UNITS: Final = {"day": 1, "week": 7, "weekend": 7, "month": 30, "year": 365, "decade": 3650}
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "couple": 2, "few": 3,
    "several": 4, "fifteen": 15, "twenty": 20, "thirty": 30,
}  # fmt: skip
_FILLERS: Final = word_set("the about around over almost nearly early late mid past last of")
_AMBIGUOUS: Final = word_set("may mar sun sat mon wed march fall spring")
_LONGEST: Final = 7


class TimeKind(StrEnum):
    """How a time bears on the statement."""

    AT = "at"
    SINCE = "since"
    UNTIL = "until"
    DURATION = "duration"
    RANGE = "range"


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeExpression:
    """A time in a clause: tokens `first` to `last`, end exclusive, mean `start` to `end`."""

    kind: TimeKind
    first: int
    last: int
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class _Point:
    length: int
    start: datetime
    end: datetime


def find_times(tokens: Phrase, observed_at: datetime, *, future: bool) -> list[TimeExpression]:
    """Finds the expressions of time in a clause.

    Args:
        tokens: The clause.
        observed_at: When it was said.
        future: Whether a weekday or month without a year is the next rather than the last one.

    Returns:
        The expressions in order, not overlapping.
    """
    found: list[TimeExpression] = []
    index = 0
    while index < len(tokens):
        if tokens[index].norm in {"every", "each"}:
            index += 2  # "Every Sunday" is a habit, not a day.
            continue
        try:
            expression = _expression(tokens, index, observed_at, future=future)
        except OverflowError:
            expression = None  # It lies outside of the calendar: the day before the first.
        if expression:
            found.append(expression)
            index = expression.last
        else:
            index += 1
    return found


def _expression(
    tokens: Phrase, index: int, now: datetime, *, future: bool
) -> TimeExpression | None:
    word = tokens[index].norm
    after = index + 1
    while after < len(tokens) and after < index + 4 and tokens[after].norm in {"about", "early",
            "late", "around", "the", "start", "end", "of", "mid", "over", "almost"}:  # fmt: skip
        after += 1

    def make(kind: TimeKind, point: _Point, begin: int) -> TimeExpression:
        return TimeExpression(
            kind=kind, first=index, last=begin + point.length, start=point.start, end=point.end
        )

    if word in {"since", "starting", "beginning", "until", "till"}:
        point = _point(tokens, after, now, future=word in {"until", "till"} and future, loose=True)
        kind = TimeKind.UNTIL if word in {"until", "till"} else TimeKind.SINCE
        return make(kind, point, after) if point else None
    if word in {"from", "between"}:
        return _range(tokens, index, now)
    if word == "for":
        length = _duration(tokens, index + 1)
        if length is None:
            return None
        count, days = length
        point = _Point(length=count, start=_shift(now, -days), end=now)
        return make(TimeKind.DURATION, point, index + 1)
    if word in {"in", "on", "this", "back", "during"}:
        begin = after if word != "this" else index
        if word == "in":
            length = _duration(tokens, index + 1)
            if length and tokens[index + 1].norm not in {"last", "past"}:
                start = _shift(now, length[1])
                return make(
                    TimeKind.AT, _Point(length=length[0], start=start, end=start), index + 1
                )
        point = _point(tokens, begin, now, future=future, loose=True)
        return make(TimeKind.AT, point, begin) if point else None
    point = _point(tokens, index, now, future=future, loose=False)
    return make(TimeKind.AT, point, index) if point else None


def _range(tokens: Phrase, index: int, now: datetime) -> TimeExpression | None:
    first = _year(tokens, index + 1)
    second = _year(tokens, index + 3)
    joined = index + 2 < len(tokens) and tokens[index + 2].norm in {
        "to", "until", "till", "and", "-", "through"}  # fmt: skip
    if first is None or second is None or not joined:
        return None
    return TimeExpression(
        kind=TimeKind.RANGE,
        first=index,
        last=index + 4,
        start=_day(now, first, 1, 1),
        end=_day(now, second, 1, 1),
    )


def _duration(tokens: Phrase, index: int) -> tuple[int, int] | None:
    """Returns how many tokens a duration takes and its days: "about ten years" gives 3, 3650."""
    count = None
    for place in range(index, min(index + _LONGEST, len(tokens))):
        word = tokens[place].norm
        unit = word.removesuffix("s")
        if unit in _UNITS:
            amount = 1 if count is None else count
            if count is None and not word.endswith("s"):
                return None
            return place - index + 1, min(amount, 150) * _UNITS[unit]
        if word in _NUMBERS:
            count = _NUMBERS[word]
        elif word.isascii() and word.isdigit() and len(word) <= 3:
            count = int(word)
        elif word not in _FILLERS:
            return None
    return None


def _point(
    tokens: Phrase, index: int, now: datetime, *, future: bool, loose: bool
) -> _Point | None:
    """Reads a point or period of time; `loose` after a preposition that calls for one."""
    if index >= len(tokens):
        return None
    word = tokens[index].norm
    day = _midnight(now)
    near = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
    if word in near:
        start = day + timedelta(days=near[word])
        return _Point(length=1, start=start, end=start + timedelta(days=1))
    if word in {"last", "next", "this", "past"} and index + 1 < len(tokens):
        return _relative(tokens[index + 1].norm, {"next": 1, "this": 0}.get(word, -1), now)
    ago = _duration(tokens, index)
    if ago and index + ago[0] < len(tokens) and tokens[index + ago[0]].norm in {"ago", "back"}:
        start = _shift(now, -ago[1])
        return _Point(length=ago[0] + 1, start=start, end=start)
    if word in MONTHS and (loose or _year(tokens, index + 1) or _day_number(tokens, index + 1)):
        return _month(tokens, index, now, future=future)
    if _day_number(tokens, index) and (loose or tokens[index].norm[-1].isalpha()):
        return _day_first(tokens, index, now, future=future)
    if word in _WEEKDAYS and (loose or word not in _AMBIGUOUS):
        return _weekday(_WEEKDAYS[word], now, future=future)
    year = _year(tokens, index)
    if year and loose:
        return _Point(length=1, start=_day(now, year, 1, 1), end=_day(now, year + 1, 1, 1))
    return None


def _relative(word: str, offset: int, now: datetime) -> _Point | None:
    day = _midnight(now)
    if word == "year":
        start = _day(now, now.year + offset, 1, 1)
        return _Point(length=2, start=start, end=_day(now, now.year + offset + 1, 1, 1))
    if word == "month":
        start, end = _month_span(now, now.year, now.month + offset)
        return _Point(length=2, start=start, end=end)
    if word in {"week", "weekend"}:
        start = day + timedelta(days=7 * offset - day.weekday())
        if word == "weekend":
            start += timedelta(days=5)
        return _Point(length=2, start=start, end=start + timedelta(days=7))
    if word == "night" and offset < 0:
        return _Point(length=2, start=day - timedelta(days=1), end=day)
    if word in _WEEKDAYS:
        point = _weekday(_WEEKDAYS[word], now, future=offset >= 0)
        return _Point(length=2, start=point.start, end=point.end)
    if word in MONTHS or word in _SEASONS:
        number = MONTHS.get(word) or _SEASONS[word]
        year = now.year
        if offset < 0 and number >= now.month:
            year -= 1
        if offset > 0 and number <= now.month:
            year += 1
        start, end = _month_span(now, year, number)
        if word in _SEASONS:
            end = _month_span(now, year, number + 2)[1]
        return _Point(length=2, start=start, end=end)
    return None


def _month(tokens: Phrase, index: int, now: datetime, *, future: bool) -> _Point:
    number = MONTHS[tokens[index].norm]
    length = 1
    date = _day_number(tokens, index + length)
    if date:
        length += 1
        if index + length < len(tokens) and tokens[index + length].norm == ",":
            length += 1 if _year(tokens, index + length + 1) else 0
    year = _year(tokens, index + length)
    if year:
        length += 1
    return _calendar(now, year, number, date, length, future=future)


def _day_first(tokens: Phrase, index: int, now: datetime, *, future: bool) -> _Point | None:
    date = _day_number(tokens, index)
    place = index + 1
    if place < len(tokens) and tokens[place].norm == "of":
        place += 1
    if place >= len(tokens) or tokens[place].norm not in MONTHS:
        return _day_alone(tokens, index, now, date or 1, future=future)
    number = MONTHS[tokens[place].norm]
    year = _year(tokens, place + 1)
    length = place - index + (2 if year else 1)
    return _calendar(now, year, number, date, length, future=future)


def _day_alone(
    tokens: Phrase, index: int, now: datetime, date: int, *, future: bool
) -> _Point | None:
    """Reads "on the 9th", which is not "on the 9th floor": the next such day, or the last."""
    after = tokens[index + 1].norm if index + 1 < len(tokens) else ","
    if tokens[index].norm.isdigit() or (after[0].isalnum() and after not in _AFTER_DAY):
        return None
    month = now.month
    if future and date < now.day:
        month += 1
    if not future and date > now.day:
        month -= 1
    years, zero_based = divmod(month - 1, 12)
    start = _day(now, now.year + years, zero_based + 1, date)
    return _Point(length=1, start=start, end=start + timedelta(days=1))


_AFTER_DAY: Final = word_set("at for with in and but so to by from because if or i we my")


def _calendar(
    now: datetime, year: int | None, month: int, date: int | None, length: int, *, future: bool
) -> _Point:
    if year is None:
        year = now.year
        passed = (month, date or 1) < (now.month, now.day if date else 1)
        if future and passed:
            year += 1
        if not future and (month, date or 1) > (now.month, now.day):
            year -= 1
    if date:
        start = _day(now, year, month, date)
        return _Point(length=length, start=start, end=start + timedelta(days=1))
    start, end = _month_span(now, year, month)
    return _Point(length=length, start=start, end=end)


def _weekday(number: int, now: datetime, *, future: bool) -> _Point:
    day = _midnight(now)
    ahead = (number - day.weekday()) % 7
    start = day + timedelta(days=(ahead or 7) if future else ahead - 7)
    return _Point(length=1, start=start, end=start + timedelta(days=1))


def _year(tokens: Phrase, index: int) -> int | None:
    if index >= len(tokens):
        return None
    word = tokens[index].norm
    if len(word) == 4 and word.isascii() and word.isdigit() and 1900 <= int(word) <= 2100:
        return int(word)
    return None


def _day_number(tokens: Phrase, index: int) -> int | None:
    if index >= len(tokens):
        return None
    word = tokens[index].norm
    digits = word[:-2] if word.endswith(("st", "nd", "rd", "th")) else word
    if digits.isascii() and digits.isdigit() and len(digits) <= 2 and 1 <= int(digits) <= 31:
        return int(digits)
    return None


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _shift(now: datetime, days: int) -> datetime:
    """Moves a day by a number of days, whole years by the calendar, as far as that goes."""
    if days % _UNITS["year"] == 0:
        return _day(now, now.year + days // _UNITS["year"], now.month, now.day)
    try:
        return _midnight(now) + timedelta(days=days)
    except OverflowError:
        return _midnight(now)


def _day(now: datetime, year: int, month: int, date: int) -> datetime:
    """Returns a day; a date that its month lacks is its 28th."""
    day = _midnight(now)
    year = min(max(year, 1), 9998)
    try:
        return day.replace(year=year, month=month, day=date)
    except ValueError:
        return day.replace(year=year, month=month, day=28)


def _month_span(now: datetime, year: int, month: int) -> tuple[datetime, datetime]:
    years, zero_based = divmod(month - 1, 12)
    start = _day(now, year + years, zero_based + 1, 1)
    more, following = divmod(month, 12)
    return start, _day(now, year + more, following + 1, 1)
