"""Makes items and vectors for the tests of the index."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.belief import Attribute, AttributeStatus, Evidence
from spectron_server.domain.context_text import ContextKind
from spectron_server.index.items import IndexItem, ManyTurns, Voice, microseconds
from spectron_server.index.minilm import DIMENSION
from spectron_server.index.scope_index import ScopeIndex

START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=365)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def axis(number: int) -> NDArray[np.float32]:
    """A unit vector; different numbers are at right angles."""
    vector = np.zeros(DIMENSION, np.float32)
    vector[number] = 1
    return vector


def between(first: int, second: int, part: float) -> NDArray[np.float32]:
    """A unit vector between two axes; its cosine with the second is `part`."""
    vector = axis(second) * np.float32(part) + axis(first) * np.float32(np.sqrt(1 - part**2))
    return vector.astype(np.float32)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbeddedItem(IndexItem):
    """An item with its vector, if it has one."""

    embedding: NDArray[np.float32] | None = field(compare=False)


def add(index: ScopeIndex, items: Iterable[EmbeddedItem]) -> None:
    """Puts items into an index, with their vectors."""
    kept = list(items)
    vectors = {item.id: item.embedding for item in kept if item.embedding is not None}
    index.upsert(kept, vectors)


def rows_of(index: ScopeIndex, ids: Iterable[str]) -> list[int]:
    """The rows of items, all of which must be there."""
    rows = [index.row_of(item_id) for item_id in ids]
    assert None not in rows
    return [row for row in rows if row is not None]


def add_in_bulk(index: ScopeIndex, items: Iterable[EmbeddedItem]) -> None:
    """Puts items that are not there yet into an index as a cold start does."""
    kept = list(items)
    turns = [item for item in kept if item.kind is ContextKind.TURN]
    index.add_turns(
        ManyTurns(
            ids=[item.id for item in turns],
            texts=[item.text for item in turns],
            sessions=[item.session_id or "" for item in turns],
            sequences=[item.sequence or 0 for item in turns],
            voices=[Voice(speaker=item.speaker, role=item.role, own=item.own) for item in turns],
            observed_us=[microseconds(item.observed_at) for item in turns],
        )
    )
    index.upsert([item for item in kept if item.kind is ContextKind.FACT], {})
    embedded = [item for item in kept if item.embedding is not None]
    vectors = [item.embedding for item in embedded if item.embedding is not None]
    index.embed(
        [*(item.id for item in embedded), "turn:unknown"],
        np.array([*vectors, axis(0)]).astype(np.float16),
    )


def turn(
    item_id: str,
    text: str,
    *,
    embedding: NDArray[np.float32] | None = None,
    session: str = "session",
    sequence: int | None = None,
    speaker: str = "user",
    observed_at: datetime = START,
    own: bool = False,
    role: str | None = None,
) -> EmbeddedItem:
    return EmbeddedItem(
        id=item_id,
        kind=ContextKind.TURN,
        text=text,
        embedding=embedding,
        source_turn=item_id,
        session_id=session if sequence is not None else None,
        sequence=sequence,
        speaker=speaker,
        role=role,
        observed_at=observed_at,
        valid_until=None,
        own=own,
    )


def fact(
    item_id: str,
    text: str,
    *,
    embedding: NDArray[np.float32] | None = None,
    source: str | None = None,
    entity: str = "alice",
    observed_at: datetime = START,
    valid_until: datetime | None = None,
    own: bool = False,
) -> EmbeddedItem:
    return EmbeddedItem(
        id=item_id,
        kind=ContextKind.FACT,
        text=text,
        embedding=embedding,
        source_turn=source,
        session_id=None,
        sequence=None,
        speaker=entity,
        observed_at=observed_at,
        valid_until=valid_until,
        own=own,
    )


def belief(
    item_id: str,
    value: str,
    *,
    source: str | None,
    observed_at: datetime,
    valid_until: datetime | None = None,
    supersedes: str | None = None,
    superseded_by: str | None = None,
    key: str = "location",
    embedding: NDArray[np.float32] | None = None,
    quote: str | None = None,
    listed: bool = False,
    aliases: tuple[str, ...] = (),
) -> EmbeddedItem:
    """A fact about Alice with the attribute that it states; a quote of its source proves it."""
    status = AttributeStatus.ACTIVE
    if valid_until is not None:
        status = AttributeStatus.SUPERSEDED if superseded_by else AttributeStatus.EXPIRED
    attribute = Attribute(
        id=item_id,
        entity=EntityRef(type="Person", name="alice"),
        category=Category.IDENTITY,
        key=key,
        value=value,
        confidence=0.9,
        evidence=None
        if source is None or quote is None
        else Evidence(turn_id=source, start=0, end=len(quote), quote=quote),
        valid_from=observed_at,
        valid_until=valid_until,
        recorded_at=observed_at,
        last_validated_at=observed_at,
        status=status,
        supersedes=supersedes,
        superseded_by=superseded_by,
    )
    return replace(
        fact(
            item_id,
            f"The user's {key} is {value}.",
            source=source,
            embedding=embedding,
            observed_at=observed_at,
            valid_until=valid_until,
            own=True,
        ),
        attribute=attribute,
        listed=listed,
        aliases=aliases,
    )
