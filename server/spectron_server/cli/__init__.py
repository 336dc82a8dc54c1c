"""The command `spectron`."""

import os
import sys

# The embedded PostgreSQL is started and stopped as a program of its own. gRPC would interfere with
# that: its handlers run in the child between fork and exec, where they can crash it, and it would
# tell of each. No process of ours forks to go on with gRPC, which is all they are for.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

_INTERRUPTED = 130


def main() -> None:
    """Runs the command; Ctrl-C ends it quietly while it is still being loaded, too."""
    try:
        from spectron_server.cli import app  # noqa: PLC0415 - it is what is loaded

        app.main()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


__all__ = ["main"]
