"""The command `spectron`."""

from spectron_server.cli.app import main

__all__ = ["main"]
