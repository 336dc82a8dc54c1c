"""PersonaBench: a person's months of chats, then questions whose answers are values.

Reads `user_ai.json`, `conversations.json` and `eval_info.json` of PersonaBench (2025). A person's
sessions, with the assistant and with other people, are told in the order of their dates. The
person's turns have the role `user`. Whoever else speaks has the role `assistant`, because that is
the role of whom the user talks to; a person's words begin with the name ("Ann Lee: ..."), as an
application would relay them, since the role does not tell that it is not the assistant.

Asked are the questions of basic information and preference. A value counts as there if its words
stand in a text one after another, in any case; so what nobody said verbatim cannot be found, and
the share that was said is the most that can be reached. Looked at are

- the active attributes of the person, and of things and pets, not of other people;
- the first ten context items for the question, facts and turns alike;
- the outdated values of the question, which must not be active attributes;
- how many attributes are active: a memory full of junk is not a good one.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from spectron import Memory, NewTurn, Role
from tests.benchmarks.learners import SUBJECT_TYPE, Advance, Held, Learned, Learner
from tests.benchmarks.overlap import overlaps

TOP_K: Final = 10
KINDS: Final = frozenset({"Basic information", "Preference"})

_TIME_FORMAT: Final = "%Y/%b/%d/%I:%M %p"
_TURN_APART: Final = timedelta(seconds=1)
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question, the values that answer it, and those that no longer do."""

    text: str
    values: tuple[str, ...]
    outdated: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Teller:
    """A person with sessions, oldest first, and what is asked about them."""

    name: str
    sessions: tuple[Sequence[NewTurn], ...]
    questions: tuple[Asked, ...]


def load_tellers(directory: Path) -> list[Teller]:
    """Reads the people who have sessions.

    Raises:
        OSError: A file cannot be read.
        ValueError: A file is not in the expected layout.
    """
    chats, talks, asked = (
        {row["Name"]: row for row in json.loads((directory / name).read_text(encoding="utf-8"))}
        for name in ("user_ai.json", "conversations.json", "eval_info.json")
    )
    return [
        Teller(
            name=name,
            sessions=tuple(_sessions(name, chats[name], talks.get(name))),
            questions=tuple(_questions(asked[name]["Eval_Info"]["qa"])),
        )
        for name in chats
    ]


def stands_in(value: str, text: str) -> bool:
    """Tells whether the words of a value stand in a text one after another, in any case."""
    wanted, words = (_WORD.findall(each.lower()) for each in (value, text))
    return bool(wanted) and any(
        words[start : start + len(wanted)] == wanted
        for start in range(len(words) - len(wanted) + 1)
    )


def counted(learned: Learned, name: str) -> list[Held]:
    """Returns what is believed now of a person, and of things and pets."""
    return [
        each
        for each in learned.attributes
        if each.current and (each.entity_type != SUBJECT_TYPE or each.entity_name == name)
    ]


async def measure(learner: Learner, tellers: Sequence[Teller], advance: Advance) -> dict[str, Any]:
    """Tells a learner all sessions, asks the questions, and returns the figures."""
    lesson = await learner.learn({each.name: each.sessions for each in tellers}, advance)
    rows = []
    for teller in tellers:
        rows.append(await _person(teller, lesson.learned[teller.name], lesson.memory))
        advance(1)
    totals = {
        name: sum(row[name] for row in rows) for name in rows[0] if isinstance(rows[0][name], int)
    }
    if lesson.memory is None:
        totals.pop("in_context")
    return {
        "failed_turns": lesson.failed,
        **totals,
        "people": {teller.name: row for teller, row in zip(tellers, rows, strict=True)},
    }


async def _person(teller: Teller, learned: Learned, memory: Memory | None) -> dict[str, Any]:
    active = counted(learned, teller.name)
    said = "\n".join(turn.content for session in teller.sessions for turn in session)
    values = [value for question in teller.questions for value in question.values]
    outdated = [value for question in teller.questions for value in question.outdated]
    return {
        "turns": sum(map(len, teller.sessions)),
        "questions": len(teller.questions),
        "values": len(values),
        "said_verbatim": sum(stands_in(value, said) for value in values),
        "active": _active(values, active),
        "active_by_overlap": sum(
            any(overlaps(value, each.value) for each in active) for value in values
        ),
        "in_context": await _in_context(teller, memory) if memory else 0,
        "outdated": len(outdated),
        "outdated_active": _active(outdated, active),
        "questions_with_outdated": sum(bool(question.outdated) for question in teller.questions),
        "questions_stale": sum(
            _active(question.outdated, active) > 0 for question in teller.questions
        ),
        "active_attributes": sum(each.current for each in learned.attributes),
        "open_doubts": sum(each.open for each in learned.doubts),
    }


async def _in_context(teller: Teller, memory: Memory) -> int:
    """Returns how many values are among the first items for their questions."""
    count = 0
    for question in teller.questions:
        context = await memory.context(question.text, scope={"user": teller.name}, top_k=TOP_K)
        count += sum(
            any(stands_in(value, item.text) for item in context.items) for value in question.values
        )
    return count


def _active(values: Iterable[str], active: Sequence[Held]) -> int:
    return sum(any(stands_in(value, each.value) for each in active) for value in values)


def _sessions(
    name: str, chats: Mapping[str, Any], talks: Mapping[str, Any] | None
) -> list[Sequence[NewTurn]]:
    dated = [
        (_moment(row), _turns(row["user_ai_interaction"], "user", row)) for row in chats["Data"]
    ]
    for partner in talks["Data"] if talks else ():
        dated += [
            (_moment(row), _turns(row["conversation"], name, row))
            for row in partner["Conversations"]
        ]
    return [turns for _, turns in sorted(dated, key=lambda pair: pair[0])]


def _turns(
    said: Sequence[Mapping[str, str]], own: str, row: Mapping[str, Any]
) -> Sequence[NewTurn]:
    """Returns a session's turns; `own` is the role under which the person speaks."""
    started_at = _moment(row)
    return [
        NewTurn(
            role=Role.USER if turn["role"] == own else Role.ASSISTANT,
            content=turn["content"]
            if turn["role"] in {own, "assistant"}
            else f"{turn['role']}: {turn['content']}",
            observed_at=started_at + number * _TURN_APART,
        )
        for number, turn in enumerate(said)
    ]


def _questions(rows: Sequence[Mapping[str, Any]]) -> list[Asked]:
    return [
        Asked(
            text=row["question"],
            values=tuple(_values(row["answer"])),
            outdated=tuple(_values(row["outdated_value"])),
        )
        for row in rows
        if row["type"] in KINDS
    ]


def _values(answer: Any) -> list[str]:
    """Returns the values of an answer: one, a list, or a list of `{"cat": "Whiskers"}`."""
    if answer is None:
        return []
    if isinstance(answer, Mapping):
        return [value for each in answer.values() for value in _values(each)]
    if isinstance(answer, list):
        return [value for each in answer for value in _values(each)]
    return [str(answer)]


def _moment(row: Mapping[str, Any]) -> datetime:
    # The times have no zone; any will do, as long as it is the same for all.
    return datetime.strptime(row["time"], _TIME_FORMAT).replace(tzinfo=UTC)
