"""Files of lines, read without trust in the length of a line."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from spectron_server.cli.errors import CommandError

# A message of 4 MiB, the largest that a server takes, is shorter than this as JSON.
MAX_LINE_BYTES: Final = 8 * 1024 * 1024
# What has a longer line is no file of lines, and may be a device that never ends.
_MAX_SKIPPED_BYTES: Final = 256 * 1024 * 1024


def bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yields the lines of a file with their ends.

    Of a line longer than `MAX_LINE_BYTES` it yields one byte more than that, and skips the rest.

    Raises:
        CommandError: The rest has no end either.
    """
    while line := file.readline(MAX_LINE_BYTES + 1):
        yield line
        skipped = 0
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES + 1)
            if len(line) <= MAX_LINE_BYTES:
                break
            skipped += len(line)
            if skipped > _MAX_SKIPPED_BYTES:
                raise CommandError(
                    f"A line is longer than {_MAX_SKIPPED_BYTES >> 20} MiB: give a file of text."
                )
