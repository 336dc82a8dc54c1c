"""What people judge or feel by: "chess is boring", "queues drive me nuts", "rain calms me down".

The subject of such a sentence is what the speaker likes or dislikes. Nouns of the moment ("the
weather", "my day") and people are left alone: what is said of them holds for now, or is told as
something that they are.
"""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    KIN,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    WH_WORDS,
)
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.things import ABSTRACT
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import items, without_article, written
from spectron_extraction.builtin.verbs import FORMS, third_person, verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.protocol import EntityRef

_CONFIDENCE: Final = 0.75
_MAX_SUBJECT: Final = 5
_LIKED: Final = word_set(
    "great awesome amazing fun cool wonderful fantastic excellent delicious beautiful relaxing "
    "lovely fascinating adorable yummy tasty therapeutic soothing brilliant superb heavenly "
    "underrated incredible addictive cute epic"
)
_DISLIKED: Final = word_set(
    "boring awful terrible gross disgusting overrated annoying horrible lame yucky nasty "
    "dreadful creepy tedious unbearable overpriced"
)
_LIKED_PHRASES: Final = phrase_set(
    "the best, so good, my jam, my thing, my weakness, my passion, my life, the greatest, "
    "so much fun, a lot of fun, my go-to, my go-to choice, my escape, my happy place, "
    "my guilty pleasure, so delicious, so tasty, so relaxing"
)
_DISLIKED_PHRASES: Final = phrase_set(
    "the worst, not my thing, not for me, not my cup of tea, my least favorite, a waste of time, "
    "not my style, not my jam, so boring"
)
_TASTE_VERBS: Final = {"rock": True, "rocks": True, "suck": False, "sucks": False, "stinks": False}
_MOVING: Final = {
    **dict.fromkeys(
        word_set("relax calm soothe inspire excite fascinate delight energize captivate thrill "
                 "comfort cheer amuse ground"),
        True,
    ),
    **dict.fromkeys(
        word_set("annoy bore scare terrify irritate frustrate disgust bother freak exhaust "
                 "infuriate creep repulse gross"),
        False,
    ),
}  # fmt: skip
"""Verbs whose object feels something, and whether that is good."""

_MAKING: Final = {
    **dict.fromkeys(
        word_set("happy smile laugh calm relaxed good better alive joy peace sane unwind relax "
                 "comfort energized decompress destress"),
        True,
    ),
    **dict.fromkeys(
        word_set("crazy nuts mad insane angry sick sad nervous anxious gag cringe uncomfortable "
                 "anxiety creeps awkward queasy furious headache headaches nauseous wall batty "
                 "stress bananas uneasy puke vomit itchy ill bloated"),
        False,
    ),
}  # fmt: skip
"""What something makes, drives, keeps or helps one be, and whether that is good."""

_CAUSING: Final = word_set("make drive keep help give cause bring")
_BEING: Final = word_set("is are 's taste tastes")
_LEMMAS: Final = {
    form: lemma for lemma in (*_MOVING, *_CAUSING) for form in (lemma, third_person(lemma))
}
_OF_THE_MOMENT: Final = word_set(
    "life work school today everything weather traffic business things week weekend morning "
    "evening news luck health internet service connection rest sleep answer reply code output "
    "explanation result summary draft version response everybody everyone nobody people money"
)
_NOT_SUBJECTS: Final = (
    SUBJECT_PRONOUNS
    | WH_WORDS
    | AUXILIARIES
    | word_set("if let not no one ones all what which your his her their its others him them")
)


def evaluation_claims(text: str, tokens: Phrase, user: EntityRef) -> Iterator[Claim]:
    """Yields what a clause shows the speaker to like or dislike.

    Args:
        text: The turn's content.
        tokens: The clause.
        user: The user.
    """
    said, hedged, _ = strip_openers(tokens)
    best = _beyond_compare(said)
    if best and _judgeable(best):
        value = written(text, best)
        if value:
            yield Claim(entity=user, key="likes", value=value, tokens=tokens)
        return
    place = next((i for i, token in enumerate(said) if i and _links(token.norm)), 0)
    if not place or hedged:
        return
    liked = _felt(said[place].norm, trim_marks(said[place + 1 :]))
    subject = trim_marks(said[:place])
    while len(subject) > 1 and subject[-1].norm in ADVERBS:
        subject = subject[:-1]  # "Rain always calms me down"
    if liked is None or not _judgeable(subject):
        return
    for item in items(subject):
        value = written(text, item)
        if value and GUARDS["likeable"](item):
            form = verb_form(item[0].norm)
            gerund = form is not None and form.gerund and not form.base
            key = ("hobby" if gerund else "likes") if liked else "dislikes"
            yield Claim(entity=user, key=key, value=value, tokens=tokens, confidence=_CONFIDENCE)


def _beyond_compare(said: Phrase) -> Phrase:
    """Returns what "there is nothing better than ..." and "nothing beats ..." praise."""
    joined = words(said)
    lead = next((lead for lead in _PRAISES if joined.startswith(f"{lead} ")), "")
    return trim_marks(said[len(lead.split()) :]) if lead else ()


_PRAISES: Final = (
    "there is nothing better than", "nothing better than", "nothing beats", "nothing is better than"
)  # fmt: skip


def _links(word: str) -> bool:
    return word in _BEING or word in _TASTE_VERBS or word in _LEMMAS


def _felt(verb: str, rest: Phrase) -> bool | None:
    """Tells whether what follows the subject says something good of it; None if neither."""
    if verb in _TASTE_VERBS:
        return None if rest else _TASTE_VERBS[verb]
    if verb in _BEING:
        return _judged(rest)
    if not rest or rest[0].norm != "me":
        return None
    lemma = _LEMMAS[verb]
    if lemma in _MOVING:
        return _MOVING[lemma] if len(rest) <= 2 else None
    if lemma == "help" and len(rest) == 1:
        return True
    felt = {_MAKING[token.norm] for token in rest[1:5] if token.norm in _MAKING}
    return felt.pop() if len(felt) == 1 else None


def _judged(rest: Phrase) -> bool | None:
    denied = bool(rest) and rest[0].norm == "not"
    bare = rest[1:] if denied else ()
    while bare and bare[0].norm in ADVERBS:
        bare = bare[1:]
    if denied and words(bare) in _LIKED_PHRASES and bare[0].norm == "my":
        return False
    joined = words(rest)
    if joined in _LIKED_PHRASES or joined in _DISLIKED_PHRASES:
        return joined in _LIKED_PHRASES
    best = words(rest[-3:-1]) in {"the best", "the greatest"} and rest[-1].norm in _KINDS
    if best and words(rest[:-3]) in _BY_FAR:
        return True
    while len(rest) > 1 and rest[0].norm in ADVERBS | {"a", "such"}:
        rest = rest[1:]
    if len(rest) != 1:
        return None
    word = rest[0].norm
    return True if word in _LIKED else False if word in _DISLIKED else None


_KINDS: Final = word_set(
    "season drink food dish dessert fruit snack cheese spice sport hobby animal color flower show "
    "series movie film book novel game band song album city holiday instrument"
)
_BY_FAR: Final = ("", "hands down", "by far", "simply", "easily", "just", "definitely", "honestly")


def _judgeable(subject: Phrase) -> bool:
    """Tells what one may have a taste in from what is only spoken of now."""
    if not 0 < len(subject) <= _MAX_SUBJECT or subject[0].norm in _NOT_SUBJECTS:
        return False
    norms = {token.norm for token in subject}
    named = any(token.capital for token in subject[1:])
    if subject[0].norm in DETERMINERS and not named:
        return False
    noun = head(without_article(subject))
    if norms & (KIN.keys() | _NOT_SUBJECTS) or noun in ABSTRACT | _OF_THE_MOMENT:
        return False
    first = verb_form(subject[0].norm)
    gerund = first is not None and first.gerund
    rest = [token.norm for token in subject[1:]]
    if subject[0].norm in PREPOSITIONS or (first and first.base and len(subject) > 1):
        return False
    return gerund or not any(
        (form := FORMS.get(word)) is not None and (form.third or form.past) for word in rest
    )
