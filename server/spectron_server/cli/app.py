"""The command's parts, put together; errors explained rather than traced."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer
from rich.text import Text

from spectron_server.cli import chat, doctor, keys, memory, serve, transfer
from spectron_server.cli.errors import explanation
from spectron_server.cli.output import err, lines

_NAME = "spectron"

app = typer.Typer(
    name=_NAME,
    help="A self-hosted memory server for AI assistants.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"{_NAME} {version(_NAME)}\n")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """A self-hosted memory server for AI assistants.

    `spectron serve` runs it. The other commands talk to a running one: its address is taken from
    SPECTRON_ENDPOINT, the key from SPECTRON_API_KEY, and the context from SPECTRON_CONTEXT.
    """


serve.register(app)
chat.register(app)
memory.register(app)
transfer.register(app)
keys.register(app)
doctor.register(app)


def main() -> None:
    """Runs the command; what can be explained exits with 1 and a sentence."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a mark in its place, not an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name=_NAME)
    except Exception as error:
        sentence = explanation(error)
        if sentence is None:
            raise
        message = Text("Error: ", style="bold red").append(
            lines(sentence), style="not bold default"
        )
        err().print(message, soft_wrap=True)
        sys.exit(1)
