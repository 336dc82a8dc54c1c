"""Doubts that stand beside what they doubt: "haven't decided yet", "dunno", "might quit and move".

What is intended under such words is no plan yet, however plainly it is said.
"""

import re
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.syntax import Predicate
from spectron_extraction.builtin.tokens import Phrase, Token, words
from spectron_extraction.builtin.wordlists import word_set

_UNDECIDED: Final = re.compile(
    r"\b(?:(?:have|has) not (?:been )?(?:fully |quite |really )?(?:decided|made up my mind|figured)"
    r"|not (?:yet )?(?:decided|(?:quite |really |100 % |totally |entirely )?(?:sure|certain))"
    r"(?! (?:how|what|why|where|when))"
    r"|nothing (?:has been|is|was) (?:decided|settled|fixed|certain|final)|(?:still )?undecided"
    r"|(?:dunno|idk)(?! (?:how|what|why|where|when|which|who))|no idea yet|we will see|who knows"
    r"|(?:i )?do not know (?:yet|if|whether)"
    r"|nothing (?:final|definite|set in stone)|on the fence|torn|cannot decide|can not decide"
    r"|still (?:thinking|deciding|weighing)|up in the air|not sur)\b"
)
_INTENDED: Final = frozenset({"plan", "goal", "wants"})


def undecided(tokens: Phrase) -> bool:
    """Tells whether a sentence says that something is still open.

    Args:
        tokens: The sentence.
    """
    return _UNDECIDED.search(words(tokens)) is not None


def wavering(tokens: Phrase) -> Clause | None:
    """Returns "I might move to Bern" for "not sure whether to move to Bern".

    Args:
        tokens: A sentence.
    """
    opener = words(tokens[:3])
    if opener in {"maybe i should", "perhaps i should", "maybe we should"} and len(tokens) > 4:
        said = tokens[3:]
        if said[0].norm in _DECIDED:
            start = said[0].start
            before = (Token("i", start, start), Token("might", start, start))
            return Clause(tokens=(*before, *said), connector="")
    if not undecided(tokens) and not {token.norm for token in tokens} & _WEIGHING:
        return None
    for index, token in enumerate(tokens):
        if token.norm not in {"whether", "if", "about"}:
            continue
        rest = tokens[index + 1 :]
        lead = next((lead for lead in _LEADS if words(rest[: len(lead.split())]) == lead), "")
        said = rest[len(lead.split()) :]
        if lead and len(said) > 1 and said[0].norm in _DECIDED:
            start = said[0].start
            before = (Token("i", start, start), Token("might", start, start))
            return Clause(tokens=(*before, *said), connector="")
    return None


_WEIGHING: Final = frozenset({"debating", "weighing", "wondering", "wonder", "unsure"})
_LEADS: Final = ("to", "i should", "i want to", "we should", "i will", "we want to", "i would")
_DECIDED: Final = word_set(
    "move accept take quit leave buy sell adopt study apply marry stay switch go rent retire open "
    "start join become have keep get relocate return change propose emigrate enroll"
)
"""What people take their time to decide: of "whether to sort or to filter" nothing remains."""


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
