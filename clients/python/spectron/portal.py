"""Runs coroutines for blocking callers, on one event loop in a background thread."""

import asyncio
import inspect
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Final, TypeVar

_Result = TypeVar("_Result")
_Item = TypeVar("_Item")

_THREAD_NAME: Final = "spectron-client"
_CLOSE_TIMEOUT_S: Final = 5.0


class Portal:
    """An event loop in a thread of its own, started by the first call.

    The thread does not keep the program from ending, and ends with the portal if nobody closes
    it.
    """

    def __init__(self) -> None:
        # A stream that is collected as garbage while the lock is held calls again, to end itself.
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._finalizer: weakref.finalize[..., Any] | None = None
        self._closed = False

    def run(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result:
        """Runs a coroutine and waits for its result.

        An interruption of the waiting thread, such as Ctrl-C, cancels the coroutine.

        Args:
            coroutine: What to run.

        Returns:
            Its result.

        Raises:
            RuntimeError: The portal is closed, or the caller is the portal's own thread, which
                would wait for itself.
        """
        loop: asyncio.AbstractEventLoop | None = None
        try:
            # Whatever is begun before the end of the loop is cancelled with it; what came between
            # its end and its closing would never be told.
            with self._lock:
                loop = self._running_loop()
                begun = asyncio.run_coroutine_threadsafe(coroutine, loop)
            return begun.result()
        except BaseException:
            if loop is None:
                coroutine.close()
            elif inspect.getcoroutinestate(coroutine) != inspect.CORO_CLOSED:
                # Whoever was interrupted while it started holds nothing yet to cancel it by.
                loop.call_soon_threadsafe(_give_up, coroutine)
            raise

    def iterate(self, items: AsyncIterator[_Item]) -> Iterator[_Item]:
        """Yields the items of an asynchronous iterator, one call to the loop for each.

        Args:
            items: The iterator; closed when the caller stops early.

        Yields:
            Its items.
        """
        # A step that was interrupted may still be ending when the iterator is to be closed.
        step = asyncio.Lock()
        try:
            while True:
                found = self.run(_next_of(items, step))
                if found is None:
                    return
                yield found[0]
        finally:
            if not self._closed:
                self.run(_close(items, step))

    def close(self, cleanup: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs a last coroutine on the loop, if it ever ran, and ends the thread.

        Closing twice changes nothing.

        Args:
            cleanup: Makes the coroutine.
        """
        with self._lock:
            started = self._loop is not None and not self._closed
        try:
            if started:
                self.run(cleanup())
        finally:
            with self._lock:
                self._closed = True
            if self._finalizer is not None:
                self._finalizer()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """Returns the loop, started if need be. The lock must be held."""
        if self._closed:
            raise RuntimeError("this client is closed")
        if self._thread is threading.current_thread():
            raise RuntimeError("a blocking call was made from the client's own event loop")
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=_serve, args=(self._loop,), name=_THREAD_NAME, daemon=True
            )
            self._thread.start()
            self._finalizer = weakref.finalize(self, _stop, self._loop, self._thread)
        return self._loop


def _give_up(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Cancels the task that runs a coroutine; one that none runs never will be."""
    for task in asyncio.all_tasks():
        if task.get_coro() is coroutine:
            task.cancel()
            return
    coroutine.close()


async def _next_of(items: AsyncIterator[_Item], step: asyncio.Lock) -> tuple[_Item] | None:
    async with step:
        async for item in items:
            return (item,)
    return None


async def _close(items: AsyncIterator[Any], step: asyncio.Lock) -> None:
    close = getattr(items, "aclose", None)
    if close is not None:
        async with step:
            await close()


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        _cancel_all(loop)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    # The last reference can be dropped on the portal's own thread, which cannot wait for itself.
    if thread is not threading.current_thread():
        thread.join(_CLOSE_TIMEOUT_S)
