"""What commands print: text for people, JSON for machines, both safe to show on a terminal.

Values come from conversations, so that anyone may have put terminal escapes or console markup
into them. Every value passes through `one_line` or `lines` on its way to the screen, and becomes
a `Text`, in which rich looks for no markup.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, TextIO

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from spectron import Attribute, EntityRef

# The C0 and C1 controls but tab and newline, the marks that reorder text, and lone surrogates.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# JSON escapes only the C0 controls by itself.
_UNSAFE_IN_JSON: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def lines(text: str) -> str:
    """Returns a text without control characters; tabs and newlines stay."""
    return _UNSAFE.sub("", text)


def one_line(text: str) -> str:
    """Returns a text without control characters, on one line."""
    return " ".join(lines(re.sub(r"[\x0b\x0c\x85\u2028\u2029]", " ", text)).split())


def value(text: str, style: str = "") -> Text:
    """Returns a value as one line in which nothing is markup."""
    return Text(one_line(text), style=style)


def shortened(text: str, maximum: int) -> str:
    """Returns a text on one line, cut with an ellipsis after so many characters."""
    line = one_line(text)
    return line if len(line) <= maximum else f"{line[: maximum - 1].rstrip()}…"


def count(number: int, one: str, many: str | None = None) -> str:
    """Returns a number of things, such as `1 turn` or `2 turns`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def day(moment: datetime | None) -> str:
    """Returns the date of a time, in UTC; a dash for none."""
    return moment.astimezone(UTC).date().isoformat() if moment else "-"


def minute(moment: datetime | None) -> str:
    """Returns a time to the minute, in UTC; a dash for none."""
    if moment is None:
        return "-"
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'minutes')} UTC"


def scope_text(scope: Mapping[str, str]) -> str:
    """Returns a scope as `org=acme user=alice`."""
    if not scope:
        return "everyone in the context"
    return " ".join(f"{name}={one_line(each)}" for name, each in sorted(scope.items()))


def out() -> Console:
    """Returns the console for results."""
    return Console(highlight=False, markup=False, emoji=False)


def err() -> Console:
    """Returns the console for progress and messages."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def show(*parts: RenderableType) -> None:
    """Prints results for people."""
    console = out()
    for part in parts:
        console.print(part)


def note(text: str) -> None:
    """Prints a message that is not part of the result, on standard error."""
    err().print(Text(lines(text), style="dim"), soft_wrap=True)


def progress(*, counted: bool = True) -> Progress:
    """Returns a display of progress on standard error; nothing unless that is a terminal.

    Args:
        counted: Whether to show the counts beside the bar.
    """
    console = err()
    columns: list[ProgressColumn] = [TextColumn("{task.description:<10}"), BarColumn()]
    columns += [MofNCompleteColumn()] if counted else []
    return Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def plain(content: Any) -> Any:
    """Returns a value of the client as JSON knows it.

    Dataclasses become objects with their fields, times RFC 3339 in UTC, enumerations their value.
    An attribute also tells its `source_turn`, and an entity's name its `id`.
    """
    if isinstance(content, Enum):
        return content.value
    if isinstance(content, datetime):
        return content.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if is_dataclass(content) and not isinstance(content, type):
        record = {each.name: plain(getattr(content, each.name)) for each in fields(content)}
        if isinstance(content, Attribute):
            record["source_turn"] = content.source_turn
        if isinstance(content, EntityRef):
            record = {"id": content.id, **record}
        return record
    if isinstance(content, Mapping):
        return {str(name): plain(each) for name, each in content.items()}
    if isinstance(content, Sequence) and not isinstance(content, str | bytes):
        return [plain(each) for each in content]
    return content


def json_text(content: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Returns a value as JSON that holds no control characters."""
    text = json.dumps(plain(content), ensure_ascii=ascii_only, indent=indent)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def show_json(content: Any) -> None:
    """Prints one JSON document."""
    sys.stdout.write(f"{json_text(content, indent=2, ascii_only=is_narrow(sys.stdout))}\n")


def is_narrow(stream: TextIO) -> bool:
    """Tells whether a stream cannot carry every character."""
    return (stream.encoding or "").lower().replace("-", "") != "utf8"
