"""Instructions and facts that the user takes back, and what resembles that and is none."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

LIFTED: list[tuple[str, str, set[str]]] = [
    (
        "I prefer tables.",
        "Hmm, actually, no tables please.",
        {"avoid=tables", "-prefers=tables"},
    ),
    (
        "Use bullet points.",
        "ok, no more bullets please",
        {"avoid=bullet points", "-response_format=bullet points"},
    ),
    (
        "I prefer numbered lists.",
        "Please write in short paragraphs instead of numbered lists.",
        {"response_format=short paragraphs", "-response_format=numbered lists"},
    ),
    (
        "I prefer code blocks.",
        "I don't want code blocks any longer.",
        {"-response_format=code blocks"},
    ),
    (
        "I prefer short answers.",
        "I don't need short replies anymore",
        {"avoid=short replies", "-response_style=short"},
    ),
    (
        "Answer in Dutch.",
        "Stop writing in Dutch.",
        {"-language_of_reply=Dutch"},
    ),
    (
        "Answer in Dutch.",
        "You don't have to reply in Dutch any more.",
        {"-language_of_reply=Dutch"},
    ),
    ("Be sarcastic.", "stop being so sarcastic", {"avoid=being sarcastic", "-tone=sarcastic"}),
]
KEPT: list[tuple[str, str, set[str]]] = [
    ("My name is Ines.", "Actually, no code blocks please.", {"avoid=code blocks"}),
    ("I live in Oslo.", "Actually, Bergen please.", {"location=Bergen"}),
    ("Answer in Dutch.", "Don't use Dutch idioms.", {"avoid=Dutch idioms"}),
    ("I prefer tea over coffee.", "Don't mention coffee.", {"avoid=mentioning coffee"}),
    ("I prefer tables.", "I don't play tennis any more.", {"-hobby=playing tennis"}),
    ("Answer in Dutch.", "Write in French a letter to my bank.", set()),
]
ORDERS: list[tuple[str, set[str]]] = [
    ("Never say 'to be honest'.", {"avoid=saying 'to be honest'"}),
    ("Stop saying \u201cgreat question\u201d.", {"avoid=saying \u201cgreat question\u201d"}),
    ("Stop saying.", set()),
    ("Never say never.", set()),
    (
        "pls dont write novels, about 3 lines tops",
        {"avoid=writing novels", "instruction=no more than 3 lines"},
    ),
    ("Two paragraphs at most, please.", {"instruction=no more than two paragraphs"}),
    ("Write me a haiku, 3 lines max.", set()),
    ("The abstract got about 3 lines.", set()),
    ("No more than four sentences please", {"instruction=no more than four sentences"}),
]


@pytest.mark.parametrize(("first", "second", "expected"), [*LIFTED, *KEPT])
async def test_what_was_asked_for_is_lifted(
    first: str, second: str, expected: set[str], builtin: BuiltinExtractor
) -> None:
    found = short(await extract(builtin, second, earlier=(first,)))
    assert found == expected


@pytest.mark.parametrize(("line", "expected"), ORDERS)
async def test_an_order_is_read_whole(
    line: str, expected: set[str], builtin: BuiltinExtractor
) -> None:
    assert short(await extract(builtin, line)) == expected


CORRECTED: list[tuple[str, str, set[str]]] = [
    (
        "My name is Jon.",
        "My name isn't Jon, it's John.",
        {"name=John", "-name=Jon"},
    ),
    ("I'm from Bergen.", "It isn't Bergen, it's Stavanger.", {"hometown=Stavanger"}),
    (
        "I live in Lyon.",
        "Sorry, I never lived in Lyon, that's where my brother is.",
        {"-location=Lyon", "siblings=a brother"},
    ),
    ("I work at Initech.", "I never worked for Initech.", {"-employer=Initech"}),
    ("I live in Lyon.", "I moved to the US in May.", {"location=the US"}),
    ("I live in Lyon.", "I never lived in Nice.", {"-location=Nice"}),
    ("I live in Lyon.", "I didn't live in Lyon as a child.", set()),
    ("I live in Lyon.", "They didn't tell us, it's late.", set()),
]


@pytest.mark.parametrize(("first", "second", "expected"), CORRECTED)
async def test_a_fact_is_corrected(
    first: str, second: str, expected: set[str], builtin: BuiltinExtractor
) -> None:
    found = short(await extract(builtin, second, earlier=(first,)))
    assert found == expected


async def test_a_denial_that_says_better_needs_nothing_known(builtin: BuiltinExtractor) -> None:
    assert "name=Priya" in short(await extract(builtin, "My name is not Pria, it's Priya."))
