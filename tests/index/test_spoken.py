"""Words of many texts at once: the same as those of each text by itself."""

from hypothesis import given
from hypothesis import strategies as st

from spectron_server.index.spoken import spoken_in
from spectron_server.index.stems import words

# Besides any characters: letters whose lower case depends on what is around them, digits of other
# scripts, what may stand between texts, and what is neither letter nor separator.
TEXTS = st.lists(
    st.text(max_size=30)
    | st.text(alphabet="aAzZ09 _.'\0\n\x1c\x7f", max_size=30)
    | st.text(
        alphabet="a\N{GREEK CAPITAL LETTER SIGMA} İß٣ \0\N{COMBINING ACUTE ACCENT}", max_size=12
    ),
    max_size=8,
)


@given(texts=TEXTS)
def test_words_are_those_of_each_text(texts: list[str]) -> None:
    spoken = spoken_in(texts)
    found: list[list[str]] = [[] for _ in texts]
    for text, number in zip(spoken.texts.tolist(), spoken.numbers.tolist(), strict=True):
        found[text].append(spoken.words[number])
    assert found == [words(text) for text in texts]
    assert len(set(spoken.words)) == len(spoken.words)


@given(texts=TEXTS)
def test_texts_with_a_word(texts: list[str]) -> None:
    wanted = {"a", "az", "z"}
    expected = {place for place, text in enumerate(texts) if wanted.intersection(words(text))}
    assert set(spoken_in(texts).texts_with(wanted).tolist()) == expected
