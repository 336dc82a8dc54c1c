"""The command as a whole: its version, its help, its completion and its errors."""

import asyncio
import re
import signal
import sys
from importlib.metadata import version

import pytest

from tests.cli.conftest import Cli

COMMANDS = [
    "serve",
    "worker",
    "migrate",
    "keys",
    "chat",
    "profile",
    "context",
    "entities",
    "history",
    "unknowns",
    "forget",
    "export",
    "import",
    "doctor",
]


async def test_version(bare: Cli) -> None:
    ran = await bare.fresh("--version")
    assert (ran.code, ran.out) == (0, f"spectron {version('spectron')}\n")


async def test_help_lists_every_command(bare: Cli) -> None:
    ran = await bare("--help")
    assert ran.code == 0
    listed = re.findall(r"^│ (\w+) ", ran.out.partition("Commands")[2], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("spectron pro", {"profile"}),
        ("spectron un", {"unknowns"}),
        ("spectron keys ", {"create", "list", "revoke"}),
        ("spectron profile --sc", {"--scope"}),
    ],
)
async def test_completion(bare: Cli, typed: str, expected: set[str]) -> None:
    words = typed.split(" ")
    shell = bare.using(
        _SPECTRON_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(words) - 1)
    )
    ran = await shell()
    assert ran.code == 0, ran.err
    assert set(ran.out.split()) == expected


async def test_completion_is_set_up_for_the_name_of_the_command(bare: Cli) -> None:
    ran = await bare.using(_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")(
        "--show-completion", "bash"
    )
    assert ran.code == 0, ran.err
    assert "_SPECTRON_COMPLETE=complete_bash" in ran.out
    assert "complete -o default" in ran.out


async def test_nothing_of_the_server_is_loaded_to_complete_a_name(bare: Cli) -> None:
    shell = bare.using(
        _SPECTRON_COMPLETE="complete_bash",
        COMP_WORDS="spectron pro",
        COMP_CWORD="1",
        PYTHONPROFILEIMPORTTIME="1",
    )
    ran = await shell.fresh()
    assert "profile" in ran.out
    loaded = set(re.findall(r"\| +([\w.]+)$", ran.err, re.MULTILINE))
    assert "spectron.sync" in loaded
    heavy = {"faiss", "onnxruntime", "sqlalchemy", "alembic", "psycopg", "procrastinate", "numpy"}
    assert not heavy & loaded


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["profile", "--nope"], ["context"], ["keys", "create"]]
)
async def test_usage_errors_have_code_2(bare: Cli, arguments: list[str]) -> None:
    ran = await bare(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: spectron" in ran.err


async def test_settings_that_are_wrong_are_explained(bare: Cli) -> None:
    wrong = {
        "LISTEN": ("nowhere", "must be HOST:PORT, such as 127.0.0.1:50051."),
        "WORKERS": ("two", "must be a whole number."),
        "WORKER_CONCURRENCY": ("65", "must be at most 64."),
        "DRAIN_S": ("soon", "must be a number."),
        "VLLM_TIMEOUT_S": ("0", "must be more than 0."),
        "ALLOW_PLAINTEXT": ("perhaps", "must be true or false."),
        "EXTRACTOR": ("best", "must be builtin, vllm or cascade."),
        "CHAT_URL": ("models", "must be an address such as http://127.0.0.1:8000."),
    }
    ran = await bare.using(**{f"SPECTRON_{name}": given for name, (given, _) in wrong.items()})(
        "serve"
    )
    assert ran.code == 1
    told = ran.err.removeprefix("Error: ").splitlines()
    assert sorted(told) == sorted(f"SPECTRON_{name} {must}" for name, (_, must) in wrong.items())


async def test_a_terminal_that_cannot_show_a_character_gets_a_mark(bare: Cli) -> None:
    ran = await bare.using(PYTHONIOENCODING="ascii", LC_ALL="C").fresh(
        "doctor", "--remote", "--endpoint", "127.0.0.1:1"
    )
    assert ran.code == 1
    assert "nothing answers" in ran.out
    assert ran.out.isascii()


async def test_ctrl_c_while_the_command_is_loaded_ends_it_quietly(bare: Cli) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-X",
        "importtime",
        "-m",
        "spectron_server",
        "chat",
        env=bare.environment,
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(60):
        # One of the first modules that the command itself asks for.
        while b"importlib.metadata" not in await process.stderr.readline():
            assert not process.stderr.at_eof()
        process.send_signal(signal.SIGINT)
        told = await process.stderr.read()
        assert await process.wait() == 130
    assert b"Traceback" not in told
