"""The command, run in a process of its own, against a real server."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.forked import run_forked
from tests.conftest import Server

_TIMEOUT_S = 60


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Returns what it printed as JSON, after checking that all went well."""
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True)
class Cli:
    """Runs `spectron` with an environment."""

    environment: dict[str, str]
    folder: Path

    def using(self, **variables: str | None) -> "Cli":
        """Returns the same with other variables; None takes one away."""
        changed = {**self.environment, **{n: v for n, v in variables.items() if v is not None}}
        for name in (name for name, each in variables.items() if each is None):
            changed.pop(name, None)
        return Cli(environment=changed, folder=self.folder)

    async def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Ran:
        """Runs a command to its end, in a process that has the program loaded already."""
        told = [str(each) for each in arguments]
        code, out, err = await run_forked(
            told, self.environment, stdin, self.folder, timeout_s=_TIMEOUT_S
        )
        return Ran(code=code, out=out, err=err)

    async def fresh(self, *arguments: str | Path, module: str = "spectron_server.cli") -> Ran:
        """Runs a command, or another program of ours, in a fresh interpreter, as users do."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *map(str, arguments),
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        return Ran(code=process.returncode, out=out.decode(), err=err.decode())


@pytest.fixture
def bare(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command with no settings of its own, and a home where nothing is."""
    kept = {
        name: each
        for name, each in os.environ.items()
        if not name.startswith(("SPECTRON_", "COV_")) and name not in {"COLUMNS", "FORCE_COLOR"}
    }
    return Cli(
        environment={**kept, "HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        folder=tmp_path_factory.mktemp("streams"),
    )


@pytest.fixture
def cli(bare: Cli, server: Server, fresh_name: str) -> Cli:
    """The command, pointed at the shared server and a context of the test's own."""
    return bare.using(
        SPECTRON_ENDPOINT=server.endpoint,
        SPECTRON_API_KEY=server.admin_key,
        SPECTRON_CONTEXT=fresh_name,
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of JSON lines."""

    def to_file(*lines: Any, name: str = "file.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        return path

    return to_file
