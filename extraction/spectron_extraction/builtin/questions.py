"""The assistant's questions, and what a short answer to them says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.clauses import Clause, interrogative, split_clauses
from spectron_extraction.builtin.lexicon import AUXILIARIES, KIN
from spectron_extraction.builtin.sentences import Sentence, split_sentences
from spectron_extraction.builtin.tokens import Phrase, Token, trim_marks, words
from spectron_extraction.ontology import Ontology

_MAX_TOKENS: Final = 30
_FLIPPED: Final = {
    "you": "i", "your": "my", "yours": "mine", "yourself": "myself", "i": "you", "my": "your",
    "me": "you",
}  # fmt: skip

_ASKED: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"\bwhere (?:do|are) you (?:currently |now )?(?:live|living|based|located|staying)\b", "location"),
        (r"\b(?:what|which) (?:city|town|country|place|state) (?:do|are) you (?:live|living|in|based)", "location"),
        (r"\bwhere are you\b(?! (?:from|going|working|studying))", "location"),
        (r"\bwhere (?:did|have) you (?:just )?(?:move|moved|relocate)", "location"),
        (r"\bwhere (?:are you|do you come) (?:\w+ )?from\b|\bwhere did you grow up\b|\bwhere were you born\b", "hometown"),
        (r"\bwhere do you work\b|\bwho do you work for\b|\b(?:what|which) company do you work\b", "employer"),
        (r"\bwho is your employer\b|\bwhere are you working\b", "employer"),
        (r"\bwhat do you do\b(?! (?:in|on|to|with|when|after|about|if))|\bwhat is your (?:job|role|occupation|profession|title)\b", "role"),
        (r"\bwhat (?:kind|sort|type) of work do you do\b|\bwhat do you work as\b|\bwhat do you do for (?:a living|work)\b", "role"),
        (r"\bwhat is your (?:first |full )?name\b|\bwhat are you called\b|\bwho am i (?:talking|speaking) (?:to|with)\b", "name"),
        (r"\bmay i (?:have|ask) your name\b|\bcan i (?:have|get) your name\b", "name"),
        (r"\bwhat (?:should|can|may|shall) i call you\b|\bhow should i address you\b", "address_as"),
        (r"\bhow old are you\b|\bwhat is your age\b", "age"),
        (r"\bwhen is your birthday\b|\bwhen were you born\b", "birthday"),
        (r"\b(?:what|which) languages? (?:do you speak|are you fluent)", "languages"),
        (r"\b(?:what|which) language (?:should|would|shall|do) .{0,30}\b(?:reply|answer|respond|use)\b", "language_of_reply"),
        (r"\b(?:what|which) programming languages?\b", "programming_language"),
        (r"\bwhat are your hobbies\b|\bwhat do you (?:like|enjoy) (?:to do|doing)\b|\bwhat do you do (?:for fun|in your (?:free|spare) time)\b", "hobby"),
        (r"\bwhat are you (?:currently )?(?:reading)\b", "reading"),
        (r"\bwhat are you (?:currently )?(?:learning)\b", "learning"),
        (r"\bwhere (?:do|did) you (?:study|go to (?:school|college|university))\b|\bwhich (?:school|university|college)\b", "school"),
        (r"\bwhat (?:do|are|did) you (?:study|studying|major)", "field_of_study"),
        (r"\bwhat is your (?:nationality|diet|team|religion|hometown|birthday|height|timezone|time zone)\b", ""),
        (r"\bwhat (?:pets|animals) do you have\b|\bwhat kind of pets?\b", "pet"),
        (r"\b(?:what|which) (?:tools?|editor|ide|framework|software) do you (?:use|prefer)\b", "tool"),
        (r"\bwho is your (?:manager|boss|supervisor)\b", "manager"),
        (r"\bwhat are your pronouns\b|\bwhat pronouns do you use\b", "pronouns"),
        (r"\bwhat are you allergic to\b|\bwhat allergies do you have\b", "allergy"),
        (r"\bwhat time ?zone are you in\b", "timezone"),
    )
)  # fmt: skip
_FAVORITE: Final = re.compile(r"\b(?:what|which|who) (?:is|are) your favorite ((?:\w+ ){0,2}\w+)")
_YOURS: Final = re.compile(
    r"\bwhat is your (nationality|diet|team|religion|hometown|birthday|height|timezone|time zone)\b"
)
_NAME_OF: Final = re.compile(
    r"\bwhat is your (\w+) (?:name|called)\b|\bwhat is your (\w+) 's name\b"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenQuestion:
    """A question that asks for a value: the key, and the relative whose name is asked for."""

    key: str
    relative: str = ""


def open_question(text: str, ontology: Ontology) -> OpenQuestion | None:
    """Returns what the last question of an assistant's turn asks for.

    Args:
        text: The turn's content.
        ontology: The keys.

    Returns:
        None if it asks nothing, or nothing that the rules know.
    """
    question = _last_question(text)
    if question is None:
        return None
    joined = words(question.tokens)
    favorite = _FAVORITE.search(joined)
    if favorite:
        kind = favorite[1].split(" to ")[0].split(" and ")[0]
        key = ontology.canonical("favorite_" + kind)
        return OpenQuestion(key=key)
    name = _NAME_OF.search(joined)
    if name:
        relative = name[1] or name[2]
        if relative not in {"first", "full", "last", "middle"}:
            return OpenQuestion(key="", relative=relative)
    for pattern, key in _ASKED:
        match = pattern.search(joined)
        if match:
            yours = _YOURS.search(joined)
            return OpenQuestion(key=key or ontology.canonical(yours[1] if yours else "note"))
    return None


def suppositions(text: str) -> Iterator[Clause]:
    """Yields what an assistant's turn supposes of the user, turned into the user's own words.

    "Are you based in New York?" gives "I are based in New York"; "So you live in Oslo." gives
    "so I live in Oslo". The tokens keep their places in the assistant's text.

    Args:
        text: The turn's content.
    """
    sentences = split_sentences(text[-4_000:])
    if not sentences:
        return
    offset = max(0, len(text) - 4_000)
    sentence = sentences[-1]
    tokens = [
        token._replace(start=token.start + offset, end=token.end + offset)
        for token in sentence.tokens[:_MAX_TOKENS]
    ]
    for clause in split_clauses(tokens):
        turned = _turned(clause.tokens)
        if turned:
            yield Clause(tokens=turned, connector=clause.connector)


def _turned(tokens: Phrase) -> Phrase:
    rest = trim_marks(tokens)
    while len(rest) > 1 and rest[0].norm in {"so", "and", "ah", "oh", "okay", "ok", "then", "wait",
            "hmm", "great", "nice", "cool", "got", "it", "just"} and rest[0].norm not in AUXILIARIES:  # fmt: skip
        rest = trim_marks(rest[1:])
    if not rest or not {token.norm for token in rest} & {"you", "your"}:
        return ()
    if interrogative(rest) and rest[0].norm in AUXILIARIES and len(rest) > 2:
        length = _subject_length(rest)
        if length:
            rest = [*rest[1 : 1 + length], rest[0], *rest[1 + length :]]
    elif interrogative(rest):
        return ()
    return [_flip(token) for token in rest]


def _subject_length(tokens: Phrase) -> int:
    """Returns how many tokens after the auxiliary are the subject."""
    if tokens[1].norm == "you":
        return 1
    if tokens[1].norm != "your":
        return 0
    # "Is your sister Aoife a vet?", "Is your name Al?": the noun, and a name after a relative.
    length = 2
    if tokens[2].norm in KIN and len(tokens) > 4 and tokens[3].capital:
        length = 3
    return length if len(tokens) > 1 + length else 0


def _flip(token: Token) -> Token:
    return token._replace(norm=_FLIPPED.get(token.norm, token.norm))


def _last_question(text: str) -> Sentence | None:
    for sentence in reversed(split_sentences(text[-4_000:])):
        if sentence.question or interrogative(sentence.tokens):
            return sentence
    return None


def asks(text: str) -> bool:
    """Tells whether a turn ends with a question."""
    sentences = split_sentences(text[-4_000:])
    return bool(sentences) and (sentences[-1].question or interrogative(sentences[-1].tokens))
