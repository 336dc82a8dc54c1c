"""Appointments that are moved to another day, and what leaves them alone."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

MOVED: list[tuple[str, str, set[str]]] = [
    (
        "My operation is on December 3.",
        "The operation has been put off until December 12.",
        {"appointment=operation on 2024-12-12"},
    ),
    (
        "My operation is on December 3.",
        "They put my operation back to the 12th of December.",
        {"appointment=operation on 2024-12-12"},
    ),
    (
        "My audition is on December 3.",
        "audition is on december 9, not december 3",
        {"appointment=audition on 2024-12-09"},
    ),
    (
        "My viva is on December 3.",
        "My viva was postponed until December 9.",
        {"appointment=viva on 2024-12-09", "-appointment=viva on 2024-12-03"},
    ),
    (
        "I live in Oslo.",
        "My presentation at Initech is on Monday.",
        {"appointment=presentation at Initech on 2024-11-18"},
    ),
    ("I live in Oslo.", "My date of birth is on 5 May.", {"birthday=5 May"}),
    # What leaves it alone.
    ("My viva is on December 3.", "The viva is not on December 9.", set()),
    ("My viva is on December 3.", "I put off the laundry until December 9.", set()),
    ("My viva is on December 3.", "The fair is on December 9, not the concert.", set()),
]


@pytest.mark.parametrize(("first", "second", "expected"), MOVED)
async def test_moved(
    first: str, second: str, expected: set[str], builtin: BuiltinExtractor
) -> None:
    assert short(await extract(builtin, second, earlier=(first,))) == expected


async def test_a_day_alone_is_no_birthday(tagging: BuiltinExtractor) -> None:
    line = "They put my operation back to the 9th of January"
    assert not [each for each in short(await extract(tagging, line)) if "birthday" in each]
