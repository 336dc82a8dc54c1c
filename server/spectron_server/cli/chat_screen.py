"""What `spectron chat` shows: text for people as it comes, or a line of JSON for each message."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, Protocol

from rich.console import RenderableType
from rich.status import Status
from rich.text import Text

from spectron import (
    ContextResult,
    Diff,
    ExtractionStatus,
    SessionInfo,
    SpectronError,
    TurnRecord,
)
from spectron_server.cli import views
from spectron_server.cli.errors import CommandError
from spectron_server.cli.interruption import uninterrupted
from spectron_server.cli.output import (
    is_narrow,
    json_text,
    lines,
    note,
    out,
    scope_text,
    shortened,
)

PROMPT: Final = "you> "
_NAME: Final = "spectron> "
_QUOTE: Final = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """A message, and what became of it.

    Attributes:
        content: What was said.
        context: What was known that bears on it, before it was said.
        response: The reply; None if nobody answers.
        extraction: What was learned; empty unless the status is done.
        extraction_status: How far the extraction came.
        turns: The turns recorded.
    """

    content: str
    context: ContextResult
    response: str | None
    extraction: Diff
    extraction_status: ExtractionStatus
    turns: tuple[TurnRecord, ...]


class Screen(Protocol):
    """Shows a conversation."""

    def welcome(self, session: SessionInfo) -> None:
        """Shows which session it is."""

    def said(self, content: str) -> None:
        """Shows a message."""

    def found(self, context: ContextResult) -> None:
        """Shows what bears on a message, before it is answered."""

    def reply(self, text: str) -> None:
        """Shows a piece of a reply."""

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Shows that something takes its time."""

    def ended(self, exchange: Exchange) -> None:
        """Shows what became of a message."""

    def failed(self, error: SpectronError | CommandError) -> None:
        """Shows that a message or command failed."""

    def told(self, text: str) -> None:
        """Shows a remark."""

    def asked(self, name: str, content: Any, view: RenderableType) -> None:
        """Shows the result of a command."""

    def farewell(self, session: SessionInfo) -> None:
        """Shows how to go on."""


class TextScreen:
    """For people."""

    def __init__(self, *, interactive: bool) -> None:
        """Takes whether what is said is on the screen already."""
        self._console = out()
        self._interactive = interactive
        self._replying = False
        # Here, so that it is found and stopped however its block was left.
        self._spinner: Status | None = None

    def welcome(self, session: SessionInfo) -> None:
        """Shows whose memory it is, and how to leave."""
        if self._interactive:
            whose = scope_text(session.scope)
            self._dim(f"A chat with the memory of {whose}. /help tells more, Ctrl-D leaves.")

    def said(self, content: str) -> None:
        """Shows the message as if it had been typed, unless it was."""
        if not self._interactive:
            self._console.print(Text(f"{PROMPT}{lines(content)}"), soft_wrap=True)

    def found(self, context: ContextResult) -> None:
        """Shows the items on a line each."""
        for item in context.items:
            kind = item.role.value if item.role else item.kind.value
            self._dim(f"  · {kind:<10} {shortened(item.text, _QUOTE)}")

    def reply(self, text: str) -> None:
        """Shows a piece after the one before."""
        head = "" if self._replying else _NAME
        self._replying = True
        self._console.file.write(f"{head}{lines(text)}")
        self._console.file.flush()

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Shows it until the block is left, or else until the next thing is shown."""
        self._settle()
        if self._interactive:
            with uninterrupted():
                self._spinner = self._console.status(what)
                self._spinner.start()
        try:
            yield
        finally:
            self._settle()

    def ended(self, exchange: Exchange) -> None:
        """Shows what was learned."""
        self._settle()
        if exchange.extraction_status == ExtractionStatus.DONE:
            learned = list(views.diff_lines(exchange.extraction))
            for line in learned:
                self._console.print(line, soft_wrap=True)
            if not learned:
                self._dim("  nothing new")
        elif exchange.extraction_status == ExtractionStatus.FAILED:
            self._dim("  the extraction failed; `spectron doctor` may tell why")
        else:
            self._dim("  not extracted yet; it goes on")

    def failed(self, error: SpectronError | CommandError) -> None:
        """Shows the message."""
        self._settle()
        text = Text("Error: ", style="bold red")
        text.append(lines(str(error)), style="not bold default")
        self._console.print(text, soft_wrap=True)

    def told(self, text: str) -> None:
        """Shows it dimmed."""
        self._settle()
        self._dim(text)

    def asked(self, name: str, content: Any, view: RenderableType) -> None:  # noqa: ARG002
        """Shows the view; the rest is for machines."""
        self._console.print(view)

    def farewell(self, session: SessionInfo) -> None:
        """Shows the command that goes on with the session."""
        self._settle()
        if self._interactive:
            self._dim(f"Go on with: spectron chat --session '{session.id}'")

    def _dim(self, text: str) -> None:
        self._console.print(Text(lines(text), style="dim"), soft_wrap=True)

    def _settle(self) -> None:
        """Ends what is not a whole line yet: a reply, or what turns while something is awaited."""
        if self._replying:
            self._replying = False
            self._console.print()
        if self._spinner is not None:
            with uninterrupted():
                self._spinner.stop()
            self._spinner = None


class JsonScreen:
    """For machines: a line of JSON for the session, and one for each message, command or error."""

    def welcome(self, session: SessionInfo) -> None:
        """Prints the session."""
        self._print({"session": session})

    def said(self, content: str) -> None:
        """Prints nothing: it is part of what ends the message."""

    def found(self, context: ContextResult) -> None:
        """Prints nothing: it is part of what ends the message."""

    def reply(self, text: str) -> None:
        """Prints nothing: it is part of what ends the message."""

    def waiting(self, what: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Prints nothing: what waits is a program."""
        return nullcontext()

    def ended(self, exchange: Exchange) -> None:
        """Prints the message and what became of it."""
        self._print({"message": exchange})

    def failed(self, error: SpectronError | CommandError) -> None:
        """Prints the error."""
        about: dict[str, Any] = {"message": str(error)}
        if isinstance(error, SpectronError):
            about |= {"code": error.code.name, "reason": error.reason}
        self._print({"error": about})

    def told(self, text: str) -> None:
        """Prints it on standard error."""
        note(text)

    def asked(self, name: str, content: Any, view: RenderableType) -> None:  # noqa: ARG002
        """Prints the content under its name; the view is for people."""
        self._print({name: content})

    def farewell(self, session: SessionInfo) -> None:
        """Prints nothing."""

    def _print(self, content: Any) -> None:
        sys.stdout.write(f"{json_text(content, ascii_only=is_narrow(sys.stdout))}\n")
        sys.stdout.flush()
