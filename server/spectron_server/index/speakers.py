"""Who speaks in a scope or is known in it, and which of them a question means.

People speak of themselves as "I". So what answers "Where did Caroline move?" says "I moved", and a
question is nearer to its answer when it is asked in Caroline's own words: "Where did I move?".
"""

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_extraction.protocol import Role
from spectron_server.index.stems import STOP_WORDS, words

# "Caroline: I went there", "Dr. Anna Berg: yes": up to three words before a colon.
_NAME: Final = r"[^\W\d_][\w.'\u2019-]{0,39}"
_PREFIX: Final = re.compile(rf"\s{{0,8}}({_NAME}(?: {_NAME}){{0,2}}):\s")
_ROLES: Final = frozenset(role.value for role in Role)
_WORD: Final = re.compile(r"[^\W_]+")
_POSSESSIVE: Final = re.compile(r"['\u2019]s\b")

# A capital within a sentence, perhaps behind a quotation mark: "by Jane Austen", "called 'Emma'".
_NAME_WITHIN: Final = re.compile(
    r"(?<=[a-z\u00df-\u00ff,] )['\"\u2018\u201c]?[A-Z\u00c0-\u00de][a-z\u00df-\u00ff]{2}"
)


class Speakers:
    """Numbers those who have a name. A role is no name: nobody asks what "assistant" said."""

    def __init__(self) -> None:
        self._numbers: dict[frozenset[str], int] = {}
        self._known: dict[str, int] = {}
        self._names: set[str] = set()

    def number_of(self, speaker: str | None, text: str) -> int:
        """Returns the number of who said a text or whom it is about; -1 if they have no name.

        Args:
            speaker: A role, or a name. A role is passed over for a name that the text begins with,
                as in "Caroline: I went there".
            text: The text.
        """
        if speaker is None or speaker in _ROLES:
            prefix = _PREFIX.match(text)
            speaker = prefix[1] if prefix and prefix[1][0].isupper() else None
        if speaker is None:
            return -1
        number = self._known.get(speaker)
        if number is None:
            number = self._known[speaker] = self._new(speaker)
        return number

    def named_in(self, question: str) -> dict[int, frozenset[str]]:
        """Tells who is named in a question, by at least one of their names.

        Returns:
            The numbers of those named, each with the words of their name in lower case.
        """
        asked = self._names.intersection(words(question))
        if not asked:
            return {}
        return {
            number: names for names, number in self._numbers.items() if not asked.isdisjoint(names)
        }

    def flags(self, numbers: Iterable[int]) -> NDArray[np.bool_]:
        """Returns a flag for each number, and a last one, never set, for the number -1.

        Args:
            numbers: Those to set.
        """
        flags = np.zeros(len(self._numbers) + 1, np.bool_)
        flags[list(numbers)] = True
        return flags

    def _new(self, speaker: str) -> int:
        names = frozenset(
            word for word in words(speaker) if len(word) > 1 and word not in STOP_WORDS
        )
        if not names:
            return -1
        self._names |= names
        return self._numbers.setdefault(names, len(self._numbers))


def tells_name(text: str) -> bool:
    """Tells whether a text holds a name, as far as a capital within a sentence shows it.

    Args:
        text: The text; the name of its speaker, before a colon, does not count.
    """
    prefix = _PREFIX.match(text)
    return _NAME_WITHIN.search(text, prefix.end() if prefix else 0) is not None


def in_first_person(question: str, names: Iterable[str]) -> str:
    """Returns a question as those whom it names would ask it: "Anna Berg's dog" as "my dog".

    Args:
        question: The question.
        names: The words of their names, in lower case.
    """
    known = frozenset(names)
    parts: list[str] = []
    end = 0
    for match in _WORD.finditer(question):
        if match.start() < end or match[0].lower() not in known:
            continue
        between = question[end : match.start()]
        # A family name behind a first name names nobody else.
        if not (parts and between.isspace() and parts[-1] in {"I", "my"}):
            parts += [between, "I"]
        end = match.end()
        possessive = _POSSESSIVE.match(question, end)
        if possessive:
            parts[-1] = "my"
            end = possessive.end()
    return "".join([*parts, question[end:]])
