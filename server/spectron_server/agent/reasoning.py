"""Takes a model's reasoning out of a streamed reply.

Engines that know a model's way of thinking send it apart from the reply. Others leave it in, before
the reply proper, between `<think>` and `</think>`; the marks may be split between pieces. Models
whose prompt already ends with `<think>` show the closing mark only: what came before it looked like
a reply, and cannot be taken back.
"""

from enum import Enum
from typing import Final

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class StrayReasoningError(Exception):
    """What was taken for the reply was reasoning."""


class _Stage(Enum):
    """What is being read."""

    UNDECIDED = "undecided"
    THINKING = "thinking"
    REPLYING = "replying"


class ReasoningFilter:
    """The state of one reply."""

    def __init__(self) -> None:
        self._held = ""
        self._stage = _Stage.UNDECIDED
        self._opened = False

    def feed(self, text: str) -> str:
        """Takes a piece and returns what of the reply is certain by now.

        Raises:
            StrayReasoningError: Reasoning ends here that was never seen to begin.
        """
        self._held += text
        stage = None
        while stage is not self._stage:
            stage = self._stage
            self._advance()
        return self._certain() if self._stage is _Stage.REPLYING else ""

    def end(self) -> str:
        """Returns the rest of the reply, when no piece will come any more."""
        return "" if self._stage is _Stage.THINKING else self._held

    def _advance(self) -> None:
        """Goes to the next stage if what is held shows that it has begun."""
        if self._stage is _Stage.UNDECIDED:
            said = self._held.lstrip()
            if said.startswith(_OPEN):
                self._stage, self._opened = _Stage.THINKING, True
                self._held = said.removeprefix(_OPEN)
            elif not _OPEN.startswith(said):
                self._stage, self._held = _Stage.REPLYING, said
        elif self._stage is _Stage.THINKING:
            _, mark, rest = self._held.partition(_CLOSE)
            if mark:
                self._stage, self._held = _Stage.UNDECIDED, rest
            else:
                # Only what may be the beginning of the mark is of interest.
                self._held = self._held[-len(_CLOSE) :]

    def _certain(self) -> str:
        """Returns and removes what is held but for what may be half a mark."""
        if not self._opened:
            opened, closed = self._held.find(_OPEN), self._held.find(_CLOSE)
            if closed >= 0 and not 0 <= opened < closed:
                raise StrayReasoningError
            self._opened = opened >= 0
        certain = len(self._held) - _overhang(self._held)
        given, self._held = self._held[:certain], self._held[certain:]
        return given


def _overhang(text: str) -> int:
    """Returns how many characters at the end of a text may begin one of the marks."""
    for size in range(min(len(text), len(_CLOSE) - 1), 0, -1):
        if _OPEN.startswith(text[-size:]) or _CLOSE.startswith(text[-size:]):
            return size
    return 0
