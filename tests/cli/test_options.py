"""Values of options."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import typer

from spectron import EntityRef
from spectron_server.cli import options


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-03", datetime(2024, 5, 3, tzinfo=UTC)),
        ("2024-05-03T10:00:00Z", datetime(2024, 5, 3, 10, tzinfo=UTC)),
        ("2024-05-03 10:00", datetime(2024, 5, 3, 10, tzinfo=UTC)),
        (
            "2024-05-03T10:00:00+02:00",
            datetime(2024, 5, 3, 10, tzinfo=timezone(timedelta(hours=2))),
        ),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    assert options.moment(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("45m", timedelta(minutes=45)),
        ("2W", timedelta(weeks=2)),
        ("90 s", timedelta(seconds=90)),
        ("007d", timedelta(days=7)),
        ("3155760000s", timedelta(days=36_525)),
    ],
)
def test_lengths_of_time(text: str, expected: timedelta) -> None:
    assert options.duration(text) == expected


@pytest.mark.parametrize("text", ["1000000d", "999999w", f"{'9' * 5000}s", "36526d"])
def test_lengths_of_time_that_are_too_long(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="longer than 100 years"):
        options.duration(text)


def test_scopes() -> None:
    assert options.scope_of(["user=alice", "org=a=b"]) == {"user": "alice", "org": "a=b"}
    assert options.scope_of(None) == {}


def test_entities() -> None:
    assert options.entity("Project/a/b") == EntityRef(type="Project", name="a/b")


@pytest.mark.parametrize("text", ["yesterday", "", "2024-13-01", "12"])
def test_bad_times(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        options.moment(text)


@pytest.mark.parametrize("text", ["30", "d", "0d", "-3d", "1y", "9999999d"])
def test_bad_lengths_of_time(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        options.duration(text)


@pytest.mark.parametrize(
    "pairs", [["alice"], ["user=a", "user=b"], ["User=a"], ["user="], ["user=\x1b[31m"]]
)
def test_bad_scopes(pairs: list[str]) -> None:
    with pytest.raises(typer.BadParameter):
        options.scope_of(pairs)


@pytest.mark.parametrize("text", ["alice", "/alice", "Person/", "Person/ "])
def test_bad_entities(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        options.entity(text)
