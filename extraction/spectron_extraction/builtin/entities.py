"""Whom a clause is about: the user, their relatives, friends and pets, and pronouns.

A relative with a name is `Person/<name>`; the user gets an attribute such as `sister: Aoife`.
A relative without one is named by the relation, `Person/alice's sister`, so that what is said of
"my sister" at different times meets in one place; once the name is known, it is used instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.lexicon import DETERMINERS, KIN, PLURAL_KIN
from spectron_extraction.builtin.syntax import Subject, SubjectKind
from spectron_extraction.builtin.tokens import Phrase, Token, slice_of, trim_marks, words
from spectron_extraction.builtin.values import name_like
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import EntityRef, KnownAttribute

_NOT_NAMES_AFTER: Final = word_set("tongue board land ship figure city company")
_MAX_MENTIONS: Final = 32
_KIN_WINDOW: Final = 4
_DESCRIPTIVE: Final = word_set(
    "older younger little big elder eldest youngest oldest twin best close good new old other dear "
    "late step current former baby first second only in-law ex"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """Someone or an animal that belongs to the user: the relation, perhaps a name, the rest.

    Attributes:
        kind: The relation in the form that is kept, such as `sister` or `dog`.
        animal: Whether it is an animal.
        name: The name as written, or None.
        rest: What follows in the noun phrase: the `name` of "my sister's name".
    """

    kind: str
    animal: bool
    name: str | None
    rest: Phrase = ()


@dataclass(slots=True)
class Discourse:
    """What has been mentioned so far; lives as long as one window is read."""

    user: EntityRef
    ontology: Ontology
    known: tuple[KnownAttribute, ...] = ()
    mentions: list[EntityRef] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    fresh: int = 0

    def __post_init__(self) -> None:
        """Learns the names of relatives and others that are known already."""
        for attribute in self.known:
            if attribute.entity == self.user and attribute.key in KIN_KEYS:
                self.names.setdefault(attribute.key, attribute.value)

    def mention(self, entity: EntityRef) -> None:
        """Notes that an entity was spoken of, for the pronouns that follow."""
        if entity in self.mentions:
            self.fresh -= self.mentions.index(entity) < self.fresh
            self.mentions.remove(entity)
        self.mentions.append(entity)
        over = max(0, len(self.mentions) - _MAX_MENTIONS)
        del self.mentions[:over]
        self.fresh = max(0, self.fresh - over)

    def new_turn(self) -> None:
        """Forgets, at the start of a turn, what was mentioned before the turn before."""
        kept = self.mentions[self.fresh :]
        self.mentions[:] = kept
        self.fresh = len(kept)

    def kind_of(self, entity: EntityRef) -> str | None:
        """Returns the relation of an entity that is known by it alone: `dog`, `sister`."""
        prefix = f"{self.user.name}'s "
        return entity.name.removeprefix(prefix) if entity.name.startswith(prefix) else None

    def entity_of(self, relation: Relation) -> EntityRef:
        """Returns the entity that a relation names."""
        entity_type = "Pet" if relation.animal else "Person"
        name = relation.name or self.names.get(kin_key(relation.kind, self.ontology))
        # Somebody of the user's own name would be taken for the user.
        if name is None or self._is_users(name):
            name = f"{self.user.name}'s {relation.kind}"
        return EntityRef(type=entity_type, name=name)

    def _is_users(self, name: str) -> bool:
        return name.casefold() == self.user.name.casefold()

    def resolve(self, subject: Subject, text: str) -> tuple[EntityRef, Relation | None] | None:
        """Returns the entity that a subject names, and the relation if it tells one.

        Args:
            subject: The subject of a clause.
            text: The turn's content.

        Returns:
            None for a subject that is nobody the rules know: the weather, a stranger, "you".
        """
        if subject.kind in {SubjectKind.FIRST, SubjectKind.ELIDED}:
            return self.user, None
        if subject.kind is SubjectKind.PRONOUN:
            return self._pronoun(subject)
        if subject.kind is SubjectKind.NAMED:
            return self._named(slice_of(text, subject.words))
        if subject.kind is SubjectKind.POSSESSED:
            relation = read_relation(subject.words, text)
            if relation is not None and not relation.rest:
                return self.entity_of(relation), relation
        return None

    def _pronoun(self, subject: Subject) -> tuple[EntityRef, None] | None:
        word = subject.words[0].norm
        for entity in reversed(self.mentions):
            if word in {"he", "she"} and entity.type in {"Person", "Pet"}:
                return entity, None
            if word == "it" and entity.type != "Person":
                return entity, None
            if word == "they" and entity.type == "Person" and entity.name.endswith("s"):
                return entity, None
        return None

    def _named(self, name: str) -> tuple[EntityRef, None] | None:
        folded = name.casefold()
        if self._is_users(name):
            return None
        known = (attribute.entity for attribute in self.known)
        candidates: Iterable[EntityRef] = (*reversed(self.mentions), *known)
        for entity in candidates:
            if entity.name.casefold() == folded and entity != self.user:
                return entity, None
        if folded in {value.casefold() for value in self.names.values()}:
            return EntityRef(type="Person", name=name), None
        return None


KIN_KEYS: Final = word_set(
    "mother father spouse partner son daughter child sister brother sibling grandparent relative "
    "friend colleague manager neighbor"
)


def kin_key(kind: str, ontology: Ontology) -> str:
    """Returns the key of the user's attribute that names such a relative."""
    key = ontology.canonical(kind.replace("-", "_"))
    return key if key in KIN_KEYS else "relative"


def read_relation(phrase: Phrase, text: str) -> Relation | None:
    """Reads a noun phrase after "my" or "a": "older sister Aoife", "dog, Rex,", "cat's name".

    Args:
        phrase: The noun phrase without its determiner.
        text: The turn's content.

    Returns:
        The relation, or None if the phrase names neither a relative nor an animal.
    """
    tokens = trim_marks(phrase)
    for index, token in enumerate(tokens[:_KIN_WINDOW]):
        if token.norm in KIN or token.norm in ANIMALS:
            animal = token.norm in ANIMALS
            kind = ANIMALS[token.norm] if animal else KIN[token.norm]
            following = trim_marks(tokens[index + 1 :])
            if kind == "partner" and index and shares_activity(tokens[index - 1]):
                return None  # "My tennis partner"
            # "My guide dog training school": the last noun counts, not the first.
            if following and following[0].norm == "'s":
                return Relation(kind=kind, animal=animal, name=None, rest=following[1:])
            if following and following[0].norm in KIN | ANIMALS:
                continue
            if following and following[0].norm in _NOT_NAMES_AFTER:
                return None  # "My mother tongue"
            if following and following[0].norm in {"name", "names"}:
                return Relation(kind=kind, animal=animal, name=None, rest=following[:1])
            name, rest = _name_after(following, text)
            if rest and rest[0].norm == "'s":
                return Relation(kind=kind, animal=animal, name=name, rest=rest[1:])
            if rest:
                return None
            return Relation(kind=kind, animal=animal, name=name)
        if token.norm == "'s" or (token.norm in DETERMINERS):
            return None
        if token.capital and token.norm not in _DESCRIPTIVE and index:
            return None
    return None


def shares_activity(before: Token) -> bool:
    """Tells what partners do together: "tennis", "lab", "sparring".

    Args:
        before: The word before "partner".
    """
    form = verb_form(before.norm)
    return before.norm in _SHARED or (form is not None and form.gerund)


_SHARED: Final = word_set(
    "tennis badminton squash padel golf chess bridge gym workout dance lab business law research "
    "project work study training writing accountability language conversation travel hunting "
    "bowling doubles crime duet skating debate trading senior junior managing founding general "
    "equal channel coding programming climbing tandem yoga pool ski tango salsa ballroom exercise "
    "lifting"
)


def plural(relation: Relation) -> bool:
    """Tells whether a relation is of several people."""
    return relation.kind in PLURAL_KIN


def _name_after(phrase: Phrase, text: str) -> tuple[str | None, Phrase]:
    """Returns the name that a noun is followed by, and what follows that."""
    rest = trim_marks(phrase)
    if rest and rest[0].norm in {"named", "called"}:
        rest = trim_marks(rest[1:])
        length = next(
            (index for index, token in enumerate(rest) if not token.word or token.norm in
             {"and", "who", "that", "which", "in", "is", "from", "'s"}),
            len(rest),
        )  # fmt: skip
        if name_like(rest[:length]):
            return _titled(slice_of(text, rest[:length])), rest[length:]
        return None, rest
    length = 0
    while length < len(rest) and rest[length].capital and rest[length].word:
        length += 1
    if length and name_like(rest[:length]):
        return slice_of(text, rest[:length]), rest[length:]
    # In lower case only a single word can be a name: "my sister anna".
    if len(rest) == 1 and name_like(rest) and not words(rest).endswith(("ing", "ed")):
        return _titled(slice_of(text, rest)), ()
    return None, rest


def _titled(name: str) -> str:
    return name.title() if name.islower() else name
