"""Facts and doubts that people settle themselves: recording a fact, resolving an unknown."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.belief import Beliefs, Diff, Unknown
from spectron_server.domain.clock import Clock
from spectron_server.domain.direct import (
    DirectFact,
    accept_unknown,
    dismiss_unknown,
    reconcile_direct,
)
from spectron_server.domain.errors import UnknownAlreadyResolvedError, UnknownNotFoundError
from spectron_server.domain.ids import Ids
from spectron_server.domain.outcome import Outcome
from spectron_server.domain.scope import Scope
from spectron_server.service.caller import Caller
from spectron_server.service.directory import Directory, Place
from spectron_server.service.knowledge import Knowledge
from spectron_server.service.once import Idempotency, Once, Whole
from spectron_server.service.pages import Page, cut
from spectron_server.service.writer import BeliefWriter, Change
from spectron_server.storage import beliefs
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

_DIFF: Final = Whole(Diff)


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """A settled unknown, and what settling it changed."""

    unknown: Unknown
    diff: Diff


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknowns:
    """A page of unknowns; `scopes` tells, by key, which scope each is of."""

    page: Page[Unknown]
    scopes: Mapping[str, Scope]


_RESOLVED: Final = Whole(Resolved)


class FactService:
    """Records facts and settles doubts."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        ontology: Ontology,
        directory: Directory,
        idempotency: Idempotency,
        knowledge: Knowledge,
        writer: BeliefWriter,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._ontology = ontology
        self._directory = directory
        self._idempotency = idempotency
        self._knowledge = knowledge
        self._writer = writer

    async def record(
        self,
        caller: Caller,
        scope: Scope,
        *,
        entity: EntityRef | None,
        category: Category | None,
        key: str,
        value: str,
        confidence: float,
        valid_from: datetime | None,
        once: Once | None,
    ) -> Diff:
        """Records a fact, as if the user had said it plainly."""
        name = self._ontology.canonical(key)
        place = Place(key=scope.key(caller.context_id), context_id=caller.context_id, scope=scope)

        async def decide(rows: Beliefs) -> tuple[Change, Diff]:
            now = self._clock.now()
            fact = DirectFact(
                entity=entity or scope.subject(),
                category=category or self._ontology.category(name) or Category.KNOWLEDGE,
                key=name,
                value=value,
                confidence=confidence,
                valid_from=valid_from,
            )
            outcome = reconcile_direct(
                beliefs=rows,
                fact=fact,
                now=now,
                new_id=self._new_id(place),
                ontology=self._ontology,
            )
            return self._change("record_fact", caller, outcome, key=name), outcome.diff

        async def write(commit: Callable[[Connection], Awaitable[None]], diff: Diff) -> Diff:
            async def work(connection: Connection) -> Diff:
                await commit(connection)
                return diff

            return await self._idempotency.run(once, place.key, _DIFF, work)

        return await self._writer.decide_and_write(place, [name], decide, write, makes_scope=True)

    async def unknowns(
        self,
        caller: Caller,
        scope: Scope,
        *,
        include_resolved: bool,
        size: int,
        cursor: str | None,
    ) -> Unknowns:
        """Returns the doubts that a scope sees, newest first."""
        view = await self._knowledge.view(caller, scope)
        found = sorted(
            (
                unknown
                for rows in view.beliefs
                for unknown in rows.unknowns
                if include_resolved or unknown.open
            ),
            key=lambda unknown: unknown.id,
            reverse=True,
        )
        rest = [unknown for unknown in found if cursor is None or unknown.id < cursor]
        return Unknowns(
            page=cut(rest[: size + 1], size, lambda unknown: unknown.id), scopes=view.scopes
        )

    async def resolve(
        self, caller: Caller, unknown_id: str, *, accept: str | None, once: Once | None
    ) -> tuple[Resolved, Mapping[str, Scope]]:
        """Settles a doubt: accepts a value, or dismisses it with `accept` of None.

        Raises:
            UnknownNotFoundError: There is none that the caller reaches.
            UnknownAlreadyResolvedError: It was settled before.
        """
        place = await self._directory.place_of(caller, unknown_id, "unknown")
        if place is None:
            raise _unknown_not_found()
        async with self._database.read() as connection:
            unknown = await beliefs.unknown(connection, place.key, unknown_id)
        if unknown is None:
            raise _unknown_not_found()

        async def decide(rows: Beliefs) -> tuple[Change, Resolved]:
            now = self._clock.now()
            subject = next((row for row in rows.unknowns if row.id == unknown_id), unknown)
            if not subject.open:
                # Whether a repeated call gets its first answer is found out when it is written.
                change = Change(action="resolve_unknown", details={})
                return change, Resolved(unknown=subject, diff=Diff())
            if accept is None:
                outcome = dismiss_unknown(
                    beliefs=rows,
                    unknown_id=unknown_id,
                    now=now,
                    new_id=self._new_id(place),
                    ontology=self._ontology,
                )
            else:
                outcome = accept_unknown(
                    beliefs=rows,
                    unknown_id=unknown_id,
                    value=accept,
                    now=now,
                    new_id=self._new_id(place),
                    ontology=self._ontology,
                )
            settled = next(row for row in outcome.unknowns if row.id == unknown_id)
            change = self._change("resolve_unknown", caller, outcome, key=subject.about)
            return change, Resolved(unknown=settled, diff=outcome.diff)

        async def write(
            commit: Callable[[Connection], Awaitable[None]], resolved: Resolved
        ) -> Resolved:
            async def work(connection: Connection) -> Resolved:
                now_open = await beliefs.unknown(connection, place.key, unknown_id)
                if now_open is not None and not now_open.open:
                    raise UnknownAlreadyResolvedError(
                        "This unknown was resolved before. ListUnknowns shows those that are open."
                    )
                await commit(connection)
                return resolved

            return await self._idempotency.run(once, place.key, _RESOLVED, work)

        resolved = await self._writer.decide_and_write(place, [unknown.about], decide, write)
        return resolved, {place.key: place.scope}

    def _new_id(self, place: Place) -> Callable[[str], str]:
        return lambda kind: self._ids.scoped(kind, place.key)

    @staticmethod
    def _change(action: str, caller: Caller, outcome: Outcome, *, key: str) -> Change:
        return Change(
            attributes=outcome.attributes,
            unknowns=outcome.unknowns,
            action=action,
            key_id=caller.key.id,
            details={"key": key, "attributes": str(len(outcome.attributes))},
        )


def _unknown_not_found() -> UnknownNotFoundError:
    return UnknownNotFoundError(
        "There is no such unknown in this context. ListUnknowns shows those there are."
    )
