"""A bounded queue that embeds the texts of concurrent calls together, off the event loop.

Each call is a job. A worker thread that falls free takes texts from the jobs in turn, one of each,
so that a question does not wait behind a load of ten thousand turns. Texts that run together are
of like length, because the shorter are padded to the longest.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.telemetry.readings import BatchReading

MAX_BATCH: Final = 8
MAX_JOBS: Final = 64
MAX_JOB_TEXTS: Final = 256

# Lengths, in characters, are alike within a quarter, and short texts in any case.
_LENGTH_RATIO: Final = 1.25
_LENGTH_SLACK: Final = 16


class EmbedderClosedError(Exception):
    """The embedder was closed before the texts were embedded."""


@dataclass(kw_only=True, slots=True, eq=False)
class _Job:
    """The texts of one call.

    Attributes:
        texts: All of them.
        waiting: The places of those that no worker has taken, the shortest first.
        missing: How many have no vector yet.
        vectors: Where the vectors go.
        done: Set when none is missing, or with the error of a batch.
    """

    texts: Sequence[str]
    waiting: deque[int]
    missing: int
    vectors: NDArray[np.float32]
    done: asyncio.Future[None]


class BatchingQueue:
    """Runs an embedding function on worker threads, in batches drawn from all waiting calls.

    Belongs to one event loop.

    Attributes:
        texts_run: How many texts were embedded.
        batches_run: In how many batches.
    """

    def __init__(
        self,
        run: Callable[[Sequence[str]], NDArray[np.float32]],
        *,
        dimension: int,
        threads: int,
    ) -> None:
        """Makes a queue.

        Args:
            run: Embeds up to `MAX_BATCH` texts; called on several threads at once.
            dimension: The length of its vectors.
            threads: How many worker threads, at least 1.
        """
        self.texts_run = 0
        self.batches_run = 0
        self._by_size = [0] * MAX_BATCH
        self._busy_s = 0.0
        self._run = run
        self._dimension = dimension
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="embedder")
        self._idle = threads
        self._jobs: deque[_Job] = deque()
        self._room = asyncio.Semaphore(MAX_JOBS)
        self._running: set[asyncio.Future[NDArray[np.float32]]] = set()
        self._closed = False

    def reading(self) -> BatchReading:
        """Tells what was run so far and what waits, for the metrics."""
        return BatchReading(
            by_size=tuple(self._by_size),
            seconds=self._busy_s,
            waiting=sum(len(job.waiting) for job in tuple(self._jobs)),
        )

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeds texts; waits for room if too many calls wait already.

        Args:
            texts: Any number of texts.

        Returns:
            Their vectors in order, `(n, dimension) float32`.

        Raises:
            EmbedderClosedError: The queue is or was closed.
        """
        vectors = np.empty((len(texts), self._dimension), np.float32)
        for start in range(0, len(texts), MAX_JOB_TEXTS):
            end = start + MAX_JOB_TEXTS
            async with self._room:
                await self._embed_job(texts[start:end], vectors[start:end])
        return vectors

    async def close(self) -> None:
        """Fails the calls that wait, waits for the batches under way and ends the threads."""
        self._closed = True
        for job in self._jobs:
            if job.waiting:
                _fail(job, EmbedderClosedError("the embedder is closed"))
        self._jobs.clear()
        if self._running:
            await asyncio.wait(self._running)
        self._pool.shutdown(wait=True)

    async def _embed_job(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        if self._closed:
            raise EmbedderClosedError("the embedder is closed")
        job = _Job(
            texts=texts,
            waiting=deque(sorted(range(len(texts)), key=lambda place: len(texts[place]))),
            missing=len(texts),
            vectors=vectors,
            done=asyncio.get_running_loop().create_future(),
        )
        self._jobs.append(job)
        self._start_batches()
        try:
            await job.done
        finally:
            # A cancelled or failed call wants the rest of its texts no more.
            job.waiting.clear()

    def _start_batches(self) -> None:
        while self._idle and (batch := self._next_batch()):
            self._idle -= 1
            texts = [job.texts[place] for job, place in batch]
            running = asyncio.get_running_loop().run_in_executor(self._pool, self._run, texts)
            self._running.add(running)
            running.add_done_callback(partial(self._finish_batch, batch, time.monotonic()))

    def _next_batch(self) -> list[tuple[_Job, int]]:
        """Takes texts of like length from the jobs in turn; none if no text waits."""
        while self._jobs and not self._jobs[0].waiting:
            self._jobs.popleft()
        if not self._jobs:
            return []
        first = self._jobs[0]
        shortest = len(first.texts[first.waiting[0]])
        batch: list[tuple[_Job, int]] = []
        before = -1
        while before < len(batch) < MAX_BATCH:
            before = len(batch)
            for job in self._jobs:
                if len(batch) == MAX_BATCH:
                    break
                if job.waiting and _alike(shortest, len(job.texts[job.waiting[0]])):
                    batch.append((job, job.waiting.popleft()))
        # The next batch starts with another job.
        self._jobs.rotate(-1)
        return batch

    def _finish_batch(
        self,
        batch: list[tuple[_Job, int]],
        started: float,
        running: asyncio.Future[NDArray[np.float32]],
    ) -> None:
        self._running.discard(running)
        self._idle += 1
        self.batches_run += 1
        self.texts_run += len(batch)
        self._by_size[len(batch) - 1] += 1
        self._busy_s += time.monotonic() - started
        error = running.exception()
        for row, (job, place) in enumerate(batch):
            if error is not None:
                _fail(job, error)
                continue
            job.vectors[place] = running.result()[row]
            job.missing -= 1
            if not job.missing and not job.done.done():
                job.done.set_result(None)
        if not self._closed:
            self._start_batches()


def _alike(one: int, other: int) -> bool:
    shorter, longer = sorted((one, other))
    return longer <= shorter * _LENGTH_RATIO + _LENGTH_SLACK


def _fail(job: _Job, error: BaseException) -> None:
    if not job.done.done():
        job.done.set_exception(error)
