"""The part of a long turn that is quoted."""

from hypothesis import given
from hypothesis import strategies as st

from spectron_server.index.excerpts import excerpt

LIMIT = 120
STEPS = [
    "Wash the jars, and keep them hot.",
    "Peel the tomatoes with a knife.",
    "Add lemon juice, so that it is safe.",
    "Boil whole tomatoes for 85 minutes.",
    "Let them cool for a day.",
    "A lid that gives has not sealed.",
]
ANSWER = " ".join(STEPS)


def test_what_is_short_is_quoted_whole() -> None:
    assert excerpt("Wash. Boil.", "How long do I boil it?", LIMIT) == "Wash. Boil."
    assert excerpt(ANSWER, "How long do I boil it?", len(ANSWER)) == ANSWER


def test_the_sentences_with_the_words_of_the_question_are_quoted() -> None:
    # With the sentence before, since there is room.
    assert excerpt(ANSWER, "How long do I boil whole tomatoes?", LIMIT) == (
        f"… {STEPS[2]} {STEPS[3]} {STEPS[4]} …"
    )
    assert excerpt(ANSWER, "Which lids have sealed?", LIMIT) == f"… {STEPS[4]} {STEPS[5]}"


def test_the_beginning_is_left_to_be_quoted_if_nothing_tells_more() -> None:
    assert excerpt(ANSWER, "How hot are the jars?", LIMIT) == ANSWER
    assert excerpt(ANSWER, "Where do I live?", LIMIT) == ANSWER
    assert excerpt(ANSWER, "", LIMIT) == ANSWER


def test_what_the_text_says_seldom_tells_most() -> None:
    text = "Tomatoes, peeled tomatoes. " * 8 + "Plums are boiled for an hour. " + "Then rest. " * 9
    assert "Plums" in excerpt(text, "tomatoes and plums", LIMIT)


def test_a_line_of_a_list_is_a_sentence_and_a_long_one_is_cut() -> None:
    listed = "\n".join(f"- **Point {number}**: nothing much here" for number in range(20))
    assert "Point 17" in excerpt(listed, "What is point 17?", LIMIT)
    endless = "word " * 200 + "needle " + "word " * 200
    assert "needle" in excerpt(endless, "Where is the needle?", LIMIT * 2)


@given(st.text(alphabet="ab .!?\n-", max_size=900), st.text(alphabet="ab ", max_size=20))
def test_it_is_a_part_of_the_text_within_the_limit(text: str, question: str) -> None:
    part = excerpt(text, question, LIMIT * 2)
    assert part == text or (len(part) <= LIMIT * 2 and part.strip("… ") in text)
