"""Checks what an extractor proposes against the turns that it read.

A proposal is taken only if the turn that it names holds the words that it quotes, if the role of
who said them allows it, and if it is no secret. What is taken is put in order: canonical keys,
the ontology's category, values and names within their bounds. What is not is counted.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import (
    Category,
    EntityRef,
    Fact,
    Proposals,
    Retraction,
    Role,
    Span,
    WindowTurn,
)
from spectron_server.domain.sensitive import (
    holds_secret,
    names_secret,
    secrets_in,
    shows_secret,
)

MAX_VALUE_LENGTH: Final = 2_000
MAX_ENTITY_TYPE_LENGTH: Final = 64
MAX_ENTITY_NAME_LENGTH: Final = 256
MAX_PROPOSALS_PER_TURN: Final = 200
"""Facts and retractions each. A turn holds up to 32 KiB; more than this is an extractor's fault."""

# Control characters other than tab and line feed, and halves of surrogate pairs, which are no
# text and which the database refuses.
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class DropReason(StrEnum):
    """Why a proposal was not taken."""

    UNKNOWN_TURN = "unknown_turn"
    NO_EVIDENCE = "no_evidence"
    ROLE_NOT_ALLOWED = "role_not_allowed"
    EMPTY = "empty"
    SECRET = "secret"  # noqa: S105  (the name of a reason)
    TOO_MANY = "too_many"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedProposals:
    """Proposals that may be reconciled.

    Attributes:
        facts: The facts taken, in the order in which they were proposed.
        retractions: The retractions taken, likewise.
        dropped: How many proposals of each turn were not taken, by reason.
    """

    facts: tuple[Fact, ...] = ()
    retractions: tuple[Retraction, ...] = ()
    dropped: Mapping[str, Mapping[DropReason, int]] = field(default_factory=dict)

    def dropped_count(self, turn_id: str) -> int:
        """Returns how many proposals of a turn were not taken."""
        return sum(self.dropped.get(turn_id, {}).values())


def check(
    proposals: Proposals,
    turns: Mapping[str, WindowTurn],
    ontology: Ontology,
    *,
    subject: EntityRef | None = None,
) -> CheckedProposals:
    """Takes the proposals that their turns prove and allow.

    Args:
        proposals: What an extractor found.
        turns: The turns of its window, by id.
        ontology: The known keys.
        subject: The user, whose name the application chose: it may look random.

    Returns:
        The proposals taken, and how many were not, and why.
    """
    checker = _Checker(turns, ontology, subject)
    facts = [fact for proposed in proposals.facts if (fact := checker.fact(proposed))]
    retractions = [
        retraction
        for proposed in proposals.retractions
        if (retraction := checker.retraction(proposed))
    ]
    return CheckedProposals(
        facts=tuple(facts), retractions=tuple(retractions), dropped=checker.dropped
    )


class _RefusedError(Exception):
    def __init__(self, reason: DropReason) -> None:
        super().__init__(reason)
        self.reason = reason


class _Checker:
    def __init__(
        self,
        turns: Mapping[str, WindowTurn],
        ontology: Ontology,
        subject: EntityRef | None,
    ) -> None:
        self._subject = subject
        self.dropped: dict[str, dict[DropReason, int]] = {}
        self._turns = turns
        self._ontology = ontology
        self._taken: Counter[tuple[str, str]] = Counter()
        self._secrets: dict[str, frozenset[str]] = {}

    def fact(self, proposed: Fact) -> Fact | None:
        """Returns a fact in order, or None after counting why it is dropped."""
        try:
            return self._fact(proposed)
        except _RefusedError as refused:
            self._drop(proposed.evidence.turn_id, refused.reason)
            return None

    def retraction(self, proposed: Retraction) -> Retraction | None:
        """Returns a retraction in order, or None after counting why it is dropped."""
        try:
            return self._retraction(proposed)
        except _RefusedError as refused:
            self._drop(proposed.evidence.turn_id, refused.reason)
            return None

    def _fact(self, proposed: Fact) -> Fact:
        key = self._ontology.canonical(proposed.key)
        known = self._ontology.category(key)
        # A doubt is no kind of its own: it is a hedged statement of some kind.
        doubtful = proposed.category is Category.UNKNOWNS
        category = known or (Category.KNOWLEDGE if doubtful else proposed.category)
        evidence = self._evidence(proposed.evidence, category)
        entity = _entity(proposed.entity)
        value = _value(proposed.value)
        named_by_user = proposed.entity != self._subject
        if (
            names_secret(key)
            or holds_secret(value)
            or (named_by_user and holds_secret(entity.name))
            or self._shows_secret(evidence, value, entity.name if named_by_user else "")
        ):
            raise _RefusedError(DropReason.SECRET)
        self._take("fact", evidence.turn_id)
        valid_from, valid_until = _aware(proposed.valid_from), _aware(proposed.valid_until)
        if valid_from and valid_until and valid_until < valid_from:
            valid_from = None
        return replace(
            proposed,
            entity=entity,
            category=category,
            key=key,
            value=value,
            confidence=_confidence(proposed.confidence),
            evidence=evidence,
            hedged=proposed.hedged or doubtful,
            previous_value=_previous(proposed.previous_value),
            valid_from=valid_from,
            valid_until=valid_until,
        )

    def _retraction(self, proposed: Retraction) -> Retraction:
        key = self._ontology.canonical(proposed.key)
        category = self._ontology.category(key) or Category.KNOWLEDGE
        evidence = self._evidence(proposed.evidence, category)
        entity = _entity(proposed.entity)
        # A blank value must not come to mean every value.
        value = None if proposed.value is None else _value(proposed.value)
        self._take("retraction", evidence.turn_id)
        return replace(proposed, entity=entity, key=key, value=value, evidence=evidence)

    def _shows_secret(self, evidence: Span, *texts: str) -> bool:
        """Tells whether texts, or the words that prove them, show a secret that the turn tells.

        A plain word is a secret only by what stands around it: "my password is hunter2".
        """
        if evidence.turn_id not in self._secrets:
            content = self._turns[evidence.turn_id].content
            self._secrets[evidence.turn_id] = secrets_in(content)
        secrets = self._secrets[evidence.turn_id]
        return any(shows_secret(text, secrets) for text in (evidence.quote, *texts) if text)

    def _evidence(self, span: Span, category: Category) -> Span:
        """Returns the span where its words really stand, if its turn may say such things."""
        turn = self._turns.get(span.turn_id)
        if turn is None:
            raise _RefusedError(DropReason.UNKNOWN_TURN)
        allowed = turn.role is Role.USER or (
            turn.role is Role.ASSISTANT and category is Category.CONTEXT
        )
        if not allowed:
            raise _RefusedError(DropReason.ROLE_NOT_ALLOWED)
        if not span.quote.strip():
            raise _RefusedError(DropReason.NO_EVIDENCE)
        start = _nearest(turn.content, span.quote, span.start)
        if start is None:
            raise _RefusedError(DropReason.NO_EVIDENCE)
        return replace(span, start=start, end=start + len(span.quote))

    def _take(self, kind: str, turn_id: str) -> None:
        if self._taken[kind, turn_id] >= MAX_PROPOSALS_PER_TURN:
            raise _RefusedError(DropReason.TOO_MANY)
        self._taken[kind, turn_id] += 1

    def _drop(self, turn_id: str, reason: DropReason) -> None:
        counts = self.dropped.setdefault(turn_id, {})
        counts[reason] = counts.get(reason, 0) + 1


def _nearest(content: str, quote: str, start: int) -> int | None:
    """Returns where a quote stands in a text, nearest to where it is said to stand."""
    if start >= 0 and content.startswith(quote, start):
        return start
    places = [match.start() for match in re.finditer(re.escape(quote), content)]
    return min(places, key=lambda place: abs(place - start), default=None)


def _value(value: str) -> str:
    text = _text(value, MAX_VALUE_LENGTH)
    if not text:
        raise _RefusedError(DropReason.EMPTY)
    return text


def _previous(value: str | None) -> str | None:
    text = _text(value, MAX_VALUE_LENGTH) if value is not None else ""
    return text if text and not holds_secret(text) else None


def _entity(entity: EntityRef) -> EntityRef:
    kind = " ".join(_text(entity.type, MAX_ENTITY_TYPE_LENGTH).split())
    name = " ".join(_text(entity.name, MAX_ENTITY_NAME_LENGTH).split())
    if not kind or not name:
        raise _RefusedError(DropReason.EMPTY)
    return EntityRef(type=kind, name=name)


def _text(text: str, limit: int) -> str:
    return _NOT_TEXT.sub("", text).strip()[:limit].rstrip()


def _confidence(confidence: float) -> float:
    return 0.0 if math.isnan(confidence) else min(1.0, max(0.0, confidence))


def _aware(moment: datetime | None) -> datetime | None:
    """Returns a moment with a time zone; one without is taken to be in UTC."""
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment
