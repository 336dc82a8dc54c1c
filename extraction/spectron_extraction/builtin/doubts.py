"""Doubts that stand beside what they doubt: "haven't decided yet", "dunno", "might quit and move".

What is intended under such words is no plan yet, however plainly it is said.
"""

import re
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.syntax import Predicate
from spectron_extraction.builtin.tokens import Phrase, words

_UNDECIDED: Final = re.compile(
    r"\b(?:(?:have|has) not (?:been )?(?:fully |quite |really )?(?:decided|made up my mind|figured)"
    r"|not (?:yet )?(?:decided|(?:quite |really |100 % |totally |entirely )?(?:sure|certain))"
    r"(?! (?:how|what|why|where|when))"
    r"|nothing (?:has been|is|was) (?:decided|settled|fixed|certain|final)|(?:still )?undecided"
    r"|dunno|idk|no idea yet|we will see|who knows|(?:i )?do not know (?:yet|if|whether)"
    r"|nothing (?:final|definite|set in stone)|on the fence|torn|cannot decide|can not decide"
    r"|still (?:thinking|deciding|weighing)|up in the air|not sur)\b"
)
_INTENDED: Final = frozenset({"plan", "goal", "wants", "task"})


def undecided(tokens: Phrase) -> bool:
    """Tells whether a sentence says that something is still open.

    Args:
        tokens: The sentence.
    """
    return _UNDECIDED.search(words(tokens)) is not None


def with_doubt(claim: Claim) -> Claim:
    """Returns what is intended as a doubt; what is the case stays as it is said.

    Args:
        claim: A claim of a sentence that says that something is open.
    """
    intended = claim.key in _INTENDED and not claim.retracts
    return replace(claim, hedged=True, change=False) if intended else claim


def under_modal(predicate: Predicate, before: Predicate) -> Predicate:
    """Returns a verb that "and" joins to one with a modal as said with that modal, too.

    Args:
        predicate: A clause without a subject of its own: "and open a shop".
        before: The clause that it continues: "I might quit".
    """
    bare = not (
        predicate.modal
        or predicate.perfect
        or predicate.passive
        or predicate.progressive
        or predicate.negated
        or predicate.tense is not Tense.PRESENT
    )
    shared = before.modal in {"may", "might", "will"} or before.used_to
    if not bare or not (shared or before.tense is Tense.FUTURE):
        return predicate
    return replace(
        predicate,
        modal=before.modal,
        hedged=before.hedged,
        tense=before.tense,
        used_to=before.used_to,
    )
