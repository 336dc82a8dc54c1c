"""Waiting no longer than a time, and saying for what."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def within(seconds: float, what: str) -> AsyncIterator[None]:
    """Gives the block up after a time, with a sentence: a timeout by itself has none.

    Args:
        seconds: The time.
        what: What the block waits for, as the beginning of that sentence.

    Raises:
        TimeoutError: The time is over.
    """
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            yield
    except TimeoutError as error:
        if not bound.expired():
            raise
        raise TimeoutError(f"{what} took more than {seconds:g} s") from error
