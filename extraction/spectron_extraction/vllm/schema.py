"""The form of a model's answer: a flat list of small objects, every field required and bounded.

The engine enforces the schema while it writes, so that an answer of another form is not possible.
The order of the fields is the order in which they are written: the words of the turn first, so
that everything after them follows from words that stand there.
"""

from enum import StrEnum
from typing import Any, Final

MAX_FACTS: Final = 12
"""An answer with as many may have left something out; the window is then split."""

MAX_QUOTE: Final = 160
MAX_ENTITY_NAME: Final = 60
MAX_KEY: Final = 40
MAX_VALUE: Final = 120
USER: Final = "user"
ENTITY_TYPES: Final = ("Person", "Pet", "Organization", "Project")

_ENTITY: Final = f"^({USER}|({'|'.join(ENTITY_TYPES)})/[^/\\n]{{1,{MAX_ENTITY_NAME}}})$"
_KEY: Final = f"^[a-z][a-z0-9_]{{0,{MAX_KEY - 1}}}$"
# Names of fields, marks, numbers and the longest entity type of one fact.
_FORM_CHARACTERS: Final = 100

MAX_TOKENS: Final = 16 + MAX_FACTS * (
    MAX_QUOTE + MAX_ENTITY_NAME + MAX_KEY + MAX_VALUE + _FORM_CHARACTERS
)
"""Room for the longest answer that the schema allows, at one token for each character."""


class Kind(StrEnum):
    """How something is said to be true."""

    FACT = "fact"
    CHANGE = "change"
    DOUBT = "doubt"
    PAST = "past"
    END = "end"


def answer_schema(turns: int) -> dict[str, Any]:
    """Returns the JSON schema of an answer.

    Args:
        turns: How many turns are numbered, from 1: another number cannot be written.
    """
    properties: dict[str, Any] = {
        "quote": {"type": "string", "minLength": 1, "maxLength": MAX_QUOTE},
        "turn": {"type": "integer", "enum": list(range(1, turns + 1))},
        "kind": {"type": "string", "enum": [kind.value for kind in Kind]},
        "entity": {"type": "string", "pattern": _ENTITY},
        "key": {"type": "string", "pattern": _KEY},
        "value": {"type": "string", "maxLength": MAX_VALUE},
    }
    return {
        "type": "object",
        "properties": {
            "facts": {
                "type": "array",
                "maxItems": MAX_FACTS,
                "items": _closed(properties),
            }
        },
        "required": ["facts"],
        "additionalProperties": False,
    }


def response_format(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the field of a request that has a schema enforced."""
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": schema},
    }


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
