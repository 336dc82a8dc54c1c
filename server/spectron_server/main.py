"""Wiring: settings in, a running server out. The only place that builds things."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Extractor
from spectron_server.domain.access import ALL_CONTEXTS, KeyRole
from spectron_server.domain.errors import SpectronError
from spectron_server.index.budget import ScopeIndexes
from spectron_server.index.embedder import Embedder, MiniLmEmbedder
from spectron_server.rpc.admin_rpc import AdminRpc
from spectron_server.rpc.calls import Calls
from spectron_server.rpc.memory_rpc import MAX_LISTED, MemoryRpc
from spectron_server.rpc.server import RpcServer
from spectron_server.rpc.session_rpc import SessionRpc
from spectron_server.rpc.tls import Tls
from spectron_server.rpc.transfer_rpc import TransferRpc
from spectron_server.rpc.turn_rpc import TurnRpc
from spectron_server.service.administration import AdministrationService, add_key
from spectron_server.service.caller import Gate
from spectron_server.service.directory import Directory
from spectron_server.service.embedding import claim_embedder
from spectron_server.service.extraction import ExtractionService
from spectron_server.service.facts import FactService
from spectron_server.service.forgetting import ForgettingService
from spectron_server.service.knowledge import Knowledge
from spectron_server.service.once import KEPT_FOR, Idempotency
from spectron_server.service.profiles import ProfileService
from spectron_server.service.retrieval import RetrievalService
from spectron_server.service.sessions import SessionService
from spectron_server.service.transfer import TransferService
from spectron_server.service.turns import TurnService
from spectron_server.service.waiting import Waiting
from spectron_server.service.writer import BeliefWriter
from spectron_server.settings import Settings
from spectron_server.storage import access, migrate, requests
from spectron_server.storage.database import Database
from spectron_server.storage.embedded import EmbeddedPostgres
from spectron_server.storage.notify import listen
from spectron_server.storage.queue import JobQueue
from spectron_server.system import SystemClock, UlidIds, new_secret

_HEALTH_S: Final = 5.0
_RESCUE_S: Final = 20.0
_PURGE_S: Final = 600.0
_MAX_BELIEF_ROWS: Final = 500_000
_MIN_SECRET: Final = 32

_log = structlog.get_logger(__name__)


class StartError(Exception):
    """The server cannot start; the message says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A running server: where it listens, and the first key if it was just made."""

    port: int
    first_key: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """An open database with this server's schema, and its address."""

    database: Database
    url: str


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Opens the database: the embedded one, migrated, or the one named, checked.

    Raises:
        SchemaTooNewError, SchemaOutdatedError: The schema does not fit.
        DataDirectoryInUseError, EmbeddedPostgresError: The embedded one cannot be had.
        DatabaseUnavailableError: The one named cannot be reached.
    """
    async with AsyncExitStack() as stack:
        if settings.database_url is None:
            postgres = await asyncio.to_thread(EmbeddedPostgres.start, settings.data_dir)
            stack.callback(postgres.stop)
            url = postgres.url
            await asyncio.to_thread(migrate.upgrade, url)
        else:
            url = settings.database_url.get_secret_value()
            await asyncio.to_thread(migrate.check, url)
        database = await Database.open(url, max_connections=settings.database_connections)
        stack.push_async_callback(database.close)
        yield Store(database=database, url=url)


class Application:
    """All parts of a server, built and wired."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        embedder: Embedder,
        extractor: Extractor,
        ontology: Ontology,
    ) -> None:
        self.settings = settings
        self.store = store
        database = store.database
        clock, ids = SystemClock(), UlidIds()
        self._clock, self._ids = clock, ids
        self.queue = JobQueue(database, clock)
        self.waiting = Waiting(database, clock)
        idempotency = Idempotency(database, clock)
        directory = Directory(database)
        knowledge = Knowledge(
            database=database, clock=clock, waiting=self.waiting, max_rows=_MAX_BELIEF_ROWS
        )
        writer = BeliefWriter(
            database=database,
            clock=clock,
            ids=ids,
            embedder=embedder,
            ontology=ontology,
            waiting=self.waiting,
        )
        self.extraction = ExtractionService(
            database=database,
            clock=clock,
            ids=ids,
            extractor=extractor,
            embedder=embedder,
            ontology=ontology,
            writer=writer,
        )
        self.transfer = TransferService(
            database=database,
            clock=clock,
            embedder=embedder,
            ontology=ontology,
            queue=self.queue,
        )
        calls = Calls(gate=Gate(database, clock), clock=clock, ids=ids)
        self.rpc = RpcServer(
            calls,
            [
                SessionRpc(
                    SessionService(
                        database=database,
                        clock=clock,
                        ids=ids,
                        directory=directory,
                        idempotency=idempotency,
                    )
                ),
                TurnRpc(
                    TurnService(
                        database=database,
                        clock=clock,
                        ids=ids,
                        directory=directory,
                        idempotency=idempotency,
                        queue=self.queue,
                        waiting=self.waiting,
                    ),
                    directory,
                    clock,
                ),
                MemoryRpc(
                    profiles=ProfileService(knowledge=knowledge, ontology=ontology),
                    retrieval=RetrievalService(
                        database=database,
                        knowledge=knowledge,
                        embedder=embedder,
                        ontology=ontology,
                        indexes=ScopeIndexes(settings.index_memory_mb * 1024 * 1024),
                    ),
                    forgetting=ForgettingService(
                        database=database,
                        clock=clock,
                        ontology=ontology,
                        idempotency=idempotency,
                        writer=writer,
                        waiting=self.waiting,
                        max_listed=MAX_LISTED,
                    ),
                    facts=FactService(
                        database=database,
                        clock=clock,
                        ids=ids,
                        ontology=ontology,
                        directory=directory,
                        idempotency=idempotency,
                        knowledge=knowledge,
                        writer=writer,
                    ),
                    directory=directory,
                ),
                AdminRpc(
                    AdministrationService(
                        database=database, clock=clock, ids=ids, idempotency=idempotency
                    ),
                    clock,
                ),
                TransferRpc(self.transfer),
            ],
        )

    async def first_key(self) -> str | None:
        """Makes the first key if there is none and the settings allow it.

        Raises:
            StartError: There is no key, and none may be made here.
        """
        given = self.settings.first_key
        async with self.store.database.read() as connection:
            if await access.count_keys(connection):
                return None
            if given is None and not (self.settings.loopback and self.settings.embedded):
                raise StartError(
                    "There is no key yet, and this server may be reached by others. Make one with "
                    "`spectron keys create --local --all --role admin`, or set SPECTRON_FIRST_KEY."
                )
            secret = given.get_secret_value() if given else new_secret()
            if len(secret) < _MIN_SECRET and not self.settings.loopback:
                raise StartError(
                    f"SPECTRON_FIRST_KEY has {len(secret)} characters; use at least {_MIN_SECRET} "
                    "random ones."
                )
            await add_key(
                connection,
                secret,
                key_id=self._ids.plain("key"),
                context_id=ALL_CONTEXTS,
                role=KeyRole.ADMIN,
                label="first key",
                now=self._clock.now(),
            )
        return None if given else secret

    async def work(self, stop: asyncio.Event) -> None:
        """Extracts until told to stop."""
        await self.queue.run(
            self.extraction.extract_scope,
            concurrency=self.settings.worker_concurrency,
            grace_s=self.settings.drain_s,
            stop=stop,
        )

    async def keep_house(self) -> None:
        """Puts back the jobs of dead workers and deletes old answers, until cancelled."""

        async def rescue() -> None:
            await self.queue.rescue(alone=False)

        async def purge() -> None:
            async with self.store.database.read() as connection:
                await requests.purge(connection, self._clock.now() - KEPT_FOR - timedelta(hours=1))

        await asyncio.gather(_every(_RESCUE_S, rescue), _every(_PURGE_S, purge))

    async def watch_health(self) -> None:
        """Tells the health service whether the database answers, until cancelled."""

        async def look() -> None:
            try:
                async with self.store.database.read() as connection:
                    await connection.execute("SELECT 1")
            except SpectronError:
                await self.rpc.set_serving(serving=False)
            else:
                await self.rpc.set_serving(serving=True)

        await _every(_HEALTH_S, look)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Does something again and again; a failure is logged, and tried again next time."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - it must go on
            _log.warning("chore_failed", chore=work.__name__, error=type(error).__name__)
        await asyncio.sleep(seconds)


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[Application]:
    """Opens the database and the embedder, and builds the application on them."""
    async with AsyncExitStack() as stack:
        loading = asyncio.create_task(
            asyncio.to_thread(
                MiniLmEmbedder.load,
                settings.data_dir / "embedder",
                threads=settings.embedding_threads,
            )
        )
        store = await stack.enter_async_context(open_store(settings))
        embedder = await loading
        stack.push_async_callback(embedder.aclose)
        await claim_embedder(store.database, embedder)
        ontology = Ontology.load()
        application = Application(settings, store, embedder, BuiltinExtractor(ontology), ontology)
        await application.queue.open()
        await application.queue.rescue(alone=settings.embedded)
        yield application


@asynccontextmanager
async def running(application: Application) -> AsyncIterator[Started]:
    """Runs an application: it listens, extracts and looks after itself until the block is left.

    Then it drains: calls under way finish, and so do extractions, or go back to the queue.

    Raises:
        StartError: The settings do not allow it.
        PortInUseError: Another program listens on the address.
    """
    settings = application.settings
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        tls = _tls(settings)
        first_key = await application.first_key()
        for chore in (
            application.watch_health(),
            application.keep_house(),
            listen(application.store.url, application.waiting.wake),
        ):
            stack.push_async_callback(_cancel, asyncio.create_task(chore))
        if settings.worker:
            stack.push_async_callback(_finish, asyncio.create_task(application.work(stop)))
        stack.callback(stop.set)
        port = await application.rpc.start(settings.listen, tls)
        stack.push_async_callback(application.rpc.drain, settings.drain_s)
        # Both drains go on at once: the worker is told first, and waited for last.
        stack.callback(stop.set)
        await application.rpc.set_serving(serving=True)
        _log.info("serving", address=settings.listen, port=port, tls=tls is not None)
        yield Started(port=port, first_key=first_key)
        _log.info("draining")


async def serve(
    settings: Settings, stop: asyncio.Event, announce: Callable[[Started], None]
) -> None:
    """Runs a server until told to stop.

    Raises:
        StartError: The settings do not allow it.
        PortInUseError: Another program listens on the address.
    """
    async with build(settings) as application, running(application) as started:
        announce(started)
        await stop.wait()
    _log.info("stopped")


async def work(settings: Settings, stop: asyncio.Event, announce: Callable[[], None]) -> None:
    """Runs a worker by itself until told to stop."""
    if settings.embedded:
        raise StartError(
            "A worker of its own needs a database that it shares with the server: set "
            "SPECTRON_DATABASE_URL. With the embedded one, `spectron serve` extracts by itself."
        )
    async with build(settings) as application:
        chores = asyncio.create_task(application.keep_house())
        announce()
        try:
            await application.work(stop)
        finally:
            await _cancel(chores)


def _tls(settings: Settings) -> Tls | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        if not (settings.loopback or settings.allow_plaintext):
            raise StartError(
                f"{settings.listen} can be reached from other machines, and there is no "
                "certificate: keys and memories would travel in clear. Set "
                "SPECTRON_TLS_CERTIFICATE and SPECTRON_TLS_KEY, or, behind a proxy that ends "
                "TLS, --allow-plaintext."
            )
        return None
    return Tls.load(settings.tls_certificate, settings.tls_key)


async def _finish(task: asyncio.Task[None]) -> None:
    await task


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
