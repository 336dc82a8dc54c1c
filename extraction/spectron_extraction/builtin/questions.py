"""The assistant's questions, and what a short answer to them says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.clauses import Clause, interrogative, split_clauses
from spectron_extraction.builtin.lexicon import AUXILIARIES, KIN
from spectron_extraction.builtin.sentences import Sentence, split_sentences
from spectron_extraction.builtin.tokens import Phrase, Token, trim_marks, words
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Ontology

_MAX_TOKENS: Final = 30
_BEFORE_SUPPOSITION: Final = word_set(
    "so and ah oh okay ok then wait hmm great nice cool got it just"
)
_FLIPPED: Final = {
    "you": "i", "your": "my", "yours": "mine", "yourself": "myself", "i": "you", "my": "your",
    "me": "you",
}  # fmt: skip

_PATTERNS: Final[dict[str, tuple[str, ...]]] = {
    "location": (
        r"whereabouts (?:do|are) you",
        r"(?:what|which) (?:city|town|country) is your (?:university|school|office|work)",
        r"where (?:do|are) you (?:currently |now )?(?:live|living|based|located|staying)",
        r"(?:what|which) (?:city|town|country|place|state) (?:do|are) you (?:live|living|in|based)",
        r"where are you(?! (?:from|going|working|studying|headed|heading))",
        r"where (?:did|have) you (?:just )?(?:move|moved|relocate|relocated)",
        r"^(?:and )?(?:in )?(?:what|which) (?:city|town)(?: is that)?(?: \?)?$",
    ),
    "hometown": (
        r"where (?:are you|do you come) (?:\w+ )?from",
        r"where (?:did you grow up|were you born)",
        r"what is your hometown",
    ),
    "employer": (
        r"where (?:do you work|are you working)",
        r"who do you work for",
        r"(?:what|which) company do you work",
        r"who is your employer",
    ),
    "role": (
        r"what do you do(?! (?:in|on|to|with|when|after|about|if))",
        r"what do you do for (?:a living|work)",
        r"what is your (?:job|role|occupation|profession|title)",
        r"what (?:kind|sort|type) of work do you do",
        r"what do you work as",
    ),
    "address_as": (
        r"what (?:should|can|may|shall) i call you",
        r"how should i address you",
        r"what would you like (?:me to call you|to be called)",
    ),
    "name": (
        r"what is your (?:first |full )?name",
        r"what are you called",
        r"who am i (?:talking|speaking) (?:to|with)",
        r"(?:may|can|could) i (?:have|ask|get|know) your name",
    ),
    "age": (r"how old are you", r"what is your age"),
    "birthday": (r"when is your birthday", r"when were you born", r"what is your birthday"),
    "language_of_reply": (
        r"(?:what|which) language (?:should|would|shall|do) .{0,30}\b(?:reply|answer|respond|use)",
    ),
    "languages": (r"(?:what|which) languages? (?:do|can) you speak",),
    "programming_language": (r"(?:what|which) programming languages?",),
    "hobby": (
        r"what (?:are your hobbies|is your hobby)",
        r"what do you (?:like|enjoy|love) (?:to do|doing)",
        r"what do you do (?:for fun|in your (?:free|spare) time)",
    ),
    "reading": (r"what are you (?:currently )?reading",),
    "project": (r"what are you (?:currently |now )?(?:working on|building|making|developing)",),
    "learning": (r"what are you (?:currently )?learning",),
    "school": (
        r"where (?:do|did) you (?:study|go to (?:school|college|university))",
        r"which (?:school|university|college)",
    ),
    "field_of_study": (r"what (?:do|are|did) you (?:study|studying|major)",),
    "pet": (r"what (?:kind of |sort of )?(?:pets?|animals?) do you have",),
    "tool": (r"(?:what|which) (?:tools?|editor|ide|framework|software) do you (?:use|prefer)",),
    "manager": (r"who is your (?:manager|boss|supervisor)",),
    "pronouns": (r"what (?:are your pronouns|pronouns do you use)",),
    "allergy": (
        r"what are you allergic to",
        r"what allergies do you have",
        r"any (?:food )?(?:allergies|intolerances)",
    ),
    "timezone": (r"(?:what|which) time ?zone are you in", r"what is your time ?zone"),
    "nationality": (r"what is your nationality",),
    "diet": (r"what is your diet",),
    "team": (r"(?:what|which) team are you on", r"what is your team"),
    "religion": (r"what is your religion",),
    "height": (r"how tall are you", r"what is your height"),
}
"""How one asks for a key, in normal form; keys whose patterns include those of others come first
or exclude them."""

_ASKED: Final = tuple(
    (key, re.compile("|".join(rf"\b{pattern}(?!\w)" for pattern in patterns)))
    for key, patterns in _PATTERNS.items()
)
_FAVORITE: Final = re.compile(r"\b(?:what|which|who) (?:is|are) your favorite ((?:\w+ ){0,2}\w+)")
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
    for key, pattern in _ASKED:
        if pattern.search(joined):
            return OpenQuestion(key=key)
    return None


def asks_of_another(text: str, ontology: Ontology) -> bool:
    """Tells whether a turn ends by asking who or which, and not of the listener: "Who was it?".

    Args:
        text: The assistant's turn.
        ontology: The keys.
    """
    if not text.rstrip(_AFTER_MARK).endswith("?"):
        return False
    sentences = split_sentences(text[-4_000:])
    if not sentences or not sentences[-1].question:
        return False
    norms = [token.norm for token in sentences[-1].tokens]
    return (
        bool(_OPEN & set(norms))
        and not {"you", "your", "yours", "yourself"} & set(norms)
        and open_question(text, ontology) is None
    )


_AFTER_MARK: Final = " \n!.\"'\u201d\u2019)"
_OPEN: Final = word_set("who whose which what")


def last_words(text: str) -> frozenset[str]:
    """Returns the words of a turn's last sentence, in normal form.

    Args:
        text: The turn's content; empty gives none.
    """
    sentences = split_sentences(text[-4_000:])
    return frozenset(token.norm for token in sentences[-1].tokens) if sentences else frozenset()


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
        told = turned(clause.tokens)
        if told:
            yield Clause(tokens=told, connector=clause.connector)


def turned(tokens: Phrase) -> Phrase:
    """Returns a question to the listener as the speaker would answer it: "I do like jazz".

    Args:
        tokens: A clause.

    Returns:
        Nothing if it says nothing of the listener, or asks with what, where or why.
    """
    rest = trim_marks(tokens)
    while len(rest) > 1 and rest[0].norm in _BEFORE_SUPPOSITION:
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
