"""Fragments: a yes or no, and a value alone."""

from typing import Final

from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.lexicon import AUXILIARIES, PLACE_NAMES
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    name_like,
    plain_number,
    trim,
    usable,
)
from spectron_extraction.builtin.verbs import FORMS, verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set

_YES: Final = word_set(
    "yes yeah yep yup ya yess correct right exactly indeed sure definitely absolutely affirmative "
    "true certainly"
)


_YES_PHRASES: Final = (
    "that is right", "that is correct", "you are right", "i am", "i do", "i have", "i did", "it is",
    "you got it", "of course", "for sure", "that is true", "uh huh", "you bet",
)  # fmt: skip


_NO_PHRASES: Final = phrase_set(
    "i do not, i am not, not really, not at all, i have not, not anymore, it is not, not any more, "
    "no longer, not any longer, no more, not now, never, not for a while, not in years, "
    "not for years, not these days, not for a long time"
)


_NO: Final = frozenset({"no", "nope", "nah", "negative", "wrong", "incorrect"})


_DOUBT: Final = frozenset({"maybe", "perhaps", "possibly", "probably"})


_LEADS: Final = tuple(
    tuple(lead.split())
    for lead in (
        "it is in", "it is at", "it is", "that is", "that would be", "it should be",
        "i meant to say", "i wanted to say", "i should have said", "i meant", "i mean",
        "make that", "allow me to correct myself", "let me correct myself", "let me correct that",
        "i misspoke", "it was", "i am in",
        "i am at", "i am from", "i am",
        "they are", "mine is", "my name is", "in", "at", "from", "just", "probably", "i would say",
        "you can call me", "call me", "i live in", "i work at", "i work as", "as", "i like",
        "definitely", "currently", "mostly", "mainly",
        "just outside", "outside of", "outside", "it would be", "for", "i speak", "that should be",
        "he is", "she is", "his name is", "her name is", "its name is", "you mean", "on",
    )
)  # fmt: skip


_MAX_FRAGMENT: Final = 9


_NO_PLACE_OPENS: Final = word_set("such so very quite pretty really just too about on for with")
REFUSALS: Final = word_set(
    "nothing none nowhere nobody idk dunno secret guess why what who private skip pass nope no yes "
    "yeah hello hi thanks help stop nevermind later maybe depends unsure many both either neither "
    "ok okay sure whatever anything everything somewhere good fine great same"
)


HOW_MUCH: Final = phrase_set(
    "everywhere, always, often, sometimes, daily, constantly, all the time, every day, a lot, "
    "mostly, everyday, regularly, occasionally, for everything, at work, at home, both, too much"
)
"""What after "yes" says how often or where rather than what."""


def verdict_of(tokens: Phrase) -> tuple[str, Phrase]:
    """Returns "yes", "no", "doubt" or nothing, and what follows it."""
    rest = trim_marks(tokens)
    joined = words(rest)
    for phrase in _YES_PHRASES:
        if joined == phrase or joined.startswith(f"{phrase} ,"):
            return "yes", rest[len(phrase.split()) :]
    if joined in {"i think so", "probably", "i guess so", "i believe so", "i guess"}:
        return "doubt", ()
    if joined in _NO_PHRASES or words(rest[:2]) == "not since":
        return "no", ()
    if not rest:
        return "", ()
    follower = rest[1].norm if len(rest) > 1 else ","
    if rest[0].norm in _YES and (follower in {",", "i", "that", "-", "—"} or len(rest) <= 3):
        return "yes", trim_marks(rest[1:])
    amiss = rest[0].norm in {"wrong", "incorrect"} and follower[0].isalnum()  # "Wrong chat"
    denies = rest[0].norm in _NO and not amiss
    if denies and follower not in {"longer", "one", "idea", "problem", "worries"}:
        after = trim_marks(rest[1:])
        return "no", () if words(after) in _NO_PHRASES else after
    if rest[0].norm in _DOUBT and len(rest) <= 2:
        return "doubt", ()
    return "", ()


def value_fragment(tokens: Phrase) -> Phrase | None:
    """Returns the value in a short answer, or None if the sentence is no fragment."""
    rest = trim_marks(tokens)
    while rest and rest[0].norm in {"well", "oh", "um", "uh", "hmm", "ah", "so", "haha", "lol"}:
        rest = trim_marks(rest[1:])
    changed = True
    while changed and rest:
        changed = False
        for lead in _LEADS:
            if tuple(token.norm for token in rest[: len(lead)]) == lead and len(rest) > len(lead):
                rest = trim_marks(rest[len(lead) :])
                changed = True
                break
    rest = trim(cut(rest))
    if len(rest) > _MAX_FRAGMENT and any(token.norm == "," for token in rest):
        rest = trim(rest[: next(i for i, token in enumerate(rest) if token.norm == ",")])
    if not rest or len(rest) > _MAX_FRAGMENT or rest[0].norm in REFUSALS:
        return None
    if any(
        token.norm in AUXILIARIES or token.norm in {"i", "you", "not", "know"} for token in rest
    ):
        return None
    form = FORMS.get(rest[0].norm)
    if form and (form.base or form.past) and not form.gerund and not rest[0].capital:
        return None
    return rest


def can_answer(key: str, phrase: Phrase) -> bool:
    """Tells whether a fragment can be the value of a key."""
    if key == "age":
        return plain_number(phrase[0].norm, below=120)
    if key in {"location", "hometown"}:
        form = verb_form(phrase[0].norm)
        named = phrase[0].norm in PLACE_NAMES or not (form is not None and form.gerund)
        if not named or phrase[0].norm in _NO_PLACE_OPENS:
            return False
        return GUARDS["place"](phrase) and len(phrase) <= 6
    if key in {"name", "address_as", "manager"}:
        return name_like(phrase)
    if key == "employer":
        return GUARDS["organization"](phrase)
    if key in {"languages", "language_of_reply"}:
        return GUARDS["language"](phrase)
    return usable(phrase)


def leaves(tokens: Phrase) -> bool:
    """Tells "left in September", "I gave up on it", which answer "still ...?" with no."""
    rest = trim_marks(tokens)
    rest = rest[1:] if rest and rest[0].norm in {"i", "we"} else rest
    return bool(rest) and rest[0].norm in _LEAVING


_LEAVING: Final = word_set("left quit stopped dropped gave sold moved finished changed broke ended")
