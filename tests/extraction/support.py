"""Windows and short forms of proposals for the tests of extractors."""

from datetime import UTC, datetime

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import (
    Category,
    EntityRef,
    Extractor,
    KnownAttribute,
    Proposals,
    Role,
    Window,
    WindowTurn,
)

NOW = datetime(2024, 11, 15, 10, 23, tzinfo=UTC)
"""A Friday; the time of the guides' examples."""

ALICE = EntityRef(type="Person", name="alice")
ONTOLOGY = Ontology.load()


def turn(line: str, *, number: int = 1, observed_at: datetime = NOW) -> WindowTurn:
    """Returns a turn: of the user, or of the role that the line begins with (`assistant: ...`)."""
    for role in (Role.ASSISTANT, Role.SYSTEM, Role.TOOL):
        if line.startswith(f"{role}: "):
            content = line.removeprefix(f"{role}: ")
            return WindowTurn(
                id=f"turn:{number}", role=role, content=content, observed_at=observed_at
            )
    return WindowTurn(id=f"turn:{number}", role=Role.USER, content=line, observed_at=observed_at)


def window(
    *lines: str, known: dict[str, str] | None = None, earlier: tuple[str, ...] = ()
) -> Window:
    """Returns a window of Alice's with the lines as its turns."""
    return Window(
        subject=ALICE,
        turns=tuple(turn(line, number=number) for number, line in enumerate(lines, start=100)),
        earlier=tuple(turn(line, number=number) for number, line in enumerate(earlier, start=1)),
        known=tuple(
            KnownAttribute(
                entity=ALICE,
                category=ONTOLOGY.category(key) or Category.CONTEXT,
                key=key,
                value=value,
            )
            for key, value in (known or {}).items()
        ),
    )


async def extract(
    extractor: Extractor,
    *lines: str,
    known: dict[str, str] | None = None,
    earlier: tuple[str, ...] = (),
) -> Proposals:
    """Extracts from a window of the lines."""
    return await extractor.extract(window(*lines, known=known, earlier=earlier))


def short(proposals: Proposals) -> set[str]:
    """Returns proposals in one line each, such as `location=Oslo` or `Pet/Rex age=5`.

    Marks before the key: `?` hedged, `<` over; `-` a retraction, whose value may be `*`.
    """
    found = set()
    for fact in proposals.facts:
        mark = "?" if fact.hedged else "<" if fact.valid_until else ""
        found.add(f"{_prefix(fact.entity)}{mark}{fact.key}={fact.value}")
    for end in proposals.retractions:
        found.add(f"{_prefix(end.entity)}-{end.key}={end.value or '*'}")
    return found


def _prefix(entity: EntityRef) -> str:
    return "" if entity == ALICE else f"{entity.type}/{entity.name} "
