"""`python -m spectron_server.cli.demo`: plays a conversation and shows what becomes of it.

It talks to the server at SPECTRON_ENDPOINT if there is a key in SPECTRON_API_KEY, and else to a
temporary server of its own, through the Python client, as an application would.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType
from typing import Final

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from spectron.endpoint import API_KEY_VARIABLE
from spectron.sync import Memory, Spectron
from spectron_server.cli import views
from spectron_server.cli.connection import Connection, context_for
from spectron_server.cli.demo_story import LOOK_BACK, QUESTION, SCENES, Scene
from spectron_server.cli.errors import explanation
from spectron_server.cli.output import day, err, lines, one_line, out
from spectron_server.cli.temporary import temporary_server
from spectron_server.system import UlidIds

_CONTEXT: Final = "demo"
_BETWEEN_TURNS: Final = timedelta(minutes=1)
_WIDTH: Final = 80
_FORGOTTEN_KEY: Final = "employer"
_STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Where the demonstration plays.

    Attributes:
        memory: The memory of the context.
        context: The context's name; empty for the key's own.
        user: Whose memory it is; nobody else's on that server.
        lasting: Whether what is played stays there.
    """

    memory: Memory
    context: str
    user: str
    lasting: bool

    @property
    def scope(self) -> dict[str, str]:
        """The scope of all sessions."""
        return {"user": self.user}


class Player:
    """Plays the story and shows what the server makes of it."""

    def __init__(self, *, stage: Stage, console: Console) -> None:
        self._stage = stage
        self._memory = stage.memory
        self._console = console

    def play(self) -> None:
        """Plays everything."""
        for number, scene in enumerate(SCENES, start=1):
            self._scene(number, scene)
        self._history()
        self._profile()
        self._context()
        self._forget()
        self._look_back()
        self._farewell()

    def _scene(self, number: int, scene: Scene) -> None:
        title = f"Session {number}, {day(scene.began_at)}: {scene.title}"
        self._head(title)
        session = self._memory.sessions.create(
            scope=self._stage.scope, metadata={"title": scene.title}
        )
        moment = scene.began_at
        for line in scene.lines:
            style = "bold" if line.role == "user" else "dim"
            self._console.print(Text(f"{line.role:>9}: {line.content}", style=style))
            turn = session.turn(line.role, line.content, observed_at=moment)
            with self._console.status("Extracting"):
                extraction = turn.extraction()
            for change in views.diff_lines(extraction.diff, indent=" " * 11):
                self._console.print(change)
            moment += _BETWEEN_TURNS
        session.close()
        self._console.print()

    def _history(self) -> None:
        self._head("Nothing is overwritten: the history of a belief")
        self._say("spectron history location")
        found = self._memory.entities.history(self._stage.scope, "location")
        self._console.print(views.history_view(found))

    def _profile(self) -> None:
        self._head("What is known now, ready for a system prompt")
        self._say("spectron profile")
        self._console.print(views.profile_view(self._memory.profile(self._stage.scope)))
        self._console.print()

    def _context(self) -> None:
        self._head("What bears on a question")
        self._say(f'spectron context "{QUESTION}"')
        found = self._memory.context(QUESTION, scope=self._stage.scope, top_k=5)
        self._console.print(views.context_view(QUESTION, found))
        self._console.print()

    def _forget(self) -> None:
        self._head("Forgetting")
        self._say(f"spectron forget --key {_FORGOTTEN_KEY}")
        forgotten = self._memory.forget(self._stage.scope, attribute_key=_FORGOTTEN_KEY)
        self._console.print(views.forgotten_view(forgotten, dry_run=False))
        self._console.print("The profile is now:")
        self._panel(self._memory.profile(self._stage.scope).summary, "Summary")

    def _look_back(self) -> None:
        self._head("Looking back")
        self._say(f"spectron profile --as-of {day(LOOK_BACK)}")
        profile = self._memory.profile(self._stage.scope, as_of=LOOK_BACK)
        self._panel(profile.summary, f"As of {day(LOOK_BACK)}")

    def _farewell(self) -> None:
        if not self._stage.lasting:
            self._console.print("That was a temporary server. `make serve` runs one that stays.")
            return
        where = f" -c {self._stage.context}" if self._stage.context else ""
        self._console.print("It is still there. Look around with, for example:")
        self._console.print(f"  spectron entities{where} -s user={self._stage.user}")

    def _head(self, title: str) -> None:
        self._console.print(Rule(Text(one_line(title), style="bold"), align="left", style="cyan"))

    def _say(self, command: str) -> None:
        self._console.print(Text(f"$ {command} -s user={self._stage.user}", style="cyan"))

    def _panel(self, text: str, title: str) -> None:
        self._console.print(Panel(Text(lines(text)), title=title, title_align="left"))
        self._console.print()


@contextmanager
def _stage(console: Console) -> Iterator[Stage]:
    if os.environ.get(API_KEY_VARIABLE, "").strip():
        connection = Connection(endpoint=None)
        with connection.client() as client:
            given = os.environ.get("SPECTRON_CONTEXT")
            context = context_for(client, given, otherwise=_CONTEXT)
            # A user of this run's own: on another's memory the story would read differently.
            user = f"alice-{UlidIds().plain('demo')[-6:]}"
            yield Stage(
                memory=client.memory(context or None), context=context, user=user, lasting=True
            )
        return
    with _starting(console) as client:
        yield Stage(memory=client.memory(_CONTEXT), context=_CONTEXT, user="alice", lasting=False)


@contextmanager
def _starting(console: Console) -> Iterator[Spectron]:
    note = "Starting a temporary server"
    if not console.is_terminal:
        console.print(f"{note} ...")
    status = console.status(note)
    status.start()
    try:
        with temporary_server() as server:
            status.stop()
            with Spectron(server.api_key, endpoint=server.endpoint) as client:
                yield client
    finally:
        status.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C must not break off the cleaning up.
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Plays the demonstration; returns the exit code."""
    for number in _STOPS:
        signal.signal(number, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    console = out()
    if console.width > _WIDTH:
        console = Console(highlight=False, markup=False, emoji=False, width=_WIDTH)
    try:
        with _stage(console) as stage:
            Player(stage=stage, console=console).play()
    except KeyboardInterrupt:
        err().print("Stopped.")
        return 130
    except Exception as error:
        sentence = explanation(error)
        if sentence is None:
            raise
        err().print(Text(f"Error: {lines(sentence)}", style="red"), soft_wrap=True)
        if API_KEY_VARIABLE in os.environ:
            err().print(f"To play on a temporary server instead, unset {API_KEY_VARIABLE}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
