"""The command `spectron`."""

import os

# gRPC would tell of every program that is started beside it, PostgreSQL's among them.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

from spectron_server.cli.app import main  # noqa: E402 - gRPC reads the setting when imported

__all__ = ["main"]
