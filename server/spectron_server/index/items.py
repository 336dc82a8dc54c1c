"""The items of a scope, by row: what is shown of them.

Turns are many, and few of them are ever shown. So what they are lies in lists and arrays by row,
and an item is made of it when somebody asks for it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from spectron_server.domain.belief import Attribute, require_aware
from spectron_server.domain.context_text import ContextKind
from spectron_server.index.columns import Columns

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# About what the id, the text and the places of a turn take besides the text itself, and what the
# objects of a fact do: measured with tracemalloc over many.
_BYTES_PER_ROW: Final = 220
_BYTES_PER_FACT: Final = 1_100


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """Who says turns: see the attributes of the same name of `IndexItem`."""

    speaker: str | None
    role: str | None
    own: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ManyTurns:
    """Turns by column, each of the same length.

    Attributes:
        ids: Their ids.
        texts: What was said.
        sessions: The session of each.
        sequences: The place of each in its session.
        voices: Who said each.
        observed_us: When it was said, in microseconds since 1970.
    """

    ids: Sequence[str]
    texts: Sequence[str]
    sessions: Sequence[str]
    sequences: Sequence[int]
    voices: Sequence[Voice]
    observed_us: Sequence[int]


class Items:
    """Items by row."""

    def __init__(self, columns: Columns) -> None:
        """Makes a place for items.

        Args:
            columns: Where it is known when a turn was said, and its place in its session.
        """
        self._columns = columns
        self._row_of: dict[str, int] = {}
        self._free: list[int] = []
        self._ids: list[str] = []
        self._texts: list[str] = []
        self._sessions: list[str | None] = []
        self._voices: list[Voice | None] = []
        self._facts: dict[int, IndexItem] = {}
        self._known_voices: dict[Voice, Voice] = {}
        self._text_bytes = 0

    def __len__(self) -> int:
        return len(self._row_of)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._row_of

    @property
    def rows(self) -> int:
        """One more than the largest row in use."""
        return len(self._ids)

    @property
    def nbytes(self) -> int:
        """About how much memory they take."""
        fixed = _BYTES_PER_ROW * len(self._ids) + _BYTES_PER_FACT * len(self._facts)
        return fixed + self._text_bytes

    def row_of(self, item_id: str) -> int | None:
        """Returns the row of an item; None if it is not there."""
        return self._row_of.get(item_id)

    def text(self, row: int) -> str:
        """Returns the text of the item in a row."""
        return self._texts[row]

    def fact(self, row: int) -> IndexItem | None:
        """Returns the fact in a row, or None if there is none."""
        return self._facts.get(row)

    def get(self, row: int) -> IndexItem:
        """Returns the item in a row.

        Raises:
            KeyError: There is none.
        """
        item_id = self._ids[row]
        if not item_id:
            raise KeyError(row)
        voice = self._voices[row]
        if voice is None:
            return self._facts[row]
        sequence = int(self._columns.sequence[row])
        return IndexItem(
            id=item_id,
            kind=ContextKind.TURN,
            text=self._texts[row],
            source_turn=item_id,
            session_id=self._sessions[row],
            sequence=None if sequence < 0 else sequence,
            speaker=voice.speaker,
            role=voice.role,
            observed_at=_EPOCH + int(self._columns.observed[row]) * _MICROSECOND,
            valid_until=None,
            own=voice.own,
        )

    def put(self, item: IndexItem) -> int:
        """Puts an item in the row of the one of the same id, or in one that is free.

        Returns:
            The row. What the columns hold of it is for the caller to write.
        """
        row = self._row_of.get(item.id)
        if row is None:
            row = self._row_of[item.id] = self._new_row()
        self._text_bytes += sys.getsizeof(item.text) - sys.getsizeof(self._texts[row])
        self._ids[row] = item.id
        self._texts[row] = item.text
        if item.kind is ContextKind.FACT:
            self._facts[row] = item
        else:
            voice = Voice(speaker=item.speaker, role=item.role, own=item.own)
            self._sessions[row] = item.session_id and sys.intern(item.session_id)
            self._voices[row] = self._known_voices.setdefault(voice, voice)
        return row

    def put_turns(self, turns: ManyTurns) -> range:
        """Puts turns that are not there yet behind all others.

        Returns:
            Their rows. What the columns hold of them is for the caller to write.
        """
        rows = range(len(self._ids), len(self._ids) + len(turns.ids))
        self._row_of.update(zip(turns.ids, rows, strict=True))
        self._ids += turns.ids
        self._texts += turns.texts
        self._sessions += map(sys.intern, turns.sessions)
        self._voices += turns.voices
        self._text_bytes += sum(map(sys.getsizeof, turns.texts))
        return rows

    def remove(self, item_id: str) -> None:
        """Takes out an item that is there; its row may be used again."""
        row = self._row_of.pop(item_id)
        self._text_bytes -= sys.getsizeof(self._texts[row])
        self._text_bytes += sys.getsizeof("")
        self._ids[row] = self._texts[row] = ""
        self._sessions[row] = self._voices[row] = None
        self._facts.pop(row, None)
        self._free.append(row)

    def _new_row(self) -> int:
        if self._free:
            return self._free.pop()
        self._ids.append("")
        self._texts.append("")
        self._text_bytes += sys.getsizeof("")
        self._sessions.append(None)
        self._voices.append(None)
        return len(self._ids) - 1


def microseconds(moment: datetime) -> int:
    """Returns a moment as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND
