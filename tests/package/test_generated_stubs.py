"""Stubs that another service generates: buf.gen.yaml, and the Python part of clients/README.md.

The TypeScript part is tested with the TypeScript client.
"""

import ast
import asyncio
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import Server

ROOT = Path(__file__).parents[2]
PROTO = ROOT / "proto"
OURS = ROOT / "clients" / "python"
PROGRAMS = Path(sys.executable).parent
TEMPLATE = (ROOT / "buf.gen.yaml").read_text()
README = (ROOT / "clients" / "README.md").read_text()


def template_for(language: str) -> str:
    """Returns buf.gen.yaml with the plugins of one language only."""
    head, *plugins = re.split(r"^(?=  - )", TEMPLATE, flags=re.MULTILINE)
    return head + "".join(each for each in plugins if f"out: gen/{language}\n" in each)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the Python stubs are, generated as buf.gen.yaml says."""
    directory = tmp_path_factory.mktemp("stubs")
    done = subprocess.run(
        [PROGRAMS / "buf", "generate", "--template", template_for("python"), "-o", directory],
        cwd=ROOT,
        check=False,
        env={**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return directory / "gen" / "python"


def names_of(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.glob("spectron/v1/*_pb2*")}


def without_descriptor(source: str) -> str:
    """Returns a module's code without the descriptor that it embeds, and the offsets in there."""
    kept = [
        line
        for line in source.splitlines()
        if "AddSerializedFile(" not in line and not re.search(r"_serialized_(start|end)=", line)
    ]
    return "\n".join(kept)


def test_they_are_what_make_proto_makes_but_for_json_names(generated: Path) -> None:
    extra = names_of(generated) - names_of(OURS)
    assert names_of(OURS) <= names_of(generated)
    # Files without a service get an empty one.
    assert {name for name in extra if not name.endswith("_pb2_grpc.pyi")} == set()
    for name in sorted(names_of(OURS)):
        theirs, ours = (generated / name).read_text(), (OURS / name).read_text()
        if name.endswith("_pb2.py"):
            theirs, ours = without_descriptor(theirs), without_descriptor(ours)
        assert theirs == ours, name


def test_they_are_valid_python(generated: Path) -> None:
    for name in names_of(generated):
        ast.parse((generated / name).read_text())


async def test_the_program_of_the_readme_runs_with_them(generated: Path, server: Server) -> None:
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    # Without the site's own start-up, the checkout's package `spectron` is not found.
    path = os.pathsep.join([str(generated), sysconfig.get_path("purelib")])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-S",
        "-c",
        program + "\nimport spectron.v1.scope_pb2 as it; print(it.__file__)",
        env={
            **os.environ,
            "PYTHONPATH": path,
            "SPECTRON_ENDPOINT": server.endpoint,
            "SPECTRON_API_KEY": server.admin_key,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        printed, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    summary, place = printed.decode().splitlines()
    assert "Lisbon" in summary
    assert Path(place).is_relative_to(generated)


def test_every_file_has_a_go_package() -> None:
    mapped = re.findall(r"^ *- M(\S+)=\S+;spectronv1$", template_for("go"), re.MULTILINE)
    files = [path.relative_to(PROTO).as_posix() for path in PROTO.rglob("*.proto")]
    assert mapped == sorted(files)


@pytest.mark.parametrize("language", ["python", "typescript", "go"])
def test_the_template_serves(language: str) -> None:
    assert "out: gen/" in template_for(language)
