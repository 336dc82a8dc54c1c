"""What `spectron serve`, `worker` and `migrate` do. It loads the whole server."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Coroutine
from typing import Any

import uvloop
from rich.console import Console
from rich.progress import Progress

from spectron_extraction.ontology import Ontology
from spectron_server import logs
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.main import Started, open_store
from spectron_server.main import serve as run_server
from spectron_server.main import work as run_worker
from spectron_server.replicas import READY, serve_together
from spectron_server.service.embedding import embed_again
from spectron_server.settings import Settings
from spectron_server.storage import migrate as migrations

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True)


def serve(**given: Any) -> None:
    """Runs a server until it is told to stop; options that are None come from the environment."""
    _run(_serve(_settings(**given)))


def work(**given: Any) -> None:
    """Runs a worker until it is told to stop."""
    _run(_worker(_settings(**given)))


def migrate(*, distributed: bool, re_embed: bool, **given: Any) -> None:
    """Brings a database to this version's schema."""
    settings = _settings(**given)
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        for name in migrations.upgrade(url):
            _out.print(f"applied migration {name}")
        if distributed:
            migrations.distribute(url)
            _out.print("distributed the tables by scope_key")
    if re_embed:
        asyncio.run(_re_embed(settings))
    _out.print("The schema is up to date.")


def _settings(**given: Any) -> Settings:
    """Returns the settings: options first, then the environment."""
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    logs.configure(level=settings.log_level, form=settings.log_format)
    return settings


def _run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # The end of the terminal, unless it is to be ignored, as `nohup` has it.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, stop.set)
    return stop


async def _serve(settings: Settings) -> None:
    stop = _stop_on_signals()
    if settings.replica is not None:
        _stop_at_end_of_input(stop)
        await run_server(settings, stop, lambda _: print(READY, flush=True))
        return
    what = "the embedded PostgreSQL and the embedder" if settings.embedded else "the embedder"
    with _err.status(f"Starting {what} (the first start takes some seconds longer)") as status:

        def announce(started: Started) -> None:
            status.stop()
            _announce(settings, started)

        run = run_server if settings.workers == 1 else serve_together
        await run(settings, stop, announce)


def _stop_at_end_of_input(stop: asyncio.Event) -> None:
    """Sets an event when whoever started this process is gone, in whatever way."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        while os.read(0, 1):
            pass
        with contextlib.suppress(RuntimeError):  # It has stopped for another reason meanwhile.
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=read, name="end of input", daemon=True).start()


async def _worker(settings: Settings) -> None:
    await run_worker(settings, _stop_on_signals(), lambda: _out.print("Extracting."))


def _announce(settings: Settings, started: Started) -> None:
    host = settings.listen.rpartition(":")[0]
    address = f"{host}:{started.port}"
    plain = settings.tls_certificate is None
    _out.print(f"[bold green]Spectron is serving[/] on [bold]{address}[/]")
    if settings.embedded:
        _out.print(f"  data       {settings.data_dir}")
    key = "$SPECTRON_API_KEY"
    if started.first_key:
        key = started.first_key
        _out.print(f"  first key  [bold yellow]{key}[/]")
        _out.print("             It is shown this once: keep it in SPECTRON_API_KEY.")
    # Single quotes would keep the shell from filling in the variable.
    quoted = (
        f"'authorization: Bearer {key}'"
        if started.first_key
        else (f'"authorization: Bearer {key}"')
    )
    flags = "-plaintext " if plain else ""
    _out.print("  try it     grpcurl, from another terminal:")
    _out.print()
    _out.print(
        f"grpcurl {flags}-H {quoted} -d '"
        '{"context_id": "demo", "scope": {"dimensions": {"user": "alice"}}}'
        f"' {address} spectron.v1.MemoryService/GetProfile",
        markup=False,
    )
    _out.print()
    _out.file.flush()


async def _re_embed(settings: Settings) -> None:
    embedder = await asyncio.to_thread(
        MiniLmEmbedder.load,
        settings.data_dir / "embedder",
        threads=settings.embedding_threads,
    )
    try:
        async with open_store(settings) as store:
            with Progress(console=_err) as progress:
                task = progress.add_task("Making vectors anew", total=None)
                await embed_again(
                    store.database,
                    embedder,
                    Ontology.load(),
                    lambda count: progress.advance(task, count),
                )
    finally:
        await embedder.aclose()
