"""Keys: who may do what in which context."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

ALL_CONTEXTS: Final = "*"
CONTEXT_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}")


class KeyRole(StrEnum):
    """What a key may do; each role may do what those before it may."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def allows(self, required: "KeyRole") -> bool:
        """Tells whether this role may do what another is required for."""
        return _RANK[self] >= _RANK[required]


_RANK: Final = {role: rank for rank, role in enumerate(KeyRole)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """An API key, without its secret; `context_id` of `*` reaches every context."""

    id: str
    context_id: str
    role: KeyRole
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def reaches_all(self) -> bool:
        """Whether the key is bound to all contexts."""
        return self.context_id == ALL_CONTEXTS

    def reaches(self, context_id: str) -> bool:
        """Tells whether the key reaches a context."""
        return self.reaches_all or self.context_id == context_id


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryContext:
    """One application's memory, the tenant."""

    id: str
    created_at: datetime


def hash_secret(secret: str) -> bytes:
    """Returns the SHA-256 of a key's secret.

    A secret holds 256 random bits, so that a fast hash is as safe as a slow one: there is no
    dictionary to try.
    """
    return hashlib.sha256(secret.encode()).digest()
