"""What the README tells people to type works, and prints what it says."""

import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import psycopg
import pytest

from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.settings import Settings
from tests.conftest import Server, sibling, started
from tests.docs.commands import commands
from tests.docs.pages import README, ROOT, Block, blocks, rows, section
from tests.docs.shell import run, shell

TEXT: Final = README.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
async def server(
    postgres_url: str, template: str, embedder: MiniLmEmbedder
) -> AsyncIterator[Server]:
    """A server that nobody has used yet, as a reader of the README has it."""
    name = f"readme_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    async with started(sibling(postgres_url, name), embedder) as running:
        yield running
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def plain(text: str) -> str:
    """Returns a text without its dates, and without spaces at the ends of its lines."""
    dated = re.sub(r"\d{4}-\d\d-\d\d", "DATE", text)
    return "\n".join(line.rstrip() for line in dated.strip().splitlines())


def examples(heading: str) -> list[Block]:
    """Returns the blocks of a section, of which there must be some."""
    found = blocks(section(TEXT, heading))
    assert found
    return found


# The tests up to the next rule follow the README from top to bottom, on one server.


async def test_the_python_example_prints_what_the_readme_says(
    server: Server, tmp_path: Path
) -> None:
    program, said = examples("A first conversation")
    assert program.language == "python"
    path = tmp_path / "hello.py"
    path.write_text(program.text, encoding="utf-8")
    assert plain(await run(server, tmp_path, sys.executable, path.name)) == plain(said.text)


async def test_the_agent_is_called_as_the_readme_says(server: Server, tmp_path: Path) -> None:
    program, said, command, typescript = examples("Let Spectron drive")
    path = tmp_path / "chat.py"
    path.write_text(program.text, encoding="utf-8")
    assert plain(await run(server, tmp_path, sys.executable, path.name)) == plain(said.text)
    assert "Berlin" in await shell(server, tmp_path, command.text.replace(".venv/bin/", ""))
    assert typescript.language == "typescript"


async def test_the_commands_show_what_came_back(server: Server, tmp_path: Path) -> None:
    first, *others = examples("What comes back")
    assert first.text.startswith("export ")
    printed = ""
    for block in others:
        if block.language == "sh":
            printed = await shell(server, tmp_path, first.text, block.text)
            assert "alice" in printed or "The user" in printed
        else:
            assert plain(block.text) == plain(printed)
    # The last block looks back to the time before the move, and asks without changing anything.
    assert "Berlin" in printed
    assert "Nothing is in doubt." in printed


async def test_a_conversation_of_ones_own_becomes_a_profile(server: Server, tmp_path: Path) -> None:
    blocks = examples("Your own conversation")
    loaded, history = [
        await shell(server, tmp_path, "export SPECTRON_CONTEXT=demo", block.text)
        for block in blocks
    ]
    for learned in ("Acme Corp", "platform engineer", "Kubernetes"):
        assert learned in loaded
    assert "backend engineer ──▶ platform engineer" in history


async def test_the_grpcurl_and_buf_examples_work_when_pasted(
    server: Server, tmp_path: Path
) -> None:
    told = examples("From any language")
    assert {block.language for block in told} == {"sh"}
    printed = await shell(server, tmp_path, *(block.text for block in told))
    assert "spectron.v1.MemoryService" in printed
    assert '"EXTRACTION_STATUS_DONE"' in printed
    assert '"Oslo"' in printed
    # By grpcurl and by buf.
    assert printed.count("at Acme Corp. They live in Oslo.") == 2


# ----------------------------------------------------------------------------------------------


def test_the_table_of_commands_has_them_all() -> None:
    listed = [row[0].strip("`") for row in rows(section(TEXT, "Commands"))]
    assert sorted(listed) == sorted(commands())


def shown_default(name: str) -> str:
    """Returns a setting's default as the README writes it."""
    default = Settings.model_fields[name].default
    if default is None:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def test_the_table_of_settings_is_that_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SPECTRON_") or name == "XDG_DATA_HOME":
            monkeypatch.delenv(name)
    table = {
        row[0].strip("`").removeprefix("SPECTRON_").lower(): row[1]
        for row in rows(section(TEXT, "Settings").partition("The Python client")[0])
    }
    assert list(table) == list(Settings.model_fields)
    place = table.pop("data_dir")
    assert table == {name: shown_default(name) for name in table}
    for user, shown in ((1000, "~/.local/share/spectron"), (0, "/var/lib/spectron")):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        assert Settings().data_dir == Path(shown).expanduser()
        assert f"`{shown}`" in place


def test_the_variables_of_clients_are_those_that_they_read() -> None:
    listed = [
        row[0].strip("`")
        for row in rows(section(TEXT, "Settings").partition("The Python client")[2])
    ]
    sources = [*(ROOT / "clients/python").rglob("*.py"), *(ROOT / "server").rglob("cli/*.py")]
    read = {
        name
        for source in sources
        for name in re.findall(r'"(SPECTRON_[A-Z_]+)"', source.read_text(encoding="utf-8"))
    }
    settings = {f"SPECTRON_{name.upper()}" for name in Settings.model_fields}
    assert sorted(listed) == sorted(read - settings)
