"""Finding what bears on a question, in all the scopes that it may see.

Every item gets a lexical score (BM25) and a dense one (cosine). Both are standardised over all the
items that the question may find and added. Then neighbouring turns lend each other a part of their
scores, and whoever the question names has what they said raised. A fact that holds goes before the
sentence that it came from. See Robertson and Zaragoza (2009) for BM25.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.domain.context_text import ContextKind
from spectron_server.index.lexical import inverse_document_frequency
from spectron_server.index.scope_index import IndexItem, ScopeIndex, microseconds
from spectron_server.index.stems import stems

# Scores that differ by less are ties: rounding differs with the order in which items came.
_DECIMALS: Final = 4
# A question is as long as a turn may be; its first words say what it asks for.
_MAX_QUESTION_STEMS: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchWeights:
    """How much each sign counts, in standard deviations of a score over all items.

    Attributes:
        lexical: BM25 of the words, a turn's joined to those of the turn before it.
        dense: Cosine of the vectors.
        neighbour: The part of its score that a turn lends to the turn before and after it.
        named: Added to what was said by, or is known of, somebody whom the question names.
    """

    lexical: float = 0.5
    dense: float = 0.5
    neighbour: float = 0.3
    named: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An item that was found; scores of one search compare with each other only."""

    item: IndexItem
    score: float


@dataclass(kw_only=True, slots=True)
class _Candidates:
    """The items of one index that a question may find, and their scores by row."""

    index: ScopeIndex
    found: NDArray[np.bool_]
    lexical: NDArray[np.float32]
    dense: NDArray[np.float32]
    embedded: NDArray[np.bool_]


def search(
    query: str,
    query_vector: NDArray[np.float32] | None,
    indexes: Sequence[ScopeIndex],
    *,
    top_k: int,
    now: datetime,
    as_of: datetime | None = None,
    include_history: bool = False,
    weights: SearchWeights | None = None,
) -> list[Hit]:
    """Finds the items that bear most on a question.

    Args:
        query: The question.
        query_vector: Its vector, `(384,) float32`, unit norm; None: search by words only.
        indexes: The scopes to search together.
        top_k: How many items at most.
        now: The time: facts that have ended by it are left out.
        as_of: Look back to this moment: only what had been observed by then, and facts that held.
        include_history: Also facts that no longer held.
        weights: How much each sign counts; None: the defaults.

    Returns:
        The best items, best first. Ties go to facts, then to the newer, then to the lesser id.
    """
    weights = weights or SearchWeights()
    rarity = _rarity(query, indexes)
    candidates = [
        _Candidates(
            index=index,
            found=index.found_at(now=now, as_of=as_of, include_history=include_history),
            lexical=index.lexical.scores(rarity, index.rows),
            dense=_dense(index, query_vector),
            embedded=index.vectors.present(index.rows),
        )
        for index in indexes
    ]
    lexical = _Standard.of([one.lexical[one.found] for one in candidates])
    dense = _Standard.of([one.dense[one.found & one.embedded] for one in candidates])
    hits: list[Hit] = []
    for one in candidates:
        scores = weights.lexical * lexical.apply(one.lexical)
        # An item without a vector is taken for average, not for unlike.
        scores += weights.dense * np.where(one.embedded, dense.apply(one.dense), 0)
        scores[~one.found] = 0
        scores = _lend(one.index, scores, weights.neighbour)
        named = one.index.speakers.named_in(query)
        scores += weights.named * named[one.index.columns.speaker[: one.index.rows]]
        scores = np.round(scores, _DECIMALS)
        _raise_facts(one, scores, one.found & one.index.holding_at(as_of or now))
        hits += _best(one, scores, top_k)
    hits.sort(key=_order)
    return hits[:top_k]


@dataclass(frozen=True, slots=True)
class _Standard:
    """Mean and deviation of a score over all candidates."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, parts: Sequence[NDArray[np.float32]]) -> "_Standard":
        values = np.concatenate([np.zeros(0, np.float32), *parts])
        if not len(values):
            return cls(0, 1)
        # Scores that are all alike say nothing, and must not be divided by almost nothing.
        return cls(float(values.mean()), float(values.std()) or 1)

    def apply(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        return (values - np.float32(self.mean)) / np.float32(self.deviation)


def _rarity(query: str, indexes: Sequence[ScopeIndex]) -> dict[str, float]:
    """Returns the stems of a question with their inverse document frequencies over all indexes."""
    documents = sum(len(index.lexical) for index in indexes)
    distinct = list(dict.fromkeys(stems(query)))[:_MAX_QUESTION_STEMS]
    return {
        stem: inverse_document_frequency(
            documents, sum(index.lexical.document_frequency(stem) for index in indexes)
        )
        for stem in distinct
    }


def _dense(index: ScopeIndex, query: NDArray[np.float32] | None) -> NDArray[np.float32]:
    if query is None:
        return np.zeros(index.rows, np.float32)
    return index.vectors.scores(query, index.rows)


def _lend(index: ScopeIndex, scores: NDArray[np.float32], part: float) -> NDArray[np.float32]:
    """Adds to each turn a part of its neighbours' scores; those not found lend nothing."""
    # Row -1, "no neighbour", reads the zero that is put at the end.
    padded = np.append(scores, np.float32(0))
    columns, rows = index.columns, index.rows
    lent = padded[columns.before[:rows]] + padded[columns.after[:rows]]
    return scores + np.float32(part) * lent


def _raise_facts(
    candidates: _Candidates, scores: NDArray[np.float32], holding: NDArray[np.bool_]
) -> None:
    """Gives the best fact of each turn at least the turn's score; ties go to facts.

    Only the best: a turn that fits may have said much else besides.
    """
    index = candidates.index
    columns = index.columns
    source = columns.source[: index.rows]
    facts = np.flatnonzero(holding & columns.fact[: index.rows] & (source >= 0))
    facts = facts[candidates.found[source[facts]]]
    # By turn, and within a turn the best first, the older first among equals.
    facts = facts[np.lexsort((columns.observed[facts], -scores[facts], source[facts]))]
    turns, first = np.unique(source[facts], return_index=True)
    best = facts[first]
    scores[best] = np.maximum(scores[best], scores[turns])


def _best(candidates: _Candidates, scores: NDArray[np.float32], top_k: int) -> list[Hit]:
    """Returns the best of one index in order; ties at the edge are settled like all others."""
    rows = np.flatnonzero(candidates.found)
    if not len(rows) or top_k < 1:
        return []
    own = scores[rows]
    if len(rows) > top_k:
        edge = np.partition(own, len(own) - top_k)[len(own) - top_k]
        rows = rows[own >= edge]
    hits = [Hit(item=candidates.index.item(row), score=float(scores[row])) for row in rows.tolist()]
    hits.sort(key=_order)
    return hits[:top_k]


def _order(hit: Hit) -> tuple[float, bool, int, str]:
    item = hit.item
    return (-hit.score, item.kind is not ContextKind.FACT, -microseconds(item.observed_at), item.id)
