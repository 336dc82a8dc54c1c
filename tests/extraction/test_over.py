"""What is over: who died or ran away, jobs that were lost, diets and couples that ended."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

OVER: list[tuple[str, str, set[str]]] = [
    (
        "I have a rabbit named Clover.",
        "Clover ran away last week.",
        {"-pet=a rabbit named Clover", "Pet/Clover -species=rabbit"},
    ),
    (
        "I have a rabbit named Clover.",
        "Clover has run away",
        {"-pet=a rabbit named Clover", "Pet/Clover -species=rabbit"},
    ),
    (
        "Biscuit, my hamster, is two.",
        "Biscuit passed away this morning.",
        {"-pet=a hamster named Biscuit", "Pet/Biscuit -species=hamster"},
    ),
    (
        "I work at Initech.",
        "I was made redundant in May.",
        {"-employer=*", "event=was made redundant"},
    ),
    ("I'm vegan.", "started having cheese again", {"-diet=vegan"}),
    ("I'm a pescatarian.", "We went back to eating beef.", {"-diet=pescatarian"}),
    (
        "I don't eat gluten.",
        "I'm eating gluten again.",
        {"-abstains_from=eating gluten", "activity=eating gluten"},
    ),
    ("I'm vegan.", "I'm not more vegan.", {"-diet=vegan"}),
    ("I'm dating Ines.", "me n ines split up", {"marital_status=single", "-partner=Ines"}),
    # What only resembles that.
    ("I have a rabbit named Clover.", "I nearly ran away.", set()),
    ("I'm vegan.", "I want to eat cheese again.", set()),
    ("I'm vegan.", "I'm eating lentils again.", {"activity=eating lentils"}),
    (
        "I'm a pescatarian.",
        "My wife eats beef again.",
        {"marital_status=married", "Person/alice's wife habit=eating beef"},
    ),
    ("I'm vegan.", "I'm not more vegan than you are.", set()),
]


@pytest.mark.parametrize(("first", "second", "expected"), OVER)
async def test_over(first: str, second: str, expected: set[str], builtin: BuiltinExtractor) -> None:
    assert short(await extract(builtin, second, earlier=(first,))) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("My grandpa passed away in spring.", {"event=lost their grandfather"}),
        ("my parrot ran away", set()),
        ("My sister ran away from home.", {"siblings=a sister"}),
        ("I got sacked.", {"event=was sacked"}),
    ],
)
async def test_loss(line: str, expected: set[str], builtin: BuiltinExtractor) -> None:
    found = short(await extract(builtin, line))
    assert {each for each in found if not each.startswith("-")} == expected
