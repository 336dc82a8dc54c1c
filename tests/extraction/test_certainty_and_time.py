"""Doubt, denial, change and time: how a statement holds, beside what it says."""

from datetime import UTC, datetime

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.protocol import Fact
from tests.extraction.support import NOW, extract, short

DOUBTS: list[tuple[str, set[str]]] = [
    ("I might move to Lisbon.", {"?location=Lisbon"}),
    ("I think I'll probably move to Lisbon.", {"?location=Lisbon"}),
    ("I'm thinking about moving to Lisbon.", {"?location=Lisbon"}),
    ("thinking of moving to Lisbon", {"?location=Lisbon"}),
    ("Maybe I'm allergic to cats.", {"?allergy=cats"}),
    ("I'm not sure, but I may be allergic to cats.", {"?allergy=cats"}),
    ("I might join Globex next year.", {"?employer=Globex"}),
    ("I'm considering buying a boat.", {"?plan=buy a boat"}),
]

ENDINGS: list[tuple[str, set[str]]] = [
    ("I no longer work at Hooli.", {"-employer=Hooli"}),
    ("I don't work at Hooli anymore.", {"-employer=Hooli"}),
    ("I don't live in Berlin.", {"-location=Berlin"}),
    ("I quit my job at Hooli.", {"-employer=Hooli"}),
    ("I left Hooli last month.", {"-employer=Hooli"}),
    ("I got laid off.", {"-employer=*", "event=was laid off"}),
    ("I lost my job.", {"-employer=*"}),
    ("I'm not vegetarian anymore.", {"-diet=vegetarian"}),
    ("I'm no longer a teacher.", {"-role=teacher"}),
    ("I stopped drinking coffee.", {"-habit=drinking coffee"}),
    ("I moved out of Berlin.", {"-location=Berlin"}),
    ("I stopped using Vim.", {"-tool=Vim"}),
    ("I'm not allergic to nuts.", {"-allergy=nuts"}),
]

PASTS: list[tuple[str, set[str]]] = [
    ("I used to live in Rome.", {"<location=Rome"}),
    ("I lived in Rome for two years.", {"<location=Rome"}),
    ("I worked at Hooli from 2010 to 2014.", {"<employer=Hooli"}),
    ("I was a teacher.", {"<role=teacher"}),
    ("I used to love jazz.", {"<likes=jazz"}),
]


@pytest.mark.parametrize(("line", "expected"), [*DOUBTS, *ENDINGS, *PASTS])
async def test_how_it_holds(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


async def _only(builtin: BuiltinExtractor, line: str, **known: str) -> Fact:
    proposals = await extract(builtin, line, known=known)
    (fact,) = proposals.facts
    assert not proposals.retractions
    return fact


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


FROM: list[tuple[str, datetime]] = [
    ("Last year I moved to Oslo.", _day(2023, 1, 1)),
    ("I moved to Oslo in 2019.", _day(2019, 1, 1)),
    ("I moved to Oslo in March.", _day(2024, 3, 1)),
    ("I moved to Oslo two years ago.", _day(2022, 11, 15)),
    ("I moved to Oslo yesterday.", _day(2024, 11, 14)),
    ("I've lived in Oslo since 2015.", _day(2015, 1, 1)),
    ("I've lived in Oslo for 5 years.", _day(2019, 11, 15)),
    ("I joined Globex last month.", _day(2024, 10, 1)),
    ("I start at Initech on Monday.", _day(2024, 11, 18)),
    ("I start on Monday at Initech.", _day(2024, 11, 18)),
]


@pytest.mark.parametrize(("line", "expected"), FROM)
async def test_valid_from(builtin: BuiltinExtractor, line: str, expected: datetime) -> None:
    assert (await _only(builtin, line)).valid_from == expected


async def test_a_statement_without_time_has_none(builtin: BuiltinExtractor) -> None:
    fact = await _only(builtin, "I live in Oslo.")
    assert (fact.valid_from, fact.valid_until) == (None, None)


async def test_the_past_ends_at_the_latest_when_it_is_told(builtin: BuiltinExtractor) -> None:
    assert (await _only(builtin, "I used to live in Rome.")).valid_until == NOW
    until = await _only(builtin, "I lived in Rome until 2020.")
    assert until.valid_until == _day(2020, 1, 1)
    span = await _only(builtin, "I worked at Hooli from 2010 to 2014.")
    assert (span.valid_from, span.valid_until) == (_day(2010, 1, 1), _day(2014, 1, 1))


async def test_a_move_is_a_change_with_the_place_it_leaves(builtin: BuiltinExtractor) -> None:
    fact = await _only(builtin, "I just moved from Berlin to London")
    assert (fact.key, fact.value, fact.previous_value, fact.change) == (
        "location",
        "London",
        "Berlin",
        True,
    )


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("I live in Oslo.", False),
        ("I now live in Oslo.", True),
        ("I live in Oslo now.", True),
        ("I just moved to Oslo.", True),
        ("I joined Globex.", True),
        ("Actually, I live in Oslo.", True),
        ("I might move to Oslo.", False),
    ],
)
async def test_change(builtin: BuiltinExtractor, line: str, change: bool) -> None:
    assert (await _only(builtin, line)).change is change


async def test_a_new_team_changes_the_role_that_is_known(builtin: BuiltinExtractor) -> None:
    fact = await _only(builtin, "I just moved to the platform team.", role="backend engineer")
    assert (fact.key, fact.value, fact.change) == ("role", "platform engineer", True)


async def test_a_new_team_is_a_team_if_no_role_is_known(builtin: BuiltinExtractor) -> None:
    fact = await _only(builtin, "I just moved to the platform team.")
    assert (fact.key, fact.value, fact.change) == ("team", "platform", True)


async def test_stopping_ends_what_is_known_of_it(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "I stopped drinking coffee.", known={"likes": "coffee"})
    assert short(proposals) == {"-likes=coffee"}


async def test_switching_tools_ends_the_old_one(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "I switched from Vim to Emacs.")
    assert short(proposals) == {"tool=Emacs", "-tool=Vim"}


async def test_a_doubt_is_less_sure_than_a_statement(builtin: BuiltinExtractor) -> None:
    plain = await _only(builtin, "I live in Oslo.")
    doubted = await _only(builtin, "Maybe I'm allergic to cats.")
    assert plain.confidence == 0.9
    assert doubted.confidence < 0.7
