"""What stands in whose place: facts for their sentences, and new values for old ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spectron_server.domain.belief import Attribute
from spectron_server.domain.context_text import ContextKind
from spectron_server.index.hits import Hit
from spectron_server.index.scope_index import ScopeIndex

# A value is replaced, in turn, at most so often before the newest is looked for.
_MAX_CHAIN: Final = 64


def let_facts_stand_in(
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
    # By turn, and within a turn the best first, the older first among equals, or the lesser id.
    facts = facts[np.lexsort((columns.observed[facts], -scores[facts], source[facts]))]
    turns, first = np.unique(source[facts], return_index=True)
    _settle_ties(index, facts, first, scores)
    best = facts[first]
    fits = meaning[best] >= meaning[turns] - np.float32(close)
    fits |= columns.whole[best]
    best, turns = best[fits], turns[fits]
    scores[best] = np.maximum(scores[best], scores[turns])
    scores[turns] += np.float32(told)


def _settle_ties(
    index: ScopeIndex,
    facts: NDArray[np.intp],
    first: NDArray[np.intp],
    scores: NDArray[np.float32],
) -> None:
    """Puts the lesser id first among the equals that lead a group of facts, in place.

    Otherwise the order in which they came would tell.
    """
    observed, source = index.columns.observed, index.columns.source

    def tied(one: int, other: int) -> bool:
        return all(of[one] == of[other] for of in (source, scores, observed))

    followers = np.minimum(first + 1, len(facts) - 1)
    alike = scores[facts[followers]] == scores[facts[first]]
    for start in first[alike].tolist():
        end = start + 1
        while end < len(facts) and tied(facts[start], facts[end]):
            end += 1
        facts[start:end] = sorted(facts[start:end], key=lambda row: index.item(row).id)


def with_heirs(
    index: ScopeIndex,
    hits: Sequence[Hit],
    found: NDArray[np.bool_],
    moment: datetime,
    deduction: float,
) -> list[Hit]:
    """Marks turns that say what holds no more, and puts what replaced it in their place."""
    kept = {hit.item.id: hit for hit in hits}
    holder = {other.id: hit.item.id for hit in hits for other in hit.others}
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
                place = holder.get(heir, heir)
                scores[place] = max(scores.get(place, hit.score), hit.score)
                kept.setdefault(place, Hit(item=index.item(row), score=hit.score))
        if outdated[hit.item.id]:
            scores[hit.item.id] += deduction
    return [
        hit
        if score == hit.score and not outdated.get(item_id)
        else replace(hit, score=score, outdated=outdated.get(item_id, ()))
        for item_id, score in scores.items()
        for hit in [kept[item_id]]
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
