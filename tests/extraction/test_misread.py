"""Words that were taken for another kind of fact than the one they tell."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.protocol import Proposals
from tests.extraction.support import extract, short

CLOCKS: list[tuple[str, set[str]]] = [
    (
        "I finished my first half marathon yesterday, in 1:52!",
        {"event=finished their first half marathon yesterday, in 1:52"},
    ),
    (
        "I ran my first marathon last Sunday in 4:10:33.",
        {"event=ran their first marathon last Sunday in 4:10:33"},
    ),
    ("My interview is at 10:30 on Friday.", {"appointment=interview on 2024-11-22"}),
]

NO_AGE = [
    "I ran 10k in 45:30 this morning.",
    "I'm 45:30 for the 10k.",
    "Am 4. November habe ich frei.",
    "They come on Monday. Am 4. Nov",
]

EMPLOYERS: list[tuple[str, set[str]]] = [
    (
        "I'm working on a dashboard for homelessness figures, in Shiny.",
        {"project=working on a dashboard for homelessness figures, in Shiny"},
    ),
    ("I'm working on a report for the board.", {"project=working on a report for the board"}),
    ("I work on maps at Initech.", {"employer=Initech", "project=working on maps"}),
    ("I work for Initech.", {"employer=Initech"}),
]

FAMILIES: list[tuple[str, set[str]]] = [
    ("We have a toddler, Nils, who turned two.", {"child=Nils", "children=a toddler"}),
    ("We have a newborn called Ole.", {"child=Ole"}),
    (
        "I have two kids, Maya (7) and Arjun who is 4.",
        {"Person/Arjun age=4", "child=Arjun", "child=Maya", "children=two kids"},
    ),
    (
        "I have two cats, Tom and Bo, who is 3.",
        {"Pet/Bo age=3", "pet=a cat named Bo", "pet=a cat named Tom", "pet=two cats"},
    ),
]

TASTES: list[tuple[str, set[str]]] = [
    (
        "I'm reading The Overstory at the moment and I love it.",
        {"likes=Overstory", "reading=The Overstory"},
    ),
    ("I'm not a fan of coffee, tea only.", {"dislikes=coffee"}),
    ("I don't like meat, only fish.", {"dislikes=meat"}),
]

ASKED_BESIDE: list[tuple[str, set[str]]] = [
    (
        "My mum's birthday is on the 14th of March, remind me to call her.",
        {"Person/alice's mother birthday=the 14th of March"},
    ),
    ("My birthday is on the 3rd of May, please note it down.", {"birthday=the 3rd of May"}),
]

PAINS: list[tuple[str, set[str]]] = [
    ("My knee has been hurting since Tuesday", {"problem=knee pain"}),
    ("My feet are killing me.", {"problem=feet pain"}),
    ("My back hurts", {"problem=back pain"}),
    ("My bike got stolen yesterday.", {"event=had their bike stolen"}),
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [*CLOCKS, *EMPLOYERS, *FAMILIES, *TASTES, *ASKED_BESIDE, *PAINS],
)
async def test_told(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


@pytest.mark.parametrize("line", NO_AGE)
async def test_not_told(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()
