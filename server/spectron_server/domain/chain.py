"""Where a value belongs in the history of a key.

The rows of which at most one may hold at a time form a timeline: all rows of a key of
cardinality one, or the rows of one value of a key that takes many. A row is certain from
`valid_from` to its last statement, and merely assumed to hold from there to `valid_until`.
These rules keep that:

- what is certain is never cut, what is assumed gives way to a statement;
- a value that fits nowhere stands in the chain with a length of zero, so that it is not lost;
- `valid_from` only ever moves back, `last_validated_at` only ever forward, and a value never
  changes. Hence a statement that was applied once is covered by a row for good, and applying it
  again changes nothing.

A chain's links follow the order in which values gave way to each other. An expired row ends its
chain: what comes after it did not replace it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from spectron_server.domain.belief import Attribute, AttributeStatus, ChangeAction
from spectron_server.domain.ledger import Ledger, Statement

CONFIRMATION_WEIGHT: Final = 0.3
"""How much of the remaining doubt a confirmation removes: c becomes c + (1 - c) * 0.3 * new."""


def certain_until(row: Attribute) -> datetime:
    """Returns the end of the time for which a row was stated, not only assumed, to hold."""
    if row.valid_until is None:
        return row.last_validated_at
    return min(row.last_validated_at, row.valid_until)


def covers(row: Attribute, said: datetime) -> bool:
    """Tells whether a row already says what a statement of its value said at a time."""
    return row.valid_from <= said <= certain_until(row)


def holder(timeline: Sequence[Attribute], moment: datetime) -> Attribute | None:
    """Returns the row of a timeline that holds at a moment."""
    return next((row for row in timeline if row.holds_at(moment)), None)


def current(timeline: Sequence[Attribute]) -> Attribute | None:
    """Returns the row of a timeline that is believed now."""
    return next((row for row in timeline if row.current), None)


def place(ledger: Ledger, statement: Statement) -> tuple[Attribute, ChangeAction]:
    """Puts a statement that no row covers into its timeline.

    Args:
        ledger: The beliefs; changed.
        statement: A plain statement without an end.

    Returns:
        The row that now covers it, and what happened to that row.
    """
    timeline = ledger.timeline(statement.entity, statement.key, statement.value)
    held = holder(timeline, statement.said)
    if held is None:
        return _place_in_gap(ledger, statement, timeline)
    if ledger.same(held, statement.value):
        return _confirm(ledger, statement, held, timeline), ChangeAction.CONFIRMED
    certain = certain_until(held)
    restated = statement.said < certain
    undecided = statement.said == certain and not (held.current or statement.change)
    if restated or undecided:
        return _place_point(ledger, statement, held), ChangeAction.BACKFILLED
    return _place_after(ledger, statement, held)


def place_past(ledger: Ledger, statement: Statement) -> tuple[Attribute, ChangeAction] | None:
    """Puts a statement about the past into its timeline; it never becomes a current belief.

    Args:
        ledger: The beliefs; changed.
        statement: A plain statement with an end.

    Returns:
        The row that tells of it and what happened to that row; None if nothing did.
    """
    # A future end is not known to have come; the value is known to have held when it was said.
    end = min(statement.end or statement.said, statement.said)
    start = min(statement.start, end)
    timeline = ledger.timeline(statement.entity, statement.key, statement.value)
    touching = [
        row
        for row in timeline
        if ledger.same(row, statement.value)
        and row.valid_from <= end
        and (row.valid_until is None or row.valid_until >= start)
    ]
    if any(row.last_validated_at >= end for row in touching):
        return None
    if touching:
        row = min(touching, key=lambda found: (found.valid_from, _end_key(found)))
        return _extend_past(ledger, statement, row, start=start, end=end, timeline=timeline)
    return _insert_past(ledger, statement, start=start, end=end, timeline=timeline)


def keep_previous(ledger: Ledger, statement: Statement, row: Attribute) -> Attribute | None:
    """Keeps the value that a statement says it replaced, if nothing tells of it yet.

    Args:
        ledger: The beliefs; changed.
        statement: A statement with a previous value.
        row: The row of the statement's own value.

    Returns:
        A row of zero length for the previous value, chained before the statement's, or None if
        the key had that value before.
    """
    previous = statement.previous_value
    assert previous is not None
    if any(ledger.same(other, previous) for other in ledger.rows(statement.entity, statement.key)):
        return None
    point = ledger.insert(
        statement,
        value=previous,
        valid_from=row.valid_from,
        valid_until=row.valid_from,
        status=AttributeStatus.EXPIRED,
        last_validated_at=row.valid_from,
    )
    if row.supersedes is not None and not ledger.takes_one(statement.key):
        # The row replaced another value of a key that takes many; one link is all it has.
        return point
    return ledger.link_before(row, point)


def expire(ledger: Ledger, row: Attribute, moment: datetime) -> Attribute:
    """Ends a current belief at a moment and returns it."""
    ended = replace(row, valid_until=max(moment, row.valid_from), status=AttributeStatus.EXPIRED)
    return ledger.save(ended)


def _place_in_gap(
    ledger: Ledger, statement: Statement, timeline: Sequence[Attribute]
) -> tuple[Attribute, ChangeAction]:
    """Places a statement made at a time at which nothing is known to hold."""
    ends = [
        row.valid_until
        for row in timeline
        if row.valid_until is not None and row.valid_until <= statement.said
    ]
    start = max([statement.start, *ends])
    following = _first_after(timeline, statement.said)
    if following is None:
        row = ledger.insert(
            statement,
            valid_from=start,
            valid_until=None,
            status=AttributeStatus.ACTIVE,
            last_validated_at=statement.said,
        )
        return row, ChangeAction.ADDED
    boundary = min(row.valid_from for row in timeline if row.valid_from > statement.said)
    if following.valid_from == boundary and ledger.same(following, statement.value):
        return ledger.save(replace(following, valid_from=start)), ChangeAction.BACKFILLED
    row = ledger.insert(
        statement,
        valid_from=start,
        valid_until=boundary,
        status=AttributeStatus.SUPERSEDED,
        last_validated_at=statement.said,
    )
    return ledger.link_before(following, row), ChangeAction.BACKFILLED


def _place_point(ledger: Ledger, statement: Statement, held: Attribute) -> Attribute:
    """Keeps a value that was said while another one is certain to have held."""
    point = ledger.insert(
        statement,
        valid_from=statement.said,
        valid_until=statement.said,
        status=AttributeStatus.SUPERSEDED,
        last_validated_at=statement.said,
    )
    return ledger.link_before(held, point)


def _place_after(
    ledger: Ledger, statement: Statement, held: Attribute
) -> tuple[Attribute, ChangeAction]:
    """Lets a statement take over from the row that was assumed to hold when it was made."""
    start = max(statement.start, certain_until(held))
    following = ledger.attribute(held.superseded_by)
    if (
        following is not None
        and following.valid_from == held.valid_until
        and ledger.same(following, statement.value)
    ):
        # The value is known from a later time; it held earlier than was known.
        ledger.save(replace(held, valid_until=start))
        return ledger.save(replace(following, valid_from=start)), ChangeAction.BACKFILLED
    row = ledger.insert(
        statement,
        valid_from=start,
        valid_until=held.valid_until,
        status=AttributeStatus.ACTIVE if held.current else held.status,
        last_validated_at=statement.said,
    )
    row = ledger.link_after(replace(held, valid_until=start), row)
    return row, ChangeAction.UPDATED if held.current else ChangeAction.BACKFILLED


def _confirm(
    ledger: Ledger, statement: Statement, row: Attribute, timeline: Sequence[Attribute]
) -> Attribute:
    """Notes that a value was stated again, and from when, if the words tell of an earlier time."""
    valid_from = row.valid_from
    if statement.start < row.valid_from:
        valid_from = _earliest_start(ledger, statement.start, row, timeline)
    confidence = row.confidence + (
        (1 - row.confidence) * CONFIRMATION_WEIGHT * statement.confidence
    )
    return ledger.save(
        replace(
            ledger.attribute(row.id) or row,
            valid_from=valid_from,
            confidence=min(1.0, confidence),
            last_validated_at=max(row.last_validated_at, statement.said),
        )
    )


def _earliest_start(
    ledger: Ledger, start: datetime, row: Attribute, timeline: Sequence[Attribute]
) -> datetime:
    """Moves a row's start back as far as what is certain allows, and trims what is assumed."""
    for other in sorted(timeline, key=lambda found: found.valid_from, reverse=True):
        if other.valid_until is None or not other.valid_from < other.valid_until:
            continue
        if other.valid_until <= start or other.valid_until > row.valid_from:
            continue
        gives_way = other.superseded_by is not None and ledger.takes_one(row.key)
        if other.valid_until < row.valid_from or not gives_way:
            return other.valid_until
        start = max(start, certain_until(other))
        ledger.save(replace(other, valid_until=start))
        return start
    return start


def _extend_past(
    ledger: Ledger,
    statement: Statement,
    row: Attribute,
    *,
    start: datetime,
    end: datetime,
    timeline: Sequence[Attribute],
) -> tuple[Attribute, ChangeAction]:
    """Lets a row of the same value tell of a past that it touches."""
    ends = [
        other.valid_until
        for other in timeline
        if other.valid_until is not None
        and other.valid_from < other.valid_until
        and other.valid_until <= row.valid_from
    ]
    blocked = any(other.id != row.id and other.holds_at(row.valid_from) for other in timeline)
    earliest = row.valid_from if blocked else min(row.valid_from, max([start, *ends]))
    # The words prove the value up to the end that they name, so that nothing may cut it there.
    extended = replace(row, valid_from=earliest, last_validated_at=max(row.last_validated_at, end))
    # A future end has not come yet, and words of the same moment say that the value holds.
    over = statement.end is not None and statement.end <= statement.said
    if row.current and over and row.last_validated_at < statement.said:
        return expire(ledger, extended, certain_until(extended)), ChangeAction.EXPIRED
    action = ChangeAction.BACKFILLED if earliest < row.valid_from else ChangeAction.CONFIRMED
    return ledger.save(extended), action


def _insert_past(
    ledger: Ledger,
    statement: Statement,
    *,
    start: datetime,
    end: datetime,
    timeline: Sequence[Attribute],
) -> tuple[Attribute, ChangeAction]:
    """Inserts a closed row where other values leave room; a point where they leave none."""
    start, end = _longest_gap(timeline, start, end)
    row = ledger.insert(
        statement,
        valid_from=start,
        valid_until=end,
        status=AttributeStatus.EXPIRED,
        last_validated_at=statement.said,
    )
    if ledger.takes_one(statement.key):
        following = holder(timeline, start) if start == end else None
        following = following or _first_after(timeline, end, inclusive=True)
        if following is not None:
            row = ledger.link_before(following, row)
    return row, ChangeAction.BACKFILLED


def _longest_gap(
    timeline: Sequence[Attribute], start: datetime, end: datetime
) -> tuple[datetime, datetime]:
    """Returns the longest part of a time in which no row holds, the latest of equals.

    If there is none, it is the end, with a length of zero.
    """
    gaps: list[tuple[datetime, datetime]] = []
    free_from = start
    for row in sorted(timeline, key=lambda found: found.valid_from):
        if row.valid_until is not None and row.valid_until <= max(row.valid_from, free_from):
            continue
        if row.valid_from >= end:
            break
        if row.valid_from > free_from:
            gaps.append((free_from, row.valid_from))
        if row.valid_until is None:
            free_from = end
            break
        free_from = row.valid_until
    if free_from < end:
        gaps.append((free_from, end))
    return max(gaps, key=lambda gap: (gap[1] - gap[0], gap[1]), default=(end, end))


def _first_after(
    timeline: Sequence[Attribute], moment: datetime, *, inclusive: bool = False
) -> Attribute | None:
    """Returns the first row of the chain that begins after a moment."""

    def later(row: Attribute) -> bool:
        return row.valid_from >= moment if inclusive else row.valid_from > moment

    first = min(
        (row for row in timeline if later(row)),
        key=lambda row: (row.valid_from, _end_key(row), row.recorded_at, row.id),
        default=None,
    )
    # Rows of zero length may precede it in the chain though they begin at the same time or later.
    # Each is looked at once: links that came with an import may run in a circle.
    by_id = {row.id: row for row in timeline}
    while first is not None:
        before = by_id.pop(first.supersedes or "", None)
        if before is None or not later(before):
            break
        first = before
    return first


def _end_key(row: Attribute) -> tuple[bool, float]:
    """Orders rows by their end, an open one last."""
    if row.valid_until is None:
        return (True, 0.0)
    return (False, row.valid_until.timestamp())
