"""What is named and then praised, by "it", in the same turn or in the reply to a question."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

PRAISED: list[tuple[str, str]] = [
    ("We binged The Bear last week. It's so good.", "likes=The Bear"),
    ("I read a biography of Marie Curie and could not put it down.",
     "likes=biography of Marie Curie"),
    ("My roommate made jollof rice last night, it was delicious.", "likes=jollof rice"),
    ("I listened to Blue Train again this morning. It never gets old.", "likes=Blue Train"),
    ("Have you ever been to the Faroe Islands? They are breathtaking.", "likes=Faroe Islands"),
    ("Went to Ghent for the weekend. It has such a cozy atmosphere.", "likes=Ghent"),
    ("I saw Les Misérables on Friday. It was phenomenal!", "likes=Les Misérables"),
    ("Have you read 'Stoner'? It's set on a farm at first. It moved me so much.", "likes=Stoner"),
    ("Rereading 'Middlemarch' by George Eliot. It's a masterpiece.",
     "likes=Middlemarch by George Eliot"),
    ("Just saw the opera Carmen. It was stunning from start to finish.", "likes=Carmen"),
    ("They're diving into some Elena Ferrante work. I'm really excited about it.",
     "likes=Elena Ferrante work"),
    ("I tried paddleboarding in August. Loved it.", "likes=paddleboarding"),
    ("I saw a really interesting documentary about moss.", "likes=documentary about moss"),
    ("Caught a hilarious sitcom on the plane.", "likes=sitcom"),
    ("We watched a gorgeous anime called 'Mushishi' on Sunday.", "likes=the anime Mushishi"),
]  # fmt: skip

REPLIES: list[tuple[str, str, str]] = [
    ("Have you seen 'Paddington 2'?", "I have! It's one of my all-time favorites.",
     "likes=Paddington 2"),
    ("Did you ever try kimchi?", "Yeah, I adore it.", "likes=kimchi"),
    ("Are you into podcasts?", "I love them.", "likes=podcasts"),
    ("Have you read 'Emma' by Jane Austen? It is a classic.", "Yes, couldn't put it down!",
     "likes=Emma by Jane Austen"),
    ("What are you watching these days?", "It's called 'Dark'. I can't stop watching.",
     "likes=Dark"),
]  # fmt: skip

NOT_PRAISED = [
    "I read the terms and conditions. They are hilarious.",
    "I tried the new update. It's great.",
    "I visited my grandma. It was lovely.",
    "I watched the game last night. It was great.",
    "I saw a horrible documentary. It was awful.",
    "My sister watched Frozen. It's great that she is happy.",
    "If I watched Dune, it would be amazing.",
    "I heard 'Dune' is good. It sounds amazing.",
    "I'd say 'Emma' is dull. It's not great.",
    "I watched 'Cats'. Was it great?",
    "I read an interesting article.",
    "I finished a memoir. It's amazing how much we forget.",
    "I ate the leftovers. It was fine.",
    "I finished the tax forms. It was amazing how long it took.",
    "I tried calling the bank. It was hilarious.",
]

NOT_IN_REPLY = [
    ("You should read 'Dune'.", "That's great, thanks!"),
    ("Have you met Anna?", "Yes, I love her!"),
    ("Have you tried turning it off?", "I love it, haha."),
    ("Have you tried restarting the router?", "Yes, it's great now."),
    ("I watched 'Dune' yesterday.", "It's great, right?"),
]


@pytest.mark.parametrize(("line", "expected"), PRAISED)
async def test_praised(builtin: BuiltinExtractor, line: str, expected: str) -> None:
    assert expected in short(await extract(builtin, line))


@pytest.mark.parametrize(("question", "line", "expected"), REPLIES)
async def test_praised_in_a_reply(
    builtin: BuiltinExtractor, question: str, line: str, expected: str
) -> None:
    assert expected in short(await extract(builtin, f"assistant: {question}", line))


@pytest.mark.parametrize("line", NOT_PRAISED)
async def test_not_praised(builtin: BuiltinExtractor, line: str) -> None:
    assert not _tastes(short(await extract(builtin, line)))


@pytest.mark.parametrize(("said", "line"), NOT_IN_REPLY)
async def test_nothing_praised_in_a_reply(builtin: BuiltinExtractor, said: str, line: str) -> None:
    assert not _tastes(short(await extract(builtin, f"assistant: {said}", line)))


def _tastes(found: set[str]) -> set[str]:
    return {each for each in found if each.startswith(("likes=", "hobby=", "wants="))}
