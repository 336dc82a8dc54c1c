"""Reading one turn of the user: from sentences to claims, one clause after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from spectron_extraction.builtin.adjuncts import KEYS, adjuncts
from spectron_extraction.builtin.antecedents import (
    counted,
    liked_object,
    resumed,
    with_antecedent,
)
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading
from spectron_extraction.builtin.clause_reader import ClauseReader
from spectron_extraction.builtin.clauses import (
    Clause,
    object_relative,
    sets_condition,
    split_clauses,
)
from spectron_extraction.builtin.copula import copula_claims
from spectron_extraction.builtin.directives import directive_claims
from spectron_extraction.builtin.doubts import (
    undecided,
    under_modal,
    unsettled,
    wavering,
    with_doubt,
)
from spectron_extraction.builtin.elliptic import completions, in_stages, with_denier, with_subject
from spectron_extraction.builtin.endings import ending_claims, no_longer
from spectron_extraction.builtin.entities import Discourse, read_relation
from spectron_extraction.builtin.evaluations import evaluation_claims
from spectron_extraction.builtin.favorites import Stated, favorite_claims, favorite_topic
from spectron_extraction.builtin.incidentals import incidental_claims
from spectron_extraction.builtin.lapses import lapses
from spectron_extraction.builtin.lexicon import DETERMINERS, SUBJECT_PRONOUNS
from spectron_extraction.builtin.nouns import named_by_pronoun
from spectron_extraction.builtin.opinions import opinion_claims
from spectron_extraction.builtin.outcomes import fulfilled, rescheduled
from spectron_extraction.builtin.praise import praised
from spectron_extraction.builtin.presuppositions import presupposed
from spectron_extraction.builtin.questions import turned
from spectron_extraction.builtin.retractions import (
    TakenBack,
    ended_claims,
    named_ends,
    taken_back,
)
from spectron_extraction.builtin.sentences import split_sentences
from spectron_extraction.builtin.speech_acts import Statement, statements
from spectron_extraction.builtin.syntax import Subject, SubjectKind, read_clause
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.wishes import called_by_others
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import EntityRef, KnownAttribute

# What may stand before an order; after "and" a verb alone continues the statement before it.
_BEFORE_ORDER: Final = frozenset({"so", "please", "then"})
_LIKEWISE: Final = phrase_set(
    "i do, we do, i do too, i am, i do and you, i do a lot, yes i do, i sure do, i really do, "
    "i do lol, i love to, i do sometimes, i have, i can"
)
_SUBJECTS: Final = word_set("i we im he she they you it my our me us")
# What a user does that an assistant can notice: "when I paste an error, give me the fix".
_ASIDE: Final = 0.75
_NOT_YET: Final = frozenset({"when", "whenever", "until", "once", "before"})
_APPOSITION: Final = frozenset({",", "", "\u2014", "\u2013", "-", "("})


class TurnReader:
    """Reads the user's turns of one window, in order."""

    def __init__(
        self, *, user: EntityRef, ontology: Ontology, discourse: Discourse, clauses: ClauseReader
    ) -> None:
        self._user = user
        self._ontology = ontology
        self._discourse = discourse
        self._clauses = clauses
        self._topic = ""
        self._before: Phrase = ()
        self._asked: Phrase = ()
        self._answers = False

    def read(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        last: Sequence[Claim] = (),
        *,
        answers: bool = False,
    ) -> Iterator[Claim]:
        """Yields what a turn says.

        Args:
            text: Its content.
            observed_at: When it was said.
            known: What is believed at this point, the newest first.
            last: What the user's turn before said, in case this one takes it back.
            answers: Whether it answers a question about something else than the user, so that its
                first sentence is no note of theirs.
        """
        self._discourse.new_turn()
        self._topic = ""
        self._before = self._asked = ()
        requested = said = False
        told: list[tuple[str, str]] = [
            (attribute.key, attribute.value)
            for attribute in known
            if attribute.entity == self._user
        ]
        granted: list[Statement] = []
        for sentence in statements(text, split_sentences(text)):
            statement = sentence
            back = taken_back(statement.tokens)
            if back is not None:
                ends = list(self._taken_back(text, observed_at, known, back, last))
                yield from ends
                if back.forbids or (ends and not back.rest):
                    continue
                if ends or back.last:
                    statement = statement.after(back.rest)
            requested = requested or bool(statement.clauses and statement.request)
            self._answers = answers and not granted
            for claim in self._statement(text, observed_at, known, statement, requested=requested):
                if claim.entity == self._user and claim.value is not None:
                    told.append((self._ontology.canonical(claim.key), claim.value))
                last = (*last, claim) if said else (claim,)
                said = True
                yield claim
            self._topic = favorite_topic(statement.tokens) or self._topic
            self._before = statement.tokens
            self._asked = statement.tokens if statement.question else ()
            granted.append(statement)
        yield from praised(text, granted, self._user)
        for statement in granted:
            yield from incidental_claims(text, statement, self._discourse, told)
            for claim in self._aside(text, observed_at, known, statement, told):
                told.append((claim.key, claim.value or ""))
                yield claim
            yield from presupposed(
                text,
                statement.tokens,
                discourse=self._discourse,
                told=told,
                question=statement.question,
            )

    def _taken_back(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        back: TakenBack,
        last: Sequence[Claim],
    ) -> Iterator[Claim]:
        """Yields the ends of what a sentence takes back."""
        tokens = back.phrase or back.rest
        if back.last:
            for claim in last:
                if not claim.retracts and claim.value is not None:
                    yield replace(claim, tokens=back.tokens, retracts=True, hedged=False)
            return
        claims, _ = self._clauses.clause(
            text, observed_at, known, Clause(tokens=tokens, connector="")
        )
        stated = [claim for claim in claims if not claim.retracts]
        if stated:
            ends = list(ended_claims(stated, back.tokens, known, self._ontology))
            yield from ends or (
                replace(claim, tokens=back.tokens, retracts=True, hedged=False) for claim in stated
            )
        else:
            yield from named_ends(tokens, back.tokens, known, self._user, self._ontology)

    def _statement(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        statement: Statement,
        *,
        requested: bool,
    ) -> Iterator[Claim]:
        if self._asked and words(trim_marks(statement.tokens)) in _LIKEWISE:
            yield from self._answered(text, observed_at, known, statement)
            return
        noted = [] if self._answers else list(self._noted(text, observed_at, known, statement))
        if noted:
            yield from noted
            return
        weighed = [] if statement.question else wavering(statement.tokens)
        raised = [
            replace(claim, tokens=statement.tokens)
            for clause in weighed
            for claim in self._clauses.clause(text, observed_at, known, clause)[0]
        ]
        if not weighed:
            doubted = undecided(statement.tokens)
            raised = [
                with_doubt(claim) if doubted else claim
                for claim in self._claims(text, observed_at, known, statement, requested=requested)
            ]
        yield from raised
        yield from unsettled(statement.tokens, weighed, raised, known, self._user)

    def _claims(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        statement: Statement,
        *,
        requested: bool,
    ) -> Iterator[Claim]:
        previous: Subject | None = None
        last: Reading | None = None
        condition: Phrase = ()
        before = self._before
        for clause in map(with_denier, in_stages(statement.clauses)):
            directives: list[Claim] = []
            if previous is None or not clause.continues or clause.connector in _BEFORE_ORDER:
                directives.extend(
                    directive_claims(
                        text, clause, self._user, requested=requested, condition=condition
                    )
                )
            condition = clause.tokens if sets_condition(clause) else ()
            said = directives or self._set_ways(text, clause, before, known)
            beforehand, before = before, clause.tokens
            if said:
                yield from said
                continue
            yield from ending_claims(clause.tokens, known, self._user)
            yield from lapses(clause.tokens, known, self._user)
            yield from rescheduled(clause.tokens, observed_at, known, self._user)
            if clause.connector == "who":
                own = last is not None and _tells_who(last)
                reading = self._clauses.relative(text, observed_at, known, clause, own=own)
            else:
                predicate = read_clause(resumed(clause, last), observed_at, previous)
                if predicate is None:
                    if clause.tokens[0].norm in SUBJECT_PRONOUNS | DETERMINERS:
                        previous = Subject(kind=SubjectKind.OTHER)
                    yield from self._fragment(text, observed_at, clause, last)
                    continue
                if clause.continues and clause.connector in {"and", "or"} and last is not None:
                    predicate = under_modal(predicate, last.predicate)
                previous = predicate.subject
                if object_relative(clause):
                    predicate = liked_object(predicate, beforehand)
                    if predicate is None:
                        continue
                predicate = with_antecedent(predicate, beforehand)
                reading = self._clauses.reading(text, observed_at, known, predicate)
            last = reading
            number = counted(reading, beforehand) if reading is not None else None
            if number is not None:
                yield number
                continue
            if reading is not None and not _not_yet(clause, reading):
                yield from self._told(clause, reading, known)

    def _told(
        self, clause: Clause, reading: Reading, known: tuple[KnownAttribute, ...]
    ) -> Iterator[Claim]:
        """Yields what a clause states, what that fulfils and what it says is over."""
        yield from self._clauses.claims(reading)
        yield from fulfilled(reading, known)
        predicate = reading.predicate
        until = {time.kind for time in predicate.times} & {TimeKind.UNTIL}
        past = until and predicate.tense is Tense.PAST
        if (predicate.ended or predicate.used_to or past) and reading.about_user:
            yield from no_longer(
                clause.tokens, predicate.lemma, predicate.complement, known, self._user
            )

    def _set_ways(
        self, text: str, clause: Clause, before: Phrase, known: tuple[KnownAttribute, ...]
    ) -> list[Claim]:
        """Reads a clause in the first of the set ways of telling something that it is said in."""
        stated = Stated(
            text=text,
            tokens=clause.tokens,
            before=before,
            user=self._user,
            ontology=self._ontology,
        )
        ways = (
            opinion_claims(text, clause, self._user),
            favorite_claims(stated, self._topic),
            evaluation_claims(text, clause.tokens, self._user),
            called_by_others(text, clause.tokens, self._user),
            named_by_pronoun(text, clause.tokens, self._discourse, known),
        )
        return next((claims for way in ways if (claims := list(way))), [])

    def _aside(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        statement: Statement,
        told: Sequence[tuple[str, str]],
    ) -> Iterator[Claim]:
        """Reads what a sentence says of the user aside, unless it is told of the same key."""
        if not statement.clauses or statement.request or wavering(statement.tokens):
            return
        keys = KEYS - {key for key, _ in told}
        for clause in adjuncts(statement.stated):
            claims, _ = self._clauses.clause(text, observed_at, known, clause)
            for claim in claims:
                stated = claim.entity == self._user and not claim.retracts
                if stated and self._ontology.canonical(claim.key) in keys:
                    yield replace(claim, confidence=min(claim.confidence, _ASIDE))

    def _answered(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        statement: Statement,
    ) -> Iterator[Claim]:
        """Reads "Do you like to travel? I do": who asks, and answers for themselves."""
        for clause in split_clauses(self._asked):
            told = turned(clause.tokens)
            if told:
                claims, _ = self._clauses.clause(
                    text, observed_at, known, Clause(tokens=told, connector="")
                )
                yield from (replace(claim, tokens=statement.tokens) for claim in claims)

    def _noted(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        statement: Statement,
    ) -> Iterator[Claim]:
        """Reads a sentence of which "I am", "I have" or "my" is left out."""
        if not statement.clauses or statement.request:
            return
        tokens = statement.stated
        if any(token.norm in _SUBJECTS for token in tokens) or words(tokens[:2]) == "do not":
            return
        elided = with_subject(tokens)
        if elided is not None:
            yield from self._clauses.clause(text, observed_at, known, elided)[0]
            return
        for clause, keys in completions(tokens, self._ontology):
            claims, _ = self._clauses.clause(text, observed_at, known, clause)
            for claim in claims:
                if not keys or self._ontology.canonical(claim.key) in keys:
                    yield claim

    def _fragment(
        self, text: str, observed_at: datetime, clause: Clause, last: Reading | None
    ) -> Iterator[Claim]:
        """Reads a clause without a verb: an apposition, or the mention of a relative."""
        tokens = trim_marks(clause.tokens)
        if not tokens or observed_at is None:
            return
        if tokens[0].norm == "my":
            relation = read_relation(tokens[1:], text)
            if relation is not None and not relation.rest and last is None:
                self._discourse.mention(self._discourse.entity_of(relation))
            return
        copular = last is not None and last.predicate.lemma == "be" and last.about_user
        if last is not None and copular and clause.connector in _APPOSITION:
            yield from copula_claims(last, tokens)
        elif last is not None and copular and clause.connector == "but":
            # "I'm good at SQL but terrible at CSS"
            denied = tokens[0].norm == "not"
            said = replace(last.predicate, negated=denied, complement=tokens[denied:])
            yield from copula_claims(replace(last, predicate=said), tokens[denied:])


def _tells_who(reading: Reading) -> bool:
    """Tells "I'm a nurse", of whom "who loves hiking" says more."""
    return reading.about_user and reading.predicate.lemma == "be"


def _not_yet(clause: Clause, reading: Reading) -> bool:
    """Tells "when I have kids", which says that there are none yet."""
    return clause.connector in _NOT_YET and reading.predicate.tense is not Tense.PAST
