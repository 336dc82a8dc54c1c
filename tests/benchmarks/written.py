"""What was written for this project: single turns, turns that say nothing, and changes of mind.

Reads `facts`, `silent` and `changes` of `tests/data`, each in two halves of like make. Whoever
improves an extractor may read what it misses in `development`; `check` tells whether the
improvement is one. A `second` set, written later, is counted apart and may be read too. Each case
is a user of its own.

A belief or doubt is right if some expectation of its case fits it (`expectations.py`); what an
expectation allows with `maybe` is left out of the count. A change of mind is right if everything
that it expects of the end holds:

    now      believed               gone     not believed (any more)
    kept     kept as history        doubt    an open doubt          settled    no open doubt
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from spectron import NewTurn
from tests.benchmarks.expectations import Expectation, Item, State, items_of, parse
from tests.benchmarks.learners import Advance, Conversations, Learned, Learner
from tests.benchmarks.overlap import Tally, total

DATA: Final = Path(__file__).parent.parent / "data"
HALVES: Final = ("development", "check")
SECOND: Final = "second"
"""A set written later than the halves, which is no part of the figures of all."""
READ: Final = ("development", SECOND)
"""The sets whose failures may be read."""
CHECKS: Final = ("now", "gone", "kept", "doubt", "settled")

_SAID_AT: Final = datetime(2024, 11, 15, 10, 23, tzinfo=UTC)
_TURN_APART: Final = timedelta(minutes=1)
_SPOKEN: Final = re.compile(
    r"(?:(?P<day>\d{4}-\d\d-\d\d) )?(?P<role>user|assistant|tool|system): (?P<text>.+)", re.DOTALL
)

Fits = Callable[[Expectation, Item], bool]
LEVELS: Final[Mapping[str, Fits]] = {
    "plain": Expectation.value_fits,
    "in_category": Expectation.category_fits,
    "with_key": Expectation.fits,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A turn, perhaps after others, and what is to be learned of it: perhaps nothing.

    Attributes:
        id: Unique among all cases.
        half: `development` or `check`, or `second` for the later set.
        voice: In which manner it is written.
        kind: `fact`, or of which kind that says nothing.
        sessions: What is said.
        expects: What is to be learned.
    """

    id: str
    half: str
    voice: str
    kind: str
    sessions: Conversations
    expects: tuple[Expectation, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A change of mind over several turns, and what holds in the end, by `CHECKS`."""

    id: str
    half: str
    voice: str
    kind: str
    sessions: Conversations
    expects: Mapping[str, tuple[Expectation, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredCase:
    """A case with what was learned, told apart at the strictest level."""

    case: Case
    items: tuple[Item, ...]
    missed: tuple[Expectation, ...]
    false: tuple[Item, ...]

    def tally(self, fits: Fits, category: str | None = None) -> Tally:
        """Counts at one level, of one category or of all."""
        wanted = [each for each in self.case.expects if not each.maybe]
        allowed = [each for each in self.case.expects if each.maybe]
        counted = [
            (item, right)
            for item in self.items
            for right in [any(fits(each, item) for each in wanted)]
            if right or not any(each.fits(item) for each in allowed)
        ]
        own = [right for item, right in counted if category in {None, _counted_under(item)}]
        expected = [each for each in wanted if category in {None, each.category}]
        return Tally(
            expected=len(expected),
            found=sum(any(fits(each, item) for item in self.items) for each in expected),
            extracted=len(own),
            right=sum(own),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredChange:
    """A change of mind with what was right in the end: for each check, one truth a line."""

    change: Change
    items: tuple[Item, ...]
    held: Mapping[str, tuple[bool, ...]]

    @property
    def right(self) -> bool:
        """Whether everything holds."""
        return all(all(truths) for truths in self.held.values())


def load_cases(directory: Path = DATA) -> list[Case]:
    """Reads the single turns and those that say nothing, of both halves and the second set.

    Raises:
        OSError: A file cannot be read.
        ValueError: A line is malformed.
    """
    return [
        Case(
            id=row["id"],
            half=half,
            voice=row["voice"],
            kind=row["kind"],
            sessions=(_session([*row.get("before", ()), f"user: {row['say']}"]),),
            expects=tuple(parse(line) for line in row["expect"]),
        )
        for half in (*HALVES, SECOND)
        for name in ("facts", "silent")
        for row in _rows(directory / f"{name}.{half}.jsonl")
    ]


def load_changes(directory: Path = DATA) -> list[Change]:
    """Reads the changes of mind, of both halves and the second set.

    Raises:
        OSError: A file cannot be read.
        ValueError: A line is malformed.
    """
    return [
        Change(
            id=row["id"],
            half=half,
            voice=row["voice"],
            kind=row["kind"],
            sessions=_sessions(row["told"]),
            expects={
                check: tuple(parse(line) for line in row[check]) for check in CHECKS if check in row
            },
        )
        for half in (*HALVES, SECOND)
        for row in _rows(directory / f"changes.{half}.jsonl")
    ]


def score_case(case: Case, learned: Learned) -> ScoredCase:
    """Compares what was learned with what was to be."""
    items = tuple(items_of(learned.attributes, learned.doubts, case.id))
    return ScoredCase(
        case=case,
        items=items,
        missed=tuple(
            each
            for each in case.expects
            if not (each.maybe or any(each.fits(item) for item in items))
        ),
        false=tuple(item for item in items if not any(each.fits(item) for each in case.expects)),
    )


def score_change(change: Change, learned: Learned) -> ScoredChange:
    """Looks at what is believed in the end."""
    open_doubts = [each for each in learned.doubts if each.open]
    items = tuple(items_of(learned.attributes, open_doubts, change.id))

    def holds(check: str, expectation: Expectation) -> bool:
        state = {
            "now": State.CURRENT,
            "gone": State.CURRENT,
            "kept": State.PAST,
            "doubt": State.DOUBT,
            "settled": State.DOUBT,
        }[check]
        found = any(
            item.state is state and expectation.in_state(state).fits(item) for item in items
        )
        return found != (check in {"gone", "settled"})

    return ScoredChange(
        change=change,
        items=items,
        held={
            check: tuple(holds(check, each) for each in lines)
            for check, lines in change.expects.items()
        },
    )


async def measure(
    learner: Learner, cases: Sequence[Case], changes: Sequence[Change], advance: Advance
) -> dict[str, Any]:
    """Tells a learner all cases.

    Returns:
        The figures, and as `failures` what was wrong in the sets that may be read.
    """
    told = {case.id: case.sessions for case in cases}
    told |= {change.id: change.sessions for change in changes}
    lesson = await learner.learn(told, advance)
    scored = [score_case(case, lesson.learned[case.id]) for case in cases]
    changed = [score_change(change, lesson.learned[change.id]) for change in changes]
    figures: dict[str, Any] = {"failed_turns": lesson.failed}
    for half in (*HALVES, SECOND):
        figures[half] = _figures(
            [each for each in scored if each.case.half == half],
            [each for each in changed if each.change.half == half],
        )
    figures["all"] = _figures(
        [each for each in scored if each.case.half in HALVES],
        [each for each in changed if each.change.half in HALVES],
    )
    return figures | {"failures": _failures(scored, changed)}


def _figures(scored: Sequence[ScoredCase], changed: Sequence[ScoredChange]) -> dict[str, Any]:
    categories = sorted(
        {each.category for case in scored for each in case.case.expects if not each.maybe}
    )
    silent = [each for each in scored if each.case.kind != "fact"]
    return {
        "turns": len(scored),
        **{name: _total(scored, fits) for name, fits in LEVELS.items()},
        "by_category": {
            category: _total(scored, Expectation.fits, category) for category in categories
        },
        "by_voice": {
            voice: _total([each for each in scored if each.case.voice == voice], Expectation.fits)
            for voice in sorted({each.case.voice for each in scored})
        },
        "silent": _shares((each.case.kind, not each.false) for each in silent),
        "changes": {
            "cases": _shares((each.change.kind, each.right) for each in changed),
            "by_voice": _shares((each.change.voice, each.right) for each in changed),
            "by_check": _shares(
                (check, truth)
                for each in changed
                for check, truths in each.held.items()
                for truth in truths
            ),
        },
    }


def _total(
    scored: Iterable[ScoredCase], fits: Fits, category: str | None = None
) -> dict[str, float]:
    return total(each.tally(fits, category) for each in scored).figures()


def _shares(truths: Iterable[tuple[str, bool]]) -> dict[str, dict[str, int]]:
    """Counts by name how many there are and how many are right, all of them first."""
    counts: dict[str, dict[str, int]] = {"all": {"cases": 0, "right": 0}}
    for name, right in truths:
        for group in ("all", name):
            count = counts.setdefault(group, {"cases": 0, "right": 0})
            count["cases"] += 1
            count["right"] += right
    return counts


def _failures(
    scored: Sequence[ScoredCase], changed: Sequence[ScoredChange]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "id": each.case.id,
            "said": [turn.content for session in each.case.sessions for turn in session],
            "missed": [str(expectation) for expectation in each.missed],
            "false": [str(item) for item in each.false],
        }
        for each in scored
        if each.case.half in READ and (each.missed or each.false)
    ]
    rows += [
        {
            "id": each.change.id,
            "said": [turn.content for session in each.change.sessions for turn in session],
            "wrong": [
                f"{check} {expectation}"
                for check, lines in each.change.expects.items()
                for expectation, held in zip(lines, each.held[check], strict=True)
                if not held
            ],
            "learned": [str(item) for item in each.items],
        }
        for each in changed
        if each.change.half in READ and not each.right
    ]
    return rows


def _counted_under(item: Item) -> str:
    return "unknowns" if item.state is State.DOUBT else item.category


def _rows(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _session(lines: Sequence[str], day: datetime = _SAID_AT) -> list[NewTurn]:
    return [
        NewTurn(role=match["role"], content=match["text"], observed_at=day + number * _TURN_APART)
        for number, match in enumerate(map(_spoken, lines))
    ]


def _sessions(lines: Sequence[str]) -> Conversations:
    """Returns one session for each day."""
    days: dict[str, list[str]] = {}
    for line in lines:
        days.setdefault(_spoken(line)["day"], []).append(line)
    return [
        _session(said, datetime.combine(datetime.fromisoformat(day), time(10, 23), UTC))
        for day, said in days.items()
    ]


def _spoken(line: str) -> re.Match[str]:
    match = _SPOKEN.fullmatch(line)
    if match is None:
        raise ValueError(f"not a turn: {line!r}")
    return match
