"""What a question is about: which keys answer it, and in which words people speak of it.

"Which books do I love?" is answered by "I couldn't put that novel down", which shares no word with
it. `topics.toml` names what people ask about and how they speak of it. A topic is searched like one
more word of the question, which every word of the topic is a form of: so a topic of which people
speak all the time tells as little as a common word does. English only, as stop words and times.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final, Self

import numpy as np
import Stemmer

from spectron_server.index.lexical import LexicalIndex
from spectron_server.index.passages import Occurrences
from spectron_server.index.stems import stems_of, words

# What is about more than this is about nothing in particular.
_MAX_TOPICS: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """Something that people ask about.

    Attributes:
        name: What it is called; no stem, so that it can stand among stems.
        asked: The stems that name it in a question: all of one of these sets.
        keys: The keys of facts that answer such a question.
        stems: Those of the words in which people speak of it.
        names: Whether answers hold names.
    """

    name: str
    asked: frozenset[frozenset[str]]
    keys: frozenset[str]
    stems: tuple[str, ...]
    names: bool

    def occurrences(self, index: LexicalIndex) -> Occurrences:
        """Tells which documents speak of it.

        Returns:
            Their rows, each once, and how many words of it each holds: `(n,) int32`,
            `(n,) float32`.
        """
        held = [index.occurrences(stem) for stem in self.stems]
        counts = np.bincount(
            np.concatenate([rows for rows, _ in held]),
            weights=np.concatenate([counts for _, counts in held]),
        )
        rows = np.flatnonzero(counts)
        return rows.astype(np.int32), counts[rows].astype(np.float32)


class Topics:
    """The topics that are known. Immutable; load them once."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topics = tuple(topics)
        # Each set of stems stands under one of them: few need be compared with a question.
        self._asked: dict[str, list[tuple[frozenset[str], int]]] = {}
        for number, topic in enumerate(self._topics):
            for stems in topic.asked:
                self._asked.setdefault(min(stems), []).append((stems, number))

    @classmethod
    def load(cls) -> Self:
        """Reads the topics that the package ships."""
        text = resources.files("spectron_server.index").joinpath("topics.toml").read_text("utf-8")
        return cls(
            Topic(
                name=f"[{name}]",
                asked=frozenset(_all_stems(phrase) for phrase in entry["asked"]),
                keys=frozenset(entry["keys"]),
                stems=tuple(dict.fromkeys(stems_of(words(" ".join(entry["words"]))))),
                names=entry.get("names", False),
            )
            for name, entry in tomllib.loads(text).items()
        )

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._topics)

    def of(self, question: str) -> Sequence[Topic]:
        """Returns the topics that a question names, as many as one may be about."""
        stems = _all_stems(question)
        named = {
            number
            for stem in stems
            for asked, number in self._asked.get(stem, ())
            if asked <= stems
        }
        return [self._topics[number] for number in sorted(named)[:_MAX_TOPICS]]


def _all_stems(text: str) -> frozenset[str]:
    # "Where" and "do" tell what is asked, though they are stop words elsewhere.
    return frozenset(Stemmer.Stemmer("english", 0).stemWords(words(text)))
