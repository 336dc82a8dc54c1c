"""An embedder whose calls are timed and traced."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spectron_server.index.embedder import Embedder
from spectron_server.telemetry.telemetry import Telemetry


class WatchedEmbedder:
    """Passes everything on to another embedder, and tells how long it took."""

    def __init__(self, embedder: Embedder, telemetry: Telemetry) -> None:
        self._embedder = embedder
        self._traces = telemetry.traces
        self._seconds = telemetry.metrics.embedding_seconds

    @property
    def name(self) -> str:
        """The other's name."""
        return self._embedder.name

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._embedder.dimension

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeds texts; see `Embedder.embed`.

        Args:
            texts: Any number of texts.

        Returns:
            Their vectors in order, `(n, dimension) float32`, unit norm.
        """
        started = time.monotonic()
        with self._traces.span("embedding", texts=len(texts)):
            vectors = await self._embedder.embed(texts)
        self._seconds.observe(time.monotonic() - started)
        return vectors
