"""The command `spectron`."""

import os

# gRPC would tell of every program that is started beside it, PostgreSQL's among them.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

from spectron_server.cli.app import main

__all__ = ["main"]
