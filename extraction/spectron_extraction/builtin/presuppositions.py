"""What "my ..." takes for granted: "my dog ate it" tells of a dog, whatever else it tells.

A possessive presupposes what it names, also where the sentence denies, wishes or supposes; so
sentences are read here as wholes. What is found says little, and gives way to anything that is
known of the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.entities import Discourse, kin_key, read_relation, shares_activity
from spectron_extraction.builtin.favorites import favorite_key
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    KIN,
    NATIONALITIES,
    PLACE_NAMES,
    PLURAL_KIN,
    PREPOSITIONS,
    RELIGIONS,
    SINGLE_KIN,
    SUBJECT_PRONOUNS,
    WH_WORDS,
)
from spectron_extraction.builtin.losses import flown, speaks_of_death, speaks_of_parting
from spectron_extraction.builtin.things import BODY_MARKS, BODY_PARTS, FAVORITE_KINDS, OWNED, RENTED
from spectron_extraction.builtin.tokens import Phrase, slice_of, words
from spectron_extraction.builtin.values import cut, name_like, usable, with_article
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Ontology

_CONFIDENCE: Final = 0.75
_WINDOW: Final = 6
_STOPS: Final = (
    PREPOSITIONS
    | AUXILIARIES
    | DETERMINERS
    | SUBJECT_PRONOUNS
    | WH_WORDS
    | word_set(
        "and or but because so if own way favorite favorites friend friend's dream next future"
    )
)
_OTHERS_THINGS: Final = word_set(
    "'s food toy toys bed house shop store name names sitter walker trainer owner owners show park "
    "vet doctor video videos picture pictures photo photos hair allergy insurance dealer keys "
    "dealership payment loan wash crash accident door window seat ride rental ticket color shelter"
)
_NEWEST: Final = word_set("new old current first second last favorite dear late poor sweet beloved")
_TASTES: Final = ("likes", "favorite_", "hobby")
_FAVORITE: Final = word_set("favorite fav fave")
_CHILDREN: Final = {
    "son": "a son", "daughter": "a daughter", "sons": "sons", "daughters": "daughters",
    "kids": "kids", "children": "children", "child": "a child", "kid": "a child",
    "baby": "a baby", "toddler": "a toddler", "stepson": "a stepson",
    "stepdaughter": "a stepdaughter",
}  # fmt: skip
_SIBLINGS: Final = {
    "sister": "a sister", "brother": "a brother", "sisters": "sisters", "brothers": "brothers",
    "siblings": "siblings", "sibling": "a sibling", "twin": "a twin",
}  # fmt: skip
_GRANDCHILDREN: Final = {
    "grandchildren": "grandchildren", "grandkids": "grandchildren", "grandchild": "a grandchild",
    "grandkid": "a grandchild", "grandson": "a grandson", "granddaughter": "a granddaughter",
}  # fmt: skip
_COUNTED: Final = (
    ("children", _CHILDREN), ("siblings", _SIBLINGS), ("grandchildren", _GRANDCHILDREN)
)  # fmt: skip
"""Keys of which one value tells how many there are, with what a relative alone tells of them."""

_MARITAL: Final = {
    "wife": "married", "husband": "married", "spouse": "married", "hubby": "married",
    "fiance": "engaged", "fiancee": "engaged",
    **dict.fromkeys(("girlfriend", "gf"), "in a relationship with a girlfriend"),
    **dict.fromkeys(("boyfriend", "bf"), "in a relationship with a boyfriend"),
    "ex-wife": "divorced", "ex-husband": "divorced",
}  # fmt: skip
_GONE: Final = word_set("passed stolen sold lost totaled")
_FORMER: Final = word_set("ex former late dead deceased previous")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A noun after "my": the words before it and the word itself, and a few that follow."""

    tokens: Phrase
    noun: str
    phrase: Phrase
    after: Phrase = ()


def presupposed(
    text: str,
    tokens: Phrase,
    *,
    discourse: Discourse,
    told: Iterable[tuple[str, str]],
    question: bool = False,
) -> Iterator[Claim]:
    """Yields what the possessives of a sentence take for granted.

    Args:
        text: The turn's content.
        tokens: The sentence.
        discourse: Whom it is about.
        told: Keys and values that are known of the user or were told in this turn.
        question: Whether it asks: "what can I feed my dog" takes the dog for granted, but "is my
            sister a vet" asks about what is remembered of her.
    """
    if {token.norm for token in tokens} & _GONE or speaks_of_death(tokens):
        return  # "My dog died": there is none.
    known = [(key, value.casefold()) for key, value in told]
    for key, favored in () if question else _favored(tokens, discourse.ontology):
        value = slice_of(text, favored)
        tastes = [said for told_key, said in known if told_key.startswith(_TASTES)]
        if not any(value.casefold() in said for said in tastes):
            yield Claim(
                entity=discourse.user,
                key=key,
                value=value,
                tokens=tokens,
                confidence=_CONFIDENCE,
            )
    parted = speaks_of_parting(tokens)
    for found in _possessed(tokens, question=question):
        if flown(found.noun, found.after):
            continue
        if parted and found.noun in _MARITAL:
            continue  # "My girlfriend broke up with me"
        for key, value in _taken_for_granted(text, found, discourse):
            if _is_known(key, value, found.noun, known):
                continue
            named = {value.casefold().partition(" named ")[0]} - {value.casefold()}
            yield Claim(
                entity=discourse.user,
                key=key,
                value=value,
                tokens=found.tokens,
                confidence=_CONFIDENCE,
                # "A dog" gives way to "a dog named Bica".
                previous_value=next((v for k, v in known if k == key and v in named), None),
            )
            known.append((key, value.casefold()))


def _favored(tokens: Phrase, ontology: Ontology) -> Iterator[tuple[str, Phrase]]:
    """Yields the key and the words of a favorite that is mentioned along the way.

    "We got my favorite ice cream" tells ice cream, "a video of my favorite band, Muse" Muse, and
    "my favorite band" nothing.
    """
    for index in range(1, len(tokens) - 2):
        if tokens[index].norm not in {"my", "our"} or tokens[index + 1].norm not in _FAVORITE:
            continue
        before = tokens[index - 1].norm
        if not tokens[index - 1].word or before in AUXILIARIES | {"'s", "is", "are", "was", "be"}:
            continue
        start = index + 2
        phrase = _up_to_verb(tokens[start : start + _WINDOW])
        after = tokens[start + len(phrase) : start + len(phrase) + 1 + _WINDOW]
        if not phrase or len(phrase) > 4 or (after and after[0].norm in AUXILIARIES):
            continue
        kind = phrase[-1].norm
        if kind not in FAVORITE_KINDS and kind.removesuffix("s") not in FAVORITE_KINDS:
            if usable(phrase) and FORMS.get(phrase[0].norm) is None:
                yield "likes", phrase
        elif len(phrase) == 1 and after and after[0].norm == ",":
            named = _up_to_verb(after[1:], within=frozenset({"of", "the"}))
            if named and usable(named) and len(named) <= 5:
                yield favorite_key(kind, ontology), named


def _up_to_verb(tokens: Phrase, within: frozenset[str] = frozenset()) -> Phrase:
    """Returns the noun phrase at the beginning, with words that a title may hold `within`."""
    ends = (_STOPS | ADVERBS | {","}) - within
    return cut(tokens, at=ends) if tokens and tokens[0].norm not in ends else ()


def _possessed(tokens: Phrase, *, question: bool) -> Iterator[_Found]:
    """Yields the nouns after each "my", those joined to them by "and" as well."""
    for index, token in enumerate(tokens):
        if token.norm not in {"my", "our"}:
            continue
        if index and tokens[index - 1].norm == "not":
            continue
        if question and (not index or tokens[index - 1].norm in AUXILIARIES | WH_WORDS | {"'s"}):
            continue
        start: int | None = index + 1
        while start is not None:
            found, start = _noun_after(tokens, index, start)
            if found is not None:
                yield found


def _noun_after(tokens: Phrase, index: int, start: int) -> tuple[_Found | None, int | None]:
    """Returns the noun of a phrase, and where one that is joined to it by "and" begins."""
    for place in range(start, min(start + _WINDOW, len(tokens))):
        word = tokens[place].norm
        if word in _STOPS or not tokens[place].word:
            return None, None
        form = FORMS.get(word)
        if place > start and form and (form.third or form.past) and word not in OWNED:
            return None, None
        follower = tokens[place + 1].norm if place + 1 < len(tokens) else ""
        if (word in KIN or word.removesuffix("s") in KIN) and follower in OWNED:
            return None, None  # "My parents farm" and "my moms restaurant" are theirs.
        if not (word in KIN or word in ANIMALS or word in OWNED or word in BODY_PARTS):
            continue
        if follower in KIN or follower in ANIMALS or follower in OWNED:
            continue
        if word not in KIN and follower in _OTHERS_THINGS and follower != "'s":
            return None, None
        if (word in OWNED or word in BODY_PARTS) and _in_compound(tokens, place):
            return None, None
        found = _Found(
            tokens=tokens[index : place + 1],
            noun=word,
            phrase=tokens[start : place + 1],
            after=tokens[place + 1 : place + 9],
        )
        return found, place + 2 if follower in {"and", "&"} else None
    return None, None


def _in_compound(tokens: Phrase, place: int) -> bool:
    """Tells "my car insurance" and "my home town", which name no car and no home."""
    if place + 1 >= len(tokens):
        return False
    follower = tokens[place + 1]
    ends = _STOPS | ADVERBS | FORMS.keys() | {"'s", "too", "that", "to", "not", "is"}
    return follower.word and follower.norm not in ends


def _taken_for_granted(text: str, found: _Found, discourse: Discourse) -> Iterator[tuple[str, str]]:
    before = [token.norm for token in found.phrase[:-1]]
    if found.noun == "partner" and before and shares_activity(found.phrase[-2]):
        return  # "My climbing partner Joe"
    if found.noun in KIN:
        yield from _named_together(text, found, before, discourse)
        yield from _named(text, found, before, discourse)
        yield from _relative(text, found, before)
        return
    while before and before[0] in _NEWEST | ADVERBS:
        before = before[1:]
    phrase = found.phrase[len(found.phrase) - 1 - len(before) :]
    value = slice_of(text, phrase)
    plural = found.noun.endswith("s") and found.noun not in {"bus", "bass", "dress"}
    counted = bool(before) and (before[0].isdigit() or before[0] in _COUNTS)
    if found.noun in BODY_PARTS and found.noun not in OWNED:
        if (before and not counted) or found.noun in BODY_MARKS:
            yield "appearance", value
        return
    if found.noun in ANIMALS:
        named = read_relation(found.phrase, text)
        if named is not None and not plural:
            discourse.mention(discourse.entity_of(named))
        name = _capitals(found.after)
        if name and not plural and not counted and name_like(name) and name[0].norm not in FORMS:
            value = f"{ANIMALS[found.noun]} named {slice_of(text, name)}"
        yield "pet", value if plural or counted or found.noun in _MASS else with_article(value)
        return
    if found.noun == "collection":
        of = found.after[:1] and found.after[0].norm == "of"
        things = cut(found.after[1:], at=_STOPS) if of else phrase[:-1]
        if things and usable(things):
            yield "collects", slice_of(text, things)
        return
    key = "housing" if found.noun in RENTED else "possession"
    yield key, value if plural or counted else with_article(value)


def _named(
    text: str, found: _Found, before: list[str], discourse: Discourse
) -> Iterator[tuple[str, str]]:
    """Reads the name in "with my brother Tiago" and "my boss, Herr Lindner, wants"."""
    rest = found.after
    if len(rest) > 3 and rest[0].norm == "of" and rest[1].norm.isdigit():
        rest = rest[3:]  # "My son of six years, Ole"
    if rest and rest[0].norm == ",":
        rest = rest[1:]
    length = 0
    while length < len(rest) and rest[length].capital and rest[length].word:
        length += 1
    if not length or set(before) & _FORMER or KIN[found.noun] in PLURAL_KIN:
        return
    if not name_like(rest[:length]) or rest[0].norm in FORMS:
        return
    if rest is not found.after and (length == len(rest) or rest[length].norm != ","):
        return
    key = kin_key(KIN[found.noun], discourse.ontology)
    name = slice_of(text, rest[:length])
    discourse.names[key] = name
    yield key, name


def _capitals(tokens: Phrase) -> Phrase:
    """Returns the words at the start that are written with a capital."""
    length = 0
    while length < len(tokens) and tokens[length].capital and tokens[length].word:
        length += 1
    return tokens[:length]


def _named_together(
    text: str, found: _Found, before: list[str], discourse: Discourse
) -> Iterator[tuple[str, str]]:
    """Reads the names in "my kids, Ines and Rafa", "my sons are called Tom and Leo"."""
    single = SINGLE_KIN.get(KIN[found.noun])
    rest = found.after
    called = words(rest[:2]) in {"are called", "are named"}
    if words(rest[:1]) == "are" and not called and not _capitals(rest[1:]):
        return  # "My kids are tall and loud"
    rest = rest[2:] if called else rest[1:] if words(rest[:1]) in {",", ":", "-", "are"} else rest
    if single is None or set(before) & _FORMER:
        return
    names: list[Phrase] = []
    while rest:
        name = _capitals(rest) or (rest[:1] if _uncapitalised_pair(rest, names) else ())
        if not name or not name_like(name) or name[0].norm in FORMS.keys() | _NOT_NAMES:
            break
        names.append(name)
        rest = rest[len(name) :]
        if not rest or rest[0].norm not in {",", "and", "&"}:
            break
        rest = rest[1:]
    if len(names) > 1:
        key = kin_key(single, discourse.ontology)
        for name in names:
            said = slice_of(text, name)
            yield key, said if name[0].capital else said.title()


_NOT_NAMES: Final = NATIONALITIES | RELIGIONS | PLACE_NAMES
"""What "my kids are ..." tells beside names."""


def _uncapitalised_pair(rest: Phrase, names: list[Phrase]) -> bool:
    """Tells whether "ines and rafa are" begins here, or its second name if the first was read."""
    known = FORMS.keys() | ADVERBS | _STOPS | KIN.keys()
    if names:
        follower = rest[1].norm if len(rest) > 1 else ""
        return not names[0][0].capital and rest[0].norm not in known and follower in _STOPS | {""}
    pair = len(rest) > 2 and rest[1].norm == "and"
    return pair and not {rest[0].norm, rest[2].norm} & known and rest[2].word


def _relative(text: str, found: _Found, before: list[str]) -> Iterator[tuple[str, str]]:
    former = bool(set(before) & _FORMER)
    if found.noun in _MARITAL:
        if former:
            if "ex" in before:
                yield "marital_status", "divorced"
            elif "late" in before and _MARITAL[found.noun] == "married":
                yield "marital_status", "widowed"
            return
        yield "marital_status", _MARITAL[found.noun]
        return
    if former:
        return
    counted = bool(before) and (before[0].isdigit() or before[0] in _COUNTS)
    for key, table in _COUNTED:
        if found.noun in table:
            yield key, slice_of(text, found.phrase) if counted else table[found.noun]


_COUNTS: Final = word_set("two three four five six seven eight nine ten several many twin")
_MASS: Final = word_set("fish sheep mice")


def _is_known(key: str, value: str, noun: str, known: list[tuple[str, str]]) -> bool:
    """Tells whether something is known that says as much: any for children, the noun for a pet."""
    if key in {"children", "siblings", "grandchildren", "marital_status"}:
        named = {"children": {"son", "daughter", "child"}, "siblings": {"sister", "brother"}}
        return any(told_key == key or told_key in named.get(key, set()) for told_key, _ in known)
    if noun in KIN:
        return any(told_key == key and said == value.casefold() for told_key, said in known)
    single = ANIMALS.get(noun, noun.removesuffix("s"))
    return any(
        told_key == key and (single in said or ANIMALS.get(noun, "") in said)
        for told_key, said in known
    )
