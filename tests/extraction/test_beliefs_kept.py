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
        "I moved to Outlook.",
        "We've moved to Azure from Heroku",
        "I moved to plan C",
        "I moved to light mode",
        "We relocated the database to Dublin",
        "I moved my savings to Revolut",
        "We moved production to Virginia last night",
        "I practically live in Photoshop",
        "I live in leggings",
        "I live in Slack all day",
        "I live on the fifth floor.",
        "I basically live in the library during exams",
        "My train to Lyon is at nine tomorrow",
        "I have born in Lima",
    ],
    "age": [
        "I'm 70% done with it.",
        "I am 80 percent there",
        "I'm 99 sure it was him",
        "I'm £30 short this month",
        "Ugh, I feel 90 this morning",
        "I felt 16 again",
    ],
    "employer": [
        "My company is headquartered in Denver.",
        "My employer is supportive",
        "my company is pretty small",
        "My employer is a nightmare",
        "I joined Duolingo",
        "We joined Discord last week",
        "I had a job application at Initrode",
        "I got the job rejection from Initrode, at Initrode they are slow",
        "I'm at Walmart, do we need milk?",
        "I'm at Initech this morning for a demo",
        "I work at my dining table",
        "I usually work at a desk by the window",
        "I work at her kitchen counter",
        "I work at a glacial pace",
        "I live near the airport",
        "I've been at Walmart all day",
        "I've been at Walmart since this morning",
        "We started at the pool",
        "I started at the very beginning",
        "I work at the office on Mondays",
        "I basically live in the office this month",
        "I work for tips",
        "I basically work for exposure",
        "My knee surgery is on the 3rd of May at Riverside Clinic.",
        "My interview is tomorrow at Saint Mary Hospital",
    ],
    "role": [
        "I'm a drummer in my free time",
        "We're singers on the side",
        "I'm a plumber in my spare time",
        "I'm the designated babysitter this weekend",
        "I'm the designated note keeper today",
        "I'm the cook tonight",
        "I'm a student of the world",
    ],
    "birthday": [
        "My birthday is around the corner",
        "My birthday is a bit of a sore subject",
        "My birthday's getting close!",
    ],
    "school": [
        "I study at the bookstore mostly",
        "We study at a cafe near the station",
        "I usually study at my kitchen table",
    ],
    "name": [
        "My colleague Ravi flew to Chile",
        "My friend Amal sleeps a lot",
        "I'm Generation X.",
        "I'm Team Jacob",
        "I'm Type B",
        "I'm Pro Brexit",
    ],
    "allergy": [
        "I work for peanuts.",
        "Asking for my sister: I'm allergic to latex, which gloves are fine?",
    ],
    "health": [
        "Our eldest has asthma",
        "my 9 year old has eczema",
        "Our oldest was diagnosed with diabetes",
        "Asking for a friend: I have psoriasis, is it contagious?",
    ],
    "diet": ["Ravi's vegetarian, I'm not", "My youngest is vegan"],
    "partner": [
        "My badminton partner is Lee",
        "My climbing partner Lee lives in Bonn",
        "My law partner is called Lee",
    ],
    "relative": ["My neighbour Lee has a piano", "My neighbor is called Lee"],
}

TOLD: list[tuple[str, set[str]]] = [
    # Whence one works.
    ("I work from Lisbon", {"location=Lisbon"}),
    ("i work from tokyo", {"location=Tokyo"}),
    ("I work from Rio de Janeiro these days", {"location=Rio de Janeiro"}),
    # Homes.
    ("I moved to Reading", {"location=Reading"}),
    ("i moved to bergen", {"location=Bergen"}),
    ("I moved back to Perth", {"location=Perth"}),
    ("We moved our family to Ghent", {"location=Ghent"}),
    ("I moved my whole life to Leeds", {"location=Leeds"}),
    ("I moved house to Leeds", {"location=Leeds"}),
    ("We relocated from Leeds to Cardiff", {"location=Cardiff"}),
    ("I moved last summer to Ghent", {"location=Ghent"}),
    ("I live in Spring, Texas", {"location=Spring, Texas"}),
    ("I live in Photoshop all day", {"tool=Photoshop"}),
    ("I live on the coast", {"location=the coast"}),
    ("I have born in Lima", {"hometown=Lima"}),
    # Ages.
    ("I'm 53", {"age=53"}),
    ("I'm about 60.", {"age=60"}),
    ("I'm 40+", {"age=40"}),
    ("I'm 29, married and from Cork", {"age=29", "hometown=Cork", "marital_status=married"}),
    # Employers.
    ("My company is called Initrode", {"employer=Initrode"}),
    ("My employer is the county council", {"employer=the county council"}),
    ("my employer is initech", {"employer=initech"}),
    ("I joined Initech in May", {"employer=Initech"}),
    ("I joined Netflix as an editor", {"employer=Netflix", "role=editor"}),
    ("I got a new job at Initech as a nurse", {"employer=Initech", "role=nurse"}),
    ("I've been at Initech for two years", {"employer=Initech"}),
    ("I've been at Initech since 2021", {"employer=Initech"}),
    ("I'm at Initech as a recruiter", {"employer=Initech"}),
    ("I'm a welder at Initech", {"employer=Initech", "role=welder"}),
    ("I work at the post office", {"employer=the post office"}),
    ("I work at my aunt's bakery", {"employer=my aunt's bakery"}),
    ("I started at the hospital last week", {"employer=the hospital"}),
    ("I started at Initech on Monday", {"employer=Initech"}),
    ("I work for a charity", {"employer=a charity"}),
    ("i work for initech", {"employer=initech"}),
    # Roles.
    ("got promoted to captain yesterday!!", {"role=captain"}),
    ("Got promoted to head chef!", {"role=head chef"}),
    ("I'm a professor of law", {"role=professor of law"}),
    ("I'm a drummer", {"role=drummer"}),
    ("Right now I'm a waiter", {"role=waiter"}),
    ("I'm a nurse and a drummer in my spare time", {"role=nurse"}),
    ("I'm Joan Smith", {"name=Joan Smith"}),
    # Birthdays and schools.
    ("My birthday is on the 9th of June", {"birthday=the 9th of June"}),
    ("My birthday is in August", {"birthday=August"}),
    ("My birthday is Christmas Day", {"birthday=Christmas Day"}),
    ("I study at UCL", {"school=UCL"}),
    ("i study at the academy", {"school=the academy"}),
    ("I go to college in Boston", {"school=college"}),
    ("I'm Leo", {"name=Leo"}),
    # Others.
    ("My partner is Lee", {"partner=Lee"}),
    ("My long-term partner is called Lee", {"partner=Lee"}),
    ("My neighbour Lee has a piano", {"neighbor=Lee"}),
    ("My cousin Lee has a piano", {"relative=Lee"}),
    ("I'm asking for a refund, I live in Bonn", {"location=Bonn"}),
    ("I have asthma", {"health=asthma"}),
    ("Ravi's vegan. I'm vegetarian", {"diet=vegetarian"}),
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


@pytest.mark.parametrize("line", ["I walk to school", "I go to college by bus", "I'm in college"])
async def test_a_school_keeps_its_name(builtin: BuiltinExtractor, line: str) -> None:
    facts = (await extract(builtin, line, known={"school": "Caltech"})).facts
    assert [fact.value for fact in facts if fact.key == "school"] == []
    moved = await extract(builtin, "I go to Harvard now", known={"school": "Caltech"})
    assert short(moved) == {"school=Harvard"}


@pytest.mark.parametrize(
    ("line", "homes"),
    [
        (
            "I moved from Ulm to Bonn in 2018 and then to Kiel in 2021.",
            [("Bonn", "Ulm", 2018), ("Kiel", None, 2021)],
        ),
        ("We moved to Nice in 2012, later on to Rome", [("Nice", None, 2012), ("Rome", None, 0)]),
        ("I moved to Nice in 2012 and then got a dog", [("Nice", None, 2012)]),
        ("I moved to Nice and then to a smaller flat", [("Nice", None, 0)]),
    ],
)
async def test_several_moves_are_told_apart(
    builtin: BuiltinExtractor, line: str, homes: list[tuple[str, str | None, int]]
) -> None:
    facts = (await extract(builtin, line)).facts
    assert [
        (fact.value, fact.previous_value, fact.valid_from.year if fact.valid_from else 0)
        for fact in facts
        if fact.key == "location"
    ] == homes
