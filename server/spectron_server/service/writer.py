"""Changing what a scope believes: decide on what is believed now, then write.

The write is one transaction, and is given up if another change came in between; then it is
decided anew. Deciding may take a while, for the sentences of new beliefs are embedded; no
transaction is open meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from spectron_extraction.ontology import Ontology
from spectron_server.domain.belief import Attribute, Beliefs, Unknown
from spectron_server.domain.clock import Clock
from spectron_server.domain.context_text import embedded_text
from spectron_server.domain.errors import OverloadedError
from spectron_server.domain.ids import Ids
from spectron_server.index.embedder import Embedder
from spectron_server.service.directory import Place
from spectron_server.service.waiting import Waiting
from spectron_server.storage import audit, beliefs, scopes, turns
from spectron_server.storage.database import Database
from spectron_server.storage.notify import notify
from spectron_server.storage.statement import Connection

T = TypeVar("T")
Vectors = Mapping[str, NDArray[np.float32]]
Stamp = tuple[datetime, int]
"""Names a state of a scope's beliefs: one that was erased and made again counts from 0 again."""

_TRIES: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A decided change.

    Attributes:
        attributes: Rows as they shall be, new or changed.
        unknowns: Rows as they shall be, new or changed.
        hidden_turns: Turns to take out of retrieval.
        action: What it is, for the audit.
        key_id: Whose key did it; empty for the worker.
        details: Counts and selectors for the audit, without user text.
    """

    attributes: Sequence[Attribute] = ()
    unknowns: Sequence[Unknown] = ()
    hidden_turns: Sequence[str] = ()
    action: str
    key_id: str = ""
    details: Mapping[str, str]


class BeliefsChangedError(Exception):
    """Another change was committed since the decision."""


class BeliefWriter:
    """Writes changes of beliefs, each in one transaction with its audit entry."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        embedder: Embedder,
        ontology: Ontology,
        waiting: Waiting,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._embedder = embedder
        self._ontology = ontology
        self._waiting = waiting

    async def decide_and_write(
        self,
        place: Place,
        keys: Sequence[str] | None,
        decide: Callable[[Beliefs], Awaitable[tuple[Change, T]]],
        write: Callable[[Callable[[Connection], Awaitable[None]], T], Awaitable[T]],
        *,
        makes_scope: bool = False,
    ) -> T:
        """Decides on the beliefs of a scope and writes the change.

        Args:
            place: The scope; nothing is written if it does not exist.
            keys: The attribute keys that the decision depends on; None for all.
            decide: Returns the change, and what `write` returns if all goes well.
            write: Called with a function that writes the change on a connection in a transaction;
                it must call it, and may write more in the same transaction.
            makes_scope: Make the scope if it does not exist, be it erased meanwhile.

        Raises:
            OverloadedError: Others changed the beliefs each time.
        """
        for _ in range(_TRIES):
            async with self._database.read() as connection:
                if makes_scope:
                    await scopes.ensure(
                        connection,
                        context_id=place.context_id,
                        scope=place.scope,
                        now=self._clock.now(),
                    )
                # The revision first: what changes in between is noticed when it is written.
                states, rows = await asyncio.gather(
                    scopes.find(connection, [place.key]),
                    beliefs.since(connection, place.key, -1)
                    if keys is None
                    else beliefs.of_keys(connection, place.key, keys),
                )
                seen = _stamp(states[0] if states else None)
            if makes_scope and seen is None:
                # It was erased as soon as it was made.
                continue
            change, result = await decide(rows)
            vectors = await self._vectors(place, change, rows)

            async def commit(
                connection: Connection,
                change: Change = change,
                vectors: Vectors = vectors,
                seen: Stamp | None = seen,
            ) -> None:
                await self._commit(connection, place.key, change, vectors, seen)

            try:
                answer = await write(commit, result)
            except BeliefsChangedError:
                continue
            self._waiting.wake(place.key)
            return answer
        raise OverloadedError("This scope is being changed by many calls at once. Try again.")

    def wake(self, scope_key: str) -> None:
        """Wakes those of this process who wait for news of a scope."""
        self._waiting.wake(scope_key)

    async def _vectors(self, place: Place, change: Change, rows: Beliefs) -> Vectors:
        known = {attribute.id for attribute in rows.attributes}
        new = [attribute for attribute in change.attributes if attribute.id not in known]
        if not new:
            return {}
        subject = place.scope.subject()
        texts = [embedded_text(attribute, self._ontology, subject) for attribute in new]
        matrix = await self._embedder.embed(texts)
        return {attribute.id: vector for attribute, vector in zip(new, matrix, strict=True)}

    async def _commit(
        self,
        connection: Connection,
        scope_key: str,
        change: Change,
        vectors: Vectors,
        seen: Stamp | None,
    ) -> None:
        touched = bool(change.attributes or change.unknowns)
        state, bumped = await asyncio.gather(
            scopes.lock(connection, scope_key),
            scopes.bump(connection, scope_key, beliefs=touched),
        )
        if _stamp(state) != seen:
            raise BeliefsChangedError
        if bumped is None:
            # The scope was erased: there is nothing left to change.
            return
        revision, _ = bumped
        await beliefs.put(
            connection,
            scope_key,
            attributes=change.attributes,
            unknowns=change.unknowns,
            revision=revision,
        )
        if vectors:
            await beliefs.put_embeddings(connection, scope_key, vectors)
        if change.hidden_turns:
            await turns.hide(connection, scope_key, change.hidden_turns, revision)
            await beliefs.drop_embeddings(connection, scope_key, change.hidden_turns)
        await audit.add(
            connection,
            scope_key,
            audit.AuditRow(
                id=self._ids.scoped("audit", scope_key),
                at=self._clock.now(),
                action=change.action,
                key_id=change.key_id,
                details=change.details,
            ),
        )
        await notify(connection, scope_key)


def _stamp(state: scopes.ScopeState | None) -> Stamp | None:
    return (state.created_at, state.belief_revision) if state else None
