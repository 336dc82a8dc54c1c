"""How the user wants to be answered: form, style, tone, language and what to leave out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.answer_words import ANSWER_NOUNS, AVOIDABLE, FORMATS, STYLES, TONES
from spectron_extraction.builtin.lexicon import (
    ARTICLES,
    LANGUAGES,
)
from spectron_extraction.builtin.tokens import Phrase, slice_of, trim_marks, words
from spectron_extraction.builtin.values import cut
from spectron_extraction.builtin.wordlists import word_set

_LEFT_OUT: Final = word_set(
    "your the my all more to in with as of for using use being a an and or you be me please very "
    "really always only just give style form format way that are is instead when possible rather "
    "over language tone it any some more"
)
_COMPARISONS: Final = frozenset({"over", "to", "than", "instead", "rather"})
_UNITS: Final = word_set("metric imperial celsius fahrenheit kilometers kilometres miles")
_BEFORE_AVOIDED: Final = word_set(
    "the any all your using those these such super very really so big huge giant endless overly too"
)
_AFTER_AVOIDED: Final = frozenset({"with", "that", "when", "full", ","})
_MAX_TOKENS: Final = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class Preference:
    """A wish about answers: the key of the instructions category and its value."""

    key: str
    value: str


def answer_preferences(phrase: Phrase, *, answering: bool = False) -> Iterator[Preference]:
    """Yields the wishes that a phrase such as "short answers in French" tells.

    Args:
        phrase: What is preferred, or how answers are to be.
        answering: Whether the words before it have said that it is about answers.

    Returns:
        Nothing if the phrase is not clearly about answers.
    """
    tokens = _first_alternative(trim_marks(cut(phrase)))
    if not tokens or len(tokens) > _MAX_TOKENS:
        return
    norms = [token.norm for token in tokens]
    about_answers = answering or bool(set(norms) & (ANSWER_NOUNS | {"tone"}))
    found: list[Preference] = []
    used: set[int] = set()
    for index in range(len(tokens)):
        for length in (2, 1):
            part = " ".join(norms[index : index + length])
            form = FORMATS.get(part) if index + length <= len(tokens) else None
            if form and not used & set(range(index, index + length)):
                found.append(Preference(key="response_format", value=form))
                used.update(range(index, index + length))
    # A form joined to "response" by a hyphen or blank: "bullet-point responses".
    certain = about_answers or bool(found)
    for index, word in enumerate(norms):
        if index in used or (index and norms[index - 1] == "not"):
            continue
        if word in STYLES and certain:
            found.append(Preference(key="response_style", value=word))
            used.add(index)
        elif word in TONES and (about_answers or "tone" in norms):
            found.append(Preference(key="tone", value=word))
            used.add(index)
        elif word in LANGUAGES and about_answers:
            found.append(Preference(key="language_of_reply", value=word.title()))
            used.add(index)
    unexplained = [
        word
        for index, word in enumerate(norms)
        if index not in used
        and word not in _LEFT_OUT
        and word not in ANSWER_NOUNS
        and word[0].isalnum()
    ]
    # "JSON over XML" is a taste in formats, not a wish about answers, unless it says so; and
    # "short stories" is about stories.
    if not found or (unexplained and not about_answers) or len(unexplained) > 4:
        return
    if not about_answers and not _only_answers_have(found):
        return
    yield from found


def avoided(text: str, phrase: Phrase) -> Iterator[str]:
    """Yields what a phrase says to leave out, if only answers hold it: "filler phrases".

    Args:
        text: The turn's content.
        phrase: What is disliked or to be avoided.
    """
    tokens = trim_marks(cut(phrase, at=_AFTER_AVOIDED))
    start = 0
    while start < len(tokens) - 1 and tokens[start].norm in _BEFORE_AVOIDED:
        start += 1
    tokens = tokens[start:]
    joined = words(tokens)
    for part in joined.replace(" or ", ",").replace(" and ", ",").split(","):
        bare = part.strip().removeprefix("your ").removeprefix("the ").removeprefix("any ")
        if bare in AVOIDABLE:
            yield bare
    norms = {token.norm for token in tokens}
    if 1 < len(tokens) <= 6 and norms & ANSWER_NOUNS and norms & (STYLES | TONES):
        yield slice_of(text, tokens)


def units(phrase: Phrase) -> str | None:
    """Returns the units of measurement that a phrase names, such as `metric units`."""
    norms = [token.norm for token in phrase if token.norm not in ARTICLES]
    for word in norms:
        if word in _UNITS and len(norms) <= 5:
            return f"{word} units" if word in {"metric", "imperial"} else word.title()
    return None


def _only_answers_have(found: list[Preference]) -> bool:
    return any(
        preference.key == "response_format"
        and preference.value in {"bullet points", "plain text", "full sentences", "code blocks",
            "bulleted lists", "numbered lists", "code examples", "short paragraphs"}
        for preference in found
    )  # fmt: skip


def _first_alternative(tokens: Phrase) -> Phrase:
    """Returns what is preferred in "short answers over long ones"."""
    for index, token in enumerate(tokens):
        if index and token.norm in _COMPARISONS and token.norm != "to":
            return tokens[:index]
    return tokens
