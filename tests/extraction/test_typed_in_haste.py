"""Turns as they are typed in haste: no capitals, no marks, fragments, two things in one line."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.protocol import Proposals
from tests.extraction.support import extract, short

APPOINTMENTS: list[tuple[str, set[str]]] = [
    ("dentist on thursday at 2", {"appointment=dentist on 2024-11-21"}),
    ("vet on friday for the cat", {"appointment=vet on 2024-11-22"}),
    ("meeting w/ the bank tmrw 10am", {"appointment=meeting on 2024-11-16"}),
    ("nurse, dentist on monday", {"role=nurse", "appointment=dentist on 2024-11-18"}),
    ("flight to oslo on friday", {"appointment=flight on 2024-11-22"}),
]

RUN_ON: list[tuple[str, set[str]]] = [
    ("im a nurse any tips for night shifts", {"role=nurse"}),
    ("i live in oslo where can i buy skis", {"location=Oslo"}),
    (
        "my coworker is vegan what should i cook for her",
        {"Person/alice's colleague diet=vegan"},
    ),
    ("i cant have gluten, coeliac", {"abstains_from=gluten", "health=coeliac"}),
]

NAMES: list[tuple[str, set[str]]] = [
    (
        "we adopted two kittens, mochi and udon",
        {"pet=a kitten named Mochi", "pet=a kitten named Udon"},
    ),
    ("i've got 2 roommates, sam and jo", {"friend=Sam", "friend=Jo"}),
    ("I have two cats, black and white", {"pet=two cats"}),
    ("We had a baby, Nils.", {"event=had a baby", "child=Nils"}),
    ("we had twins last year", {"children=twins"}),
    ("I had a dog, Rex.", {"<pet=a dog named Rex"}),
]

ANSWERS: list[tuple[str, str, set[str]]] = [
    ("Do you have kids?", "two, 3 and 6", {"children=two kids"}),
    ("Do you have any pets?", "yes, two", {"pet=two pets"}),
    ("So you're a teacher, right?", "no a librarian", {"role=librarian"}),
    ("Do you smoke?", "used to", {"<habit=smoking"}),
]

ELSEWHERE: list[tuple[str, set[str]]] = [
    (
        "we rent a 2 bed place in leeds near the uni",
        {"housing=a 2 bed place", "location=Leeds"},
    ),
    ("we use jira at work and i hate it", {"tool=jira", "dislikes=jira"}),
    ("i do payroll for a small logistics firm", {"responsibility=doing payroll"}),
    ("i do yoga for my back", {"hobby=yoga"}),
    ("planning a trip in june", {"project=planning a trip"}),
    ("im a freelance translator (german to english)", {"role=freelance translator"}),
]

FRAGMENTS: list[tuple[str, set[str]]] = [
    ("my employer is acme", {"employer=acme"}),
    ("been at siemens since 2019", {"employer=siemens"}),
    ("im in cet", {"timezone=cet"}),
    ("i'm on windows 11", {"tool=windows 11"}),
    ("im 5'11 and 82 kilos", {"height=5'11", "weight=82 kilos"}),
    ("just got diagnosed with adhd", {"health=adhd"}),
    ("i get migraines from bright screens", {"health=migraines"}),
    ("on keto since march", {"diet=keto"}),
    ("my new address is in bristol btw", {"location=Bristol"}),
    ("my husbands name is piotr", {"marital_status=married", "spouse=Piotr"}),
    ("my moms a nurse", {"Person/alice's mother role=nurse"}),
    ("my moms birthday is in may", {"Person/alice's mother birthday=may"}),
    ("i love fruit apart from figs", {"likes=fruit"}),
    ("going to lisbon in may", {"plan=go to lisbon in may"}),
    ("i'm off to vienna on friday", {"plan=go to vienna on friday"}),
    ("i got back from japan", {"event=got back from japan"}),
    ("my exam is on the 9th", {"appointment=exam on 2024-12-09"}),
    ("dropped out of college", {"education_status=dropped out of college"}),
    ("havent eaten meat since 2015", {"abstains_from=eating meat"}),
    ("i have choir practice on mondays", {"habit=choir practice on mondays"}),
    ("im a physio at a rehab clinic", {"role=physio", "employer=a rehab clinic"}),
    ("got accepted to eth zurich", {"school=eth zurich"}),
    ("i live in oslo originally from lagos", {"location=Oslo", "hometown=Lagos"}),
    ("i'm pretty good at sql but terrible at css", {"expertise=sql", "skill_gap=do css well"}),
    ("i wish i could play piano", {"skill_gap=play piano"}),
    ("i wish i had a dog", {"wants=a dog"}),
    ("i dont like orms, raw sql pls", {"dislikes=orms"}),
    ("for recipes always give grams", {"instruction=for recipes always give grams"}),
    ("dont use semicolons in js code", {"avoid=semicolons"}),
]

NOTHING = [
    "never been to asia",
    "never used docker before",
    "barista on friday",
    "i'm broke until payday",
    "in my dream i was married to a dragon",
    "in my novel, i live in rome",
    "i dreamt i had a pet wolf",
    "a customer said i live in canada",
    "a customer wrote: hi. i live in canada and my order never came",
    "my t-shirt says i love opera",
    "we rented a car in leeds",
    "i was going to be a doctor",
    "i almost moved to japan once",
    "she said i wish i could swim",
    "time to cook dinner",
    "i have a headache every time i read",
    "i'm at the gym since 2 o'clock",
    "people think im tall",
    "my boss thinks i am lazy",
    "im from the marketing team",
    "as a user i want to log in so that i save time",
    "i pay 900 rent",
    "my wife left years ago",
    "my dads job is stressful",
    "i got into harvard",
]


@pytest.mark.parametrize(
    ("line", "expected"), [*APPOINTMENTS, *RUN_ON, *NAMES, *ELSEWHERE, *FRAGMENTS]
)
async def test_told(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


@pytest.mark.parametrize(("question", "answer", "expected"), ANSWERS)
async def test_answered(
    builtin: BuiltinExtractor, question: str, answer: str, expected: set[str]
) -> None:
    assert short(await extract(builtin, f"assistant: {question}", answer)) == expected


@pytest.mark.parametrize("line", NOTHING)
async def test_nothing_told(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()


async def test_what_the_assistant_supposed_is_no_history(builtin: BuiltinExtractor) -> None:
    found = await extract(builtin, "assistant: So you're a teacher, right?", "no, a librarian")
    assert [fact.previous_value for fact in found.facts] == [None]


async def test_a_starred_word_is_the_word_before_spelt_anew(builtin: BuiltinExtractor) -> None:
    found = await extract(builtin, "my dog is called milo", "*mylo")
    assert {(fact.value, fact.previous_value) for fact in found.facts} >= {
        ("a dog named Mylo", "a dog named Milo")
    }
    assert "Pet/Milo -species=dog" in short(found)
    assert "Pet/Mylo species=dog" in short(found)
