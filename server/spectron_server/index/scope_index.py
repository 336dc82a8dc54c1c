"""Everything that can be found in one scope, by its words, its meaning and its time.

Each item has a row. What is known of items lies in arrays by row, so that a search is a handful
of array operations whatever the number of items. A turn is found by the words of the turn before
it as well, since an answer seldom repeats the words of its question.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.domain.belief import require_aware
from spectron_server.domain.context_text import ContextKind
from spectron_server.index.columns import Columns
from spectron_server.index.lexical import LexicalIndex
from spectron_server.index.minilm import DIMENSION
from spectron_server.index.speakers import Speakers
from spectron_server.index.stems import stems
from spectron_server.index.vectors import VectorIndex

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FOREVER: Final = np.iinfo(np.int64).max
# About what the objects of one item take besides its text.
_BYTES_PER_ITEM: Final = 1200


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexItem:
    """Something that can be found.

    Attributes:
        id: Unique within the scope.
        kind: A fact or a turn.
        text: What is searched and shown.
        embedding: The text's vector, `(384,) float32`, unit norm; None if not known yet: the item
            is then found by its words only.
        source_turn: The turn that it came from or is.
        session_id: The session of a turn.
        sequence: The place of a turn in its session.
        speaker: The name of a turn's speaker, or their role; the name of a fact's entity.
        role: The role of a turn's speaker; None for a fact.
        observed_at: When it was said, or from when it was true.
        valid_until: Until when a fact was true; None: it still is. None for a turn.
    """

    id: str
    kind: ContextKind
    text: str
    embedding: NDArray[np.float32] | None
    source_turn: str | None
    session_id: str | None
    sequence: int | None
    speaker: str | None
    observed_at: datetime
    valid_until: datetime | None
    role: str | None = None

    def __post_init__(self) -> None:
        """Refuses times without a zone, which could not be compared."""
        require_aware(self.observed_at, self.valid_until)


class ScopeIndex:
    """The items of one scope. Not safe for threads: change and search it on one.

    Attributes:
        columns: What is known of the items, by row.
        vectors: Their vectors, by row.
        lexical: Their words, by row; a turn's are joined to those of the turn before it.
        speakers: Who is named in a question.
    """

    def __init__(self, dimension: int = DIMENSION) -> None:
        """Makes an empty index.

        Args:
            dimension: The length of the embedder's vectors.
        """
        self.columns = Columns()
        self.vectors = VectorIndex(dimension)
        self.lexical = LexicalIndex()
        self.speakers = Speakers()
        self._items: list[IndexItem | None] = []
        self._row_of: dict[str, int] = {}
        self._free: list[int] = []
        self._stems: dict[int, list[str]] = {}
        self._sessions: dict[str, list[tuple[int, int]]] = {}
        self._facts_from: dict[str, set[int]] = {}
        self._text_bytes = 0

    def __len__(self) -> int:
        return len(self._row_of)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._row_of

    @property
    def rows(self) -> int:
        """One more than the largest row in use."""
        return len(self._items)

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        parts = self.vectors.nbytes + self.lexical.nbytes + self.columns.nbytes
        return parts + self._text_bytes + _BYTES_PER_ITEM * len(self._items)

    def item(self, row: int) -> IndexItem:
        """Returns the item in a row, without its embedding.

        Raises:
            KeyError: There is none.
        """
        item = self._items[row]
        if item is None:
            raise KeyError(row)
        return item

    def upsert(self, items: Sequence[IndexItem]) -> None:
        """Adds items, in place of those of the same id."""
        rows = [self._put(item) for item in items]
        embedded = {
            row: item.embedding
            for row, item in zip(rows, items, strict=True)
            if item.embedding is not None
        }
        self.vectors.remove([row for row in rows if row not in embedded])
        if embedded:
            self.vectors.upsert(list(embedded), np.stack(list(embedded.values())))

    def remove(self, ids: Iterable[str]) -> None:
        """Removes items; ids that are not there are ignored."""
        for item_id in ids:
            row = self._row_of.pop(item_id, None)
            if row is not None:
                self._unlink(row, self.item(row))
                self.vectors.remove([row])
                self.lexical.remove(row)
                self.columns.clear(row)
                self._items[row] = None
                self._free.append(row)

    def settle(self) -> None:
        """Does now what the next search would have to do first.

        After thousands of new items that takes a tenth of a second or more, which whoever adds
        them can spend on another thread. Searching does it if nobody has.
        """
        self.lexical.settle()

    def found_at(
        self, *, now: datetime, as_of: datetime | None, include_history: bool
    ) -> NDArray[np.bool_]:
        """Tells which rows a question may find.

        Args:
            now: The time.
            as_of: The moment to look back to: only what had been observed by then; None: now, and
                everything that was observed.
            include_history: Also facts that no longer held at that moment.

        Returns:
            A flag for each row, `(rows,) bool`.
        """
        columns, rows = self.columns, self.rows
        found = columns.live[:rows].copy()
        if as_of is not None:
            found &= columns.observed[:rows] <= microseconds(as_of)
        if not include_history:
            found &= self.holding_at(as_of or now)
        return found

    def holding_at(self, moment: datetime) -> NDArray[np.bool_]:
        """Tells which rows have not ended by a moment, `(rows,) bool`; turns never end."""
        return self.columns.until[: self.rows] > microseconds(moment)

    def _put(self, item: IndexItem) -> int:
        row = self._row_of.get(item.id)
        if row is not None and not _same_place(self.item(row), item):
            self.remove([item.id])
            row = None
        if row is None:
            row = self._add(item)
        else:
            self._items[row] = replace(item, embedding=None)
        columns = self.columns
        columns.live[row] = True
        columns.fact[row] = item.kind is ContextKind.FACT
        columns.observed[row] = microseconds(item.observed_at)
        columns.until[row] = _FOREVER
        if item.kind is ContextKind.FACT and item.valid_until is not None:
            columns.until[row] = microseconds(item.valid_until)
        columns.speaker[row] = self.speakers.number_of(item.speaker, item.text)
        return row

    def _add(self, item: IndexItem) -> int:
        if self._free:
            row = self._free.pop()
            self._items[row] = replace(item, embedding=None)
        else:
            row = len(self._items)
            self._items.append(replace(item, embedding=None))
        self.columns.grow(len(self._items))
        self._row_of[item.id] = row
        self._stems[row] = stems(item.text)
        self._text_bytes += len(item.text)
        self._link(row, item)
        self._read(row)
        return row

    def _link(self, row: int, item: IndexItem) -> None:
        """Joins a turn to its neighbours, and facts to the turns that they came from."""
        columns = self.columns
        if item.kind is ContextKind.FACT:
            if item.source_turn is not None:
                self._facts_from.setdefault(item.source_turn, set()).add(row)
                columns.source[row] = self._row_of.get(item.source_turn, -1)
            return
        for fact in self._facts_from.get(item.id, ()):
            columns.source[fact] = row
        if item.session_id is None or item.sequence is None:
            return
        turns = self._sessions.setdefault(item.session_id, [])
        entry = (item.sequence, row)
        insort(turns, entry)
        place = bisect_left(turns, entry)
        before = turns[place - 1][1] if place else -1
        after = turns[place + 1][1] if place + 1 < len(turns) else -1
        columns.before[row], columns.after[row] = before, after
        if before >= 0:
            columns.after[before] = row
        if after >= 0:
            columns.before[after] = row
            self._read(after)

    def _unlink(self, row: int, item: IndexItem) -> None:
        """Undoes `_link` and forgets the item's words."""
        columns = self.columns
        del self._stems[row]
        self._text_bytes -= len(item.text)
        if item.kind is ContextKind.FACT:
            if item.source_turn is not None:
                facts = self._facts_from[item.source_turn]
                facts.discard(row)
                if not facts:
                    del self._facts_from[item.source_turn]
            return
        for fact in self._facts_from.get(item.id, ()):
            columns.source[fact] = -1
        if item.session_id is None or item.sequence is None:
            return
        turns = self._sessions[item.session_id]
        turns.pop(bisect_left(turns, (item.sequence, row)))
        if not turns:
            del self._sessions[item.session_id]
        before, after = int(columns.before[row]), int(columns.after[row])
        if before >= 0:
            columns.after[before] = after
        if after >= 0:
            columns.before[after] = before
            self._read(after)

    def _read(self, row: int) -> None:
        """Puts the words of an item into the lexical index, after those of the turn before it."""
        before = int(self.columns.before[row])
        joined = [*self._stems[before], *self._stems[row]] if before >= 0 else self._stems[row]
        self.lexical.upsert(row, joined)


def microseconds(moment: datetime) -> int:
    """Returns a moment as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def _same_place(old: IndexItem, new: IndexItem) -> bool:
    """Tells whether an item's words and links are unchanged, so that they need not be read anew."""
    return (old.kind, old.text, old.source_turn, old.session_id, old.sequence) == (
        new.kind,
        new.text,
        new.source_turn,
        new.session_id,
        new.sequence,
    )
