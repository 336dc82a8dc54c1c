"""What Ctrl-C must not cut in two."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keeps an interruption back until the block is left. For the main thread.

    A mask of signals would not do: the kernel hands the signal to another thread, and Python
    interrupts the main one all the same.
    """
    interruptions: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: interruptions.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interruptions:
        signal.raise_signal(signal.SIGINT)
