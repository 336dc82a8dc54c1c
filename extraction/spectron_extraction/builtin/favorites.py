"""Favourites and identities put the other way round: "blue is my favourite", "Omar is my name".

Three forms share one reading: what stands before "is my favourite", what stands beside "my
favourite" with a comma, and "mine is ..." after somebody spoke of favourites.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.guards import GUARDS, is_role
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    OPENERS,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
)
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    items,
    name_like,
    trim,
    usable,
    without_article,
    written,
)
from spectron_extraction.builtin.verbs import FORMS, verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Cardinality, Ontology, ValueType
from spectron_extraction.protocol import EntityRef

_BE: Final = word_set("is are was were be 's am been")
_FAVORITE: Final = word_set("favorite favorites fave faves favs fav")
_MAX_KIND: Final = 3
_MAX_VALUE: Final = 8
_LIKED: Final = word_set(
    "jam thing weakness passion life favorite favorites obsession addiction happy-place choice "
    "go-to pleasure escape downfall comfort color season"
)
_INVERSE: Final[dict[str, str]] = {
    "name": "name", "job": "role", "profession": "role", "occupation": "role", "career": "role",
    "trade": "role", "hobby": "hobby", "hobbies": "hobby", "pastime": "hobby", "sport": "hobby",
    "specialty": "expertise", "speciality": "expertise", "major": "field_of_study",
    "hometown": "hometown", "town": "hometown", "employer": "employer", "nickname": "nickname",
    **dict.fromkeys(_LIKED, "likes"),
}  # fmt: skip
"""A noun after "is my" and the key of what stands before it."""

_DEICTIC: Final = SUBJECT_PRONOUNS | word_set(
    "one ones what which who mine yours his hers theirs here there both"
)
_OF_ALL: Final = word_set(
    "of in for to right because by too so by-far ever since from on at though"
)
_BEFORE_NOUN: Final = word_set(
    "only real biggest main first other true greatest big new actual go-to guilty top usual default"
)
_POINTERS: Final = word_set("it which that this they these those he she")
_BEFORE_PHRASE: Final = (
    PREPOSITIONS
    | ADVERBS
    | _BE
    | AUXILIARIES
    | SUBJECT_PRONOUNS
    | word_set("which because but since a an the my your his her some any no me him them us")
)
_LIKING: Final = word_set("like love enjoy prefer eat drink crave adore")
_MINE: Final = word_set("mine mines")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """A clause that may state a favourite.

    Attributes:
        text: The turn's content.
        tokens: The clause.
        before: The clause or sentence before, to which "which is my favourite" may point.
        user: The user.
        ontology: The keys.
    """

    text: str
    tokens: Phrase
    before: Phrase
    user: EntityRef
    ontology: Ontology

    def claim(self, key: str, phrase: Phrase) -> Iterator[Claim]:
        """Yields the claim that a phrase is the value of a key, one for each item of a list."""
        many = self.ontology.cardinality(key) is Cardinality.MANY
        definition = self.ontology.definition(key)
        value_type = definition.value_type if definition else ValueType.TEXT
        for item in items(phrase) if many else (phrase,):
            value = written(self.text, item, value_type)
            if value:
                yield Claim(entity=self.user, key=key, value=value, tokens=self.tokens)


def favorite_claims(stated: Stated, topic: str) -> Iterator[Claim]:
    """Yields the favourites and identities that a clause states the other way round.

    Args:
        stated: The clause.
        topic: The kind of favourite spoken of before, such as `color`; empty: none.
    """
    tokens = stated.tokens
    norms = [token.norm for token in tokens]
    for index, word in enumerate(norms):
        if word in {"my", "our"} and index + 1 < len(tokens):
            if norms[index + 1] in _FAVORITE:
                yield from _beside(stated, index)
            elif index and (
                norms[index - 1] in _BE | ADVERBS | {","}
                or norms[max(0, index - 2) : index] == ["one", "of"]
            ):
                yield from _inverse(stated, index)
        elif word == "best" and norms[index - 1 : index] in (["the"], ["my"]):
            yield from _best(stated, index)
        elif word == "what" and norms[index - 1 : index] in (["is"], ["are"]):
            yield from _cleft(stated, index)
        elif word in _MINE and topic and norms[index + 1 : index + 2] in (["is"], ["are"], ["be"]):
            yield from _favorite(stated, trim(cut(tokens[index + 2 :], at=_OF_ALL)), topic)


def favorite_topic(tokens: Phrase) -> str:
    """Returns the kind of favourite that a sentence speaks of: `color`, or empty.

    Args:
        tokens: A sentence of the user or of the assistant.
    """
    for index in range(len(tokens) - 1, -1, -1):
        if tokens[index].norm in _FAVORITE:
            return "_".join(_kind(tokens[index + 1 :]))
    return ""


def _kind(tokens: Phrase) -> list[str]:
    """Returns the words after "favourite" that say of what kind."""
    kind: list[str] = []
    for token in tokens[:_MAX_KIND]:
        form = FORMS.get(token.norm)
        ends = token.norm in _BE | _OF_ALL | PREPOSITIONS | _DEICTIC or not token.word
        if ends or token.norm in ADVERBS or token.norm in {"and", "or", "but", "the", "a"}:
            break
        if kind and form and (form.third or form.past):
            break
        kind.append(token.norm)
    return kind


def _beside(stated: Stated, index: int) -> Iterator[Claim]:
    """Reads what stands before "is my favourite ...", or beside it with a comma."""
    kind = _kind(stated.tokens[index + 2 :])
    if kind[:1] == ["color"] and len(kind) == 2:  # "My favorite color blue"
        place = index + 2 + len(kind)
        yield from _favorite(stated, stated.tokens[place - 1 : place], "color")
        return
    before = _before(stated, index)
    if before:
        yield from _favorite(stated, before, "_".join(kind))
        return
    follows = stated.tokens[index + 2 + len(kind) :]
    if follows and follows[0].norm in {",", ":", "-", "\u2014"} and kind:
        value = trim(cut(follows[1:], at=_OF_ALL | {","}))
        forms = [FORMS[token.norm] for token in value if token.norm in FORMS]
        if value and not any(form.third or form.past for form in forms):
            yield from _favorite(stated, value, "_".join(kind))


def _before(stated: Stated, index: int) -> Phrase:
    """Returns the noun phrase in "<it> is my favourite", "<it>, my favourite"."""
    tokens, end = stated.tokens, index
    while end and tokens[end - 1].norm in ADVERBS | {"one", "of", "'s"}:
        end -= 1
    if not end:
        return ()
    linked = tokens[end - 1].norm in _BE
    if not linked and tokens[end - 1].word:
        return ()
    end -= 1
    while end > 1 and tokens[end - 1].norm in ADVERBS | {"has", "have"}:
        end -= 1  # "Tennis has always been"
    phrase, _, _ = strip_openers(trim_marks(tokens[:end]))
    if words(phrase) in OPENERS:
        return ()
    if linked and (not phrase or (len(phrase) == 1 and phrase[0].norm in _POINTERS)):
        return last_noun_phrase(stated.before)
    if linked and phrase[-1].norm in _POINTERS:
        return last_noun_phrase(phrase[:-1])
    return phrase and last_noun_phrase(phrase, whole=linked)


def last_noun_phrase(tokens: Phrase, *, whole: bool = False) -> Phrase:
    """Returns the noun phrase at the end of a clause: what "it" or an apposition is about.

    Args:
        tokens: The clause.
        whole: Whether the clause is a noun phrase already, of which prepositions are a part.
    """
    phrase = trim(tokens)
    ends = _BEFORE_PHRASE | FORMS.keys()
    for place in range(len(phrase) - 1, -1, -1):
        token = phrase[place]
        stops = not token.word and token.norm not in {",", "&", "-"}
        if stops or (not whole and token.norm in ends and place < len(phrase) - 1):
            titled = token.norm == "the" and token.capital and phrase[place + 1].capital
            phrase = phrase[place if titled and place else place + 1 :]  # "The Overstory"
            break
    return trim(phrase)


def _best(stated: Stated, index: int) -> Iterator[Claim]:
    """Reads "the best food is ramen"."""
    kind = _kind(stated.tokens[index + 1 :])
    rest = stated.tokens[index + 1 + len(kind) :]
    link = next((i for i, token in enumerate(rest[:4]) if token.norm in {"is", "are", "'s"}), -1)
    if len(kind) == 1 and kind[0] in _KINDS and link >= 0:
        yield from _favorite(stated, trim(cut(rest[link + 1 :], at=_OF_ALL)), kind[0])


_KINDS: Final = word_set(
    "food foods sport sports place places movie movies film book books band song songs game games "
    "show shows drink drinks animal animals color season music city country dish dessert pet snack"
)


def _inverse(stated: Stated, index: int) -> Iterator[Claim]:
    """Reads "Omar is my name", "teaching is my passion"."""
    tokens = stated.tokens
    place = index + 1
    while place < len(tokens) - 1 and tokens[place].norm in _BEFORE_NOUN:
        place += 1
    if words(tokens[place : place + 2]) == "home town":
        place += 1
    last = place + 1 >= len(tokens) or tokens[place + 1].norm in _OF_ALL | {",", "and", "but"}
    key = _INVERSE.get(tokens[place].norm)
    if tokens[index - 1].norm == "," and key not in {"hometown", "employer"}:
        return
    before = _before(stated, index)
    if key is None or not last or not before or len(before) > _MAX_VALUE or not _sayable(before):
        return
    if key in {"name", "nickname"} and not name_like(before, longest=3):
        return
    if key == "role" and not is_role(before):
        form = verb_form(before[0].norm)
        if form is None or not form.gerund:
            return
        before = without_article(before[1:] if before[0].norm == "being" else before)
    yield from stated.claim(key, before)


def _cleft(stated: Stated, index: int) -> Iterator[Claim]:
    """Reads "pizza is what I love"."""
    verb = [token.norm for token in stated.tokens[index + 1 : index + 4]]
    before = last_noun_phrase(strip_openers(trim_marks(stated.tokens[: index - 1]))[0], whole=True)
    liking = verb[:1] == ["i"] and bool(set(verb[1:]) & _LIKING)
    if liking and 0 < len(before) <= _MAX_VALUE and _sayable(before):
        yield from stated.claim("likes", before)


def _favorite(stated: Stated, phrase: Phrase, kind: str) -> Iterator[Claim]:
    if phrase and len(phrase) <= _MAX_VALUE and _sayable(phrase):
        yield from stated.claim(favorite_key(kind, stated.ontology), phrase)


def favorite_key(kind: str, ontology: Ontology) -> str:
    """Returns the key of a favourite of a kind; without a kind it is something liked.

    Args:
        kind: The kind as said, words joined by underscores: `colors`.
        ontology: The keys.
    """
    kind = _KIND_OF.sub("", kind).partition("_of_")[0]  # "film of all time"
    parts = [part for part in kind.split("_") if part and part not in {"right", "new", "type"}]
    if parts[-2:] == ["to", "do"]:
        return "hobby"  # "My favorite thing to do"
    if not parts or parts[-1] in {"thing", "things", "stuff", "part", "parts", "ones", "kind"}:
        return "likes"
    if parts[-1].endswith("s") and parts[-1] not in _ALWAYS_S and not parts[-1].endswith("ss"):
        parts[-1] = (
            parts[-1].removesuffix("ies") + "y"
            if parts[-1].endswith("ies")
            else (parts[-1].removesuffix("s"))
        )
    return ontology.canonical("favorite_" + "_".join(parts))


_KIND_OF: Final = re.compile(r"^(?:kind|type|form|sort|way|genre|style)s?_of_")
_ALWAYS_S: Final = word_set("series chess news species jeans")


def _sayable(phrase: Phrase) -> bool:
    """Tells a noun phrase from a clause and from what only points."""
    norms = [token.norm for token in phrase]
    if norms[0] in _DEICTIC or norms[-1] in _DEICTIC or not usable(phrase):
        return False
    if not GUARDS["likeable"](phrase):
        return False
    return not any(norm in {"i", "you", "not", "your", "is", "are", "what", "if"} for norm in norms)
