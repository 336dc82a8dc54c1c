"""What is praised after it was named: "I read Dune. I couldn't put it down", "Seen Up? Loved it".

Words of praise say "it". What they mean is what was read, seen, tasted or visited in the clause
before them, or in the question that they answer. Clauses between the two must be about it, too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.clauses import Clause, split_clauses
from spectron_extraction.builtin.guards import GUARDS, head
from spectron_extraction.builtin.lexicon import ADVERBS, DETERMINERS, DOUBTS, HEDGES, KIN
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.sentences import split_sentences
from spectron_extraction.builtin.speech_acts import Statement
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut, items, trim, usable, written
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef

_CONFIDENCE: Final = 0.7
_MAX_VALUE: Final = 7
_MAX_ASKED: Final = 2_000
_REACH: Final = 3
"""How many clauses before the praise may be looked at."""

_FINE: Final = (
    "great|awesome|amazing|fantastic|excellent|delicious|tasty|yummy|beautiful|lovely|wonderful|"
    "fascinating|captivating|gripping|brilliant|superb|heavenly|incredible|addictive|epic|magical|"
    "stunning|mesmeri[sz]ing|breathtaking|hilarious|enchanting|inspiring|unforgettable|"
    "thought-provoking|moving|touching|charming|delightful|phenomenal|outstanding|riveting|"
    "intriguing|gorgeous|marvelous|marvellous|spectacular|engrossing|unputdownable|mind-blowing"
)
_TASTY: Final = re.compile(r"\b(?:delicious|tasty|yummy|heavenly|mouthwatering|so good|to die for)\b")
_HOW: Final = (
    r"(?:really|so|very|just|absolutely|pretty|quite|totally|truly|utterly|such|simply|kind of|"
    r"kinda|sort of|actually|honestly|always|seriously|super|incredibly|a|an)"
)
_IT: Final = r"(?:it|they|this one|that one|the (?:whole thing|book|movie|film|story|show|series))"
_PRAISE: Final = re.compile(
    rf"(?:{_IT} (?:is|are|was|were|turned out|is been|has been|have been)(?: {_HOW})* "
    rf"(?:(?:{_FINE})(?! to\b| that\b| for\b| if\b| when\b)"
    r"|so good|masterpiece|classic|gem|must-read|must-see|page-turner|work of art|to die for)\b"
    rf"|{_IT} (?:is|has|have)(?: got)? (?:such )?(?:a|an|this|its own|the most)(?: {_HOW})* "
    rf"(?:unique|special|certain|cool|peaceful|cozy|good|{_FINE}) "
    r"(?:vibe|charm|energy|feel|feeling|atmosphere|mood|beauty|magic|pull|style|blend|mix)\b"
    rf"|(?:{_IT} )?(?:gives|offers|has) (?:you )?(?:such )?(?:a|an)(?: {_HOW})* (?:{_FINE}) "
    r"(?:perspective|view|look|take|story|plot|insight|portrait)\b"
    rf"|{_IT} (?:really |totally |just |always |completely )*(?:blew (?:me away|my mind)|moved me|"
    r"hooked me|had me hooked|sucked me in|draws? me (?:in|back)|drew me (?:in|back)|"
    r"stayed with me|resonated with me|cracked me up|(?:never )?gets? me every time|"
    r"never gets? old|never disappoints?|gets? me thinking|got me thinking|lifts my mood)\b"
    rf"|{_IT} (?:is|has|have) always (?:been )?(?:been )?(?:a|an|one) .{{0,30}}"
    r"\b(?:gets me|got me|favorites?|fascinated me|love)\b"
    r"|there is (?:just )?something (?:\w+ )?about (?:it|them)\b"
    r"|i (?:really |just |literally |simply |honestly )*(?:could|can) (?:not|hardly|barely) "
    r"(?:put it down|stop (?:reading|watching|listening|playing|eating)|get enough of (?:it|them))"
    r"|(?:could|can) not (?:put it down|stop (?:reading|watching|listening))"
    r"|i (?:am|was|got)(?: {_HOW})* (?:hooked|blown away|obsessed(?: with it)?|engrossed)\b"
    r"|i am(?: {_HOW})* excited about (?:it|them)\b"
    r"|(?:i )?(?:would )?(?:highly |totally |definitely )recommend (?:it|them)\b)".replace(
        "{_HOW}", _HOW
    )
)
_LOVED: Final = re.compile(
    r"(?:(?:i|we) )?(?:really |absolutely |just |totally |do |have always |always )*"
    r"(?:love|loved|adore|adored)(?: (?:it|them)|$)"
    r"|(?:it|that|they|those)(?: (?:is|are|was|has|have|been))+(?: \w+ly)? "
    r"(?:(?:one of )?my (?:\w+ )?(?:favorites?|obsession)|(?:a|an) (?:\w+ )?favorites?(?: of mine)?)\b"
    r"|(?:one of )?my (?:\w+ )?favorites?$"
)
_BETWEEN: Final = re.compile(
    r"^(?:it|they|this one|that one|the (?:story|plot|characters?|writing|food|view|author|ending)|"
    r"(?:have|had) you (?:ever )?(?:seen|read|tried|been|heard))\b"
)
_ASKS_OF: Final = re.compile(r"\b(?:have|did|do|are) you\b")

_WORKS: Final = word_set(
    "documentary documentaries drama dramas thriller comedy comedies novel novels memoir memoirs "
    "biography autobiography mystery romance musical sitcom anime manga opera ballet symphony "
    "fantasy sci-fi western poem poetry podcast cartoon fairytale saga trilogy"
)
"""Nouns for works that name their kind, and so a taste."""

_ANY_WORKS: Final = word_set(
    "book movie film show series album song play game track story concert exhibition work works"
)
"""Nouns for works that say nothing without what stands beside them: "a book about bees"."""

_TAKING_IN: Final = word_set(
    "read reread re-read watch rewatch re-watch binge stream listen revisit discover play"
)
_PERHAPS: Final = word_set("finish start begin catch see pick hear dive get go know")
_GOING: Final = word_set("be go visit explore look head hike fly travel drive")
_TASTING: Final = word_set("try taste eat have order make bake cook drink")
_LIKING: Final = word_set("like love enjoy")
_AFTER_VERB: Final = word_set(
    "you into up out back to of at into through reading watching listening playing again ever pictures "
    "photos any some about"
)
_ENDS: Final = word_set(
    "last yesterday today tonight over during for at with when again recently while twice before "
    "once this on after as in from by all and but so because"
)
_BEFORE_NOUN: Final = (
    DETERMINERS
    | ADVERBS
    | word_set("new old latest entire whole great good nice interesting same really pretty")
    | frozenset(_FINE.split("|"))
)
_QUOTES: Final = frozenset({"'", '"', "\u2018", "\u2019", "\u201c", "\u201d"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Named:
    """What may be meant: its value, and whether praise of any kind tells a taste in it."""

    value: str
    telling: bool
    food: bool


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
        clauses = statement.clauses if own else split_clauses(statement.tokens)
        for place, clause in enumerate(clauses):
            if own:
                yield from _within(text, clause.tokens, user)
            if own and not _judges_what_follows(clauses[place + 1 : place + 2]):
                yield from _claims(text, clause.tokens, before, text, user)
            before.append(clause.tokens)


def _judges_what_follows(following: Sequence[Clause]) -> bool:
    """Tells "it's great that she came", in which "it" is what follows."""
    return bool(following) and following[0].connector in {"that", "if", "when", "to"}


def praised_in_reply(text: str, asked: str, user: EntityRef) -> Iterator[Claim]:
    """Yields what a question names and the reply to it praises.

    Args:
        text: The user's turn.
        asked: The assistant's turn before it.
        user: The user.
    """
    start = max(0, len(asked) - _MAX_ASKED)
    questions = [
        tuple(t._replace(start=t.start + start, end=t.end + start) for t in sentence.tokens)
        for sentence in split_sentences(asked[start:])[-_REACH:]
        if sentence.question and _ASKS_OF.search(words(sentence.tokens))
    ]
    if not questions:
        return
    for sentence in split_sentences(text[:_MAX_ASKED])[:2]:
        if sentence.question:
            return
        for clause in split_clauses(sentence.tokens):
            yield from _claims(text, clause.tokens, questions[-1:], asked, user)


def _claims(
    text: str, clause: Phrase, before: Sequence[Phrase], source: str, user: EntityRef
) -> Iterator[Claim]:
    said, _, taken = strip_openers(clause)
    joined = words(trim_marks(said))
    loved = _LOVED.match(joined)
    if not (loved or _PRAISE.match(joined)) or taken & (HEDGES | DOUBTS):
        return
    for named in _meant(source, before):
        if loved or (named.telling and (not named.food or _TASTY.search(joined))):
            yield Claim(
                entity=user, key="likes", value=named.value, tokens=clause, confidence=_CONFIDENCE
            )


def _meant(source: str, before: Sequence[Phrase]) -> list[_Named]:
    """Returns what a pronoun after some clauses is likely to mean."""
    for clause in reversed(before[-_REACH:]):
        named = list(_named(source, clause))
        if named:
            return named
        said = words(strip_openers(clause)[0])
        if not (_BETWEEN.match(said) or _PRAISE.match(said)):
            return []
    return []


def _named(source: str, clause: Phrase) -> Iterator[_Named]:
    """Yields what a clause says that somebody read, saw, tasted or visited."""
    called = _called(clause)
    if called:
        yield _Named(value=_title(source, called) or "", telling=True, food=False)
        return
    for place in range(len(clause) - 1, -1, -1):
        form = verb_form(clause[place].norm)
        lemma = form.lemma if form else clause[place].norm
        if lemma not in _TAKING_IN | _PERHAPS | _GOING | _TASTING | _LIKING:
            continue
        rest = clause[place + 1 :]
        taken = {clause[place].norm}
        while rest and rest[0].norm in _AFTER_VERB:
            taken.add(rest[0].norm)
            rest = rest[1:]
        found = list(_objects(source, lemma, taken, rest))
        if found:
            yield from found
            return


def _objects(source: str, lemma: str, taken: set[str], rest: Phrase) -> Iterator[_Named]:
    title = _title(source, rest)
    if title:
        if lemma not in _LIKING | {"be", "have"}:
            yield _Named(value=title, telling=True, food=False)
        return
    taking_in = lemma in _TAKING_IN or taken & {"reading", "watching", "playing", "heard"}
    for item in items(cut(rest, at=_ENDS)):
        phrase = trim(item)
        bare = phrase
        while len(bare) > 1 and bare[0].norm in _BEFORE_NOUN:
            bare = bare[1:]
        value = written(source, bare) if usable(bare) and len(bare) <= _MAX_VALUE else None
        if value is None or not GUARDS["likeable"](bare):
            continue
        noun = head(bare)
        person = noun in KIN or bare[0].norm in GIVEN_NAMES
        named = bare[0].capital and bare[-1].capital and not person
        work = noun in _WORKS or (noun in _ANY_WORKS and len(bare) > 1)
        kind = next((i for i, t in enumerate(bare[:-1]) if t.norm in _WORKS | _ANY_WORKS), -1)
        if kind >= 0 and all(token.capital for token in bare[kind + 1 :]):
            bare, named = bare[kind + 1 :], True  # "The opera Carmen"
            value = written(source, bare) or value
        placed = lemma in _GOING and taken & {"to", "at", "of", "visited", "visit", "explored"}
        tasted = lemma in _TASTING and not person
        if work and lemma not in _LIKING | _GOING - {"go"}:
            yield _Named(value=value, telling=True, food=False)
        elif named and (taking_in or placed or lemma in {"see", "catch", "finish"}):
            yield _Named(value=value, telling=True, food=False)
        elif tasted or lemma in _LIKING or "into" in taken:
            yield _Named(value=value, telling=tasted, food=True)


def _called(clause: Phrase) -> Phrase:
    """Returns the title in "it is called 'Sapiens'" and "it was 'Sapiens' by ..."."""
    said = strip_openers(clause)[0]
    joined = words(said)
    match = _CALLED.match(joined)
    return said[len(match[0].split()) :] if match else ()


_CALLED: Final = re.compile(r"(?:it|that|this) (?:is|was)(?: called| titled| named)?(?= ['\"\u2018])")


def _title(source: str, rest: Phrase) -> str | None:
    """Returns a title in quotation marks that a phrase begins with, and whose work it is."""
    place = 0
    while place < min(4, len(rest)) and rest[place].norm not in _QUOTES:
        if rest[place].norm not in _BEFORE_NOUN | _ANY_WORKS | _WORKS | {"called", "titled", "named"}:
            return None
        place += 1
    if place >= len(rest) or rest[place].norm not in _QUOTES:
        return None
    inner = rest[place + 1 :]
    end = next((i for i, token in enumerate(inner) if token.norm in _QUOTES), len(inner))
    title = trim_marks(inner[:end])
    kinds = [token for token in rest[:place] if token.norm in _WORKS]
    if not title or len(title) > _MAX_VALUE or not title[0].capital and not title[0].norm.isdigit():
        return None
    after = inner[end + 1 :]
    author = []
    if after and after[0].norm == "by":
        for token in after[1:]:
            if not token.capital:
                break
            author.append(token)
    value = written(source, title)
    if value and kinds:
        value = f"the {kinds[-1].norm} {value}"
    return f"{value} by {written(source, author)}" if value and author else value


def _within(text: str, clause: Phrase, user: EntityRef) -> Iterator[Claim]:
    """Reads "I caught a really fascinating documentary": the praise stands before the noun."""
    said = strip_openers(clause)[0]
    own = said[1:] if said and said[0].norm in {"i", "we"} else said
    while own and own[0].norm in ADVERBS | {"did", "have", "had", "been", "am", "was"}:
        own = own[1:]
    form = verb_form(own[0].norm) if own else None
    if form is None or form.lemma not in _TAKING_IN | _PERHAPS:
        return
    rest = own[1:]
    while rest and rest[0].norm in _AFTER_VERB:
        rest = rest[1:]
    phrase = trim(cut(rest, at=_ENDS))
    place = 0
    fine = False
    while place < len(phrase) - 1 and phrase[place].norm in _BEFORE_NOUN:
        fine = fine or phrase[place].norm in _FINE.split("|")
        place += 1
    bare = phrase[place:]
    value = written(text, bare) if fine and head(bare) in _WORKS else None
    if value and len(bare) <= _MAX_VALUE:
        yield Claim(entity=user, key="likes", value=value, tokens=clause, confidence=_CONFIDENCE)
