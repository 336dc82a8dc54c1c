"""The figures of a run of the extraction benchmark as one table."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

_MIN_EXPECTED: Final = 20
_RATES: Final = ("precision", "recall", "f1")


def show(figures: Mapping[str, Any], old: Mapping[str, Any] | None, console: Console) -> None:
    """Prints the figures, with the changes from older ones if there are any."""
    table = Table(
        title=f"Extraction: {figures['extractor']}, {figures['mode']}", title_justify="left"
    )
    table.add_column("")
    table.add_column("expected", justify="right")
    table.add_column("extracted", justify="right")
    for rate in _RATES:
        table.add_column(rate, justify="right")
    if "personaext" in figures:
        _add_personaext(table, figures["personaext"], (old or {}).get("personaext", {}))
    console.print(table)


def _add_personaext(table: Table, figures: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    _add(table, "PersonaExt", figures["plain"], old.get("plain"), style="bold")
    _add(
        table,
        "PersonaExt, with category",
        figures["in_category"],
        old.get("in_category"),
        style="bold",
    )
    for name, group in figures["by_category"].items():
        before = old.get("by_category", {}).get(name, {})
        _add(table, f"  {name}", group["plain"], before.get("plain"))
        _add(table, "    with category", group["in_category"], before.get("in_category"), "dim")
    for name, group in figures["by_relation"].items():
        if group["plain"]["expected"] >= _MIN_EXPECTED:
            before = old.get("by_relation", {}).get(name, {})
            _add(table, f"  {name}", group["plain"], before.get("plain"))
    table.add_section()


def _add(
    table: Table,
    name: str,
    tally: Mapping[str, float],
    before: Mapping[str, float] | None,
    style: str | None = None,
) -> None:
    table.add_row(
        name,
        str(tally["expected"]),
        str(tally["extracted"]),
        *(_rate(tally[rate], before[rate] if before else None) for rate in _RATES),
        style=style,
    )


def _rate(value: float, before: float | None) -> str:
    if before is None or round(value - before, 3) == 0:
        return f"{value:.3f}"
    return f"{value:.3f} ({value - before:+.3f})"
