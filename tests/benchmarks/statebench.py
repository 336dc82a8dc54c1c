"""StateBench: timelines of a business, with statements that later ones overrule.

Reads `timelines.jsonl` of StateBench 1.0. It is scored in two ways.

*As turns*: the turns alone are told, and the context for each query is looked at: which of what
must be mentioned, and of what must not, it holds. These are open-domain facts, which the ontology
does not cover, and turns of every age may be quoted, so this is a report and no test.

*As facts*: state writes and supersessions are recorded with `RecordFact`, in the order of their
times. A supersession names what it overrules, by key or by id, and gives itself a new key
(`budget_corrected`); it is recorded under the key of what it overrules, which is how an application
tells this server that a value takes another's place. A key that takes many values keeps them beside
each other, so there the application forgets the old value first. When a query comes, nothing
overruled may be in the context (items and text) or the profile (attributes and summary). A text
that only quotes an overruled value within a current one ("150 crowns, not 200 crowns") is no
return of it; such quotations are counted apart.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from spectron import Category, Memory, NewTurn
from spectron_extraction.ontology import Cardinality, Ontology
from tests.benchmarks.learners import Advance, ServerLearner

FILE: Final = "timelines.jsonl"
TOP_K: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    """A fact that is written; `overrules` is the key of the one whose place it takes."""

    at: datetime
    key: str
    value: str
    overrules: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A question, with what its answer must mention and what it must not."""

    text: str
    must_mention: tuple[str, ...]
    must_not_mention: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """What is said, written and asked, each in order; queries stand among the writes."""

    id: str
    turns: tuple[NewTurn, ...]
    events: tuple[Write | Query, ...]

    @property
    def queries(self) -> list[Query]:
        """The questions."""
        return [event for event in self.events if isinstance(event, Query)]


@dataclass(kw_only=True, slots=True)
class Ledger:
    """Which values hold while a timeline is written, and which held before."""

    roots: dict[str, str]
    current: dict[str, str]
    overruled: list[str]

    def write(self, written: Write) -> str:
        """Notes a write and returns the key to record it under."""
        root = self.roots.get(written.overrules or written.key, written.overrules or written.key)
        self.roots[written.key] = root
        if root in self.current:
            self.overruled.append(self.current[root])
        self.current[root] = written.value
        return root

    def gone(self) -> list[str]:
        """Returns the values that were overruled and do not hold under another key."""
        holding = set(self.current.values())
        return [value for value in dict.fromkeys(self.overruled) if value not in holding]


def load_timelines(directory: Path) -> list[Timeline]:
    """Reads the timelines.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not in the expected layout.
    """
    lines = (directory / FILE).read_text(encoding="utf-8").splitlines()
    return [_timeline(json.loads(line)) for line in lines if line.strip()]


def returned(gone: Sequence[str], current: Iterable[str], text: str) -> list[str]:
    """Returns which overruled values stand in a text outside of current ones.

    Compared are words, since sentences are free to change a value's punctuation.
    """
    rest = _worded(text)
    for value in sorted(map(_worded, current), key=len, reverse=True):
        rest = rest.replace(value, " | ")
    return [value for value in gone if _worded(value) in rest]


async def measure_turns(
    learner: ServerLearner, timelines: Sequence[Timeline], advance: Advance
) -> dict[str, Any]:
    """Tells the turns, and reports what the contexts of the queries mention."""
    lesson = await learner.learn({each.id: [each.turns] for each in timelines}, advance)
    assert lesson.memory is not None
    wanted = unwanted = mentioned = wrongly = queries = 0
    for timeline in timelines:
        for query in timeline.queries:
            context = await lesson.memory.context(
                query.text, scope={"user": timeline.id}, top_k=TOP_K
            )
            text = "\n".join(item.text for item in context.items).lower()
            queries += 1
            wanted += len(query.must_mention)
            mentioned += sum(each.lower() in text for each in query.must_mention)
            unwanted += len(query.must_not_mention)
            wrongly += sum(each.lower() in text for each in query.must_not_mention)
        advance(1)
    return {
        "timelines": len(timelines),
        "queries": queries,
        "failed_turns": lesson.failed,
        "attributes": sum(len(each.attributes) for each in lesson.learned.values()),
        "must_mention": wanted,
        "mentioned": mentioned,
        "must_not_mention": unwanted,
        "mentioned_wrongly": wrongly,
    }


async def measure_facts(
    learner: ServerLearner, timelines: Sequence[Timeline], advance: Advance
) -> dict[str, Any]:
    """Records the writes, and counts what comes back though it was overruled."""
    memory = learner.fresh_memory()
    ontology = Ontology.load()
    figures = dict.fromkeys(
        (
            "facts",
            "overruled",
            "forgotten_first",
            "queries",
            "in_context",
            "in_profile",
            "quoted_by_current",
            "current",
            "current_held",
        ),
        0,
    )
    for timeline in timelines:
        ledger = Ledger(roots={}, current={}, overruled=[])
        for event in timeline.events:
            if isinstance(event, Write):
                scope, key = {"user": timeline.id}, _snake_case(ledger.write(event))
                figures["facts"] += 1
                if event.overrules and ontology.cardinality(key) is Cardinality.MANY:
                    figures["forgotten_first"] += 1
                    await memory.forget(scope, attribute_key=key)
                await memory.record_fact(
                    scope,
                    key,
                    event.value,
                    category=Category.CONTEXT,
                    valid_from=event.at,
                )
            else:
                figures["queries"] += 1
                await _look(memory, timeline.id, event, ledger, figures)
        figures["overruled"] += len(ledger.gone())
        advance(1)
    return figures


async def _look(
    memory: Memory, user: str, query: Query, ledger: Ledger, figures: dict[str, int]
) -> None:
    scope = {"user": user}
    gone, current = ledger.gone(), list(ledger.current.values())
    context = await memory.context(query.text, scope=scope, top_k=TOP_K)
    profile = await memory.profile(scope)
    texts = [context.formatted, *(item.text for item in context.items)]
    figures["in_context"] += len(
        {value for text in texts for value in returned(gone, current, text)}
    )
    held = [each.value for each in profile.attributes]
    figures["in_profile"] += len(
        {value for text in [profile.summary, *held] for value in returned(gone, current, text)}
    )
    figures["quoted_by_current"] += len(
        {value for text in [*texts, profile.summary] for value in returned(gone, (), text)}
        - {value for text in [*texts, profile.summary] for value in returned(gone, current, text)}
    )
    figures["current"] += len(current)
    figures["current_held"] += sum(value in held for value in current)


def _timeline(row: Mapping[str, Any]) -> Timeline:
    facts = row["initial_state"]["persistent_facts"]
    by_id = {fact["id"]: fact["key"] for fact in facts}
    events: list[Write | Query] = [_write(fact, fact["ts"], by_id) for fact in facts]
    turns = []
    for event in row["events"]:
        if event["type"] == "conversation_turn":
            turns.append(
                NewTurn(
                    role=event["speaker"], content=event["text"], observed_at=_moment(event["ts"])
                )
            )
        elif event["type"] == "query":
            truth = event["ground_truth"]
            events.append(
                Query(
                    text=event["prompt"],
                    must_mention=tuple(truth["must_mention"]),
                    must_not_mention=tuple(truth["must_not_mention"]),
                )
            )
        else:
            events += [_write(written, event["ts"], by_id) for written in event["writes"]]
    return Timeline(id=row["id"], turns=tuple(turns), events=tuple(events))


def _write(row: Mapping[str, Any], at: str, by_id: Mapping[str, str]) -> Write:
    overrules = row["supersedes"]
    return Write(
        at=_moment(at),
        key=row["key"],
        value=row["value"],
        overrules=by_id.get(overrules, overrules) if overrules else None,
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _worded(text: str) -> str:
    """Returns the words of a text in lower case between single spaces, with one at both ends."""
    return " ".join(["", *re.findall(r"[^\W_]+", text.lower()), ""])


def _snake_case(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")
