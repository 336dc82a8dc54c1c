"""What wishing tells of who wishes: "I wish I could swim", "I wish I had a garden"."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.lexicon import INSTRUMENTS
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.values import cut, written
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef

_CONFIDENCE: Final = 0.75
_LEARNT: Final = word_set(
    "speak swim play drive cook sing dance juggle ski code ride surf sew knit draw paint skate "
    "sail snowboard bake skateboard whistle"
)
"""What one can or cannot do, whatever the day."""

_NOW: Final = word_set("now today tonight tomorrow more longer faster better again still")
_ENDS: Final = word_set("with for to at on from like as and or too well but in properly")
_NOBODYS: Final = word_set("it this that them you your him her me my")


def longing_claims(text: str, tokens: Phrase, user: EntityRef) -> Iterator[Claim]:
    """Yields what a sentence with "I wish I ..." tells.

    Args:
        text: The turn's content.
        tokens: The sentence.
        user: The user.
    """
    norms = [token.norm for token in tokens]
    if "wish" not in norms:
        return
    place = norms.index("wish")
    wished = tokens[place + 2 :] if words(tokens[place - 1 : place + 2]) == "i wish i" else ()
    said = place > 1 and norms[place - 2] in FORMS  # "She said I wish I could swim"
    if said or len(wished) < 2 or set(norms[place:]) & (_NOW | _NOBODYS):
        return
    key, value = "", None
    if wished[0].norm == "could" and wished[1].norm in _LEARNT:
        rest = cut(wished[2:], at=_ENDS)
        rest = () if rest and rest[0].norm in _ENDS else rest
        played = bool(rest) and rest[-1].norm in INSTRUMENTS
        if wished[1].norm != "play" or played:
            key, value = "skill_gap", written(text, (wished[1], *rest))
    elif wished[0].norm == "had" and GUARDS["wished"](thing := cut(wished[1:], at=_ENDS)):
        key, value = "wants", written(text, thing)
    if value:
        yield Claim(entity=user, key=key, value=value, tokens=tokens, confidence=_CONFIDENCE)
