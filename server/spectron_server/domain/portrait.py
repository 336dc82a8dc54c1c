"""The sentences of a profile: who the user is, what they know and want, who belongs to them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from spectron_extraction.ontology import Cardinality, Ontology
from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.belief import Attribute, AttributeStatus, Unknown, UnknownReason
from spectron_server.domain.doublets import implied
from spectron_server.domain.prose import (
    clean,
    is_plural,
    is_request,
    label,
    listed,
    name_of,
    now_or_later,
    possessive,
    predicate,
    with_article,
)
from spectron_server.domain.relations import Relations

MAX_LISTED: Final = 6
"""Values in one sentence; the rest follow in sentences that are left out sooner."""
MAX_CLAUSES: Final = 3
"""Facts about someone else in one sentence."""

# What is kept when the budget is short: who they are and how to answer them, then the rest.
_RANKS: Final = {
    Category.IDENTITY: 1,
    Category.INSTRUCTIONS: 2,
    Category.CONTEXT: 3,
    Category.KNOWLEDGE: 4,
    Category.UNKNOWNS: 6,
}
_OTHERS_RANK: Final = 5
_ORDER: Final = (
    Category.IDENTITY,
    Category.KNOWLEDGE,
    Category.INSTRUCTIONS,
    Category.CONTEXT,
)
_INTRODUCTION: Final = ("name", "role", "employer")
_SHARED_VERBS: Final = ("prefer", "want")
# Puts the later parts of long lists behind every first part of their category.
_LATER_PART: Final = 1_000

_USERS: Final = "The user's"

_Part = TypeVar("_Part")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A sentence of a profile.

    Attributes:
        text: "They live in London."
        opening: The same as the first of a text: "The user lives in London."
        rank: How important it is, the lowest first.
    """

    text: str
    opening: str
    rank: tuple[int, int]


class Portrait:
    """Writes what is known of the user and of those around them."""

    def __init__(
        self,
        ordered: Sequence[Attribute],
        unknowns: Sequence[Unknown],
        *,
        subject: EntityRef,
        ontology: Ontology,
    ) -> None:
        self._ontology = ontology
        self._subject = subject
        self._rows = {row.id: row for row in ordered}
        self._unknowns = _distinct(unknowns)
        self._importance = {known.name: place for place, known in enumerate(ontology.keys())}
        self._categories: dict[str, Category] = {}
        self._own: dict[str, list[str]] = {}
        self._others: dict[EntityRef, dict[str, list[str]]] = {}
        doubted = {
            doubt.conflicts_with
            for doubt in self._unknowns
            if doubt.reason is UnknownReason.CONTRADICTION
        }
        for row in ordered:
            if row.status is AttributeStatus.DISPUTED and row.id in doubted:
                # The sentence about the doubt tells of both values.
                continue
            self._take(row)
        self._relations = Relations(
            {key: self._own[key] for key in self._sorted(self._own)},
            subject=subject,
            ontology=ontology,
        )

    def sentences(self) -> list[Sentence]:
        """Returns all sentences, in the order in which they read."""
        found = [*self._introduction()]
        for category in _ORDER:
            if category is Category.INSTRUCTIONS:
                found += self._instructions()
            else:
                found += self._own_sentences(category)
            if category is Category.IDENTITY:
                found += self._others_sentences(related=True)
        found += self._others_sentences(related=False)
        found += self._doubts()
        return found

    # The user.

    def _introduction(self) -> Iterator[Sentence]:
        name, role, employer = (self._own.get(key, [""])[0] for key in _INTRODUCTION)
        work = _work(role, employer)
        if name and work.startswith("is "):
            text = f"The user is {name}, {work.removeprefix('is ')}"
        elif name and work:
            text = f"The user is {name} and {work}"
        elif name:
            text = f"The user is {name}"
        elif work:
            text = f"The user {work}"
        else:
            return
        yield Sentence(text=f"{text}.", opening=f"{text}.", rank=(0, 0))

    def _own_sentences(self, category: Category) -> Iterator[Sentence]:
        told = self._told()
        for key in self._sorted(self._own):
            if self._categories[key] is not category:
                continue
            values = [value for value in self._own[key] if (key, value) not in told]
            for part, chosen in enumerate(_parts(values)):
                yield self._about_user(key, chosen, part=part)

    def _instructions(self) -> Iterator[Sentence]:
        """Joins what they prefer, what they want and what they ask for into sentences each."""
        shared: dict[str, list[tuple[str, str]]] = {verb: [] for verb in _SHARED_VERBS}
        alone: list[Sentence] = []
        requests: list[str] = []
        for key in self._sorted(self._own):
            if self._categories[key] is not Category.INSTRUCTIONS:
                continue
            asked = [value for value in self._own[key] if is_request(key, value, self._ontology)]
            requests += asked
            plain = [value for value in self._own[key] if value not in asked]
            for part, chosen in enumerate(_parts(plain)):
                they = predicate(key, chosen, self._ontology, singular=False) or ""
                verb, _, rest = they.partition(" ")
                if verb in shared and not rest.startswith("to "):
                    shared[verb].append((key, rest))
                else:
                    alone.append(self._about_user(key, chosen, part=part))
        for verb, clauses in shared.items():
            for part, together in enumerate(_parts(clauses, MAX_CLAUSES)):
                what = listed([rest for _, rest in together])
                yield Sentence(
                    text=f"They {verb} {what}.",
                    opening=f"The user {verb}s {what}.",
                    rank=self._rank(together[0][0], part),
                )
        for part, chosen in enumerate(_parts(requests, MAX_CLAUSES)):
            asked_for = self._about_user("instruction", chosen, part=part)
            yield replace(asked_for, rank=(_RANKS[Category.INSTRUCTIONS], part * _LATER_PART))
        yield from alone

    def _about_user(self, key: str, values: Sequence[str], *, part: int) -> Sentence:
        also = "also " if part else ""
        they = predicate(key, values, self._ontology, singular=False)
        it = predicate(key, values, self._ontology, singular=True)
        if they is None or it is None:
            fact = f"{label(key)} is {listed(values)}."
            text, opening = f"Their {fact}", f"The user's {fact}"
        else:
            text, opening = f"They {also}{they}.", f"The user {also}{it}."
        return Sentence(text=text, opening=opening, rank=self._rank(key, part))

    # Others.

    def _others_sentences(self, *, related: bool) -> Iterator[Sentence]:
        for place, entity in enumerate(sorted(self._others)):
            relation = self._relations.of(entity)
            if (relation is not None) is not related:
                continue
            rank = _RANKS[Category.IDENTITY] if relation else _OTHERS_RANK
            name = name_of(entity)
            clauses = list(self._clauses(entity))
            for part, chosen in enumerate(_parts(clauses, MAX_CLAUSES)):
                rest = f"{listed(chosen)}."
                importance = len(self._importance) + place + part * _LATER_PART
                if relation and part == 0 and relation.value:
                    text = f"Their {relation.word} {name} {rest}"
                    opening = f"The user's {relation.word} {name} {rest}"
                else:
                    text = f"{self._relations.called(entity, 'Their')} {rest}"
                    opening = f"{self._relations.called(entity, _USERS)} {rest}"
                yield Sentence(text=text, opening=opening, rank=(rank, importance))
            yield from self._unnamed_facts(entity, rank)

    def _clauses(self, entity: EntityRef) -> Iterator[str]:
        values = self._others[entity]
        relation = self._relations.of(entity)
        plural = is_plural(self._relations.kind(entity))
        role, employer = (values.get(key, [""])[0] for key in ("role", "employer"))
        work = _work(role, employer)
        if work and not plural:
            yield work
        for key in self._sorted(values):
            if key in {"role", "employer"} and not plural:
                continue
            told = [
                value
                for value in values[key]
                if (key != "name" or value.casefold() != entity.name.casefold())
                # "Their dog Rex is a dog" says nothing.
                and not (key == "species" and relation and value == relation.word)
            ]
            clause = predicate(key, told[:MAX_LISTED], self._ontology, singular=not plural)
            if told and clause is not None:
                yield clause

    def _unnamed_facts(self, entity: EntityRef, rank: int) -> Iterator[Sentence]:
        for key in self._sorted(self._others[entity]):
            if self._ontology.definition(key) is None:
                values = listed(self._others[entity][key][:MAX_LISTED])
                fact = f"{label(key)} is {values}."
                yield Sentence(
                    text=f"{possessive(self._relations.called(entity, 'Their'))} {fact}",
                    opening=f"{possessive(self._relations.called(entity, _USERS))} {fact}",
                    rank=(rank, 2 * len(self._importance)),
                )

    def _told(self) -> set[tuple[str, str]]:
        """Returns the keys and values that other sentences tell of."""
        introduced = {(key, self._own[key][0]) for key in _INTRODUCTION if self._own.get(key)}
        related = {
            (relation.key, relation.value)
            for entity in self._others
            if (relation := self._relations.of(entity)) and any(True for _ in self._clauses(entity))
        }
        return introduced | related | implied(self._own)

    # Doubts.

    def _doubts(self) -> Iterator[Sentence]:
        for place, doubt in enumerate(self._unknowns):
            value = clean(doubt.value)
            if not value or self._is_believed(doubt, value):
                continue
            # The belief that a contradiction disputes is told here alone.
            disputes = self._rival(doubt) is not None
            rank = _RANKS[doubt.category if disputes else Category.UNKNOWNS]
            importance = self._place(doubt.about) if disputes else place
            own = _same(doubt.entity, self._subject)
            who = "they" if own else self._relations.called(doubt.entity, "their")
            first = "the user" if own else self._relations.called(doubt.entity, _USERS.lower())
            one = not is_plural(self._relations.kind(doubt.entity))
            text = self._question(doubt, value, who, singular=one and not own)
            opening = self._question(doubt, value, first, singular=one)
            yield Sentence(
                text=f"It is uncertain whether {text}.",
                opening=f"It is uncertain whether {opening}.",
                rank=(rank, importance),
            )

    def _question(self, doubt: Unknown, value: str, who: str, *, singular: bool) -> str:
        rival = self._rival(doubt)
        values = [value] if rival is None else [clean(rival.value), value]
        verb_phrase = predicate(
            doubt.about, values, self._ontology, singular=singular, conjunction="or"
        )
        planned = (
            doubt.reason is UnknownReason.HEDGED
            and self._ontology.cardinality(doubt.about) is Cardinality.ONE
        )
        if verb_phrase is None:
            owner = "their" if who == "they" else possessive(who)
            link = "is or will become" if planned else "is"
            return f"{owner} {label(doubt.about)} {link} {listed(values, 'or')}"
        if planned:
            # "I might move to Lisbon" doubts what is to come as much as what is.
            return f"{who} {now_or_later(verb_phrase)}"
        return f"{who} {verb_phrase}"

    def _rival(self, doubt: Unknown) -> Attribute | None:
        """Returns the belief that a contradiction is about."""
        if doubt.reason is not UnknownReason.CONTRADICTION:
            return None
        return self._rows.get(doubt.conflicts_with or "")

    def _is_believed(self, doubt: Unknown, value: str) -> bool:
        return any(
            _same(row.entity, doubt.entity)
            and row.key == doubt.about
            and row.status is AttributeStatus.ACTIVE
            and self._ontology.same_value(row.key, row.value, value)
            for row in self._rows.values()
        )

    # Both.

    def _take(self, row: Attribute) -> None:
        value = clean(row.value)
        if not value:
            return
        own = _same(row.entity, self._subject)
        values = self._own if own else self._others.setdefault(row.entity, {})
        known = values.setdefault(row.key, [])
        if value not in known:
            known.append(value)
        self._categories.setdefault(row.key, row.category)

    def _sorted(self, keys: Iterable[str]) -> list[str]:
        """Returns keys in the order of their importance, unknown ones last, by name."""
        return sorted(keys, key=lambda key: (self._place(key), key))

    def _place(self, key: str) -> int:
        return self._importance.get(key, len(self._importance))

    def _rank(self, key: str, part: int) -> tuple[int, int]:
        category = self._categories.get(key, Category.INSTRUCTIONS)
        return (_RANKS[category], self._place(key) + part * _LATER_PART)


def _work(role: str, employer: str) -> str:
    """Returns what someone does: "is a vet at Happy Paws", "works at Acme Corp"."""
    if role and employer:
        return f"is {with_article(role)} at {employer}"
    if role:
        return f"is {with_article(role)}"
    return f"works at {employer}" if employer else ""


def _parts(values: Sequence[_Part], size: int = MAX_LISTED) -> Iterator[Sequence[_Part]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _same(one: EntityRef, other: EntityRef) -> bool:
    return (one.type.casefold(), one.name.casefold()) == (
        other.type.casefold(),
        other.name.casefold(),
    )


def _distinct(unknowns: Iterable[Unknown]) -> list[Unknown]:
    """Returns doubts, newest first, one for each value; a contradiction before a mere hedge."""
    found: dict[tuple[str, str, str, str], Unknown] = {}
    for doubt in sorted(
        unknowns,
        key=lambda doubt: (doubt.reason is not UnknownReason.CONTRADICTION, doubt.id),
    ):
        identity = (doubt.entity.type, doubt.entity.name, doubt.about, doubt.value.casefold())
        found.setdefault(identity, doubt)
    return sorted(
        found.values(),
        key=lambda doubt: (-doubt.raised_at.timestamp(), doubt.about, doubt.value, doubt.id),
    )
