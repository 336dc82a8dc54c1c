"""Everything that can be found in one scope, by its words, its meaning and its time.

Each item has a row. What is known of items lies in arrays by row, so that a search is a handful
of array operations whatever the number of items. Turns are linked to the turns before and after
them, and facts to the turns that they came from.
"""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_extraction.protocol import EntityRef
from spectron_server.domain.belief import Attribute, require_aware
from spectron_server.domain.context_text import ContextKind
from spectron_server.index.columns import FOREVER, Columns
from spectron_server.index.lexical import LexicalIndex
from spectron_server.index.minilm import DIMENSION
from spectron_server.index.outdated import Outdated
from spectron_server.index.passages import Passages
from spectron_server.index.speakers import Speakers, tells_name
from spectron_server.index.stems import words
from spectron_server.index.times import tells_time
from spectron_server.index.vectors import VectorIndex

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# About what the objects of one item take besides its text.
_BYTES_PER_ITEM: Final = 1200
# A session that grows by more than this part of itself is linked anew, else turn by turn.
_LINKED_ANEW: Final = 1 / 16
# A fact whose proof is this part of its turn is about all that the turn says.
_WHOLE: Final = 0.6
_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexItem:
    """Something that can be found.

    Attributes:
        id: Unique within the scope.
        kind: A fact or a turn.
        text: What is searched and shown.
        source_turn: The turn that it came from or is.
        session_id: The session of a turn.
        sequence: The place of a turn in its session.
        speaker: The name of a turn's speaker, or their role; the name of a fact's entity.
        role: The role of a turn's speaker; None for a fact.
        observed_at: When it was said, or from when it was true.
        valid_until: Until when a fact was true; None: it still is. None for a turn.
        own: Whether the scope's user said it, or it is about them.
        attribute: The belief that a fact states.
        listed: Whether it is one of many values that are told together.
        aliases: Other words that it is found by.
    """

    id: str
    kind: ContextKind
    text: str
    source_turn: str | None
    session_id: str | None
    sequence: int | None
    speaker: str | None
    observed_at: datetime
    valid_until: datetime | None
    role: str | None = None
    own: bool = False
    attribute: Attribute | None = None
    listed: bool = False
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuses times without a zone, which could not be compared."""
        require_aware(self.observed_at, self.valid_until)


class ScopeIndex:
    """The items of one scope. Not safe for threads: change and search it on one.

    Attributes:
        columns: What is known of the items, by row.
        vectors: Their vectors, by row.
        lexical: Their words, by row.
        passages: Their words together with those around them.
        speakers: Who is named in a question.
        outdated: Which turns say what holds no more.
    """

    def __init__(self, dimension: int = DIMENSION) -> None:
        """Makes an empty index.

        Args:
            dimension: The length of the embedder's vectors.
        """
        self.columns = Columns()
        self.vectors = VectorIndex(dimension)
        self.lexical = LexicalIndex()
        self.passages = Passages(self.columns)
        self.speakers = Speakers()
        self.outdated = Outdated()
        self._items: list[IndexItem | None] = []
        self._row_of: dict[str, int] = {}
        self._free: list[int] = []
        self._sessions: dict[str, list[tuple[int, int]]] = {}
        self._facts_from: dict[str, set[int]] = {}
        self._lists: dict[tuple[EntityRef, str], int] = {}
        self._keys: dict[str, int] = {}
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
        """Returns the item in a row.

        Raises:
            KeyError: There is none.
        """
        item = self._items[row]
        if item is None:
            raise KeyError(row)
        return item

    def row_of(self, item_id: str) -> int | None:
        """Returns the row of an item; None if it is not there."""
        return self._row_of.get(item_id)

    def upsert(
        self, items: Sequence[IndexItem], embeddings: Mapping[str, NDArray[np.float32]]
    ) -> None:
        """Adds items, in place of those of the same id.

        Args:
            items: What to add.
            embeddings: The vectors of their texts by id, `(384,) float32`, unit norm. An item whose
                vector is not known yet is found by its words only.
        """
        for item in items:
            row = self._row_of.get(item.id)
            if row is not None and not _same_place(self.item(row), item):
                self.remove([item.id])
        fresh = [item for item in items if item.id not in self._row_of]
        rows = [self._place(item) for item in items]
        self.columns.grow(self.rows)
        self._link_facts(fresh)
        self._link_turns(fresh)
        self._read(fresh)
        self._describe(rows, items)
        self.passages.forget()
        embedded = {
            row: embeddings[item.id]
            for row, item in zip(rows, items, strict=True)
            if item.id in embeddings
        }
        self.vectors.remove([row for row in rows if row not in embedded])
        if embedded:
            self.vectors.upsert(list(embedded), np.stack(list(embedded.values())))

    def remove(self, ids: Iterable[str]) -> None:
        """Removes items; ids that are not there are ignored."""
        for item_id in ids:
            row = self._row_of.pop(item_id, None)
            if row is not None:
                item = self.item(row)
                self._unlink(row, item)
                self._text_bytes -= len(item.text)
                self.vectors.remove([row])
                self.lexical.remove(row, [*words(item.text), *item.aliases])
                self.outdated.discard(item)
                self.columns.clear(row)
                self.passages.forget()
                self._items[row] = None
                self._free.append(row)

    def named_in(self, question: str) -> dict[int, frozenset[str]]:
        """Tells who is named in a question and has said something, or is known.

        Returns:
            The numbers of the speakers, each with the words of their name in lower case.
        """
        speakers = self.columns.speaker[: self.rows]
        named = self.speakers.named_in(question)
        return {number: names for number, names in named.items() if (speakers == number).any()}

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

    def lasting(self) -> NDArray[np.bool_]:
        """Tells which rows have no end, `(rows,) bool`."""
        lasting: NDArray[np.bool_] = self.columns.until[: self.rows] == FOREVER
        return lasting

    def worth_by_key(self, worth: Mapping[str, float]) -> NDArray[np.float32]:
        """Returns what each row is worth by its key, `(rows,) float32`; 0 if it is not named."""
        # The last is that of the number -1, of turns.
        by_number = np.zeros(len(self._keys) + 1, np.float32)
        for key, points in worth.items():
            if key in self._keys:
                by_number[self._keys[key]] = points
        return by_number[self.columns.key[: self.rows]]

    def _place(self, item: IndexItem) -> int:
        """Gives an item a row, its former one if it has one."""
        row = self._row_of.get(item.id)
        if row is not None:
            self.outdated.discard(self.item(row))
        elif self._free:
            row = self._free.pop()
        else:
            row = len(self._items)
            self._items.append(None)
        self._items[row] = item
        self._row_of[item.id] = row
        self.outdated.add(item)
        return row

    def _link_facts(self, fresh: Sequence[IndexItem]) -> None:
        """Links facts to the turns that they came from, whichever of them came first."""
        for item in fresh:
            row = self._row_of[item.id]
            if item.kind is ContextKind.TURN:
                for fact in self._facts_from.get(item.id, ()):
                    self._link_fact(fact, row)
            elif item.source_turn is not None:
                self._facts_from.setdefault(item.source_turn, set()).add(row)
                turn = self._row_of.get(item.source_turn)
                if turn is not None:
                    self._link_fact(row, turn)

    def _link_fact(self, fact: int, turn: int) -> None:
        self.columns.source[fact] = turn
        self.columns.whole[fact] = _is_whole(self.item(fact), self.item(turn))

    def _link_turns(self, fresh: Sequence[IndexItem]) -> None:
        """Links turns to those before and after them in their session."""
        added: dict[str, list[tuple[int, int]]] = {}
        for item in fresh:
            if item.session_id is not None and item.sequence is not None:
                entry = (item.sequence, self._row_of[item.id])
                added.setdefault(item.session_id, []).append(entry)
        before, after = self.columns.before, self.columns.after
        for session_id, entries in added.items():
            turns = self._sessions.setdefault(session_id, [])
            if len(entries) <= len(turns) * _LINKED_ANEW:
                for entry in entries:
                    insort(turns, entry)
                    self._link_turn(turns, bisect_left(turns, entry))
                continue
            turns += entries
            turns.sort()
            chain = np.array([row for _, row in turns], np.int32)
            before[chain[1:]] = chain[:-1]
            after[chain[:-1]] = chain[1:]

    def _link_turn(self, turns: Sequence[tuple[int, int]], place: int) -> None:
        before, after = self.columns.before, self.columns.after
        row = turns[place][1]
        if place:
            earlier = turns[place - 1][1]
            before[row], after[earlier] = earlier, row
        if place + 1 < len(turns):
            later = turns[place + 1][1]
            after[row], before[later] = later, row

    def _read(self, fresh: Sequence[IndexItem]) -> None:
        """Notes what is in the texts of new items."""
        rows = [self._row_of[item.id] for item in fresh]
        timed: list[bool] = []

        def documents() -> Iterator[tuple[int, list[str]]]:
            for row, item in zip(rows, fresh, strict=True):
                spoken = words(item.text)
                timed.append(tells_time(spoken))
                yield row, [*spoken, *item.aliases]

        self.columns.length[rows] = self.lexical.add(documents())
        self.columns.timed[rows] = timed
        self.columns.naming[rows] = [tells_name(item.text) for item in fresh]
        self.columns.asking[rows] = [_asking(item.text) for item in fresh]
        self._text_bytes += sum(len(item.text) for item in fresh)

    def _describe(self, rows: Sequence[int], items: Sequence[IndexItem]) -> None:
        """Notes what may change of an item while its words and links stay."""
        columns, chosen = self.columns, list(rows)
        columns.live[chosen] = True
        columns.fact[chosen] = [item.kind is ContextKind.FACT for item in items]
        columns.own[chosen] = [item.own for item in items]
        columns.observed[chosen] = [microseconds(item.observed_at) for item in items]
        columns.until[chosen] = [
            FOREVER if item.valid_until is None else microseconds(item.valid_until)
            for item in items
        ]
        columns.listed[chosen] = [self._list_of(item) for item in items]
        columns.key[chosen] = [
            -1
            if item.attribute is None
            else self._keys.setdefault(item.attribute.key, len(self._keys))
            for item in items
        ]
        columns.speaker[chosen] = [
            self.speakers.number_of(item.speaker, item.text) for item in items
        ]

    def _list_of(self, item: IndexItem) -> int:
        if item.attribute is None or not item.listed:
            return -1
        name = (item.attribute.entity, item.attribute.key)
        return self._lists.setdefault(name, len(self._lists))

    def _unlink(self, row: int, item: IndexItem) -> None:
        """Undoes `_link_facts` and `_link_turns`."""
        columns = self.columns
        if item.kind is ContextKind.FACT:
            if item.source_turn is not None:
                facts = self._facts_from[item.source_turn]
                facts.discard(row)
                if not facts:
                    del self._facts_from[item.source_turn]
            return
        for fact in self._facts_from.get(item.id, ()):
            columns.source[fact], columns.whole[fact] = -1, False
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


def _asking(text: str) -> float:
    """Returns which part of a text is questions."""
    if "?" not in text:
        return 0.0
    sentences = _SENTENCE.findall(text)
    asked = sum(len(sentence) for sentence in sentences if sentence.endswith("?"))
    return asked / max(sum(map(len, sentences)), 1)


def _is_whole(fact: IndexItem, turn: IndexItem) -> bool:
    """Tells whether a turn says little but what proves a fact."""
    evidence = fact.attribute.evidence if fact.attribute else None
    return evidence is not None and len(evidence.quote) >= _WHOLE * len(turn.text)


def microseconds(moment: datetime) -> int:
    """Returns a moment as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def _same_place(old: IndexItem, new: IndexItem) -> bool:
    """Tells whether an item's words and links are unchanged, so that they need not be read anew."""
    return (old.kind, old.text, old.aliases, old.source_turn, old.session_id, old.sequence) == (
        new.kind,
        new.text,
        new.aliases,
        new.source_turn,
        new.session_id,
        new.sequence,
    )
