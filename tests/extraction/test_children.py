"""Children who are told one after another, and their ages."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

TOLD: list[tuple[str, set[str]]] = [
    (
        "Our kids are Noah (3) and Ivy (11)",
        {"child=Noah", "child=Ivy", "Person/Noah age=3", "Person/Ivy age=11"},
    ),
    (
        "Ruth is 7, Sam is 4 and the little one, Ada, is 5 months",
        {"child=Ruth", "child=Sam", "child=Ada", "Person/Ruth age=7", "Person/Sam age=4"},
    ),
    (
        "Ruth is 7 and the baby, Ada, is 5 weeks.",
        {"child=Ruth", "Person/Ruth age=7", "child=Ada"},
    ),
    (
        "I have three children. Ruth is 7, Sam's 4 and Ole is 2.",
        {
            "children=three children",
            "child=Ruth",
            "child=Sam",
            "child=Ole",
            "Person/Ruth age=7",
            "Person/Sam age=4",
            "Person/Ole age=2",
        },
    ),
    ("My sons are Felix and Omar.", {"son=Felix", "son=Omar"}),
    # What only resembles that.
    ("My niece's friends are Ruth (7) and Sam (4).", set()),
    ("My students are Ruth (7) and Sam (4).", set()),
    ("Ruth is 7 and Sam is 4.", set()),
    ("The kids have lunch. Dinner is 7.", set()),
    ("My sons are English and Catholic.", {"children=sons"}),
]


@pytest.mark.parametrize(("line", "expected"), TOLD)
async def test_children(line: str, expected: set[str], builtin: BuiltinExtractor) -> None:
    found = {each for each in short(await extract(builtin, line)) if "alice's" not in each}
    assert found == expected


async def test_known_children_get_their_ages(builtin: BuiltinExtractor) -> None:
    found = short(await extract(builtin, "Edda is 6 now, Per is 3.", known={"daughter": "Edda"}))
    assert "Person/Edda age=6" in found
    assert not any(each.startswith(("child=", "Person/Per")) for each in found)
