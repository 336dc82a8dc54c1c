"""What a sentence encoder makes of each token of a text: the input of the tagger."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenStates:
    """The tokens of a text, as its encoder splits it, with the states of some of its layers.

    Attributes:
        places: Start and end of each token in the text, in code points; empty (0, 0) for the
            encoder's own marks at the beginning and the end.
        states: `(tokens, width) float32`, the layers side by side.
    """

    places: tuple[tuple[int, int], ...]
    states: NDArray[np.float32]


class TokenEncoder(Protocol):
    """Turns a text into the states of its tokens.

    It is called from several threads at once.
    """

    def token_states(self, text: str) -> TokenStates:
        """Reads a text; a long one by its beginning only."""
