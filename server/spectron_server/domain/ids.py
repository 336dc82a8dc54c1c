"""Typed ids: `session:`, `turn:`, `attribute:`, `unknown:` and so on.

An id is a kind, a colon, a ULID in lower case and, for records of a scope, a hyphen and the
scope's key: `turn:01jt4m8t6mf0b2k9x3v7q5a1zc-4m8t6mf0b2k9x3v7`. The key sends a lookup by id to
the one shard that holds the record.
"""

import json
import re
from typing import Final, Protocol

_SCOPED: Final = re.compile(
    r"(session|turn|attribute|unknown|audit):[0-9a-hjkmnp-tv-z]{26}-([0-9a-hjkmnp-tv-z]{16})"
)


class Ids(Protocol):
    """Makes ids; injected, so that tests and replays can make the same ones again."""

    def scoped(self, kind: str, scope_key: str) -> str:
        """Returns a new id of a record in a scope; later ids of a process sort after earlier."""

    def plain(self, kind: str) -> str:
        """Returns a new id of a record that belongs to no scope."""


def scope_key_of(record_id: str, kind: str) -> str | None:
    """Returns the scope key in an id, or None if it is no id of that kind."""
    match = _SCOPED.fullmatch(record_id)
    return match[2] if match and match[1] == kind else None


def entity_id(entity_type: str, name: str) -> str:
    """Returns an entity's id: `entity:["Person", "alice"]`."""
    return f"entity:{json.dumps([entity_type, name], ensure_ascii=False)}"
