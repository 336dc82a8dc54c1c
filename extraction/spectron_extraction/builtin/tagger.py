"""The tagger: a small trained head that tells which words of a turn are a value, and of which key.

Each token's states go through one hidden layer to a score for every key, and for being part of no
value. Tokens of a word are taken together, and words that follow each other and are likely part of
a value make a span. `extraction/training` holds the data and the script that trained it;
docs/extraction.md says what it reaches and what not.
"""

from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from spectron_extraction.builtin.token_states import TokenStates

WEIGHTS: Final = "tagger.npz"
NOTHING: Final = ""
"""The label of what is no part of a value; the first of the labels."""

_LIKELY: Final = 0.5


class TaggerWeightsError(Exception):
    """The weights are not what the tagger expects."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggedSpan:
    """Words that are likely a value.

    Attributes:
        start: Where they begin in the text.
        end: Where they end, exclusive.
        key: The key of which they are most likely the value.
        score: How likely they are part of a value of any key, 0-1.
    """

    start: int
    end: int
    key: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Word:
    start: int
    end: int
    probabilities: NDArray[np.float32]

    @property
    def told(self) -> float:
        return 1 - float(self.probabilities[0])


class Tagger:
    """Tells values from other words. It may be used from several threads at once."""

    def __init__(
        self,
        *,
        labels: tuple[str, ...],
        hidden: NDArray[np.float32],
        hidden_bias: NDArray[np.float32],
        output: NDArray[np.float32],
        output_bias: NDArray[np.float32],
    ) -> None:
        """Takes trained weights; `load` is how to get those of the package.

        Args:
            labels: `NOTHING`, then the keys.
            hidden: `(width, units)`.
            hidden_bias: `(units,)`.
            output: `(units, labels)`.
            output_bias: `(labels,)`.

        Raises:
            TaggerWeightsError: The shapes do not fit each other.
        """
        width, units = hidden.shape
        shapes = (hidden_bias.shape, output.shape, output_bias.shape)
        if shapes != ((units,), (units, len(labels)), (len(labels),)) or labels[:1] != (NOTHING,):
            raise TaggerWeightsError("the tagger's weights and labels do not fit each other")
        self.labels = labels
        self.width = width
        self._hidden, self._hidden_bias = hidden, hidden_bias
        self._output, self._output_bias = output, output_bias

    @classmethod
    def load(cls) -> "Tagger":
        """Returns the tagger that the package brings.

        Raises:
            TaggerWeightsError: Its file is damaged.
        """
        content = files("spectron_extraction.builtin").joinpath(WEIGHTS).read_bytes()
        try:
            with np.load(BytesIO(content), allow_pickle=False) as stored:
                return cls(
                    labels=tuple(map(str, stored["labels"])),
                    hidden=stored["hidden"].astype(np.float32),
                    hidden_bias=stored["hidden_bias"].astype(np.float32),
                    output=stored["output"].astype(np.float32),
                    output_bias=stored["output_bias"].astype(np.float32),
                )
        except (KeyError, ValueError, EOFError, BadZipFile) as error:
            raise TaggerWeightsError("the file of the tagger's weights is damaged") from error

    def probabilities(self, states: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns how likely each label is for each token.

        Args:
            states: `(tokens, width) float32`.

        Returns:
            `(tokens, labels) float32`, each row of sum 1.
        """
        units = np.maximum(states @ self._hidden + self._hidden_bias, 0)
        scores = units @ self._output + self._output_bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
        return shares

    def spans(self, text: str, read: TokenStates) -> list[TaggedSpan]:
        """Returns what is likely a value, in order.

        Args:
            text: A text.
            read: What the encoder made of it.
        """
        found: list[TaggedSpan] = []
        run: list[_Word] = []
        for word in [*self._words(text, read), None]:
            if word is not None and word.told >= _LIKELY:
                run.append(word)
            elif run:
                found.append(self._span(run))
                run = []
        return found

    def _words(self, text: str, read: TokenStates) -> list[_Word]:
        groups: list[list[int]] = []
        for index, (start, end) in enumerate(read.places):
            if start == end:
                continue
            before = read.places[index - 1][1] if groups else -1
            if before == start and text[start - 1].isalnum() and text[start].isalnum():
                groups[-1].append(index)
            else:
                groups.append([index])
        shares = self.probabilities(read.states)
        return [
            _Word(
                start=read.places[group[0]][0],
                end=read.places[group[-1]][1],
                probabilities=shares[group].mean(axis=0),
            )
            for group in groups
        ]

    def _span(self, run: list[_Word]) -> TaggedSpan:
        mean = np.mean([word.probabilities for word in run], axis=0)
        label = 1 + int(mean[1:].argmax())
        return TaggedSpan(
            start=run[0].start,
            end=run[-1].end,
            key=self.labels[label],
            score=1 - float(mean[0]),
        )
