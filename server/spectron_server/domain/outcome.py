"""What the rules decided: the rows to write and the differences to report."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spectron_server.domain.belief import Attribute, Diff, Unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The result of applying proposals, a direct fact or a review to beliefs.

    Attributes:
        diffs: The difference that each turn made, in the order of the window; a turn that
            changed nothing has an empty one. What did not come from a turn has the key "".
        attributes: The final state of every row that was inserted or changed.
        unknowns: The final state of every doubt that was raised or changed.
        new_ids: Ids of those rows and doubts that did not exist before.
    """

    diffs: Mapping[str, Diff] = field(default_factory=dict)
    attributes: tuple[Attribute, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    new_ids: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.attributes or self.unknowns)

    @property
    def diff(self) -> Diff:
        """All differences as one, in order."""
        return Diff(
            changes=tuple(c for diff in self.diffs.values() for c in diff.changes),
            unknowns_raised=tuple(u for diff in self.diffs.values() for u in diff.unknowns_raised),
            unknowns_resolved=tuple(
                u for diff in self.diffs.values() for u in diff.unknowns_resolved
            ),
        )
