"""Turns of a scope as they are quoted: without the secrets in them.

To look for secrets costs more than anything else that is done with a turn that was found, and
takes seconds where many are long. So what came of it is remembered while the turn is there.
"""

import sys
from collections.abc import Iterable
from typing import Final

from spectron_server.index.items import IndexItem

# About what an entry takes besides its text.
_BYTES_PER_ENTRY: Final = 100


class Quotations:
    """What is quoted of turns. Belongs to one event loop."""

    def __init__(self) -> None:
        # Of most turns it is all of their text, which need not be kept twice.
        self._whole: set[str] = set()
        self._withheld: dict[str, str] = {}
        self._text_bytes = 0

    @property
    def nbytes(self) -> int:
        """About how much memory they take."""
        return _BYTES_PER_ENTRY * (len(self._whole) + len(self._withheld)) + self._text_bytes

    def get(self, turn: IndexItem) -> str | None:
        """Returns what is quoted of a turn; None if that is not known yet."""
        return turn.text if turn.id in self._whole else self._withheld.get(turn.id)

    def keep(self, turn: IndexItem, quotation: str) -> None:
        """Remembers what is quoted of a turn."""
        self.forget([turn.id])
        if quotation == turn.text:
            self._whole.add(turn.id)
        else:
            self._withheld[turn.id] = quotation
            self._text_bytes += sys.getsizeof(quotation)

    def forget(self, turn_ids: Iterable[str]) -> None:
        """Forgets turns; of those that are not known nothing is lost."""
        for turn_id in turn_ids:
            self._whole.discard(turn_id)
            quotation = self._withheld.pop(turn_id, None)
            if quotation is not None:
                self._text_bytes -= sys.getsizeof(quotation)
