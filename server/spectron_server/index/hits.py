"""What a search found: the best items of an index, with facts that share a place.

"What are my hobbies?" asks for a list, and every hobby is a fact of its own. The values that an
entity has of a key which takes many are told as one item, that of the best of them: so they are
seen together, and the other places are left to something else. A long list is told in parts, and
each stands where its own best value does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.domain.belief import Attribute
from spectron_server.domain.context_text import ContextKind
from spectron_server.index.items import IndexItem
from spectron_server.index.scope_index import ScopeIndex

MAX_LISTED: Final = 20
"""An item tells so many values at most; what bears less on the question is in a further one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An item that was found; scores of one search compare with each other only.

    Attributes:
        item: What was found.
        score: Its points.
        outdated: What a turn says that held no more at the time asked about.
        others: Facts of the same list as a fact, best first: they share its place.
    """

    item: IndexItem
    score: float
    outdated: Sequence[Attribute] = ()
    others: Sequence[IndexItem] = ()


def best_hits(
    index: ScopeIndex,
    scores: NDArray[np.float32],
    *,
    found: NDArray[np.bool_],
    lasting: NDArray[np.bool_],
    top_k: int,
) -> list[Hit]:
    """Returns the best of one index in order; ties at the edge are settled like all others.

    Args:
        index: The index.
        scores: The points of its rows, `(rows,) float32`.
        found: Which rows the question may find, `(rows,) bool`.
        lasting: Which of them hold without an end that is known, `(rows,) bool`: those may be
            told as a list.
        top_k: How many at most.
    """
    listed = np.flatnonzero(found & lasting & (index.columns.listed[: index.rows] >= 0))
    parts, rest = _parts(index, scores, listed)
    kept = found.copy()
    kept[rest] = False
    rows = np.flatnonzero(kept)
    if not len(rows) or top_k < 1:
        return []
    hits = []
    for row in _leading(scores, rows, top_k).tolist():
        first, *others = in_order(
            [
                Hit(item=index.item(each), score=float(scores[each]))
                for each in parts.get(row, [row])
            ]
        )
        if others:
            first = replace(first, others=tuple(other.item for other in others))
        hits.append(first)
    return in_order(hits)[:top_k]


def _leading(scores: NDArray[np.float32], rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Returns the rows with the best scores: so many, and those that tie with the last."""
    if len(rows) <= count:
        return rows
    own = scores[rows]
    edge = np.partition(own, len(own) - count)[len(own) - count]
    leading: NDArray[np.intp] = rows[own >= edge]
    return leading


def _parts(
    index: ScopeIndex, scores: NDArray[np.float32], listed: NDArray[np.intp]
) -> tuple[dict[int, list[int]], NDArray[np.intp]]:
    """Parts lists, the best values first and the newer first among equals.

    Returns:
        The rows of each part by the first of them, which stands for it, and all other rows.
    """
    if not len(listed):
        return {}, listed
    lists = index.columns.listed[listed]
    inward = np.lexsort((-index.columns.observed[listed], -scores[listed], lists))
    ordered, lists = listed[inward], lists[inward]
    _, starts, sizes = np.unique(lists, return_index=True, return_counts=True)
    leads = (np.arange(len(ordered)) - np.repeat(starts, sizes)) % MAX_LISTED == 0
    bounds = [*np.flatnonzero(leads).tolist(), len(ordered)]
    parts = {int(ordered[first]): ordered[first:end].tolist() for first, end in pairwise(bounds)}
    return parts, ordered[~leads]


def in_order(hits: list[Hit]) -> list[Hit]:
    """Sorts hits, and returns them: ties go to facts, then to the newer, then to the lesser id."""
    if len(hits) > 1:
        # What counts least goes first, since sorting leaves ties as they were.
        hits.sort(key=_ID)
        hits.sort(key=_OBSERVED_AT, reverse=True)
        hits.sort(key=_score_and_kind)
    return hits


def _score_and_kind(hit: Hit) -> tuple[float, bool]:
    return (-hit.score, hit.item.kind is not ContextKind.FACT)


_ID: Final = attrgetter("item.id")
_OBSERVED_AT: Final = attrgetter("item.observed_at")
