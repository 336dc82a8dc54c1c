"""The command `spectron`."""

import os

# The embedded PostgreSQL is started and stopped as a program of its own. gRPC would interfere with
# that: its handlers run in the child between fork and exec, where they can crash it, and it would
# tell of each. No process of ours forks to go on with gRPC, which is all they are for.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

from spectron_server.cli.app import main

__all__ = ["main"]
