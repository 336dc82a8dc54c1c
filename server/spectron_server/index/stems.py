"""Words of a text as the lexical index knows them."""

import re
from typing import Final

import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

_WORD: Final = re.compile(r"[^\W_]+")

# The library's longer English list: articles, pronouns, auxiliaries, pieces of contractions.
STOP_WORDS: Final = frozenset(STOPWORDS_EN_PLUS)


def words(text: str) -> list[str]:
    """Returns the words of a text in order, in lower case: runs of letters and digits."""
    return _WORD.findall(text.lower())


def stems(text: str) -> list[str]:
    """Returns the stems of a text's words in order, without stop words.

    Stems are those of Snowball's English stemmer (Porter2); words of other languages mostly stay
    as they are.
    """
    # A stemmer must not be used by two threads at once, and making one costs a microsecond.
    stemmer = Stemmer.Stemmer("english", 0)
    found: list[str] = stemmer.stemWords([word for word in words(text) if word not in STOP_WORDS])
    return found
