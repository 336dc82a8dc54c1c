"""Which turns say what holds no more.

"I live in Berlin" stays in the record when its speaker has moved to London. The turn may still be
what a question is after, but whoever reads it has to be told that it is of its time. That is known
where a belief of that value was superseded or retracted: of the turn that the belief came from,
and of turns from before it ended that say a superseded value as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from spectron_server.domain.belief import Attribute
from spectron_server.index.items import IndexItem
from spectron_server.index.stems import STOP_WORDS, words

# A turn that says more outdated things is outdated enough.
_MAX_VALUES: Final = 3


class Outdated:
    """The beliefs of a scope that have ended, by the turns that may say them."""

    def __init__(self) -> None:
        self._by_source: dict[str, dict[str, Attribute]] = {}
        self._by_word: dict[str, dict[str, Attribute]] = {}
        self._by_value: dict[tuple[str, str], dict[str, Attribute]] = {}

    def add(self, item: IndexItem) -> None:
        """Takes note of a fact; turns are ignored."""
        for group, key in self._places(item):
            assert item.attribute is not None
            group.setdefault(key, {})[item.id] = item.attribute

    def discard(self, item: IndexItem) -> None:
        """Forgets a fact."""
        for group, key in self._places(item):
            group[key].pop(item.id, None)
            if not group[key]:
                del group[key]

    def said_in(self, turn: IndexItem, moment: datetime) -> Sequence[Attribute]:
        """Returns the beliefs that a turn states and that had ended by a moment, the oldest first.

        Args:
            turn: The turn.
            moment: When the turn is read.
        """
        if not self._by_source and not self._by_word:
            return ()
        found = dict(self._by_source.get(turn.id, {}))
        spoken = words(turn.text)
        for word in self._by_word.keys() & spoken:
            for belief_id, belief in self._by_word[word].items():
                assert belief.valid_until is not None
                if turn.observed_at < belief.valid_until and _says(spoken, words(belief.value)):
                    found[belief_id] = belief
        ended = [belief for belief in found.values() if self._ended(belief, moment)]
        ended.sort(key=lambda belief: (belief.valid_from, belief.id))
        return ended[:_MAX_VALUES]

    def _ended(self, belief: Attribute, moment: datetime) -> bool:
        """Tells whether a value held no more, and has not come back since."""
        if belief.valid_until is None or belief.valid_until > moment:
            return False
        same = self._by_value[_value(belief)].values()
        return not any(other.holds_at(moment) for other in same)

    def _places(self, item: IndexItem) -> Iterator[tuple[dict[str, dict[str, Attribute]], str]]:
        """Yields where a fact belongs: by its value always, by its words only if it has ended."""
        belief = item.attribute
        if belief is None:
            return
        yield self._by_value, _value(belief)  # type: ignore[misc]
        if belief.valid_until is None:
            return
        if item.source_turn is not None:
            yield self._by_source, item.source_turn
        word = _telling_word(belief)
        if word is not None:
            yield self._by_word, word


def _value(belief: Attribute) -> tuple[str, str]:
    return belief.key, belief.value.casefold()


def _telling_word(belief: Attribute) -> str | None:
    """Returns a word by which turns that say a superseded value are found.

    None for values that are said of much else, such as "tea" or "42": names and values of several
    words tell, and so do only those that another value replaced.
    """
    spoken = [word for word in words(belief.value) if word not in STOP_WORDS]
    named = any(letter.isupper() for letter in belief.value)
    if belief.superseded_by is None or not spoken or not (named or len(spoken) > 1):
        return None
    return max(spoken, key=len)


def _says(spoken: Sequence[str], phrase: Sequence[str]) -> bool:
    """Tells whether words hold a phrase."""
    return any(
        spoken[start : start + len(phrase)] == list(phrase) for start in _starts(spoken, phrase)
    )


def _starts(spoken: Sequence[str], phrase: Sequence[str]) -> Iterable[int]:
    return (place for place, word in enumerate(spoken) if word == phrase[0])
