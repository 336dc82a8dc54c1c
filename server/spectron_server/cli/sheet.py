"""Rows in columns, which neither cut what must stay whole nor break words.

A terminal that is too narrow for that gets each row as lines instead, its cells below each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_GAP: Final = 2
_LONG_WORD: Final = 16
"""Cells; a longer word may be broken, so that one word does not decide how all is shown."""
_CLIPPED: Final = 10
_UNBOUNDED: Final = 1 << 20


class Fit(Enum):
    """What becomes of a cell that is too long for its column."""

    WHOLE = auto()
    """Such as an id: there is no column that is too narrow for it."""
    FOLD = auto()
    """It goes on in the next line, between words."""
    CLIP = auto()
    """It ends in an ellipsis."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetColumn:
    """A column: its heading, what becomes of its long cells, and on which side it is flush."""

    name: str
    fit: Fit = Fit.FOLD
    right: bool = False


class Sheet:
    """Rows of cells under headings, shown by the width of the terminal."""

    def __init__(self, *columns: SheetColumn) -> None:
        self._columns = columns
        # One cell alone is a heading over the rows that follow.
        self._rows: list[Sequence[RenderableType]] = []

    def add(self, *cells: RenderableType) -> None:
        """Adds a row, of one cell for each column."""
        self._rows.append(cells)

    def head(self, text: Text) -> None:
        """Adds a heading over the rows that follow."""
        self._rows.append([text])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yields the table, or the rows as lines."""
        widths = self._widths(console, options)
        if widths is None:
            yield from self._lines()
        else:
            yield self._table(widths)

    def _widths(self, console: Console, options: ConsoleOptions) -> list[int] | None:
        """Returns the cells that each column gets; None if there is no room for all."""
        unbounded = options.update(width=_UNBOUNDED)
        least, most = [], []
        for number, column in enumerate(self._columns):
            cells = [row[number] for row in self._rows if len(row) > number]
            measured = [Measurement.get(console, unbounded, cell) for cell in cells]
            high = max([cell_len(column.name), *(each.maximum for each in measured)])
            low = high
            if column.fit is Fit.FOLD:
                longest = max((each.minimum for each in measured), default=0)
                low = max(cell_len(column.name), min(longest, _LONG_WORD))
            elif column.fit is Fit.CLIP:
                low = min(high, _CLIPPED)
            least.append(low)
            most.append(high)
        room = options.max_width - sum(least) - _GAP * (len(self._columns) - 1)
        if room < 0:
            return None
        wanted = sum(most) - sum(least)
        share = min(1.0, room / wanted) if wanted else 0.0
        return [low + int((high - low) * share) for low, high in zip(least, most, strict=True)]

    def _table(self, widths: Sequence[int]) -> Table:
        # The box adds another cell between columns.
        made = Table(
            box=box.SIMPLE_HEAD, padding=(0, _GAP - 1, 0, 0), pad_edge=False, show_edge=False
        )
        for column, width in zip(self._columns, widths, strict=True):
            made.add_column(
                column.name,
                width=width,
                justify="right" if column.right else "left",
                no_wrap=column.fit is not Fit.FOLD,
                overflow="ellipsis" if column.fit is Fit.CLIP else "fold",
            )
        for number, row in enumerate(self._rows):
            if number and len(row) == 1:
                made.add_section()
            made.add_row(*row)
        return made

    def _lines(self) -> RenderResult:
        indent = max(cell_len(column.name) for column in self._columns[1:]) + _GAP
        for number, row in enumerate(self._rows):
            if len(row) == 1:
                yield from [Text(), row[0]] if number else row
                continue
            yield row[0]
            grid = Table.grid(padding=(0, _GAP, 0, 0))
            grid.add_column(width=indent)
            grid.add_column(overflow="fold")
            for column, cell in zip(self._columns[1:], row[1:], strict=True):
                if str(cell):
                    grid.add_row(f"  {column.name}", cell)
            yield grid
