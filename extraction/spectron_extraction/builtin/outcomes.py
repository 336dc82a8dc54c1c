"""What becomes of plans and dates: "we moved to Rome!" of a move, "the exam was moved to May 9"."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, end_of
from spectron_extraction.builtin.endings import named_beliefs, stems
from spectron_extraction.builtin.lexicon import AUXILIARIES
from spectron_extraction.builtin.syntax import SubjectKind
from spectron_extraction.builtin.times import TimeKind, find_times
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import cut
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef, KnownAttribute

_INTENDED: Final = frozenset({"plan", "goal", "task", "project"})
_SOUGHT: Final = frozenset({"looking_for", "wants"})
_FINDING: Final = word_set("find get buy rent adopt land")
_LONG_AGO: Final = timedelta(days=90)
"""Words that date what was done further back tell of something that was no plan any more."""

_BEFORE: Final = word_set("before already once never ever")
_DATED: Final = frozenset({"appointment", "deadline"})
_MOVING: Final = word_set(
    "moved pushed postponed rescheduled shifted extended delayed brought changed"
)
_PARTICLES: Final = frozenset({"off", "back", "forward"})
_PARTICLE_WITHIN: Final = 5
_BEFORE_MOVING: Final = AUXILIARIES | {"got", "now"}


def fulfilled(reading: Reading, known: Sequence[KnownAttribute]) -> Iterator[Claim]:
    """Yields the ends of intentions that a clause says were carried out: "I bought the boat".

    Args:
        reading: The clause.
        known: What is believed.
    """
    predicate = reading.predicate
    happened = predicate.tense is Tense.PAST or predicate.perfect or predicate.passive
    if not happened or predicate.negated or predicate.modal or predicate.used_to:
        return
    if predicate.hedged or predicate.adverbs & _BEFORE or not reading.about_user:
        return
    if any(reading.observed_at - time.start > _LONG_AGO for time in predicate.times):
        return
    object_first = predicate.passive and predicate.subject.kind is SubjectKind.POSSESSED
    named = predicate.subject.words if object_first else cut(predicate.complement)
    verb = stems(predicate.lemma)
    for attribute in named_beliefs(named, _INTENDED | _SOUGHT, known, reading.user):
        sought = attribute.key in _SOUGHT and predicate.lemma in _FINDING
        if sought or verb <= stems(attribute.value):
            yield end_of(attribute, predicate.tokens)


def _otherwise(norms: list[str]) -> int:
    """Returns the place of "is" in "the exam is in March, not February", else 0."""
    place = next((i for i, norm in enumerate(norms) if i and norm in {"is", "'s"}), 0)
    later = norms[place + 2 :]
    led = norms[place + 1 : place + 2] in (["in"], ["on"], ["at"])
    return place if led and "not" in later else 0


def rescheduled(
    tokens: Phrase, observed_at: datetime, known: Sequence[KnownAttribute], user: EntityRef
) -> Iterator[Claim]:
    """Yields appointments and deadlines under the date to which a clause says they were moved.

    Args:
        tokens: The clause.
        observed_at: When it was said.
        known: What is believed.
        user: The user.
    """
    norms = [token.norm for token in tokens]
    place = next((i for i, norm in enumerate(norms) if norm in _MOVING), 0)
    put = next((i for i in range(len(norms) - 1) if norms[i] == "put"), 0)
    if not place and put and set(norms[put + 1 : put + _PARTICLE_WITHIN]) & _PARTICLES:
        place = put
    if not place and "now" in norms:
        place = norms.index("now")  # "The dentist is now on Monday"
    if not place and "not" in norms:
        place = _otherwise(norms)
    rest = tokens[place + 1 :]
    times = find_times(rest, observed_at, future=True)
    ahead = [time for time in times if time.kind in {TimeKind.AT, TimeKind.UNTIL}]
    if not place or not ahead:
        return
    subject = norms[place - 1] in _BEFORE_MOVING or norms[place] in {"is", "'s"}
    named = (
        tokens[:place] if subject else cut(rest[: ahead[0].first], at=_PARTICLES | {"to", "until"})
    )
    for attribute in named_beliefs(named, _DATED, known, user):
        what, _, date = attribute.value.rpartition(" on ")
        value = f"{what} on {ahead[0].start:%Y-%m-%d}"
        if what and date[:1].isdigit() and value != attribute.value:
            yield Claim(
                entity=user,
                key=attribute.key,
                value=value,
                tokens=tokens,
                change=True,
                previous_value=attribute.value,
            )
