"""Extraction of a scope's pending turns: what the worker does with each job.

Turns are taken in the order of recording, as windows of turns of one session. A window that fails
is taken apart: its turns are tried one by one, so that one bad turn does not hold up the others,
and after `MAX_TURN_ATTEMPTS` tries it is marked as failed, where people see it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

import structlog

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import (
    ExtractionError,
    Extractor,
    ExtractorUnavailableError,
    KnownAttribute,
    Proposals,
    Window,
    WindowTurn,
)
from spectron_server.domain.belief import Attribute, Beliefs, Diff
from spectron_server.domain.clock import Clock
from spectron_server.domain.conversation import ExtractionStatus, Turn
from spectron_server.domain.errors import (
    DatabaseUnavailableError,
    OverloadedError,
    StorageFullError,
)
from spectron_server.domain.evidence import CheckedProposals, check
from spectron_server.domain.ids import Ids
from spectron_server.domain.reconciler import reconcile
from spectron_server.index.embedder import Embedder
from spectron_server.service.directory import Place
from spectron_server.service.writer import BeliefWriter, Change
from spectron_server.storage import beliefs, extractions, scopes, turns
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection
from spectron_server.telemetry.telemetry import Telemetry

MAX_TURN_ATTEMPTS: Final = 5
_MAX_WINDOW_TURNS: Final = 32
_MAX_WINDOW_CHARACTERS: Final = 32_768
_EARLIER_TURNS: Final = 6
_EARLIER_CHARACTERS: Final = 8_000
_MAX_KNOWN: Final = 200
# Overload means here that others changed the beliefs each time that they were to be written.
_NO_TURNS_FAULT: Final = (
    DatabaseUnavailableError,
    ExtractorUnavailableError,
    OverloadedError,
    StorageFullError,
)
_LIVE_FOR: Final = timedelta(hours=1)
"""Turns that are older than this when they are recorded are history: nobody waits for them."""

_log = structlog.get_logger(__name__)


class _ExtractedMeanwhileError(Exception):
    """Another worker has extracted the window."""


class ExtractionService:
    """Extracts scopes."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        extractor: Extractor,
        embedder: Embedder,
        ontology: Ontology,
        writer: BeliefWriter,
        telemetry: Telemetry,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._extractor = extractor
        self._embedder = embedder
        self._ontology = ontology
        self._writer = writer
        self._traces = telemetry.traces
        self._metrics = telemetry.metrics

    async def extract_scope(self, scope_key: str) -> None:
        """Extracts every pending turn of a scope.

        Raises:
            ExtractionError: A window failed and is to be tried again later.
        """
        while True:
            async with self._database.read() as connection, connection.transaction():
                # The lock makes this wait for every writer that saw this job waiting.
                state, pending = await asyncio.gather(
                    scopes.lock(connection, scope_key),
                    extractions.pending(connection, scope_key, _MAX_WINDOW_TURNS),
                )
            if state is None or not pending:
                return
            place = Place(key=scope_key, context_id=state.context_id, scope=state.scope)
            window = _first_window(pending)
            started = time.monotonic()
            try:
                with self._traces.span("extraction", turns=len(window), scope_key=scope_key):
                    checked = await self._extract(place, window)
            except _ExtractedMeanwhileError:
                continue
            except _NO_TURNS_FAULT:
                # No turn is at fault: all of them wait.
                self._metrics.extraction_seconds.labels("unavailable").observe(_since(started))
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the turn must not be lost
                self._metrics.extraction_seconds.labels("failed").observe(_since(started))
                await self._failed(place, window, error)
                continue
            self._metrics.extraction_seconds.labels("done").observe(_since(started))
            self._count_done(window, checked)
            _log.info(
                "window_extracted",
                scope_key=scope_key,
                turns=len(window),
                extractor=self._extractor.name,
                duration_ms=round(_since(started) * 1000, 1),
            )

    def _count_done(self, window: Sequence[Turn], checked: CheckedProposals) -> None:
        self._metrics.turns_extracted.labels("done").inc(len(window))
        self._metrics.facts.inc(len(checked.facts) + len(checked.retractions))
        for counts in checked.dropped.values():
            for reason, number in counts.items():
                self._metrics.facts_dropped.labels(reason.value).inc(number)

    async def _extract(self, place: Place, window: Sequence[Turn]) -> CheckedProposals:
        async with self._database.read() as connection:
            earlier, known = await asyncio.gather(
                turns.earlier(
                    connection,
                    place.key,
                    session_id=window[0].session_id,
                    before=window[0].sequence,
                    limit=_EARLIER_TURNS,
                ),
                beliefs.current(connection, place.key, _MAX_KNOWN),
            )
        # What was forgotten while it waited teaches nothing any more, and is not shown again.
        heard = [turn for turn in window if not turn.hidden]
        shown = tuple(_shown(turn) for turn in heard)
        proposals = (
            await self._proposals(place, window, shown, earlier, known) if heard else Proposals()
        )
        # Not before: where the extractor tagged a turn, the same pass made the turn's vector.
        matrix = await self._embedder.embed([turn.content for turn in heard])
        checked = check(
            proposals,
            {turn.id: turn for turn in shown},
            self._ontology,
            subject=place.scope.subject(),
        )
        vectors = {turn.id: vector for turn, vector in zip(heard, matrix, strict=True)}

        async def decide(rows: Beliefs) -> tuple[Change, dict[str, Diff]]:
            outcome = reconcile(
                beliefs=rows,
                proposals=checked,
                observed={turn.id: turn.observed_at for turn in window},
                now=self._clock.now(),
                new_id=lambda kind: self._ids.scoped(kind, place.key),
                ontology=self._ontology,
            )
            change = Change(
                attributes=outcome.attributes,
                unknowns=outcome.unknowns,
                action="extract",
                details={
                    "turns": str(len(window)),
                    "attributes": str(len(outcome.attributes)),
                    "unknowns": str(len(outcome.unknowns)),
                },
            )
            return change, dict(outcome.diffs)

        async def write(
            commit: Callable[[Connection], Awaitable[None]], diffs: dict[str, Diff]
        ) -> dict[str, Diff]:
            async def work(connection: Connection) -> dict[str, Diff]:
                await commit(connection)
                endings = [
                    extractions.Ending(
                        turn_id=turn.id,
                        hidden=turn.hidden,
                        status=ExtractionStatus.DONE,
                        diff=diffs.get(turn.id, Diff()),
                        dropped=checked.dropped_count(turn.id),
                    )
                    for turn in window
                ]
                if not await self._finish(connection, place, endings):
                    raise _ExtractedMeanwhileError
                await beliefs.put_embeddings(connection, place.key, vectors)
                return diffs

            return await self._database.write(work)

        await self._writer.decide_and_write(place, _keys(checked), decide, write)
        return checked

    async def _proposals(
        self,
        place: Place,
        window: Sequence[Turn],
        shown: tuple[WindowTurn, ...],
        earlier: Sequence[Turn],
        known: Sequence[Attribute],
    ) -> Proposals:
        with self._traces.span("extractor", extractor=self._extractor.name):
            return await self._extractor.extract(
                Window(
                    subject=place.scope.subject(),
                    turns=shown,
                    earlier=tuple(_shown(turn) for turn in _nearest(earlier) if not turn.hidden),
                    known=tuple(
                        KnownAttribute(
                            entity=attribute.entity,
                            category=attribute.category,
                            key=attribute.key,
                            value=attribute.value,
                        )
                        for attribute in known
                    ),
                    tenant=place.context_id,
                    backfill=window[-1].recorded_at - window[-1].observed_at > _LIVE_FOR,
                )
            )

    async def _finish(
        self, connection: Connection, place: Place, endings: Sequence[extractions.Ending]
    ) -> bool:
        return await extractions.finish(
            connection,
            place.key,
            endings,
            extractor=self._extractor.name,
            now=self._clock.now(),
        )

    async def _failed(self, place: Place, window: Sequence[Turn], error: Exception) -> None:
        """Counts the try; gives a turn up after its last one, else raises for another."""
        reason = str(error) if isinstance(error, ExtractionError) else type(error).__name__
        _log.warning(
            "window_failed",
            scope_key=place.key,
            turns=len(window),
            error=type(error).__name__,
        )
        turn = window[0]
        final = len(window) == 1 and turn.extraction_attempts + 1 >= MAX_TURN_ATTEMPTS

        async def work(connection: Connection) -> None:
            if final:
                await scopes.lock(connection, place.key)
                ending = extractions.Ending(
                    turn_id=turn.id,
                    hidden=turn.hidden,
                    status=ExtractionStatus.FAILED,
                    error=reason,
                )
                await self._finish(connection, place, [ending])
            else:
                await extractions.count_try(connection, place.key, [turn.id for turn in window])

        await self._database.write(work)
        outcome = "failed" if final else "retried"
        self._metrics.turns_extracted.labels(outcome).inc(len(window))
        if not final:
            raise ExtractionError(reason) from error
        self._writer.wake(place.key)


def _since(started: float) -> float:
    return time.monotonic() - started


def _first_window(pending: Sequence[Turn]) -> Sequence[Turn]:
    """Returns the turns to extract first: those of one session, or one that failed before."""
    first = pending[0]
    if first.extraction_attempts:
        return [first]
    window: list[Turn] = []
    size = 0
    for turn in pending:
        size += len(turn.content)
        if (
            turn.session_id != first.session_id
            or turn.extraction_attempts
            or (window and size > _MAX_WINDOW_CHARACTERS)
        ):
            break
        window.append(turn)
    return window


def _nearest(earlier: Sequence[Turn]) -> Sequence[Turn]:
    """Returns the last of some turns that are together short enough to be read each time."""
    size = 0
    for count, turn in enumerate(reversed(earlier)):
        size += len(turn.content)
        if size > _EARLIER_CHARACTERS:
            return earlier[len(earlier) - count :]
    return earlier


def _shown(turn: Turn) -> WindowTurn:
    return WindowTurn(
        id=turn.id, role=turn.role, content=turn.content, observed_at=turn.observed_at
    )


def _keys(checked: CheckedProposals) -> list[str]:
    facts = {fact.key for fact in checked.facts}
    return sorted(facts | {retraction.key for retraction in checked.retractions})
