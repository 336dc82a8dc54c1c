"""Records of an export, turned into domain values and back.

A record may come from anywhere, so that every field is checked as if a caller had sent it.
"""

from datetime import datetime
from typing import Any, Final, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from spectron.v1 import attribute_pb2, session_pb2, transfer_service_pb2, turn_pb2, unknown_pb2
from spectron_server.domain.belief import Attribute, AttributeChange, Diff, Evidence, Unknown
from spectron_server.domain.conversation import (
    ExtractionStatus,
    Session,
    Turn,
    TurnExtraction,
)
from spectron_server.domain.errors import InvalidFieldError, InvalidRecordError
from spectron_server.domain.ids import scope_key_of
from spectron_server.rpc import convert, validation
from spectron_server.service.transfer import (
    AttributeRecord,
    Record,
    TurnRecord,
    UnknownRecord,
)

T = TypeVar("T")

_CATEGORY: Final = {number: value for value, number in convert.CATEGORY.items()}
_STATUS: Final = {number: value for value, number in convert.STATUS.items()}
_REASON: Final = {number: value for value, number in convert.REASON.items()}
_RESOLUTION: Final = {number: value for value, number in convert.RESOLUTION.items()}
_ACTION: Final = {number: value for value, number in convert.ACTION.items()}
_EXTRACTION: Final = {number: value for value, number in convert.EXTRACTION_STATUS.items()}
_MAX_ERROR: Final = 2_000
_MAX_COUNT: Final = 2**31 - 1


def to_record(record: Record) -> transfer_service_pb2.TransferRecord:
    """Returns a record as it is sent."""
    message = transfer_service_pb2.TransferRecord()
    match record:
        case Session():
            message.session.CopyFrom(convert.session(record))
        case TurnRecord():
            message.turn.turn.CopyFrom(convert.turn(record.turn))
            # The scope of the rows in a diff is that of the session.
            message.turn.extraction.CopyFrom(convert.extraction(record.extraction, {}))
        case AttributeRecord():
            key = scope_key_of(record.attribute.id, "attribute") or ""
            message.attribute.CopyFrom(convert.attribute(record.attribute, {key: record.scope}))
        case UnknownRecord():
            key = scope_key_of(record.unknown.id, "unknown") or ""
            message.unknown.CopyFrom(convert.unknown(record.unknown, {key: record.scope}))
    return message


def from_record(message: transfer_service_pb2.TransferRecord, number: int) -> Record:
    """Returns a record that was received.

    Raises:
        InvalidRecordError: It is malformed.
    """
    try:
        match message.WhichOneof("record"):
            case "session":
                return _session(message.session)
            case "turn":
                return _turn(message.turn)
            case "attribute":
                row = message.attribute
                scope = validation.scope(row.scope)
                validation.new_entity(row.entity, scope.subject())
                return AttributeRecord(attribute=_attribute(row), scope=scope)
            case "unknown":
                doubt = message.unknown
                scope = validation.scope(doubt.scope)
                validation.new_entity(doubt.entity, scope.subject())
                return UnknownRecord(unknown=_unknown(doubt), scope=scope)
            case _:
                validation.refuse("record", "is required")
    except InvalidFieldError as error:
        raise InvalidRecordError(
            f"Record {number} is malformed: {error.message} Nothing was imported.",
            record=str(number),
        ) from error


def _session(message: session_pb2.Session) -> Session:
    return Session(
        id=_id(message.id, "session"),
        context_id=message.context_id,
        scope=validation.scope(message.scope),
        metadata=validation.metadata(message.metadata),
        created_at=_moment(message.created_at, "created_at"),
        closed_at=_optional(message, "closed_at"),
        turn_count=_count(message.turn_count, "turn_count"),
    )


def _turn(message: transfer_service_pb2.TransferTurn) -> TurnRecord:
    turn, extraction = message.turn, message.extraction
    role = validation.ROLES.get(turn.role)
    if role is None:
        validation.refuse("role", "is not a role")
    status = _enum(_EXTRACTION, extraction.status, "status")
    if (status is ExtractionStatus.DONE) != extraction.HasField("diff"):
        validation.refuse("diff", "must be there if, and only if, the extraction is done")
    turn_id = _id(turn.id, "turn")
    return TurnRecord(
        turn=Turn(
            id=turn_id,
            session_id=_id(turn.session_id, "session"),
            sequence=_count(turn.sequence, "sequence"),
            position=0,
            role=role,
            content=validation.content(turn.content, "content"),
            observed_at=_moment(turn.observed_at, "observed_at"),
            recorded_at=_moment(turn.recorded_at, "recorded_at"),
            extraction_status=status,
            hidden=turn.hidden,
        ),
        extraction=TurnExtraction(
            turn_id=turn_id,
            status=status,
            diff=_diff(extraction.diff) if extraction.HasField("diff") else None,
            finished_at=_optional(extraction, "finished_at"),
            attempts=_count(extraction.attempts, "attempts"),
            error=validation.text(extraction.error, "error", maximum=_MAX_ERROR, minimum=0),
            extractor=validation.selector(extraction.extractor, "extractor"),
            dropped_count=_count(extraction.dropped_count, "dropped_count"),
        ),
    )


def _diff(message: turn_pb2.ExtractionDiff) -> Diff:
    return Diff(
        changes=tuple(
            AttributeChange(
                action=_enum(_ACTION, change.action, "action"),
                attribute=_attribute(change.attribute),
                previous_value=(
                    _value(change.previous_value, change.attribute.key)
                    if change.HasField("previous_value")
                    else None
                ),
            )
            for change in message.changes
        ),
        unknowns_raised=tuple(_unknown(row) for row in message.unknowns_raised),
        unknowns_resolved=tuple(_unknown(row) for row in message.unknowns_resolved),
    )


def _attribute(message: attribute_pb2.Attribute) -> Attribute:
    return Attribute(
        id=_id(message.id, "attribute"),
        entity=validation.entity(message.entity),
        category=_enum(_CATEGORY, message.category, "category"),
        key=validation.attribute_key(message.key),
        value=_value(message.value, message.key),
        confidence=validation.confidence(message.confidence),
        evidence=_evidence(message),
        valid_from=_moment(message.valid_from, "valid_from"),
        valid_until=_optional(message, "valid_until"),
        recorded_at=_moment(message.recorded_at, "recorded_at"),
        last_validated_at=_moment(message.last_validated_at, "last_validated_at"),
        status=_enum(_STATUS, message.status, "status"),
        supersedes=_optional_id(message.supersedes, "attribute"),
        superseded_by=_optional_id(message.superseded_by, "attribute"),
    )


def _unknown(message: unknown_pb2.Unknown) -> Unknown:
    resolution = None
    if message.resolution != unknown_pb2.UNKNOWN_RESOLUTION_UNSPECIFIED:
        resolution = _enum(_RESOLUTION, message.resolution, "resolution")
    return Unknown(
        id=_id(message.id, "unknown"),
        entity=validation.entity(message.entity),
        category=_enum(_CATEGORY, message.category, "category"),
        about=validation.attribute_key(message.about, "about"),
        value=_value(message.value, message.about),
        reason=_enum(_REASON, message.reason, "reason"),
        evidence=_evidence(message),
        raised_at=_moment(message.raised_at, "raised_at"),
        recorded_at=_moment(message.recorded_at, "recorded_at"),
        conflicts_with=_optional_id(message.conflicts_with, "attribute"),
        resolution=resolution,
        resolved_at=_optional(message, "resolved_at"),
    )


def _evidence(message: attribute_pb2.Attribute | unknown_pb2.Unknown) -> Evidence | None:
    if not message.HasField("evidence"):
        return None
    evidence = message.evidence
    quote = validation.text(
        evidence.quote, "evidence.quote", maximum=validation.MAX_CONTENT_BYTES, minimum=0
    )
    validation.no_secret("evidence.quote", quote)
    return Evidence(
        turn_id=_id(evidence.turn_id, "turn"),
        start=_count(evidence.start, "evidence.start"),
        end=_count(evidence.end, "evidence.end"),
        quote=quote,
    )


def _value(value: str, key: str) -> str:
    bounded = validation.text(value, "value", maximum=validation.MAX_VALUE)
    validation.no_secret("value", bounded, key=key)
    return bounded


def _id(value: str, kind: str) -> str:
    if scope_key_of(value, kind) is None:
        validation.refuse(f"{kind} id", "is not one that a server makes")
    return value


def _optional_id(value: str, kind: str) -> str | None:
    return _id(value, kind) if value else None


def _moment(message: Timestamp, field: str) -> datetime:
    return validation.moment(message, field)


def _optional(message: Any, field: str) -> datetime | None:
    present = message.HasField(field)
    return validation.optional_moment(getattr(message, field), field, present=present)


def _count(value: int, field: str) -> int:
    if not 0 <= value <= _MAX_COUNT:
        validation.refuse(field, f"must be 0 to {_MAX_COUNT}")
    return value


def _enum(table: dict[Any, T], value: int, field: str) -> T:
    if value not in table:
        validation.refuse(field, "is not one of its values")
    return table[value]
