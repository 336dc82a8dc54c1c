"""The thread that blocking clients run on: what happens to a stream that is interrupted."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from typing import Any

import pytest

from spectron.portal import Portal


async def _nothing() -> None:
    """Has nothing to clean up."""


def test_an_interrupted_stream_may_take_its_time_to_end() -> None:
    waiting, ended = threading.Event(), threading.Event()

    async def items() -> AsyncIterator[int]:
        yield 1
        try:
            waiting.set()
            await asyncio.Event().wait()
        finally:
            # As a call does that tells its server that it is cancelled.
            for _ in range(20):
                await asyncio.sleep(0)
            ended.set()

    portal = Portal()
    main = threading.main_thread()
    assert threading.current_thread() is main
    assert main.ident is not None
    ident = main.ident

    def interrupt() -> None:
        waiting.wait(10)
        signal.pthread_kill(ident, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        stream = portal.iterate(items())
        assert next(stream) == 1
        with pytest.raises(KeyboardInterrupt):
            next(stream)
    finally:
        signal.signal(signal.SIGINT, former)
    assert ended.is_set()
    portal.close(_nothing)


@pytest.mark.timeout(20)
def test_a_stream_that_is_interrupted_while_its_next_step_starts_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started, ended = threading.Event(), threading.Event()

    async def items() -> AsyncIterator[int]:
        yield 1
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    start = asyncio.run_coroutine_threadsafe

    def interrupted(*args: Any) -> Any:
        # Waking the loop lets its thread run: an interruption meanwhile is raised right here.
        monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", start)
        start(*args)
        assert started.wait(10)
        raise KeyboardInterrupt

    portal = Portal()
    stream = portal.iterate(items())
    assert next(stream) == 1
    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    assert ended.is_set()
    portal.close(_nothing)


def test_a_call_that_is_interrupted_before_it_starts_is_not_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    async def work() -> None:
        ran.append(True)

    ran: list[bool] = []
    portal = Portal()
    portal.run(_nothing())
    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
        with pytest.raises(KeyboardInterrupt):
            portal.run(work())
    portal.run(_nothing())
    assert not ran
    portal.close(_nothing)


def test_a_call_that_is_made_while_the_client_is_closed_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    portal = Portal()
    making, ending, made = threading.Event(), threading.Event(), threading.Event()
    schedule = asyncio.run_coroutine_threadsafe

    async def slow_to_end() -> None:
        try:
            await asyncio.sleep(1_000)
        finally:
            ending.set()
            await asyncio.to_thread(made.wait, 20)

    def late(coroutine: Any, loop: asyncio.AbstractEventLoop) -> Any:
        making.set()
        # The loop is about to end in this moment, unless this call keeps it from that.
        ending.wait(1)
        try:
            return schedule(coroutine, loop)
        finally:
            made.set()

    def call() -> None:
        with contextlib.suppress(CancelledError):
            portal.run(asyncio.sleep(1_000))

    async def begin() -> None:
        tasks.append(asyncio.create_task(slow_to_end()))

    tasks: list[asyncio.Task[None]] = []
    portal.run(begin())
    caller = threading.Thread(target=call, daemon=True)
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "run_coroutine_threadsafe", late)
        caller.start()
        assert making.wait(20)
        patched.setattr(asyncio, "run_coroutine_threadsafe", schedule)
        portal.close(_nothing)
    caller.join(20)
    assert not caller.is_alive()
