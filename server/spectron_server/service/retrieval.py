"""Context: the facts and turns that bear on a query.

The index of a scope is kept in memory, checked against the scope's revision with each query, and
brought up to date with what changed. A turn is found as soon as it is recorded: until its worker
has written its vector, the query embeds it by itself.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, ParamSpec

import numpy as np
from numpy.typing import NDArray

from spectron_extraction.ontology import Cardinality, Ontology
from spectron_extraction.protocol import Category, EntityRef, Role
from spectron_server.domain.belief import Attribute, Beliefs
from spectron_server.domain.context_text import (
    MAX_QUOTATION_LENGTH,
    ContextKind,
    ContextLine,
    embedded_text,
    format_context,
    key_words,
    list_of,
    outdated_note,
    sentence_of,
)
from spectron_server.domain.conversation import Turn
from spectron_server.domain.scope import NAMELESS, Scope
from spectron_server.index.budget import ScopeIndexes
from spectron_server.index.embedder import Embedder
from spectron_server.index.excerpts import excerpt
from spectron_server.index.hits import Hit
from spectron_server.index.items import IndexItem, ManyTurns, Voice
from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import question_to_embed, search
from spectron_server.index.topics import Topics
from spectron_server.service.caller import Caller
from spectron_server.service.knowledge import Knowledge
from spectron_server.service.quoting import quoted
from spectron_server.storage import beliefs, turns
from spectron_server.storage.database import Database
from spectron_server.storage.line import Answer
from spectron_server.storage.scopes import ScopeState
from spectron_server.telemetry.traces import Traces

P = ParamSpec("P")

# More turns than this without a vector (a load that is ahead of its worker) are found by their
# words only, so that a query is not kept waiting for their embeddings.
_MAX_EMBEDDED_AT_ONCE: Final = 64
# Other calls get their turn between so many.
_INDEXED_AT_ONCE: Final = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextItem:
    """One thing that bears on a query: a fact with its attribute, or a turn with its role.

    The text of a turn that states what holds no more ends with a note that says so. The text of a
    fact tells the values of `others` too: further facts of its entity and key, which takes many.
    """

    kind: ContextKind
    text: str
    score: float
    source_turn: str
    session_id: str
    observed_at: datetime
    attribute: Attribute | None
    role: str
    others: Sequence[Attribute] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What bears on a query; `scopes` tells, by key, which scope each attribute is of."""

    items: Sequence[ContextItem]
    formatted: str
    revision: int
    scopes: Mapping[str, Scope]


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """A question that is being embedded before it is known who asks, or of what scope.

    Attributes:
        text: What is embedded: the question as it will probably be asked of the scope.
        vectors: Its vector, `(1, 384) float32`; cancelled where it is not wanted.
    """

    text: str
    vectors: asyncio.Task[NDArray[np.float32]]


class RetrievalService:
    """Answers queries."""

    def __init__(
        self,
        *,
        database: Database,
        knowledge: Knowledge,
        embedder: Embedder,
        ontology: Ontology,
        indexes: ScopeIndexes,
        topics: Topics,
        traces: Traces,
    ) -> None:
        self._database = database
        self._knowledge = knowledge
        self._embedder = embedder
        self._ontology = ontology
        self._indexes = indexes
        self._topics = topics
        self._traces = traces

    def foresee(self, query: str, scope_keys: Sequence[str] = ()) -> Foreseen:
        """Begins to embed a question.

        Args:
            query: The question.
            scope_keys: The keys of the scopes that it is asked of, if they are known: an earlier
                question may have told the names in them.
        """
        kept = [self._indexes.peek(key) for key in scope_keys]
        text = question_to_embed(query, [index for index in kept if index is not None])
        return Foreseen(text=text, vectors=asyncio.create_task(self._embedder.embed([text])))

    async def context(
        self,
        caller: Caller,
        scope: Scope,
        query: str,
        *,
        top_k: int,
        max_tokens: int,
        as_of: datetime | None,
        include_history: bool,
        min_turn: str,
        until: datetime,
        exclude: frozenset[str] = frozenset(),
        foreseen: Foreseen | None = None,
    ) -> Context:
        """Returns what bears on a query, without the turns whose ids are in `exclude`."""
        # The database answers meanwhile.
        ahead = foreseen or self.foresee(query, scope.visible_keys(caller.context_id))
        try:
            view = await self._knowledge.view(caller, scope, min_turn=min_turn, until=until)
            indexes = [
                await self._index(state, rows)
                for state, rows in zip(view.states, view.beliefs, strict=True)
            ]
            asked = question_to_embed(query, indexes)
            vectors = await (
                ahead.vectors if asked == ahead.text else self._embedder.embed([asked])
            )
        finally:
            ahead.vectors.cancel()
        with self._traces.span("search", scopes=len(indexes), top_k=top_k):
            hits = search(
                query,
                vectors[0],
                indexes,
                top_k=top_k,
                now=self._knowledge.moment(None),
                as_of=as_of,
                include_history=include_history,
                exclude=exclude,
                topics=self._topics.of(query),
            )
        disputed = view.disputed(self._knowledge.moment(as_of))
        quotations = await quoted(hits, indexes)
        lines = [
            self._line(hit, query, quotations, scope, as_of=as_of, disputed=disputed)
            for hit in hits
        ]
        return Context(
            items=[_item(hit, line) for hit, line in zip(hits, lines, strict=True)],
            formatted=format_context(lines, subject=scope.subject(), max_tokens=max_tokens),
            revision=view.revision,
            scopes=view.scopes,
        )

    def _line(
        self,
        hit: Hit,
        query: str,
        quotations: Mapping[str, str],
        scope: Scope,
        *,
        as_of: datetime | None,
        disputed: frozenset[str],
    ) -> ContextLine:
        item, belief = hit.item, hit.item.attribute
        text, quotation = item.text, ""
        if belief is None:
            text = quotations[item.id]
            quotation = excerpt(text, query, MAX_QUOTATION_LENGTH)
        elif hit.others:
            text = list_of([belief, *_others(hit)], self._ontology, scope.subject())
        elif as_of is not None and belief.holds_at(as_of):
            # At that moment nobody knew until when it would be true.
            text = embedded_text(belief, self._ontology, scope.subject())
        elif belief.entity == NAMELESS:
            # Whom the index of a scope that is shared calls the user is another one here.
            text = sentence_of(belief, self._ontology, scope.subject())
        return ContextLine(
            kind=item.kind,
            text=text,
            observed_at=item.observed_at,
            entity=None if belief is None else belief.entity,
            role=None if item.role is None else Role(item.role),
            outdated=tuple(
                (each.value, each.valid_until)
                for each in hit.outdated
                if each.valid_until is not None
            ),
            quotation=quotation,
            disputed=belief is not None and belief.id in disputed,
        )

    async def _index(self, state: ScopeState, rows: Beliefs) -> ScopeIndex:
        """Returns the index of a scope, with everything up to the state's revision in it."""
        async with self._indexes.lock(state.key):
            kept = self._indexes.get(state.key, state.created_at)
            if kept is None:
                index = await self._build(state, rows)
            elif kept.revision < state.revision:
                index = kept.index
                await self._update(index, state, kept.revision)
            else:
                return kept.index
            self._indexes.put(
                state.key, created_at=state.created_at, revision=state.revision, index=index
            )
            return index

    async def _build(self, state: ScopeState, rows: Beliefs) -> ScopeIndex:
        """Makes the index of a scope, of a page of turns or vectors at a time."""
        index, subject = ScopeIndex(), state.scope.subject()
        async with self._database.read() as connection:
            async for page in turns.shown(connection, state.key):
                await _at_length(page.count, _add_turns, index, page, subject)
            facts = [_fact_item(row, self._ontology, subject) for row in rows.attributes]
            await _at_length(len(facts), index.upsert, facts, {})
            async for page in beliefs.embedded(connection, state.key):
                await _at_length(page.count, _add_vectors, index, page)
        missing = index.last_turns_without_vectors(_MAX_EMBEDDED_AT_ONCE)
        if missing:
            index.embed(
                [turn.id for turn in missing],
                await self._embedder.embed([turn.text for turn in missing]),
            )
        return index

    async def _update(self, index: ScopeIndex, state: ScopeState, since: int) -> None:
        """Brings an index up to date with what changed after a revision."""
        async with self._database.read() as connection:
            changed = await turns.changed(connection, state.key, since)
            news = await beliefs.since(connection, state.key, since)
            ids = [turn.id for turn in changed] + [row.id for row in news.attributes]
            vectors = await beliefs.embeddings(connection, state.key, ids)
        shown = [turn for turn in changed if not turn.hidden]
        vectors |= await self._fresh_vectors([turn for turn in shown if turn.id not in vectors])
        subject = state.scope.subject()
        index.remove([turn.id for turn in changed if turn.hidden])
        for start in range(0, max(len(shown), len(news.attributes)), _INDEXED_AT_ONCE):
            end = start + _INDEXED_AT_ONCE
            index.upsert(
                [
                    *(_turn_item(turn, subject) for turn in shown[start:end]),
                    *(
                        _fact_item(row, self._ontology, subject)
                        for row in news.attributes[start:end]
                    ),
                ],
                vectors,
            )
            await asyncio.sleep(0)

    async def _fresh_vectors(self, missing: list[Turn]) -> dict[str, NDArray[np.float32]]:
        newest = sorted(missing, key=lambda turn: turn.position)[-_MAX_EMBEDDED_AT_ONCE:]
        if not newest:
            return {}
        matrix = await self._embedder.embed([turn.content for turn in newest])
        return {turn.id: vector for turn, vector in zip(newest, matrix, strict=True)}


async def _at_length(
    count: int, work: Callable[P, object], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Does work on a number of items; on a thread if other calls would have to wait for long."""
    if count <= _INDEXED_AT_ONCE:
        work(*args, **kwargs)
    else:
        await asyncio.to_thread(work, *args, **kwargs)


def _add_turns(index: ScopeIndex, page: Answer, subject: EntityRef) -> None:
    shown = turns.shown_turns(page)
    voices = {role: _voice(Role(role), subject) for role in set(shown.roles)}
    index.add_turns(
        ManyTurns(
            ids=shown.ids,
            texts=shown.contents,
            sessions=shown.session_ids,
            sequences=shown.sequences,
            voices=[voices[role] for role in shown.roles],
            observed_us=shown.observed_us,
        )
    )


def _add_vectors(index: ScopeIndex, page: Answer) -> None:
    index.embed(*beliefs.ids_and_vectors(page))


def _voice(role: Role, subject: EntityRef) -> Voice:
    # A question that names the user means what the user said.
    own = role is Role.USER
    return Voice(speaker=subject.name if own else role.value, role=role.value, own=own)


def _turn_item(turn: Turn, subject: EntityRef) -> IndexItem:
    voice = _voice(turn.role, subject)
    return IndexItem(
        id=turn.id,
        kind=ContextKind.TURN,
        text=turn.content,
        source_turn=turn.id,
        session_id=turn.session_id,
        sequence=turn.sequence,
        speaker=voice.speaker,
        role=voice.role,
        observed_at=turn.observed_at,
        valid_until=None,
        own=voice.own,
    )


def _fact_item(row: Attribute, ontology: Ontology, subject: EntityRef) -> IndexItem:
    return IndexItem(
        id=row.id,
        kind=ContextKind.FACT,
        text=sentence_of(row, ontology, subject),
        source_turn=row.evidence.turn_id if row.evidence else None,
        session_id=None,
        sequence=None,
        speaker=row.entity.name,
        observed_at=row.valid_from,
        valid_until=row.valid_until,
        own=row.entity == subject,
        attribute=row,
        # What happens or is planned has a time of its own, and stands for itself.
        listed=ontology.cardinality(row.key) is Cardinality.MANY
        and row.category is not Category.CONTEXT,
        aliases=key_words(row.key, ontology),
    )


def _others(hit: Hit) -> list[Attribute]:
    return [other.attribute for other in hit.others if other.attribute is not None]


def _item(hit: Hit, line: ContextLine) -> ContextItem:
    item = hit.item
    return ContextItem(
        kind=item.kind,
        text=f"{line.text} {note}" if (note := outdated_note(line)) else line.text,
        score=hit.score,
        source_turn=item.source_turn or "",
        session_id=item.session_id or "",
        observed_at=item.observed_at,
        attribute=item.attribute,
        role=item.role or "",
        others=_others(hit),
    )
