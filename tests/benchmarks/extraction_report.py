"""The figures of a run of the extraction benchmark as one table, perhaps beside older ones.

Every row counts what was expected, how much of it was found, and how much was extracted. Where
only shares are known, such as of cases that came out right, they stand under recall.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.benchmarks.written import HALVES, SECOND

MIN_EXPECTED: Final = 20
"""Relations with fewer triples stand in the JSON only: their rates would be chance."""

Figures = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A line of the table; None where a figure has no meaning."""

    name: str
    expected: int | None = None
    found: int | None = None
    extracted: int | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    style: str | None = None


def show(figures: Figures, old: Figures | None, console: Console) -> None:
    """Prints the figures, with the changes from older ones if there are any."""
    title = f"Extraction: {figures['extractor']}, {figures['mode']}"
    if old is not None:
        title += f" (in brackets: change from {old['extractor']}, {old['mode']})"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in ("expected", "found", "extracted", "precision", "recall", "F1"):
        table.add_column(name, justify="right", no_wrap=True)
    before = dict(_placed(old)) if old else {}
    for place, row in _placed(figures):
        if row.style == "bold":
            table.add_section()
        _add(table, row, before.get(place))
    console.print(table)
    for note in _notes(figures):
        console.print(note)


def rows(figures: Figures) -> Iterator[Row]:
    """Yields the lines of the table."""
    if "written" in figures:
        yield from _written(figures["written"])
    if "personaext" in figures:
        yield from _personaext(figures["personaext"])
    if "personabench" in figures:
        yield from _personabench(figures["personabench"])
    if "statebench" in figures:
        yield from _statebench(figures["statebench"])


def _written(figures: Figures) -> Iterator[Row]:
    for half in ("all", *HALVES, SECOND):
        part = figures[half]
        title = "Written here" if half == "all" else f"Written here, {half}"
        yield _tally(title, part["with_key"], style="bold")
        yield _tally("  without the key", part["in_category"])
        yield _tally("  without key and category", part["plain"])
        if half == "all":
            for name, tally in (part["by_category"] | part["by_voice"]).items():
                yield _tally(f"  {name}", tally)
        for title, shares in (
            ("nothing learned where nothing is said", part["silent"]),
            ("changes of mind", part["changes"]["cases"]),
            ("what changes of mind expect", part["changes"]["by_check"]),
        ):
            for name, share in shares.items():
                if name == "all":
                    yield _share(f"  {title}", share["right"], share["cases"])
                elif half == "all":
                    yield _share(f"    {name}", share["right"], share["cases"], style="dim")


def _personaext(figures: Figures) -> Iterator[Row]:
    yield _tally("PersonaExt", figures["plain"], style="bold")
    yield _tally("PersonaExt, with category", figures["in_category"], style="bold")
    for kind in ("by_category", "by_relation"):
        for name, group in figures[kind].items():
            if kind == "by_category" or group["plain"]["expected"] >= MIN_EXPECTED:
                yield _tally(f"  {name}", group["plain"])
                yield _tally("    with category", group["in_category"], style="dim")


def _personabench(figures: Figures) -> Iterator[Row]:
    people = {"PersonaBench": figures} | {
        f"  {name}": part for name, part in figures["people"].items()
    }
    for name, part in people.items():
        values = part["values"]
        yield _share(f"{name}: active attributes", part["active"], values, style="bold")
        if "in_context" in figures:
            yield _share("    among the first 10 context items", part["in_context"], values)
        yield _share("    active, by overlap of words", part["active_by_overlap"], values)
        yield _share("    said verbatim: the most possible", part["said_verbatim"], values)
        yield _share("    outdated and still active", part["outdated_active"], part["outdated"])
        yield _share("    questions with such a value", part["questions_stale"], part["questions"])
        yield Row(name="    active attributes in all", extracted=part["active_attributes"])


def _statebench(figures: Figures) -> Iterator[Row]:
    facts, turns = figures["facts"], figures["turns"]
    yield _share(
        "StateBench facts: overruled, in context", facts["in_context"], facts["overruled"], "bold"
    )
    yield _share("  overruled, in profile", facts["in_profile"], facts["overruled"], "bold")
    yield _share("  current, in profile", facts["current_held"], facts["current"])
    yield _share("StateBench turns: must mention", turns["mentioned"], turns["must_mention"])
    yield _share("  must not mention", turns["mentioned_wrongly"], turns["must_not_mention"])
    yield Row(name="  attributes learned", extracted=turns["attributes"])


def _notes(figures: Figures) -> Iterator[str]:
    failed = sum(
        part.get("failed_turns", 0) for part in figures.values() if isinstance(part, Mapping)
    )
    if failed:
        yield f"{failed} turns could not be extracted."
    if "seconds" in figures:
        parts = ", ".join(f"{name} {spent:.0f} s" for name, spent in figures["seconds"].items())
        yield f"Time: {parts}."


def _tally(name: str, tally: Mapping[str, Any], style: str | None = None) -> Row:
    return Row(
        name=name,
        expected=tally["expected"],
        found=tally["found"],
        extracted=tally["extracted"],
        precision=tally["precision"],
        recall=tally["recall"],
        f1=tally["f1"],
        style=style,
    )


def _share(name: str, found: int, expected: int, style: str | None = None) -> Row:
    share = found / expected if expected else None
    return Row(name=name, expected=expected, found=found, recall=share, style=style)


def _placed(figures: Figures) -> Iterator[tuple[tuple[str, ...], Row]]:
    """Yields the rows with their place: the names that they stand under, since names recur."""
    place: tuple[str, ...] = ()
    for row in rows(figures):
        depth = (len(row.name) - len(row.name.lstrip())) // 2
        place = (*place[:depth], row.name.strip())
        yield place, row


def _add(table: Table, row: Row, before: Row | None) -> None:
    table.add_row(
        row.name,
        *(_count(each) for each in (row.expected, row.found, row.extracted)),
        _rate(row.precision, before.precision if before else None),
        _rate(row.recall, before.recall if before else None),
        _rate(row.f1, before.f1 if before else None),
        style=row.style,
    )


def _count(value: int | None) -> str:
    return "" if value is None else str(value)


def _rate(value: float | None, before: float | None) -> str:
    if value is None:
        return ""
    if before is None or round(value - before, 3) == 0:
        return f"{value:.3f}"
    return f"{value:.3f} ({value - before:+.3f})"
