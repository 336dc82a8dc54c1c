"""The extraction benchmark as a program, on data made up here."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import extraction
from tests.conftest import Server

PERSON = "Ada Vale"
OTHER = "Ben Ford"


def written_to(path: Path, rows: Any, *, lines: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    path.write_text(text, encoding="utf-8")


def write_event(kind: str, at: str, key: str, value: str, supersedes: str | None) -> dict[str, Any]:
    written = {"key": key, "value": value, "supersedes": supersedes}
    return {"type": kind, "ts": at, "writes": [written]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    written_to(
        directory / "personaext" / "utterances.jsonl",
        [
            {
                "text": "my name is ada .",
                "triples": [{"relation": "name", "subject": "i", "object": "ada"}],
            },
            {
                "text": "how are you ?",
                "triples": [{"relation": "have_pet", "subject": "i", "object": "gecko"}],
            },
        ],
        lines=True,
    )
    bench = directory / "personabench"
    written_to(
        bench / "user_ai.json",
        [
            {
                "Name": PERSON,
                "Data": [
                    {
                        "time": "2024/Oct/16/09:25 AM",
                        "user_ai_interaction": [
                            {"role": "user", "content": "I live in Turin."},
                            {"role": "assistant", "content": "Lovely."},
                        ],
                    }
                ],
            }
        ],
    )
    written_to(
        bench / "conversations.json",
        [
            {
                "Name": PERSON,
                "Data": [
                    {
                        "Conversations": [
                            {
                                "time": "2024/Sep/01/08:00 PM",
                                "conversation": [
                                    {"role": OTHER, "content": "I live in Genoa."},
                                    {"role": PERSON, "content": "I live in Milan."},
                                ],
                            }
                        ]
                    }
                ],
            }
        ],
    )
    written_to(
        bench / "eval_info.json",
        [
            {
                "Name": PERSON,
                "Eval_Info": {
                    "qa": [
                        {
                            "question": "Where do I live?",
                            "answer": ["Turin"],
                            "type": "Basic information",
                            "outdated_value": ["Milan"],
                        },
                        {
                            "question": "Which pets do I keep?",
                            "answer": [{"gecko": "Rex"}],
                            "type": "Preference",
                            "outdated_value": None,
                        },
                        {
                            "question": "Who is Ben?",
                            "answer": "friend",
                            "type": "Social",
                            "outdated_value": None,
                        },
                    ]
                },
            }
        ],
    )
    written_to(
        directory / "statebench" / "timelines.jsonl",
        [
            {
                "id": "S1",
                "initial_state": {
                    "persistent_facts": [
                        {
                            "id": "F1",
                            "key": "budget",
                            "value": "200 crowns",
                            "ts": "2024-05-01T10:00:00",
                            "supersedes": None,
                        }
                    ]
                },
                "events": [
                    {
                        "type": "conversation_turn",
                        "ts": "2024-05-01T10:01:00",
                        "speaker": "user",
                        "text": "The budget was cut to 150 crowns.",
                    },
                    write_event("supersession", "2024-05-01T10:02:00", "b2", "150 crowns", "F1"),
                    {
                        "type": "query",
                        "ts": "2024-05-01T10:03:00",
                        "prompt": "How high is the budget?",
                        "ground_truth": {
                            "must_mention": ["150 crowns"],
                            "must_not_mention": ["200 crowns"],
                        },
                    },
                ],
            }
        ],
        lines=True,
    )
    return directory


async def test_the_program_scores_a_running_server_and_leaves_nothing_there(
    data: Path, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPECTRON_API_KEY", server.admin_key)
    path = tmp_path / "figures.json"
    words = ["--data", str(data), "--endpoint", server.endpoint, "--json", str(path)]
    only = [
        word for name in ("personaext", "personabench", "statebench") for word in ("--only", name)
    ]
    assert await asyncio.to_thread(extraction.main, [*words, *only]) == 0

    figures = json.loads(path.read_text())
    assert figures["personaext"]["plain"]["expected"] == 2
    assert figures["personaext"]["plain"]["found"] == 1
    assert figures["personaext"]["in_category"]["precision"] == 1

    person = figures["personabench"]["people"][PERSON]
    assert figures["personabench"]["turns"] == 4
    assert person["values"] == 2
    assert person["said_verbatim"] == person["active"] == person["in_context"] == 1
    assert person["outdated"] == 1
    assert person["outdated_active"] == person["questions_stale"] == 0

    facts, turns = figures["statebench"]["facts"], figures["statebench"]["turns"]
    assert (facts["facts"], facts["overruled"], facts["current_held"]) == (2, 1, 1)
    assert facts["in_context"] == facts["in_profile"] == 0
    assert (turns["mentioned"], turns["mentioned_wrongly"]) == (1, 0)

    async with server.client() as client:
        for context in await client.admin.contexts.list():
            if context.id.startswith("bench-"):
                assert (await client.admin.stats(context_id=context.id)).turn_count == 0


def test_in_process_it_scores_what_needs_no_server_and_compares(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, failures = tmp_path / "figures.json", tmp_path / "failures.jsonl"
    words = ["--data", str(data), "--in-process", "--json", str(path)]
    assert extraction.main([*words, "--failures", str(failures), "--extractor-label", "old"]) == 0
    figures = json.loads(path.read_text())
    assert "statebench" not in figures
    assert "in_context" not in figures["personabench"]
    assert figures["personabench"]["active"] == 1
    assert figures["written"]["all"]["turns"] >= 300
    # Failures of the other half are not to be read by whoever improves an extractor.
    rows = [json.loads(line) for line in failures.read_text().splitlines()]
    assert rows
    assert not any("-c" in row["id"] for row in rows)

    figures["personaext"]["plain"]["recall"] = 0.25
    path.write_text(json.dumps(figures))
    assert extraction.main([*words[:3], "--only", "personaext", "--compare", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "0.500 (+0.250)" in shown
    assert "change from old" in shown
    assert "in process, not through a server" in shown


def test_missing_figures_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(tmp_path), "--in-process", "--compare", str(tmp_path / "old.json")]
    assert extraction.main(words) == 1
    assert "old.json" in capsys.readouterr().err
