"""What others are to the user, and how a text speaks of them: "their father", "The dog Rex"."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from spectron_extraction.ontology import Ontology, ValueType
from spectron_extraction.protocol import EntityRef
from spectron_server.domain.prose import clean, label, name_of

# Persons in these keys are the user's own names, not somebody else.
_OWN_NAMES: Final = frozenset({"name", "nickname", "address_as"})


class Relation(NamedTuple):
    """What an entity is to the user; `key` and `value` are empty if it has no name.

    Attributes:
        key: The key of the user's that names the entity.
        word: A sister, a dog.
        value: The entity's name as the key's value tells it.
    """

    key: str
    word: str
    value: str


class Relations:
    """Tells what others are to the user."""

    def __init__(
        self, own: Mapping[str, Sequence[str]], *, subject: EntityRef, ontology: Ontology
    ) -> None:
        """Takes what the user is known by.

        Args:
            own: The values of the user's keys, the most important key first.
            subject: The user.
            ontology: The known keys.
        """
        self._own = own
        self._subject = subject
        self._ontology = ontology
        self._found: dict[EntityRef, Relation | None] = {}

    def of(self, entity: EntityRef) -> Relation | None:
        """Returns what an entity is to the user, if that is known."""
        if entity not in self._found:
            self._found[entity] = self._find(entity)
        return self._found[entity]

    def called(self, entity: EntityRef, whose: str) -> str:
        """Returns how a text speaks of an entity: "Their father" if it has no name."""
        if kind := self.kind(entity):
            return f"{whose} {kind}"
        name, kind = name_of(entity), clean(entity.type)
        return name if kind in {"Person", "Organization"} else f"The {kind.lower()} {name}"

    def kind(self, entity: EntityRef) -> str:
        """Returns the "father" of "u_1's father", as one without a name is named."""
        owner = f"{self._subject.name}'s ".casefold()
        named = entity.name.casefold().startswith(owner)
        return clean(entity.name[len(owner) :]) if named else ""

    def _find(self, entity: EntityRef) -> Relation | None:
        if kind := self.kind(entity):
            return Relation(key="", word=kind, value="")
        name = clean(entity.name).casefold()
        for key, values in self._own.items():
            definition = self._ontology.definition(key)
            if definition is None or key in _OWN_NAMES:
                continue
            for value in values:
                if definition.value_type is ValueType.PERSON and value.casefold() == name:
                    return Relation(key=key, word=label(key), value=value)
                if key == "pet":
                    kind, _, called = value.partition(" named ")
                    if value.casefold() == name:
                        return Relation(key=key, word="pet", value=value)
                    if called.casefold() == name:
                        word = kind.removeprefix("a ").removeprefix("an ")
                        return Relation(key=key, word=word, value=value)
        return None
