"""Everything that can be found in one scope, by its words, its meaning and its time.

Each item has a row. What is known of items lies in arrays by row, so that a search is a handful
of array operations whatever the number of items. Turns know their place in their session, and facts
the turns that they came from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spectron_extraction.protocol import EntityRef, Role
from spectron_server.domain.context_text import ContextKind
from spectron_server.index.columns import FOREVER, Columns
from spectron_server.index.idle import idle_part
from spectron_server.index.items import IndexItem, Items, ManyTurns, microseconds
from spectron_server.index.lexical import LexicalIndex
from spectron_server.index.links import Links
from spectron_server.index.minilm import DIMENSION
from spectron_server.index.outdated import Outdated
from spectron_server.index.passages import Passages
from spectron_server.index.quotations import Quotations
from spectron_server.index.speakers import Speakers, tells_name
from spectron_server.index.spoken import spoken_in
from spectron_server.index.stems import words
from spectron_server.index.times import TIME_WORDS, tells_time
from spectron_server.index.vectors import VectorIndex

# About what the parts of an empty index take besides their arrays.
_BYTES_PER_INDEX: Final = 4_000
# The roles of those who answer and work for the user.
_SERVING: Final = frozenset({Role.ASSISTANT.value, Role.TOOL.value})


class ScopeIndex:
    """The items of one scope. Not safe for threads: change and search it on one.

    Attributes:
        columns: What is known of the items, by row.
        vectors: Their vectors, by row.
        lexical: Their words, by row.
        passages: Their words together with those around them, and what is around them.
        speakers: Who is named in a question.
        outdated: Which turns say what holds no more.
        quotations: What is quoted of turns that were found before.
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
        self.quotations = Quotations()
        self._items = Items(self.columns)
        self._links = Links(self.columns, self._items)
        self._sessions: dict[str, int] = {}
        self._lists: dict[tuple[EntityRef, str], int] = {}
        self._keys: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._items

    @property
    def rows(self) -> int:
        """One more than the largest row in use."""
        return self._items.rows

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        parts = (
            self.vectors,
            self.lexical,
            self.columns,
            self.passages,
            self.quotations,
            self._items,
        )
        return _BYTES_PER_INDEX + sum(part.nbytes for part in parts)

    def item(self, row: int) -> IndexItem:
        """Returns the item in a row.

        Raises:
            KeyError: There is none.
        """
        return self._items.get(row)

    def row_of(self, item_id: str) -> int | None:
        """Returns the row of an item; None if it is not there."""
        return self._items.row_of(item_id)

    def add_turns(self, turns: ManyTurns) -> None:
        """Adds turns that are not there yet: what `upsert` does, in a fifth of the time.

        Their vectors come with `embed`.
        """
        if not turns.ids:
            return
        rows = self._items.put_turns(turns)
        self.columns.grow(self.rows)
        columns, at = self.columns, slice(rows.start, rows.stop)
        columns.live[at] = True
        columns.session[at] = [self._session(session_id) for session_id in turns.sessions]
        columns.sequence[at] = turns.sequences
        columns.observed[at] = turns.observed_us
        columns.own[at] = [voice.own for voice in turns.voices]
        columns.served[at] = [voice.role in _SERVING for voice in turns.voices]
        columns.naming[at] = [tells_name(text) for text in turns.texts]
        columns.idle[at] = [idle_part(text) for text in turns.texts]
        columns.speaker[at] = [
            self.speakers.number_of(voice.speaker, text)
            for voice, text in zip(turns.voices, turns.texts, strict=True)
        ]
        spoken = spoken_in(turns.texts)
        columns.length[at] = self.lexical.add_many(rows.start, len(rows), spoken)
        columns.timed[rows.start + spoken.texts_with(TIME_WORDS)] = True
        self._links.add_turns(zip(turns.ids, rows, strict=True))
        self.passages.forget()

    def embed(self, ids: Sequence[str], vectors: NDArray[np.floating[Any]]) -> None:
        """Gives items their vectors; ids that are not there are passed over.

        Args:
            ids: The ids of items.
            vectors: One for each, `(n, 384)`, unit norm.
        """
        rows = [self._items.row_of(item_id) for item_id in ids]
        if None in rows:
            vectors = vectors[[row is not None for row in rows]]
        known = [row for row in rows if row is not None]
        if known:
            # At once, since a large array takes longer to copy than all else.
            self.vectors.grow(self.rows)
            self.vectors.upsert(known, vectors)

    def last_turns_without_vectors(self, most: int) -> list[IndexItem]:
        """Returns the turns without a vector that were added last, at most so many."""
        columns, rows = self.columns, self.rows
        turns = columns.live[:rows] & ~columns.fact[:rows] & ~self.vectors.present(rows)
        return [self.item(row) for row in np.flatnonzero(turns)[-most:].tolist()]

    def upsert(
        self, items: Sequence[IndexItem], embeddings: Mapping[str, NDArray[np.float32]]
    ) -> None:
        """Adds items, in place of those of the same id.

        Args:
            items: What to add; of those with the same id, the last counts.
            embeddings: The vectors of their texts by id, `(384,) float32`, unit norm. An item whose
                vector is not known yet is found by its words only.
        """
        items = list({item.id: item for item in items}.values())
        self.quotations.forget(item.id for item in items)
        for item in items:
            row = self.row_of(item.id)
            if row is not None and not _same_place(self.item(row), item):
                self.remove([item.id])
        new = {item.id for item in items if item.id not in self._items}
        rows = [self._place(item) for item in items]
        self.columns.grow(self.rows)
        self._describe(rows, items)
        fresh = [(row, item) for row, item in zip(rows, items, strict=True) if item.id in new]
        self._link(fresh)
        self._read(fresh)
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
            row = self.row_of(item_id)
            if row is not None:
                item = self.item(row)
                self._unlink(row, item)
                self._items.remove(item_id)
                self.vectors.remove([row])
                self.lexical.remove(row, [*words(item.text), *item.aliases])
                self.outdated.discard(item)
                self.quotations.forget([item_id])
                self.columns.clear(row)
                self.passages.forget()

    def named_in(self, question: str, *, speaking: bool = False) -> dict[int, frozenset[str]]:
        """Tells who is named in a question and has said something, or is known.

        Args:
            question: The question.
            speaking: Only who has said something: a dog that is spoken of never says "I".

        Returns:
            The numbers of those named, each with the words of their name in lower case.
        """
        named = self.speakers.named_in(question)
        if not named:
            return named
        rows = slice(self.rows)
        speakers = self.columns.speaker[rows]
        if speaking:
            speakers = speakers[~self.columns.fact[rows]]
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

    def last_session(self, found: NDArray[np.bool_], before: int) -> tuple[int, int] | None:
        """Returns which session came last of those that had ended by a moment.

        Args:
            found: The turns that count, `(rows,) bool`.
            before: The moment, in microseconds since 1970.

        Returns:
            When its last turn was said, in microseconds since 1970, and the number that its turns
            have in `columns.session`; None if there is none.
        """
        session = self.columns.session[: self.rows]
        turns = np.flatnonzero(found & (session >= 0))
        ends = np.full(len(self._sessions), -1, np.int64)
        np.maximum.at(ends, session[turns], self.columns.observed[turns])
        ends[ends >= before] = -1
        if not len(ends) or (number := int(ends.argmax())) < 0 or ends[number] < 0:
            return None
        return int(ends[number]), number

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
        row = self.row_of(item.id)
        if row is not None:
            self.outdated.discard(self.item(row))
        row = self._items.put(item)
        self.outdated.add(item)
        return row

    def _describe(self, rows: Sequence[int], items: Sequence[IndexItem]) -> None:
        """Notes what may change of an item while its words and links stay."""
        columns, chosen = self.columns, list(rows)
        columns.live[chosen] = True
        columns.fact[chosen] = [item.kind is ContextKind.FACT for item in items]
        columns.own[chosen] = [item.own for item in items]
        columns.served[chosen] = [item.role in _SERVING for item in items]
        columns.observed[chosen] = [microseconds(item.observed_at) for item in items]
        columns.until[chosen] = [
            FOREVER if item.valid_until is None else microseconds(item.valid_until)
            for item in items
        ]
        columns.session[chosen] = [
            -1
            if item.session_id is None or item.sequence is None
            else self._session(item.session_id)
            for item in items
        ]
        columns.sequence[chosen] = [
            -1 if item.sequence is None else item.sequence for item in items
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

    def _link(self, fresh: Sequence[tuple[int, IndexItem]]) -> None:
        """Links facts to their turns, whichever came first."""
        for row, item in fresh:
            if item.kind is ContextKind.FACT and item.source_turn is not None:
                self._links.add_fact(row, item.source_turn)
        self._links.add_turns(
            (item.id, row) for row, item in fresh if item.kind is ContextKind.TURN
        )

    def _unlink(self, row: int, item: IndexItem) -> None:
        """Undoes `_link`."""
        if item.kind is ContextKind.TURN:
            self._links.remove_turn(item.id)
        elif item.source_turn is not None:
            self._links.remove_fact(row, item.source_turn)

    def _read(self, fresh: Sequence[tuple[int, IndexItem]]) -> None:
        """Notes what is in the texts of new items."""
        rows = [row for row, _ in fresh]
        timed: list[bool] = []

        def documents() -> Iterator[tuple[int, list[str]]]:
            for row, item in fresh:
                spoken = words(item.text)
                timed.append(tells_time(spoken))
                yield row, [*spoken, *item.aliases]

        self.columns.length[rows] = self.lexical.add(documents())
        self.columns.timed[rows] = timed
        self.columns.naming[rows] = [tells_name(item.text) for _, item in fresh]
        self.columns.idle[rows] = [idle_part(item.text) for _, item in fresh]

    def _session(self, session_id: str) -> int:
        return self._sessions.setdefault(session_id, len(self._sessions))

    def _list_of(self, item: IndexItem) -> int:
        if item.attribute is None or not item.listed:
            return -1
        name = (item.attribute.entity, item.attribute.key)
        return self._lists.setdefault(name, len(self._lists))


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
