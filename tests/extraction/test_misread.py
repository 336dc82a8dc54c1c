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
        {
            "Person/Arjun age=4",
            "Person/Maya age=7",
            "child=Arjun",
            "child=Maya",
            "children=two kids",
        },
    ),
    (
        "I have two cats, Tom and Bo, who is 3.",
        {"Pet/Bo age=3", "pet=a cat named Bo", "pet=a cat named Tom"},
    ),
    ("We adopted two goats, Billie and Ash.", {"pet=a goat named Billie", "pet=a goat named Ash"}),
    (
        "I have a hen, Dora, and a duck, Puddle.",
        {"pet=a hen named Dora", "pet=a duck named Puddle"},
    ),
    (
        "I have three cats, Tom and Bo.",
        {"pet=three cats", "pet=a cat named Tom", "pet=a cat named Bo"},
    ),
]

TASTES: list[tuple[str, set[str]]] = [
    (
        "I'm reading The Overstory at the moment and I love it.",
        {"likes=The Overstory", "reading=The Overstory"},
    ),
    (
        "I like hiking, taking photos and cooking.",
        {"hobby=hiking", "hobby=taking photos", "hobby=cooking"},
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


FORMERLY: list[tuple[str, set[str]]] = [
    ("My father is a retired policeman", {"Person/alice's father role=retired policeman"}),
    ("My mother is a former teacher.", {"Person/alice's mother role=former teacher"}),
    ("I'm a retired nurse from Leeds.", {"hometown=Leeds", "role=retired nurse"}),
]

ROUTINES: list[tuple[str, set[str]]] = [
    ("I take the bus to work, taking about 20 minutes.", {"habit=taking the bus to work"}),
    (
        "I work part-time at Costa on weekends",
        {"employer=Costa", "habit=working part-time at Costa on weekends"},
    ),
    ("I'm working on Mondays and Fridays.", set()),
    ("I got the internship at CERN!! starting in June", {"employer=CERN"}),
    ("I owe Zoe 40 quid.", set()),
    ("I earn about 38k a year.", set()),
    ("I pay 900 a month in rent.", set()),
]

ANSWERS: list[tuple[str, set[str]]] = [
    ("When I explain code I like seeing examples first, so do that please.", set()),
    ("I like getting short answers.", {"response_style=short"}),
    ("I like seeing whales.", {"hobby=seeing whales"}),
]

FORGONE: list[tuple[str, set[str]]] = [
    ("I can't have dairy", {"abstains_from=dairy"}),
    ("I no longer drink coffee", {"abstains_from=coffee"}),
    ("I can't eat nuts", {"abstains_from=eating nuts"}),
]

FLATMATES: list[tuple[str, set[str]]] = [
    (
        "I share a flat with two friends, Ben and Zoe",
        {"friend=Ben", "friend=Zoe", "household=with two friends"},
    ),
]

TAGGED: list[tuple[str, set[str]]] = [
    ("<p>I live in Bergen.</p>", {"location=Bergen"}),
    ("<b>I am vegetarian</b> and <i>I live in Oslo</i>", {"diet=vegetarian", "location=Oslo"}),
    ("I live in Bergen<br/>I work at Equinor", {"employer=Equinor", "location=Bergen"}),
]

PIECES = [
    "It's part of a series I've been meaning to watch.",
    "I try to squeeze in some when I can.",
    "I was thinking about dinner yesterday.",
    "I'm curious about how that works.",
    "I'm really curious to see the photos.",
    "I'm not near the station yet.",
    "They keep their customs while living in such heat.",
    "I miss living in Oslo.",
    "I spent the whole weekend working.",
    "Yeah, I'm a regular there.",
    "That's one of the things I love about her work.",
    "I'm not planning anything, but I'm planning to this weekend.",
]


@pytest.mark.parametrize("line", PIECES)
async def test_no_piece_of_a_phrase_is_a_belief(builtin: BuiltinExtractor, line: str) -> None:
    found = short(await extract(builtin, line))
    assert not {each for each in found if each != "likes=Oslo"}


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ("Who gave the talk?", "A professor from the local university."),
        ("Which painting was it?", "Two brothers by a lake."),
        ("What was the prize?", "A cat from the shelter."),
    ],
)
async def test_an_answer_about_something_else_is_no_note(
    builtin: BuiltinExtractor, asked: str, line: str
) -> None:
    assert await extract(builtin, f"assistant: {asked}", line) == Proposals()


async def test_what_is_asked_of_the_listeners_own_is_not_confirmed(
    builtin: BuiltinExtractor,
) -> None:
    asked = "assistant: Do you have a favourite corner of your garden?"
    assert not [each for each in short(await extract(builtin, asked, "Yes.")) if "your" in each]


@pytest.mark.parametrize(
    ("line", "expected"),
    [*FORMERLY, *ROUTINES, *ANSWERS, *FORGONE, *FLATMATES, *TAGGED],
)
async def test_told_likewise(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


async def test_an_employer_is_quit_that_the_turn_names(builtin: BuiltinExtractor) -> None:
    costa = {"employer": "Costa"}
    assert short(await extract(builtin, "Costa was awful, so I quit.", known=costa)) == {
        "-employer=Costa"
    }
    smoked = "I used to smoke. I quit three years ago."
    assert short(await extract(builtin, smoked, known=costa)) == {"<habit=smoking"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [*CLOCKS, *EMPLOYERS, *FAMILIES, *TASTES, *ASKED_BESIDE, *PAINS],
)
async def test_told(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


@pytest.mark.parametrize("line", NO_AGE)
async def test_not_told(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()
