"""Settings in, a running server out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.builtin.token_states import TokenEncoder
from spectron_extraction.cascade import CascadeExtractor
from spectron_extraction.model_endpoint import (
    EndpointConfigurationError,
    EndpointError,
)
from spectron_extraction.ontology import Ontology
from spectron_extraction.vllm import EnforcementError, VllmExtractor
from spectron_extraction.vllm.statistics import ModelStatistics
from spectron_server.agent.chat_model import ChatModel
from spectron_server.application import Application, StartError, Store
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.rpc.tls import Tls
from spectron_server.service.embedding import claim_embedder
from spectron_server.settings import Settings
from spectron_server.storage import migrate
from spectron_server.storage.database import Database
from spectron_server.storage.embedded import EmbeddedPostgres
from spectron_server.storage.notify import listen
from spectron_server.telemetry.endpoint import metrics_endpoint
from spectron_server.telemetry.model_endpoint import WatchedEndpoint
from spectron_server.telemetry.readings import ModelReading
from spectron_server.telemetry.telemetry import Telemetry
from spectron_server.telemetry.traces import NO_TRACES, Traces, open_traces

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A running server: where it listens, and the first key if it was just made."""

    port: int
    first_key: str | None


@asynccontextmanager
async def open_store(settings: Settings, traces: Traces = NO_TRACES) -> AsyncIterator[Store]:
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
        database = await Database.open(
            url, max_connections=settings.database_connections, traces=traces
        )
        stack.push_async_callback(database.close)
        yield Store(database=database, url=url)


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[Application]:
    """Opens the database and the embedder, and builds the application on them."""
    async with AsyncExitStack() as stack:
        telemetry = Telemetry(traces=open_traces(settings.otlp_endpoint))
        stack.push_async_callback(asyncio.to_thread, telemetry.traces.close)
        loading = asyncio.create_task(
            asyncio.to_thread(
                MiniLmEmbedder.load,
                settings.data_dir / "embedder",
                threads=settings.embedding_threads,
            )
        )
        store = await stack.enter_async_context(open_store(settings, telemetry.traces))
        embedder = await loading
        stack.push_async_callback(embedder.aclose)
        # Which arithmetic runs depends on the processor, and how fast it is depends on that.
        _log.info("embedder_ready", model=embedder.name, arithmetic=embedder.quantisation)
        await claim_embedder(store.database, embedder)
        ontology = Ontology.load()
        chat_model = open_chat_model(settings, telemetry)
        if chat_model is not None:
            stack.push_async_callback(chat_model.aclose)
        extractor = open_extractor(settings, ontology, embedder, telemetry)
        extractor_problem = None
        if not isinstance(extractor, BuiltinExtractor):
            stack.push_async_callback(extractor.aclose)
            await verify_extractor(extractor)
            extractor_problem = extractor.problem
        application = Application(
            settings,
            store,
            embedder,
            extractor,
            ontology,
            chat_model=chat_model,
            extractor_problem=extractor_problem,
            telemetry=telemetry,
        )
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
        MetricsPortError: Another program listens where the metrics are to be shown.
    """
    settings = application.settings
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        await _show_metrics(application, stack)
        tls = load_tls(settings)
        # Before the first key is made: it is shown once, and only by a server that serves.
        port = application.rpc.bind(settings.listen, tls)
        first_key = await application.first_key()
        for chore in (
            application.watch_health(),
            application.keep_house(),
            listen(application.store.url, application.waiting.wake, application.forget_erased),
        ):
            stack.push_async_callback(_cancel, asyncio.create_task(chore))
        if settings.worker:
            stack.push_async_callback(_cancel, asyncio.create_task(application.watch_extraction()))
            stack.push_async_callback(_finish, asyncio.create_task(application.work(stop)))
        stack.callback(stop.set)
        await application.rpc.start()
        stack.push_async_callback(application.chats.aclose)
        stack.push_async_callback(application.rpc.drain, settings.drain_s)
        stack.callback(application.chats.drain, settings.drain_s)
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
    async with build(settings) as application, AsyncExitStack() as stack:
        await _show_metrics(application, stack)
        for chore in (application.keep_house(), application.watch_extraction()):
            stack.push_async_callback(_cancel, asyncio.create_task(chore))
        announce()
        await application.work(stop)


async def _show_metrics(application: Application, stack: AsyncExitStack) -> None:
    """Shows metrics where the settings say, until the last."""
    listen = application.settings.metrics_listen
    if listen is None:
        return
    port = stack.enter_context(metrics_endpoint(listen, application.telemetry.metrics.registry))
    _log.info("showing_metrics", address=listen, port=port)
    chore = asyncio.create_task(application.watch_backlog())
    stack.push_async_callback(_cancel, chore)


def open_extractor(
    settings: Settings,
    ontology: Ontology,
    encoder: TokenEncoder | None = None,
    telemetry: Telemetry | None = None,
) -> BuiltinExtractor | VllmExtractor | CascadeExtractor:
    """Returns what finds facts in turns."""
    builtin = BuiltinExtractor(ontology, encoder)
    if settings.extractor == "builtin" or settings.vllm_url is None or settings.vllm_model is None:
        return builtin
    telemetry = telemetry or Telemetry()
    key = settings.vllm_api_key
    endpoint = WatchedEndpoint(
        url=settings.vllm_url,
        model=settings.vllm_model,
        api_key=key.get_secret_value() if key else None,
        timeout_s=settings.vllm_timeout_s,
        connections=settings.vllm_concurrency,
        purpose="extraction",
        telemetry=telemetry,
    )
    model = VllmExtractor(endpoint, ontology, concurrency=settings.vllm_concurrency)
    telemetry.metrics.reader.models.append(lambda: _reading(model.statistics))
    return model if settings.extractor == "vllm" else CascadeExtractor(builtin, model, ontology)


async def verify_extractor(extractor: VllmExtractor | CascadeExtractor) -> None:
    """Finds out whether the model can be used.

    One that is away may come back, and turns wait until then; memories can be read all the same.

    Raises:
        StartError: It will not do as it is set up.
    """
    try:
        await extractor.verify()
    except (EnforcementError, EndpointConfigurationError) as error:
        raise StartError(f"SPECTRON_EXTRACTOR: {error}") from error
    except EndpointError as error:
        _log.warning("extraction_model_away", problem=str(error))


def _reading(statistics: ModelStatistics) -> ModelReading:
    return ModelReading(
        requests={outcome.value: number for outcome, number in statistics.requests.items()},
        prompt_tokens=statistics.prompt_tokens,
        completion_tokens=statistics.completion_tokens,
        splits=statistics.splits,
    )


def open_chat_model(settings: Settings, telemetry: Telemetry | None = None) -> ChatModel | None:
    """Returns the model that answers sessions without an agent; None if none is set."""
    if settings.chat_url is None or settings.chat_model is None:
        return None
    key = settings.chat_api_key
    endpoint = WatchedEndpoint(
        url=settings.chat_url,
        model=settings.chat_model,
        api_key=key.get_secret_value() if key else None,
        timeout_s=settings.chat_timeout_s,
        connections=settings.chat_concurrency,
        purpose="chat",
        telemetry=telemetry or Telemetry(),
    )
    return ChatModel(
        endpoint,
        concurrency=settings.chat_concurrency,
        instructions=settings.chat_system_prompt,
    )


def load_tls(settings: Settings) -> Tls | None:
    """Returns the certificate to serve with; None if the settings do without.

    Raises:
        StartError: They may not do without.
        CertificateError: The files cannot be used.
    """
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
