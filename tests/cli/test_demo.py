"""The demonstration, played for real."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.conftest import Server

DEMO = "spectron_server.cli.demo"


def check_the_story(out: str) -> None:
    assert "Berlin ──▶ London" in out
    assert "added" in out
    assert "updated" in out
    assert "unsure" in out
    assert "Forgotten: 1 belief" in out
    now, _, then = out.partition("As of 2024-04-01")
    assert "London" in now.rpartition("The profile is now:")[2]
    assert "Berlin" in then
    assert "London" not in then.partition("╰")[0]
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "\x1b" not in out


@pytest.mark.slow
async def test_it_plays_on_a_temporary_server_and_leaves_nothing(
    bare: Cli, data_directory: Path
) -> None:
    # The settings of a real deployment must not lead it astray.
    there = bare.using(
        TMPDIR=str(data_directory), SPECTRON_DATABASE_URL="postgresql://127.0.0.1:1/real"
    )
    began_s = time.monotonic()
    ran = await there.fresh(module=DEMO)
    assert ran.code == 0, ran.err
    assert time.monotonic() - began_s < 55
    check_the_story(ran.out)
    assert not left_in(data_directory)


async def test_it_plays_on_a_running_server_with_a_user_of_its_own(
    cli: Cli, server: Server, fresh_name: str
) -> None:
    for _ in range(2):
        ran = await cli.fresh(module=DEMO)
        assert ran.code == 0, ran.err
        check_the_story(ran.out)
        assert f"spectron entities -c {fresh_name} -s user=alice-" in ran.out
    async with server.client() as client:
        stats = await client.admin.stats(context_id=fresh_name)
    assert stats.scope_count == 2


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_it_cleans_up_when_it_is_stopped(
    bare: Cli, data_directory: Path, number: signal.Signals
) -> None:
    environment = {**bare.environment, "TMPDIR": str(data_directory)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        DEMO,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        # It is in the middle of the story.
        await process.stdout.readuntil(b"Session 1")
        running = servers_in(data_directory)
        process.send_signal(number)
        rest = await process.stdout.read()
        code = await process.wait()
    assert code == 130
    assert b"Stopped." in rest
    assert b"Traceback" not in rest
    assert running
    assert not servers_in(data_directory)
    assert not left_in(data_directory)


def left_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def servers_in(directory: Path) -> list[int]:
    """Returns the ids of processes whose environment or command names a directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if f"{directory}/spectron-".encode() in told:
            found.append(int(entry.name))
    return found


async def test_a_server_that_is_not_there_is_explained(cli: Cli) -> None:
    ran = await cli.using(SPECTRON_ENDPOINT="127.0.0.1:1").fresh(module=DEMO)
    assert ran.code == 1
    assert "127.0.0.1:1" in ran.err
    assert "unset SPECTRON_API_KEY" in ran.err
