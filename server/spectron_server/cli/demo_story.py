"""What the demonstration plays: one user's conversations over most of a year."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Something that is said."""

    role: str
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One session."""

    began_at: datetime
    title: str
    lines: tuple[Line, ...]


def _user(content: str) -> Line:
    return Line(role="user", content=content)


def _assistant(content: str) -> Line:
    return Line(role="assistant", content=content)


SCENES: Final = (
    Scene(
        began_at=datetime(2024, 1, 15, 9, 30, tzinfo=UTC),
        title="First contact",
        lines=(
            _user("Hi! My name is Alice Chen. I live in Berlin."),
            _assistant("Nice to meet you, Alice. What do you do?"),
            _user("I work at Acme Corp as a backend engineer."),
            _user("My sister Aoife is a vet."),
        ),
    ),
    Scene(
        began_at=datetime(2024, 3, 4, 14, 5, tzinfo=UTC),
        title="Habits",
        lines=(
            _user("I prefer TypeScript over JavaScript."),
            _user("I prefer bullet-point responses."),
            _user("I'm currently leading a migration from CommonJS to ESM."),
            _assistant("Noted. Should I list the packages that still use CommonJS?"),
        ),
    ),
    Scene(
        began_at=datetime(2024, 6, 20, 18, 45, tzinfo=UTC),
        title="A new city",
        lines=(
            _user("I just moved from Berlin to London."),
            _user("I might get a dog, but I'm not sure yet."),
            _user("I just moved to the platform team."),
        ),
    ),
    Scene(
        began_at=datetime(2024, 11, 8, 8, 15, tzinfo=UTC),
        title="Later",
        lines=(
            _user("If I lived in Monaco, would I pay less tax?"),
            _assistant("Probably, but it depends. Is that a plan?"),
            _user("No. I might move to Lisbon, though."),
        ),
    ),
)
QUESTION: Final = "Where do I live, and what is my job?"
LOOK_BACK: Final = datetime(2024, 4, 1, tzinfo=UTC)
