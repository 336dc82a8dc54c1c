"""Ways of speaking that people have: of things that fail, of errands, of what they abstain from.

Each case is a turn and the whole of what it gives, in the short form of `support.short`.
"""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.protocol import Proposals
from tests.extraction.support import extract, short

MISHAPS: list[tuple[str, set[str]]] = [
    ("My suitcase got stolen on Sunday.", {"event=had their suitcase stolen"}),
    ("Our dishwasher keeps leaking.", {"problem=dishwasher keeps leaking"}),
    ("My scanner won't start.", {"problem=scanner won't start"}),
    ("My elbow hurts.", {"problem=elbow pain"}),
    ("I can't concentrate.", {"problem=cannot concentrate"}),
]

ERRANDS: list[tuple[str, set[str]]] = [
    ("I still have to do my homework.", {"task=do their homework"}),
    ("I should really call my landlady.", {"task=call their landlady"}),
    ("must send the forms by friday", {"task=send the forms by friday"}),
    ("Need to renew my visa.", {"task=renew their visa"}),
    ("My permit expires in March.", {"deadline=permit expires on 2025-03-01"}),
    ("Optician appointment next Tuesday.", {"appointment=Optician appointment on 2024-11-19"}),
    ("My flight to Bergen leaves tomorrow.", {"appointment=flight to Bergen on 2024-11-16"}),
    ("I'm giving a lecture in Ghent in May.", {"plan=give a lecture in Ghent in May"}),
    ("I'm saving for a cello.", {"goal=save for a cello"}),
    ("I'm studying to be a vet.", {"goal=become a vet"}),
    ("I always wanted to be a glassmaker.", {"<goal=become a glassmaker"}),
]

CHOICES: list[tuple[str, set[str]]] = [
    ("I gave up sugar last year.", {"abstains_from=sugar"}),
    ("I don't touch caffeine.", {"abstains_from=caffeine"}),
    ("I can't have peanuts.", {"abstains_from=peanuts"}),
    ("I'd rather walk than drive.", set()),
    ("I'd rather have rice than potatoes.", {"prefers=rice to potatoes"}),
    ("I've gone off olives.", {"dislikes=olives"}),
    ("Golf isn't really my thing.", {"dislikes=Golf"}),
    ("There's nothing better than rye bread.", {"likes=rye bread"}),
    ("My guilty pleasure is karaoke.", {"likes=karaoke"}),
    ("The best food is ramen.", {"favorite_food=ramen"}),
    ("My all-time favourite film is Ran.", {"favorite_film=Ran"}),
    ("I took up archery.", {"hobby=archery"}),
    ("Did some gardening.", {"hobby=gardening"}),
    ("I've been trying my hand at calligraphy.", {"hobby=calligraphy"}),
    ("In my spare time I restore clocks.", {"hobby=restoring clocks"}),
    ("I'm well, just watching curling.", {"hobby=watching curling"}),
    ("I ate some tripe, which I hate.", {"dislikes=tripe"}),
    ("I believe in ghosts.", {"opinion=believes in ghosts"}),
]

SELVES: list[tuple[str, set[str]]] = [
    ("I have a bad shoulder.", {"health=a bad shoulder"}),
    ("I'm a type 2 diabetic.", {"health=a type 2 diabetic"}),
    ("Owing to a back injury, I am slow.", {"health=a back injury"}),
    ("I wear braces.", {"appearance=braces"}),
    ("I'm half Welsh, half Danish.", {"nationality=half Welsh, half Danish"}),
    ("I never learned to swim.", {"skill_gap=swim"}),
    ("I'm terrible with dates.", {"skill_gap=deal with dates well"}),
    ("I know my way around Blender.", {"expertise=Blender"}),
    ("My Danish is rusty.", {"languages=Danish"}),
    ("Our stack is Phoenix and Svelte.", {"tool=Phoenix", "tool=Svelte"}),
    ("I run Debian on my laptop.", {"possession=a laptop", "tool=Debian"}),
    ("I don't own a television.", {"possession=no television"}),
    ("We don't have any pets.", {"pet=no pets"}),
    ("I have a huge collection of maps.", {"collects=maps"}),
    ("I share a flat with two nurses.", {"household=with two nurses"}),
    ("I belong to a chess club.", {"member_of=a chess club"}),
    ("I'm a potter who loves hiking.", {"role=potter", "hobby=hiking"}),
    ("I retrained as a welder.", {"role=welder"}),
    ("I'm a mum of two boys.", {"children=two boys"}),
    ("I have twins.", {"children=twins"}),
    ("34 yo potter from Lyon", {"age=34", "role=potter", "hometown=Lyon"}),
    ("I'm of Lebanese descent.", {"nationality=Lebanese"}),
    ("I grew up speaking Welsh.", {"languages=Welsh"}),
    ("People know me as Juno.", {"nickname=Juno"}),
    ("She/her please.", {"pronouns=She/her"}),
    ("My brother in law snores.", set()),
    ("We split up.", {"marital_status=single"}),
    ("I quit smoking.", {"-habit=smoking", "abstains_from=smoking"}),
]

DOUBTS: list[tuple[str, set[str]]] = [
    ("I might quit and open a tea shop.", {"?plan=open a tea shop"}),
    ("We plan to sell the boat, haven't decided yet.", {"?plan=sell the boat"}),
    (
        "I'm torn between doing a master's in Delft and taking the job at Shell, help!",
        {"?degree=master's", "?plan=take the job at Shell"},
    ),
    ("torn between getting a cat and a dog", {"?plan=get a cat", "?plan=get a dog"}),
    ("Perhaps we get a dog.", {"?plan=get a dog"}),
    ("Not sure whether to accept the job in Turin.", {"?plan=accept the job in Turin"}),
    ("Maybe I should adopt a dog.", {"?plan=adopt a dog"}),
    ("I wonder if I should move to Ghent.", {"?location=Ghent"}),
    ("I'm considering a career change.", {"?plan=a career change"}),
    ("Perhaps I'll sell the van.", {"?plan=sell the van"}),
    ("i mite move to Cork", {"?location=Cork"}),
]

WISHES: list[tuple[str, set[str]]] = [
    ("Short answers only, please.", {"response_style=short"}),
    ("Explain things like I'm five.", {"response_style=simple"}),
    ("Answer in fewer words.", {"response_style=brief"}),
    ("Don't be so formal.", {"avoid=being formal"}),
    ("In future, please cite your sources.", {"instruction=always cite your sources"}),
    (
        "No more than two sentences per answer please.",
        {"instruction=no more than two sentences per answer"},
    ),
    ("I would be grateful if you could avoid acronyms.", {"avoid=acronyms"}),
    ("It would be appreciated if replies were kept brief.", {"response_style=brief"}),
    ("No need to explain the basics.", {"avoid=explaining the basics"}),
]

OTHER_TONGUES: list[tuple[str, set[str]]] = [
    ("I am afraid from geese.", {"fear=geese"}),
    ("I work like teacher.", {"role=teacher"}),
    ("I am interesting in botany.", {"likes=botany"}),
    ("my hobbys are judo and cooking", {"hobby=judo", "hobby=cooking"}),
    ("i like to listening music", {"hobby=listening music"}),
    ("Iwork at Globex", {"employer=Globex"}),
]

SILENT = [
    "As an admin, I can delete accounts.",
    "I should go running the tests.",
    "He is fine, just watching TV.",
    "My test fails.",
    "I'm not sure whether to use tabs or spaces here.",
    "The best way to sort it is quicksort.",
    "I could go for a walk.",
    "I want to be able to export it.",
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [*MISHAPS, *ERRANDS, *CHOICES, *SELVES, *DOUBTS, *WISHES, *OTHER_TONGUES],
)
async def test_told(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected


@pytest.mark.parametrize("line", SILENT)
async def test_not_told(builtin: BuiltinExtractor, line: str) -> None:
    assert await extract(builtin, line) == Proposals()


async def test_a_name_at_the_end_of_a_list_is_a_child(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "Two kids, Lev (8) and Noor (5).")
    assert {"child=Lev", "child=Noor"} <= short(proposals)


async def test_what_is_said_after_a_question_counts(builtin: BuiltinExtractor) -> None:
    assert short(await extract(builtin, "hi how are you i drive a lorry")) == {"possession=a lorry"}


async def test_what_one_has_no_longer_ends(builtin: BuiltinExtractor) -> None:
    ends = short(await extract(builtin, "I don't have a boat now.", known={"possession": "a boat"}))
    assert ends == {"possession=no boat", "-possession=a boat"}


async def test_a_relative_clause_about_a_thing_is_no_habit(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "I swim, which I undertake each morning.")
    assert short(proposals) == {"hobby=swimming"}
