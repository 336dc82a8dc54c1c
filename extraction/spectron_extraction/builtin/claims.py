"""Claims: what the rules find in a clause, before it becomes a fact or a retraction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.entities import Discourse
from spectron_extraction.builtin.lexicon import DOUBTS, HEDGES, THINKS
from spectron_extraction.builtin.syntax import Predicate
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.ontology import KeyDefinition, Ontology
from spectron_extraction.protocol import EntityRef, KnownAttribute

_TASTES: Final = frozenset({"likes", "dislikes", "prefers", "hobby"})
_HARDLY: Final = frozenset({"rarely", "seldom", "hardly", "barely"})
_SHORT_OF: Final = frozenset({"almost", "nearly"})
_NEWLY: Final = frozenset(
    {"now", "currently", "actually", "recently", "nowadays", "no", "nope", "sorry", "correction"}
)
"""Words beside a verb, or before the clause, that mark its value as new or corrected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Something said of an entity, with the tokens that say it.

    Attributes:
        entity: What it is about.
        key: The attribute's key.
        value: The value; None only for a retraction of whatever the value is.
        tokens: The words that prove it, not empty.
        retracts: Whether it ends a belief instead of stating one.
        confidence: How sure it is.
        hedged: Said with doubt.
        change: The words say that it is new.
        previous_value: The value that the words say it replaces.
        valid_from: When it became true, if the words tell.
        valid_until: When it ceased to be true, for the past.
    """

    entity: EntityRef
    key: str
    value: str | None
    tokens: Phrase
    retracts: bool = False
    confidence: float = 0.9
    hedged: bool = False
    change: bool = False
    previous_value: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def end_of(attribute: KnownAttribute, tokens: Phrase) -> Claim:
    """Returns the claim that what is believed no longer holds.

    Args:
        attribute: What is believed.
        tokens: The words that end it.
    """
    return Claim(
        entity=attribute.entity,
        key=attribute.key,
        value=attribute.value,
        tokens=tokens,
        retracts=True,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A clause under examination, with what the rules need beside it.

    Attributes:
        text: The turn's content.
        observed_at: When it was said.
        predicate: The clause.
        entity: Who the subject is.
        about_user: Whether that is the user.
        user: The user.
        ontology: The keys.
        discourse: What has been mentioned.
        known: What is believed at this point, the newest first.
    """

    text: str
    observed_at: datetime
    predicate: Predicate
    entity: EntityRef
    about_user: bool
    user: EntityRef
    ontology: Ontology
    discourse: Discourse
    known: tuple[KnownAttribute, ...] = ()

    def claim(
        self,
        key: str,
        value: str | None,
        *,
        event: bool = False,
        confidence: float = 0.9,
        change: bool | None = None,
        previous_value: str | None = None,
        retracts: bool | None = None,
        entity: EntityRef | None = None,
    ) -> Claim | None:
        """Makes a claim of the clause's subject, with its doubt, polarity and times.

        Args:
            key: The key.
            value: The value; with None there is nothing to claim.
            event: Whether the verb tells of a change that made the value true ("moved to"),
                rather than of a state ("lives in"): then its past is now.
            confidence: How sure it is.
            change: Whether the value is new; by default if it is an event or said with "now".
            previous_value: The value it replaces.
            retracts: Whether it ends a belief; by default if it is negated.
            entity: What it is about, if not the subject.

        Returns:
            The claim, or None if the clause says it only as possible or of nobody.
        """
        predicate = self.predicate
        if not value or predicate.hypothetical or predicate.adverbs & _HARDLY:
            return None
        if predicate.adverbs & _SHORT_OF and (event or predicate.tense is Tense.PAST):
            return None  # "I almost moved to Japan"
        negated = predicate.negated if retracts is None else retracts
        over = predicate.tense is Tense.PAST and not event
        # What one never did, one does not do now either: "I never lived in Oslo".
        denied = over and not any(token.norm == "never" for token in predicate.tokens)
        if negated and (denied or predicate.hedged or predicate.tense is Tense.FUTURE):
            return None
        if negated and predicate.modal:
            return None
        valid_from, valid_until = validity(predicate, self.observed_at, over=over, event=event)
        if predicate.tense is Tense.FUTURE and not predicate.times and not predicate.hedged:
            confidence = min(confidence, 0.8)
        newly = bool(predicate.adverbs & _NEWLY)
        hedged = predicate.hedged and not self._sure_of_taste(key)
        return Claim(
            entity=entity or self.entity,
            key=key,
            value=value,
            tokens=predicate.tokens,
            retracts=negated,
            confidence=min(confidence, 0.8) if predicate.subject.plural else confidence,
            hedged=hedged and not negated,
            change=((event or newly) if change is None else change) and not hedged,
            previous_value=previous_value,
            valid_from=None if negated else valid_from,
            valid_until=None if negated else valid_until,
        )

    def _sure_of_taste(self, key: str) -> bool:
        """Tells whether "I think" opens what nobody else could know: one's own taste."""
        taste = key in _TASTES or key.startswith("favorite_")
        doubted = self.predicate.modal or self.predicate.adverbs & (HEDGES | DOUBTS)
        return taste and not doubted and bool(self.predicate.adverbs & THINKS)


def only(claim: Claim | None) -> Iterator[Claim]:
    """Yields a claim if there is one, for rules that yield what they find."""
    if claim is not None:
        yield claim


def validity(
    predicate: Predicate, observed_at: datetime, *, over: bool, event: bool
) -> tuple[datetime | None, datetime | None]:
    """Returns from when and until when a clause is true, None where the words do not tell.

    Args:
        predicate: The clause.
        observed_at: When it was said.
        over: Whether it is a state of the past.
        event: Whether it tells of a change.
    """
    start: datetime | None = None
    end: datetime | None = None
    for time in predicate.times:
        if time.kind is TimeKind.SINCE:
            start = time.start
        elif time.kind is TimeKind.UNTIL:
            end = time.start
        elif time.kind is TimeKind.RANGE or (time.kind is TimeKind.AT and over):
            start, end = time.start, time.end
        elif (time.kind is TimeKind.AT and (event or predicate.tense is Tense.FUTURE)) or (
            time.kind is TimeKind.DURATION and predicate.perfect
        ):
            start = time.start
    if over:
        end = min(end or observed_at, observed_at)
    if event and predicate.tense is Tense.PAST and start is not None and start > observed_at:
        start = None
    if start is not None and end is not None and start >= end:
        start = None
    return start, end


def known_key(ontology: Ontology, key: str) -> KeyDefinition:
    """Returns the definition of a key that the rules name.

    Raises:
        KeyError: The ontology does not have it; a mistake in the rules.
    """
    definition = ontology.definition(key)
    if definition is None:
        raise KeyError(key)
    return definition
