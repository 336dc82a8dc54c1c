"""Pets that are spoken of by name: "Biscuit chewed up my slippers", "Pixel, my cat, is asleep"."""

from collections.abc import Iterable, Iterator
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    KIN,
    SUBJECT_PRONOUNS,
    WH_WORDS,
)
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.tokens import Phrase, Token, slice_of, words
from spectron_extraction.builtin.values import with_article
from spectron_extraction.builtin.verbs import FORMS, verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.protocol import EntityRef

_CONFIDENCE: Final = 0.75
_REACH: Final = 6
_NOT_NAMES: Final = (
    SUBJECT_PRONOUNS
    | DETERMINERS
    | WH_WORDS
    | ADVERBS
    | AUXILIARIES
    | KIN.keys()
    | ANIMALS.keys()
    | FORMS.keys()
    | word_set(
        "everyone everybody someone somebody nobody everything something baby dad mom grandma"
    )
)
_OTHERS: Final = SUBJECT_PRONOUNS - {"i", "we", "it"} | word_set("your 's neighbor friend")
_TAKING: Final = word_set("take bring drive drop rush pick carry")
_KEEPERS: Final = phrase_set(
    "to the vet, to the groomer, to the groomers, to the dog park, at the vet, from the vet, "
    "at the groomer, from the groomer, to the kennel, at the kennel, to the kennels"
)
_SOUNDS: Final = word_set("purr pur meow")
_RESTING: Final = word_set("nap sleep sit lie curl snore jump lay")
_RESTED_ON: Final = phrase_set("on my lap, in my lap, on my keyboard, at my feet, on my chest")
_BARKED_AT: Final = word_set("mailman postman doorbell squirrel squirrels door window cats")


def pet_claims(
    text: str, tokens: Phrase, told: Iterable[tuple[str, str]], user: EntityRef
) -> Iterator[Claim]:
    """Yields the pets that a sentence names, unless they are known.

    Args:
        text: The turn's content.
        tokens: A sentence that states something.
        told: Keys and values that are known of the user or were told in this turn.
        user: The user.
    """
    known = " ".join(value.casefold() for key, value in told if key == "pet").split()
    for place, token in enumerate(tokens):
        if not _may_be_named(token) or token.norm in known:
            continue
        kind = _kind(tokens, place)
        if kind:
            value = f"{kind} named {slice_of(text, (token,))}"
            yield Claim(entity=user, key="pet", value=value, tokens=tokens, confidence=_CONFIDENCE)
            return


def _may_be_named(token: Token) -> bool:
    return token.capital and token.word and token.norm not in _NOT_NAMES


def _kind(tokens: Phrase, place: int) -> str:
    """Returns what the name at a place is shown to be: "a cat", "a pet", or empty."""
    after = tokens[place + 1 : place + 5]
    norms = [token.norm for token in after]
    if norms[:1] == [","] and norms[1:2] in (["my"], ["our"]) and norms[3:4] == [","]:
        animal = ANIMALS.get(norms[2], "")
        return animal and with_article(animal)
    whole = {token.norm for token in tokens}
    titled = bool(place) and _is_title(tokens[place - 1])
    if whole & _OTHERS or titled:
        return ""
    verb = place - 2 if place > 1 and tokens[place - 1].norm in {"up", "off"} else place - 1
    before = verb_form(tokens[verb].norm) if place else None
    if before is not None and before.lemma in _TAKING and words(after[:3]) in _KEEPERS:
        return "a pet"
    behaving = _behaves_so(
        tokens[place + 1 : place + 1 + _REACH], person=tokens[place].norm in GIVEN_NAMES
    )
    return "a pet" if behaving else ""


def _is_title(token: Token) -> bool:
    """Tells "Coach" before a name from "Took" and "Today", which begin a sentence."""
    form = FORMS.get(token.norm)
    begins = token.norm in ADVERBS or (form is not None and (form.past or form.gerund))
    return token.capital and token.word and not begins


def _behaves_so(rest: Phrase, *, person: bool) -> bool:
    """Tells "has been napping on my lap" and "chewed up my slippers"."""
    norms = {token.norm for token in rest}
    forms = (form for token in rest if (form := verb_form(token.norm)) is not None)
    lemma = next((each.lemma for each in forms if each.lemma not in {"be", "have", "keep"}), "")
    if lemma in _RESTING:
        return not person and any(words(rest[i : i + 3]) in _RESTED_ON for i in range(len(rest)))
    chewing = lemma == "chew" and "my" in norms
    return lemma in _SOUNDS or chewing or (lemma == "bark" and bool(norms & _BARKED_AT))
