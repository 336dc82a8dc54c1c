"""Values of the wrong key or with words that do not belong to them, and what they resemble."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

TOLD: list[tuple[str, set[str]]] = [
    ("I have 41 years old.", {"age=41"}),
    ("I have a 4 year old.", {"children=a 4 year old"}),
    ("I was born in 1979 in Porto.", {"birthday=1979", "hometown=Porto"}),
    ("I was born in Porto in 1979.", {"birthday=1979", "hometown=Porto"}),
    ("I was born on 3 June 1979.", {"birthday=3 June 1979"}),
    ("I was born in Porto.", {"hometown=Porto"}),
    ("I'm the youngest of five.", {"siblings=four siblings"}),
    ("I'm the eldest of three boys", {"siblings=two siblings"}),
    ("I'm the oldest of the interns", set()),
    ("i hate cardio fr", {"dislikes=cardio"}),
    ("my fav season is autumn ngl", {"favorite_season=autumn"}),
    ("I use IG.", {"tool=IG"}),
    ("I use she/they pronouns.", {"pronouns=she/they"}),
    ("I use the they/them forms.", set()),
    ("I was born in 1979, in a clinic in Porto.", {"birthday=1979", "hometown=Porto"}),
    ("I go by Al.", {"nickname=Al"}),
    ("We run on Fargate, Redis 7", {"tool=Fargate", "tool=Redis 7"}),
    ("I run on trails.", {"hobby=running on trails"}),
    ("I do the school runs.", {"habit=doing the school runs"}),
    ("I do pilates.", {"hobby=pilates"}),
]


@pytest.mark.parametrize(("line", "expected"), TOLD)
async def test_values(line: str, expected: set[str], builtin: BuiltinExtractor) -> None:
    assert short(await extract(builtin, line)) == expected


@pytest.mark.parametrize(
    ("question", "reply", "expected"),
    [
        ("Do you use Terraform?", "yeah, all the time", {"tool=Terraform"}),
        ("Do you have any pets?", "Yes, a gecko", {"pet=a gecko"}),
    ],
)
async def test_how_much_is_no_value(
    question: str, reply: str, expected: set[str], builtin: BuiltinExtractor
) -> None:
    found = short(await extract(builtin, reply, earlier=(f"assistant: {question}",)))
    assert found == expected


@pytest.mark.parametrize(
    "line",
    [
        "I have 2 interviews tomorrow",
        "My customers are Lego, Maersk and a little Swedish bakery",
    ],
)
async def test_the_tagger_takes_no_taste_from_it(line: str, tagging: BuiltinExtractor) -> None:
    kinds = ("likes", "hobby", "nationality", "dislikes")
    assert not [each for each in short(await extract(tagging, line)) if each.startswith(kinds)]
