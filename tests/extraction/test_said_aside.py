"""What sentences say of the user aside, by judging something, or in a set phrase."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.protocol import Proposals
from tests.extraction.support import extract, short

ASIDE: list[tuple[str, set[str]]] = [
    ("As a vegan, shopping takes me ages.", {"diet=vegan"}),
    ("Pescatarian here, what can I do with rice?", {"diet=pescatarian"}),
    ("As a plumber, I see that every week.", {"role=plumber"}),
    ("My shift at the brewery ends at ten.", {"employer=the brewery"}),
    ("The clinic I work at closes early.", {"employer=clinic"}),
    ("There are otters in Bergen, where I live.", {"location=Bergen"}),
    ("I have a job at the library.", {"employer=the library"}),
    ("The beauty of being self-employed, right?", {"employment_status=self-employed"}),
    ("As a 52-year-old, I find that odd.", {"age=52"}),
    ("Not bad for a 37-year-old!", {"age=37"}),
    ("I miss my college days at Purdue.", {"alma_mater=Purdue"}),
    ("Coffee was free during my PhD.", {"degree=PhD"}),
    ("The rain here in Bergen never stops.", {"location=Bergen"}),
    ("The joys of being a nurse, I guess.", {"role=nurse"}),
    ("Ah, the perks of being retired!", {"employment_status=retired"}),
]

NOT_ASIDE = [
    "I applied for a job at the library.",
    "She says that, as a vegan, she cannot come.",
    "He told me about his shift at the brewery.",
    "He is a 30-year-old.",
    "A gift for a 10-year-old.",
    "It's for a 12-year-old boy.",
    "I want my PhD to matter.",
    "If I had finished my PhD, things would be easier.",
    "My university years in Lyon were wild.",
    "She enjoys the perks of being a pilot.",
    "What are the benefits of being a vegan?",
    "Explain the advantages of being self-employed.",
]

JUDGED: list[tuple[str, set[str]]] = [
    ("Sudoku is so relaxing.", {"likes=Sudoku"}),
    ("Waiting rooms drive me mad.", {"dislikes=Waiting rooms"}),
    ("Thunderstorms calm me down.", {"likes=Thunderstorms"}),
    ("Karaoke sucks.", {"dislikes=Karaoke"}),
    ("I can never resist a warm pretzel.", {"likes=a warm pretzel"}),
    ("I could eat dumplings all day.", {"likes=dumplings"}),
]

NOT_JUDGED = [
    "Your idea is great.",
    "The weather is awful today.",
    "My day was amazing.",
    "Work is boring today.",
    "This is the best.",
]

SET_PHRASES: list[tuple[str, set[str]]] = [
    ("I happen to be left-handed.", {"physical_trait=left-handed"}),
    ("I'm a Leeds graduate myself.", {"alma_mater=Leeds"}),
    ("I'm a proud Howard alum.", {"alma_mater=Howard"}),
    ("Spent the afternoon sketching in the park.", {"hobby=sketching in the park"}),
    ("I went vegetarian two years ago.", {"diet=vegetarian"}),
    ("I consider myself an introvert.", {"personality=an introvert"}),
    ("I play a lot of board games.", {"hobby=playing board games"}),
    ("I use to row when I was younger.", {"<hobby=rowing"}),
]


@pytest.mark.parametrize(("line", "expected"), [*ASIDE, *JUDGED, *SET_PHRASES])
async def test_told(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


@pytest.mark.parametrize("line", [*NOT_ASIDE, *NOT_JUDGED])
async def test_not_told(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()
