"""What belongs to what in a scope: turns to those before and after them, facts to their turns.

The links themselves lie in the columns, by row.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from spectron_server.index.columns import Columns
from spectron_server.index.items import IndexItem, Items

# A session that grows by more than this part of itself is linked anew, else turn by turn.
_LINKED_ANEW: Final = 1 / 16
# A fact whose proof is this part of its turn is about all that the turn says.
_WHOLE: Final = 0.6


class Links:
    """Keeps the links of the columns true while items come and go."""

    def __init__(self, columns: Columns, items: Items) -> None:
        """Begins without links.

        Args:
            columns: Where the links lie, and the places of turns in their sessions.
            items: The items that are linked.
        """
        self._columns = columns
        self._items = items
        # The rows of each session's turns, in their order.
        self._sessions: dict[str, array[int]] = {}
        self._facts_from: dict[str, set[int]] = {}

    def add_turns(self, turns: Iterable[tuple[str, int]]) -> None:
        """Links turns whose places in their sessions are in the columns.

        Args:
            turns: The session and the row of each.
        """
        added: dict[str, list[int]] = {}
        for session_id, row in turns:
            added.setdefault(session_id, []).append(row)
        place = self._columns.sequence.__getitem__
        for session_id, rows in added.items():
            chain = self._sessions.setdefault(session_id, array("i"))
            if len(rows) <= len(chain) * _LINKED_ANEW:
                for row in rows:
                    at = bisect_left(chain, place(row), key=place)
                    chain.insert(at, row)
                    self._link_turn(chain, at)
            else:
                chain.extend(rows)
                self._sessions[session_id] = self._link_anew(chain)

    def find_facts(self, turns: Iterable[tuple[str, int]]) -> None:
        """Links those facts to new turns that were there before them.

        Args:
            turns: The id and the row of each.
        """
        if self._facts_from:
            for turn_id, row in turns:
                for fact in self._facts_from.get(turn_id, ()):
                    self._link_fact(fact, row)

    def add_fact(self, row: int, source_turn: str) -> None:
        """Links a new fact to the turn that it came from, if that is there already."""
        self._facts_from.setdefault(source_turn, set()).add(row)
        turn = self._items.row_of(source_turn)
        if turn is not None:
            self._link_fact(row, turn)

    def remove_turn(self, row: int, item: IndexItem) -> None:
        """Takes a turn out from between those before and after it, and from its facts."""
        columns = self._columns
        for fact in self._facts_from.get(item.id, ()):
            columns.source[fact], columns.whole[fact] = -1, False
        if item.session_id is None or item.sequence is None:
            return
        turns = self._sessions[item.session_id]
        turns.pop(bisect_left(turns, item.sequence, key=columns.sequence.__getitem__))
        if not turns:
            del self._sessions[item.session_id]
        before, after = int(columns.before[row]), int(columns.after[row])
        if before >= 0:
            columns.after[before] = after
        if after >= 0:
            columns.before[after] = before

    def remove_fact(self, row: int, source_turn: str) -> None:
        """Forgets that a fact came from a turn."""
        facts = self._facts_from[source_turn]
        facts.discard(row)
        if not facts:
            del self._facts_from[source_turn]

    def _link_anew(self, turns: "array[int]") -> "array[int]":
        """Links all turns of a session; returns them in order."""
        rows = np.array(turns, np.int32)
        chain = rows[np.argsort(self._columns.sequence[rows])]
        self._columns.before[chain[1:]] = chain[:-1]
        self._columns.after[chain[:-1]] = chain[1:]
        return array("i", chain.tobytes())

    def _link_turn(self, turns: Sequence[int], place: int) -> None:
        before, after = self._columns.before, self._columns.after
        row = turns[place]
        if place:
            earlier = turns[place - 1]
            before[row], after[earlier] = earlier, row
        if place + 1 < len(turns):
            later = turns[place + 1]
            after[row], before[later] = later, row

    def _link_fact(self, fact: int, turn: int) -> None:
        self._columns.source[fact] = turn
        self._columns.whole[fact] = _is_whole(self._items.fact(fact), self._items.text(turn))


def _is_whole(fact: IndexItem | None, text: str) -> bool:
    """Tells whether a turn says little but what proves a fact."""
    evidence = fact.attribute.evidence if fact and fact.attribute else None
    return evidence is not None and len(evidence.quote) >= _WHOLE * len(text)
