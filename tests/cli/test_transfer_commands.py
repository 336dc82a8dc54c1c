"""Importing conversations and archives, and exporting, against a real server."""

import asyncio
import json
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from spectron import SpectronError, sync
from spectron.errors import ExtractionFailed
from spectron_server.cli import loading, transfer
from spectron_server.cli.conversation import Conversation, read_conversation
from spectron_server.cli.errors import CommandError
from spectron_server.system import SystemClock
from tests.cli.conftest import Cli
from tests.conftest import Server, StartServer
from tests.patience import within

BERLIN = {
    "role": "user",
    "content": "I live in Berlin.",
    "observed_at": "2024-01-15T09:00:00Z",
}
LONDON = {
    "role": "user",
    "content": "I just moved from Berlin to London.",
    "observed_at": "2024-05-03T10:00:00Z",
}
Write = Callable[..., Path]


async def test_a_conversation_is_imported_and_what_was_learned_is_shown(
    cli: Cli, write: Write
) -> None:
    path = write(
        BERLIN,
        LONDON,
        {"session": "b", "scope": {"user": "bob"}, "metadata": {"channel": "web"}},
        {"session": "b", "role": "user", "content": "I work at Hooli."},
    )
    ran = await cli("import", path, "-s", "user=alice", "--wait")
    assert ran.code == 0, ran.err
    assert "Recorded 3 turns in 2 sessions." in ran.out
    assert "1 updated" in ran.out
    assert "Profile of user=alice" in ran.out
    assert "Profile of user=bob" in ran.out
    assert "Hooli" in ran.out


async def test_an_import_run_again_records_nothing_twice(
    cli: Cli, write: Write, server: Server, fresh_name: str
) -> None:
    path = write(BERLIN, LONDON)
    first = (await cli("import", path, "-s", "user=alice", "--json")).json()
    assert (first["turn_count"], first["known_count"]) == (2, 0)
    second = (await cli("import", path, "-s", "user=alice", "--json")).json()
    assert (second["turn_count"], second["known_count"]) == (2, 2)
    assert second["sessions"] == first["sessions"]
    third = await cli("import", path, "-s", "user=alice", "--wait")
    assert "Nothing new was learned; the earlier import had learned: " in third.out
    other = (await cli("import", path, "-s", "user=bob", "--json")).json()
    assert other["known_count"] == 0
    async with server.client() as client:
        memory = client.memory(fresh_name)
        for user in ("alice", "bob"):
            [session] = await memory.sessions.list(scope={"user": user})
            assert session.info is not None
            assert session.info.turn_count == 2


class BrokenOffError(Exception):
    """Stands for the power failure, the Ctrl-C, the lost network."""


async def test_an_import_that_was_broken_off_goes_on_where_it_stopped(
    cli: Cli, write: Write, server: Server, fresh_name: str
) -> None:
    said = [{"role": "user", "content": f"Turn {number}."} for number in range(250)]
    path = write(*said)
    found = read_conversation(
        path.read_bytes().splitlines(keepends=True),
        scope={"user": "alice"},
        now=SystemClock().now(),
    )
    with pytest.raises(BrokenOffError):
        await asyncio.to_thread(load_and_break_off, server, fresh_name, found)
    ran = (await cli("import", path, "-s", "user=alice", "--json")).json()
    assert ran["known_count"] == 200
    async with server.client() as client:
        memory = client.memory(fresh_name)
        [session] = await memory.sessions.list(scope={"user": "alice"})
        history = await session.history()
    assert [turn.content for turn in history] == [each["content"] for each in said]


def load_and_break_off(server: Server, context_id: str, found: Conversation) -> None:
    recorded = 0

    def break_off(count: int) -> None:
        nonlocal recorded
        recorded += count
        if recorded >= 200:
            raise BrokenOffError

    with sync.Spectron(server.admin_key, endpoint=server.endpoint) as client:
        loading.load(client.memory(context_id), found, break_off)


async def test_every_bad_line_is_told_and_nothing_is_sent(
    cli: Cli, tmp_path: Path, server: Server, fresh_name: str
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(
        "\n".join([json.dumps(BERLIN), "{oops", json.dumps({"role": "robot", "content": "x"})])
    )
    ran = await cli("import", path, "-s", "user=alice")
    assert (ran.code, ran.out) == (1, "")
    assert "line 2: not JSON" in ran.err
    assert "line 3: role must be one of" in ran.err
    async with server.client() as client:
        assert not await client.memory(fresh_name).sessions.list(scope={"user": "alice"})


async def test_a_conversation_is_read_from_standard_input(cli: Cli) -> None:
    stdin = b"\n".join(json.dumps(each).encode() for each in (BERLIN, LONDON))
    ran = await cli("import", "-", "-s", "user=alice", "--wait", "--json", stdin=stdin)
    assert ran.json()["learned"]["updated"] == 1


async def test_files_that_cannot_be_read_or_written_are_explained(cli: Cli, tmp_path: Path) -> None:
    ran = await cli("import", tmp_path / "missing.jsonl", "-s", "user=alice")
    assert ran.code == 1
    assert "No such file" in ran.err
    ran = await cli("import", tmp_path, "-s", "user=alice")
    assert ran.code == 1
    assert "directory" in ran.err
    ran = await cli("import", "-", "-s", "user=alice")
    assert ran.code == 1
    assert "no turns" in ran.err
    ran = await cli("export", "-o", tmp_path / "missing" / "file")
    assert ran.code == 1
    assert "Cannot write" in ran.err


async def test_an_export_into_an_empty_context_gives_the_same_memory(
    cli: Cli, write: Write, tmp_path: Path, fresh_name: str
) -> None:
    path = write(BERLIN, LONDON, {"role": "user", "content": "I might move to Lisbon."})
    assert (await cli("import", path, "-s", "user=alice", "--wait")).code == 0
    backup = tmp_path / "backup.jsonl"
    ran = await cli("export", "--output", backup)
    assert ran.code == 0, ran.err
    assert "Exported 1 session, 3 turns" in ran.err
    assert not ran.out
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert not backup.with_name("backup.jsonl.part").exists()
    lines = [json.loads(line) for line in backup.read_text().splitlines()]
    assert lines[0]["format"] == "spectron-archive"
    assert lines[0]["context"] == fresh_name
    assert lines[-1]["end"]["turn"] == 3

    other = cli.using(SPECTRON_CONTEXT=f"{fresh_name}-copy")
    receipt = (await other("import", backup, "--json")).json()
    assert receipt["kind"] == "archive"
    assert receipt["receipt"]["turn_count"] == 3
    for command in (
        ["profile", "-s", "user=alice"],
        ["history", "location", "-s", "user=alice"],
        ["context", "Where does she live?", "-s", "user=alice"],
    ):
        assert (await other(*command)).out == (await cli(*command)).out

    again = await other("import", backup)
    assert again.code == 1
    assert "empty" in again.err


async def test_an_archive_goes_to_the_context_of_its_name_if_none_is_given(
    cli: Cli, fresh_name: str
) -> None:
    stdin = "".join(
        f"{json.dumps(line)}\n"
        for line in (
            {"format": "spectron-archive", "version": 1, "context": fresh_name},
            {"end": {"session": 0, "turn": 0, "attribute": 0, "unknown": 0}},
        )
    ).encode()
    ran = await cli.using(SPECTRON_CONTEXT=None)("import", "-", "--json", stdin=stdin)
    assert ran.json()["context"] == fresh_name


async def test_an_archive_that_was_cut_off_imports_nothing(
    cli: Cli, write: Write, tmp_path: Path, fresh_name: str
) -> None:
    assert (await cli("import", write(BERLIN), "-s", "user=alice", "--wait")).code == 0
    exported = await cli("export")
    assert exported.code == 0
    broken = tmp_path / "broken.jsonl"
    other = cli.using(SPECTRON_CONTEXT=f"{fresh_name}-copy")
    lines = exported.out.splitlines(keepends=True)
    broken.write_text("".join(lines[:-1]))
    ran = await other("import", broken)
    assert ran.code == 1
    assert "cut off" in ran.err
    broken.write_text("".join([lines[0], '{"turn": {"nonsense": 1}}\n', lines[-1]]))
    ran = await other("import", broken)
    assert ran.code == 1
    assert "Nothing was imported" in ran.err
    assert "Nothing is known yet." in (await other("profile", "-s", "user=alice")).out


async def test_an_export_does_not_replace_a_file_unasked(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("precious")
    ran = await cli("export", "-o", path)
    assert ran.code == 1
    assert path.read_text() == "precious"
    assert (await cli("export", "-o", path, "--force")).code == 0
    assert path.read_text().startswith('{"format"')


async def test_an_export_needs_an_administrator(cli: Cli, server: Server, fresh_name: str) -> None:
    await cli("profile")
    key = await server.add_key(context_id=fresh_name, role="write")
    ran = await cli.using(SPECTRON_API_KEY=key)("export")
    assert (ran.code, ran.out) == (1, "")
    assert "`admin`" in ran.err


async def test_an_archive_brings_its_own_scopes(cli: Cli) -> None:
    stdin = b'{"format": "spectron-archive", "version": 1}\n'
    ran = await cli("import", "-", "-s", "user=alice", stdin=stdin)
    assert ran.code == 2
    assert "--scope" in ran.err


async def test_waiting_ends_when_the_time_is_over(
    cli: Cli, write: Write, start_server: StartServer
) -> None:
    async with start_server(worker=False) as idle:
        there = cli.using(SPECTRON_ENDPOINT=idle.endpoint, SPECTRON_API_KEY=idle.admin_key)
        ran = await there("import", write(BERLIN), "-s", "user=alice", "--wait", "--timeout", "1s")
    assert ran.code == 1
    assert "1 turn recorded, but only 0 extracted" in ran.err


async def test_an_import_that_is_interrupted_says_that_it_can_go_on(
    cli: Cli, write: Write, start_server: StartServer, fresh_name: str
) -> None:
    async with start_server(worker=False) as idle, idle.client() as client:
        await client.admin.contexts.create(fresh_name)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "spectron_server"),
            *("import", write(BERLIN), "-s", "user=alice", "--wait"),
            env={
                **cli.environment,
                "SPECTRON_ENDPOINT": idle.endpoint,
                "SPECTRON_API_KEY": idle.admin_key,
            },
            stderr=asyncio.subprocess.PIPE,
        )
        async with within(60, "the import"):
            while not (await client.admin.stats(context_id=fresh_name)).turn_count:
                continue
            process.send_signal(signal.SIGINT)
            _, told = await process.communicate()
    assert process.returncode == 130
    assert "within 24 hours" in " ".join(told.decode().split())
    assert "Traceback" not in told.decode()


class Failing:
    """A turn whose extraction fails."""

    id = "turn:1"

    def extraction(self, *, timeout_s: float) -> None:
        assert timeout_s > 0
        raise ExtractionFailed("the model said nothing")


def test_failed_extractions_are_counted_and_do_not_end_the_wait() -> None:
    done: list[int] = []
    turns = cast("list[sync.Turn]", [Failing(), Failing()])
    learned = loading.wait_for(turns, timeout_s=10, progress=done.append)
    assert learned.failed == {"turn:1": "the model said nothing"}
    assert done == [1, 1]


def test_a_terminal_is_not_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECTRON_API_KEY", "sk-none")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(CommandError, match="--output FILE"):
        transfer.export(output=None, endpoint="127.0.0.1:1")
    # Asked for in so many words, it is tried: here, nothing answers.
    with pytest.raises(SpectronError):
        transfer.export(output="-", endpoint="127.0.0.1:1")


async def test_what_never_ends_is_no_file_to_import(cli: Cli) -> None:
    ran = await cli("import", "/dev/zero")
    assert ran.code == 1, ran.out
    assert "longer than 256 MiB" in ran.err
