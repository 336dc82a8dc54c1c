"""All parts of a server, built and wired, and what they do by themselves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Extractor
from spectron_server.agent.chat_model import ChatModel
from spectron_server.domain.access import ALL_CONTEXTS, KeyRole
from spectron_server.domain.clock import Clock
from spectron_server.domain.errors import SpectronError
from spectron_server.domain.ids import Ids
from spectron_server.index.budget import ScopeIndexes
from spectron_server.index.embedder import Embedder, MiniLmEmbedder
from spectron_server.index.topics import Topics
from spectron_server.index.watched import WatchedEmbedder
from spectron_server.rpc.admin_rpc import AdminRpc
from spectron_server.rpc.admission import Door
from spectron_server.rpc.calls import Calls
from spectron_server.rpc.chat_rpc import ChatRpc
from spectron_server.rpc.memory_rpc import MAX_LISTED, MemoryRpc
from spectron_server.rpc.profile_answers import ProfileAnswers
from spectron_server.rpc.server import RpcServer
from spectron_server.rpc.session_rpc import SessionRpc
from spectron_server.rpc.transfer_rpc import TransferRpc
from spectron_server.rpc.turn_rpc import TurnRpc
from spectron_server.service.administration import AdministrationService, add_key
from spectron_server.service.caller import Gate
from spectron_server.service.chat import ChatService
from spectron_server.service.chat_log import ChatLog
from spectron_server.service.chat_run import ChatParts
from spectron_server.service.current import Current
from spectron_server.service.directory import Directory
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
from spectron_server.storage import access, requests
from spectron_server.storage.backlog import backlog
from spectron_server.storage.database import Database
from spectron_server.storage.queue import JobQueue
from spectron_server.system import SystemClock, UlidIds, new_secret
from spectron_server.telemetry.telemetry import Telemetry

_HEALTH_S: Final = 5.0
# A database that takes longer to say anything is as good as away.
_ANSWER_S: Final = 5.0
_BACKLOG_S: Final = 10.0
_RESCUE_S: Final = 20.0
_PURGE_S: Final = 600.0
# Of the memory for what is kept of scopes, beliefs take this part, and indexes the rest.
_BELIEFS_PART: Final = 1 / 4
_MIN_SECRET: Final = 32

_log = structlog.get_logger(__name__)


class StartError(Exception):
    """The server cannot start; the message says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """An open database with this server's schema, and its address."""

    database: Database
    url: str


class Application:
    """All parts of a server, built and wired."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        embedder: Embedder,
        extractor: Extractor,
        ontology: Ontology,
        *,
        chat_model: ChatModel | None = None,
        extractor_problem: Callable[[], Awaitable[str | None]] | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Wires the parts.

        Args:
            settings: What was set.
            store: The open database.
            embedder: What computes vectors.
            extractor: What finds facts in turns.
            ontology: The known keys.
            chat_model: What answers sessions that bring no agent.
            extractor_problem: Tells why the extractor cannot work at present, if it cannot.
            telemetry: Where the parts report; None: metrics of its own, and no traces.
        """
        self.settings = settings
        self.store = store
        self.telemetry = telemetry = telemetry or Telemetry()
        reader = telemetry.metrics.reader
        database = store.database
        reader.pools.append(database.pool.get_stats)
        if isinstance(embedder, MiniLmEmbedder):
            reader.batches.append(embedder.queue.reading)
        embedder = WatchedEmbedder(embedder, telemetry)
        clock, ids = SystemClock(), UlidIds()
        self._clock, self._ids = clock, ids
        self._extractor_problem = extractor_problem
        self.queue = JobQueue(database, clock, telemetry.metrics)
        self.waiting = Waiting(database, clock)
        idempotency = Idempotency(database, clock)
        directory = Directory(database)
        current = Current(database)
        memory_bytes = settings.index_memory_mb * 1024 * 1024
        belief_bytes = int(memory_bytes * _BELIEFS_PART)
        self._knowledge = knowledge = Knowledge(
            database=database,
            current=current,
            clock=clock,
            waiting=self.waiting,
            budget_bytes=belief_bytes,
        )
        self._indexes = indexes = ScopeIndexes(memory_bytes - belief_bytes)
        self._answers = ProfileAnswers()
        reader.caches.update(beliefs=knowledge.reading, indexes=indexes.reading)
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
            telemetry=telemetry,
        )
        self.transfer = TransferService(
            database=database,
            clock=clock,
            embedder=embedder,
            ontology=ontology,
            queue=self.queue,
        )
        sessions = SessionService(
            database=database, clock=clock, ids=ids, directory=directory, idempotency=idempotency
        )
        turns = TurnService(
            database=database,
            clock=clock,
            ids=ids,
            directory=directory,
            idempotency=idempotency,
            queue=self.queue,
            waiting=self.waiting,
        )
        profiles = ProfileService(knowledge=knowledge, ontology=ontology)
        retrieval = RetrievalService(
            database=database,
            knowledge=knowledge,
            embedder=embedder,
            ontology=ontology,
            indexes=indexes,
            topics=Topics.load(),
            traces=telemetry.traces,
        )
        self.chats = ChatService(
            parts=ChatParts(
                log=ChatLog(database, turns),
                profiles=profiles,
                retrieval=retrieval,
                waiting=self.waiting,
                clock=clock,
                ids=ids,
                model=chat_model,
            ),
            directory=directory,
            sessions=sessions,
        )
        door = Door(Gate(database, clock, current), clock)
        calls = Calls(door=door, ids=ids, telemetry=telemetry)
        self.rpc = RpcServer(
            calls,
            [
                SessionRpc(sessions),
                TurnRpc(turns, directory, clock),
                ChatRpc(self.chats),
                MemoryRpc(
                    profiles=profiles,
                    retrieval=retrieval,
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
                    answers=self._answers,
                ),
                AdminRpc(
                    AdministrationService(
                        database=database, clock=clock, ids=ids, idempotency=idempotency
                    ),
                    clock,
                ),
                TransferRpc(self.transfer),
            ],
            shares_port=settings.replica is not None,
        )

    async def first_key(self) -> str | None:
        """Makes the first key if there is none and the settings allow it.

        Raises:
            StartError: There is no key, and none may be made here.
        """
        return await make_first_key(
            self.settings, self.store.database, ids=self._ids, clock=self._clock
        )

    async def work(self, stop: asyncio.Event) -> None:
        """Extracts until told to stop."""
        await self.queue.run(
            self.extraction.extract_scope,
            concurrency=self.settings.worker_concurrency,
            grace_s=self.settings.drain_s,
            stop=stop,
        )

    def forget_erased(self, scope_key: str) -> None:
        """Drops what is kept in memory of a scope that was erased."""
        self._knowledge.drop(scope_key)
        self._indexes.discard(scope_key)
        self._answers.forget(scope_key)

    async def keep_house(self) -> None:
        """Puts back the jobs of dead workers and deletes old answers, until cancelled."""

        async def rescue() -> None:
            await self.queue.rescue(alone=False)

        async def purge() -> None:
            async with self.store.database.read() as connection:
                await requests.purge(connection, self._clock.now() - KEPT_FOR - timedelta(hours=1))

        await asyncio.gather(_every(_RESCUE_S, rescue), _every(_PURGE_S, purge))

    async def watch_backlog(self) -> None:
        """Shows among the metrics what waits in the database, until cancelled."""
        metrics = self.telemetry.metrics

        async def look() -> None:
            try:
                async with self.store.database.read() as connection:
                    found = await backlog(connection)
            except SpectronError:
                metrics.hide_backlog()
                return
            age = self._clock.now() - found.oldest if found.oldest else timedelta()
            metrics.show_backlog(
                pending=found.pending,
                failed=found.failed,
                oldest_s=max(age.total_seconds(), 0.0),
                waiting=found.waiting,
                running=found.running,
                stalled=found.stalled,
            )

        await _every(_BACKLOG_S, look)

    async def watch_health(self) -> None:
        """Tells the health service whether the database answers, until cancelled."""

        async def look() -> None:
            try:
                async with asyncio.timeout(_ANSWER_S), self.store.database.read() as connection:
                    await connection.execute("SELECT 1")
            except (SpectronError, TimeoutError):
                await self.rpc.set_serving(serving=False)
            else:
                await self.rpc.set_serving(serving=True)

        await _every(_HEALTH_S, look)

    async def watch_extraction(self) -> None:
        """Tells the health service and the log whether extraction can go on, until cancelled.

        While it cannot, turns wait; everything else goes on, and is said to be well.
        """
        await self.rpc.set_extracting(serving=True)
        ask = self._extractor_problem
        if ask is None:
            return
        problem: str | None = None

        async def look() -> None:
            nonlocal problem
            before, problem = problem, await ask()
            await self.rpc.set_extracting(serving=problem is None)
            if problem is not None and problem != before:
                _log.error("extraction_degraded", problem=problem)
            elif problem is None and before is not None:
                _log.info("extraction_recovered")

        await _every(_HEALTH_S, look)


async def make_first_key(
    settings: Settings, database: Database, *, ids: Ids, clock: Clock
) -> str | None:
    """Makes the first key if there is none and the settings allow it; returns a new secret.

    Raises:
        StartError: There is no key, and none may be made here.
    """
    given = settings.first_key
    async with database.read() as connection:
        if await access.count_keys(connection):
            return None
        if given is None and not (settings.loopback and settings.embedded):
            raise StartError(
                "There is no key yet, and this server may be reached by others. Make one with "
                "`spectron keys create --local --all --role admin`, or set SPECTRON_FIRST_KEY."
            )
        secret = given.get_secret_value() if given else new_secret()
        if len(secret) < _MIN_SECRET and not settings.loopback:
            raise StartError(
                f"SPECTRON_FIRST_KEY has {len(secret)} characters; use at least {_MIN_SECRET} "
                "random ones."
            )
        await add_key(
            connection,
            secret,
            key_id=ids.plain("key"),
            context_id=ALL_CONTEXTS,
            role=KeyRole.ADMIN,
            label="first key",
            now=clock.now(),
        )
    return None if given else secret


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Does something again and again; a failure is logged, and tried again next time."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - it must go on
            _log.warning("chore_failed", chore=work.__name__, error=type(error).__name__)
        await asyncio.sleep(seconds)
