"""Pets that are spoken of by name, and names that are none of a pet."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

PETS: list[tuple[str, set[str]]] = [
    ("Pixel, my cat, knocked over the plant.", {"pet=a cat named Pixel"}),
    ("Had to take Biscuit to the vet again.", {"pet=a pet named Biscuit"}),
    ("I picked up Biscuit from the vet.", {"pet=a pet named Biscuit"}),
    ("Whiskers has been napping on my lap, so I can't complain.", {"pet=a pet named Whiskers"}),
    ("Biscuit chewed up my slippers.", {"pet=a pet named Biscuit"}),
    ("Mochi keeps barking at the mailman.", {"pet=a pet named Mochi"}),
    ("Luna was purring all evening.", {"pet=a pet named Luna"}),
    ("We dropped Kiko at the kennel.", {"pet=a pet named Kiko"}),
]

NO_PETS = [
    "Took Anna to the airport.",
    "Everyone was barking orders.",
    "The boss barked at us.",
    "Coach Kim barked at the squirrels.",
    "Your dog Rex barked at the door.",
    "She took Rex to the vet.",
    "Emma fell asleep on my lap.",
    "Dogs barked at the mailman.",
    "Boston has been shedding jobs.",
    "Gordon chewed through the report.",
]


@pytest.mark.parametrize(("line", "expected"), PETS)
async def test_a_pet_is_known_by_what_it_does(
    builtin: BuiltinExtractor, line: str, expected: set[str]
) -> None:
    assert {each for each in short(await extract(builtin, line)) if "pet=" in each} == expected


@pytest.mark.parametrize("line", NO_PETS)
async def test_no_pet(builtin: BuiltinExtractor, line: str) -> None:
    assert not {each for each in short(await extract(builtin, line)) if "pet=" in each}


async def test_a_pet_that_is_known_is_not_told_again(builtin: BuiltinExtractor) -> None:
    known = {"pet": "a dog named Mochi"}
    found = short(await extract(builtin, "Mochi keeps barking at the mailman.", known=known))
    assert not {each for each in found if "pet=" in each}
