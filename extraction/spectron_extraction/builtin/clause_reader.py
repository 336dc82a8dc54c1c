"""Reading one clause: from its subject and verb to what it claims, and of whom."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from spectron_extraction.builtin.activities import activity_claims
from spectron_extraction.builtin.allergies import tells_allergy
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.copula import copula_claims
from spectron_extraction.builtin.entities import Discourse, Relation, read_relation
from spectron_extraction.builtin.frame_rules import frame_claims
from spectron_extraction.builtin.intentions import (
    hedged_plan,
    intention_claims,
    obligations,
)
from spectron_extraction.builtin.lexicon import AUXILIARIES, DETERMINERS, RECENT
from spectron_extraction.builtin.losses import after_loss, speaks_of_parting, walked_out
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.nouns import introduced, named_thing
from spectron_extraction.builtin.ongoing import ongoing_claims
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.paraphrases import plainly
from spectron_extraction.builtin.possessives import possessive_claims, preferred_answers
from spectron_extraction.builtin.special_verbs import SPECIAL, born
from spectron_extraction.builtin.syntax import (
    Predicate,
    Subject,
    SubjectKind,
    read_clause,
)
from spectron_extraction.builtin.tokens import slice_of, trim_marks, words
from spectron_extraction.builtin.values import cut, name_like, written
from spectron_extraction.builtin.verbs import FORMS, verb_form
from spectron_extraction.builtin.wishes import (
    abilities,
    answer_wishes,
    names_gone_by,
    rather_claims,
)
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Ontology, ValueType
from spectron_extraction.protocol import Category, EntityRef, KnownAttribute

_BEFORE_ELIDED: Final = word_set(
    "really absolutely just also currently still well oh yeah yes haha lol btw am definitely "
    "honestly personally last yesterday this hi hello hey thanks back"
)
_ELIDED_BASE: Final = frozenset(
    {"love", "hate", "prefer", "live", "enjoy", "dislike", "own", "work", "study"}
)
_ELIDED_GERUND: Final = word_set("work live learn build look write read think consider")
_ELIDED_PAST: Final = word_set(
    "move relocate join start graduate get grow adopt buy quit do find sell spend switch drop"
)
_GONE: Final = frozenset({"late", "ex", "former"})
_OF_OTHERS: Final = frozenset({Category.IDENTITY, Category.KNOWLEDGE})
_USER_ONLY: Final = frozenset({"name", "marital_status", "pet", "tool"})


class ClauseReader:
    """Reads single clauses; what they mention is noted in the discourse that it is given."""

    def __init__(self, *, user: EntityRef, ontology: Ontology, discourse: Discourse) -> None:
        self._user = user
        self._ontology = ontology
        self._discourse = discourse

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
        reading = self.reading(text, observed_at, known, predicate)
        if reading is None:
            return [], None
        return list(self.claims(reading)), reading

    def reading(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        predicate: Predicate,
    ) -> Reading | None:
        """Returns a clause with whom it is about, or None if that is nobody the rules know."""
        if predicate.subject.kind is SubjectKind.ELIDED:
            completed = _elided(predicate)
            if completed is None:
                return None
            predicate = completed
        resolved = self._discourse.resolve(predicate.subject, text)
        if resolved is None:
            stranger = _allergic_stranger(predicate, text)
            if stranger is None and predicate.subject.kind is not SubjectKind.POSSESSED:
                return None
            resolved = (stranger or self._user, None)
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

    def relative(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        clause: Clause,
        *,
        own: bool,
    ) -> Reading | None:
        """Reads "who is a vet" as said of the person mentioned last, or `own`, of the user."""
        if own:
            told = read_clause(
                replace(clause, continues=True), observed_at, Subject(kind=SubjectKind.FIRST)
            )
            return self.reading(text, observed_at, known, told) if told else None
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

    def claims(self, reading: Reading) -> Iterator[Claim]:
        """Yields what a clause says, and what its subject itself tells."""
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
            left = after_loss(reading, relation)
            if left is not None:
                yield from left
                return
            gone = {token.norm for token in subject.words} & _GONE
            if not gone and not walked_out(predicate.tokens):
                yield from introduced(reading, relation)
            reading = replace(reading, entity=self._discourse.entity_of(relation))
        if subject.kind is SubjectKind.FIRST and subject.words:  # "My wife Elena and I"
            beside = read_relation(subject.words, reading.text)
            gone = {token.norm for token in subject.words} & _GONE
            parted = speaks_of_parting(predicate.tokens)
            if beside is not None and not (beside.rest or gone or parted):
                yield from introduced(reading, beside)
        if not reading.about_user:
            self._discourse.mention(reading.entity)
        for claim in self._said(reading):
            own = claim.entity == reading.entity and not reading.about_user
            lasting = self._ontology.category(claim.key) in _OF_OTHERS
            if own and not (lasting and claim.key not in _USER_ONLY):
                continue
            yield claim
            yield from () if own else named_thing(reading, claim)

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
        predicate = plainly(reading.predicate)
        reading = replace(reading, predicate=predicate)
        if (
            predicate.lemma in {"be", "have"}  # "I have born in Cairo"
            and predicate.complement[:1]
            and (predicate.complement[0].norm == "born")
        ):
            yield from born(reading)
            return
        if predicate.lemma == "be" or (predicate.lemma == "feel" and not predicate.hypothetical):
            yield from copula_claims(reading, predicate.complement)
            return
        if reading.about_user:
            wishes = list(answer_wishes(reading))
            if wishes:
                yield from wishes
                return
        rather = list(rather_claims(reading))
        if rather:
            yield from rather
            return
        called = list(names_gone_by(reading))
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
        if not found:
            found.extend(hedged_plan(reading) if predicate.modal or predicate.hedged else ())
            found.extend(obligations(reading) if predicate.modal else ())
            found.extend(activity_claims(reading))
        if predicate.modal in {"can", "could"} and not predicate.hypothetical:
            found = list(abilities(reading))
        yield from found


def _allergic_stranger(predicate: Predicate, text: str) -> EntityRef | None:
    """Returns who cannot stand what, of whom nothing else is known: it may save a life."""
    named = predicate.subject.words
    common = len(named) == 1 and named[0].norm in GIVEN_NAMES
    if predicate.subject.kind is SubjectKind.NAMED and common and tells_allergy(predicate, text):
        return EntityRef(type="Person", name=slice_of(text, named))
    return None


def _elided(predicate: Predicate) -> Predicate | None:
    """Completes a clause without a subject, if only "I" can be missing."""
    tokens = trim_marks(predicate.tokens)
    recent = bool(predicate.adverbs & RECENT)
    known = verb_form(tokens[0].norm) is not None
    if not known and tokens[0].norm not in _BEFORE_ELIDED | RECENT:
        return None
    later = {token.norm for token in predicate.complement}
    if "in may" in words(predicate.raw):
        later.discard("may")
    needed = predicate.lemma in {"need", "want"} and words(predicate.raw[:1]) == "to"
    if needed and tokens[0].norm != "no":
        return predicate  # "Need to renew my passport"
    if predicate.modal or later & AUXILIARIES:
        return None
    if any(word in FORMS and FORMS[word].third for word in later):
        # "Living abroad helps me", "Love knows no bounds": what looks like a verb is a subject.
        return None
    first = strip_openers(tokens)[0]
    form = verb_form(first[0].norm) if first else None
    own = predicate.complement[:1] and predicate.complement[0].norm in {"my", "our"}
    if predicate.tense is Tense.PAST and (recent or own or predicate.lemma in _ELIDED_PAST):
        if recent or (form is not None and form.past and not form.base):
            return predicate
        return None
    if first and first[0].norm == "am":
        return predicate
    if first and first[0].norm == "have" and not predicate.perfect:
        return None
    gerunds = form is not None and form.gerund and not form.base
    if gerunds and (predicate.lemma in _ELIDED_GERUND or len(predicate.complement) > 1):
        return replace(predicate, progressive=True)
    if "currently" in predicate.adverbs and not predicate.progressive:
        return replace(predicate, progressive=True)
    plain = predicate.tense is Tense.PRESENT and form is not None and form.base
    named = predicate.complement[:1] and predicate.complement[0].norm not in DETERMINERS - {
        "a",
        "an",
        "my",
    }
    if predicate.lemma in _ELIDED_BASE and plain and named:
        return predicate
    return None
