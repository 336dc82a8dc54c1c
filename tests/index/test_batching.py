"""The queue of the embedder: batches, fairness, bounds, failures, closing."""

import asyncio
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from spectron_server.index.batching import (
    MAX_BATCH,
    MAX_JOB_TEXTS,
    MAX_JOBS,
    BatchingQueue,
    EmbedderClosedError,
)

WAIT_S = 20


class Recorder:
    """Embeds a text as its number; can be held, and fails on request."""

    def __init__(self, *, held: bool = False) -> None:
        self.batches: list[list[str]] = []
        self.started = threading.Semaphore(0)
        self.gate = threading.Event()
        if not held:
            self.gate.set()

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(list(texts))
        self.started.release()
        assert self.gate.wait(WAIT_S)
        if "bad" in texts:
            raise ValueError("bad")
        return np.array([[float(text)] for text in texts], np.float32)

    async def wait_started(self) -> None:
        assert await asyncio.to_thread(self.started.acquire, timeout=WAIT_S)


def queue_of(recorder: Recorder, threads: int = 1) -> BatchingQueue:
    return BatchingQueue(recorder, dimension=1, threads=threads)


async def test_vectors_come_in_the_order_of_the_texts() -> None:
    queue = queue_of(Recorder(), threads=3)
    counts = [0, 1, 7, MAX_BATCH, 100, MAX_JOB_TEXTS + 5]
    texts = [[str(number * 7919 % 100_003) for number in range(count)] for count in counts]
    found = await asyncio.gather(*(queue.embed(part) for part in texts))
    for part, vectors in zip(texts, found, strict=True):
        assert vectors.shape == (len(part), 1)
        assert vectors[:, 0].tolist() == [float(text) for text in part]
    assert queue.texts_run == sum(counts)
    await queue.close()


async def test_waiting_calls_run_together() -> None:
    recorder = Recorder(held=True)
    queue = queue_of(recorder)
    calls = [asyncio.create_task(queue.embed([str(number)])) for number in range(1 + MAX_BATCH)]
    await recorder.wait_started()
    recorder.gate.set()
    await asyncio.gather(*calls)
    assert recorder.batches == [["0"], [str(number) for number in range(1, 1 + MAX_BATCH)]]
    assert queue.batches_run == 2
    await queue.close()


async def test_a_question_does_not_wait_behind_a_load() -> None:
    recorder = Recorder(held=True)
    queue = queue_of(recorder)
    load = asyncio.create_task(queue.embed(["1"] * MAX_JOB_TEXTS))
    await recorder.wait_started()
    question = asyncio.create_task(queue.embed(["2"]))
    await asyncio.sleep(0)
    recorder.gate.set()
    await asyncio.gather(load, question)
    assert "2" in recorder.batches[1]
    await queue.close()


async def test_texts_of_unlike_length_run_apart() -> None:
    recorder = Recorder()
    queue = queue_of(recorder)
    long = "1".zfill(2000)
    await queue.embed([long, "2", long, "3"])
    assert sorted(recorder.batches) == sorted([["2", "3"], [long, long]])
    await queue.close()


async def test_waiting_calls_are_bounded() -> None:
    recorder = Recorder(held=True)
    queue = queue_of(recorder)
    calls = [asyncio.create_task(queue.embed(["1"])) for _ in range(MAX_JOBS * 3)]
    await recorder.wait_started()
    assert len(queue._jobs) <= MAX_JOBS
    recorder.gate.set()
    assert len(await asyncio.gather(*calls)) == MAX_JOBS * 3
    await queue.close()


async def test_failure_reaches_the_calls_of_its_batch_only() -> None:
    recorder = Recorder(held=True)
    queue = queue_of(recorder)
    first = asyncio.create_task(queue.embed(["1"]))
    await recorder.wait_started()
    bad = asyncio.create_task(queue.embed(["bad"]))
    await asyncio.sleep(0)
    recorder.gate.set()
    assert (await first).tolist() == [[1]]
    with pytest.raises(ValueError, match="bad"):
        await bad
    assert (await queue.embed(["3"])).tolist() == [[3]]
    await queue.close()


async def test_cancelled_call_gives_up_its_texts() -> None:
    recorder = Recorder(held=True)
    queue = queue_of(recorder)
    first = asyncio.create_task(queue.embed(["1"]))
    await recorder.wait_started()
    cancelled = asyncio.create_task(queue.embed(["2"] * 50))
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    recorder.gate.set()
    await first
    assert (await queue.embed(["3"])).tolist() == [[3]]
    assert recorder.batches == [["1"], ["3"]]
    await queue.close()


async def test_closing_finishes_what_runs_and_fails_what_waits() -> None:
    recorder = Recorder(held=True)
    queue = queue_of(recorder)
    running = asyncio.create_task(queue.embed(["1"]))
    await recorder.wait_started()
    waiting = asyncio.create_task(queue.embed(["2"]))
    await asyncio.sleep(0)
    closing = asyncio.create_task(queue.close())
    await asyncio.sleep(0)
    recorder.gate.set()
    await closing
    assert (await running).tolist() == [[1]]
    with pytest.raises(EmbedderClosedError):
        await waiting
    with pytest.raises(EmbedderClosedError):
        await queue.embed(["3"])
