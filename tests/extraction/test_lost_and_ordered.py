"""Who is no more, and texts that are ordered: what such turns must not teach."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.protocol import Proposals
from tests.extraction.support import extract, short

PARTED: list[tuple[str, set[str]]] = [
    ("My girlfriend broke up with me last week :(", {"marital_status=single"}),
    ("My boyfriend Ben left me for another woman.", {"marital_status=single"}),
    ("My wife left me two years ago.", {"marital_status=single"}),
    ("My husband dumped me.", {"marital_status=single"}),
    ("My wife divorced me.", {"marital_status=divorced"}),
    ("My husband Tom died last year.", {"marital_status=widowed"}),
    ("I broke up with my girlfriend Anna.", {"marital_status=single"}),
    ("My wife and I split up.", {"marital_status=single"}),
    ("My wife left me a note.", {"marital_status=married"}),
]

DEAD = [
    "Our cat Sigge died in the summer",
    "My dog Rex passed away yesterday",
    "We had to put our dog Bella down.",
    "Our cat Misty was put to sleep on Monday.",
    "My parrot Coco is dead.",
]

ORDERED = [
    "Write me a cover letter for a bakery job. My name is John Doe and I live in Paris.",
    "Please draft an email to my landlord, I live in flat 4 and I am vegan. I live in Rome.",
    "Could you compose a short speech for the wedding? I am a best man called Karl.",
    "Translate to French. I am vegetarian and I live in Oslo.",
    "Please write a short story in the first person. I am a pirate and I live in Tortuga.",
]


@pytest.mark.parametrize(("line", "expected"), PARTED)
async def test_parted(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


@pytest.mark.parametrize("line", DEAD)
async def test_no_pet_is_learned_from_its_death(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()


@pytest.mark.parametrize("line", [*DEAD, "My hamster died."])
async def test_the_tagger_learns_no_pet_from_its_death(
    tagging: BuiltinExtractor, line: str
) -> None:
    assert await extract(tagging, line) == Proposals()


async def test_the_death_of_a_known_pet_ends_the_belief(builtin: BuiltinExtractor) -> None:
    said = await extract(builtin, "Our dog Rex died.", known={"pet": "a dog named Rex"})
    assert short(said) == {"-pet=a dog named Rex"}


async def test_what_is_known_of_a_pet_ends_with_it(builtin: BuiltinExtractor) -> None:
    said = await extract(builtin, "We have a dog named Rex.", "Rex passed away yesterday.")
    assert {"-pet=a dog named Rex", "Pet/Rex -species=dog"} <= short(said)


async def test_the_death_of_one_pet_leaves_another(builtin: BuiltinExtractor) -> None:
    said = await extract(builtin, "My cat Tom died, but our dog Bo is fine.")
    assert short(said) == {"Pet/Bo species=dog", "pet=a dog named Bo"}


@pytest.mark.parametrize("line", ORDERED)
async def test_an_ordered_text_teaches_nothing(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("I'm a nurse from Leeds. Write me a cover letter.", {"hometown=Leeds", "role=nurse"}),
        (
            "Write all your emails in British English from now on. I live in Leeds.",
            {"language_of_reply=English", "location=Leeds"},
        ),
        ("I write poems. I live in Rome.", {"hobby=writing poems", "location=Rome"}),
    ],
)
async def test_what_is_no_part_of_an_ordered_text(
    builtin: BuiltinExtractor, line: str, expected: set[str]
) -> None:
    assert short(await extract(builtin, line)) == expected
