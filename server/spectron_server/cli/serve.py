"""`spectron serve`, `worker` and `migrate`: the commands that run on the server's machine."""

# The server takes most of a second to load. It is loaded by the commands that run it, so that
# the others, and the completion of their names, need not wait for it.
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command()(serve)
    app.command()(worker)
    app.command()(migrate)


def serve(  # noqa: PLR0917 - typer gives them by name
    listen: Annotated[
        str | None, typer.Option(help="HOST:PORT to listen on. [SPECTRON_LISTEN]")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the data are kept. [SPECTRON_DATA_DIR]")
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(help="A PostgreSQL instead of the embedded one. [SPECTRON_DATABASE_URL]"),
    ] = None,
    allow_plaintext: Annotated[
        bool | None,
        typer.Option(
            "--allow-plaintext",
            help="Serve without TLS beyond this machine, behind a proxy that ends TLS.",
        ),
    ] = None,
    worker: Annotated[
        bool | None, typer.Option(help="Extract in this process too. [SPECTRON_WORKER]")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="How many processes serve the port. [SPECTRON_WORKERS]"),
    ] = None,
) -> None:
    """Run the server. Without options: an embedded PostgreSQL, on 127.0.0.1:50051."""
    from spectron_server.cli import serving

    serving.serve(
        listen=listen,
        data_dir=data_dir,
        database_url=database_url,
        allow_plaintext=allow_plaintext,
        worker=worker,
        workers=workers,
    )


def worker(
    database_url: Annotated[
        str | None, typer.Option(help="The PostgreSQL to share. [SPECTRON_DATABASE_URL]")
    ] = None,
) -> None:
    """Run a worker by itself: it extracts what servers on the same database record."""
    from spectron_server.cli import serving

    serving.work(database_url=database_url)


def migrate(
    database_url: Annotated[
        str | None, typer.Option(help="The PostgreSQL to migrate. [SPECTRON_DATABASE_URL]")
    ] = None,
    distributed: Annotated[
        bool,
        typer.Option("--distributed", help="Then spread the tables over a Citus cluster."),
    ] = False,
    re_embed: Annotated[
        bool,
        typer.Option("--re-embed", help="Then make all vectors anew, for another embedder."),
    ] = False,
) -> None:
    """Bring a database to this version's schema. No server may be running on an older one."""
    from spectron_server.cli import serving

    serving.migrate(database_url=database_url, distributed=distributed, re_embed=re_embed)
