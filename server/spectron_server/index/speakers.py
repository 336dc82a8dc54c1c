"""Who speaks in a scope or is known in it, and which of them a question names."""

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_extraction.protocol import Role
from spectron_server.index.stems import STOP_WORDS, words

# "Caroline: I went there", "Dr. Anna Berg: yes": up to three words before a colon.
_NAME: Final = r"[^\W\d_][\w.'\u2019-]{0,39}"
_PREFIX: Final = re.compile(rf"\s{{0,8}}({_NAME}(?: {_NAME}){{0,2}}):\s")
_ROLES: Final = frozenset(role.value for role in Role)


class Speakers:
    """Numbers those who have a name. A role is no name: nobody asks what "assistant" said."""

    def __init__(self) -> None:
        self._numbers: dict[frozenset[str], int] = {}

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
        names = frozenset(
            word for word in words(speaker or "") if len(word) > 1 and word not in STOP_WORDS
        )
        if not names:
            return -1
        return self._numbers.setdefault(names, len(self._numbers))

    def named_in(self, question: str) -> NDArray[np.bool_]:
        """Tells who is named in a question, by at least one of their names.

        Returns:
            A flag for each number and a last one, which is never set, for the number -1:
            `(n + 1,) bool`.
        """
        named = np.zeros(len(self._numbers) + 1, np.bool_)
        asked = set(words(question))
        for names, number in self._numbers.items():
            named[number] = not asked.isdisjoint(names)
        return named
