"""What to forget: which beliefs end, which doubts are settled, which turns fall silent.

Forgetting ends what is believed from now on and keeps the rows for audit. The words that a
forgotten fact came from must leave retrieval too, or it would come back as a quotation: this
holds for its past values as well. So must what the same words taught of an entity that is known
through the forgotten fact alone: without "a cat named Sigge", nothing is left of "Sigge is a cat".
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain import chain
from spectron_server.domain.belief import Attribute, Beliefs, Unknown, UnknownResolution
from spectron_server.domain.doubt import Doubts
from spectron_server.domain.errors import FieldViolation, InvalidFieldError
from spectron_server.domain.ledger import Ledger
from spectron_server.domain.outcome import Outcome

MIN_MENTION_LENGTH: Final = 2
"""Shorter values, such as one digit, would be found in nearly every text."""

_WORD: Final = re.compile(r"\w+")
# Thai to Khmer, kana, Chinese characters and Korean, where words are not parted by spaces or have
# endings attached to them.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """What forgetting does.

    Attributes:
        outcome: The rows and doubts to write; nothing in it is new.
        attributes: The beliefs that end, in their state afterwards.
        unknowns: The doubts that are settled as forgotten, likewise.
        turn_ids: The turns whose text must leave retrieval: those that prove a matching row or
            doubt of any status. Sorted.
        values: Every value that matching rows and doubts hold or held; a turn that mentions one
            of them (see `mentions`) may quote what was forgotten. Sorted.
    """

    outcome: Outcome
    attributes: tuple[Attribute, ...]
    unknowns: tuple[Unknown, ...]
    turn_ids: tuple[str, ...]
    values: tuple[str, ...]


def forget(
    beliefs: Beliefs,
    *,
    entity_type: str = "",
    entity_name: str = "",
    attribute_key: str = "",
    category: Category | None = None,
    subject: EntityRef,
    now: datetime,
    ontology: Ontology,
) -> Forgotten:
    """Decides what a request to forget ends.

    Args:
        beliefs: Every row and doubt of the scope, of any status.
        entity_type: Only entities of this type, whatever its letter case. Empty: any.
        entity_name: Only the entity of this name, whatever its letter case. Empty: any.
        attribute_key: Only attributes of this key or a synonym of it. Empty: any.
        category: Only attributes of this category; `unknowns` means doubts, of any category, and
            no attributes. None: any.
        subject: Whose memory it is; what is known of this entity ends only if it is selected.
        now: When it is forgotten.
        ontology: The known keys.

    Raises:
        InvalidFieldError: There is no selector at all.
    """
    if not (entity_type or entity_name or attribute_key or category):
        raise InvalidFieldError(
            [
                FieldViolation(
                    "entity_type",
                    "is empty, as are entity_name, attribute_key and category; give at least one",
                )
            ]
        )
    selector = _Selector(
        entity_type=entity_type.casefold(),
        entity_name=entity_name.casefold(),
        key=ontology.canonical(attribute_key) if attribute_key else "",
        category=category,
    )
    ledger = Ledger(beliefs, ontology=ontology, now=now, new_id=_no_id)
    rows = [row for row in beliefs.attributes if selector.takes_attribute(row)]
    doubts = [doubt for doubt in beliefs.unknowns if selector.takes_unknown(doubt)]
    derived = _Derived(beliefs, rows, subject)
    ended = [
        chain.expire(ledger, row, now)
        for row in [*rows, *filter(derived.takes, beliefs.attributes)]
        if row.current
    ]
    for doubt in beliefs.unknowns:
        if doubt.open and (selector.takes_unknown(doubt) or derived.takes(doubt)):
            ledger.resolve(doubt, UnknownResolution.FORGOTTEN, now)
            Doubts(ledger).clear_disputes(ledger.rows(doubt.entity, doubt.about))
    diff = ledger.take_diff()
    evidence = [row.evidence for row in rows] + [doubt.evidence for doubt in doubts]
    values = {row.value for row in rows} | {doubt.value for doubt in doubts}
    return Forgotten(
        outcome=ledger.outcome({}),
        attributes=tuple(ended),
        unknowns=diff.unknowns_resolved,
        turn_ids=tuple(sorted({found.turn_id for found in evidence if found is not None})),
        values=tuple(sorted(values)),
    )


class Mentions:
    """Finds the texts that hold one of some values as a whole phrase.

    Letter case, white space and invisible characters do not count. A value is found with its
    marks ("C++"), or as a row of words whatever the marks between them ("Acme, Corp").
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._phrases: set[str] = set()
        self._plain: set[str] = set()
        for value in values:
            plain = _plain(value)
            words = _words(plain)
            if sum(map(len, words)) >= MIN_MENTION_LENGTH:
                self._phrases.add(f" {' '.join(words)} ")
            if len(plain) >= MIN_MENTION_LENGTH and words:
                self._plain.add(plain)

    def found_in(self, content: str) -> bool:
        """Tells whether a text holds one of the values."""
        plain = _plain(content)
        # Words hold no spaces, so that a phrase with a space at each end is found whole or not.
        spaced = f" {' '.join(_words(plain))} "
        return any(phrase in spaced for phrase in self._phrases) or any(
            _stands_in(value, plain) for value in self._plain
        )


def mentions(value: str, content: str) -> bool:
    """Tells whether a text holds a value; see `Mentions`."""
    return Mentions([value]).found_in(content)


def _plain(text: str) -> str:
    visible = "".join(
        character
        for character in unicodedata.normalize("NFKC", text).casefold()
        if unicodedata.category(character) != "Cf"
    )
    return " ".join(visible.split())


def _stands_in(value: str, content: str) -> bool:
    """Tells whether a value stands in a text, not as a part of a longer word."""
    start = content.find(value)
    while start >= 0:
        end = start + len(value)
        if not (_joined(content[start - 1 : start + 1]) or _joined(content[end - 1 : end + 1])):
            return True
        start = content.find(value, start + 1)
    return False


def _joined(pair: str) -> bool:
    """Tells whether two characters belong to one word, in a script that parts words by spaces."""
    return len(pair) == 2 and pair.isalnum() and not _UNSPACED.search(pair)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Selector:
    entity_type: str
    entity_name: str
    key: str
    category: Category | None

    def takes_attribute(self, row: Attribute) -> bool:
        return self._takes(row.entity, row.key) and self.category in {None, row.category}

    def takes_unknown(self, doubt: Unknown) -> bool:
        return self._takes(doubt.entity, doubt.about) and (
            self.category in {None, Category.UNKNOWNS, doubt.category}
        )

    def _takes(self, entity: EntityRef, key: str) -> bool:
        return (
            self.entity_type in {"", entity.type.casefold()}
            and self.entity_name in {"", entity.name.casefold()}
            and self.key in {"", key}
        )


class _Derived:
    """Finds what is known of entities that some beliefs brought up and no other one knows of.

    An entity is brought up by a belief about another one whose value names it, and what came from
    the same turn is known of it through that belief.
    """

    def __init__(self, beliefs: Beliefs, ended: Sequence[Attribute], subject: EntityRef) -> None:
        self._subject = subject
        self._ended = {row.id for row in ended}
        self._kept = [
            row for row in beliefs.attributes if row.current and row.id not in self._ended
        ]
        self._named: dict[str, list[Attribute]] = {}
        for row in ended:
            if row.evidence is not None:
                self._named.setdefault(row.evidence.turn_id, []).append(row)

    def takes(self, found: Attribute | Unknown) -> bool:
        """Tells whether a belief or doubt is to go with those that end."""
        if found.id in self._ended or found.entity == self._subject or found.evidence is None:
            return False
        naming = self._named.get(found.evidence.turn_id, ())
        return _name(naming, found.entity) and not _name(self._kept, found.entity)


def _name(rows: Iterable[Attribute], entity: EntityRef) -> bool:
    """Tells whether the value of one of some beliefs about others names an entity."""
    sought = Mentions([entity.name])
    return any(row.entity != entity and sought.found_in(row.value) for row in rows)


def _words(plain: str) -> list[str]:
    return _WORD.findall(plain)


def _no_id(kind: str) -> str:
    raise AssertionError(f"forgetting makes no {kind}")
