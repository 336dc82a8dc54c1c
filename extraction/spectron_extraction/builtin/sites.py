"""What is no home and no employer, though it stands where one does: furniture, programs, pay.

Only what needs a list stands here; the conditions themselves are in `guards`.
"""

from typing import Final

from spectron_extraction.builtin.lexicon import PLACE_NAMES
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.wordlists import word_set

_IN_NAMES: Final = word_set("of the and de la del di da do dos das upon am sur")
_DAYS: Final = word_set("monday tuesday wednesday thursday friday saturday sunday")


def named_alone(phrase: Phrase) -> bool:
    """Tells "Lisbon", from which one works, from "home on Fridays" and "Monday to Thursday"."""
    return phrase[0].norm.removesuffix("s") not in _DAYS and all(
        token.capital or not token.word or token.norm in _IN_NAMES | PLACE_NAMES for token in phrase
    )
