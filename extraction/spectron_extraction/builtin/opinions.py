"""Opinions: "I think Rust is great" is said of the world, and tells of the speaker."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.lexicon import SUBJECT_PRONOUNS, THINKS
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.tokens import trim_marks, words
from spectron_extraction.builtin.values import cut, trim, written
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.protocol import EntityRef

_MAX_TOKENS: Final = 14
_LONGEST_OPENER: Final = 6
_OPENERS: Final = THINKS | phrase_set(
    "i subscribe to the view that, i am of the opinion that, i hold that, i maintain that, "
    "in my view, in my opinion, i find that, i feel that, i am convinced that"
)
_UNCERTAIN: Final = frozenset({"i assume", "i imagine", "i suppose"})
# An opinion judges; what "I think" says without judging is a guess at a fact.
_JUDGEMENTS: Final = word_set(
    "great good bad best better worse worst overrated underrated terrible awful amazing beautiful "
    "ugly fun boring hard easy important useless useful nice wonderful evil cool stupid should "
    "future worth waste myth overpriced excellent fantastic horrible ridiculous fascinating "
    "unfair wrong ought brilliant awesome incredible "
    "delicious disgusting elegant essential dangerous harmful perfect pointless valuable"
)


def opinion_claims(text: str, clause: Clause, user: EntityRef) -> Iterator[Claim]:
    """Yields the opinion that a clause states, if it states one.

    Args:
        text: The turn's content.
        clause: The clause.
        user: The user.
    """
    tokens = trim_marks(clause.tokens)
    while tokens and words(tokens[:1]) in {"well", "oh", "personally", "honestly", "and", "but"}:
        tokens = trim_marks(tokens[1:])
    opener = next(
        (
            length
            for length in range(_LONGEST_OPENER, 1, -1)
            if words(tokens[:length]) in _OPENERS - _UNCERTAIN
        ),
        0,
    )
    rest = trim(cut(tokens[opener:])) if opener else ()
    if not 3 <= len(rest) <= _MAX_TOKENS or rest[0].norm in SUBJECT_PRONOUNS | {"my", "your"}:
        return
    norms = {token.norm for token in rest}
    judged = norms & _JUDGEMENTS and norms & {"is", "are", "should", "ought", "'s"}
    _, doubted, _ = strip_openers(rest)
    if not judged or doubted or norms & {"you", "your", "this", "that", "me", "i"}:
        return
    value = written(text, rest)
    if value:
        yield Claim(entity=user, key="opinion", value=value, tokens=clause.tokens, confidence=0.8)
