"""Which facts came from which turns of a scope, whichever came first.

The links themselves lie in the columns, by row.
"""

from collections.abc import Iterable
from typing import Final

from spectron_server.index.columns import Columns
from spectron_server.index.items import IndexItem, Items

# A fact whose proof is this part of its turn is about all that the turn says.
_WHOLE: Final = 0.6


class Links:
    """Keeps the links of the columns true while items come and go."""

    def __init__(self, columns: Columns, items: Items) -> None:
        """Begins without links.

        Args:
            columns: Where the links lie.
            items: The items that are linked.
        """
        self._columns = columns
        self._items = items
        self._facts_from: dict[str, set[int]] = {}

    def add_turns(self, turns: Iterable[tuple[str, int]]) -> None:
        """Links those facts to new turns that were there before them.

        Args:
            turns: The id and the row of each.
        """
        if self._facts_from:
            for turn_id, row in turns:
                for fact in self._facts_from.get(turn_id, ()):
                    self._link(fact, row)

    def add_fact(self, row: int, source_turn: str) -> None:
        """Links a new fact to the turn that it came from, if that is there already."""
        self._facts_from.setdefault(source_turn, set()).add(row)
        turn = self._items.row_of(source_turn)
        if turn is not None:
            self._link(row, turn)

    def remove_turn(self, turn_id: str) -> None:
        """Takes a turn from its facts."""
        for fact in self._facts_from.get(turn_id, ()):
            self._columns.source[fact], self._columns.whole[fact] = -1, False

    def remove_fact(self, row: int, source_turn: str) -> None:
        """Forgets that a fact came from a turn."""
        facts = self._facts_from[source_turn]
        facts.discard(row)
        if not facts:
            del self._facts_from[source_turn]

    def _link(self, fact: int, turn: int) -> None:
        self._columns.source[fact] = turn
        self._columns.whole[fact] = _is_whole(self._items.fact(fact), self._items.text(turn))


def _is_whole(fact: IndexItem | None, text: str) -> bool:
    """Tells whether a turn says little but what proves a fact."""
    evidence = fact.attribute.evidence if fact and fact.attribute else None
    return evidence is not None and len(evidence.quote) >= _WHOLE * len(text)
