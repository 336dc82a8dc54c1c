"""The command's parts, put together; errors explained rather than traced."""

import sys

import typer
from pydantic import ValidationError
from rich.console import Console

from spectron import SpectronError as ClientError
from spectron_server.cli import serve
from spectron_server.domain.errors import SpectronError
from spectron_server.index.weights import WeightsError
from spectron_server.main import StartError
from spectron_server.rpc.server import PortInUseError
from spectron_server.service.embedding import EmbedderMismatchError
from spectron_server.storage.embedded import DataDirectoryInUseError, EmbeddedPostgresError
from spectron_server.storage.migrate import SchemaOutdatedError, SchemaTooNewError

app = typer.Typer(
    name="spectron",
    help="A self-hosted memory server for AI assistants.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
serve.register(app)

_EXPLAINED = (
    ClientError,
    DataDirectoryInUseError,
    EmbeddedPostgresError,
    EmbedderMismatchError,
    PortInUseError,
    SchemaOutdatedError,
    SchemaTooNewError,
    SpectronError,
    StartError,
    WeightsError,
)


def main() -> None:
    """Runs the command; what can be explained exits with 1 and a sentence."""
    try:
        app()
    except _EXPLAINED as error:
        _explain(str(error))
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"])
            _explain(f"SPECTRON_{name.upper()}: {fault['msg']}" if name else fault["msg"])


def _explain(sentence: str) -> None:
    console = Console(stderr=True)
    console.print(f"[bold red]Error:[/] {sentence}", highlight=False, soft_wrap=True)
    sys.exit(1)
