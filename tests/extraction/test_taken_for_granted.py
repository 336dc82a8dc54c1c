"""What sentences tell without stating it, and the broad rules for what people do and are."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.protocol import Proposals
from tests.extraction.support import ALICE, extract, short

GRANTED: list[tuple[str, set[str]]] = [
    ("My goat escaped again.", {"pet=a goat"}),
    ("What can I feed my old rabbit?", {"pet=a rabbit"}),
    ("I wish my dogs and cats got along.", {"pet=dogs", "pet=cats"}),
    ("My red van is at the garage.", {"possession=a red van"}),
    ("My two daughters adore you.", {"children=two daughters"}),
    ("I went there with my brother Emil.", {"brother=Emil"}),
    ("We went there with our goat Bela.", {"pet=a goat named Bela"}),
    ("my kids ulla and emil are 6 and 9", {"child=Ulla", "child=Emil"}),
    ("They met my sons, Ulf, Emil and Kai.", {"son=Ulf", "son=Emil", "son=Kai"}),
    ("My late husband kept bees.", {"marital_status=widowed"}),
    ("I am hiding my tattoos.", {"appearance=tattoos", "activity=hiding their tattoos"}),
]

NOT_GRANTED = [
    "My dog died.",
    "My car insurance is up.",
    "Is my brother a pilot?",
    "What's my dog's name?",
    "My dog food recipe failed.",
    "Your cat is lovely.",
]

FAVORITES: list[tuple[str, set[str]]] = [
    ("Purple is my favourite colour.", {"favorite_color=Purple"}),
    ("My favourite is pumpkin soup.", {"likes=pumpkin soup"}),
    ("What's your favorite season? Mine is winter.", {"favorite_season=winter"}),
    ("We watched curling, my favorite sport.", {"favorite_sport=curling"}),
    ("She gave me figs. They are my favorite.", {"likes=figs"}),
    ("Odile is my name.", {"name=Odile"}),
    ("Sailing is my passion.", {"likes=Sailing"}),
    ("My go-to drink is rooibos.", {"favorite_drink=rooibos"}),
    ("Do you like gin? I love it.", {"likes=gin"}),
    ("Do you like opera? I do.", {"likes=opera"}),
]

DOING: list[tuple[str, set[str]]] = [
    ("I grow pumpkins.", {"habit=growing pumpkins"}),
    ("I do aikido.", {"hobby=aikido"}),
    ("I go skating with friends.", {"hobby=skating with friends"}),
    ("I spend my weekends restoring radios.", {"hobby=restoring radios"}),
    ("I'm baking a pie.", {"activity=baking a pie"}),
    ("I want to be a glassblower.", set()),
    ("I want to be a pilot.", {"goal=become a pilot"}),
    ("I know how to juggle.", {"skill=juggle"}),
    ("I have curly hair.", {"appearance=curly hair"}),
    ("My hair is red.", {"appearance=red hair"}),
    ("I'm a huge opera fan.", {"likes=opera"}),
    ("I'm short.", {"physical_trait=short"}),
    ("I'm a homebody.", {"personality=a homebody"}),
    ("I live alone.", {"household=alone"}),
    ("I'm in high school.", {"school=high school"}),
    ("I dropped out of college.", {"education_status=dropped out of college"}),
    ("I have a soft spot for penguins.", {"likes=penguins"}),
    ("I can't eat gluten.", {"abstains_from=eating gluten"}),
    ("My dad drives trucks.", {"Person/alice's father habit=driving trucks"}),
    ("I moved here from Texas.", {"<location=Texas"}),
    ("I was born in 1984.", {"birthday=1984"}),
]


@pytest.mark.parametrize(("line", "expected"), [*GRANTED, *FAVORITES, *DOING])
async def test_told(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


@pytest.mark.parametrize("line", NOT_GRANTED)
async def test_not_granted(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()


async def test_what_is_granted_gives_way_to_what_is_known(builtin: BuiltinExtractor) -> None:
    known = {"children": "two daughters", "pet": "a dog named Rex"}
    proposals = await extract(builtin, "My kids walk my dog.", known=known)
    assert not [fact for fact in proposals.facts if fact.entity == ALICE]


async def test_a_name_told_later_completes_a_pet(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "We got a dog!", "His name is Frodo.")
    last = proposals.facts[-1]
    assert (last.key, last.value, last.previous_value) == ("pet", "a dog named Frodo", "a dog")
