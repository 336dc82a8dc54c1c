"""Moving a whole context, with its history, from one server to another.

Ids keep their times and get the keys that the scopes have in the new context. Vectors do not
travel: the receiving server makes its own, with its own embedder.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import psycopg

from spectron_extraction.ontology import Ontology
from spectron_server.domain.belief import Attribute, Diff, Evidence, Unknown
from spectron_server.domain.clock import Clock
from spectron_server.domain.context_text import embedded_text
from spectron_server.domain.conversation import ExtractionStatus, Session, Turn, TurnExtraction
from spectron_server.domain.errors import (
    ContextNotEmptyError,
    InvalidRecordError,
    OverloadedError,
)
from spectron_server.domain.scope import Scope
from spectron_server.index.embedder import Embedder
from spectron_server.service.caller import Caller
from spectron_server.storage import access, beliefs, scopes, sessions, turns
from spectron_server.storage.database import Database
from spectron_server.storage.queue import JobQueue
from spectron_server.storage.statement import Connection

_PAGE: Final = 500
_BATCH: Final = 256
_MAX_TRANSFERS: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnRecord:
    """A turn with its extraction."""

    turn: Turn
    extraction: TurnExtraction


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributeRecord:
    """A belief with its scope."""

    attribute: Attribute
    scope: Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownRecord:
    """A doubt with its scope."""

    unknown: Unknown
    scope: Scope


Record: TypeAlias = Session | TurnRecord | AttributeRecord | UnknownRecord


@dataclass(slots=True)
class Imported:
    """How many records of each kind were imported."""

    sessions: int = 0
    turns: int = 0
    attributes: int = 0
    unknowns: int = 0


class TransferService:
    """Exports and imports contexts."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        embedder: Embedder,
        ontology: Ontology,
        queue: JobQueue,
    ) -> None:
        self._database = database
        self._clock = clock
        self._embedder = embedder
        self._ontology = ontology
        self._queue = queue
        self._count = 0

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Counts a transfer: each holds a connection for as long as its caller takes."""
        if self._count >= _MAX_TRANSFERS:
            raise OverloadedError(
                f"{_MAX_TRANSFERS} exports or imports are under way. Try again when one has ended."
            )
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1

    async def export(self, caller: Caller) -> AsyncIterator[Record]:
        """Yields everything in a context: each scope's sessions, turns, attributes, unknowns."""
        with self.under_way():
            async for record in self._export(caller):
                yield record

    async def _export(self, caller: Caller) -> AsyncIterator[Record]:
        after = ""
        while True:
            async with self._database.read() as connection:
                page = await scopes.page(
                    connection, context_id=caller.context_id, after=after, limit=_PAGE
                )
            for state in page:
                async for record in self._export_scope(state):
                    yield record
            if len(page) < _PAGE:
                return
            after = page[-1].key

    async def _export_scope(self, state: scopes.ScopeState) -> AsyncIterator[Record]:
        # One snapshot of the scope, so that no belief is newer than the turns before it.
        async with self._database.read() as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            before = "~"
            while True:
                found = await sessions.page(
                    connection,
                    state.key,
                    context_id=state.context_id,
                    scope=state.scope,
                    state="any",
                    before=before,
                    limit=_PAGE,
                )
                for session in found:
                    yield session
                if len(found) < _PAGE:
                    break
                before = found[-1].id
            after = 0
            while True:
                page = await turns.scope_page(connection, state.key, after=after, limit=_PAGE)
                for turn, extraction in page:
                    yield TurnRecord(turn=turn, extraction=extraction)
                if len(page) < _PAGE:
                    break
                after = page[-1][0].position
            rows = await beliefs.since(connection, state.key, -1)
            for attribute in rows.attributes:
                yield AttributeRecord(attribute=attribute, scope=state.scope)
            for unknown in rows.unknowns:
                yield UnknownRecord(unknown=unknown, scope=state.scope)

    async def import_(self, caller: Caller, records: AsyncIterator[Record]) -> Imported:
        """Takes the records of an export into an empty context, all of them or none.

        Raises:
            ContextNotEmptyError: The context holds data.
            InvalidRecordError: A record names something that did not come before it.
        """
        with self.under_way():
            return await self._import(caller, records)

    async def _import(self, caller: Caller, records: AsyncIterator[Record]) -> Imported:
        async with self._database.read() as connection:
            try:
                async with connection.transaction():
                    await access.lock_context(connection, caller.context_id)
                    if await scopes.count(connection, caller.context_id):
                        raise ContextNotEmptyError(
                            "The context already holds data. Import into an empty one."
                        )
                    work = _Import(
                        connection=connection,
                        context_id=caller.context_id,
                        clock=self._clock,
                        embedder=self._embedder,
                        ontology=self._ontology,
                        queue=self._queue,
                    )
                    async for record in records:
                        await work.take(record)
                    return await work.finish()
            except psycopg.IntegrityError as error:
                raise InvalidRecordError(
                    "A record names a turn or belief that is not in the export, or comes twice. "
                    "Nothing was imported."
                ) from error


@dataclass(slots=True)
class _Place:
    key: str
    scope: Scope
    turns: int = 0
    pending: bool = False


@dataclass(kw_only=True, slots=True)
class _Import:
    """One import under way."""

    connection: Connection
    context_id: str
    clock: Clock
    embedder: Embedder
    ontology: Ontology
    queue: JobQueue
    places: dict[Scope, _Place] = field(default_factory=dict)
    places_by_session: dict[str, _Place] = field(default_factory=dict)
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    # Links between values that one of the two has told so far: the earlier and the later.
    links: set[tuple[str, str]] = field(default_factory=set)
    counts: Imported = field(default_factory=Imported)
    taken: int = 0

    async def take(self, record: Record) -> None:
        """Writes one record."""
        self.taken += 1
        match record:
            case Session():
                await self._session(record)
            case TurnRecord():
                await self._turn(record)
            case AttributeRecord():
                await self._attribute(record)
            case UnknownRecord():
                await self._unknown(record)
        if len(self.texts) >= _BATCH:
            await self._embed()

    async def finish(self) -> Imported:
        """Writes what is left and returns the counts."""
        if self.links:
            raise InvalidRecordError(
                "An attribute's supersedes or superseded_by names one that does not name it back. "
                "Link both, or neither. Nothing was imported."
            )
        await self._embed()
        for place in self.places.values():
            await scopes.bump(self.connection, place.key, turns=place.turns, beliefs=True)
            if place.pending:
                self.queue.enqueue(self.connection, place.key)
        return self.counts

    async def _session(self, session: Session) -> None:
        place = await self._place(session.scope)
        self.places_by_session[session.id] = place
        moved = replace(session, id=_moved(session.id, place.key), context_id=self.context_id)
        await sessions.add(self.connection, place.key, moved)
        self.counts.sessions += 1

    async def _turn(self, record: TurnRecord) -> None:
        place = self.places_by_session.get(record.turn.session_id)
        if place is None:
            raise InvalidRecordError(
                f"Record {self.taken} is a turn whose session did not come before it. Nothing "
                "was imported.",
                record=str(self.taken),
            )
        place.turns += 1
        turn = replace(
            record.turn,
            id=_moved(record.turn.id, place.key),
            session_id=_moved(record.turn.session_id, place.key),
            position=place.turns,
        )
        extraction = replace(
            record.extraction,
            turn_id=turn.id,
            diff=_moved_diff(record.extraction.diff, place.key),
        )
        await turns.add_extracted(self.connection, place.key, turn, extraction, 1)
        place.pending |= turn.extraction_status is ExtractionStatus.PENDING
        if not turn.hidden:
            self.texts.append((place.key, turn.id, turn.content))
        self.counts.turns += 1

    async def _attribute(self, record: AttributeRecord) -> None:
        place = await self._place(record.scope)
        row = _moved_attribute(record.attribute, place.key)
        if row.supersedes:
            self.links ^= {(row.supersedes, row.id)}
        if row.superseded_by:
            self.links ^= {(row.id, row.superseded_by)}
        await beliefs.add_attribute(self.connection, place.key, row, 1)
        text = embedded_text(row, self.ontology, place.scope.subject())
        self.texts.append((place.key, row.id, text))
        self.counts.attributes += 1

    async def _unknown(self, record: UnknownRecord) -> None:
        place = await self._place(record.scope)
        row = _moved_unknown(record.unknown, place.key)
        await beliefs.add_unknown(self.connection, place.key, row, 1)
        self.counts.unknowns += 1

    async def _place(self, scope: Scope) -> _Place:
        place = self.places.get(scope)
        if place is None:
            key = await scopes.ensure(
                self.connection,
                context_id=self.context_id,
                scope=scope,
                now=self.clock.now(),
            )
            place = self.places[scope] = _Place(key=key, scope=scope)
        return place

    async def _embed(self) -> None:
        if not self.texts:
            return
        texts, self.texts = self.texts, []
        matrix = await self.embedder.embed([text for _, _, text in texts])
        by_scope: dict[str, dict[str, object]] = {}
        for (key, item, _), vector in zip(texts, matrix, strict=True):
            by_scope.setdefault(key, {})[item] = vector
        for key, vectors in by_scope.items():
            await beliefs.put_embeddings(self.connection, key, vectors)  # type: ignore[arg-type]


def _moved(record_id: str, scope_key: str) -> str:
    """Returns an id with the key of the scope that it moves to."""
    return f"{record_id.rpartition('-')[0]}-{scope_key}"


def _moved_optional(record_id: str | None, scope_key: str) -> str | None:
    return _moved(record_id, scope_key) if record_id else None


def _moved_evidence(evidence: Evidence | None, scope_key: str) -> Evidence | None:
    if evidence is None:
        return None
    return replace(evidence, turn_id=_moved(evidence.turn_id, scope_key))


def _moved_attribute(row: Attribute, scope_key: str) -> Attribute:
    return replace(
        row,
        id=_moved(row.id, scope_key),
        evidence=_moved_evidence(row.evidence, scope_key),
        supersedes=_moved_optional(row.supersedes, scope_key),
        superseded_by=_moved_optional(row.superseded_by, scope_key),
    )


def _moved_unknown(row: Unknown, scope_key: str) -> Unknown:
    return replace(
        row,
        id=_moved(row.id, scope_key),
        evidence=_moved_evidence(row.evidence, scope_key),
        conflicts_with=_moved_optional(row.conflicts_with, scope_key),
    )


def _moved_diff(diff: Diff | None, scope_key: str) -> Diff | None:
    if diff is None:
        return None
    return Diff(
        changes=tuple(
            replace(change, attribute=_moved_attribute(change.attribute, scope_key))
            for change in diff.changes
        ),
        unknowns_raised=tuple(_moved_unknown(row, scope_key) for row in diff.unknowns_raised),
        unknowns_resolved=tuple(_moved_unknown(row, scope_key) for row in diff.unknowns_resolved),
    )
