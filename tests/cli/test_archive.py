"""Archives: told from conversations, and from archives that are not whole."""

import json
from collections import Counter

import pytest

from spectron import RecordKind, TransferRecord
from spectron_server.cli import archive
from spectron_server.cli.errors import CommandError
from tests.cli.builders import MAY

RECORDS = [
    TransferRecord(kind=RecordKind.SESSION, fields={"id": "session:1"}),
    TransferRecord(kind=RecordKind.TURN, fields={"turn": {"id": "turn:1", "content": "Zoë \x9b"}}),
]


def lines_of(records: list[TransferRecord]) -> list[bytes]:
    counts = Counter(record.kind for record in records)
    return [
        *(record.to_json().encode() + b"\n" for record in records),
        archive.end_line(counts).encode() + b"\n",
    ]


def test_an_archive_is_known_by_its_first_line() -> None:
    line = archive.header_line(context="demo", now=MAY, program="spectron 1")
    assert json.loads(line) == {
        "format": "spectron-archive",
        "version": 1,
        "context": "demo",
        "exported_at": "2024-05-03T10:00:00Z",
        "exported_by": "spectron 1",
    }
    header = archive.header_of(line.encode())
    assert header is not None
    assert header.context == "demo"


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b'{"role": "user", "content": "x"}', b"\xff", b"[" * 100_000]
)
def test_anything_else_is_no_archive(line: bytes) -> None:
    assert archive.header_of(line) is None


def test_an_archive_of_another_version_is_refused() -> None:
    with pytest.raises(CommandError, match="version 2"):
        archive.header_of(b'{"format": "spectron-archive", "version": 2}')


def test_records_come_out_as_they_went_in() -> None:
    assert list(archive.records_of(lines_of(RECORDS))) == RECORDS


def test_an_archive_that_was_cut_off_is_refused() -> None:
    with pytest.raises(CommandError, match="cut off"):
        list(archive.records_of(lines_of(RECORDS)[:-1]))


def test_an_archive_that_lost_a_record_is_refused() -> None:
    with pytest.raises(CommandError, match="line 3: the records are not as many"):
        list(archive.records_of(lines_of(RECORDS)[1:]))


def test_records_after_the_end_are_refused() -> None:
    lines = lines_of(RECORDS)
    with pytest.raises(CommandError, match="line 5: there is more after the end"):
        list(archive.records_of([*lines, lines[0]]))


@pytest.mark.parametrize("line", [b"oops\n", b"\xff\n", b'{"planet": {}}\n', b"[" * 100_000])
def test_a_broken_line_is_told_with_its_number(line: bytes) -> None:
    with pytest.raises(CommandError, match="line 3: "):
        list(archive.records_of([lines_of(RECORDS)[0], line]))
