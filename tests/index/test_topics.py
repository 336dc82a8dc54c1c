"""Topics of questions: the file that names them, which are found, and what they do to a search."""

import pytest

from spectron_extraction.ontology import Ontology
from spectron_server.index.scope_index import ScopeIndex
from spectron_server.index.search import search
from spectron_server.index.stems import stems_of
from spectron_server.index.topics import Topics
from tests.index.builders import NOW, EmbeddedItem, add, belief, day, turn

TOPICS = Topics.load()
ONTOLOGY = Ontology.load()


def names(question: str) -> list[str]:
    return [topic.name for topic in TOPICS.of(question)]


def ids(question: str, *items: EmbeddedItem, known: Topics = TOPICS) -> list[str]:
    index = ScopeIndex()
    add(index, items)
    hits = search(question, None, [index], top_k=10, now=NOW, topics=known.of(question))
    return [hit.item.id for hit in hits]


def test_every_topic_is_asked_for_has_known_keys_and_words() -> None:
    for topic in TOPICS:
        assert all(topic.asked), topic.name
        assert topic.stems, topic.name
        assert topic.keys, topic.name
        assert {key for key in topic.keys if ONTOLOGY.definition(key) is None} == set(), topic.name
        # A name that were a stem would take its place in a question.
        assert topic.name not in stems_of([topic.name.strip("[]")])


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What do I do for a living?", "[role]"),
        ("Where does Ann live?", "[residence]"),
        ("Where did I grow up?", "[origin]"),
        ("Which authors do I read?", "[books]"),
        ("What do I do in my free time?", "[leisure]"),
        ("What are my interests?", "[leisure]"),
        ("Which interests do I have?", "[leisure]"),
        ("WHAT DOES SHE LOOK LIKE?", "[looks]"),
    ],
)
def test_a_question_names_topics_in_any_form(question: str, expected: str) -> None:
    assert expected in names(question)


def test_all_words_of_a_phrase_must_be_there() -> None:
    assert "[leisure]" not in names("What is the time?")
    assert names("Which places do I find interesting?") == ["[places]"]
    assert names("Hm?") == []
    assert names("") == []


def test_a_question_is_about_few_topics() -> None:
    everything = " ".join(" ".join(phrase) for topic in TOPICS for phrase in topic.asked)
    assert len(names(everything)) == 8


def test_words_of_a_topic_find_who_does_not_name_it() -> None:
    turns = [
        turn("turn:1", "The bus was late again.", observed_at=day(2)),
        turn("turn:2", "I couldn't put that novel down.", observed_at=day(1)),
    ]
    question = "Which authors do I admire?"
    assert ids(question, *turns)[0] == "turn:2"
    assert ids(question, *turns, known=Topics([]))[0] == "turn:1"


def test_a_fact_of_a_key_that_answers_goes_first() -> None:
    facts = [
        belief("fact:1", "Oslo", source=None, observed_at=day(2), key="school"),
        belief("fact:2", "Oslo", source=None, observed_at=day(1), key="employer"),
    ]
    assert ids("Where do I work?", *facts) == ["fact:2", "fact:1"]
    assert ids("Where do I study?", *facts) == ["fact:1", "fact:2"]


def test_who_asks_for_a_name_gets_what_holds_one() -> None:
    turns = [
        turn("turn:1", "That film was by somebody else.", observed_at=day(2)),
        turn("turn:2", "That film was by Agnes Varda.", observed_at=day(1)),
    ]
    assert ids("Which films?", *turns) == ["turn:2", "turn:1"]
    assert ids("What else?", *turns) == ["turn:1", "turn:2"]
