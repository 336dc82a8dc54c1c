"""Questions about one person, whose sessions, facts and answers stand in `tests/data`.

The bounds are somewhat below what was reached. They hold the search as a whole, with the real
embedder; `docs/retrieval.md` has the figures.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from spectron_extraction.ontology import Cardinality, Ontology
from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.belief import Attribute, AttributeStatus, Evidence
from spectron_server.domain.context_text import ContextKind, embedded_text, key_words, list_of
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.index.hits import Hit
from spectron_server.index.items import IndexItem
from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import question_to_embed, search
from spectron_server.index.topics import Topics
from tests.benchmarks.personabench import stands_in
from tests.benchmarks.written import load_cases

DATA: Final = Path(__file__).parents[1] / "data" / "questions.jsonl"
USER: Final = EntityRef(type="Person", name="Marta Lindqvist")
START: Final = datetime(2024, 1, 3, 9, tzinfo=UTC)
ONTOLOGY: Final = Ontology.load()
# Turns of others between hers, so that her answers have something to be found among.
OTHERS_A_DAY: Final = 2


@dataclass(frozen=True, kw_only=True)
class Asked:
    question: str
    values: Sequence[str]


def session(number: str, said: Sequence[tuple[str, str]], when: datetime) -> Iterator[IndexItem]:
    for place, (role, content) in enumerate(said):
        yield IndexItem(
            id=f"turn:{number}-{place}",
            kind=ContextKind.TURN,
            text=content,
            source_turn=f"turn:{number}-{place}",
            session_id=number,
            sequence=place,
            speaker=USER.name if role == "user" else role,
            role=role,
            observed_at=when + timedelta(minutes=place),
            valid_until=None,
            own=role == "user",
        )


def learned(number: str, row: dict[str, Any], turns: Sequence[IndexItem]) -> Iterator[IndexItem]:
    for place, told in enumerate(row["facts"]):
        turn = turns[told["turn"]]
        start = turn.text.index(told["quote"])
        name, _, kind = told.get("entity", f"{USER.name}/{USER.type}").rpartition("/")
        attribute = Attribute(
            id=f"fact:{number}-{place}",
            entity=EntityRef(type=kind, name=name),
            category=ONTOLOGY.category(told["key"]) or Category.KNOWLEDGE,
            key=told["key"],
            value=told["value"],
            confidence=0.9,
            evidence=Evidence(
                turn_id=turn.id,
                start=start,
                end=start + len(told["quote"]),
                quote=told["quote"],
            ),
            valid_from=turn.observed_at,
            valid_until=None,
            recorded_at=turn.observed_at,
            last_validated_at=turn.observed_at,
            status=AttributeStatus.ACTIVE,
        )
        yield IndexItem(
            id=attribute.id,
            kind=ContextKind.FACT,
            text=embedded_text(attribute, ONTOLOGY, USER),
            source_turn=turn.id,
            session_id=None,
            sequence=None,
            speaker=name,
            observed_at=turn.observed_at,
            valid_until=None,
            own=attribute.entity == USER,
            attribute=attribute,
            listed=ONTOLOGY.cardinality(attribute.key) is Cardinality.MANY
            and attribute.category is not Category.CONTEXT,
            aliases=key_words(attribute.key, ONTOLOGY),
        )


def memory() -> tuple[list[IndexItem], list[Asked]]:
    others = iter([case for case in load_cases() if case.half == "development"])
    items: list[IndexItem] = []
    asked: list[Asked] = []
    for number, line in enumerate(DATA.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        when = START + timedelta(days=number)
        said = [(turn["role"], turn["content"]) for turn in row["said"]]
        turns = list(session(str(number), said, when))
        items += [*turns, *learned(str(number), row, turns)]
        asked += [Asked(question=each["question"], values=each["values"]) for each in row["asked"]]
        for place, case in zip(range(OTHERS_A_DAY), others, strict=False):
            content = [(str(turn.role), turn.content) for turns in case.sessions for turn in turns]
            items += session(f"{number}-{place}", content, when + timedelta(hours=3))
    return items, asked


def text_of(hit: Hit) -> str:
    told = [each.attribute for each in (hit.item, *hit.others) if each.attribute is not None]
    return list_of(told, ONTOLOGY, USER) if told else hit.item.text


async def places(embedder: MiniLmEmbedder, topics: Topics) -> list[int]:
    """For each value that is asked for, the place of the first item that tells it; 0 for none."""
    items, asked = memory()
    index = ScopeIndex()
    vectors = await embedder.embed([item.text for item in items])
    index.upsert(items, {item.id: vector for item, vector in zip(items, vectors, strict=True)})
    found = []
    for each in asked:
        question = question_to_embed(each.question, [index])
        [vector] = await embedder.embed([question])
        hits = search(
            each.question,
            vector,
            [index],
            top_k=10,
            now=START + timedelta(days=365),
            topics=topics.of(each.question),
        )
        for value in each.values:
            held = [place for place, hit in enumerate(hits, 1) if stands_in(value, text_of(hit))]
            found.append(held[0] if held else 0)
    return found


def within(found: Sequence[int], count: int) -> float:
    return sum(0 < place <= count for place in found) / len(found)


async def test_what_is_asked_for_is_among_the_first(embedder: MiniLmEmbedder) -> None:
    found = await places(embedder, Topics.load())
    assert len(found) >= 160
    assert within(found, 10) >= 0.95
    assert within(found, 3) >= 0.90
    without = await places(embedder, Topics([]))
    assert within(found, 3) > within(without, 3) + 0.05
