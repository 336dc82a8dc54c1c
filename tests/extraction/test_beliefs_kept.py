"""Ordinary sentences that must not put something silly in the place of a true belief."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import ALICE, extract, short

# What follows a verb or preposition of a key without being its value, by key.
SILENT: dict[str, list[str]] = {
    "location": [
        "I work from home most days.",
        "I work from my sister's flat on Mondays.",
        "We usually work from a library in Ghent",
        "I work from Tuesday to Saturday",
    ],
    "age": [
        "I'm 70% done with it.",
        "I am 80 percent there",
        "I'm 99 sure it was him",
        "I'm £30 short this month",
        "Ugh, I feel 90 this morning",
        "I felt 16 again",
    ],
}

TOLD: list[tuple[str, set[str]]] = [
    # Whence one works.
    ("I work from Lisbon", {"location=Lisbon"}),
    ("i work from tokyo", {"location=Tokyo"}),
    ("I work from Rio de Janeiro these days", {"location=Rio de Janeiro"}),
    # Ages.
    ("I'm 53", {"age=53"}),
    ("I'm about 60.", {"age=60"}),
    ("I'm 40+", {"age=40"}),
    ("I'm 29, married and from Cork", {"age=29", "hometown=Cork", "marital_status=married"}),
]

# What a user says next, after a name, a town or an employer, without correcting it.
SLIPS: list[tuple[str, str]] = [
    ("I'm Ana.", "Sorry, wrong tab."),
    ("I'm Ana.", "Oops, wrong person"),
    ("I'm Ana.", "Wrong thread."),
    ("I'm Ana.", "Sorry, wrong conversation. Hello."),
    ("I'm Ana.", "Whoops, muscle memory."),
    ("I'm Ana.", "Oops, copy-paste error"),
    ("I live in Turin.", "Sorry, bad line."),
    ("I live in Turin.", "Oops, lunch."),
    ("I work at Initech", "sorry, coffee break"),
]

CORRECTED: list[tuple[str, str, str]] = [
    ("I live in Turin.", "Sorry, wrong town. I meant Milan.", "location=Milan"),
    ("I live in Turin.", "Sorry, wrong town, Milan", "location=Milan"),
    ("I'm Jon.", "Oops, autocorrect. Joan.", "name=Joan"),
    ("I'm Jon.", "Sorry, fat fingers, joan", "name=Joan"),
    ("I'm Jon.", "Sorry, jhon", "name=Jhon"),
    ("i live in turin", "sorry, parma", "location=Parma"),
    ("I live in Turin", "Sorry, tokyo", "location=Tokyo"),
    ("I live in Turin", "no, parma", "location=Parma"),
    ("I live in Turin", "Wrong! Parma", "location=Parma"),
    ("I'm 34", "oops, typo, 43", "age=43"),
    ("I work at Initech", "Sorry, Initrode", "employer=Initrode"),
]


@pytest.mark.parametrize(("told", "said"), SLIPS)
async def test_an_apology_corrects_nothing(tagging: BuiltinExtractor, told: str, said: str) -> None:
    before = short(await extract(tagging, told))
    assert short(await extract(tagging, told, said)) == before


@pytest.mark.parametrize(("told", "said", "expected"), CORRECTED)
async def test_a_correction_is_still_one(
    builtin: BuiltinExtractor, told: str, said: str, expected: str
) -> None:
    before = short(await extract(builtin, told))
    assert short(await extract(builtin, told, said)) - before == {expected}


@pytest.mark.parametrize(
    ("key", "line"), [(key, line) for key, lines in SILENT.items() for line in lines]
)
async def test_nothing_silly_is_believed(tagging: BuiltinExtractor, key: str, line: str) -> None:
    facts = (await extract(tagging, line)).facts
    assert [fact.value for fact in facts if fact.key == key and fact.entity == ALICE] == []


@pytest.mark.parametrize(("line", "expected"), TOLD)
async def test_what_looks_alike_is_still_told(
    builtin: BuiltinExtractor, line: str, expected: set[str]
) -> None:
    assert short(await extract(builtin, line)) == expected
