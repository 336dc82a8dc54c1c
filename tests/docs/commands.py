"""What the command `spectron` understands, asked of the command itself."""

import re
import shlex
from typing import Any

import typer

from spectron_server.cli.app import app


def commands() -> dict[str, Any]:
    """Returns every command by its whole name, such as `spectron keys create`."""
    found: dict[str, Any] = {}

    def collect(name: str, command: Any) -> None:
        children = getattr(command, "commands", None)
        if children is None:
            found[name] = command
            return
        for child, each in children.items():
            collect(f"{name} {child}", each)

    collect("spectron", typer.main.get_command(app))
    return found


def understood(line: str) -> bool:
    """Tells whether a line names a command that exists, with options that it has."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(line, comments=True)[1:]
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        name = words.pop(0)
        if name == "COMMAND":
            return True
        if name not in command.commands:
            return False
        command = command.commands[name]
    options = {"--help", "-h"}
    for parameter in command.params:
        options.update(parameter.opts, parameter.secondary_opts)
    return all(word.partition("=")[0] in options for word in words if re.match("-.", word))
