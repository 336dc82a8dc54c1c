"""Reading a clause: its subject, tense, polarity, doubt, verb and what follows the verb."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.auxiliaries import Auxiliaries, Tense
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.closings import strip_over, without_degree, without_times
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    HEDGES,
    HEDGING_MODALS,
    KIN,
    PREDICATIVE,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    WH_WORDS,
)
from spectron_extraction.builtin.openers import skip_prefix, strip_openers
from spectron_extraction.builtin.times import TimeExpression, find_times
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.verbs import FORMS, VerbForm, verb_form
from spectron_extraction.builtin.wordlists import word_set

_SUBJECT_WINDOW: Final = 7
_LONGEST_NAME: Final = 4
_NOW: Final = frozenset({"now", "currently", "nowadays", "recently"})


_NOT_VERBS: Final = (
    PREPOSITIONS | DETERMINERS | SUBJECT_PRONOUNS | WH_WORDS | AUXILIARIES | KIN.keys() | word_set(
        "last still and but because if though although while unless not just you him her "
    "them myself both "
        "yes yeah hello thanks sorry sure please ready done happy good great new old two three"
    )
)  # fmt: skip


class SubjectKind(StrEnum):
    """Who or what a clause is about, as it is said."""

    FIRST = "first"
    POSSESSED = "possessed"
    PRONOUN = "pronoun"
    NAMED = "named"
    ADDRESSED = "addressed"
    ELIDED = "elided"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The subject of a clause; `words` are those after "my" or those of the name."""

    kind: SubjectKind
    words: Phrase = ()
    plural: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicate:
    """A clause that was read.

    Attributes:
        subject: Who it is about.
        lemma: The base form of the main verb.
        tense: When it holds; a present perfect ("have lived") is present.
        progressive: Whether the verb stands in its -ing form.
        perfect: Whether "have" stands before it.
        passive: Whether it is a participle after "be": "was born".
        negated: Whether "not" or "never" stands before it.
        ended: Whether it says that something is over: "no longer", "anymore", "used to".
        modal: The modal verb, or empty.
        hedged: Whether it is said with doubt.
        adverbs: The adverbs around the verb.
        complement: What follows the verb, times taken off its ends.
        raw: What follows the verb, times and all.
        times: The times in it.
        tokens: The whole clause, for evidence.
    """

    subject: Subject
    lemma: str
    tense: Tense
    progressive: bool = False
    perfect: bool = False
    passive: bool = False
    negated: bool = False
    ended: bool = False
    used_to: bool = False
    modal: str = ""
    hedged: bool = False
    adverbs: frozenset[str] = frozenset()
    complement: Phrase = ()
    raw: Phrase = ()
    times: tuple[TimeExpression, ...] = ()
    tokens: Phrase = field(default=())

    @property
    def hypothetical(self) -> bool:
        """Whether it tells of what would be rather than what is."""
        return self.modal in {"would", "should", "shall"}


def read_clause(
    clause: Clause, observed_at: datetime, previous: Subject | None
) -> Predicate | None:
    """Reads a clause.

    Args:
        clause: The clause.
        observed_at: When it was said, to resolve times.
        previous: The subject of the clause before, for one that continues it.

    Returns:
        What it says, or None if it has no subject and verb that the rules know.
    """
    rest, hedged, opened = strip_openers(clause.tokens)
    whole = rest
    rest, childhood = skip_prefix(rest)
    if not rest:
        return None
    if {token.norm for token in whole[: len(whole) - len(rest)]} & {"every", "each"}:
        opened |= {"usually"}  # "Every Sunday I call my mom"
    if clause.continues and previous is not None:
        subject, length = previous, 0
        if rest[0].norm in SUBJECT_PRONOUNS:
            subject, length = _subject(rest)
    else:
        subject, length = _subject(rest)
    verb_part = rest[length:]
    predicate = _verb_phrase(subject, verb_part, observed_at)
    if predicate is None:
        return None
    tense = Tense.PAST if childhood and predicate.tense is Tense.PAST else predicate.tense
    before = find_times(
        clause.tokens[: max(0, len(clause.tokens) - len(rest))],
        observed_at,
        future=tense is not Tense.PAST,
    )
    return replace(
        predicate,
        hedged=predicate.hedged or hedged,
        adverbs=predicate.adverbs | opened,
        times=(*before, *predicate.times),
        tokens=clause.tokens,
    )


def verb_phrase(subject: Subject, tokens: Phrase, observed_at: datetime) -> Predicate | None:
    """Reads a verb phrase of which the subject is known, such as that of a relative clause."""
    predicate = _verb_phrase(subject, tokens, observed_at)
    return replace(predicate, tokens=tokens) if predicate else None


def _subject(tokens: Phrase) -> tuple[Subject, int]:
    """Returns the subject and how many tokens it takes."""
    word = tokens[0].norm
    if word in {"i", "im"}:
        return Subject(kind=SubjectKind.FIRST), 1
    if word == "we":
        return Subject(kind=SubjectKind.FIRST, plural=True), 1
    if word in {"he", "she", "they", "it"}:
        return Subject(kind=SubjectKind.PRONOUN, words=tokens[:1], plural=word == "they"), 1
    if word == "you":
        return Subject(kind=SubjectKind.ADDRESSED), 1
    joined = _joined_length(tokens)
    if joined:
        own = tokens[3:joined] if words(tokens[:3]) in {"me and my", "me and our"} else ()
        return Subject(kind=SubjectKind.FIRST, words=own, plural=True), joined
    if word in {"my", "our"}:
        length = _noun_phrase_length(tokens, 1)
        if length > 1:
            inner = tokens[1:length]
            if tokens[length - 1].norm in {"i", "me"}:  # "my wife and I"
                others = trim_marks(tokens[1 : length - 2])
                return Subject(kind=SubjectKind.FIRST, words=others, plural=True), length
            again = tokens[length - 1].norm in {"he", "she", "they", "it"} and len(inner) > 1
            # "My wife she is a doctor": the pronoun only says the subject again.
            return Subject(kind=SubjectKind.POSSESSED, words=inner[:-1] if again else inner), length
        return Subject(kind=SubjectKind.OTHER), 1
    if tokens[0].capital and word not in DETERMINERS and word not in FORMS:
        apposed = _apposed(tokens)
        if apposed is not None:
            return apposed
        length = 1
        while length < len(tokens) and tokens[length].capital and length < _SUBJECT_WINDOW:
            length += 1
        if words(tokens[length : length + 2]) == "and i":
            return Subject(kind=SubjectKind.FIRST, plural=True), length + 2
        if length < len(tokens) and _is_finite(tokens, length):
            return Subject(kind=SubjectKind.NAMED, words=tokens[:length]), length
    if _begins_verb_phrase(tokens):
        return Subject(kind=SubjectKind.ELIDED), 0
    return Subject(kind=SubjectKind.OTHER), 0


def _apposed(tokens: Phrase) -> tuple[Subject, int] | None:
    """Reads "Leo, my son, is ..." as "my son Leo is ..."."""
    comma = next((i for i, token in enumerate(tokens[:_LONGEST_NAME]) if token.norm == ","), 0)
    if not comma or words(tokens[comma + 1 : comma + 2]) not in {"my", "our"}:
        return None
    for place in range(comma + 3, min(comma + 3 + _LONGEST_NAME, len(tokens) - 1)):
        kin = tokens[place - 1].norm in KIN or tokens[place - 1].norm in ANIMALS
        closed = tokens[place].norm == ","
        if kin and closed and (_verb_at(tokens, place + 1) or _is_finite(tokens, place + 1)):
            who = (*tokens[comma + 2 : place], *tokens[:comma])
            return Subject(kind=SubjectKind.POSSESSED, words=who), place + 1
    return None


def _joined_length(tokens: Phrase) -> int:
    """Returns how many tokens "noor and i", "me and Noor" take as a subject, 0 if it is none."""
    norms = [token.norm for token in tokens[:5]]
    other = norms[0]
    if norms[1:2] and norms[1] in {"n", "&"} and {norms[0], *norms[2:3]} & {"i", "me"}:
        norms[1] = "and"  # "me n maya"
    if norms[1:3] in (["and", "i"], ["and", "me"]) and tokens[0].word and len(tokens) > 3:
        own = norms[2] == "i" or _is_finite(tokens, 3)
        return 3 if own and other not in _NOT_JOINED else 0
    if norms[:2] == ["me", "and"] and len(tokens) > 3:
        return next(
            (place for place in range(3, min(6, len(tokens))) if _verb_at(tokens, place)), 0
        )
    return 0


def _verb_at(tokens: Phrase, index: int) -> bool:
    form = FORMS.get(tokens[index].norm)
    return _is_finite(tokens, index) or (form is not None and form.base)


_NOT_JOINED: Final = DETERMINERS | PREPOSITIONS | AUXILIARIES | {"you", "yes", "no", "now", "time"}


def _noun_phrase_length(tokens: Phrase, start: int) -> int:
    """Returns where the noun phrase after "my" ends: before the finite verb."""
    index = start
    while index < len(tokens) and index < start + _SUBJECT_WINDOW + 2:
        word = tokens[index].norm
        if word in {"i", "me"} and tokens[index - 1].norm in {"and", "&"}:
            return index + 1
        if index > start and _is_finite(tokens, index):
            return index
        if word == "," and index + 1 < len(tokens):
            # "my dog, Rex, is": an apposition of at most three words.
            closing = next(
                (
                    place
                    for place in range(index + 2, min(index + 5, len(tokens)))
                    if tokens[place].norm == ","
                ),
                0,
            )
            if closing and closing + 1 < len(tokens) and _is_finite(tokens, closing + 1):
                return closing + 1
        if not tokens[index].word and word not in {",", '"'}:
            return start
        index += 1
    return start


def _is_finite(tokens: Phrase, index: int) -> bool:
    """Tells whether a finite verb, perhaps after an adverb, stands at a place."""
    while index < len(tokens) - 1 and tokens[index].norm in ADVERBS:
        index += 1
    word = tokens[index].norm
    if word in AUXILIARIES:
        return True
    if word == "'s":
        # A possessive unless what follows can only follow "is".
        follower = tokens[index + 1].norm if index + 1 < len(tokens) else ""
        return (
            follower in {"a", "an", "the", "not", "from", "in", "at", "on", "due", "called"}
            or (follower in PREDICATIVE and not _qualifies(tokens, index + 2))
            or follower in ADVERBS
            or (verb_form(follower) or VerbForm("")).gerund
            or follower.isdigit()
        )
    form = FORMS.get(word)
    if form is None:
        return False
    if form.third or (form.past and not form.gerund):
        return True
    # "My parents live": a base form counts if the noun before it is a plural.
    return form.base and index > 0 and tokens[index - 1].norm.endswith(("s", "children", "people"))


def _qualifies(tokens: Phrase, index: int) -> bool:
    """Tells "my brother's vegan restaurant" from "my brother's vegan"."""
    after = tokens[index].norm if index < len(tokens) else ","
    return after.isalpha() and after not in PREPOSITIONS | ADVERBS | {"and", "but", "or", "too"}


def _begins_verb_phrase(tokens: Phrase) -> bool:
    index = 0
    while index < len(tokens) and tokens[index].norm in ADVERBS:
        index += 1
    return index < len(tokens) and (
        tokens[index].norm in FORMS
        or tokens[index].norm in AUXILIARIES
        or tokens[index].norm == "'s"
    )


def _verb_phrase(subject: Subject, tokens: Phrase, observed_at: datetime) -> Predicate | None:
    """Reads auxiliaries, adverbs and the main verb, and takes the times out of the rest."""
    state = Auxiliaries(copular=_names_thing(subject))
    index = 0
    while index < len(tokens):
        taken = state.take(tokens, index)
        if not taken:
            break
        index += taken
    if state.main:
        lemma, form = state.main, FORMS[state.main]
    else:
        if index >= len(tokens):
            return None
        found = verb_form(tokens[index].norm) or _unknown_verb(subject, tokens, index)
        if found is None:
            return None
        lemma, form = found.lemma, found
        index += 1
    rest = tokens[index:]
    tense = state.tense(form)
    ended = state.ended
    rest, over = strip_over(rest)
    # "No more" at the end both denies and ends.
    state.negated = state.negated or (
        over and tokens[-1].norm == "more" and tokens[-2].norm == "no"
    )
    state.adverbs |= {token.norm for token in rest[-2:]} & _NOW
    times = find_times(rest, observed_at, future=tense is not Tense.PAST)
    complement = without_times(rest, times)
    complement, rest = without_degree(complement), without_degree(rest)
    return Predicate(
        subject=subject,
        lemma=lemma,
        tense=tense,
        progressive=state.be and form.gerund,
        perfect=state.have,
        passive=state.be and form.participle and not form.gerund,
        negated=state.negated,
        ended=ended or (over and state.negated),
        used_to=state.used_to,
        modal=state.modal,
        hedged=state.modal in HEDGING_MODALS or bool(state.adverbs & HEDGES),
        adverbs=frozenset(state.adverbs),
        complement=complement,
        raw=rest,
        times=tuple(times),
    )


def _unknown_verb(subject: Subject, tokens: Phrase, index: int) -> VerbForm | None:
    """Takes a word that can be nothing else for a verb: what follows "I", "I often", "I can"."""
    word = tokens[index].norm
    if subject.kind is not SubjectKind.FIRST or subject.words or not word.isalpha():
        return None
    if len(word) < 3 or word in _NOT_VERBS or tokens[index].capital:
        return None
    return VerbForm(word, base=True)


def _names_thing(subject: Subject) -> bool:
    """Tells "my job", of which "is" tells what it is, from "my sister", who may be doing it."""
    words_of = {token.norm for token in subject.words}
    return subject.kind is SubjectKind.POSSESSED and not words_of & (KIN.keys() | ANIMALS.keys())
