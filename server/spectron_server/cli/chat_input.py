"""What someone says in `spectron chat`: typed at a terminal, or line by line from a pipe."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Protocol

from spectron_server.cli.chat_screen import PROMPT
from spectron_server.cli.errors import CommandError
from spectron_server.cli.textfile import bounded_lines


class Source(Protocol):
    """Where lines come from.

    Attributes:
        interactive: Whether someone sits there, who can try again.
    """

    interactive: bool

    def lines(self) -> Iterator[str]:
        """Yields what is said, without the ends of the lines."""

    def agrees(self, question: str) -> bool:
        """Tells whether something is to be done that cannot be undone."""


class Keyboard:
    """A terminal, with the line editing that Python's readline has."""

    interactive = True

    def lines(self) -> Iterator[str]:
        """Yields lines until Ctrl-D, or Ctrl-C at the prompt."""
        with contextlib.suppress(ImportError):
            # Loading it is what gives `input` its editing; not every Python has it.
            import readline  # noqa: F401, PLC0415
        while True:
            try:
                line = input(PROMPT)
            except UnicodeDecodeError:
                sys.stderr.write("That is not UTF-8.\n")
                continue
            except (EOFError, KeyboardInterrupt):
                sys.stdout.write("\n")
                return
            yield line

    def agrees(self, question: str) -> bool:
        """Asks; whatever is not a yes is a no."""
        try:
            return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
        except (EOFError, UnicodeDecodeError):
            sys.stdout.write("\n")
            return False


class Pipe:
    """A pipe or a file, each of whose lines is one message."""

    interactive = False

    def lines(self) -> Iterator[str]:
        """Yields lines until the end.

        Raises:
            CommandError: A line is not UTF-8.
        """
        for number, line in enumerate(bounded_lines(sys.stdin.buffer), start=1):
            try:
                yield line.decode().rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise CommandError(f"Line {number} is not UTF-8.") from error

    def agrees(self, question: str) -> bool:  # noqa: ARG002
        """Agrees: what comes through a pipe was decided before, and the next line is no answer."""
        return True


def is_interactive() -> bool:
    """Tells whether someone types and reads."""
    return sys.stdin.isatty() and sys.stdout.isatty()
