"""The figures of a run of the retrieval benchmark, for people and for machines."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.benchmarks.evidence import CUTOFFS, PERSONAL, mean_recall, recall_by_category
from tests.benchmarks.measure import (
    FORMATTED_ITEMS,
    Answered,
    Load,
    mean_distinct,
    mean_facts,
    percentile,
)

PERCENTILES: Final = (50, 95, 99)
_CATEGORIES: Final[Mapping[int | str, str]] = {
    PERSONAL: "0 personal",
    1: "1 multi-hop",
    2: "2 temporal",
    3: "3 open-domain",
    4: "4 single-hop",
}
# As the server counts the budget of a context block.
_CHARACTERS_PER_TOKEN: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """What a run measured: how loading went, and the answers of each conversation by its id."""

    load: Load
    answers: Mapping[str, Sequence[Answered]]

    @property
    def all(self) -> list[Answered]:
        """The answers of all conversations.

        Raises:
            ValueError: There are none.
        """
        every = [answer for answers in self.answers.values() for answer in answers]
        if not every:
            raise ValueError("there are no questions to score")
        return every


def as_json(results: Results) -> dict[str, Any]:
    """Returns the figures as plain values; times in seconds or milliseconds, as their names say."""
    every = results.all
    rankings = [answer.ranking for answer in every]
    load = results.load
    return {
        "questions": len(every),
        "recall": mean_recall(rankings),
        "recall_by_category": recall_by_category(rankings),
        "recall_by_conversation": {
            name: mean_recall(answer.ranking for answer in answers)
            for name, answers in results.answers.items()
            if answers
        },
        "questions_by_category": Counter(ranking.question.category for ranking in rankings),
        "distinct_turns": mean_distinct(every),
        "facts": mean_facts(every),
        "formatted_tokens": fmean(answer.characters for answer in every) / _CHARACTERS_PER_TOKEN,
        "query_ms": _latencies([answer for answer in every if not answer.cold]),
        "first_query_ms": _latencies([answer for answer in every if answer.cold]),
        "load": {
            "turns": load.turns,
            "failed_turns": load.failed,
            "facts_learned": load.facts,
            "recorded_s": load.recorded_s,
            "recorded_per_s": load.turns / load.recorded_s,
            "extracted_s": load.extracted_s,
            "extracted_per_s": load.turns / load.extracted_s,
        },
    }


def show(results: Results, console: Console) -> None:
    """Prints the figures as tables."""
    figures = as_json(results)
    console.print(_recall_table(figures))
    console.print(_places_table(figures))
    console.print(
        f"The block of the first {FORMATTED_ITEMS} items takes "
        f"{figures['formatted_tokens']:.0f} tokens on average."
    )
    console.print(_latency_table(figures))
    load = figures["load"]
    console.print(
        f"Loaded {load['turns']} turns: recorded in {load['recorded_s']:.1f} s "
        f"({load['recorded_per_s']:.0f} a second), extracted after {load['extracted_s']:.1f} s "
        f"({load['extracted_per_s']:.0f} a second); {load['failed_turns']} failed, "
        f"{load['facts_learned']} facts learned."
    )


def _recall_table(figures: Mapping[str, Any]) -> Table:
    table = Table(title="Evidence recall", title_justify="left")
    table.add_column("category")
    table.add_column("questions", justify="right")
    for cutoff in CUTOFFS:
        table.add_column(f"at {cutoff}", justify="right")
    for category, recall in figures["recall_by_category"].items():
        table.add_row(
            _CATEGORIES.get(category, str(category)),
            str(figures["questions_by_category"][category]),
            *(f"{recall[cutoff]:.3f}" for cutoff in CUTOFFS),
        )
    table.add_section()
    table.add_row(
        "all",
        str(figures["questions"]),
        *(f"{figures['recall'][cutoff]:.3f}" for cutoff in CUTOFFS),
        style="bold",
    )
    for name, recall in figures["recall_by_conversation"].items():
        table.add_row(name, "", *(f"{recall[cutoff]:.3f}" for cutoff in CUTOFFS), style="dim")
    return table


def _places_table(figures: Mapping[str, Any]) -> Table:
    table = Table(title="Among the first items, on average", title_justify="left")
    table.add_column("")
    for cutoff in CUTOFFS:
        table.add_column(f"at {cutoff}", justify="right")
    for name, label in (("distinct_turns", "different turns"), ("facts", "facts")):
        table.add_row(label, *(f"{figures[name][cutoff]:.1f}" for cutoff in CUTOFFS))
    return table


def _latency_table(figures: Mapping[str, Any]) -> Table:
    table = Table(title="Latency of GetContext, at the client, in ms", title_justify="left")
    table.add_column("")
    for percent in PERCENTILES:
        table.add_column(f"p{percent}", justify="right")
    table.add_column("calls", justify="right")
    for name, label in (("query_ms", "warm"), ("first_query_ms", "first of a scope")):
        values = figures[name]
        if values["calls"]:
            table.add_row(
                label,
                *(f"{values[f'p{percent}']:.1f}" for percent in PERCENTILES),
                str(values["calls"]),
            )
    return table


def _latencies(answers: Sequence[Answered]) -> dict[str, float]:
    values = [answer.seconds * 1_000 for answer in answers]
    if not values:
        return {"calls": 0}
    return {"calls": len(values)} | {
        f"p{percent}": percentile(values, percent) for percent in PERCENTILES
    }
