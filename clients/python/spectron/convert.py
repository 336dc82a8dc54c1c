"""Between protobuf messages and the values of this package.

Reading is lenient: a kind that this client does not know becomes `UNSPECIFIED`, so that an old
client works with a newer server. Writing is strict about what protobuf would report in words of
its own: scopes, roles and times.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from spectron.conversation import NewTurn, SessionInfo, TurnRecord
from spectron.enums import (
    AttributeStatus,
    Category,
    ChangeAction,
    ContextItemKind,
    ExtractionStatus,
    Role,
    SessionState,
    UnknownReason,
    UnknownResolution,
)
from spectron.models import (
    Attribute,
    AttributeChange,
    ContextItem,
    ContextResult,
    Diff,
    Entity,
    EntityRef,
    Evidence,
    Extraction,
    Forgotten,
    Profile,
    Unknown,
)
from spectron.v1 import (
    attribute_pb2,
    memory_pb2,
    memory_service_pb2,
    scope_pb2,
    session_pb2,
    turn_pb2,
    unknown_pb2,
)

if TYPE_CHECKING:
    # The name that the stubs give to the type of a protobuf enum.
    from google.protobuf.internal.enum_type_wrapper import _EnumTypeWrapper

_Kind = TypeVar("_Kind", bound=StrEnum)
_Number = TypeVar("_Number", bound=int)


def kind_of(kind: type[_Kind], wire: "_EnumTypeWrapper[_Number]", number: int) -> _Kind:
    """Returns the member of a string enum for a number on the wire.

    Args:
        kind: The string enum; it has a member UNSPECIFIED.
        wire: The protobuf enum; its names are the members', with a prefix.
        number: The number.

    Returns:
        The member; UNSPECIFIED if the number or its name is not known here.
    """
    value = wire.DESCRIPTOR.values_by_number.get(number)
    name = value.name.removeprefix(_prefix(wire)) if value else "UNSPECIFIED"
    return kind.__members__.get(name, kind.__members__["UNSPECIFIED"])


def kind_to(
    kind: type[_Kind], wire: "_EnumTypeWrapper[_Number]", given: str | None, *, name: str
) -> _Number:
    """Returns the number on the wire for a member of a string enum, or for its value.

    Args:
        kind: The string enum.
        wire: The protobuf enum.
        given: The member or its value, such as `user`; None: unspecified.
        name: What the argument is called, for the message.

    Returns:
        The number.

    Raises:
        ValueError: There is no such member.
    """
    if given is None:
        return wire.Value(_prefix(wire) + "UNSPECIFIED")
    try:
        member = kind(given)
    except ValueError:
        known = ", ".join(repr(str(each)) for each in kind if each.name != "UNSPECIFIED")
        raise ValueError(f"{name} must be one of {known}") from None
    return wire.Value(_prefix(wire) + member.name)


def _prefix(wire: "_EnumTypeWrapper[_Number]") -> str:
    return wire.DESCRIPTOR.values[0].name.removesuffix("UNSPECIFIED")


def scope_to(scope: Mapping[str, str]) -> scope_pb2.Scope:
    """Returns a scope as a message.

    Raises:
        TypeError: A value is no string, as when a user id is None.
    """
    dimensions: Mapping[str, object] = scope
    for dimension, value in dimensions.items():
        if not isinstance(value, str):
            raise TypeError(f"scope[{dimension!r}] must be a string, not {type(value).__name__}")
    return scope_pb2.Scope(dimensions=scope)


def time_to(moment: datetime | None, *, name: str) -> Timestamp | None:
    """Returns a datetime as a message; None stays None.

    Args:
        moment: The datetime.
        name: What the argument is called, for the message.

    Returns:
        The message.

    Raises:
        ValueError: The datetime has no timezone.
    """
    if moment is None:
        return None
    if moment.utcoffset() is None:
        raise ValueError(
            f"{name} must be timezone-aware: write datetime(..., tzinfo=UTC) or datetime.now(UTC)"
        )
    message = Timestamp()
    message.FromDatetime(moment.astimezone(UTC))
    return message


def time_of(message: Timestamp) -> datetime:
    """Returns a message as a datetime in UTC."""
    return message.ToDatetime(tzinfo=UTC)


def entity_to(entity_type: str | None, entity_name: str | None) -> attribute_pb2.EntityRef | None:
    """Returns what a call is about, or None for the scope's user if nothing is named."""
    if entity_type is None and entity_name is None:
        return None
    return attribute_pb2.EntityRef(type=entity_type or "", name=entity_name or "")


def new_turn_to(turn: NewTurn) -> turn_pb2.NewTurn:
    """Returns a turn to be recorded as a message.

    Raises:
        ValueError: Its role is none, or its time has no timezone.
    """
    return turn_pb2.NewTurn(
        role=kind_to(Role, turn_pb2.Role, turn.role, name="role"),
        content=turn.content,
        observed_at=time_to(turn.observed_at, name="observed_at"),
    )


def turn_record_of(message: turn_pb2.Turn) -> TurnRecord:
    """Converts a recorded turn."""
    return TurnRecord(
        id=message.id,
        session_id=message.session_id,
        sequence=message.sequence,
        role=kind_of(Role, turn_pb2.Role, message.role),
        content=message.content,
        observed_at=time_of(message.observed_at),
        recorded_at=time_of(message.recorded_at),
        extraction_status=kind_of(
            ExtractionStatus, turn_pb2.ExtractionStatus, message.extraction_status
        ),
        hidden=message.hidden,
    )


def entity_ref_of(message: attribute_pb2.EntityRef) -> EntityRef:
    """Converts the name of an entity."""
    return EntityRef(type=message.type, name=message.name)


def evidence_of(message: attribute_pb2.Evidence) -> Evidence:
    """Converts the words that prove a belief."""
    return Evidence(
        turn_id=message.turn_id, start=message.start, end=message.end, quote=message.quote
    )


def attribute_of(message: attribute_pb2.Attribute) -> Attribute:
    """Converts a belief."""
    return Attribute(
        id=message.id,
        entity=entity_ref_of(message.entity),
        category=kind_of(Category, attribute_pb2.Category, message.category),
        key=message.key,
        value=message.value,
        confidence=message.confidence,
        evidence=evidence_of(message.evidence) if message.HasField("evidence") else None,
        valid_from=time_of(message.valid_from),
        valid_until=time_of(message.valid_until) if message.HasField("valid_until") else None,
        recorded_at=time_of(message.recorded_at),
        last_validated_at=time_of(message.last_validated_at),
        supersedes=message.supersedes or None,
        superseded_by=message.superseded_by or None,
        status=kind_of(AttributeStatus, attribute_pb2.AttributeStatus, message.status),
        scope=dict(message.scope.dimensions),
    )


def entity_of(message: attribute_pb2.Entity) -> Entity:
    """Converts an entity with its beliefs."""
    return Entity(
        id=message.id,
        type=message.type,
        name=message.name,
        attributes=tuple(attribute_of(each) for each in message.attributes),
    )


def unknown_of(message: unknown_pb2.Unknown) -> Unknown:
    """Converts a doubt."""
    return Unknown(
        id=message.id,
        entity=entity_ref_of(message.entity),
        about=message.about,
        value=message.value,
        category=kind_of(Category, attribute_pb2.Category, message.category),
        reason=kind_of(UnknownReason, unknown_pb2.UnknownReason, message.reason),
        evidence=evidence_of(message.evidence) if message.HasField("evidence") else None,
        raised_at=time_of(message.raised_at),
        recorded_at=time_of(message.recorded_at),
        resolved=message.resolved,
        resolution=kind_of(UnknownResolution, unknown_pb2.UnknownResolution, message.resolution),
        resolved_at=time_of(message.resolved_at) if message.HasField("resolved_at") else None,
        conflicts_with=message.conflicts_with or None,
        scope=dict(message.scope.dimensions),
    )


def profile_of(message: memory_pb2.Profile) -> Profile:
    """Converts a profile."""
    return Profile(
        scope=dict(message.scope.dimensions),
        summary=message.summary,
        attributes=tuple(attribute_of(each) for each in message.attributes),
        revision=message.revision,
        as_of=time_of(message.as_of) if message.HasField("as_of") else None,
    )


def context_of(message: memory_service_pb2.GetContextResponse) -> ContextResult:
    """Converts what bears on a query."""
    return ContextResult(
        items=tuple(context_item_of(each) for each in message.items),
        formatted=message.formatted,
        revision=message.revision,
    )


def context_item_of(message: memory_pb2.ContextItem) -> ContextItem:
    """Converts a fact or turn that bears on a query."""
    known_role = message.role in {each.value for each in Role}
    return ContextItem(
        kind=kind_of(ContextItemKind, memory_pb2.ContextItemKind, message.kind),
        text=message.text,
        score=message.score,
        source_turn=message.source_turn or None,
        session_id=message.session_id or None,
        observed_at=time_of(message.observed_at),
        attribute=attribute_of(message.attribute) if message.HasField("attribute") else None,
        role=(Role(message.role) if known_role else Role.UNSPECIFIED) if message.role else None,
        others=tuple(attribute_of(each) for each in message.others),
    )


def forgotten_of(message: memory_service_pb2.ForgetResponse) -> Forgotten:
    """Converts what was forgotten."""
    return Forgotten(
        attributes=tuple(attribute_of(each) for each in message.attributes),
        attribute_count=message.attribute_count,
        unknown_count=message.unknown_count,
        turn_count=message.turn_count,
    )


def diff_of(message: turn_pb2.ExtractionDiff) -> Diff:
    """Converts a difference to memory."""
    return Diff(
        changes=tuple(
            AttributeChange(
                action=kind_of(ChangeAction, turn_pb2.ChangeAction, each.action),
                attribute=attribute_of(each.attribute),
                previous_value=(each.previous_value if each.HasField("previous_value") else None),
            )
            for each in message.changes
        ),
        unknowns=tuple(unknown_of(each) for each in message.unknowns_raised),
        unknowns_resolved=tuple(unknown_of(each) for each in message.unknowns_resolved),
    )


def extraction_of(message: turn_pb2.Extraction) -> Extraction:
    """Converts the extraction of a turn."""
    return Extraction(
        turn_id=message.turn_id,
        status=kind_of(ExtractionStatus, turn_pb2.ExtractionStatus, message.status),
        diff=diff_of(message.diff),
        finished_at=time_of(message.finished_at) if message.HasField("finished_at") else None,
        attempts=message.attempts,
        error=message.error,
        extractor=message.extractor,
        dropped_count=message.dropped_count,
    )


def session_info_of(message: session_pb2.Session) -> SessionInfo:
    """Converts a session."""
    return SessionInfo(
        id=message.id,
        context_id=message.context_id,
        scope=dict(message.scope.dimensions),
        metadata=dict(message.metadata),
        state=kind_of(SessionState, session_pb2.SessionState, message.state),
        created_at=time_of(message.created_at),
        closed_at=time_of(message.closed_at) if message.HasField("closed_at") else None,
        turn_count=message.turn_count,
    )
