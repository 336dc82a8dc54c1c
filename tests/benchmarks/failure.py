"""How a benchmark ends that could not measure: with a sentence, and exit status 1."""

from typing import Final

from rich.console import Console

from spectron import SpectronError

EXPECTED: Final = (OSError, ValueError, KeyError, SpectronError)
"""What may go wrong with data, files and servers; anything else is a fault of the benchmark."""


def fail(error: Exception) -> int:
    """Says what went wrong, and returns the exit status."""
    name = type(error).__name__
    # What a KeyError says is a key, and a timeout may say nothing.
    message = f"{name}: {error}" if isinstance(error, KeyError) else str(error) or name
    Console(stderr=True).print(f"Error: {message}", soft_wrap=True, markup=False)
    return 1
