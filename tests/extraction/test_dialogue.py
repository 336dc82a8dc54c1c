"""Answers to questions and corrections: what a turn says only after what came before it."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.protocol import Fact
from tests.extraction.support import extract, short

ANSWERS: list[tuple[str, str, set[str]]] = [
    ("Where do you live?", "Oslo.", {"location=Oslo"}),
    ("Great! And where do you live?", "in oslo", {"location=Oslo"}),
    ("Where are you from?", "A small village in Kerala", {"hometown=A small village in Kerala"}),
    ("What's your name?", "it's Noor", {"name=Noor"}),
    ("What should I call you?", "Kit", {"address_as=Kit"}),
    ("How old are you?", "34", {"age=34"}),
    ("What do you do for work?", "a carpenter", {"role=carpenter"}),
    ("What do you do for work?", "I'm a carpenter", {"role=carpenter"}),
    (
        "What do you do?",
        "I work at Acme Corp as a backend engineer.",
        {"employer=Acme Corp", "role=backend engineer"},
    ),
    ("Where do you work?", "At Globex", {"employer=Globex"}),
    ("What's your favorite food?", "Pizza", {"favorite_food=Pizza"}),
    ("What languages do you speak?", "Dutch and Farsi", {"languages=Dutch", "languages=Farsi"}),
    ("What are your hobbies?", "climbing, chess", {"hobby=climbing", "hobby=chess"}),
    ("What's your dog's name?", "Rex", {"pet=a dog named Rex"}),
    ("What is your sister's name?", "Aoife", {"sister=Aoife"}),
    ("What are you allergic to?", "Penicillin", {"allergy=Penicillin"}),
    ("Are you based in New York?", "Yes.", {"location=New York"}),
    ("Do you live in Rome?", "yep", {"location=Rome"}),
    ("So you work at Globex?", "Yes, that's right.", {"employer=Globex"}),
    ("Is your name Al?", "Correct.", {"name=Al"}),
    ("Are you a vegetarian?", "I am", {"diet=vegetarian"}),
    ("Is your sister a vet?", "yes", {"Person/alice's sister role=vet"}),
    ("Did you move to Oslo?", "Yes!", {"location=Oslo"}),
    ("Do you live in Rome?", "I think so", {"?location=Rome"}),
    (
        "Do you have any pets?",
        "Yes, a cat named Milo",
        {"pet=a cat named Milo", "Pet/Milo species=cat"},
    ),
    ("Do you speak any other languages?", "Yes, Spanish.", {"languages=Spanish"}),
    ("Do you live in Rome?", "No.", set()),
    ("Do you live in Rome?", "I don't.", set()),
    ("Do you live in Rome?", "No, I live in Turin.", {"location=Turin"}),
    ("Do you have any pets?", "Yes.", set()),
    ("Where do you live?", "Why do you ask?", set()),
    ("Where do you live?", "I'd rather not say.", set()),
    ("Where do you live?", "none of your business", set()),
    ("What do you do for work?", "nothing much", set()),
    ("How old are you?", "Old enough.", set()),
    ("Shall I summarize it?", "Yes please.", set()),
    ("Do you want me to book it?", "Yes.", set()),
    ("Would you like some help?", "Sure.", set()),
]


@pytest.mark.parametrize(("question", "answer", "expected"), ANSWERS)
async def test_answer(
    builtin: BuiltinExtractor, question: str, answer: str, expected: set[str]
) -> None:
    assert short(await extract(builtin, f"assistant: {question}", answer)) == expected


async def test_an_answer_is_proved_by_the_users_words(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "assistant: Are you based in New York?", "Yes.")
    (fact,) = proposals.facts
    assert (fact.evidence.turn_id, fact.evidence.quote) == ("turn:101", "Yes")


async def test_the_question_may_have_come_before_the_window(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "Oslo.", earlier=("assistant: Where do you live?",))
    assert short(proposals) == {"location=Oslo"}


async def test_only_the_turn_before_is_answered(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "assistant: Where do you live?", "Why?", "Oslo.")
    assert short(proposals) == set()


async def test_no_ends_what_was_believed(builtin: BuiltinExtractor) -> None:
    proposals = await extract(
        builtin, "assistant: Do you live in Rome?", "No.", known={"location": "Rome"}
    )
    assert short(proposals) == {"-location=Rome"}


CORRECTIONS: list[tuple[str, str, str]] = [
    ("I live in Oslo", "no, Bergen", "location=Bergen"),
    ("I live in Oslo", "Actually it's Bergen.", "location=Bergen"),
    ("I live in Oslo", "I meant Bergen, not Oslo.", "location=Bergen"),
    ("I live in Oslo", "sorry, Bergen", "location=Bergen"),
    ("I live in Oslo", "not Oslo, Bergen", "location=Bergen"),
    ("I live in Oslo", "Correction: Bergen", "location=Bergen"),
    ("I live in Oslo", "No wait, I mean Bergen.", "location=Bergen"),
    ("I'm 34.", "oops, 35", "age=35"),
    ("My name is Jon.", "Sorry, John, not Jon.", "name=John"),
    ("I work at Globex.", "I meant Initech", "employer=Initech"),
]


@pytest.mark.parametrize(("said", "corrected", "expected"), CORRECTIONS)
async def test_correction(
    builtin: BuiltinExtractor, said: str, corrected: str, expected: str
) -> None:
    first = await extract(builtin, said)
    both = await extract(builtin, said, corrected)
    new = [fact for fact in both.facts if fact.evidence.turn_id == "turn:101"]
    assert [f"{fact.key}={fact.value}" for fact in new] == [expected]
    assert new[0].change
    assert new[0].previous_value == first.facts[0].value


async def test_a_correction_of_what_was_said_before_the_window(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "no, Bergen", earlier=("I live in Oslo", "assistant: Ok."))
    assert short(proposals) == {"location=Bergen"}


async def test_a_correction_of_what_the_assistant_believes(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "assistant: So you live in Oslo.", "No, Bergen.")
    assert short(proposals) == {"location=Bergen"}
    assert proposals.facts[0].change


async def test_a_correction_that_names_the_old_value_finds_it_in_what_is_known(
    builtin: BuiltinExtractor,
) -> None:
    proposals = await extract(builtin, "I meant Bergen, not Oslo", known={"location": "Oslo"})
    assert short(proposals) == {"location=Bergen"}
    assert proposals.facts[0].previous_value == "Oslo"


async def test_a_correction_of_nothing_says_nothing(builtin: BuiltinExtractor) -> None:
    assert short(await extract(builtin, "no, Bergen")) == set()
    assert short(await extract(builtin, "Actually it's Bergen.")) == set()


async def test_a_full_sentence_after_no_is_a_change(builtin: BuiltinExtractor) -> None:
    proposals = await extract(builtin, "I live in Oslo", "No, I live in Bergen.")
    last: Fact = proposals.facts[-1]
    assert (last.key, last.value, last.change) == ("location", "Bergen", True)


HELD: list[tuple[str, str, str, set[str]]] = [
    ("location=Cardiff", "Still in Cardiff?", "No, Bristol since May!", {"location=Bristol"}),
    ("employer=Deloitte", "Are you still at Deloitte?", "nope, left in september",
     {"-employer=Deloitte"}),
    ("employer=Deloitte", "Do you still work at Deloitte?", "Not any more.",
     {"-employer=Deloitte"}),
    ("partner=Noor", "Are you still with Noor?", "no", {"-partner=Noor"}),
    ("learning=Thai", "Are you still learning Thai?", "gave up on it", {"-learning=Thai"}),
    ("location=Oslo", "Still in Oslo?", "Yes.", set()),
    ("location=Oslo", "Are you free on Friday in Oslo?", "no, Thursday", set()),
    ("location=Oslo", "Oslo, noted.", "No, Bergen!", {"location=Bergen"}),
    ("language_of_reply=German", "Sonst noch etwas?", "English again please.",
     {"language_of_reply=English"}),
]  # fmt: skip


@pytest.mark.parametrize(("known", "question", "answer", "expected"), HELD)
async def test_whether_something_still_holds(
    builtin: BuiltinExtractor, known: str, question: str, answer: str, expected: set[str]
) -> None:
    key, _, value = known.partition("=")
    proposals = await extract(builtin, f"assistant: {question}", answer, known={key: value})
    assert short(proposals) == expected


NEGATED: list[tuple[str, str, set[str]]] = [
    ("Do you smoke?", "never", {"abstains_from=smoking"}),
    ("Do you eat meat?", "Nah, not for years! Fish sometimes though.",
     {"abstains_from=eating meat"}),
    ("Do you like jazz?", "no", {"dislikes=jazz"}),
    ("Do you want me to continue?", "no", set()),
    ("Do you have any questions?", "no", set()),
]  # fmt: skip


@pytest.mark.parametrize(("question", "answer", "expected"), NEGATED)
async def test_no_says_what_the_question_denied_would(
    builtin: BuiltinExtractor, question: str, answer: str, expected: set[str]
) -> None:
    assert short(await extract(builtin, f"assistant: {question}", answer)) == expected


CORRECTED: list[tuple[str, str, set[str]]] = [
    ("I live in Oslo.", "*Bergen", {"location=Bergen"}),
    ("I live in Oslo.", "Oslo was wrong, it's Bergen.", {"location=Bergen"}),
    ("I live in Oslo.", "That was a typo, Bergen.", {"location=Bergen"}),
    ("I live in Oslo.", "Oh wait, sorry! I meant Bergen.", {"location=Bergen"}),
    ("My name is Jon.", "it's spelled John", {"name=John"}),
    ("I'm 23.", "24 sorry", {"age=24"}),
    ("I work at Philips.", "No, no Philips, I wanted to say Phillips 66.",
     {"employer=Phillips 66"}),
    ("My sister is called Anna.", "sory i ment Hanna", {"sister=Hanna"}),
    ("My sister Ana lives here.", "Oh sorry, it's my cousin Ana, not my sister",
     {"relative=Ana", "-sister=Ana"}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "then", "expected"), CORRECTED)
async def test_what_was_said_is_corrected(
    builtin: BuiltinExtractor, said: str, then: str, expected: set[str]
) -> None:
    before = short(await extract(builtin, said))
    found = short(await extract(builtin, said, then)) - before
    assert {each for each in found if "Person/" not in each} == expected
