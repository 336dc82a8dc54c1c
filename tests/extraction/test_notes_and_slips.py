"""Notes without verbs, slips of the finger, texts split at their apostrophes."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.builtin.lexicon import KIN
from spectron_extraction.builtin.spelling import corrected
from spectron_extraction.builtin.tokens import tokenise
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.protocol import Proposals
from tests.extraction.support import extract, short

NOTES: list[tuple[str, set[str]]] = [
    ("Senior iOS dev, based in Austin.", {"role=Senior iOS dev", "location=Austin"}),
    ("41, divorced, no children.", {"age=41", "marital_status=divorced", "children=no children"}),
    ("Pescatarian here.", {"diet=pescatarian"}),
    ("Retired since 2012.", {"employment_status=retired"}),
    ("Allergic to latex.", {"allergy=latex"}),
    ("Husband's name is Piotr.", {"spouse=Piotr"}),
    ("Manager is called Ingrid.", {"manager=Ingrid"}),
    ("Name's Odile.", {"name=Odile"}),
    ("Favorite poet: Neruda", {"favorite_poet=Neruda"}),
    ("Employer: Acme three days a week", {"employer=Acme"}),
    ("3 kids, 4, 6 and 9", {"children=3 kids"}),
    (
        "two kids, Anika (8) and Rohan (5)",
        {
            "children=two kids",
            "child=Anika",
            "child=Rohan",
            "Person/Anika age=8",
            "Person/Rohan age=5",
        },
    ),
    ("39, widowed, three teens.", {"age=39", "marital_status=widowed", "children=three teens"}),
    (
        "Name's Odile, 28, barista in Turin, love rooibos",
        {"name=Odile", "age=28", "role=barista", "location=Turin", "likes=rooibos"},
    ),
    ("Plumber, 34, Madrid.", {"role=Plumber", "age=34", "location=Madrid"}),
    ("never learned to swim", {"skill_gap=swim"}),
    ("Might switch to a Chromebook.", {"?plan=switch to a Chromebook"}),
    ("Flying to Quito in August.", {"plan=fly to Quito in August"}),
    ("Mostly write Java.", {"programming_language=Java"}),
]

SLIPS: list[tuple[str, set[str]]] = [
    ("i wrok at Umbrella", {"employer=Umbrella"}),
    ("i m allergic to bees", {"allergy=bees"}),
    ("i ve got 2 horses", {"pet=2 horses"}),
    ("i don t like okra", {"dislikes=okra"}),
    ("im alergic to wasps", {"allergy=wasps"}),
    ("my husbend Emil", {"spouse=Emil"}),
    ("my sistr is called Ulla", {"sister=Ulla"}),
    ("i definately live in Turin", {"location=Turin"}),
    ("my girlfreind Ulla is a dentist", {"partner=Ulla", "Person/Ulla role=dentist"}),
]


@pytest.mark.parametrize(("line", "expected"), [*NOTES, *SLIPS])
async def test_note(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    found = short(await extract(builtin, line))
    assert found >= expected
    # What a mention takes for granted may stand beside.
    married = {"marital_status=in a relationship with a girlfriend", "marital_status=married"}
    assert found - expected <= married


@pytest.mark.parametrize(
    "line",
    [
        "Nice weather.",
        "Great doctor in town.",
        "English please.",
        "Italian restaurants in Rome.",
        "Good point.",
        "Next question.",
        "The president lives in Washington.",
        "Flights to Oslo in May?",
        "Apparently the new mayor of Leeds is vegan.",
        "Single.",
    ],
)
async def test_no_note(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("teh", "the"), ("wrok", "work"), ("alergic", "allergic"), ("strugle", "struggle")],
)
def test_slips_are_undone(slip: str, meant: str) -> None:
    assert corrected(slip) == meant


@pytest.mark.parametrize("word", ["three", "office", "though", "form", "xyz", "mite", "a" * 40])
def test_other_words_stay(word: str) -> None:
    assert corrected(word) == word


def test_known_words_stay() -> None:
    assert all(corrected(word) == word for word in [*FORMS, *KIN])


def test_parts_of_contractions_keep_their_places() -> None:
    text = "i m sure it s fine , we don t mind"
    for token in tokenise(text):
        assert text[token.start : token.end]
    norms = [token.norm for token in tokenise(text)]
    assert norms == ["i", "am", "sure", "it", "is", "fine", ",", "we", "do", "not", "mind"]
