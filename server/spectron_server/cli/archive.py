"""Archives: a whole context as a file of JSON lines, as `spectron export` writes it.

    {"format": "spectron-archive", "version": 1, "context": "assistant", ...}
    {"session": {...}}
    {"turn": {...}}
    ...
    {"end": {"session": 1, "turn": 2, "attribute": 3, "unknown": 0}}

The records between are protobuf's JSON of `TransferRecord`. The last line counts them, so that an
archive which was cut off is told from a whole one.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from spectron import RecordKind, TransferRecord
from spectron_server.cli.errors import CommandError
from spectron_server.cli.output import json_text
from spectron_server.cli.textfile import MAX_LINE_BYTES

FORMAT: Final = "spectron-archive"
VERSION: Final = 1
_END: Final = "end"


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """The first line of an archive.

    Attributes:
        context: The name of the context that was exported; empty if the exporter left it to its
            key.
        exported_at: When.
    """

    context: str
    exported_at: str


def header_line(*, context: str, now: datetime, program: str) -> str:
    """Returns the first line of an archive, without its end."""
    return json_text(
        {
            "format": FORMAT,
            "version": VERSION,
            "context": context,
            "exported_at": now,
            "exported_by": program,
        }
    )


def end_line(counts: Mapping[RecordKind, int]) -> str:
    """Returns the last line of an archive, without its end."""
    return json_text({_END: {kind.value: counts.get(kind, 0) for kind in RecordKind}})


def header_of(line: bytes) -> Header | None:
    """Reads the first line of a file; None if the file is no archive.

    Raises:
        CommandError: It is an archive, of a version that this program does not know.
    """
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    if content.get("version") != VERSION:
        raise CommandError(
            f"The archive is of version {content.get('version')!r}, and this program reads "
            f"version {VERSION}. Use the version of spectron that exported it, or a newer one."
        )
    return Header(
        context=str(content.get("context") or ""), exported_at=str(content.get("exported_at"))
    )


def records_of(file: Iterable[bytes]) -> Iterator[TransferRecord]:
    """Yields the records of an archive, after its first line.

    Args:
        file: The lines that follow the header.

    Yields:
        The records.

    Raises:
        CommandError: A line is malformed, the counts differ, or the end is missing.
    """
    counts: Counter[RecordKind] = Counter()
    ended = False
    for number, line in enumerate(file, start=2):
        if not line.strip():
            continue
        if ended:
            raise _broken(number, "there is more after the end of the archive")
        if len(line) > MAX_LINE_BYTES:
            raise _broken(number, f"it is longer than {MAX_LINE_BYTES >> 20} MiB")
        try:
            text = line.decode()
            end = _end_of(text)
            if end is None:
                record = TransferRecord.from_json(text)
        except (ValueError, RecursionError) as error:
            raise _broken(number, str(error)) from error
        if end is None:
            counts[record.kind] += 1
            yield record
        elif end != {kind.value: counts[kind] for kind in RecordKind}:
            raise _broken(number, "the records are not as many as the archive says")
        else:
            ended = True
    if not ended:
        raise CommandError(
            "The archive is cut off: its last line is missing. Nothing was imported. Export again."
        )


def _end_of(text: str) -> Any:
    if not text.startswith(f'{{"{_END}"'):
        return None
    content = json.loads(text)
    return content[_END] if content.keys() == {_END} else None


def _broken(number: int, message: str) -> CommandError:
    return CommandError(f"Nothing was imported: line {number}: {message}.")
