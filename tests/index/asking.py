"""Short ways to ask a small index questions."""

from datetime import datetime

from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import search
from tests.index.builders import NOW, EmbeddedItem, add, axis, turn

FILLER = [
    turn(f"turn:filler{number}", text, embedding=axis(100 + number), session=f"filler{number}")
    for number, text in enumerate(
        [
            "The weather was fine.",
            "We played chess until midnight.",
            "My bicycle needs a new chain.",
            "The concert starts at eight.",
            "I baked bread this morning.",
        ]
    )
]


def index_of(*items: EmbeddedItem) -> ScopeIndex:
    index = ScopeIndex()
    add(index, items)
    return index


def ids(
    question: str,
    *indexes: ScopeIndex,
    vector: int | None = None,
    top_k: int = 10,
    now: datetime = NOW,
    as_of: datetime | None = None,
    include_history: bool = False,
) -> list[str]:
    hits = search(
        question,
        None if vector is None else axis(vector),
        indexes,
        top_k=top_k,
        now=now,
        as_of=as_of,
        include_history=include_history,
    )
    return [hit.item.id for hit in hits]
