"""The ontology: which keys attributes have, and what each means.

One file, `ontology.toml`, names them; this module reads and checks it. A key that the file does
not name is allowed and holds one value.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any, Final, Self

from spectron_extraction.protocol import Category

MAX_KEY_LENGTH: Final = 64
FALLBACK_KEY: Final = "note"
"""The key of an attribute whose own key holds no Latin letter."""

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_KEY: Final = re.compile(r"[^a-z0-9]+")
_INNER_MARK: Final = re.compile(r"(?<=\d)[.,](?=\d)|(?<!\w)-(?=\d)|[^\W_]|[+#%]|\s")
_ARTICLES: Final = frozenset({"a", "an", "the", "my", "our", "their"})
_NUMBER_WORDS: Final = {
    word: str(number)
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
}
_REQUIRED: Final = frozenset({"category", "cardinality", "value_type", "they", "it", "description"})


class Cardinality(StrEnum):
    """How many values of a key hold at the same time."""

    ONE = "one"
    MANY = "many"


class ValueType(StrEnum):
    """What a value names."""

    TEXT = "text"
    PERSON = "person"
    PLACE = "place"
    ORGANIZATION = "organization"
    LANGUAGE = "language"
    DATE = "date"
    NUMBER = "number"


class OntologyError(Exception):
    """The ontology file is malformed; the message says where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyDefinition:
    """What a key means.

    Attributes:
        name: The key itself, in snake_case.
        category: The kind of memory that its attributes are.
        cardinality: How many values hold at the same time.
        value_type: What a value names.
        synonyms: Other names of the same key.
        they: The verb phrase after "They", with `{value}`: `live in {value}`.
        it: The verb phrase after a name: `lives in {value}`.
        description: What a value is and how it is written, for people and for models.
    """

    name: str
    category: Category
    cardinality: Cardinality
    value_type: ValueType
    synonyms: tuple[str, ...]
    they: str
    it: str
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Family:
    """Keys that share a prefix and a definition, in which `{rest}` is what follows it."""

    prefix: str
    spellings: tuple[str, ...]
    template: KeyDefinition

    def member(self, key: str) -> KeyDefinition:
        """Returns the definition of one key of the family."""
        rest = key.removeprefix(self.prefix).replace("_", " ")
        return KeyDefinition(
            name=key,
            category=self.template.category,
            cardinality=self.template.cardinality,
            value_type=self.template.value_type,
            synonyms=(),
            they=self.template.they.replace("{rest}", rest),
            it=self.template.it.replace("{rest}", rest),
            description=self.template.description,
        )


class Ontology:
    """The known keys. Immutable; load it once and hand it to those who need it."""

    def __init__(
        self,
        *,
        definitions: Sequence[KeyDefinition],
        families: Sequence[_Family],
        same_values: Mapping[ValueType, Mapping[str, str]],
    ) -> None:
        self._definitions = {definition.name: definition for definition in definitions}
        self._synonyms = _synonym_index(definitions)
        self._families = tuple(families)
        self._same_values = same_values

    @classmethod
    def load(cls) -> Self:
        """Reads the ontology that the package ships.

        Raises:
            OntologyError: The file is malformed.
        """
        return cls.parse(
            resources.files("spectron_extraction").joinpath("ontology.toml").read_text("utf-8")
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads an ontology from TOML.

        Args:
            text: The file's content.

        Raises:
            OntologyError: It is no TOML, a field is missing or wrong, or a name is taken twice.
        """
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise OntologyError(f"the ontology is not valid TOML: {error}") from error
        definitions = [
            _definition(_name_of(entry, "name", f"keys[{index}]"), entry)
            for index, entry in enumerate(document.get("keys", []))
        ]
        families = [
            _family(_name_of(entry, "prefix", f"families[{index}]"), entry)
            for index, entry in enumerate(document.get("families", []))
        ]
        return cls(
            definitions=definitions,
            families=families,
            same_values=_same_value_index(document.get("same_values", {})),
        )

    def canonical(self, key: str) -> str:
        """Returns the name under which a key is kept: snake_case, synonyms resolved.

        The result always matches `[a-z][a-z0-9_]{0,63}`; a key without any Latin letter becomes
        `note`.
        """
        name = _snake_case(key)
        if name in self._definitions:
            return name
        if name in self._synonyms:
            return self._synonyms[name]
        for family in self._families:
            for spelling in family.spellings:
                if name.startswith(spelling) and len(name) > len(spelling):
                    name = (family.prefix + name.removeprefix(spelling))[:MAX_KEY_LENGTH]
                    return name.rstrip("_")
        return name

    def definition(self, key: str) -> KeyDefinition | None:
        """Returns what is known of a key, under any of its names; None if it is not known."""
        name = self.canonical(key)
        if name in self._definitions:
            return self._definitions[name]
        for family in self._families:
            if name.startswith(family.prefix) and len(name) > len(family.prefix):
                return family.member(name)
        return None

    def cardinality(self, key: str) -> Cardinality:
        """Returns how many values of a key hold at once; ONE if the key is not known."""
        definition = self.definition(key)
        return definition.cardinality if definition else Cardinality.ONE

    def category(self, key: str) -> Category | None:
        """Returns the category of a key; None if the key is not known."""
        definition = self.definition(key)
        return definition.category if definition else None

    def keys(self) -> tuple[KeyDefinition, ...]:
        """Returns all definitions, the most important of each category first."""
        return tuple(self._definitions.values())

    def same_value(self, key: str, a: str, b: str) -> bool:
        """Tells whether two values of a key mean the same.

        Case, white space, articles and punctuation do not count, number words equal digits, and
        common short names equal long ones where the key's values are of a type that has them.
        """
        if a == b:
            return True
        definition = self.definition(key)
        value_type = definition.value_type if definition else ValueType.TEXT
        aliases = self._same_values.get(value_type, {})
        left, right = _comparable(a), _comparable(b)
        return aliases.get(left, left) == aliases.get(right, right)


@lru_cache(maxsize=4_096)
def _snake_case(key: str) -> str:
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    name = _NOT_KEY.sub("_", _CAMEL.sub("_", plain).lower()).lstrip("_0123456789")
    name = name.replace("colour", "color")
    return name[:MAX_KEY_LENGTH].rstrip("_") or FALLBACK_KEY


# A value is compared with each of its key's others again and again.
@lru_cache(maxsize=16_384)
def _comparable(value: str) -> str:
    """Returns a value with everything removed that does not change its meaning."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    # Full stops and apostrophes vanish (U.K., O'Neill); other marks part words (bullet-point).
    spaced = re.sub(r"(?<=\w)-|-(?!\d)|[/_;:()&]|,(?!\d)", " ", folded)
    kept = "".join(_INNER_MARK.findall(spaced))
    words = [_NUMBER_WORDS.get(word, word) for word in kept.split()]
    significant = [word for word in words if word not in _ARTICLES]
    # A value of marks or articles alone is compared as it stands.
    return " ".join(significant) or " ".join(words) or folded.strip()


def _name_of(entry: Mapping[str, Any], field: str, where: str) -> str:
    name = entry.get(field)
    if not isinstance(name, str) or not _KEY.fullmatch(name):
        raise OntologyError(f"{where}.{field} must match [a-z][a-z0-9_]{{0,63}}")
    return name


def _definition(name: str, entry: Mapping[str, Any]) -> KeyDefinition:
    missing = _REQUIRED - entry.keys()
    if missing:
        raise OntologyError(f"{name} lacks {', '.join(sorted(missing))}")
    try:
        definition = KeyDefinition(
            name=name,
            category=Category(entry["category"]),
            cardinality=Cardinality(entry["cardinality"]),
            value_type=ValueType(entry["value_type"]),
            synonyms=tuple(entry.get("synonyms", ())),
            they=entry["they"],
            it=entry["it"],
            description=entry["description"],
        )
    except ValueError as error:
        raise OntologyError(f"{name}: {error}") from error
    for phrase in (definition.they, definition.it):
        if phrase.count("{value}") != 1:
            raise OntologyError(f"{name}: the phrase {phrase!r} must hold {{value}} once")
    for synonym in definition.synonyms:
        if _snake_case(synonym) != synonym:
            raise OntologyError(f"{name}: the synonym {synonym!r} is not in snake_case")
    return definition


def _family(prefix: str, entry: Mapping[str, Any]) -> _Family:
    return _Family(
        prefix=prefix,
        spellings=tuple(entry.get("spellings", ())),
        template=_definition(prefix.rstrip("_"), entry),
    )


def _synonym_index(definitions: Sequence[KeyDefinition]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for name, owner in _names(definitions):
        if name in owners:
            raise OntologyError(f"{name!r} is claimed by both {owners[name]} and {owner}")
        owners[name] = owner
    return owners


def _names(definitions: Sequence[KeyDefinition]) -> Iterator[tuple[str, str]]:
    for definition in definitions:
        yield definition.name, definition.name
        for synonym in definition.synonyms:
            yield synonym, definition.name


def _same_value_index(
    document: Mapping[str, Sequence[Sequence[str]]],
) -> dict[ValueType, dict[str, str]]:
    index: dict[ValueType, dict[str, str]] = {}
    for type_name, groups in document.items():
        try:
            aliases = index.setdefault(ValueType(type_name), {})
        except ValueError as error:
            raise OntologyError(f"same_values: {error}") from error
        for group in groups:
            for value in group:
                if aliases.setdefault(_comparable(value), group[0]) != group[0]:
                    raise OntologyError(f"same_values.{type_name}: {value!r} stands in two groups")
    return index
