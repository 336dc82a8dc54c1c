"""What an interruption leaves of `spectron chat`'s screen, wherever it strikes."""

import io
import signal
import sys
import threading
from itertools import count
from types import FrameType
from typing import Any, Self

import pytest

from spectron_server.cli.chat_screen import TextScreen


class InterruptedAt:
    """Interrupts the block as a Ctrl-C does, when its n-th line of Python is run.

    Attributes:
        struck: Whether it had so many lines.
    """

    def __init__(self, line: int) -> None:
        self._left = line
        self.struck = False

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        sys.settrace(self._before)
        return kind is KeyboardInterrupt

    def _trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line" and not frame.f_code.co_filename.endswith(__file__):
            self._left -= 1
            if self._left == 0:
                self.struck = True
                signal.raise_signal(signal.SIGINT)
        return self._trace


def test_nothing_turns_on_after_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with TextScreen(interactive=True).waiting("Learning"):
        pass  # Loads what is loaded at first use: an import that is cut in two is another matter.
    others = set(threading.enumerate())
    for line in count(1):
        terminal = io.StringIO()
        monkeypatch.setattr(sys, "stdout", terminal)
        screen = TextScreen(interactive=True)
        with InterruptedAt(line) as interruption, screen.waiting("Learning"):
            pass
        screen.told("Given up.")
        for thread in set(threading.enumerate()) - others:
            thread.join(timeout=5)
            assert not thread.is_alive(), f"it turns on, interrupted at line {line}"
        shown = terminal.getvalue()
        assert "Given up." in shown, f"nothing is shown, interrupted at line {line}"
        assert shown.rfind("\x1b[?25l") <= shown.rfind("\x1b[?25h"), f"no cursor: {line}"
        if not interruption.struck:
            break
    assert line > 100, "there was nothing to interrupt"
