"""What goes wrong with what one has: "our boiler broke", "my bike got stolen".

What fails is a problem, what was done to it once an event.
"""

from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading
from spectron_extraction.builtin.tokens import Phrase, slice_of, trim_marks
from spectron_extraction.builtin.values import trim, written
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set

_FAILING: Final = word_set("break crash fail leak freeze overheat stall glitch flicker jam lag")
_WORKING: Final = word_set(
    "work start compile load open turn boot connect charge run print build sync update respond"
)
_BEFALLING: Final = word_set(
    "steal break hack tow damage rob flood burgle cancel lose total vandalise vandalize delay"
)
_MAX_TOKENS: Final = 9


def broken(reading: Reading, noun: Phrase) -> Claim | None:
    """Returns what a clause says has gone wrong with something of the user's.

    Args:
        reading: The clause.
        noun: The words after "my" in its subject.
    """
    predicate = reading.predicate
    said = trim(trim_marks(predicate.tokens[-len(predicate.raw) - 2 :]))
    happened = predicate.tense is Tense.PAST or predicate.perfect
    got = predicate.complement[:1] if predicate.lemma == "get" else ()
    participle = verb_form(got[0].norm) if got else None
    lemma = participle.lemma if participle is not None else predicate.lemma
    if not noun or predicate.hypothetical or predicate.hedged or len(noun) > 4:
        return None
    if happened and lemma in _BEFALLING and (got or predicate.passive):
        thing = written(reading.text, noun)
        # The user is who the sentence is about, so that "They ..." can be put before it.
        value = thing and f"had their {thing} {_past(lemma)}"
        return reading.claim("event", value, event=True, change=False)
    failing = lemma in _FAILING and not predicate.negated
    keeps = predicate.lemma == "keep" and predicate.complement[:1] and _is_failing(predicate.raw)
    refuses = (
        predicate.lemma in _WORKING and predicate.negated and predicate.tense is not Tense.PAST
    )
    if not (failing or keeps or refuses) or len(said) > _MAX_TOKENS:
        return None
    value = slice_of(reading.text, (*noun, *_from_verb(predicate.tokens, noun)))
    return Claim(
        entity=reading.entity,
        key="problem",
        value=value,
        tokens=predicate.tokens,
        confidence=0.8,
    )


def _past(lemma: str) -> str:
    return {"steal": "stolen", "break": "broken", "lose": "lost"}.get(
        lemma, f"{lemma.removesuffix('e')}ed"
    )


def _is_failing(raw: Phrase) -> bool:
    form = verb_form(raw[0].norm)
    return form is not None and form.gerund and form.lemma in _FAILING | {"die", "restart"}


def _from_verb(tokens: Phrase, noun: Phrase) -> Phrase:
    return trim(tuple(token for token in tokens if token.start >= noun[-1].end)[:_MAX_TOKENS])
