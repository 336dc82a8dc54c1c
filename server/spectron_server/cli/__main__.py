"""`python -m spectron_server.cli`: the command where it is not installed."""

from spectron_server.cli import main

main()
