"""Fields of requests, checked and turned into domain values: the one place for it.

Every function raises `InvalidFieldError`, which names the field and what is wrong with it, never
its value.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn

from google.protobuf.timestamp_pb2 import Timestamp

from spectron.v1 import attribute_pb2, scope_pb2, turn_pb2
from spectron_extraction.protocol import Category, EntityRef, Role
from spectron_server.domain.access import CONTEXT_NAME
from spectron_server.domain.conversation import NewTurn
from spectron_server.domain.errors import FieldViolation, InvalidFieldError
from spectron_server.domain.scope import Scope
from spectron_server.domain.sensitive import holds_secret, names_secret
from spectron_server.service.knowledge import CLOCK_SLACK

MAX_CONTENT_BYTES: Final = 32 * 1024
MAX_BATCH_TURNS: Final = 500
MAX_BATCH_BYTES: Final = 2 * 1024 * 1024
MAX_VALUE: Final = 2_000
_MAX_LABEL: Final = 128
_MAX_METADATA: Final = 32
_MAX_METADATA_NAME: Final = 64
_MAX_METADATA_VALUE: Final = 512
_MAX_TYPE: Final = 64
_MAX_NAME: Final = 256
_MAX_WAIT: Final = timedelta(seconds=60)
_MESSAGE_ID: Final = re.compile(r"[\x20-\x7e]{1,128}")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")

ROLES: Final["dict[turn_pb2.Role.ValueType, Role]"] = {
    turn_pb2.ROLE_USER: Role.USER,
    turn_pb2.ROLE_ASSISTANT: Role.ASSISTANT,
    turn_pb2.ROLE_SYSTEM: Role.SYSTEM,
    turn_pb2.ROLE_TOOL: Role.TOOL,
}
CATEGORIES: Final["dict[attribute_pb2.Category.ValueType, Category]"] = {
    attribute_pb2.CATEGORY_IDENTITY: Category.IDENTITY,
    attribute_pb2.CATEGORY_KNOWLEDGE: Category.KNOWLEDGE,
    attribute_pb2.CATEGORY_CONTEXT: Category.CONTEXT,
    attribute_pb2.CATEGORY_INSTRUCTIONS: Category.INSTRUCTIONS,
    attribute_pb2.CATEGORY_UNKNOWNS: Category.UNKNOWNS,
}


def refuse(field: str, description: str) -> NoReturn:
    """Raises the error of one field."""
    raise InvalidFieldError([FieldViolation(field, description)])


def scope(message: scope_pb2.Scope, field: str = "scope") -> Scope:
    """Returns a scope."""
    return Scope.of(dict(message.dimensions), field=field)


def text(value: str, field: str, *, maximum: int, minimum: int = 1) -> str:
    """Returns a text whose length in characters is within bounds and that holds no NUL."""
    if len(value) < minimum:
        refuse(field, "is required")
    if len(value) > maximum:
        refuse(field, f"has {len(value)} characters; at most {maximum} are allowed")
    _no_nul(value, field)
    return value


def content(value: str, field: str) -> str:
    """Returns what was said, or a query: 1 byte to 32 KiB, not only white space."""
    if not value.strip():
        refuse(field, "is empty; send at least one visible character")
    size = len(value.encode())
    if size > MAX_CONTENT_BYTES:
        refuse(field, f"has {size} bytes; at most {MAX_CONTENT_BYTES} are allowed. Split it")
    _no_nul(value, field)
    return value


def _no_nul(value: str, field: str) -> None:
    if "\0" in value:
        refuse(field, "holds the character NUL; remove it")


def record_id(value: str, field: str) -> str:
    """Returns an id that is present; whether it exists is another question."""
    return text(value, field, maximum=128)


def message_id(value: str, field: str) -> str:
    """Returns the client's own id of a message: 1 to 128 printable ASCII characters."""
    if not _MESSAGE_ID.fullmatch(value):
        refuse(field, "must be 1 to 128 printable ASCII characters")
    return value


def new_turn(message: turn_pb2.NewTurn, field: str, now: datetime) -> NewTurn:
    """Returns a turn to be recorded."""
    role = ROLES.get(message.role)
    if role is None:
        refuse(f"{field}.role", "must be USER, ASSISTANT, SYSTEM or TOOL")
    observed_at = None
    if message.HasField("observed_at"):
        observed_at = moment(message.observed_at, f"{field}.observed_at")
        if observed_at > now + CLOCK_SLACK:
            refuse(
                f"{field}.observed_at",
                "is more than 5 minutes ahead of the server's clock; leave it out for now",
            )
    return NewTurn(
        role=role, content=content(message.content, f"{field}.content"), observed_at=observed_at
    )


def new_turns(messages: list[turn_pb2.NewTurn], now: datetime) -> list[NewTurn]:
    """Returns turns to be recorded together."""
    if not 1 <= len(messages) <= MAX_BATCH_TURNS:
        refuse("turns", f"has {len(messages)} turns; 1 to {MAX_BATCH_TURNS} are allowed")
    if sum(len(message.content.encode()) for message in messages) > MAX_BATCH_BYTES:
        refuse("turns", f"have together more than {MAX_BATCH_BYTES} bytes of content")
    return [new_turn(message, f"turns[{n}]", now) for n, message in enumerate(messages)]


def moment(message: Timestamp, field: str) -> datetime:
    """Returns a point in time."""
    try:
        return message.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        refuse(field, "is not a valid time between the years 1 and 9999")


def optional_moment(message: Timestamp, field: str, *, present: bool) -> datetime | None:
    """Returns a point in time, None if it was not sent."""
    return moment(message, field) if present else None


def bounded(value: int, field: str, *, default: int, minimum: int, maximum: int) -> int:
    """Returns a number within bounds; 0 stands for the default."""
    if value == 0:
        return default
    if not minimum <= value <= maximum:
        refuse(field, f"must be {minimum} to {maximum}, or 0 for {default}")
    return value


def wait(seconds: float) -> timedelta:
    """Returns how long a call may wait."""
    if seconds < 0 or seconds > _MAX_WAIT.total_seconds():
        refuse("wait", "must be 0 to 60 seconds")
    return timedelta(seconds=seconds)


def metadata(labels: Mapping[str, str]) -> dict[str, str]:
    """Returns a session's labels."""
    if len(labels) > _MAX_METADATA:
        refuse("metadata", f"has {len(labels)} entries; at most {_MAX_METADATA} are allowed")
    for name, value in labels.items():
        text(name, "metadata", maximum=_MAX_METADATA_NAME)
        text(value, "metadata", maximum=_MAX_METADATA_VALUE, minimum=0)
    return dict(labels)


def category(value: "attribute_pb2.Category.ValueType", *, unknowns: bool) -> Category | None:
    """Returns a category, None for unspecified."""
    if value == attribute_pb2.CATEGORY_UNSPECIFIED:
        return None
    found = CATEGORIES.get(value)
    if found is None:
        refuse("category", "is not a category")
    if found is Category.UNKNOWNS and not unknowns:
        refuse("category", "cannot be UNKNOWNS; a fact is known")
    return found


def new_entity(message: attribute_pb2.EntityRef, user: EntityRef) -> EntityRef:
    """Returns the name of an entity that is to be known of: no secret, if it is not the user's."""
    found = entity(message)
    if found != user:
        no_secret("entity", found.type, found.name, f"{found.type}: {found.name}")
    return found


def entity(message: attribute_pb2.EntityRef, field: str = "entity") -> EntityRef:
    """Returns the name of an entity."""
    return EntityRef(
        type=text(message.type, f"{field}.type", maximum=_MAX_TYPE),
        name=text(message.name, f"{field}.name", maximum=_MAX_NAME),
    )


def selector(value: str, field: str) -> str:
    """Returns a filter that may be empty."""
    return text(value, field, maximum=_MAX_NAME, minimum=0)


def attribute_key(value: str, field: str = "key") -> str:
    """Returns the name of an attribute."""
    if not _KEY.fullmatch(value):
        refuse(field, f"does not match {_KEY.pattern}")
    return value


def fact(value: str, field: str, *, key: str = "") -> str:
    """Returns the value of a fact, which is no secret."""
    trimmed = text(value.strip(), field, maximum=MAX_VALUE)
    no_secret(field, trimmed, key=key)
    return trimmed


def no_secret(field: str, *texts: str, key: str = "") -> None:
    """Refuses what looks like a secret, or is of a key that holds one."""
    if names_secret(key) or any(map(holds_secret, texts)):
        refuse(field, "looks like a password, key or card number, which are never remembered")


def confidence(value: float) -> float:
    """Returns a confidence."""
    if not 0 <= value <= 1:
        refuse("confidence", "must be 0 to 1")
    return value


def context_name(value: str) -> str:
    """Returns the name of a context to be made."""
    if not CONTEXT_NAME.fullmatch(value):
        refuse("context_id", f"does not match {CONTEXT_NAME.pattern}")
    return value


def label(value: str) -> str:
    """Returns what a key is for."""
    return text(value, "label", maximum=_MAX_LABEL, minimum=0)
