"""Changes that an application makes without a conversation: direct facts and reviews of doubts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.belief import Beliefs, Evidence, Unknown, UnknownResolution
from spectron_server.domain.doubt import Doubts
from spectron_server.domain.errors import (
    FieldViolation,
    InvalidFieldError,
    UnknownAlreadyResolvedError,
    UnknownNotFoundError,
)
from spectron_server.domain.ledger import Ledger, Statement
from spectron_server.domain.outcome import Outcome
from spectron_server.domain.reconciler import Rules

NO_TURN: Final = ""
"""The key of the difference that came from no turn."""
_LATER: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectFact:
    """A fact that an application knows without a conversation.

    Attributes:
        entity: What it is about.
        category: Which kind of memory; not `unknowns`.
        key: The attribute's canonical name.
        value: The value.
        confidence: 0 to 1.
        valid_from: From when it is true, as if it had been said then; None: from now.
    """

    entity: EntityRef
    category: Category
    key: str
    value: str
    confidence: float = 1.0
    valid_from: datetime | None = None


def reconcile_direct(
    *,
    beliefs: Beliefs,
    fact: DirectFact,
    now: datetime,
    new_id: Callable[[str], str],
    ontology: Ontology,
) -> Outcome:
    """Decides what a fact recorded without a turn changes: as a plain statement made now.

    Args:
        beliefs: Every row of the entity and key, of any status.
        fact: The fact, its key canonical.
        now: When it is recorded.
        new_id: Makes the id of a new row, given `attribute` or `unknown`.
        ontology: The known keys.

    Returns:
        The rows to write; the difference stands in `Outcome.diff`.

    Raises:
        InvalidFieldError: The fact is to be true only from a time to come.
    """
    if fact.valid_from is not None and fact.valid_from > now:
        raise InvalidFieldError(
            [FieldViolation("valid_from", "is in the future; record a fact once it is true")]
        )
    ledger = Ledger(beliefs, ontology=ontology, now=now, new_id=new_id)
    _state(ledger, fact, evidence=None, now=now)
    return ledger.outcome({NO_TURN: ledger.take_diff()})


def accept_unknown(
    *,
    beliefs: Beliefs,
    unknown_id: str,
    value: str,
    now: datetime,
    new_id: Callable[[str], str],
    ontology: Ontology,
) -> Outcome:
    """Settles a doubt with a value, which supersedes whatever was believed.

    Args:
        beliefs: Every row and doubt of the entity and key, of any status.
        unknown_id: The doubt.
        value: The value to believe; it need not be the doubt's own.
        now: When it is settled.
        new_id: Makes the id of a new row, given `attribute` or `unknown`.
        ontology: The known keys.

    Returns:
        The rows to write; the difference stands in `Outcome.diff`.

    Raises:
        UnknownNotFoundError: There is no such doubt among the beliefs.
        UnknownAlreadyResolvedError: It was settled before.
    """
    ledger = Ledger(beliefs, ontology=ontology, now=now, new_id=new_id)
    doubt = _open_doubt(ledger, unknown_id)
    ledger.resolve(doubt, UnknownResolution.ACCEPTED, now)
    fact = DirectFact(entity=doubt.entity, category=doubt.category, key=doubt.about, value=value)
    same = ledger.same_value(doubt.about, doubt.value, value)
    _state(ledger, fact, evidence=doubt.evidence if same else None, now=now)
    return ledger.outcome({NO_TURN: ledger.take_diff()})


def dismiss_unknown(
    *,
    beliefs: Beliefs,
    unknown_id: str,
    now: datetime,
    new_id: Callable[[str], str],
    ontology: Ontology,
) -> Outcome:
    """Puts a doubt aside: what was believed stays, and is disputed no more.

    Args:
        beliefs: Every row and doubt of the entity and key, of any status.
        unknown_id: The doubt.
        now: When it is put aside.
        new_id: Unused by this rule, taken so that all rules are called alike.
        ontology: The known keys.

    Returns:
        The rows to write; the difference stands in `Outcome.diff`.

    Raises:
        UnknownNotFoundError: There is no such doubt among the beliefs.
        UnknownAlreadyResolvedError: It was settled before.
    """
    ledger = Ledger(beliefs, ontology=ontology, now=now, new_id=new_id)
    doubt = _open_doubt(ledger, unknown_id)
    ledger.resolve(doubt, UnknownResolution.DISMISSED, now)
    Doubts(ledger).clear_disputes(ledger.rows(doubt.entity, doubt.about))
    return ledger.outcome({NO_TURN: ledger.take_diff()})


def _open_doubt(ledger: Ledger, unknown_id: str) -> Unknown:
    doubt = ledger.unknown(unknown_id)
    if doubt is None:
        raise UnknownNotFoundError("There is no such unknown.")
    if not doubt.open:
        raise UnknownAlreadyResolvedError(
            "The unknown is settled already; list the unknowns to see which are open."
        )
    return doubt


def _state(ledger: Ledger, fact: DirectFact, *, evidence: Evidence | None, now: datetime) -> None:
    if fact.valid_from is not None and fact.valid_from < now:
        # History that an application loads: it counts as if it had been said then, so that facts
        # find their places whatever the order in which they come.
        said = fact.valid_from
    else:
        said = _newest(ledger, fact, now)
    Rules(ledger=ledger).state(
        Statement(
            entity=fact.entity,
            category=fact.category,
            key=fact.key,
            value=fact.value,
            confidence=fact.confidence,
            evidence=evidence,
            said=said,
            start=said,
            change=True,
        )
    )


def _newest(ledger: Ledger, fact: DirectFact, now: datetime) -> datetime:
    """Returns a moment after everything known of the attribute: now, or just beyond."""
    # A turn may be dated a little ahead of this clock; a direct fact is newer all the same.
    known = [row.last_validated_at for row in ledger.rows(fact.entity, fact.key)]
    raised = [doubt.raised_at for doubt in ledger.doubts(fact.entity, fact.key)]
    return max([now, *(moment + _LATER for moment in known + raised)])
