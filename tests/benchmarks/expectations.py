"""What a written case expects to be learned, in one line each.

    identity:location=bergen                 the user's location holds the word bergen
    knowledge:wants|context:goal/plan=house  any of these keys in these categories
    of Aoife identity:role=vet               of another entity, whose name holds the word
    past identity:employer=hooli             believed of the past only
    doubt identity:location=lisbon           an unknown, not a belief
    maybe context:any=job                    neither missed if absent nor false if there

The first category is the one that the figures count it under. After `=` stand alternatives between
`|`; all words of one must occur in the value, as whole words unless they end with `*`. `any` stands
for any key; without a category, for any category and any state, too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tests.benchmarks.learners import SUBJECT_TYPE, Doubt, Held
from tests.benchmarks.overlap import holds_words

ANY: Final = "any"
UNKNOWNS: Final = "unknowns"

_LINE: Final = re.compile(
    r"(?P<maybe>maybe )?(?P<state>past |doubt )?(?:of (?P<entity>\S+) )?"
    r"(?P<places>[a-z_:/|]+)=(?P<values>\S.*)"
)


class State(StrEnum):
    """In which way something is known."""

    CURRENT = "current"
    PAST = "past"
    DOUBT = "doubt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A belief or a doubt, as far as expectations look at it."""

    subject: bool
    entity: str
    state: State
    category: str
    key: str
    value: str

    def __str__(self) -> str:
        entity = "" if self.subject else f"of {self.entity} "
        state = "" if self.state is State.CURRENT else f"{self.state} "
        return f"{state}{entity}{self.category}:{self.key}={self.value}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """One memory that is to be found, or may be.

    Attributes:
        line: As it was written.
        maybe: Whether it may also be absent.
        state: In which way it is known.
        entity: Words of the entity's name, of which one must occur; empty: the user.
        keys: The right keys of each right category; empty: any.
        values: Alternatives, each of which is words that must all occur in the value.
    """

    line: str
    maybe: bool
    state: State
    entity: tuple[str, ...]
    keys: Mapping[str, frozenset[str]]
    values: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return self.line

    def in_state(self, state: State) -> "Expectation":
        """Returns the same for another state."""
        return replace(self, state=state)

    @property
    def category(self) -> str:
        """The category that it is counted under."""
        return UNKNOWNS if self.state is State.DOUBT else next(iter(self.keys))

    def value_fits(self, item: Item) -> bool:
        """Tells whether state, entity and value are right."""
        if self.maybe and not self.keys:
            return self._words_fit(item)
        return item.state is self.state and self._entity_fits(item) and self._words_fit(item)

    def category_fits(self, item: Item) -> bool:
        """Tells whether state, entity, value and category are right."""
        return self.value_fits(item) and (not self.keys or item.category in self.keys)

    def fits(self, item: Item) -> bool:
        """Tells whether all is right, the key too."""
        if not self.category_fits(item):
            return False
        keys = self.keys.get(item.category, frozenset())
        return not self.keys or item.key in keys or ANY in keys

    def _entity_fits(self, item: Item) -> bool:
        if self.entity:
            return any(holds_words(item.entity, [word]) for word in self.entity)
        # What may be there may be there of anybody.
        return item.subject or self.maybe

    def _words_fit(self, item: Item) -> bool:
        return any(words == (ANY,) or holds_words(item.value, words) for words in self.values)


def parse(line: str) -> Expectation:
    """Reads an expectation.

    Raises:
        ValueError: The line is none.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"not an expectation: {line!r}")
    return Expectation(
        line=line,
        maybe=match["maybe"] is not None,
        state=State((match["state"] or "current").strip()),
        entity=tuple((match["entity"] or "").split("|")) if match["entity"] else (),
        keys=_keys(match["places"], line),
        values=tuple(tuple(words.split()) for words in match["values"].split("|")),
    )


def items_of(attributes: Sequence[Held], doubts: Sequence[Doubt], user: str) -> list[Item]:
    """Returns what was learned of a user, beliefs of every status and doubts alike."""
    return [
        Item(
            subject=(each.entity_type, each.entity_name) == (SUBJECT_TYPE, user),
            entity=each.entity_name,
            state=State.CURRENT if each.current else State.PAST,
            category=each.category,
            key=each.key,
            value=each.value,
        )
        for each in attributes
    ] + [
        Item(
            subject=(each.entity_type, each.entity_name) == (SUBJECT_TYPE, user),
            entity=each.entity_name,
            state=State.DOUBT,
            category=each.category,
            key=each.key,
            value=each.value,
        )
        for each in doubts
    ]


def _keys(places: str, line: str) -> dict[str, frozenset[str]]:
    if places == ANY:
        return {}
    keys: dict[str, frozenset[str]] = {}
    for place in places.split("|"):
        category, colon, names = place.partition(":")
        if not (category and colon and names):
            raise ValueError(f"not a category and its keys: {place!r} in {line!r}")
        keys[category] = keys.get(category, frozenset()) | frozenset(names.split("/"))
    return keys
