"""The stages of the built-in extractor, each for itself."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_extraction.builtin.clauses import interrogative, split_clauses
from spectron_extraction.builtin.secrets import holds_secret
from spectron_extraction.builtin.sentences import split_sentences
from spectron_extraction.builtin.times import TimeKind, find_times
from spectron_extraction.builtin.tokens import tokenise, words
from spectron_extraction.builtin.values import items
from spectron_extraction.builtin.verbs import gerund, past, third_person, verb_form
from tests.extraction.support import NOW


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("I'm Al", "i am al"),
        ("im al", "i am al"),
        ("I don\u2019t", "i do not"),
        ("can't won't", "can not will not"),
        ("gonna", "going to"),
        ("my sister's dog", "my sister 's dog"),
        ("it's", "it is"),
        ("C++ and Node.js", "c++ and node.js"),
        ("wait...", "wait ..."),
    ],
)
def test_tokens_are_in_normal_form(text: str, normal: str) -> None:
    assert words(tokenise(text)) == normal


@given(st.text(max_size=300))
def test_tokens_keep_their_places(text: str) -> None:
    tokens = tokenise(text)
    assert all(0 <= token.start <= token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I live in Oslo. I work at Acme.", ["i live in oslo", "i work at acme"]),
        ("Dr. Who lives in the U.K. now", ["dr. who lives in the u.k . now"]),
        ("one\ntwo", ["one", "two"]),
        ("Really?! Yes.", ["really", "yes"]),
        ('He said "I live in Rome. I do." twice', ["he said \u201c twice"]),
        ("> quoted\nmine", ["mine"]),
        ("```\ncode\n``` mine", ["\u201c mine"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    found = [words(sentence.tokens) for sentence in split_sentences(text)]
    assert [one.removeprefix("\u201c ") for one in found if one != "\u201c"] == [
        one.removeprefix("\u201c ") for one in sentences
    ]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("I live in Oslo and work at Acme", ["i live in oslo", "work at acme"]),
        ("I love pizza, sushi and ramen", ["i love pizza , sushi and ramen"]),
        ("I live in Oslo, but I work in Bergen", ["i live in oslo", "i work in bergen"]),
        ("My wife and I live in Paris", ["my wife and i live in paris"]),
        ("I live in Oslo because I love snow", ["i live in oslo", "i love snow"]),
        ("I have a sister who is a vet", ["i have a sister", "is a vet"]),
        ("Actually, I live in Oslo", ["actually , i live in oslo"]),
    ],
)
def test_clauses(text: str, clauses: list[str]) -> None:
    assert [words(clause.tokens) for clause in split_clauses(tokenise(text))] == clauses


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("where do I live", True),
        ("do you know", True),
        ("can you help", True),
        ("is it raining", True),
        ("what I like is pizza", False),
        ("when I was young", False),
        ("I do not know", False),
        ("have a nice day", False),
    ],
)
def test_interrogative(text: str, asks: bool) -> None:
    assert interrogative(tokenise(text)) is asks


@pytest.mark.parametrize(
    ("text", "kind", "start", "end"),
    [
        ("in 2019", TimeKind.AT, (2019, 1, 1), (2020, 1, 1)),
        ("since May 2019", TimeKind.SINCE, (2019, 5, 1), (2019, 6, 1)),
        ("until 2020", TimeKind.UNTIL, (2020, 1, 1), (2021, 1, 1)),
        ("from 2010 to 2014", TimeKind.RANGE, (2010, 1, 1), (2014, 1, 1)),
        ("last month", TimeKind.AT, (2024, 10, 1), (2024, 11, 1)),
        ("last week", TimeKind.AT, (2024, 11, 4), (2024, 11, 11)),
        ("three years ago", TimeKind.AT, (2021, 11, 15), (2021, 11, 15)),
        ("yesterday", TimeKind.AT, (2024, 11, 14), (2024, 11, 15)),
        ("on 5 March 2021", TimeKind.AT, (2021, 3, 5), (2021, 3, 6)),
        ("on Tuesday", TimeKind.AT, (2024, 11, 12), (2024, 11, 13)),
    ],
)
def test_times(
    text: str, kind: TimeKind, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    (time,) = find_times(tokenise(text), NOW, future=False)
    assert time.kind is kind
    assert time.start == datetime(*start, tzinfo=UTC)
    assert time.end == datetime(*end, tzinfo=UTC)


def test_a_weekday_to_come_is_the_next_one() -> None:
    (time,) = find_times(tokenise("on Friday"), NOW, future=True)
    assert time.start == datetime(2024, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize("text", ["may", "I may march on", "the second", "a week", "2019"])
def test_no_times(text: str) -> None:
    assert find_times(tokenise(text), NOW, future=False) == []


@pytest.mark.parametrize(
    "text",
    [
        "my password is hunter2",
        "sk-proj-abcdef123456",
        "4111 1111 1111 1111",
        "078-05-1120",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0",
        "-----BEGIN RSA PRIVATE KEY-----",
        "the api key: 12345",
        "f3a9c1d27b8e4f60a1b2c3d4e5f60718",
    ],
)
def test_secrets(text: str) -> None:
    assert holds_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "I live in Oslo",
        "call me on Monday at 10",
        "I manage passwords for a living",
        "order 1234567890123 arrived",
        "a migration from CommonJS to ESM",
        "Donaudampfschifffahrtsgesellschaft",
    ],
)
def test_no_secrets(text: str) -> None:
    assert not holds_secret(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("pizza, sushi and ramen", ["pizza", "sushi", "ramen"]),
        ("pizza", ["pizza"]),
        ("Ben & Jerry", ["ben & jerry"]),
        ("cats or dogs", ["cats", "dogs"]),
    ],
)
def test_items(text: str, parts: list[str]) -> None:
    assert [words(item) for item in items(tokenise(text))] == parts


@pytest.mark.parametrize(
    ("lemma", "ing", "ed", "s"),
    [
        ("lead", "leading", "led", "leads"),
        ("run", "running", "ran", "runs"),
        ("make", "making", "made", "makes"),
        ("study", "studying", "studied", "studies"),
        ("open", "opening", "opened", "opens"),
        ("plan", "planning", "planned", "plans"),
        ("watch", "watching", "watched", "watches"),
        ("die", "dying", "died", "dies"),
    ],
)
def test_forms_of_verbs(lemma: str, ing: str, ed: str, s: str) -> None:
    assert (gerund(lemma), past(lemma), third_person(lemma)) == (ing, ed, s)
    for form in (lemma, ing, ed, s):
        found = verb_form(form)
        assert found is not None
        assert found.lemma == lemma


def test_words_that_end_like_a_gerund_are_none() -> None:
    assert verb_form("morning") is None
    assert verb_form("something") is None
