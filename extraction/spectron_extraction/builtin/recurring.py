"""What somebody has again and again: "therapy every Wednesday", "choir practice on Mondays"."""

from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading
from spectron_extraction.builtin.lexicon import HEALTH, KIN, TROUBLES, WEEKDAYS
from spectron_extraction.builtin.tokens import trim_marks
from spectron_extraction.builtin.values import usable, written
from spectron_extraction.builtin.wordlists import word_set

_VAGUE: Final = word_set(
    "to it him her them that this these those you your me us his their no any everything anything "
    "something nothing someone been not heard"
)


def recurring_claim(reading: Reading) -> Claim | None:
    """Returns the habit that a clause with "have" tells, or None if it tells none.

    Args:
        reading: The clause.
    """
    predicate = reading.predicate
    phrase = trim_marks(predicate.raw)
    norms = [token.norm for token in phrase]
    place = next((i for i in range(1, len(norms)) if _returns(norms, i)), 0)
    start = place - 1 if place > 1 and norms[place - 1] == "on" else place
    what = phrase[:start]
    plain = predicate.tense is Tense.PRESENT and not (predicate.negated or predicate.modal)
    if not what or not plain or not reading.about_user or len(what) > 4 or len(phrase) > 9:
        return None
    if not usable(what) or {token.norm for token in what} & _NO_APPOINTMENT:
        return None
    return reading.claim("habit", written(reading.text, phrase), confidence=0.8)


def _returns(norms: list[str], place: int) -> bool:
    """Tells "every Wednesday" and "Mondays" from "every time"."""
    if norms[place] in {"every", "each"}:
        return place + 1 < len(norms) and f"{norms[place + 1].removesuffix('s')}s" in _PERIODS
    return norms[place] in _PERIODS - {"mornings", "days", "weeks", "months", "years", "nights"}


_PERIODS: Final = {f"{day}s" for day in WEEKDAYS} | word_set(
    "weekends weekdays mornings days weeks months years nights evenings afternoons"
)
_NO_APPOINTMENT: Final = KIN.keys() | ANIMALS.keys() | HEALTH | TROUBLES | _VAGUE
