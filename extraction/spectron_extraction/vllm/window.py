"""A window as a model reads it: pieces of turns with numbers, and how it is divided.

Only what the user says is numbered, so that nothing else can be quoted. A turn that is too long
for one request is read in pieces; offsets stay those of the whole turn.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from spectron_extraction.protocol import Role, Window, WindowTurn

MAX_CHARACTERS: Final = 4_000
"""How much is extracted from with one request: about a thousand tokens of English."""

_MIN_PIECE: Final = 200
_GAP: Final = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A turn, or a part of one: `content[start:end]`."""

    turn: WindowTurn
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is read of the turn."""
        return self.turn.content[self.start : self.end]

    def halves(self) -> tuple["Piece", "Piece"] | None:
        """Returns its two halves, cut between words; None if it is too short for that."""
        if self.end - self.start < 2 * _MIN_PIECE:
            return None
        middle = (self.start + self.end) // 2
        places = _GAP.finditer(self.turn.content, self.start + _MIN_PIECE, self.end - _MIN_PIECE)

        def cost(gap: re.Match[str]) -> int:
            # A new line or sentence is worth some imbalance.
            ends = "\n" in gap.group() or self.turn.content[gap.start() - 1] in ".!?"
            return abs(gap.end() - middle) + (0 if ends else _MIN_PIECE)

        best = min(places, key=cost, default=None)
        # A text without any space is cut anywhere.
        cut = middle if best is None else best.end()
        return replace(self, end=cut), replace(self, start=cut)


Batch = Sequence[Piece]
"""Pieces that are read with one request, in order; never empty."""


def batches(window: Window, wanted: Collection[str]) -> Iterator[Batch]:
    """Yields what of a window is to be read, in parts that fit into a request.

    Args:
        window: The window.
        wanted: The ids of the turns to extract from.
    """
    batch: list[Piece] = []
    size = 0
    for piece in _pieces(window, wanted):
        length = piece.end - piece.start
        if batch and size + length > MAX_CHARACTERS:
            yield batch
            batch, size = [], 0
        batch.append(piece)
        size += length
    if batch:
        yield batch


def halves(batch: Batch) -> tuple[Batch, Batch] | None:
    """Returns the two halves of a batch; None if it cannot be divided further."""
    if len(batch) > 1:
        middle = len(batch) // 2
        return batch[:middle], batch[middle:]
    parts = batch[0].halves()
    return ([parts[0]], [parts[1]]) if parts else None


def _pieces(window: Window, wanted: Collection[str]) -> Iterator[Piece]:
    for turn in window.turns:
        if turn.id in wanted and turn.role is Role.USER and turn.content.strip():
            yield from _short(Piece(turn=turn, start=0, end=len(turn.content)))


def _short(piece: Piece) -> Iterator[Piece]:
    parts = piece.halves() if piece.end - piece.start > MAX_CHARACTERS else None
    if parts is None:
        yield piece
    else:
        for part in parts:
            yield from _short(part)
