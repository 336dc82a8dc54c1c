"""Values of the client, with only what a test is about spelled out."""

from datetime import UTC, datetime
from typing import Any

from rich.console import Console, RenderableType

from spectron import Attribute, AttributeStatus, Category, EntityRef, Evidence, Unknown
from spectron.enums import UnknownReason, UnknownResolution

ALICE = EntityRef(type="Person", name="alice")
MAY = datetime(2024, 5, 3, 10, tzinfo=UTC)


def attribute(value: str, **fields: Any) -> Attribute:
    given: dict[str, Any] = {
        "id": f"attribute:{value}",
        "entity": ALICE,
        "category": Category.IDENTITY,
        "key": "location",
        "value": value,
        "confidence": 0.9,
        "evidence": Evidence(turn_id="turn:1", start=0, end=4, quote=f"I live in {value}"),
        "valid_from": MAY,
        "valid_until": None,
        "recorded_at": MAY,
        "last_validated_at": MAY,
        "supersedes": None,
        "superseded_by": None,
        "status": AttributeStatus.ACTIVE,
        "scope": {"user": "alice"},
    }
    return Attribute(**{**given, **fields})


def unknown(value: str, **fields: Any) -> Unknown:
    given: dict[str, Any] = {
        "id": f"unknown:{value}",
        "entity": ALICE,
        "about": "location",
        "value": value,
        "category": Category.IDENTITY,
        "reason": UnknownReason.HEDGED,
        "evidence": None,
        "raised_at": MAY,
        "recorded_at": MAY,
        "resolved": False,
        "resolution": UnknownResolution.UNSPECIFIED,
        "resolved_at": None,
        "conflicts_with": None,
        "scope": {"user": "alice"},
    }
    return Unknown(**{**given, **fields})


def shown(part: RenderableType, *, width: int = 80, colour: bool = False) -> str:
    """Returns what a terminal of a width would show."""
    console = Console(
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as capture:
        console.print(part)
    return capture.get()
