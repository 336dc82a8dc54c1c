"""Evidence recall: which share of the turns that prove an answer is among the first k items.

Reads conversations in the layout of LoCoMo (Maharana et al., ACL 2024): `conversations.json` with
sessions, questions and the ids of the turns that answer them, and, if it is there,
`label_errors.json` with corrections of those ids.
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
# Multi-hop, temporal, open-domain and single-hop; questions of category 5 have no answer.
CATEGORIES: Final = frozenset({1, 2, 3, 4})

_SESSION: Final = re.compile(r"session_(\d+)")
_TURN_ID: Final = re.compile(r"D\d+:\d+")
_TIME_FORMAT: Final = "%I:%M %p on %d %B, %Y"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenTurn:
    """One turn of a conversation; `id` is unique within it."""

    id: str
    speaker: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenSession:
    """Turns that were spoken in one go, in order."""

    started_at: datetime
    turns: tuple[SpokenTurn, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question and the ids of the turns that prove its answer, at least one."""

    text: str
    category: int
    evidence: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """Sessions of two people, in order, and what is asked about them."""

    id: str
    speakers: tuple[str, str]
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
        directory: Holds `conversations.json` and perhaps `label_errors.json`.

    Returns:
        The conversations, with the questions of `CATEGORIES` that have evidence.

    Raises:
        OSError: A file cannot be read.
        ValueError: A file is not in the expected layout.
    """
    rows = json.loads((directory / "conversations.json").read_text(encoding="utf-8"))
    errors_path = directory / "label_errors.json"
    errors = json.loads(errors_path.read_text(encoding="utf-8")) if errors_path.exists() else []
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
) -> dict[int, dict[int, float]]:
    """Returns the mean recall of each category that occurs, at each cutoff."""
    groups: dict[int, list[Ranking]] = {}
    for ranking in rankings:
        groups.setdefault(ranking.question.category, []).append(ranking)
    return {category: mean_recall(groups[category], cutoffs) for category in sorted(groups)}


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
        if asked["category"] in CATEGORIES and evidence:
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
    )
