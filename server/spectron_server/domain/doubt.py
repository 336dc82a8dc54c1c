"""How doubts are raised and settled.

A doubt is about one value of a key of an entity. Saying the same doubt again raises no second
one: an open doubt moves on to its latest statement, and one that was settled later covers it.
"""

from dataclasses import replace
from datetime import datetime

from spectron_server.domain import chain
from spectron_server.domain.belief import (
    Attribute,
    AttributeStatus,
    Unknown,
    UnknownReason,
    UnknownResolution,
)
from spectron_server.domain.ledger import Ledger, Statement, same_turn


class Doubts:
    """Raises and settles the doubts of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(
        self, statement: Statement, reason: UnknownReason, *, conflicts_with: str | None = None
    ) -> None:
        """Raises a doubt about a statement, unless the same one is open or was at its time.

        A doubt that was said before a plain statement that is known already is settled at once.

        Args:
            statement: What was said.
            reason: Why it is in doubt.
            conflicts_with: The belief that it contradicts; if None, the current belief of a key
                of cardinality one, where that has another value.
        """
        for doubt in self._ledger.doubts(statement.entity, statement.key, statement.value):
            if doubt.reason is reason and _includes(doubt, statement.said):
                if doubt.open and statement.said > doubt.raised_at:
                    self._ledger.save_unknown(
                        replace(doubt, raised_at=statement.said, evidence=statement.evidence)
                    )
                return
        settled = self._settled_since(statement)
        resolution = None
        if settled is not None:
            accepted = self._ledger.same(settled[1], statement.value)
            resolution = UnknownResolution.ACCEPTED if accepted else UnknownResolution.DISMISSED
        self._ledger.raise_doubt(
            statement,
            reason,
            conflicts_with=conflicts_with or self._conflict(statement),
            resolution=resolution,
            resolved_at=settled[0] if settled else None,
        )

    def settle(self, statement: Statement, row: Attribute) -> Attribute:
        """Settles the open doubts that a plain statement answers.

        For a key of cardinality one these are all that were raised before it; for a key that
        takes many, those about its own value.

        Args:
            statement: A plain statement that changed or confirmed a belief.
            row: The row that tells of it.

        Returns:
            The row, no longer disputed if no contradiction is left.
        """
        takes_one = self._ledger.takes_one(statement.key)
        agreeing = {
            doubt.id
            for doubt in self._ledger.doubts(statement.entity, statement.key, statement.value)
        }
        for doubt in self._ledger.doubts(statement.entity, statement.key):
            if not doubt.open or doubt.raised_at > statement.said:
                continue
            if doubt.id in agreeing:
                self._ledger.resolve(doubt, UnknownResolution.ACCEPTED, statement.said)
            elif takes_one and not same_turn(doubt.evidence, statement.evidence):
                # "I live in London, but I might move": one does not answer the other.
                self._ledger.resolve(doubt, UnknownResolution.DISMISSED, statement.said)
        self.clear_disputes(self._ledger.rows(statement.entity, statement.key))
        return self._ledger.attribute(row.id) or row

    def clear_disputes(self, rows: list[Attribute]) -> None:
        """Makes disputed beliefs active again that no open contradiction is left about."""
        for row in rows:
            if row.status is AttributeStatus.DISPUTED and not any(
                doubt.open
                and doubt.reason is UnknownReason.CONTRADICTION
                and doubt.conflicts_with == row.id
                for doubt in self._ledger.doubts(row.entity, row.key)
            ):
                self._ledger.save(replace(row, status=AttributeStatus.ACTIVE))

    def _conflict(self, statement: Statement) -> str | None:
        if not self._ledger.takes_one(statement.key):
            return None
        row = chain.current(self._ledger.rows(statement.entity, statement.key))
        if row is None or self._ledger.same(row, statement.value):
            return None
        return row.id

    def _settled_since(self, statement: Statement) -> tuple[datetime, Attribute] | None:
        """Returns the first plain statement after a doubtful one that answers it, if any."""
        answers = [
            (moment, row)
            for row in self._ledger.timeline(statement.entity, statement.key, statement.value)
            for moment in (row.valid_from, chain.certain_until(row))
            if moment > statement.said
        ]
        return min(
            answers,
            key=lambda answer: (answer[0], not self._ledger.same(answer[1], statement.value)),
            default=None,
        )


def _includes(doubt: Unknown, said: datetime) -> bool:
    """Tells whether a doubt already stands for the same one said at a time."""
    if doubt.reason is UnknownReason.CONTRADICTION:
        # Two values clash at one moment; at another it is another clash.
        return doubt.raised_at == said
    if doubt.open or said <= doubt.raised_at:
        return True
    return doubt.resolved_at is not None and said < doubt.resolved_at
