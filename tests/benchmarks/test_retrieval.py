"""The retrieval benchmark: its pure parts, and the whole program on a conversation made up here."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from spectron import (
    Attribute,
    AttributeStatus,
    Category,
    ContextItem,
    ContextItemKind,
    EntityRef,
    Evidence,
    Role,
    Spectron,
)
from tests.benchmarks import failure, measure, retrieval
from tests.benchmarks.evidence import (
    Conversation,
    Question,
    Ranking,
    SpokenSession,
    SpokenTurn,
    load_conversations,
)
from tests.benchmarks.measure import (
    Answered,
    batches,
    mean_distinct,
    mean_facts,
    percentile,
    ranking,
    spoken_turns,
)
from tests.conftest import Server, StartServer
from tests.server.process import launch

STARTED_AT = datetime(2024, 5, 8, 13, 56, tzinfo=UTC)
QUESTION = Question(text="What did Ada buy?", category=4, evidence=frozenset({"D1:1"}))


def conversation(*turns: tuple[str, str]) -> Conversation:
    said = tuple(
        SpokenTurn(id=f"D1:{number}", speaker=speaker, text=text)
        for number, (speaker, text) in enumerate(turns, start=1)
    )
    return Conversation(
        id="made-up",
        speakers=("Ada", "Ben"),
        scope={"user": "Ada"},
        sessions=(SpokenSession(started_at=STARTED_AT, turns=said),),
        questions=(QUESTION,),
    )


def item(kind: ContextItemKind, source_turn: str | None) -> ContextItem:
    return ContextItem(
        kind=kind,
        text="something",
        score=1.0,
        source_turn=source_turn,
        session_id=None,
        observed_at=STARTED_AT,
        attribute=None,
        role=None,
    )


def belief(source_turn: str | None) -> Attribute:
    proof = None
    if source_turn:
        proof = Evidence(turn_id=source_turn, start=0, end=1, quote="I")
    return Attribute(
        id="attribute",
        entity=EntityRef(type="Person", name="Ada"),
        category=Category.KNOWLEDGE,
        key="likes",
        value="tea",
        confidence=1.0,
        evidence=proof,
        valid_from=STARTED_AT,
        valid_until=None,
        recorded_at=STARTED_AT,
        last_validated_at=STARTED_AT,
        supersedes=None,
        superseded_by=None,
        status=AttributeStatus.ACTIVE,
        scope={"user": "Ada"},
    )


def answered(*found: set[str], facts: tuple[bool, ...] = ()) -> Answered:
    return Answered(
        ranking=Ranking(question=QUESTION, found=[frozenset(each) for each in found]),
        facts=facts,
        characters=100,
        seconds=0.1,
        cold=False,
    )


def test_the_first_speaker_is_the_user_and_both_are_named() -> None:
    spoken = conversation(("Ben", "Hi!"), ("Ada", "I bought a kiln."))
    turns = spoken_turns(spoken, spoken.sessions[0])
    assert [(turn.role, turn.content) for turn in turns] == [
        (Role.ASSISTANT, "Ben: Hi!"),
        (Role.USER, "Ada: I bought a kiln."),
    ]
    assert [turn.observed_at for turn in turns] == [STARTED_AT, STARTED_AT + timedelta(seconds=1)]


def test_batches_hold_all_turns_in_order() -> None:
    spoken = conversation(*[("Ada", str(number)) for number in range(7)])
    turns = spoken_turns(spoken, spoken.sessions[0])
    parts = list(batches(turns, 3))
    assert [len(part) for part in parts] == [3, 3, 1]
    assert [turn for part in parts for turn in part] == turns


def test_a_turn_stands_for_itself_and_a_fact_for_its_source() -> None:
    spoken = {"turn:a": "D1:1", "turn:b": "D1:2"}
    items = [
        item(ContextItemKind.FACT, "turn:b"),
        item(ContextItemKind.TURN, "turn:a"),
        item(ContextItemKind.FACT, None),
        item(ContextItemKind.TURN, "turn:of another conversation"),
    ]
    assert ranking(QUESTION, items, spoken).found == [
        frozenset({"D1:2"}),
        frozenset({"D1:1"}),
        frozenset(),
        frozenset(),
    ]


def test_a_list_stands_for_the_sources_of_all_its_facts() -> None:
    spoken = {"turn:a": "D1:1", "turn:b": "D1:2"}
    told = replace(
        item(ContextItemKind.FACT, "turn:a"), others=(belief("turn:b"), belief(None), belief("x"))
    )
    assert ranking(QUESTION, [told], spoken).found == [frozenset({"D1:1", "D1:2"})]


def test_places_taken_twice_are_counted() -> None:
    answers = [
        answered({"a"}, {"a"}, {"b"}, facts=(True, False, False)),
        answered({"a"}, set(), {"c"}, facts=(False, True, True)),
    ]
    assert mean_distinct(answers, (1, 2, 3)) == {1: 1, 2: 1, 3: 2}
    assert mean_facts(answers, (1, 2, 3)) == {1: 0.5, 2: 1, 3: 1.5}


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 5), (95, 10), (99, 10), (100, 10), (1, 1), (10, 1), (11, 2)]
)
def test_percentiles_are_values_that_occurred(percent: float, expected: float) -> None:
    assert percentile([10, 1, 9, 2, 8, 3, 7, 4, 6, 5], percent) == expected


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    said = [
        ("Ada", "I bought a kiln last week."),
        ("Ben", "Lovely! I planted a lemon tree."),
        ("Ada", "Where did you plant it?"),
        ("Ben", "Behind the shed, next to the well."),
    ]
    row = {
        "sample_id": "made-up",
        "conversation": {
            "speaker_a": "Ada",
            "speaker_b": "Ben",
            "session_1_date_time": "1:56 pm on 8 May, 2024",
            "session_1": [
                {"dia_id": f"D1:{number}", "speaker": speaker, "text": text}
                for number, (speaker, text) in enumerate(said, start=1)
            ],
        },
        "qa": [
            {"question": "What did Ada buy?", "category": 4, "evidence": ["D1:1"]},
            {"question": "Where is Ben's tree?", "category": 1, "evidence": ["D1:2", "D1:4"]},
        ],
    }
    directory = tmp_path / "data"
    directory.mkdir()
    (directory / "conversations.json").write_text(json.dumps([row]))
    return directory


async def test_the_program_measures_a_running_server_and_leaves_nothing_there(
    data: Path, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPECTRON_API_KEY", server.admin_key)
    figures = tmp_path / "figures.json"
    words = ["--data", str(data), "--json", str(figures), "--endpoint", server.endpoint]
    assert await asyncio.to_thread(retrieval.main, words) == 0

    measured = json.loads(figures.read_text())
    assert measured["questions"] == 2
    assert measured["questions_by_category"] == {"1": 1, "4": 1}
    assert measured["formatted_tokens"] > 0
    # Four turns fit into the first five places.
    assert measured["recall"]["5"] == 1
    assert measured["load"]["turns"] == 4
    assert measured["load"]["failed_turns"] == 0
    assert measured["first_query_ms"]["calls"] == 1
    assert measured["query_ms"]["calls"] == 1
    assert 0 < measured["query_ms"]["p50"] <= measured["query_ms"]["p99"]
    async with server.client() as client:
        left = [context.id for context in await client.admin.contexts.list()]
        for name in left:
            if name.startswith("bench-"):
                assert (await client.admin.stats(context_id=name)).turn_count == 0


@pytest.mark.slow
async def test_it_starts_a_server_of_its_own(data: Path) -> None:
    async with retrieval.connected(None, None) as client:
        loaded = await retrieval.measure(client, load_conversations(data), Console(quiet=True))
        assert isinstance(client, Spectron)
    assert loaded.load.turns == 4
    assert [len(answers) for answers in loaded.answers.values()] == [2]


def test_missing_data_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert retrieval.main(["--data", str(tmp_path), "--endpoint", "127.0.0.1:1"]) == 1
    assert "conversations.json" in capsys.readouterr().err


async def test_a_server_that_does_not_start_in_time_is_ended_and_told_of(
    data_directory: Path,
) -> None:
    before = set(psutil.Process().children())
    with pytest.raises(TimeoutError, match=r"^starting the server took more than 0\.01 s$"):
        await launch(data_directory, within_s=0.01)
    assert set(psutil.Process().children()) <= before


async def test_turns_that_are_not_extracted_in_time_are_told_of(
    data: Path,
    start_server: StartServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(measure, "_EXTRACTION_TIMEOUT_S", 0.2)
    async with start_server(worker=False) as server:
        monkeypatch.setenv("SPECTRON_API_KEY", server.admin_key)
        words = ["--data", str(data), "--endpoint", server.endpoint]
        assert await asyncio.to_thread(retrieval.main, words) == 1
    said = capsys.readouterr().err
    assert said == "Error: extracting the conversations took more than 0.2 s\n"


def test_an_error_without_a_sentence_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert failure.fail(TimeoutError()) == 1
    assert failure.fail(KeyError("turns")) == 1
    assert capsys.readouterr().err == "Error: TimeoutError\nError: KeyError: 'turns'\n"
