"""The scoring of the retrieval benchmark, on a conversation made up for it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.benchmarks.evidence import (
    PERSONAL,
    Question,
    Ranking,
    load_conversations,
    mean_recall,
    recall,
    recall_by_category,
)


def spoken(number: int, turn: int, speaker: str, text: str) -> dict[str, str]:
    return {"dia_id": f"D{number}:{turn}", "speaker": speaker, "text": text}


def asked(question: str, category: int | str, *evidence: str) -> dict[str, object]:
    return {"question": question, "category": category, "evidence": list(evidence)}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    conversation = {
        "speaker_a": "Ada",
        "speaker_b": "Ben",
        "session_10_date_time": "12:05 am on 3 June, 2024",
        "session_10": [spoken(10, 1, "Ben", "The kiln broke.")],
        "session_2_date_time": "1:56 pm on 8 May, 2024",
        "session_2": [
            spoken(2, 1, "Ada", "I bought a kiln."),
            spoken(2, 2, "Ben", "Lovely!"),
        ],
    }
    questions = [
        asked("What did Ada buy?", 4, "D2:1"),
        asked("What happened to it?", 1, "D2:1; D10:1", "D", "D:2:2"),
        asked("What was never said?", 5, "D2:2"),
        asked("Who is gone?", 2, "D7:7"),
        asked("Who was pleased?", 3, "D2:1"),
    ]
    rows = [
        {"sample_id": "first", "conversation": conversation, "qa": []},
        {"sample_id": "second", "conversation": conversation, "qa": questions},
    ]
    (tmp_path / "conversations.json").write_text(json.dumps(rows))
    return tmp_path


def test_sessions_come_in_order_with_their_times(directory: Path) -> None:
    first, second = load_conversations(directory)
    assert (first.id, first.questions) == ("first", ())
    assert second.speakers == ("Ada", "Ben")
    assert [session.started_at for session in second.sessions] == [
        datetime(2024, 5, 8, 13, 56, tzinfo=UTC),
        datetime(2024, 6, 3, 0, 5, tzinfo=UTC),
    ]
    turns = [turn for session in second.sessions for turn in session.turns]
    assert [(turn.id, turn.speaker) for turn in turns] == [
        ("D2:1", "Ada"),
        ("D2:2", "Ben"),
        ("D10:1", "Ben"),
    ]


def test_an_assistant_is_no_person_and_a_conversation_may_have_a_scope(tmp_path: Path) -> None:
    conversation = {
        "speaker_a": "Ada",
        "speaker_b": "assistant",
        "session_1_date_time": "1:56 pm on 8 May, 2024",
        "session_1": [spoken(1, 1, "Ada", "Which kiln do we buy?")],
    }
    rows = [
        {"sample_id": "alone", "conversation": conversation, "qa": [asked("Why?", 4, "D1:1")]},
        {
            "sample_id": "team",
            "scope": {"team": "pots"},
            "conversation": conversation,
            "qa": [asked("Did you say?", "recommended", "D1:1")],
        },
    ]
    (tmp_path / "conversations.json").write_text(json.dumps(rows))
    alone, team = load_conversations(tmp_path)
    assert not any(session.named for each in (alone, team) for session in each.sessions)
    assert (alone.scope, team.scope) == ({"user": "Ada"}, {"team": "pots"})
    assert [question.category for question in team.questions] == ["recommended"]


def test_questions_with_evidence_are_kept_and_broken_labels_mended(directory: Path) -> None:
    questions = load_conversations(directory)[1].questions
    assert [(question.category, set(question.evidence)) for question in questions] == [
        (4, {"D2:1"}),
        (1, {"D2:1", "D10:1"}),
        (3, {"D2:1"}),
    ]


def test_corrections_replace_the_evidence(directory: Path) -> None:
    errors = [
        {"question_id": "locomo_1_qa4", "correct_evidence": ["D2:2"]},
        {"question_id": "locomo_0_qa0", "correct_evidence": ["D10:1"]},
        {"question_id": "locomo_1_qa0", "correct_evidence": []},
    ]
    (directory / "label_errors.json").write_text(json.dumps(errors))
    questions = load_conversations(directory)[1].questions
    assert [set(question.evidence) for question in questions] == [
        {"D2:1"},
        {"D2:1", "D10:1"},
        {"D2:2"},
    ]


def ranking(category: int, evidence: set[str], *found: set[str]) -> Ranking:
    question = Question(text="?", category=category, evidence=frozenset(evidence))
    return Ranking(question=question, found=[frozenset(item) for item in found])


def test_recall_is_the_share_of_the_evidence_among_the_first() -> None:
    found = ranking(1, {"a", "b", "c", "d"}, {"x"}, {"a"}, set(), {"a", "b"}, {"c"})
    assert [recall(found, cutoff) for cutoff in (0, 1, 2, 3, 4, 5, 50)] == [
        0,
        0,
        0.25,
        0.25,
        0.5,
        0.75,
        0.75,
    ]


def test_means_weigh_each_question_alike() -> None:
    rankings = [
        ranking(1, {"a", "b"}, {"a"}, {"b"}),
        ranking(1, {"a"}, {"x"}, {"y"}),
        ranking(2, {"a"}, {"a"}),
    ]
    assert mean_recall(rankings, (1, 2)) == {1: 0.5, 2: pytest.approx(2 / 3)}
    assert recall_by_category(rankings, (1, 2)) == {1: {1: 0.25, 2: 0.5}, 2: {1: 1, 2: 1}}


def test_no_questions_have_no_mean() -> None:
    with pytest.raises(ValueError, match="no questions"):
        mean_recall([])


def test_what_people_tell_an_assistant_and_others_is_one_conversation(tmp_path: Path) -> None:
    files = {
        "user_ai": [
            {
                "Name": "Ada Bell",
                "Data": [
                    {
                        "time": "2024/Oct/16/09:25 PM",
                        "segment_id": "7",
                        "user_ai_interaction": [
                            {"role": "user", "content": "I bought a kiln."},
                            {"role": "assistant", "content": "Lovely!"},
                        ],
                    }
                ],
            }
        ],
        "conversations": [
            {
                "Name": "Ada Bell",
                "Data": [
                    {
                        "Conversations": [
                            {
                                "time": "2024/Oct/14/09:14 AM",
                                "segment_id": "9",
                                "conversation": [{"role": "Ben Hill", "content": "Hello."}],
                            }
                        ]
                    }
                ],
            }
        ],
        "eval_info": [
            {
                "Name": "Ada Bell",
                "Eval_Info": {
                    "qa": [
                        {"q_id": "a", "question": "What do I own?"},
                        {"q_id": "b", "question": "Who am I?"},
                    ]
                },
            }
        ],
        "evidence": [
            {"q_id": "a", "segment_id": {"kiln": ["7", "404"]}},
            {"q_id": "b", "segment_id": {"Ada": ["404"]}},
        ],
    }
    for name, rows in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    [conversation] = load_conversations(tmp_path)
    first, second = conversation.sessions
    assert first.started_at == datetime(2024, 10, 14, 9, 14, tzinfo=UTC)
    assert (first.named, second.named) == (True, False)
    assert [(turn.id, turn.speaker) for turn in second.turns] == [
        ("7", "Ada Bell"),
        ("7", "assistant"),
    ]
    [question] = conversation.questions
    assert question == Question(text="What do I own?", category=PERSONAL, evidence=frozenset({"7"}))
