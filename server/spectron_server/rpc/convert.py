"""Domain values turned into protobuf messages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from spectron.v1 import (
    admin_pb2,
    attribute_pb2,
    memory_pb2,
    scope_pb2,
    session_pb2,
    turn_pb2,
    unknown_pb2,
)
from spectron_extraction.protocol import EntityRef
from spectron_server.domain.access import Key, KeyRole, MemoryContext
from spectron_server.domain.belief import (
    Attribute,
    AttributeStatus,
    ChangeAction,
    Diff,
    Evidence,
    Unknown,
    UnknownReason,
    UnknownResolution,
)
from spectron_server.domain.context_text import ContextKind
from spectron_server.domain.conversation import (
    ExtractionStatus,
    Session,
    Turn,
    TurnExtraction,
)
from spectron_server.domain.ids import scope_key_of
from spectron_server.domain.scope import Scope
from spectron_server.rpc.validation import CATEGORIES, ROLES
from spectron_server.service.profiles import Entity, Profile
from spectron_server.service.retrieval import ContextItem

Scopes = Mapping[str, Scope]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S: Final = 24 * 60 * 60
_ROLE: Final = {role: number for number, role in ROLES.items()}
CATEGORY: Final = {category: number for number, category in CATEGORIES.items()}
STATUS: Final = {
    AttributeStatus.ACTIVE: attribute_pb2.ATTRIBUTE_STATUS_ACTIVE,
    AttributeStatus.SUPERSEDED: attribute_pb2.ATTRIBUTE_STATUS_SUPERSEDED,
    AttributeStatus.EXPIRED: attribute_pb2.ATTRIBUTE_STATUS_EXPIRED,
    AttributeStatus.DISPUTED: attribute_pb2.ATTRIBUTE_STATUS_DISPUTED,
}
REASON: Final = {
    UnknownReason.HEDGED: unknown_pb2.UNKNOWN_REASON_HEDGED,
    UnknownReason.CONTRADICTION: unknown_pb2.UNKNOWN_REASON_CONTRADICTION,
    UnknownReason.LOW_CONFIDENCE: unknown_pb2.UNKNOWN_REASON_LOW_CONFIDENCE,
    UnknownReason.UNCLEAR_TIME: unknown_pb2.UNKNOWN_REASON_UNCLEAR_TIME,
}
RESOLUTION: Final = {
    UnknownResolution.ACCEPTED: unknown_pb2.UNKNOWN_RESOLUTION_ACCEPTED,
    UnknownResolution.DISMISSED: unknown_pb2.UNKNOWN_RESOLUTION_DISMISSED,
    UnknownResolution.FORGOTTEN: unknown_pb2.UNKNOWN_RESOLUTION_FORGOTTEN,
}
ACTION: Final = {
    ChangeAction.ADDED: turn_pb2.CHANGE_ACTION_ADDED,
    ChangeAction.UPDATED: turn_pb2.CHANGE_ACTION_UPDATED,
    ChangeAction.CONFIRMED: turn_pb2.CHANGE_ACTION_CONFIRMED,
    ChangeAction.EXPIRED: turn_pb2.CHANGE_ACTION_EXPIRED,
    ChangeAction.BACKFILLED: turn_pb2.CHANGE_ACTION_BACKFILLED,
}
EXTRACTION_STATUS: Final = {
    ExtractionStatus.PENDING: turn_pb2.EXTRACTION_STATUS_PENDING,
    ExtractionStatus.DONE: turn_pb2.EXTRACTION_STATUS_DONE,
    ExtractionStatus.FAILED: turn_pb2.EXTRACTION_STATUS_FAILED,
}
KEY_ROLE: Final = {
    KeyRole.READ: admin_pb2.KEY_ROLE_READ,
    KeyRole.WRITE: admin_pb2.KEY_ROLE_WRITE,
    KeyRole.ADMIN: admin_pb2.KEY_ROLE_ADMIN,
}


def timestamp(moment: datetime) -> Timestamp:
    """Returns a point in time."""
    # As `FromDatetime`, which goes by way of the calendar, and takes four times as long.
    since = moment - _EPOCH
    return Timestamp(seconds=since.days * _DAY_S + since.seconds, nanos=since.microseconds * 1_000)


def _optional(moment: datetime | None) -> Timestamp | None:
    return None if moment is None else timestamp(moment)


def scope(value: Scope) -> scope_pb2.Scope:
    """Returns a scope."""
    return scope_pb2.Scope(dimensions=value.as_dict())


def _scope_of(record_id: str, kind: str, scopes: Scopes) -> scope_pb2.Scope:
    return scope(scopes.get(scope_key_of(record_id, kind) or "", Scope()))


def session(value: Session) -> session_pb2.Session:
    """Returns a session."""
    return session_pb2.Session(
        id=value.id,
        context_id=value.context_id,
        scope=scope(value.scope),
        metadata=dict(value.metadata),
        state=(
            session_pb2.SESSION_STATE_OPEN
            if value.closed_at is None
            else session_pb2.SESSION_STATE_CLOSED
        ),
        created_at=timestamp(value.created_at),
        closed_at=_optional(value.closed_at),
        turn_count=value.turn_count,
    )


def turn(value: Turn) -> turn_pb2.Turn:
    """Returns a turn."""
    return turn_pb2.Turn(
        id=value.id,
        session_id=value.session_id,
        sequence=value.sequence,
        role=_ROLE[value.role],
        content=value.content,
        observed_at=timestamp(value.observed_at),
        recorded_at=timestamp(value.recorded_at),
        extraction_status=EXTRACTION_STATUS[value.extraction_status],
        hidden=value.hidden,
    )


def entity_ref(value: EntityRef) -> attribute_pb2.EntityRef:
    """Returns the name of an entity."""
    return attribute_pb2.EntityRef(type=value.type, name=value.name)


def _evidence(value: Evidence | None) -> attribute_pb2.Evidence | None:
    if value is None:
        return None
    return attribute_pb2.Evidence(
        turn_id=value.turn_id, start=value.start, end=value.end, quote=value.quote
    )


def attribute(value: Attribute, scopes: Scopes) -> attribute_pb2.Attribute:
    """Returns a belief, with the scope that its id names."""
    return attribute_pb2.Attribute(
        id=value.id,
        entity=entity_ref(value.entity),
        category=CATEGORY[value.category],
        key=value.key,
        value=value.value,
        confidence=value.confidence,
        evidence=_evidence(value.evidence),
        valid_from=timestamp(value.valid_from),
        valid_until=_optional(value.valid_until),
        recorded_at=timestamp(value.recorded_at),
        last_validated_at=timestamp(value.last_validated_at),
        supersedes=value.supersedes or "",
        superseded_by=value.superseded_by or "",
        status=STATUS[value.status],
        scope=_scope_of(value.id, "attribute", scopes),
    )


def unknown(value: Unknown, scopes: Scopes) -> unknown_pb2.Unknown:
    """Returns a doubt, with the scope that its id names."""
    return unknown_pb2.Unknown(
        id=value.id,
        entity=entity_ref(value.entity),
        about=value.about,
        value=value.value,
        reason=REASON[value.reason],
        evidence=_evidence(value.evidence),
        raised_at=timestamp(value.raised_at),
        recorded_at=timestamp(value.recorded_at),
        resolved=not value.open,
        resolution=(
            RESOLUTION[value.resolution]
            if value.resolution
            else unknown_pb2.UNKNOWN_RESOLUTION_UNSPECIFIED
        ),
        resolved_at=_optional(value.resolved_at),
        scope=_scope_of(value.id, "unknown", scopes),
        conflicts_with=value.conflicts_with or "",
        category=CATEGORY[value.category],
    )


def _unknown_as_attribute(value: Unknown, scopes: Scopes) -> attribute_pb2.Attribute:
    """Returns a doubt as a profile shows it: an attribute of category UNKNOWNS."""
    return attribute_pb2.Attribute(
        id=value.id,
        entity=entity_ref(value.entity),
        category=attribute_pb2.CATEGORY_UNKNOWNS,
        key=value.about,
        value=value.value,
        evidence=_evidence(value.evidence),
        valid_from=timestamp(value.raised_at),
        valid_until=_optional(value.resolved_at),
        recorded_at=timestamp(value.recorded_at),
        last_validated_at=timestamp(value.raised_at),
        status=attribute_pb2.ATTRIBUTE_STATUS_ACTIVE,
        scope=_scope_of(value.id, "unknown", scopes),
    )


def diff(value: Diff, scopes: Scopes) -> turn_pb2.ExtractionDiff:
    """Returns the difference that a turn or a fact made."""
    return turn_pb2.ExtractionDiff(
        changes=[
            turn_pb2.AttributeChange(
                action=ACTION[change.action],
                attribute=attribute(change.attribute, scopes),
                previous_value=change.previous_value,
            )
            for change in value.changes
        ],
        unknowns_raised=[unknown(row, scopes) for row in value.unknowns_raised],
        unknowns_resolved=[unknown(row, scopes) for row in value.unknowns_resolved],
    )


def extraction(value: TurnExtraction, scopes: Scopes) -> turn_pb2.Extraction:
    """Returns the extraction of a turn."""
    return turn_pb2.Extraction(
        turn_id=value.turn_id,
        status=EXTRACTION_STATUS[value.status],
        diff=None if value.diff is None else diff(value.diff, scopes),
        finished_at=_optional(value.finished_at),
        attempts=value.attempts,
        error=value.error,
        extractor=value.extractor,
        dropped_count=value.dropped_count,
    )


def profile(value: Profile) -> memory_pb2.Profile:
    """Returns a profile."""
    return memory_pb2.Profile(
        scope=scope(value.scope),
        summary=value.summary,
        attributes=[
            *(attribute(row, value.scopes) for row in value.attributes),
            *(_unknown_as_attribute(row, value.scopes) for row in value.unknowns),
        ],
        revision=value.revision,
        as_of=_optional(value.as_of),
    )


def entity(value: Entity, scopes: Scopes) -> attribute_pb2.Entity:
    """Returns an entity."""
    return attribute_pb2.Entity(
        id=value.id,
        type=value.ref.type,
        name=value.ref.name,
        attributes=[attribute(row, scopes) for row in value.attributes],
    )


def context_item(value: ContextItem, scopes: Scopes) -> memory_pb2.ContextItem:
    """Returns a thing that bears on a query."""
    return memory_pb2.ContextItem(
        kind=(
            memory_pb2.CONTEXT_ITEM_KIND_FACT
            if value.kind is ContextKind.FACT
            else memory_pb2.CONTEXT_ITEM_KIND_TURN
        ),
        text=value.text,
        score=value.score,
        source_turn=value.source_turn,
        session_id=value.session_id,
        observed_at=timestamp(value.observed_at),
        attribute=None if value.attribute is None else attribute(value.attribute, scopes),
        role=value.role,
        others=[attribute(each, scopes) for each in value.others],
    )


def key(value: Key) -> admin_pb2.Key:
    """Returns a key, without its secret."""
    return admin_pb2.Key(
        id=value.id,
        context_id=value.context_id,
        role=KEY_ROLE[value.role],
        label=value.label,
        created_at=timestamp(value.created_at),
        expires_at=_optional(value.expires_at),
        revoked_at=_optional(value.revoked_at),
    )


def memory_context(value: MemoryContext) -> admin_pb2.MemoryContext:
    """Returns a context."""
    return admin_pb2.MemoryContext(id=value.id, created_at=timestamp(value.created_at))
