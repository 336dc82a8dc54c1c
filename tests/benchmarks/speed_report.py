"""The table of the speed benchmark: what was aimed at, what was reached, and what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        name: What it tells; the same from run to run.
        value: What was reached.
        unit: Of the value and the aim.
        least: The aim, if more is better.
        most: The aim, if less is better; with neither, the figure is only told.
        note: What else to know.
    """

    name: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim was reached; None without one."""
        if self.least is not None:
            return self.value >= self.least
        return None if self.most is None else self.value <= self.most


def show(figures: Sequence[Figure], old: Mapping[str, float], console: Console) -> None:
    """Prints the table.

    Args:
        figures: The figures of this run.
        old: Values of an earlier run, by name; empty to leave the column out.
        console: Where to.
    """
    table = Table(title="Speed", title_justify="left")
    table.add_column("what")
    for name in ("aim", "reached", *(["before"] if old else []), ""):
        table.add_column(name, justify="right")
    table.add_column("note")
    for figure in figures:
        before = [_number(old.get(figure.name), figure.unit)] if old else []
        table.add_row(
            figure.name,
            _aim(figure),
            _number(figure.value, figure.unit),
            *before,
            {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[figure.met],
            figure.note,
        )
    console.print(table)


def as_json(figures: Sequence[Figure], details: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a run as it is written to a file."""
    return {
        "figures": {
            each.name: {
                "value": round(each.value, 4),
                "unit": each.unit,
                "least": each.least,
                "most": each.most,
                "met": each.met,
                "note": each.note,
            }
            for each in figures
        },
        "details": dict(details),
    }


def values_of(run: Mapping[str, Any]) -> dict[str, float]:
    """Returns the values of a run that was written to a file, by name."""
    return {name: float(each["value"]) for name, each in run["figures"].items()}


def _aim(figure: Figure) -> str:
    if figure.least is not None:
        return "≥ " + _number(figure.least, figure.unit)
    return "" if figure.most is None else "≤ " + _number(figure.most, figure.unit)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f} {unit}".rstrip()
