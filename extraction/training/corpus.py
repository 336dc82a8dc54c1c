"""Makes utterances to train on, out of templates and what fills them.

    facts.txt    sentences that tell something: words in {braces} are filled from slots.txt, and
                 <key:...> marks a value
    silent.txt   sentences of which nothing is to be learned
    asides.txt   what people say beside what they tell
    slots.txt    what fills the templates

Contractions, lost apostrophes, slips of the finger and marks are varied at random. All is written
for this project; no sentence is taken from a public data set or from `tests/data`.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent

_SLOT: Final = re.compile(r"\{(\w+)\}")
_MARKED: Final = re.compile(r"<(\w+):([^<>]*)>")
_CONTRACTIONS: Final = (
    ("i am ", "i'm "),
    ("i have been", "i've been"),
    ("do not ", "don't "),
    ("it is ", "it's "),
    ("that is ", "that's "),
    ("can not ", "can't "),
    ("i will ", "i'll "),
    ("we are ", "we're "),
    ("name is ", "name's "),
    ("i would ", "i'd "),
    ("they are ", "they're "),
)
_BETWEEN: Final = (". ", ". ", " . ", "! ", " ! ", ", ", " ", "... ")
_AT_THE_END: Final = ("", "", ".", " .", "!", " !")


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """An utterance, and the values in it: start, end and key of each."""

    text: str
    values: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Templates:
    """What utterances are made of."""

    facts: Sequence[str]
    silent: Sequence[str]
    asides: Sequence[str]
    slots: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls) -> "Templates":
        """Reads the files beside this one."""
        slots = {}
        for line in _lines("slots.txt"):
            name, _, fillers = line.partition(": ")
            slots[name] = fillers.split(" | ")
        return cls(
            facts=_lines("facts.txt"),
            silent=_lines("silent.txt"),
            asides=_lines("asides.txt"),
            slots=slots,
        )

    def halves(self, share: float, seed: int) -> tuple["Templates", "Templates"]:
        """Parts the templates and most of what fills them in two, to test what is learned.

        Args:
            share: How much of it the first part gets.
            seed: Decides which.
        """
        chance = random.Random(seed)

        def parted(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
            mixed = chance.sample(lines, len(lines))
            cut = round(share * len(mixed))
            return mixed[:cut], mixed[cut:]

        facts, silent = parted(self.facts), parted(self.silent)
        # Fillers of few kinds stay whole: there is nothing new to recognise in them.
        slots = {
            name: parted(fillers) if len(fillers) > 20 else (fillers, fillers)
            for name, fillers in self.slots.items()
        }
        first, second = (
            Templates(
                facts=facts[part],
                silent=silent[part],
                asides=self.asides,
                slots={name: fillers[part] for name, fillers in slots.items()},
            )
            for part in (0, 1)
        )
        return first, second


def utterances(templates: Templates, *, each: int, seed: int) -> Iterator[Example]:
    """Yields utterances: each template with other words, and often with others beside it.

    Args:
        templates: What to make them of.
        each: How many to make around each template.
        seed: The same seed gives the same utterances.
    """
    chance = random.Random(seed)
    for told in templates.facts:
        for _ in range(each):
            parts = [told]
            _surround(parts, templates.asides, 0.35, chance)
            if chance.random() < 0.2:
                parts.append(chance.choice(templates.facts))
            if chance.random() < 0.15:
                parts.insert(chance.choice((0, len(parts))), chance.choice(templates.silent))
            yield _utterance(parts, templates.slots, chance)
    for told in templates.silent:
        for _ in range(each):
            parts = [told]
            _surround(parts, templates.asides, 0.3, chance)
            if chance.random() < 0.25:
                parts.append(chance.choice(templates.silent))
            yield _utterance(parts, templates.slots, chance)


def _surround(
    parts: list[str], asides: Sequence[str], likelihood: float, chance: random.Random
) -> None:
    if chance.random() < likelihood:
        parts.insert(0, chance.choice(asides))
    if chance.random() < likelihood:
        parts.append(chance.choice(asides))


def _utterance(
    parts: Sequence[str], slots: Mapping[str, Sequence[str]], chance: random.Random
) -> Example:
    text = ""
    for part in parts:
        if text:
            text += " " if text.endswith(("?", "!")) else chance.choice(_BETWEEN)
        text += _voiced(_filled(part, slots, chance), chance)
    return _parsed(text + chance.choice(_AT_THE_END))


def _filled(template: str, slots: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    while "{" in template:
        template = _SLOT.sub(lambda slot: chance.choice(slots[slot[1]]), template)
    return template


def _voiced(text: str, chance: random.Random) -> str:
    """Returns a sentence as one or another would type it."""
    manner = chance.random()
    if manner < 0.45:
        for long, short in _CONTRACTIONS:
            if chance.random() < 0.8:
                text = text.replace(long, short)
        if chance.random() < 0.3:
            text = text.replace("'", chance.choice(("", " ")))
    elif manner < 0.75:
        text = text.replace("can't", "can not").replace("don't", "do not")
    return _slipped(text, chance) if chance.random() < 0.06 else text


def _slipped(text: str, chance: random.Random) -> str:
    """Leaves a letter out, or swaps two, but not within the name of a key."""
    marks = [range(*mark.span(1)) for mark in _MARKED.finditer(text)]
    places = [
        place
        for place in range(1, len(text) - 1)
        if text[place - 1 : place + 2].isalpha() and not any(place in mark for mark in marks)
    ]
    if not places:
        return text
    place = chance.choice(places)
    if chance.random() < 0.5:
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _parsed(marked: str) -> Example:
    """Takes the marks out of an utterance, and notes the places of the values."""
    text, last = "", 0
    values = []
    for mark in _MARKED.finditer(marked):
        text += marked[last : mark.start()]
        values.append((len(text), len(text) + len(mark[2]), mark[1]))
        text += mark[2]
        last = mark.end()
    return Example(text=text + marked[last:], values=tuple(values))


def _lines(name: str) -> list[str]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
