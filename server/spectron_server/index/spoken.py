"""The words of many texts at once, as numbers: for thousands of texts, rather than one of them.

`stems.words` makes a list of words for each text, and every word of it is looked up by itself. Here
texts are split together, each distinct word gets a number, and the rest is work on arrays.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Between texts there is a word that none of them can hold: it is taken out of them before.
_END: Final = "\0"
_BETWEEN: Final = f" {_END} "
_WORD: Final = re.compile(rf"[^\W_]+|{_END}")
_ASCII: Final = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() or chr(code) == _END else ord(" ")
    for code in range(128)
) + bytes(128)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """The words of texts.

    Attributes:
        words: Every word that occurs, once, in lower case.
        numbers: The place in `words` of each word as it occurs, `(n,) int32`.
        texts: Which text it occurs in, `(n,) int32`; the occurrences of a text lie together.
    """

    words: Sequence[str]
    numbers: NDArray[np.int32]
    texts: NDArray[np.int32]

    def texts_with(self, wanted: Collection[str]) -> NDArray[np.int32]:
        """Returns which texts hold a word of some, each as often as they do."""
        flags = np.fromiter((word in wanted for word in self.words), np.bool_, len(self.words))
        return self.texts[flags[self.numbers]]


def spoken_in(texts: Sequence[str]) -> Spoken:
    """Reads texts.

    Args:
        texts: Any number of texts.

    Returns:
        Their words, the same that `stems.words` finds in each.
    """
    numbers = _Numbers()
    plain = [place for place, text in enumerate(texts) if text.isascii()]
    other = [place for place, text in enumerate(texts) if not text.isascii()]
    parts = [
        _occurrences(numbers, plain, _split_ascii(_joined(texts, plain))),
        _occurrences(numbers, other, _WORD.findall(_joined(texts, other).lower())),
    ]
    return Spoken(
        words=numbers.words,
        numbers=np.concatenate([part[0] for part in parts]),
        texts=np.concatenate([part[1] for part in parts]),
    )


class _Numbers(dict["str | bytes", int]):
    """Numbers words as they are asked for: from 0, and -1 for the end of a text."""

    def __init__(self) -> None:
        super().__init__({_END: -1, _END.encode(): -1})
        self.words: list[str] = []

    def __missing__(self, word: str | bytes) -> int:
        if isinstance(word, bytes):
            number = self[word.decode()]
        else:
            number = len(self.words)
            self.words.append(word)
        self[word] = number
        return number


def _joined(texts: Sequence[str], places: Iterable[int]) -> str:
    chosen = [texts[place] for place in places]
    joined = _BETWEEN.join(chosen)
    if chosen and joined.count(_END) != len(chosen) - 1:
        joined = _BETWEEN.join(text.replace(_END, " ") for text in chosen)
    return joined


def _split_ascii(text: str) -> list[bytes]:
    return text.encode().translate(_ASCII).split()


def _occurrences(
    numbers: _Numbers, places: Sequence[int], words: Sequence[str | bytes]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Returns the number of each word, and the place of the text that it is in."""
    found = np.fromiter(map(numbers.__getitem__, words), np.int32, len(words))
    ends = found < 0
    inside = ~ends
    return found[inside], np.array(places, np.int32)[np.cumsum(ends, dtype=np.int32)[inside]]
