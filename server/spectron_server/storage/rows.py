"""Rows of tables turned into domain values, and back."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from spectron_extraction.protocol import Category, EntityRef, Role
from spectron_server.domain.belief import (
    Attribute,
    AttributeStatus,
    Diff,
    Evidence,
    Unknown,
    UnknownReason,
    UnknownResolution,
)
from spectron_server.domain.conversation import (
    ExtractionStatus,
    Session,
    Turn,
    TurnExtraction,
)
from spectron_server.domain.scope import Scope

_DIFF = TypeAdapter(Diff)


def session_of(row: Mapping[str, Any], *, context_id: str, scope: Scope) -> Session:
    """Returns the session in a row of `sessions`."""
    return Session(
        id=row["session_id"],
        context_id=context_id,
        scope=scope,
        metadata=row["metadata"],
        created_at=row["created_at"],
        closed_at=row["closed_at"],
        turn_count=row["turn_count"],
    )


def turn_of(row: Mapping[str, Any]) -> Turn:
    """Returns the turn in a row of `turns`."""
    return Turn(
        id=row["turn_id"],
        session_id=row["session_id"],
        sequence=row["sequence"],
        position=row["position"],
        role=Role(row["role"]),
        content=row["content"],
        observed_at=row["observed_at"],
        recorded_at=row["recorded_at"],
        extraction_status=ExtractionStatus(row["extraction_status"]),
        hidden=row["hidden"],
        extraction_attempts=row["extraction_attempts"],
        message_id=row["message_id"],
    )


def extraction_of(row: Mapping[str, Any]) -> TurnExtraction:
    """Returns the extraction in a row of `turns`."""
    status = ExtractionStatus(row["extraction_status"])
    diff = None if row["diff"] is None else _DIFF.validate_python(row["diff"])
    if diff is None and status is ExtractionStatus.DONE:
        # A turn that is never extracted is done from the start: it changed nothing.
        diff = Diff()
    return TurnExtraction(
        turn_id=row["turn_id"],
        status=status,
        diff=diff,
        finished_at=row["finished_at"],
        attempts=row["extraction_attempts"],
        error=row["extraction_error"],
        extractor=row["extractor"],
        dropped_count=row["dropped_count"],
    )


def diff_json(diff: Diff) -> Jsonb:
    """Returns a diff as it is kept in `turns.diff`."""
    return Jsonb(_DIFF.dump_python(diff, mode="json"))


def _evidence_of(row: Mapping[str, Any]) -> Evidence | None:
    if row["turn_id"] is None:
        return None
    return Evidence(
        turn_id=row["turn_id"],
        start=row["evidence_start"],
        end=row["evidence_end"],
        quote=row["evidence_quote"],
    )


def _evidence_columns(evidence: Evidence | None) -> dict[str, Any]:
    return {
        "turn_id": evidence.turn_id if evidence else None,
        "evidence_start": evidence.start if evidence else None,
        "evidence_end": evidence.end if evidence else None,
        "evidence_quote": evidence.quote if evidence else None,
    }


def attribute_of(row: Mapping[str, Any]) -> Attribute:
    """Returns the belief in a row of `attributes`."""
    return Attribute(
        id=row["attribute_id"],
        entity=EntityRef(type=row["entity_type"], name=row["entity_name"]),
        category=Category(row["category"]),
        key=row["key"],
        value=row["value"],
        confidence=row["confidence"],
        evidence=_evidence_of(row),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        recorded_at=row["recorded_at"],
        last_validated_at=row["last_validated_at"],
        status=AttributeStatus(row["status"]),
        supersedes=row["supersedes"],
        superseded_by=row["superseded_by"],
    )


def attribute_columns(attribute: Attribute) -> dict[str, Any]:
    """Returns a belief as parameters of a row of `attributes`, without scope and revision."""
    return {
        "attribute_id": attribute.id,
        "entity_type": attribute.entity.type,
        "entity_name": attribute.entity.name,
        "category": attribute.category.value,
        "key": attribute.key,
        "value": attribute.value,
        "confidence": attribute.confidence,
        **_evidence_columns(attribute.evidence),
        "valid_from": attribute.valid_from,
        "valid_until": attribute.valid_until,
        "recorded_at": attribute.recorded_at,
        "last_validated_at": attribute.last_validated_at,
        "status": attribute.status.value,
        "supersedes": attribute.supersedes,
        "superseded_by": attribute.superseded_by,
    }


def unknown_of(row: Mapping[str, Any]) -> Unknown:
    """Returns the doubt in a row of `unknowns`."""
    resolution = row["resolution"]
    return Unknown(
        id=row["unknown_id"],
        entity=EntityRef(type=row["entity_type"], name=row["entity_name"]),
        category=Category(row["category"]),
        about=row["about"],
        value=row["value"],
        reason=UnknownReason(row["reason"]),
        evidence=_evidence_of(row),
        raised_at=row["raised_at"],
        recorded_at=row["recorded_at"],
        conflicts_with=row["conflicts_with"],
        resolution=UnknownResolution(resolution) if resolution else None,
        resolved_at=row["resolved_at"],
    )


def unknown_columns(unknown: Unknown) -> dict[str, Any]:
    """Returns a doubt as parameters of a row of `unknowns`, without scope and revision."""
    return {
        "unknown_id": unknown.id,
        "entity_type": unknown.entity.type,
        "entity_name": unknown.entity.name,
        "category": unknown.category.value,
        "about": unknown.about,
        "value": unknown.value,
        "reason": unknown.reason.value,
        **_evidence_columns(unknown.evidence),
        "raised_at": unknown.raised_at,
        "recorded_at": unknown.recorded_at,
        "conflicts_with": unknown.conflicts_with,
        "resolution": unknown.resolution.value if unknown.resolution else None,
        "resolved_at": unknown.resolved_at,
    }
