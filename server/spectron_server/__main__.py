"""`python -m spectron_server`: the command, for where it is not on the path."""

from spectron_server.cli import main

main()
