"""Makes items and vectors for the tests of the index."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from spectron_server.domain.context_text import ContextKind
from spectron_server.index.minilm import DIMENSION
from spectron_server.index.scope_index import IndexItem

START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=365)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def axis(number: int) -> NDArray[np.float32]:
    """A unit vector; different numbers are at right angles."""
    vector = np.zeros(DIMENSION, np.float32)
    vector[number] = 1
    return vector


def turn(
    item_id: str,
    text: str,
    *,
    embedding: NDArray[np.float32] | None = None,
    session: str = "session",
    sequence: int | None = None,
    speaker: str = "user",
    observed_at: datetime = START,
) -> IndexItem:
    return IndexItem(
        id=item_id,
        kind=ContextKind.TURN,
        text=text,
        embedding=embedding,
        source_turn=item_id,
        session_id=session if sequence is not None else None,
        sequence=sequence,
        speaker=speaker,
        observed_at=observed_at,
        valid_until=None,
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
) -> IndexItem:
    return IndexItem(
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
    )
