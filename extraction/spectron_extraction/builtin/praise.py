"""What is praised after it was named: "I read Dune. I couldn't put it down", "Seen Up? Loved it".

Words of praise say "it". What they mean is what was read, seen, tasted or visited in the clause
before them, or in the question that they answer. Clauses between the two must be about it, too.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.clauses import Clause, split_clauses
from spectron_extraction.builtin.experiences import (
    FINE,
    Experience,
    Kind,
    experiences,
    praised_object,
)
from spectron_extraction.builtin.lexicon import ADVERBS, DOUBTS, HEDGES
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.sentences import split_sentences
from spectron_extraction.builtin.speech_acts import Statement
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef

_CONFIDENCE: Final = 0.7
_MAX_READ: Final = 2_000
_MAX_REPLY: Final = 400
_REACH: Final = 3
"""How many clauses before the praise may be looked at."""

_GOOD: Final = rf"(?:{'|'.join(sorted(FINE))})"
_HOW: Final = (
    r"(?:really|so|very|just|absolutely|pretty|quite|totally|truly|utterly|such|simply|kind of|"
    r"kinda|sort of|actually|honestly|always|seriously|super|incredibly|a|an)"
)
_IT: Final = r"(?:it|they|this one|that one|the (?:whole thing|book|movie|film|story|show|series))"
_NOT_OF_IT: Final = (
    r"(?! to\b| that\b| for\b| if\b| when\b|"
    r" how (?:much|many|far|fast|quickly|often|easy|easily|we|you|people)\b)"
)
"""What follows a judgement of something else than what was named: "it's great to be home"."""

_JUDGED: Final = (
    rf"(?:{_GOOD}{_NOT_OF_IT}|so good|masterpiece|classic|gem|must-read|must-see|page-turner|"
    r"work of art|to die for)"
)
_CHARM: Final = (
    rf"(?:unique|special|certain|cool|peaceful|cozy|good|{_GOOD}) "
    r"(?:vibe|charm|energy|feel|feeling|atmosphere|mood|beauty|magic|pull|style|blend|mix)"
)
_VIEW: Final = rf"{_GOOD} (?:perspective|view|look|take|story|plot|insight|portrait)"
_MOVING: Final = (
    r"(?:blew (?:me away|my mind)|moved me|hooked me|had me hooked|sucked me in|"
    r"(?:draws?|drew) me (?:in|back)|stayed with me|resonated with me|cracked me up|"
    r"gets? me every time|never gets? old|never disappoints?|"
    r"(?:gets?|got) me thinking|lifts my mood)"
)
_CANNOT_STOP: Final = (
    r"(?:put it down|stop (?:reading|watching|listening|playing|eating)|get enough of (?:it|them))"
)
_PRAISES: Final = (
    rf"{_IT} (?:is|are|was|were|turned out|is been|has been|have been)(?: {_HOW})* {_JUDGED}",
    rf"{_IT} (?:is|has|have)(?: got)? (?:such )?(?:an?|this|its own|the most)(?: {_HOW})* {_CHARM}",
    rf"(?:{_IT} )?(?:gives|offers|has) (?:you )?(?:such )?(?:a|an)(?: {_HOW})* {_VIEW}",
    rf"{_IT} (?:really |totally |just |always |completely )*{_MOVING}",
    rf"{_IT} (?:is|has|have) always (?:been )?(?:a|an|one) .{{0,30}}\b(?:gets|got|fascinated) me",
    r"there is (?:just )?something (?:\w+ )?about (?:it|them)",
    rf"(?:i )?(?:{_HOW} )*(?:could|can) (?:not|hardly|barely) {_CANNOT_STOP}",
    rf"i (?:am|was|got)(?: {_HOW})* (?:hooked|blown away|obsessed(?: with it)?|engrossed)",
    rf"i am(?: {_HOW})* excited about (?:it|them)",
    r"(?:i )?(?:would )?(?:highly |totally |definitely )recommend (?:it|them)",
)
_PRAISE: Final = re.compile(rf"(?:{'|'.join(_PRAISES)})\b")
_LOVED: Final = re.compile(
    r"(?:(?:i|we) )?(?:really |absolutely |just |totally |do |have always |always )*"
    r"(?:love|loved|adore|adored)(?: (?:it|them)|$)"
    r"|(?:it|that|they|those)(?: (?:is|are|was|has|have|been))+(?: \w+ly)? "
    r"(?:(?:one of )?my (?:[\w-]+ )?(?:favorites?|obsession)|"
    r"an? (?:[\w-]+ )?favorites?(?: of mine)?)\b"
    r"|(?:one of )?my (?:[\w-]+ )?favorites?$"
)
"""Words that say of the speaker what the others say of the thing."""

_TASTY: Final = re.compile(
    r"\b(?:delicious|tasty|yummy|heavenly|mouthwatering|so good|to die for)\b"
)
_ABOUT_IT: Final = re.compile(
    r"^(?:it|they|this one|that one|the (?:story|plot|characters?|writing|food|view|author|ending)|"
    r"(?:have|had) you (?:ever )?(?:seen|read|tried|been|heard))\b"
)
_ASKS_OF: Final = re.compile(r"\b(?:have|did|do|are) you\b")
_BEFORE_VERB: Final = ADVERBS | word_set("did have had been am was")


def praised(text: str, told: Sequence[Statement], user: EntityRef) -> Iterator[Claim]:
    """Yields what a turn names and then praises.

    Args:
        text: The turn's content.
        told: Its sentences, questions included.
        user: The user.
    """
    before: list[Phrase] = []
    for statement in told:
        own = not (statement.question or statement.request)
        clauses = statement.clauses if own else tuple(split_clauses(statement.tokens))
        for place, clause in enumerate(clauses):
            if own:
                yield from _named_with_praise(text, clause.tokens, user)
            if own and not _judges_what_follows(clauses[place + 1 : place + 2]):
                yield from _claims(clause.tokens, before, text, user)
            before.append(clause.tokens)


def praised_in_reply(text: str, asked: str, user: EntityRef) -> Iterator[Claim]:
    """Yields what a question names and the reply to it praises.

    Args:
        text: The user's turn.
        asked: The assistant's turn before it.
        user: The user.
    """
    source = asked[-_MAX_READ:]
    praise = list(_praise_at_the_start(text)) if "?" in source else []
    questions = [
        sentence.tokens
        for sentence in (split_sentences(source)[-_REACH:] if praise else ())
        if sentence.question and _ASKS_OF.search(words(sentence.tokens))
    ]
    for clause in praise if questions else ():
        yield from _claims(clause, questions[-1:], source, user)


def _praise_at_the_start(text: str) -> Iterator[Phrase]:
    """Yields the clauses of praise in the first two sentences of a turn, up to a question."""
    for sentence in split_sentences(text[:_MAX_REPLY])[:2]:
        if sentence.question:
            return
        for clause in split_clauses(sentence.tokens):
            joined = words(strip_openers(clause.tokens)[0])
            if _LOVED.match(joined) or _PRAISE.match(joined):
                yield clause.tokens


def _judges_what_follows(following: Sequence[Clause]) -> bool:
    """Tells "it's great that she came", in which "it" is what follows."""
    return bool(following) and following[0].connector in {"that", "if", "when"}


def _claims(
    clause: Phrase, before: Sequence[Phrase], source: str, user: EntityRef
) -> Iterator[Claim]:
    said, _, taken = strip_openers(clause)
    joined = words(trim_marks(said))
    loved = _LOVED.match(joined)
    if not (loved or _PRAISE.match(joined)) or taken & (HEDGES | DOUBTS):
        return
    tasty = _TASTY.search(joined)
    for meant in _meant(source, before):
        if loved or meant.kind is Kind.WORK or (meant.kind is Kind.DISH and tasty):
            yield _liking(meant.value, clause, user)


def _meant(source: str, before: Sequence[Phrase]) -> list[Experience]:
    """Returns what a pronoun after some clauses is likely to mean."""
    for clause in reversed(before[-_REACH:]):
        found = experiences(source, clause)
        if found:
            return found
        said = words(strip_openers(clause)[0])
        if not (_ABOUT_IT.match(said) or _PRAISE.match(said)):
            return []
    return []


def _named_with_praise(text: str, clause: Phrase, user: EntityRef) -> Iterator[Claim]:
    """Reads "I caught a really fascinating documentary": the praise stands before the noun."""
    said = strip_openers(clause)[0]
    verb = said[1:] if said and said[0].norm in {"i", "we"} else said
    while verb and verb[0].norm in _BEFORE_VERB:
        verb = verb[1:]
    value = praised_object(text, verb)
    if value:
        yield _liking(value, clause, user)


def _liking(value: str, tokens: Phrase, user: EntityRef) -> Claim:
    return Claim(entity=user, key="likes", value=value, tokens=tokens, confidence=_CONFIDENCE)
