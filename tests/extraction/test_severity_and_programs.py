"""How bad an allergy is, and programs that are moved to and lived in as places are."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

GRADED: list[tuple[str, set[str]]] = [
    ("severely allergic to peanuts", {"allergy=peanuts (severe)"}),
    ("I have a severe peanut allergy.", {"allergy=peanut (severe)"}),
    ("my peanut allergy is really bad", {"allergy=peanut (severe)"}),
    ("I'm mildly allergic to cats and dust.", {"allergy=cats (mild)", "allergy=dust (mild)"}),
    ("I'm allergic to cats.", {"allergy=cats"}),
]

PROGRAMS: list[tuple[str, set[str]]] = [
    ("I moved from Notion to Craft.", {"tool=Craft"}),
    ("I moved to Zed for coding.", {"tool=Zed"}),
    ("I moved to Craft for my notes.", {"tool=Craft"}),
    ("I basically live in Linear.", {"tool=Linear"}),
    ("switched to brave", {"tool=brave"}),
    ("I moved from Bergen to Craft.", {"location=Craft"}),
    ("I moved to Lisbon for coding.", {"location=Lisbon"}),
]


@pytest.mark.parametrize(("line", "expected"), [*GRADED, *PROGRAMS])
async def test_told(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


async def test_a_grade_replaces_the_bare_allergy(builtin: BuiltinExtractor) -> None:
    found = await extract(
        builtin, "It's a severe nut thing: I'm severely allergic to nuts", known={"allergy": "nuts"}
    )
    assert [(fact.value, fact.previous_value) for fact in found.facts] == [
        ("nuts (severe)", "nuts")
    ]


async def test_a_known_grade_is_kept_where_none_is_said(builtin: BuiltinExtractor) -> None:
    known = {"allergy": "peanuts (severe)"}
    assert short(await extract(builtin, "Again: I am allergic to peanuts.", known=known)) == {
        "allergy=peanuts (severe)"
    }


async def test_a_graded_allergy_ends(builtin: BuiltinExtractor) -> None:
    known = {"allergy": "nuts (severe)"}
    assert short(
        await extract(builtin, "turns out im not allergic to nuts after all", known=known)
    ) == {"-allergy=nuts (severe)"}


async def test_a_tool_of_the_users_own_is_left_for_another(builtin: BuiltinExtractor) -> None:
    found = short(await extract(builtin, "I moved from Foo to Bar.", known={"tool": "Foo"}))
    assert "tool=Bar" in found


async def test_a_language_no_longer_asked_for_is_over_and_no_more(
    builtin: BuiltinExtractor,
) -> None:
    known = {"language_of_reply": "German"}
    assert short(await extract(builtin, "Stop replying in German", known=known)) == {
        "-language_of_reply=German"
    }
    assert short(await extract(builtin, "Stop replying in German")) == {"avoid=replying in German"}
