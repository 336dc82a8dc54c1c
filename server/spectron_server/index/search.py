"""Finding what bears on a question, in all the scopes that it may see.

Every item gets points for its words, its meaning, who said it and when; the table in
`docs/retrieval.md` says what each sign is worth. Words count as the part of the question's words
that an item's passage holds, meaning as a cosine: both mean the same in a scope of three items and
of fifty thousand, whatever else is in it. Then a fact takes the place of the sentence that it came
from, and a value that holds goes before a turn that says the one it replaced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.domain.belief import Attribute
from spectron_server.domain.context_text import ContextKind
from spectron_server.index.lexical import inverse_document_frequency
from spectron_server.index.passages import Occurrences
from spectron_server.index.scope_index import IndexItem, ScopeIndex, microseconds
from spectron_server.index.speakers import asks_of_self, in_first_person
from spectron_server.index.stems import stems_of, words
from spectron_server.index.times import asks_when, periods

# Scores that differ by less are ties: rounding differs with the order in which items came.
_DECIMALS: Final = 4
# A question is as long as a turn may be; its first words say what it asks for.
_MAX_QUESTION_STEMS: Final = 64
# A value is replaced, in turn, at most so often before the newest is looked for.
_MAX_CHAIN: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchWeights:
    """How many points each sign is worth.

    Attributes:
        words: All of the question's words are in an item's passage.
        meaning: The item's vector is that of the question, rather than an average one.
        around: The same of the turn before or after it.
        named: Somebody whom the question names said it, or it is about them.
        dated: It was said in the time that the question names.
        timed: It tells a time, and the question asks for one.
        asking: It is nothing but questions, which answer none.
        told: It is a turn, and a fact from it stands in its place.
        close: By so much at most the meaning of a fact falls short of that of the turn in whose
            place it stands.
        outdated: It is a turn that says what holds no more.
    """

    words: float = 1.0
    meaning: float = 1.0
    around: float = 0.25
    named: float = 0.5
    dated: float = 0.5
    timed: float = 0.3
    asking: float = -0.5
    told: float = -0.3
    close: float = 0.2
    outdated: float = -0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An item that was found; scores of one search compare with each other only.

    Attributes:
        item: What was found.
        score: Its points.
        outdated: What a turn says that held no more at the time asked about.
    """

    item: IndexItem
    score: float
    outdated: Sequence[Attribute] = ()


def question_to_embed(query: str, indexes: Sequence[ScopeIndex]) -> str:
    """Returns the text whose vector finds the answer to a question: as those named would ask it.

    Args:
        query: The question.
        indexes: The scopes to search.
    """
    names = _names([index.named_in(query) for index in indexes])
    return in_first_person(query, names) if names else query


def search(
    query: str,
    query_vector: NDArray[np.float32] | None,
    indexes: Sequence[ScopeIndex],
    *,
    top_k: int,
    now: datetime,
    as_of: datetime | None = None,
    include_history: bool = False,
    exclude: frozenset[str] = frozenset(),
    weights: SearchWeights | None = None,
) -> list[Hit]:
    """Finds the items that bear most on a question.

    Args:
        query: The question.
        query_vector: The vector of `question_to_embed`, `(384,) float32`, unit norm; None: search
            by words only.
        indexes: The scopes to search together.
        top_k: How many items at most.
        now: The time: facts that have ended by it are left out.
        as_of: Look back to this moment: only what had been observed by then, and facts that held.
        include_history: Also facts that no longer held.
        exclude: Ids of items that are not to come back.
        weights: How much each sign counts; None: the defaults.

    Returns:
        The best items, best first. Ties go to facts, then to the newer, then to the lesser id.
    """
    weights = weights or SearchWeights()
    asked = _Asked(query, indexes, now=now, as_of=as_of, weights=weights)
    found = [
        index.found_at(now=now, as_of=as_of, include_history=include_history) for index in indexes
    ]
    dense = [index.vectors.scores(query_vector, index.rows) for index in indexes]
    average = _average(dense, found, indexes)
    hits: list[Hit] = []
    for place, index in enumerate(indexes):
        # An item without a vector is taken for average, not for unlike; so is a turn's neighbour
        # that is not there, or may not be found.
        meaning = dense[place] - np.float32(average)
        meaning[~(found[place] & index.vectors.present(index.rows))] = 0
        scores = np.round(asked.points(place, found[place], meaning), _DECIMALS)
        _let_facts_stand_in(
            index,
            scores,
            meaning=meaning,
            found=found[place],
            holding=found[place] & index.holding_at(as_of or now),
            close=weights.close,
            told=weights.told,
        )
        for item_id in exclude:
            row = index.row_of(item_id)
            if row is not None:
                found[place][row] = False
        # Twice as many, since outdated turns among them may fall back behind others.
        best = _best(index, scores, found[place], 2 * top_k)
        hits += _with_heirs(index, best, found[place], as_of or now, weights.outdated)
    hits.sort(key=_order)
    return hits[:top_k]


class _Asked:
    """A question, and how items score on it."""

    def __init__(
        self,
        query: str,
        indexes: Sequence[ScopeIndex],
        *,
        now: datetime,
        as_of: datetime | None,
        weights: SearchWeights,
    ) -> None:
        self._indexes = indexes
        self._looks_back = as_of is not None
        self._weights = weights
        self._of_self = asks_of_self(query)
        self._when = asks_when(query)
        self._periods = [
            (microseconds(period.start), microseconds(period.end))
            for period in periods(query, as_of or now)
        ]
        self._named = [index.named_in(query) for index in indexes]
        names = _names(self._named)
        # As a word, a name would find those who say it, and not those who bear it.
        telling = [word for word in words(query) if word not in names] or words(query)
        stems = list(dict.fromkeys(stems_of(telling)))[:_MAX_QUESTION_STEMS]
        self._occurrences: list[Mapping[str, Occurrences]] = [
            {stem: index.lexical.occurrences(stem) for stem in stems} for index in indexes
        ]
        documents = sum(len(index.lexical) for index in indexes)
        self._rarity = {
            stem: inverse_document_frequency(
                documents, sum(len(held[stem][0]) for held in self._occurrences)
            )
            for stem in stems
        }

    def points(
        self, place: int, found: NDArray[np.bool_], meaning: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Returns the points of the items of one index.

        Args:
            place: The index's place among the indexes.
            found: Which rows the question may find, `(rows,) bool`.
            meaning: By how much each row's cosine exceeds the average, `(rows,) float32`; 0 for
                what may not be found.
        """
        index, weights = self._indexes[place], self._weights
        columns, rows = index.columns, index.rows
        points = np.float32(weights.words) * index.passages.scores(
            self._occurrences[place], self._rarity, found if self._looks_back else None, rows
        )
        points += np.float32(weights.meaning) * meaning
        points += np.float32(weights.around) * _around(index, meaning)
        named = index.speakers.flags(self._named[place])[columns.speaker[:rows]]
        if self._of_self:
            named |= columns.own[:rows]
        points += np.float32(weights.named) * named
        if self._when:
            points += np.float32(weights.timed) * columns.timed[:rows]
        if self._periods:
            observed = columns.observed[:rows]
            within = np.zeros(rows, np.bool_)
            for start, end in self._periods:
                within |= (observed >= start) & (observed < end)
            points += np.float32(weights.dated) * within
        points += np.float32(weights.asking) * columns.asking[:rows]
        return points


def _names(named: Sequence[Mapping[int, frozenset[str]]]) -> set[str]:
    return {word for one in named for names in one.values() for word in names}


def _average(
    dense: Sequence[NDArray[np.float32]],
    found: Sequence[NDArray[np.bool_]],
    indexes: Sequence[ScopeIndex],
) -> float:
    """Returns the average cosine of the items that may be found and have a vector."""
    parts = [
        scores[may & index.vectors.present(index.rows)]
        for scores, may, index in zip(dense, found, indexes, strict=True)
    ]
    count = sum(map(len, parts))
    return sum(float(part.sum()) for part in parts) / count if count else 0.0


def _around(index: ScopeIndex, meaning: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the sums of the turns before and after each; those not there count nothing."""
    # Row -1, "no neighbour", reads the zero that is put at the end.
    padded = np.append(meaning, np.float32(0))
    columns, rows = index.columns, index.rows
    return padded[columns.before[:rows]] + padded[columns.after[:rows]]


def _let_facts_stand_in(
    index: ScopeIndex,
    scores: NDArray[np.float32],
    *,
    meaning: NDArray[np.float32],
    found: NDArray[np.bool_],
    holding: NDArray[np.bool_],
    close: float,
    told: float,
) -> None:
    """Puts the best fact of a turn in the turn's place, if it means about as much to the question.

    It gets the turn's score, and the turn makes room for something else. Only the best: a turn
    that fits may have said much else besides. And only one that fits: of all that a turn said, what
    was learned from it may be what nobody asks for. Words do not tell, since a turn's are those of
    its passage.
    """
    columns = index.columns
    source = columns.source[: index.rows]
    facts = np.flatnonzero(holding & columns.fact[: index.rows] & (source >= 0))
    facts = facts[found[source[facts]]]
    if not len(facts):
        return
    # By turn, and within a turn the best first, the older first among equals.
    facts = facts[np.lexsort((columns.observed[facts], -scores[facts], source[facts]))]
    turns, first = np.unique(source[facts], return_index=True)
    best = facts[first]
    fits = meaning[best] >= meaning[turns] - np.float32(close)
    best, turns = best[fits], turns[fits]
    scores[best] = np.maximum(scores[best], scores[turns])
    scores[turns] += np.float32(told)


def _best(
    index: ScopeIndex, scores: NDArray[np.float32], found: NDArray[np.bool_], top_k: int
) -> list[Hit]:
    """Returns the best of one index in order; ties at the edge are settled like all others."""
    rows = np.flatnonzero(found)
    if not len(rows) or top_k < 1:
        return []
    own = scores[rows]
    if len(rows) > top_k:
        edge = np.partition(own, len(own) - top_k)[len(own) - top_k]
        rows = rows[own >= edge]
    hits = [Hit(item=index.item(row), score=float(scores[row])) for row in rows.tolist()]
    hits.sort(key=_order)
    return hits[:top_k]


def _with_heirs(
    index: ScopeIndex,
    hits: Sequence[Hit],
    found: NDArray[np.bool_],
    moment: datetime,
    deduction: float,
) -> list[Hit]:
    """Marks turns that say what holds no more, and puts what replaced it in their place."""
    scores = {hit.item.id: hit.score for hit in hits}
    outdated: dict[str, Sequence[Attribute]] = {}
    for hit in hits:
        if hit.item.kind is not ContextKind.TURN:
            continue
        outdated[hit.item.id] = index.outdated.said_in(hit.item, moment)
        for belief in outdated[hit.item.id]:
            heir = _heir(index, belief, moment)
            row = index.row_of(heir) if heir else None
            if heir and row is not None and found[row]:
                scores[heir] = max(scores.get(heir, hit.score), hit.score)
        if outdated[hit.item.id]:
            scores[hit.item.id] += deduction
    kept = {hit.item.id: hit.item for hit in hits}
    return [
        Hit(
            item=kept.get(item_id) or _item_of(index, item_id),
            score=score,
            outdated=outdated.get(item_id, ()),
        )
        for item_id, score in scores.items()
    ]


def _heir(index: ScopeIndex, belief: Attribute, moment: datetime) -> str | None:
    """Returns the id of the belief that stands in another's place at a moment, if there is one."""
    for _ in range(_MAX_CHAIN):
        row = index.row_of(belief.superseded_by) if belief.superseded_by else None
        following = None if row is None else index.item(row).attribute
        if following is None:
            return None
        if following.holds_at(moment):
            return following.id
        belief = following
    return None


def _item_of(index: ScopeIndex, item_id: str) -> IndexItem:
    row = index.row_of(item_id)
    assert row is not None
    return index.item(row)


def _order(hit: Hit) -> tuple[float, bool, int, str]:
    item = hit.item
    return (-hit.score, item.kind is not ContextKind.FACT, -microseconds(item.observed_at), item.id)
