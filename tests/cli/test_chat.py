"""`spectron chat` against a real server: from a pipe, for machines, and on a terminal."""

import asyncio
import contextlib
import json
import os
import pty
import select
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from spectron import Memory
from tests.cli.conftest import Cli, Ran
from tests.conftest import Server, StartServer
from tests.models import server as models

ALICE = ("--scope", "user=alice")


@pytest.fixture
async def memory(server: Server, fresh_name: str) -> AsyncIterator[Memory]:
    async with server.client() as client:
        yield client.memory(fresh_name)


async def piped(cli: Cli, *said: str, options: Sequence[str] = ()) -> Ran:
    text = "".join(f"{each}\n" for each in said)
    return await cli("chat", *ALICE, *options, stdin=text.encode())


async def test_without_a_model_it_says_so_once_and_records(cli: Cli, memory: Memory) -> None:
    ran = await piped(
        cli, "I live in Berlin.", "", "I just moved from Berlin to London.", "I might move to Rome."
    )
    assert ran.code == 0, ran.err
    assert ran.out.count("SPECTRON_CHAT_URL") == 1
    shown = [line.strip() for line in ran.out.splitlines()]
    assert shown[0] == "you> I live in Berlin."
    assert "+ added      location: Berlin" in shown
    assert "~ updated    location: Berlin ──▶ London" in shown
    assert "? unsure     location: Rome" in shown
    # What was found for the second message, before it was said.
    second = shown.index("you> I just moved from Berlin to London.")
    assert "· fact       The user lives in Berlin." in shown[second:]
    assert "· fact       The user lives in London." not in shown[: second + 1]
    [session] = await memory.sessions.list(scope={"user": "alice"})
    assert [(each.role.value, each.content) for each in await session.history()] == [
        ("user", "I live in Berlin."),
        ("user", "I just moved from Berlin to London."),
        ("user", "I might move to Rome."),
    ]


async def test_machines_get_a_line_for_each_message(cli: Cli) -> None:
    ran = await piped(cli, "I live in Berlin.", "/profile", "/context", options=["--json"])
    assert ran.code == 0, ran.err
    opened, message, profile, context = map(json.loads, ran.out.splitlines())
    assert opened["session"]["scope"] == {"user": "alice"}
    assert set(message["message"]) == {
        *("content", "context", "response", "extraction", "extraction_status", "turns")
    }
    assert message["message"]["response"] is None
    assert message["message"]["extraction_status"] == "done"
    [change] = message["message"]["extraction"]["changes"]
    assert (change["action"], change["attribute"]["value"]) == ("added", "Berlin")
    assert "Berlin" in profile["profile"]["summary"]
    assert context["context"]["items"]


async def test_what_fails_in_a_pipe_is_told_and_the_rest_goes_on(cli: Cli) -> None:
    said = ["x" * 40_000, "/oops", "/forget", "I live in Berlin."]
    ran = await piped(cli, *said, options=["--json"])
    assert ran.code == 1
    _, *errors, message = map(json.loads, ran.out.splitlines())
    assert [set(each) for each in errors] == [{"error"}] * 3
    assert errors[0]["error"]["code"] == "INVALID_ARGUMENT"
    assert "/help" in errors[1]["error"]["message"]
    assert message["message"]["extraction"]["changes"]
    ran = await piped(cli, *said)
    assert ran.code == 1
    assert ran.out.count("Error: ") == 3
    ran = await cli("chat", stdin=b"\xff\n")
    assert ran.code == 1
    assert "Line 1 is not UTF-8." in ran.err


async def test_its_commands(cli: Cli, memory: Memory) -> None:
    ran = await piped(cli, "/context", "I live in Berlin.", "/context", "/context Where?")
    assert "Say something first" in ran.out
    assert ran.out.count("Formatted for a prompt") == 2
    ran = await piped(cli, "/help", "/profile", "/forget location", "/profile", "//x", "/quit", "y")
    assert ran.code == 0, ran.err
    assert "/forget KEY" in ran.out
    assert "lives in Berlin" in ran.out
    assert "Forgotten: 1 belief" in ran.out
    assert "Nothing is known yet." in ran.out
    [session, _] = await memory.sessions.list(scope={"user": "alice"})
    assert [each.content for each in await session.history()] == ["/x"]


async def test_it_goes_on_with_a_session(cli: Cli, memory: Memory) -> None:
    session = await memory.sessions.create(scope={"user": "alice"})
    ran = await cli("chat", "--session", session.id, stdin=b"I live in Berlin.\n/profile\n")
    assert ran.code == 0, ran.err
    assert [each.content for each in await session.history()] == ["I live in Berlin."]
    assert "Profile of user=alice" in ran.out
    assert (await piped(cli, "x", options=["--session", session.id])).code == 2
    await session.close()
    ran = await cli("chat", "--session", session.id, stdin=b"Hello?\nAnyone?\n")
    assert ran.code == 1
    assert "closed" in ran.err
    ran = await cli("chat", "--session", "session:none", stdin=b"Hello?\n")
    assert ran.code == 1
    assert "`spectron chat` without --session" in ran.err
    assert "Traceback" not in ran.err


async def test_a_key_that_may_only_read_is_explained(
    cli: Cli, server: Server, memory: Memory, fresh_name: str
) -> None:
    await memory.record_fact({}, "colour", "green")
    key = await server.add_key(context_id=fresh_name, role="read")
    ran = await piped(cli.using(SPECTRON_API_KEY=key), "Hello")
    assert ran.code == 1
    assert "`write`" in ran.err


@contextlib.asynccontextmanager
async def answering(
    start_server: StartServer, cli: Cli, script: models.Script
) -> AsyncIterator[Cli]:
    """The command, pointed at a server of its own whose chat model answers by a script."""
    async with (
        models.serving(script) as engine,
        start_server(chat_url=engine.url, chat_model=models.MODEL) as server,
    ):
        yield cli.using(SPECTRON_ENDPOINT=server.endpoint, SPECTRON_API_KEY=server.admin_key)


async def test_with_a_model_it_is_answered(start_server: StartServer, cli: Cli) -> None:
    reply = ("In ", "Berlin\x1b[2J", ", you [red]said[/red].")
    async with answering(start_server, cli, lambda _: models.streamed(*reply)) as chat:
        ran = await piped(chat, "I live in Berlin. Where do I live?")
        assert ran.code == 0, ran.err
        assert ran.out.splitlines()[1:3] == [
            "spectron> In Berlin[2J, you [red]said[/red].",
            "  + added      location: Berlin",
        ]
        ran = await piped(chat, "Where?", options=["--json"])
        _, message = map(json.loads, ran.out.splitlines())
        assert message["message"]["response"] == "".join(reply)
        assert [each["role"] for each in message["message"]["turns"]] == ["user", "assistant"]
        assert "Berlin" in message["message"]["context"]["formatted"]


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, cli: Cli, *arguments: str) -> None:
        self.shown = ""
        self._seen = 0
        self._child, self._terminal = pty.fork()
        if self._child == 0:
            command = [sys.executable, "-m", "spectron_server.cli", "chat", *arguments]
            os.execve(sys.executable, command, {**cli.environment, "TERM": "dumb"})

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)

    def until(self, text: str, within_s: float = 30.0) -> None:
        """Reads until the terminal shows a text that was not read up to before."""
        end = time.monotonic() + within_s
        while text not in self.shown[self._seen :]:
            assert self._read(end - time.monotonic()), self.shown
        self._seen = self.shown.index(text, self._seen) + len(text)

    def ended(self, *, typing: str = "", within_s: float = 30.0) -> int:
        """Reads until the command has ended, and returns its exit code.

        What is to be typed is typed each second: readline misses an interruption that comes in
        the moment after it has shown its prompt.
        """
        end = time.monotonic() + within_s
        with contextlib.suppress(OSError):
            # Linux tells in this way that the other end of a terminal is closed.
            while time.monotonic() < end:
                self.type(typing)
                while self._read(1.0):
                    pass
            raise AssertionError(self.shown)
        os.close(self._terminal)
        _, status = os.waitpid(self._child, 0)
        return os.waitstatus_to_exitcode(status)

    def _read(self, within_s: float) -> bool:
        """Reads what is shown next; returns False if nothing is in time."""
        ready, _, _ = select.select([self._terminal], [], [], max(within_s, 0))
        if ready:
            self.shown += os.read(self._terminal, 4_096).decode(errors="replace")
        return bool(ready)


async def on_terminal(cli: Cli, play: Any, *, leave: str = "") -> str:
    def run() -> str:
        terminal = Terminal(cli, *ALICE)
        try:
            terminal.until("you> ")
            play(terminal)
            assert terminal.ended(typing=leave) == 0, terminal.shown
        except BaseException:
            terminal.kill()
            raise
        assert "Traceback" not in terminal.shown
        return terminal.shown

    return await asyncio.to_thread(run)


async def test_on_a_terminal_it_prompts_and_says_how_to_go_on(cli: Cli, memory: Memory) -> None:
    def play(terminal: Terminal) -> None:
        terminal.type("I live in Berlin.\n")
        terminal.until("location: Berlin")
        terminal.until("you> ")
        terminal.type("/oops\n")
        terminal.until("Error: ")
        terminal.until("you> ")
        terminal.type("\x04")

    shown = await on_terminal(cli, play)
    assert "A chat with the memory of user=alice" in shown
    [session] = await memory.sessions.list(scope={"user": "alice"})
    assert f"spectron chat --session '{session.id}'" in shown


@pytest.mark.parametrize(("answer", "left"), [("n", True), ("", True), ("y", False)])
async def test_on_a_terminal_it_asks_before_it_forgets(
    cli: Cli, memory: Memory, answer: str, left: bool
) -> None:
    def play(terminal: Terminal) -> None:
        terminal.type("/forget location\n")
        terminal.until("Would be forgotten: 1 belief")
        terminal.until("Forget this of user=alice? [y/N]")
        terminal.type(f"{answer}\n")
        terminal.until("Nothing was forgotten." if left else "Forgotten: 1 belief")
        terminal.until("you> ")
        terminal.type("/forget employer\n")
        terminal.until("nothing to forget")
        terminal.until("you> ")
        terminal.type("\x04")

    await memory.record_fact({"user": "alice"}, "location", "Berlin")
    await on_terminal(cli, play)
    values = {each.value for each in (await memory.profile({"user": "alice"})).attributes}
    assert ("Berlin" in values) is left


@pytest.mark.parametrize("leave", ["/quit\n", "\x03", "\x04"])
async def test_it_is_left_cleanly(cli: Cli, leave: str) -> None:
    shown = await on_terminal(cli, lambda _: None, leave=leave)
    assert "Go on with" in shown


async def test_an_interruption_gives_the_message_up(start_server: StartServer, cli: Cli) -> None:
    never = asyncio.Event()

    def play(terminal: Terminal) -> None:
        terminal.type("Hello\n")
        terminal.until("spectron> Well, ")
        terminal.type("\x03")
        terminal.until("Given up.")
        terminal.until("you> ")
        terminal.type("\x04")

    def script(_request: models.ModelRequest) -> models.Answer:
        return models.Answer(pieces=[models.chunk("Well, "), models.chunk("no.")], hold=never)

    async with answering(start_server, cli, script) as chat:
        await on_terminal(chat, play)
