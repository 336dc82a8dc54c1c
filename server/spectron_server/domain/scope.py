"""Scopes: whose memory a record is, and which records a query sees."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final, Self

from spectron_extraction.protocol import EntityRef
from spectron_server.domain.errors import FieldViolation, InvalidFieldError

MAX_DIMENSIONS: Final = 8
MAX_VALUE_LENGTH: Final = 256
KEY_LENGTH: Final = 16
USER_DIMENSION: Final = "user"
NAMELESS: Final = EntityRef(type="Person", name="user")
"""Whom first-person statements are about in a scope that names no user: all who share it."""

# Whoever reads a scope reads it again, and it takes a hash for each subset.
_KEPT_KEYS: Final = 4_096

_DIMENSION_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_BASE32: Final = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Scope:
    """A map of dimensions to values, sorted by dimension.

    A query with scope Q sees a record with scope R iff R is a subset of Q.
    """

    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, dimensions: Mapping[str, str], *, field: str = "scope") -> Self:
        """Checks the limits of a scope and returns it.

        Raises:
            InvalidFieldError: A name, a value or their number is out of bounds.
        """
        violations = list(_violations(dimensions, field))
        if violations:
            raise InvalidFieldError(violations)
        return cls(tuple(sorted(dimensions.items())))

    def as_dict(self) -> dict[str, str]:
        """Returns the dimensions as a new dict."""
        return dict(self.dimensions)

    def sees(self, other: "Scope") -> bool:
        """Tells whether a query with this scope sees a record with the other."""
        return set(other.dimensions) <= set(self.dimensions)

    def visible(self) -> Iterator["Scope"]:
        """Yields every scope that this one sees, itself included: its 2^n subsets, n <= 8."""
        for size in range(len(self.dimensions) + 1):
            for subset in combinations(self.dimensions, size):
                yield Scope(subset)

    def subject(self) -> EntityRef:
        """Returns the entity that first-person statements are about."""
        user = dict(self.dimensions).get(USER_DIMENSION)
        return NAMELESS if user is None else EntityRef(type="Person", name=user)

    def key(self, context_id: str) -> str:
        """Returns the scope's key in a context: 16 characters of base 32, 80 bits of a SHA-256.

        The key is computed, not looked up, so that a query names the scopes it sees without
        asking the database which there are.
        """
        text = json.dumps([context_id, self.dimensions], ensure_ascii=False)
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:10])
        return "".join(_BASE32[number >> shift & 31] for shift in range(75, -1, -5))

    def visible_keys(self, context_id: str) -> tuple[str, ...]:
        """Returns the keys of every scope that this one sees in a context."""
        return _visible_keys(self, context_id)


@lru_cache(maxsize=_KEPT_KEYS)
def _visible_keys(scope: Scope, context_id: str) -> tuple[str, ...]:
    return tuple(each.key(context_id) for each in scope.visible())


def _violations(dimensions: Mapping[str, str], field: str) -> Iterator[FieldViolation]:
    if len(dimensions) > MAX_DIMENSIONS:
        yield FieldViolation(
            field, f"has {len(dimensions)} dimensions; at most {MAX_DIMENSIONS} are allowed"
        )
        return
    for name, value in dimensions.items():
        if not _DIMENSION_NAME.fullmatch(name):
            yield FieldViolation(
                field, "has a dimension whose name does not match [a-z][a-z0-9_]{0,31}"
            )
        elif not 1 <= len(value) <= MAX_VALUE_LENGTH:
            yield FieldViolation(
                f"{field}.{name}",
                f"has {len(value)} characters; 1 to {MAX_VALUE_LENGTH} are allowed",
            )
        elif not value.isprintable():
            yield FieldViolation(f"{field}.{name}", "holds control characters; remove them")
