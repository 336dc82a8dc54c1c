"""Evidence recall: which share of the turns that prove an answer is among the first k items.

Reads conversations in the layout of LoCoMo (Maharana et al., ACL 2024): `conversations.json` with
sessions, questions and the ids of the turns that answer them, and, if it is there,
`label_errors.json` with corrections of those ids. A speaker called "assistant" is one, and not a
person; a conversation may have a scope of its own. Or conversations in the layout of PersonaBench
(Tan et al., 2025): `user_ai.json` and `conversations.json` with dated sessions, `eval_info.json`
with questions and `evidence.json` with the sessions that hold the answers; there, a turn stands
for its session.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any, Final

CUTOFFS: Final = (5, 10, 20, 50)
# What LoCoMo calls adversarial: nothing that was said answers these.
UNANSWERABLE: Final = 5
# What PersonaBench asks: the user of themselves.
PERSONAL: Final = 0

_SESSION: Final = re.compile(r"session_(\d+)")
_TURN_ID: Final = re.compile(r"D\d+:\d+")
_TIME_FORMAT: Final = "%I:%M %p on %d %B, %Y"
_PERSONA_TIME_FORMAT: Final = "%Y/%b/%d/%I:%M %p"
_ASSISTANT: Final = "assistant"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenTurn:
    """One turn of a conversation; `id` is what questions name as evidence."""

    id: str
    speaker: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenSession:
    """Turns that were spoken in one go, in order.

    `named` tells whether they are to begin with the names of their speakers.
    """

    started_at: datetime
    turns: tuple[SpokenTurn, ...]
    named: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question and the ids of the turns that prove its answer, at least one.

    `category` is a number of LoCoMo's or a word.
    """

    text: str
    category: int | str
    evidence: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """Sessions of two people, in order, and what is asked about them.

    `scope` is whose memory it is; the first speaker is the user.
    """

    id: str
    speakers: tuple[str, str]
    scope: Mapping[str, str]
    sessions: tuple[SpokenSession, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """What a search found for a question: for each item, best first, the turns it stands for."""

    question: Question
    found: Sequence[frozenset[str]]


def load_conversations(directory: Path) -> list[Conversation]:
    """Reads conversations with the corrections of their labels.

    Args:
        directory: Holds `conversations.json` and perhaps `label_errors.json`, or the files of
            PersonaBench.

    Returns:
        The conversations, with the questions that have an answer and evidence.

    Raises:
        OSError: A file cannot be read.
        ValueError: A file is not in the expected layout.
    """
    if (directory / "evidence.json").exists():
        return _personal_conversations(directory)
    rows = _read(directory / "conversations.json")
    errors_path = directory / "label_errors.json"
    errors = _read(errors_path) if errors_path.exists() else []
    corrections = {error["question_id"]: error["correct_evidence"] for error in errors}
    return [_conversation(number, row, corrections) for number, row in enumerate(rows)]


def recall(ranking: Ranking, cutoff: int) -> float:
    """Returns the share of a question's evidence that the first items stand for, 0 to 1."""
    found = frozenset[str]().union(*ranking.found[:cutoff])
    evidence = ranking.question.evidence
    return len(evidence & found) / len(evidence)


def mean_recall(rankings: Iterable[Ranking], cutoffs: Sequence[int] = CUTOFFS) -> dict[int, float]:
    """Returns the mean recall of some questions at each cutoff.

    Raises:
        ValueError: There are no questions.
    """
    kept = list(rankings)
    if not kept:
        raise ValueError("there are no questions to score")
    return {cutoff: fmean(recall(ranking, cutoff) for ranking in kept) for cutoff in cutoffs}


def recall_by_category(
    rankings: Iterable[Ranking], cutoffs: Sequence[int] = CUTOFFS
) -> dict[int | str, dict[int, float]]:
    """Returns the mean recall of each category that occurs, at each cutoff."""
    groups: dict[int | str, list[Ranking]] = {}
    for ranking in rankings:
        groups.setdefault(ranking.question.category, []).append(ranking)
    return {
        category: mean_recall(groups[category], cutoffs) for category in sorted(groups, key=str)
    }


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _personal_conversations(directory: Path) -> list[Conversation]:
    """Reads what each person said to an assistant and to others, as one conversation."""
    proofs = {
        row["q_id"]: {each for found in row["segment_id"].values() for each in found}
        for row in _read(directory / "evidence.json")
    }
    asked = {row["Name"]: row["Eval_Info"]["qa"] for row in _read(directory / "eval_info.json")}
    sessions = {
        row["Name"]: [_personal_session(each, row["Name"]) for each in row["Data"]]
        for row in _read(directory / "user_ai.json")
    }
    for row in _read(directory / "conversations.json"):
        for other in row["Data"]:
            sessions.setdefault(row["Name"], []).extend(
                _personal_session(each, row["Name"]) for each in other["Conversations"]
            )
    return [
        _personal_conversation(name, sessions[name], asked.get(name, []), proofs)
        for name in sessions
    ]


def _personal_session(row: Mapping[str, Any], name: str) -> SpokenSession:
    with_assistant = "user_ai_interaction" in row
    said = row["user_ai_interaction"] if with_assistant else row["conversation"]
    return SpokenSession(
        started_at=datetime.strptime(row["time"], _PERSONA_TIME_FORMAT).replace(tzinfo=UTC),
        turns=tuple(
            SpokenTurn(
                id=row["segment_id"],
                speaker=name if turn["role"] == "user" else turn["role"],
                text=turn["content"],
            )
            for turn in said
        ),
        named=not with_assistant,
    )


def _personal_conversation(
    name: str,
    sessions: Sequence[SpokenSession],
    asked: Sequence[Mapping[str, Any]],
    proofs: Mapping[str, set[str]],
) -> Conversation:
    known = {turn.id for session in sessions for turn in session.turns}
    questions = [
        Question(text=row["question"], category=PERSONAL, evidence=frozenset(evidence))
        for row in asked
        if (evidence := proofs.get(row["q_id"], set()) & known)
    ]
    return Conversation(
        id=name,
        speakers=(name, _ASSISTANT),
        scope={"user": name},
        sessions=tuple(sorted(sessions, key=lambda session: session.started_at)),
        questions=tuple(questions),
    )


def _conversation(
    number: int, row: Mapping[str, Any], corrections: Mapping[str, Sequence[str]]
) -> Conversation:
    spoken = row["conversation"]
    numbers = sorted(int(match[1]) for name in spoken if (match := _SESSION.fullmatch(name)))
    sessions = tuple(_session(spoken, session) for session in numbers)
    known = {turn.id for session in sessions for turn in session.turns}
    questions = []
    for place, asked in enumerate(row["qa"]):
        # Corrections count from 0: the fifth question of the second conversation is 1_qa4.
        labels = corrections.get(f"locomo_{number}_qa{place}") or asked["evidence"]
        # Some labels hold several ids in one string, or broken ones that name no turn.
        evidence = known.intersection(_TURN_ID.findall(" ".join(labels)))
        if asked["category"] != UNANSWERABLE and evidence:
            questions.append(
                Question(
                    text=asked["question"],
                    category=asked["category"],
                    evidence=frozenset(evidence),
                )
            )
    return Conversation(
        id=row["sample_id"],
        speakers=(spoken["speaker_a"], spoken["speaker_b"]),
        scope=row.get("scope", {"user": spoken["speaker_a"]}),
        sessions=sessions,
        questions=tuple(questions),
    )


def _session(spoken: Mapping[str, Any], number: int) -> SpokenSession:
    # The times have no zone; any will do, as long as it is the same for all.
    written = spoken[f"session_{number}_date_time"]
    return SpokenSession(
        started_at=datetime.strptime(written, _TIME_FORMAT).replace(tzinfo=UTC),
        turns=tuple(
            SpokenTurn(id=turn["dia_id"], speaker=turn["speaker"], text=turn["text"])
            for turn in spoken[f"session_{number}"]
        ),
        named=spoken["speaker_b"] != _ASSISTANT,
    )
