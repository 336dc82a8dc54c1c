"""Turning texts into vectors.

`MiniLmEmbedder` runs all-MiniLM-L6-v2 on the processor; whoever wants another model gives another
`Embedder`. The name of the embedder is stored beside the vectors, since vectors of two models
cannot be compared.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from spectron_extraction.builtin.token_states import TokenStates
from spectron_server.index.batching import BatchingQueue
from spectron_server.index.graph_cache import (
    load_graph,
    new_session,
    run_for_states,
    run_session,
)
from spectron_server.index.minilm import DIMENSION, MAX_TOKENS, Quantisation
from spectron_server.index.weights import MODEL_NAME, Weights, locate_weights

CACHE_ENTRIES: Final = 4096


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """The model, such as `all-MiniLM-L6-v2`: vectors of another cannot be compared."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeds texts.

        Args:
            texts: Any number of texts; a long one counts by its beginning only.

        Returns:
            Their vectors in order, `(n, dimension) float32`, unit norm. A vector depends on its
            own text only.
        """


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 on the processor; texts count by their first 256 tokens.

    Belongs to one event loop, but for `token_states`. Close it with `aclose`.
    """

    def __init__(
        self,
        *,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        quantisation: Quantisation,
        threads: int,
    ) -> None:
        """Wraps a model; `load` is how to get one.

        Args:
            session: The model.
            tokenizer: Its tokenizer, which truncates and does not pad.
            quantisation: How the model's weights are stored.
            threads: How many texts or batches run at once, at least 1.
        """
        self._session = session
        self._tokenizer = tokenizer
        self.quantisation = quantisation
        self._recent: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        # Token states are read on other threads than the loop's.
        self._recalling = threading.Lock()
        self.queue = BatchingQueue(self._run, dimension=DIMENSION, threads=threads)

    @classmethod
    def load(
        cls, cache_directory: Path, *, threads: int, weights: Weights | None = None
    ) -> "MiniLmEmbedder":
        """Loads the model; the first time it is built, which takes a few seconds.

        Args:
            cache_directory: Where the built model is kept; made if missing.
            threads: How many texts or batches run at once, at least 1.
            weights: The files of the model; None: those of the installed package.

        Returns:
            The embedder.

        Raises:
            WeightsError: The weights are missing or not the official ones.
            OSError: The cache cannot be read or written.
        """
        if weights is None:
            weights = locate_weights()
        tokenizer = Tokenizer.from_str(weights.read_tokenizer())
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        graph = load_graph(weights, cache_directory)
        return cls(
            session=new_session(graph.content),
            tokenizer=tokenizer,
            quantisation=graph.quantisation,
            threads=threads,
        )

    @property
    def name(self) -> str:
        """The model. How its weights are rounded depends on the processor, and is no matter."""
        return MODEL_NAME

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return DIMENSION

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeds texts, those embedded recently from memory.

        Args:
            texts: Any number of texts.

        Returns:
            Their vectors in order, `(n, 384) float32`, unit norm.

        Raises:
            EmbedderClosedError: The embedder is or was closed.
        """
        keys = [_key(text) for text in texts]
        vectors = {key: self._recall(key) for key in keys}
        unknown = {key: text for key, text in zip(keys, texts, strict=True) if vectors[key] is None}
        if unknown:
            found = await self.queue.embed(list(unknown.values()))
            for key, vector in zip(unknown, found, strict=True):
                vectors[key] = vector
                self._remember(key, vector)
        rows = [vectors[key] for key in keys]
        result = np.empty((len(rows), DIMENSION), np.float32)
        for row, vector in enumerate(rows):
            result[row] = vector
        return result

    def token_states(self, text: str) -> TokenStates:
        """Reads a text for the tagger, on the thread that calls.

        The pass gives the text's vector as well, which is kept for whoever embeds it next.

        Args:
            text: A text; a long one counts by its first 256 tokens.

        Returns:
            Its tokens with the states of the middle layers, 768 numbers each.
        """
        encoding = self._tokenizer.encode(text)
        vector, states = run_for_states(self._session, encoding.ids)
        self._remember(_key(text), vector)
        return TokenStates(places=tuple(encoding.offsets), states=states)

    async def aclose(self) -> None:
        """Ends the threads. Calls that still wait fail with `EmbedderClosedError`."""
        await self.queue.close()

    def _run(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return run_session(self._session, [self._tokenizer.encode(text).ids for text in texts])

    def _recall(self, key: bytes) -> NDArray[np.float32] | None:
        with self._recalling:
            vector = self._recent.get(key)
            if vector is not None:
                self._recent.move_to_end(key)
            return vector

    def _remember(self, key: bytes, vector: NDArray[np.float32]) -> None:
        # A copy, since a row keeps the whole array that it is part of in memory.
        with self._recalling:
            self._recent[key] = vector.copy()
            self._recent.move_to_end(key)
            if len(self._recent) > CACHE_ENTRIES:
                self._recent.popitem(last=False)


def _key(text: str) -> bytes:
    """Returns what stands for a text in memory, which does not grow with it."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
