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
]


@pytest.mark.parametrize(("line", "expected"), [*APPOINTMENTS, *RUN_ON, *NAMES, *ELSEWHERE])
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
