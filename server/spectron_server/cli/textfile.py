"""Files of lines, read without trust in the length of a line."""

from collections.abc import Iterator
from typing import BinaryIO, Final

# A message of 4 MiB, the largest that a server takes, is shorter than this as JSON.
MAX_LINE_BYTES: Final = 8 * 1024 * 1024


def bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yields the lines of a file with their ends.

    Of a line longer than `MAX_LINE_BYTES` it yields one byte more than that, and skips the rest.
    """
    while line := file.readline(MAX_LINE_BYTES + 1):
        yield line
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES + 1)
            if len(line) <= MAX_LINE_BYTES:
                break
