"""Runs commands in processes of their own that need not load the program anew each time.

Loading takes longer than most commands. `multiprocessing`'s fork server loads it once, into a
process that does nothing else and has no threads, and each command is a fork of that one.
"""

import asyncio
import multiprocessing
import os
import sys
from pathlib import Path

from spectron_server.cli.app import main

# Nothing that starts threads when it is loaded, for a fork would not have them.
_LOADED = (
    "spectron_server.cli.app",
    "spectron_server.cli.checks",
    "spectron_server.cli.conversation",
    "spectron_server.cli.probes",
)


async def run_forked(
    arguments: list[str], environment: dict[str, str], stdin: bytes, folder: Path, timeout_s: float
) -> tuple[int, str, str]:
    """Runs a command to its end, and returns its exit code and what it printed."""
    paths = [folder / name for name in ("stdin", "stdout", "stderr")]
    paths[0].write_bytes(stdin)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_LOADED))
    process = context.Process(target=_command, args=(arguments, environment, paths))
    process.start()
    await asyncio.to_thread(process.join, timeout_s)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"{arguments} took longer than {timeout_s:g} s")
    return process.exitcode, paths[1].read_text("utf-8"), paths[2].read_text("utf-8")


def _command(arguments: list[str], environment: dict[str, str], paths: list[Path]) -> None:
    for descriptor, path in enumerate(paths):
        flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["spectron", *arguments]
    main()
