"""Reading one turn of the user: from sentences to claims, one clause after the other."""

# A rule of grammar is a chain of conditions that returns where it fails; splitting one to please a
# counter would hide the order in which its conditions are tried.
# ruff: noqa: C901, PLR0911

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.copula import copula_claims
from spectron_extraction.builtin.directives import directive_claims
from spectron_extraction.builtin.entities import Discourse, Relation, read_relation
from spectron_extraction.builtin.frame_rules import frame_claims
from spectron_extraction.builtin.intentions import intention_claims, ongoing_claims
from spectron_extraction.builtin.lexicon import AUXILIARIES, RECENT
from spectron_extraction.builtin.nouns import introduced
from spectron_extraction.builtin.opinions import opinion_claims
from spectron_extraction.builtin.possessives import possessive_claims, preferred_answers
from spectron_extraction.builtin.preferences import answer_preferences, avoided, units
from spectron_extraction.builtin.sentences import split_sentences
from spectron_extraction.builtin.special_verbs import SPECIAL, born
from spectron_extraction.builtin.speech_acts import Statement, statements
from spectron_extraction.builtin.syntax import (
    Predicate,
    Subject,
    SubjectKind,
    read_clause,
    strip_openers,
)
from spectron_extraction.builtin.tokens import Phrase, trim_marks
from spectron_extraction.builtin.values import cut, name_like, written
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Ontology, ValueType
from spectron_extraction.protocol import Category, EntityRef, KnownAttribute

_ELIDED_BASE: Final = frozenset({"love", "hate", "prefer", "live", "enjoy", "dislike"})
_ELIDED_GERUND: Final = word_set("work live learn build look write read think consider")
_ELIDED_PAST: Final = word_set("move relocate join start graduate get grow adopt buy quit")
_APPOSITION: Final = frozenset({",", "", "\u2014", "\u2013", "-", "("})
_LIKING: Final = word_set("like love prefer want enjoy appreciate need favor")
_DISLIKING: Final = word_set("hate dislike detest loathe despise")
_OF_OTHERS: Final = frozenset({Category.IDENTITY, Category.KNOWLEDGE})
_USER_ONLY: Final = frozenset({"name", "marital_status", "pet", "tool"})


class TurnReader:
    """Reads the user's turns of one window, in order."""

    def __init__(self, *, user: EntityRef, ontology: Ontology, discourse: Discourse) -> None:
        self._user = user
        self._ontology = ontology
        self._discourse = discourse

    def read(
        self, text: str, observed_at: datetime, known: tuple[KnownAttribute, ...]
    ) -> Iterator[Claim]:
        """Yields what a turn says.

        Args:
            text: Its content.
            observed_at: When it was said.
            known: What is believed at this point, the newest first.
        """
        self._discourse.forget_mentions()
        requested = False
        for statement in statements(text, split_sentences(text)):
            requested = requested or statement.request
            yield from self._statement(text, observed_at, known, statement, requested=requested)

    def clause(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        clause: Clause,
        previous: Subject | None = None,
    ) -> tuple[list[Claim], Reading | None]:
        """Reads one clause; also returns how it was read, if it was."""
        predicate = read_clause(clause, observed_at, previous)
        if predicate is None:
            return [], None
        reading = self._reading(text, observed_at, known, predicate)
        if reading is None:
            return [], None
        return list(self._claims(reading)), reading

    def _statement(
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
        for clause in statement.clauses:
            directives = list(
                directive_claims(text, clause, self._user, requested=requested, condition=condition)
            )
            condition = clause.tokens if _sets_condition(clause) else ()
            said = directives or list(opinion_claims(text, clause, self._user))
            if said:
                yield from said
                continue
            if clause.connector == "who":
                reading = self._relative(text, observed_at, known, clause)
            else:
                predicate = read_clause(clause, observed_at, previous)
                if predicate is None:
                    yield from self._fragment(text, observed_at, clause, last)
                    continue
                previous = predicate.subject
                reading = self._reading(text, observed_at, known, predicate)
            last = reading
            if reading is not None:
                yield from self._claims(reading)

    def _reading(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        predicate: Predicate,
    ) -> Reading | None:
        if predicate.subject.kind is SubjectKind.ELIDED:
            completed = _elided(predicate)
            if completed is None:
                return None
            predicate = completed
        resolved = self._discourse.resolve(predicate.subject, text)
        if resolved is None:
            if predicate.subject.kind is not SubjectKind.POSSESSED:
                return None
            resolved = (self._user, None)
        entity, _ = resolved
        return Reading(
            text=text,
            observed_at=observed_at,
            predicate=predicate,
            entity=entity,
            about_user=entity == self._user,
            user=self._user,
            ontology=self._ontology,
            discourse=self._discourse,
            known=known,
        )

    def _relative(
        self, text: str, observed_at: datetime, known: tuple[KnownAttribute, ...], clause: Clause
    ) -> Reading | None:
        """Reads "who is a vet" as said of the person mentioned last."""
        if not self._discourse.mentions:
            return None
        entity = self._discourse.mentions[-1]
        predicate = read_clause(
            replace(clause, continues=True),
            observed_at,
            Subject(kind=SubjectKind.PRONOUN, words=clause.tokens[:1]),
        )
        if predicate is None:
            return None
        return Reading(
            text=text,
            observed_at=observed_at,
            predicate=predicate,
            entity=entity,
            about_user=False,
            user=self._user,
            ontology=self._ontology,
            discourse=self._discourse,
            known=known,
        )

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

    def _claims(self, reading: Reading) -> Iterator[Claim]:
        predicate = reading.predicate
        subject = predicate.subject
        relation: Relation | None = None
        if subject.kind is SubjectKind.POSSESSED:
            relation = read_relation(subject.words, reading.text)
            if relation is None or relation.rest:
                yield from preferred_answers(reading, subject.words)
                yield from possessive_claims(reading, subject.words)
                return
            naming = list(self._naming(reading, relation))
            if naming:
                yield from naming
                return
            yield from introduced(reading, relation)
            reading = replace(reading, entity=self._discourse.entity_of(relation))
        if subject.kind is SubjectKind.FIRST and subject.words:  # "My wife Elena and I"
            beside = read_relation(subject.words, reading.text)
            if beside is not None and not beside.rest:
                yield from introduced(reading, beside)
        if not reading.about_user:
            self._discourse.mention(reading.entity)
        for claim in self._said(reading):
            if (
                reading.about_user
                or claim.entity != reading.entity
                or (
                    self._ontology.category(claim.key) in _OF_OTHERS and claim.key not in _USER_ONLY
                )
            ):
                yield claim

    def _naming(self, reading: Reading, relation: Relation) -> Iterator[Claim]:
        """Reads "My sister is Aoife", "my dog is called Rex": gives the relative a name."""
        predicate = reading.predicate
        called = predicate.lemma in {"call", "name"} and (predicate.passive or predicate.perfect)
        if (predicate.lemma != "be" and not called) or relation.name or predicate.negated:
            return
        phrase = cut(predicate.complement)
        if phrase and phrase[0].norm in {"called", "named"}:
            phrase, called = phrase[1:], True
        for index, token in enumerate(phrase):
            if token.norm in {",", "and"}:
                phrase = phrase[:index]
                break
        if not name_like(phrase, longest=3) or not (called or phrase[0].capital):
            return
        if not called and (len(phrase) > 2 or phrase[0].norm in FORMS):
            return
        if not called and list(copula_claims(reading, phrase)):
            return
        name = written(reading.text, phrase, ValueType.PERSON)
        if name:
            named = replace(relation, name=name)
            self._discourse.mention(self._discourse.entity_of(named))
            yield from introduced(reading, named)

    def _said(self, reading: Reading) -> Iterator[Claim]:
        predicate = reading.predicate
        if predicate.lemma in {"stand", "bear"} and predicate.negated and predicate.modal:
            # "I can't stand olives."
            predicate = replace(predicate, lemma="hate", negated=False, modal="")
            reading = replace(reading, predicate=predicate)
        if (
            predicate.lemma == "be"
            and predicate.complement[:1]
            and (predicate.complement[0].norm == "born")
        ):
            yield from born(reading)
            return
        if predicate.lemma == "be" or (predicate.lemma == "feel" and not predicate.hypothetical):
            yield from copula_claims(reading, predicate.complement)
            return
        if reading.about_user:
            wishes = list(_answer_wishes(reading))
            if wishes:
                yield from wishes
                return
        called = list(_called(reading))
        if called:
            yield from called
            return
        found: list[Claim] = []
        special = SPECIAL.get(predicate.lemma)
        if special is not None:
            found.extend(special(reading))
        found.extend(intention_claims(reading))
        if not any(claim.key in {"role", "team"} for claim in found):
            found.extend(frame_claims(reading))
        if not found or predicate.progressive:
            found.extend(ongoing_claims(reading))
        if predicate.modal in {"can", "could"} and not predicate.hypothetical:
            found = list(_ability(reading))
        yield from found


def _sets_condition(clause: Clause) -> bool:
    """Tells whether a clause says when an order is to hold: "when you write code"."""
    norms = [token.norm for token in clause.tokens[:4]]
    if clause.connector in {"when", "whenever", "if"}:
        norms = [clause.connector, *norms]
    return norms[:1] in (["when"], ["whenever"], ["if"]) and (
        norms[1:2] == ["you"] or norms[1:3] in (["i", "ask"], ["i", "say"], ["i", "request"])
    )


def _elided(predicate: Predicate) -> Predicate | None:
    """Completes a clause without a subject, if only "I" can be missing."""
    tokens = trim_marks(predicate.tokens)
    recent = bool(predicate.adverbs & RECENT)
    later = {token.norm for token in predicate.complement}
    if predicate.modal or later & AUXILIARIES:
        return None
    if any(word in FORMS and FORMS[word].third for word in later):
        # "Living abroad helps me", "Love knows no bounds": what looks like a verb is a subject.
        return None
    first = strip_openers(tokens)[0]
    form = FORMS.get(first[0].norm) if first else None
    if predicate.tense is Tense.PAST and (recent or predicate.lemma in _ELIDED_PAST):
        if recent or (form is not None and form.past and not form.base):
            return predicate
        return None
    if first and first[0].norm == "am":
        return predicate
    if first and first[0].norm == "have" and not predicate.perfect:
        return None
    gerunds = form is not None and form.gerund and not form.base
    if gerunds and predicate.lemma in _ELIDED_GERUND:
        return replace(predicate, progressive=True)
    if "currently" in predicate.adverbs and not predicate.progressive:
        return replace(predicate, progressive=True)
    plain = predicate.tense is Tense.PRESENT and form is not None and form.base
    if predicate.lemma in _ELIDED_BASE and plain and predicate.complement:
        return predicate
    return None


def _answer_wishes(reading: Reading) -> Iterator[Claim]:
    """Reads "I prefer concise answers", "I hate filler phrases", "I want replies in French"."""
    predicate = reading.predicate
    if predicate.tense is Tense.PAST:
        return
    would = predicate.modal == "would"
    if predicate.hypothetical and not would:
        return
    phrase = cut(predicate.complement)
    key_values: list[tuple[str, str]] = []
    if predicate.lemma in _DISLIKING or (
        predicate.negated and predicate.lemma in {"like", "want", "need", "enjoy", "love"}
    ):
        key_values = [("avoid", value) for value in avoided(reading.text, phrase)]
    elif predicate.lemma in _LIKING and not predicate.negated:
        # "I want a short answer" asks now; "I want short answers" and "prefer" tell for good.
        single = bool(phrase) and phrase[0].norm in {"a", "an", "the", "this", "that"}
        if single and predicate.lemma in {"want", "need", "like", "love"}:
            return
        key_values = [
            (preference.key, preference.value) for preference in answer_preferences(phrase)
        ]
        measure = units(phrase) if predicate.lemma == "prefer" else None
        if measure:
            key_values = [("units", measure)]
    for key, value in key_values:
        yield Claim(
            entity=reading.user,
            key=key,
            value=value,
            tokens=predicate.tokens,
            hedged=predicate.hedged,
            change=bool(predicate.adverbs & {"now", "actually", "no"}),
        )


def _called(reading: Reading) -> Iterator[Claim]:
    """Reads "I go by Al", "I am called Al"."""
    predicate = reading.predicate
    phrase = predicate.complement
    key = ""
    if predicate.lemma == "go" and phrase[:1] and phrase[0].norm == "by":
        key, phrase = "nickname", cut(phrase[1:], at=frozenset({"at", "in", "for"}))
    elif predicate.lemma in {"call", "name"} and predicate.passive:
        key, phrase = "name", cut(phrase, at=frozenset({"at", "in", "by", "for", "after"}))
    if key and name_like(phrase, longest=3) and phrase[0].norm not in {"car", "bus", "train"}:
        value = written(reading.text, phrase, ValueType.PERSON)
        yield from only(reading.claim(key, value))


def _ability(reading: Reading) -> Iterator[Claim]:
    """Reads "I can play the violin", "I can't swim"."""
    predicate = reading.predicate
    if predicate.lemma not in _SKILLS or predicate.tense is not Tense.PRESENT:
        return
    phrase = cut(predicate.complement, at=frozenset({"with", "for", "to", "at", "on", "from"}))
    if any(token.norm in {"you", "your", "it", "that", "this"} for token in phrase):
        return
    if predicate.modal != "can" or predicate.hedged:
        return
    rest = written(reading.text, phrase) if phrase else ""
    if rest is None:
        return
    key = "skill_gap" if predicate.negated else "skill"
    yield from only(reading.claim(key, f"{predicate.lemma} {rest}".strip(), retracts=False))


_SKILLS: Final = word_set(
    "speak swim play drive cook sing dance juggle ski code ride surf sew knit draw paint skate "
    "sail program snowboard bake skateboard weld fly"
)
