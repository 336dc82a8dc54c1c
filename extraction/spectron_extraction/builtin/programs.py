"""Programs that are moved to and lived in as places are: "from Notion to Craft"."""

from typing import Final

from spectron_extraction.builtin.claims import Reading
from spectron_extraction.builtin.lexicon import PLACE_NAMES, PROGRAMMING
from spectron_extraction.builtin.sites import serves
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import cut, trim
from spectron_extraction.builtin.wordlists import word_set

_PURPOSES: Final = word_set(
    "coding programming notes note-taking notetaking email emails mail editing hosting todos tasks "
    "budgeting calendar calendars browsing search ci deployment deployments passwords bookmarks "
    "journaling diagrams spreadsheets slides tickets docs documentation"
)
"""What programs are for."""

_FIGURATIVELY: Final = word_set("basically practically virtually literally essentially")
_ENDS: Final = frozenset({"to", "from", "for", "in", "and", "because", "with", "as", "on", "at"})
_MAX_TOKENS: Final = 3


def program_told(reading: Reading, complement: Phrase) -> Phrase:
    """Returns the program that a clause with "move" or "live" speaks of as of a place.

    The words around it tell: another program or a tool of the user's that is left for it, what it
    is for, or that one "basically" lives in it. Names of places are places.

    Args:
        reading: The clause.
        complement: What follows its verb.
    """
    live = reading.predicate.lemma == "live"
    named = _after("in" if live else "to", complement)
    if not named or len(named) > _MAX_TOKENS or named[0].norm in PLACE_NAMES:
        return ()
    if live:
        figure = bool(reading.predicate.adverbs & _FIGURATIVELY)
        return named if figure and (named[0].capital or serves(named)) else ()
    left, purpose = _after("from", complement), _after("for", complement)
    own = {a.value.casefold() for a in reading.known if a.key == "tool"}
    program = left and (serves(left) or left[0].norm in PROGRAMMING or left[0].norm in own)
    return named if program or (purpose and purpose[-1].norm in _PURPOSES) else ()


def _after(preposition: str, complement: Phrase) -> Phrase:
    place = next((i for i, t in enumerate(complement) if t.norm == preposition), len(complement))
    return trim(cut(complement[place + 1 :], at=_ENDS))
