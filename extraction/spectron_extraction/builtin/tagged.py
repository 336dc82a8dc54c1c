"""What the tagger adds: values in turns of which the rules took nothing, or only what passes.

The tagger proposes words and a key. Whether the clause may be believed at all is decided as for
the rules: it must state something in the user's own voice (`speech_acts`), must speak of the user,
and must neither deny nor suppose what it says. What is told as past is kept as past. A key that
takes one value is left alone once a value is known, and beside what the rules took, since a guess
must not contradict.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.guards import GUARDS, Guard
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    APPOINTMENTS,
    DETERMINERS,
    KIN,
    MARITAL,
    PLURAL_KIN,
    PREPOSITIONS,
)
from spectron_extraction.builtin.losses import speaks_of_loss
from spectron_extraction.builtin.roles import BESIDES
from spectron_extraction.builtin.sentences import split_sentences
from spectron_extraction.builtin.speech_acts import statements
from spectron_extraction.builtin.syntax import Predicate, Subject, SubjectKind, read_clause
from spectron_extraction.builtin.tagger import TaggedSpan, Tagger
from spectron_extraction.builtin.things import BODY_PARTS
from spectron_extraction.builtin.token_states import TokenEncoder
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.values import cut, items, usable, written
from spectron_extraction.builtin.verbs import gerund, verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Cardinality, KeyDefinition, Ontology
from spectron_extraction.protocol import Category, EntityRef, KnownAttribute

MAX_CHARACTERS: Final = 400
"""A longer turn is left to the rules: the encoder's work grows with the text."""

MIN_SCORE: Final = 0.65
"""What is less likely is left out. docs/extraction.md says how it was chosen."""

MIN_SCORE_BESIDE: Final = 0.7
"""The same where the rules took something: what they left is less often meant."""

CONFIDENCE: Final = 0.65
"""Enough to be believed, too little to overrule a belief or settle a doubt."""

# What goes on at the moment changes too quickly to guess at.
_LASTING: Final = frozenset({Category.IDENTITY, Category.KNOWLEDGE})
_FIRST_PERSON: Final = word_set("i im me my mine myself we us our ours")
# Asked of the text before anything is read: most of what says nothing of the user has none.
_OWN_VOICE: Final = re.compile(rf"\b(?:ive|{'|'.join(sorted(_FIRST_PERSON))})\b", re.IGNORECASE)
_DENYING: Final = word_set("not never nor neither rarely seldom hardly barely")
# Keys whose values people tell by denying: "I can not swim", unless they deny the denial.
_DENIALS: Final = frozenset({"dislikes", "abstains_from", "skill_gap"})
# "Sipping whiskey" forgoes nothing, whatever the tagger makes of it.
_FORGOING: Final = frozenset({"abstains_from", "skill_gap"})
_FORGONE: Final = word_set(
    "no none without quit quitting stop stopped gave given give giving cut cutting avoid avoiding "
    "skip swore sworn sober free off lack wish struggle terrible bad awful horrible worst suck "
    "learn learned allergic cannot cant dont refuse forbidden unable"
)
# Beginnings of words, one of which tells why something is an allergy.
_REACTING: Final = ("allerg", "intoleran", "anaphyla", "epipen", "hives", "swell", "react", "sneez",
    "itch", "rash", "sensitiv", "throat", "breathe", "sick", "ill", "break", "broke",
)  # fmt: skip
_UNDENIED: Final = word_set("hate dislike mind despise detest loathe")
_NAMING: Final = word_set("name names named call called nickname me")
# "I feel 80 today" tells a mood.
_NOT_FELT: Final = frozenset({"age", "name", "role"})
_PLACES: Final = frozenset({"location", "hometown"})
_NO_FIRM: Final = frozenset({"office", "the office", "work", "home"})
_EXCEPT: Final = frozenset(
    {"except", "except for", "excluding", "everything but", "anything but", "apart from",
     "aside from", "other than", "besides"}
)  # fmt: skip
_DISTANCES: Final = word_set("hours minutes mins miles km kilometers kilometres ahead behind")
_NOT_DWELT: Final = frozenset({"employer", "school"})
_UNREAL: Final = word_set("was were would could should might")
# "I lived there" is over; "I bought a car" made something true that still is.
_STATES: Final = word_set("be have live work play love like enjoy use do go study own drive stay")
PASSING: Final = frozenset({"activity", "event", "goal", "mood", "plan", "task"})
"""Keys of what passes. Where the rules took nothing else of a turn, it may still tell a taste."""

_TASTES: Final = frozenset({"likes", "dislikes", "hobby", "habit"})
_OCCASIONS: Final = APPOINTMENTS | {f"{occasion}s" for occasion in APPOINTMENTS}
_BORN: Final = word_set("born birth birthday turn turned turning birthdate old age")
_PEOPLE: Final = word_set("clients client customers users patients students colleagues coworkers")
"""Who is spoken of as "my ..." and is no more the user than a relative is."""

_COUPLED: Final = MARITAL | word_set("relationship dating taken partnered separated remarried")

# What a value must be beyond likely: "I'm in a meeting" names no place.
_GUARDED: Final[dict[str, Guard]] = {
    "age": GUARDS["number"],
    "employer": GUARDS["organization"],
    "hometown": GUARDS["place"],
    "languages": GUARDS["language"],
    "location": GUARDS["place"],
    "marital_status": lambda phrase: any(token.norm in _COUPLED for token in phrase),
    "name": GUARDS["name"],
    "role": GUARDS["role"],
}
# Adjectives that need a noun; nobody "likes new".
_BARE: Final = word_set(
    "new old big bigger small smaller good better bad worse nice free high higher low lower long "
    "longer short own other same different great large little more less"
)
_PARTICLES: Final = word_set("down out up off away back")
_IDENTIFYING: Final = frozenset(
    {"age", "diet", "employer", "gender", "health", "hometown", "location", "marital_status",
     "name", "nationality", "religion", "role", "school"}
)  # fmt: skip
_OWN: Final = BODY_PARTS | word_set(
    "name age birthday job work career profession occupation role title position employer company "
    "workplace shift diet food eating meals home house flat apartment place town city country "
    "village hometown roots heritage family religion faith church beliefs belief god background "
    "origin school college university studies degree marriage wedding health body diagnosis "
    "condition disease disorder illness back knee knees neck hip heart blood asthma diabetes "
    "migraines anxiety depression adhd gender pronouns nationality passport life days love single"
)
_AS_GERUNDS: Final = frozenset({"hobby", "habit"})
_AS_BASES: Final = frozenset({"skill", "skill_gap"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """A clause that may be believed, and its reading if it has subject and verb."""

    clause: Clause
    predicate: Predicate | None


class TaggedReader:
    """Reads turns of which the rules took nothing lasting, with a trained tagger."""

    def __init__(self, *, tagger: Tagger, encoder: TokenEncoder, ontology: Ontology) -> None:
        self._tagger = tagger
        self._encoder = encoder
        self._ontology = ontology

    def read(
        self,
        text: str,
        observed_at: datetime,
        user: EntityRef,
        known: Sequence[KnownAttribute],
        *,
        beside: bool = False,
    ) -> Iterator[Claim]:
        """Yields what a turn says.

        Args:
            text: The turn's content.
            observed_at: When it was said.
            user: Who says it.
            known: What is believed of them and others.
            beside: Whether the rules took something of it, too; then only keys that hold many
                values are proposed.
        """
        if len(text) > MAX_CHARACTERS or not _OWN_VOICE.search(text):
            return
        clauses = list(_clauses(text, observed_at))
        if not clauses:
            return
        settled = {attribute.key for attribute in known if attribute.entity == user}
        for span in self._tagger.spans(text, self._encoder.token_states(text)):
            definition = self._ontology.definition(span.key)
            if definition is None or definition.category not in _LASTING:
                continue
            if span.score < (MIN_SCORE_BESIDE if beside else MIN_SCORE):
                continue
            if definition.cardinality is Cardinality.ONE and (beside or span.key in settled):
                continue
            for read in clauses:
                phrase = _within(span, read.clause)
                if phrase and not _cut_off(phrase, read, span.key) and _believable(read, span.key):
                    settled.add(span.key)
                    for value in _values(text, phrase, definition):
                        yield _claim(read, definition.name, value, user, observed_at)


def _clauses(text: str, observed_at: datetime) -> Iterator[_Read]:
    """Yields the clauses that state something, of sentences that speak of who says them."""
    for statement in statements(text, split_sentences(text)):
        if not any(token.norm in _FIRST_PERSON for token in statement.tokens):
            continue
        previous: Subject | None = None
        for clause in statement.clauses:
            predicate = read_clause(clause, observed_at, previous)
            previous = predicate.subject if predicate else None
            yield _Read(clause=clause, predicate=predicate)


def _within(span: TaggedSpan, clause: Clause) -> Phrase:
    """Returns the words of a clause that a span covers."""
    return cut(
        [token for token in clause.tokens if span.start <= token.start and token.end <= span.end]
    )


def _only_there(predicate: Predicate, key: str) -> bool:
    """Tells "I live near the airport", "I've been at Walmart", which the rules have judged."""
    at = predicate.lemma == "be" and words(predicate.complement[:1]) == "at"
    return predicate.lemma in {"live", "move"} or (at and key == "employer")


def _of_another(tokens: Phrase) -> bool:
    """Tells "Noor's vegan", of which no subject was read, by the name that it begins with."""
    return len(tokens) > 1 and tokens[0].capital and tokens[1].norm == "'s"


def _cut_off(phrase: Phrase, read: _Read, key: str) -> bool:
    """Tells "Jacob" of "I'm Team Jacob", which is not all of what is written as a name.

    Where one goes, "on my way to the airport", employs nobody either, what is left out of
    "everything except mushrooms" is not liked, and "six hours ahead of New York" is elsewhere.
    """
    before = [token for token in read.clause.tokens if token.end <= phrase[0].start]
    own = read.predicate is not None and read.predicate.subject.kind is SubjectKind.FIRST
    unpaid = words(before[-1:]) == "to" or (not own and words(phrase) in _NO_FIRM)
    if key == "employer" and unpaid:
        return True
    excepted = words(before[-1:]) in _EXCEPT or words(before[-2:]) in _EXCEPT
    bare = read.clause.connector == "but" and read.predicate is None
    excepted = excepted or (bare and key in _TASTES)  # "I like everything but olives"
    distant = key in _PLACES and {token.norm for token in before} & _DISTANCES
    if excepted or distant:
        return True
    led = len(before) > 1 and before[-1].capital and before[-1].word
    return key == "name" and led


def _believable(read: _Read, key: str) -> bool:
    """Tells whether a clause says of the user what the tagger takes it to say."""
    norms = {token.norm for token in read.clause.tokens}
    predicate = read.predicate
    kind = predicate.subject.kind if predicate else SubjectKind.OTHER
    if key == "pet" and speaks_of_loss(read.clause.tokens):
        return False
    if norms & _DENYING and (key not in _DENIALS or norms & _UNDENIED):
        return False
    if key == "birthday" and not norms & _BORN:
        return False  # "They put it back to the 9th"
    if key == "allergy" and not any(norm.startswith(_REACTING) for norm in norms):
        return False
    if key in _FORGOING and not norms & (_DENYING | _FORGONE):
        return False
    if predicate and predicate.lemma == "feel" and key in _NOT_FELT:
        return False
    if predicate and (predicate.hypothetical or (predicate.ended and not predicate.used_to)):
        return False
    if key in _NOT_DWELT and predicate and _only_there(predicate, key):
        return False
    if key == "role" and any(beside in words(read.clause.tokens) for beside in BESIDES):
        return False
    if predicate and key in _PLACES and predicate.lemma == "be" and _over(predicate):
        return predicate.used_to  # "I was in London last week"
    if kind is SubjectKind.FIRST and key == "name" and predicate and predicate.subject.plural:
        return False  # "We hired a new designer, Ana"
    if kind is SubjectKind.FIRST:
        # "I have two meetings today" tells what goes on, not what one likes.
        busy = predicate is not None and predicate.lemma == "have" and norms & _OCCASIONS
        return not (busy and key in _TASTES)
    if key == "name" and not norms & _NAMING:
        return False  # "My friend Omar flew to Peru"
    if predicate is None and key in _IDENTIFYING and _of_another(read.clause.tokens):
        return False
    if norms & _UNREAL or kind is SubjectKind.ADDRESSED:
        return False
    if predicate and kind is SubjectKind.POSSESSED:
        owned = predicate.subject.words
        return not any(token.norm in _PEOPLE for token in owned) and _tells_of_owner(owned, key)
    # "Metallica is my favorite" speaks of the user, "Anna is a singer" does not.
    return kind not in {SubjectKind.PRONOUN, SubjectKind.NAMED} or bool(norms & _FIRST_PERSON)


def _tells_of_owner(owned: Phrase, key: str) -> bool:
    """Tells "my job" and "my faith", which speak of whose they are, from "my flight", "my boss".

    What identifies somebody is told by few of their things; a taste may be told by any.
    """
    if any(token.norm in KIN or token.norm in PLURAL_KIN for token in owned):
        return False
    return key not in _IDENTIFYING or head(owned) in _OWN


def _claim(read: _Read, key: str, value: str, user: EntityRef, observed_at: datetime) -> Claim:
    predicate = read.predicate
    return Claim(
        entity=user,
        key=key,
        value=value,
        tokens=read.clause.tokens,
        confidence=CONFIDENCE,
        hedged=predicate is not None and predicate.hedged,
        valid_until=observed_at if predicate and _over(predicate) else None,
    )


def _values(text: str, phrase: Phrase, definition: KeyDefinition) -> Iterator[str]:
    many = definition.cardinality is Cardinality.MANY
    for part in items(phrase) if many else [phrase]:
        value = _value(text, part, definition)
        if value is not None:
            yield value


def _over(predicate: Predicate) -> bool:
    """Tells whether what a clause says is over: "I used to live by the sea"."""
    past = predicate.tense is Tense.PAST and not predicate.perfect and predicate.lemma in _STATES
    return predicate.used_to or past


def _value(text: str, phrase: Phrase, definition: KeyDefinition) -> str | None:
    """Writes a value in the form that the key's description asks for."""
    if not _GUARDED.get(definition.name, usable)(phrase):
        return None
    if phrase[0].norm in PREPOSITIONS | _PARTICLES or phrase[-1].norm in DETERMINERS | _BARE:
        return None  # A piece of a phrase: "out the rain", "get a", "something new".
    value = written(text, phrase, definition.value_type)
    if value is None:
        return None
    first, _, rest = value.partition(" ")
    form = verb_form(first.lower())
    if form and form.base and definition.name in _AS_GERUNDS:
        return f"{gerund(form.lemma)} {rest}".strip()
    if form and form.gerund and definition.name in _AS_BASES:
        return f"{form.lemma} {rest}".strip()
    return value
