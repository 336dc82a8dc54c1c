"""What someone is like: looks, character, and the nouns by which people describe themselves."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.guards import GUARDS, is_role
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    ARTICLES,
    DIETS,
    KIN,
    MOODS,
    NATIONALITIES,
    PREPOSITIONS,
)
from spectron_extraction.builtin.things import CHARACTER, DEVOTEES, LOOKS
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import (
    cut,
    items,
    trim,
    with_article,
    without_article,
    written,
)
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set

_DEGREE: Final = ADVERBS | word_set(
    "a an the bit little such big huge massive true total real avid serious hardcore lifelong "
    "major complete self-proclaimed die-hard diehard bigger biggest more most full absolute "
    "half devoted dedicated proud crazy super mega one kind sort of"
)
_PERSONS: Final = word_set("guy girl gal person man woman")
_DESCRIBED: Final = word_set("man woman")
"""Persons before whom an adjective stands more often than what they like."""

_JUDGED: Final = CHARACTER | LOOKS | MOODS | word_set(
    "good bad wrong right nice great better best young old older younger new different same "
    "happy lucky changed simple normal regular average middle-aged grown morning night early late "
    "family single married busy working average black white asian hispanic free dead hard cool "
    "decent tough wild private city country small-town"
)  # fmt: skip
_NOT_DESCRIBING: Final = word_set(
    "bit lot fan member person people man woman guy girl boy kid child way one mess wreck robot "
    "user human believer beginner newbie customer friend victim part half few couple hundred "
    "noob thing problem joke year month week minute hour point question success failure while "
    "loss hurry break meeting moment rush mood position place room call shift line text bot "
    "assistant ai model chatbot fool idiot genius computer sucker regular"
)
_ENDS: Final = PREPOSITIONS | word_set("but when so because though and who that since at")
_MAX_TOKENS: Final = 5


def devotion_claims(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    """Reads "a huge coffee lover", "a dog person", "a true fan of the band".

    Args:
        reading: The clause.
        tokens: What follows "be".
    """
    place = next((i for i, token in enumerate(tokens) if token.norm in DEVOTEES), None)
    if place is None or reading.predicate.tense is Tense.PAST:
        return
    noun = tokens[place].norm
    before = tokens[:place]
    while before and before[0].norm in _DEGREE:
        before = before[1:]
    liked: Phrase = before
    if not liked and tokens[place + 1 : place + 2] and tokens[place + 1].norm == "of":
        liked = trim(cut(tokens[place + 2 :], at=frozenset({"since", "for"})))
    if not liked or len(liked) > _MAX_TOKENS:
        return
    if noun in _PERSONS and (
        liked[-1].norm in _JUDGED or liked[-1].norm in NATIONALITIES | DIETS | DEVOTEES
    ):
        return
    if noun in _DESCRIBED and liked[-1].norm not in ANIMALS:
        return
    opposite = noun == "hater"
    negated = reading.predicate.negated and not reading.predicate.ended
    key = "dislikes" if opposite != negated else "likes"
    for item in items(liked):
        plural = item[-1].norm in ANIMALS and not item[-1].norm.endswith("s")
        value = written(reading.text, item)
        if value and GUARDS["likeable"](item):
            yield from only(reading.claim(key, f"{value}s" if plural else value, retracts=False))


def prowess_claims(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    """Reads "a good cook", "a fast typer", "a terrible driver": how well something is done.

    Args:
        reading: The clause.
        tokens: What follows "be".
    """
    phrase = trim(cut(without_article(tokens), at=_ENDS))
    while len(phrase) > 2 and phrase[0].norm in _DEGREE:
        phrase = phrase[1:]
    said = len(phrase) == 2 and tokens[0].norm in ARTICLES and reading.predicate.tense
    if said is not Tense.PRESENT or not reading.about_user:
        return
    how, done = phrase[0].norm, _DOERS.get(phrase[1].norm)
    if done and how in _WELL | _BADLY | _MANNERS.keys():
        value = f"{done} {_MANNERS.get(how, 'well')}"
        lacking = (how in _BADLY) != reading.predicate.negated
        if how not in _BADLY or lacking:  # "Not a bad cook" says little.
            key = "skill_gap" if lacking else "skill"
            yield from only(reading.claim(key, value, confidence=0.8, retracts=False))


_WELL: Final = word_set(
    "good great excellent awesome amazing decent skilled talented terrific fantastic strong mean"
)
_BADLY: Final = word_set("bad terrible horrible awful lousy poor")
_MANNERS: Final = {"fast": "fast", "quick": "quickly", "slow": "slowly", "better": "well"}
_DOERS: Final = {
    "cook": "cook", "baker": "bake", "singer": "sing", "dancer": "dance", "driver": "drive",
    "swimmer": "swim", "runner": "run", "typer": "type", "typist": "type", "writer": "write",
    "painter": "paint", "skater": "skate", "skier": "ski", "surfer": "surf", "climber": "climb",
    "listener": "listen", "speller": "spell", "shooter": "shoot", "juggler": "juggle",
}  # fmt: skip
"""Nouns for who does what everybody may do, and the verb."""


_OF_SOMETHING: Final = word_set("curious confident honest optimistic realistic")


def trait_claims(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    """Reads "short", "a redhead", "very outgoing", "a homebody".

    Args:
        reading: The clause.
        tokens: What follows "be".
    """
    if reading.predicate.tense is Tense.PAST or reading.entity.type != "Person":
        return
    if {token.norm for token in reading.predicate.tokens} & {"until", "till"}:
        return  # "I'm broke until Friday": what ends so soon is no trait.
    article = tokens[0].norm in ARTICLES - {"the"}
    rest = tokens
    while len(rest) > 1 and rest[0].norm in _DEGREE:
        rest = rest[1:]
    word = rest[0].norm
    alone = len(rest) == 1 or rest[1].norm in _ENDS or rest[1].norm in _PERSONS
    if len(rest) > 1 and word in _OF_SOMETHING and rest[1].norm in {"about", "to", "if", "how"}:
        return  # "I'm curious about the menu": now, of one thing.
    if alone and (word in LOOKS or word in CHARACTER):
        key = "physical_trait" if word in LOOKS else "personality"
        named = article and len(tokens) > 1 and tokens[1] == rest[0]
        yield from only(reading.claim(key, f"{tokens[0].norm} {word}" if named else word))
        return
    phrase = trim(cut(without_article(tokens), at=_ENDS - {"of"}))
    if not article or not phrase or len(phrase) > _MAX_TOKENS or not reading.about_user:
        return
    while len(phrase) > 1 and phrase[0].norm in _DEGREE - {"big", "crazy", "proud", "super"}:
        phrase = phrase[1:]
    noun = phrase[-1].norm
    if noun in _NOT_DESCRIBING or noun in KIN or noun in MOODS or not phrase[-1].word:
        return
    form = FORMS.get(noun)
    verbal = form is not None and (form.gerund or (form.base and len(phrase) == 1))
    # A role that was not taken for one, "a pilot in my spare time", is no trait either.
    passing = is_role(phrase) and tokens[1].norm != "bit"
    if noun in ADVERBS or noun in PREPOSITIONS or verbal or passing:
        return
    if any(token.norm in {"you", "your", "that", "this", "it", "of", "to"} for token in phrase):
        return
    value = written(reading.text, phrase)
    if value:
        claim = reading.claim("personality", with_article(value), confidence=0.75)
        if claim and not claim.retracts:
            yield claim
