"""Keys in narrow columns."""

import re
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

_PARTS: Final = re.compile(r"\s*[^\s_]*_*")


@dataclass(frozen=True, slots=True)
class FoldedKey:
    """A key that is broken after its underscores where it is too long for its column."""

    text: str
    style: str = ""

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tells how wide it may be, and must be."""
        del console, options
        return Measurement(max(map(len, self._parts())), cell_len(self.text))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yields its lines."""
        del console
        lines = [""]
        for part in self._parts():
            if lines[-1].strip() and cell_len(lines[-1] + part) > options.max_width:
                lines.append("  ")
            lines[-1] += part
        yield Text("\n".join(line.rstrip() for line in lines), style=self.style, overflow="fold")

    def _parts(self) -> list[str]:
        return _PARTS.findall(self.text)
