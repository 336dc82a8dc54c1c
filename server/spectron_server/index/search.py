"""Finding what bears on a question, in all the scopes that it may see.

Every item gets points for its words, its meaning, who said it and when; the table in
`docs/retrieval.md` says what each sign is worth. Words count as the part of the question's words
that an item's passage holds, meaning as a cosine: both mean the same in a scope of three items and
of fifty thousand, whatever else is in it. Then a fact takes the place of the sentence that it came
from, and a value that holds goes before a turn that says the one it replaced.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.index.hits import Hit, best_hits, in_order
from spectron_server.index.items import microseconds
from spectron_server.index.lexical import inverse_document_frequency
from spectron_server.index.passages import Occurrences
from spectron_server.index.persons import (
    as_the_user_asks,
    asks_for_something,
    asks_of_assistant,
    asks_of_self,
)
from spectron_server.index.places import let_facts_stand_in, with_heirs
from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.speakers import in_first_person
from spectron_server.index.stems import stems_of, words
from spectron_server.index.times import asks_of_last_session, asks_when, periods
from spectron_server.index.topics import Topic

# Scores that differ by less are ties: rounding differs with the order in which items came.
_DECIMALS: Final = 4
# A question is as long as a turn may be; its first words say what it asks for.
_MAX_QUESTION_STEMS: Final = 64
# A session in which somebody spoke since then may be the one in which is asked.
_GOING_ON: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchWeights:
    """How many points each sign is worth.

    Attributes:
        words: All of the question's words are in an item's passage.
        meaning: The item's vector is that of the question, rather than an average one.
        around: The same of the turn before or after it.
        named: Somebody whom the question names said it, or it is about them.
        unasked: An assistant or a tool said it, and the question does not ask what they said.
        topic: What a topic of the question weighs as a word of it, beside a word of its own.
        answering: It is a fact of a key that answers, whatever the question's topics are.
        naming: It holds a name, and the question asks for one.
        dated: It was said in the time that the question names.
        resumed: It was said in the session that the question calls the last.
        timed: It tells a time, and the question asks for one.
        idle: It is nothing but questions, which answer none, or thanks.
        told: It is a turn, and a fact from it stands in its place.
        close: By so much at most the meaning of a fact falls short of that of the turn in whose
            place it stands.
        outdated: It is a turn that says what holds no more.
    """

    words: float = 1.0
    meaning: float = 1.0
    around: float = 0.25
    named: float = 0.5
    unasked: float = -0.25
    topic: float = 0.6
    answering: float = 0.3
    naming: float = 0.1
    dated: float = 0.5
    resumed: float = 1.0
    timed: float = 0.3
    idle: float = -0.5
    told: float = -0.3
    close: float = 0.2
    outdated: float = -0.3


def question_to_embed(query: str, indexes: Sequence[ScopeIndex]) -> str:
    """Returns the text whose vector finds the answer to a question: as those named would ask it.

    Args:
        query: The question.
        indexes: The scopes to search.
    """
    query = as_the_user_asks(query)
    names = _speaking(query, indexes)
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
    topics: Sequence[Topic] = (),
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
        topics: What the question is about.
        weights: How much each sign counts; None: the defaults.

    Returns:
        The best items, best first. Ties go to facts, then to the newer, then to the lesser id.
    """
    weights = weights or SearchWeights()
    asked = _Asked(
        as_the_user_asks(query), indexes, now=now, as_of=as_of, topics=topics, weights=weights
    )
    found = [
        index.found_at(now=now, as_of=as_of, include_history=include_history) for index in indexes
    ]
    last = _last_session(query, indexes, found, as_of or now)
    dense = [index.vectors.scores(query_vector, index.rows) for index in indexes]
    known = [
        may & index.vectors.present(index.rows) for may, index in zip(found, indexes, strict=True)
    ]
    average = _average(dense, known)
    hits: list[Hit] = []
    for place, index in enumerate(indexes):
        # An item without a vector is taken for average, not for unlike; so is a turn's neighbour
        # that is not there, or may not be found.
        meaning = dense[place] - np.float32(average)
        meaning[~known[place]] = 0
        holding = found[place] & index.holding_at(as_of or now)
        points = asked.points(place, found[place], meaning)
        if last is not None and last[0] == place:
            points[index.columns.session[: index.rows] == last[1]] += np.float32(weights.resumed)
        scores = np.round(points, _DECIMALS)
        let_facts_stand_in(
            index,
            scores,
            meaning=meaning,
            found=found[place],
            holding=holding,
            close=weights.close,
            told=weights.told,
        )
        for item_id in exclude:
            row = index.row_of(item_id)
            if row is not None:
                found[place][row] = False
        # Twice as many, since outdated turns among them may fall back behind others.
        # A list tells no times. Looking back, nobody knew yet what would end.
        lasting = holding if as_of else holding & index.lasting()
        best = best_hits(index, scores, found=found[place], lasting=lasting, top_k=2 * top_k)
        hits += with_heirs(index, best, found[place], as_of or now, weights.outdated)
    return in_order(hits)[:top_k]


class _Asked:
    """A question, and how items score on it."""

    def __init__(
        self,
        query: str,
        indexes: Sequence[ScopeIndex],
        *,
        now: datetime,
        as_of: datetime | None,
        topics: Sequence[Topic],
        weights: SearchWeights,
    ) -> None:
        self._indexes = indexes
        self._looks_back = as_of is not None
        self._weights = weights
        answering = Counter(key for topic in topics for key in topic.keys)
        # A key that answers all topics of the question answers the question.
        self._answering = {key: count / len(topics) for key, count in answering.items()}
        self._for_names = any(topic.names for topic in topics)
        self._of_assistant = asks_of_assistant(query)
        self._when = asks_when(query)
        self._periods = [
            (microseconds(period.start), microseconds(period.end))
            for period in periods(query, as_of or now)
        ]
        self._named = [index.named_in(query) for index in indexes]
        names = _speaking(query, indexes)
        # What is made for somebody is made after what is known of them.
        for_self = asks_for_something(query) and not names
        self._of_self = not self._of_assistant and (asks_of_self(query) or for_self)
        # As a word, a name would find those who say it, and not those who bear it.
        telling = [word for word in words(query) if word not in names] or words(query)
        stems = list(dict.fromkeys(stems_of(telling)))[:_MAX_QUESTION_STEMS]
        self._occurrences: list[Mapping[str, Occurrences]] = [
            {stem: index.lexical.occurrences(stem) for stem in stems}
            | {topic.name: topic.occurrences(index.lexical) for topic in topics}
            for index in indexes
        ]
        share = dict.fromkeys(stems, 1.0) | {topic.name: weights.topic for topic in topics}
        documents = sum(len(index.lexical) for index in indexes)
        self._rarity = {
            stem: part
            * inverse_document_frequency(
                documents, sum(len(held[stem][0]) for held in self._occurrences)
            )
            for stem, part in share.items()
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
        points += np.float32(weights.around) * index.passages.around(meaning)
        named = index.speakers.flags(self._named[place])[columns.speaker[:rows]]
        if self._of_self:
            named |= columns.own[:rows]
        elif self._of_assistant:
            named |= _served(index)
        elif not any(self._named):
            points += np.float32(weights.unasked) * _served(index)
        points += np.float32(weights.named) * named
        if self._answering:
            worth = index.worth_by_key(self._answering)
            points += np.float32(weights.answering) * worth
        if self._for_names:
            points += np.float32(weights.naming) * columns.naming[:rows]
        if self._when:
            points += np.float32(weights.timed) * columns.timed[:rows]
        if self._periods:
            observed = columns.observed[:rows]
            within = np.zeros(rows, np.bool_)
            for start, end in self._periods:
                within |= (observed >= start) & (observed < end)
            points += np.float32(weights.dated) * within
        points += np.float32(weights.idle) * columns.idle[:rows]
        return points


def _speaking(query: str, indexes: Sequence[ScopeIndex]) -> set[str]:
    """Returns the words of the names of those whom a question names and who speak."""
    named = [index.named_in(query, speaking=True) for index in indexes]
    return {word for one in named for names in one.values() for word in names}


def _last_session(
    query: str,
    indexes: Sequence[ScopeIndex],
    found: Sequence[NDArray[np.bool_]],
    moment: datetime,
) -> tuple[int, int] | None:
    """Returns where the session is that a question calls the last: which index, which number.

    None if the question calls none so, or there is none.
    """
    if not asks_of_last_session(query):
        return None
    before = microseconds(moment - _GOING_ON)
    ended = [
        (*last, place)
        for place, (index, rows) in enumerate(zip(indexes, found, strict=True))
        if (last := index.last_session(rows, before)) is not None
    ]
    if not ended:
        return None
    _, number, place = max(ended)
    return place, number


def _served(index: ScopeIndex) -> NDArray[np.bool_]:
    """Tells which rows an assistant or a tool said, `(rows,) bool`."""
    columns, rows = index.columns, index.rows
    # One with a name is a person to whom messages are relayed.
    served: NDArray[np.bool_] = columns.served[:rows] & (columns.speaker[:rows] < 0)
    return served


def _average(dense: Sequence[NDArray[np.float32]], known: Sequence[NDArray[np.bool_]]) -> float:
    """Returns the average cosine of the items that may be found and have a vector."""
    parts = [scores[rows] for scores, rows in zip(dense, known, strict=True)]
    count = sum(map(len, parts))
    return sum(float(part.sum()) for part in parts) / count if count else 0.0
