"""Doubts that stand beside what they doubt: "haven't decided yet", "dunno", "might quit and move".

What is intended under such words is no plan yet, however plainly it is said.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, end_of
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.syntax import Predicate
from spectron_extraction.builtin.tokens import Phrase, Token, words
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef, KnownAttribute

_UNDECIDED: Final = re.compile(
    r"\b(?:(?:have|has) not (?:been )?(?:fully |quite |really )?(?:decided|made up my mind|figured)"
    r"|not (?:yet )?(?:decided|(?:quite |really |100 % |totally |entirely )?(?:sure|certain))"
    r"(?! (?:how|what|why|where|when))"
    r"|nothing (?:has been|is|was) (?:decided|settled|fixed|certain|final)|(?:still )?undecided"
    r"|(?:dunno|idk)(?! (?:how|what|why|where|when|which|who))|no idea yet|we will see|who knows"
    r"|(?:i )?do not know (?:yet|if|whether)"
    r"|nothing (?:final|definite|set in stone)|on the fence|torn|cannot decide|can not decide"
    r"|no longer (?:so |quite |really )?(?:sure|certain|convinced)|second thoughts|cold feet"
    r"|back and forth|two minds|toying with|may or may not|might or might not|mulling"
    r"|still (?:thinking|deciding|weighing)|up in the air|not sur)\b"
)
_INTENDED: Final = frozenset({"plan", "goal", "wants"})


def undecided(tokens: Phrase) -> bool:
    """Tells whether a sentence says that something is still open.

    Args:
        tokens: The sentence.
    """
    return _UNDECIDED.search(words(tokens)) is not None


def wavering(tokens: Phrase) -> list[Clause]:
    """Returns "I might move to Bern" for "not sure whether to move to Bern", and the like.

    Of "torn between moving to Bern and staying" it returns both.

    Args:
        tokens: A sentence.
    """
    opener = words(tokens[:3])
    if opener in {"maybe i should", "perhaps i should", "maybe we should"} and len(tokens) > 4:
        said = tokens[3:]
        if said[0].norm in DECIDED:
            return [_might(said)]
    norms = {token.norm for token in tokens}
    if not undecided(tokens) and not norms & _WEIGHING:
        return []
    for index, token in enumerate(tokens):
        rest = tokens[index + 1 :]
        if token.norm == "between" and rest:
            options = [clause for option in _options(rest) for clause in _gerund(option)]
            return options or [
                _might((token._replace(norm="choose", end=token.start), token, *rest))
            ]
        if token.norm not in _BEFORE_WEIGHED or not rest:
            continue
        weighed = _gerund(rest)
        if weighed:
            return weighed
        lead = next((lead for lead in _LEADS if words(rest[: len(lead.split())]) == lead), "")
        said = rest[len(lead.split()) :]
        if lead and len(said) > 1 and said[0].norm in DECIDED:
            return [_might(said)]
        if lead and _gerund(said):
            return _gerund(said)
    return []


def _might(said: Phrase) -> Clause:
    start = said[0].start
    before = (Token("i", start, start), Token("might", start, start))
    return Clause(tokens=(*before, *said), connector="")


def _gerund(phrase: Phrase) -> list[Clause]:
    """Reads "moving to Bern" as "I might move to Bern"."""
    form = verb_form(phrase[0].norm) if phrase else None
    if form is None or not form.gerund or len(phrase) < _MIN_WEIGHED:
        return []
    return [_might((phrase[0]._replace(norm=form.lemma), *phrase[1:]))]


def _options(phrase: Phrase) -> list[Phrase]:
    """Returns what one is torn between: "doing a master's and taking the job at Shell, help".

    A second thing without a verb has that of the first: "getting a cat or a dog".
    """
    end = next((i for i, token in enumerate(phrase) if not token.word), len(phrase))
    joints = [i for i in range(1, end - 1) if phrase[i].norm in {"and", "or"}]
    verbs = [i for i in joints if _gerund(phrase[i + 1 : end])]
    if verbs or not joints or not _gerund(phrase[:end]):
        starts = [0, *(i + 1 for i in verbs)]
        return [phrase[i:j] for i, j in zip(starts, [*verbs, end], strict=True)]
    return [phrase[: joints[0]], (phrase[0], *phrase[joints[0] + 1 : end])]


def unsettled(
    tokens: Phrase,
    weighed: Sequence[Clause],
    raised: Sequence[Claim],
    known: Sequence[KnownAttribute],
    user: EntityRef,
) -> Iterator[Claim]:
    """Yields the ends of plans that are in doubt now: "not sure I want to retire any more".

    Args:
        tokens: The sentence.
        weighed: What it weighs, as `wavering` returns it.
        raised: What it claims.
        known: What is believed.
        user: The user.
    """
    if not _NO_LONGER.search(words(tokens)):
        return
    doubted = [claim.value.lower() for claim in raised if claim.hedged and claim.value]
    doubted += [words(clause.tokens[2:]).removesuffix(" anymore") for clause in weighed]
    for said in doubted:
        for attribute in known:
            if attribute.entity == user and attribute.key in _INTENDED:
                value = attribute.value.lower()
                if value == said or value.startswith(f"{said} "):
                    yield end_of(attribute, tokens)


_NO_LONGER: Final = re.compile(
    r"\b(?:no longer|any ?more|any longer|still|second thoughts|cold feet)\b"
)
_WEIGHING: Final = frozenset(
    {
        "debating",
        "weighing",
        "wondering",
        "wonder",
        "unsure",
        "considering",
        "contemplating",
        "tempted",
    }
)
_BEFORE_WEIGHED: Final = frozenset(
    {"whether", "if", "about", "of", "that", "on", "over", "sure", "certain", "or", "tempted"}
)
_MIN_WEIGHED: Final = 2
_LEADS: Final = (
    "to", "i should", "i want to", "we should", "i will", "we want to", "i would", "i shall",
    "we will", "i still want to", "i am still", "we are still", "may not",
)  # fmt: skip
DECIDED: Final = word_set(
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
