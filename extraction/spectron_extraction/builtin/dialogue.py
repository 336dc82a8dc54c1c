"""Short answers and corrections: fragments that mean something only after what came before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.entities import Discourse, Relation, kin_key
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.lexicon import ANIMALS, AUXILIARIES, KIN, PLACE_NAMES
from spectron_extraction.builtin.questions import OpenQuestion, asks, open_question, suppositions
from spectron_extraction.builtin.reader import TurnReader
from spectron_extraction.builtin.secrets import holds_secret
from spectron_extraction.builtin.sentences import Sentence, split_sentences
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    items,
    name_like,
    trim,
    usable,
    without_article,
    written,
)
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Cardinality, Ontology, ValueType
from spectron_extraction.protocol import EntityRef, KnownAttribute

_YES: Final = word_set(
    "yes yeah yep yup ya yess correct right exactly indeed sure definitely absolutely affirmative "
    "true certainly"
)
_YES_PHRASES: Final = (
    "that is right", "that is correct", "you are right", "i am", "i do", "i have", "i did", "it is",
    "you got it", "of course", "for sure", "that is true", "uh huh", "you bet",
)  # fmt: skip
_NO_PHRASES: Final = frozenset(
    {"i do not", "i am not", "not really", "not at all", "i have not", "not anymore", "it is not"}
)
_NO: Final = frozenset({"no", "nope", "nah", "negative", "wrong", "incorrect"})
_DOUBT: Final = frozenset({"maybe", "perhaps", "possibly", "probably"})
_MARKERS: Final = word_set(
    "no nope nah actually sorry oops wait correction rather whoops well oh hmm hang"
)
_CORRECTIVE: Final = word_set("no nope nah actually sorry oops wait correction rather whoops")
_LEADS: Final = tuple(
    tuple(lead.split())
    for lead in (
        "it is in", "it is at", "it is", "that is", "that would be", "it should be", "i meant to say",
        "i meant", "i mean", "make that", "it was", "i am in", "i am at", "i am from", "i am",
        "they are", "mine is", "my name is", "in", "at", "from", "just", "probably", "i would say",
        "you can call me", "call me", "i live in", "i work at", "i work as", "as", "i like",
        "definitely", "currently", "it would be", "for", "i speak", "that should be",
        "he is", "she is", "his name is", "her name is", "its name is", "you mean", "on",
    )
)  # fmt: skip
_MAX_FRAGMENT: Final = 9
_MAX_CORRECTION: Final = 5
_REFUSALS: Final = word_set(
    "nothing none nowhere nobody idk dunno secret guess why what who private skip pass nope no yes "
    "yeah hello hi thanks help stop nevermind later maybe depends unsure many both either neither "
    "ok okay sure whatever anything everything somewhere good fine great same"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """What a turn answers to.

    Attributes:
        assistant: The assistant's turn just before, or None.
        said: What the user said before, the newest last.
    """

    assistant: str | None
    said: Sequence[Claim]


class DialogueReader:
    """Reads the first sentence of a turn as an answer or correction."""

    def __init__(
        self, *, user: EntityRef, ontology: Ontology, discourse: Discourse, reader: TurnReader
    ) -> None:
        self._user = user
        self._ontology = ontology
        self._discourse = discourse
        self._reader = reader

    def read(
        self,
        text: str,
        observed_at: datetime,
        known: tuple[KnownAttribute, ...],
        exchange: Exchange,
    ) -> Iterator[Claim]:
        """Yields what a turn says by answering or correcting what came before.

        Args:
            text: The user's turn.
            observed_at: When it was said.
            known: What is believed at this point, the newest first.
            exchange: What came before.
        """
        sentences = split_sentences(text)
        if not sentences or sentences[0].question or holds_secret(text[:500]):
            return
        first = sentences[0]
        supposed = self._supposed(observed_at, known, exchange.assistant)
        verdict, rest = _verdict(first.tokens)
        if verdict and not rest and len(sentences) > 1 and len(sentences[1].tokens) <= 6:
            rest = sentences[1].tokens if not sentences[1].question else ()
        if exchange.assistant and verdict in {"yes", "doubt"} and asks(exchange.assistant):
            for claim in supposed:
                yield replace(
                    claim, tokens=first.tokens[:1] if rest else first.tokens,
                    hedged=claim.hedged or verdict == "doubt",
                )  # fmt: skip
            return
        if verdict == "no" and not rest:
            yield from self._denied(first, supposed, known)
            return
        corrected = list(self._corrected(text, first, rest, supposed, known, exchange))
        if corrected:
            yield from corrected
            return
        question = exchange.assistant and open_question(exchange.assistant, self._ontology)
        if question:
            yield from self._answered(text, first, question)

    def _supposed(
        self, observed_at: datetime, known: tuple[KnownAttribute, ...], assistant: str | None
    ) -> list[Claim]:
        """Returns what the assistant's last sentence supposes of the user."""
        if not assistant:
            return []
        found: list[Claim] = []
        for clause in suppositions(assistant):
            claims, reading = self._reader.clause(assistant, observed_at, known, clause)
            if reading is not None and not reading.predicate.hypothetical:
                found.extend(claim for claim in claims if claim.value is not None)
        return found

    def _denied(
        self, sentence: Sentence, supposed: list[Claim], known: tuple[KnownAttribute, ...]
    ) -> Iterator[Claim]:
        """A plain "no" ends a belief only if there is one."""
        for claim in supposed:
            believed = any(
                attribute.entity == claim.entity
                and attribute.key == claim.key
                and self._ontology.same_value(claim.key, attribute.value, claim.value or "")
                for attribute in known
            )
            if believed and not claim.retracts:
                yield replace(claim, tokens=sentence.tokens, retracts=True, hedged=False)

    def _corrected(
        self,
        text: str,
        sentence: Sentence,
        rest: Phrase,
        supposed: list[Claim],
        known: tuple[KnownAttribute, ...],
        exchange: Exchange,
    ) -> Iterator[Claim]:
        parsed = _correction(rest or sentence.tokens, marked=bool(rest))
        if parsed is None:
            return
        new, old = parsed
        candidates = [*exchange.said[-12:], *supposed]
        old_value = written(text, old) if old else None
        target = self._target(new, old_value, candidates, known)
        if target is None:
            return
        entity, key, previous = target
        definition = self._ontology.definition(key)
        value_type = definition.value_type if definition else ValueType.TEXT
        value = written(text, new, value_type)
        if value is None or self._ontology.same_value(key, value, previous):
            return
        yield Claim(
            entity=entity,
            key=key,
            value=value,
            tokens=trim_marks(
                sentence.tokens
                if not rest
                else (*sentence.tokens, *rest)[-len(rest) - len(sentence.tokens) :]
            ),
            change=True,
            previous_value=previous,
        )

    def _target(
        self,
        new: Phrase,
        old: str | None,
        candidates: Sequence[Claim],
        known: tuple[KnownAttribute, ...],
    ) -> tuple[EntityRef, str, str] | None:
        """Returns the entity, key and value that a correction is about."""
        said = [
            (claim.entity, claim.key, claim.value)
            for claim in reversed(candidates)
            if claim.value is not None and not claim.retracts
        ]
        if old is not None:
            believed = [(a.entity, a.key, a.value) for a in known]
            for entity, key, value in (*said, *believed):
                if self._ontology.same_value(key, value, old):
                    return entity, key, value
            return None
        for entity, key, value in said:
            definition = self._ontology.definition(key)
            value_type = definition.value_type if definition else ValueType.TEXT
            single = self._ontology.cardinality(key) is Cardinality.ONE
            if single and _fits(new, value, value_type):
                return entity, key, value
        return None

    def _answered(self, text: str, sentence: Sentence, question: OpenQuestion) -> Iterator[Claim]:
        phrase = _fragment(sentence.tokens)
        if phrase is None:
            return
        if question.relative:
            yield from self._named_relative(text, sentence, phrase, question.relative)
            return
        key = question.key
        definition = self._ontology.definition(key)
        if definition is None or not _answers(key, phrase):
            return
        many = definition.cardinality is Cardinality.MANY
        for item in items(phrase) if many else (phrase,):
            bare = without_article(item) if key in {"role", "name"} else item
            value = written(text, bare, definition.value_type)
            if key == "age":
                value = bare[0].norm
            if value:
                yield Claim(entity=self._user, key=key, value=value, tokens=sentence.tokens)

    def _named_relative(
        self, text: str, sentence: Sentence, phrase: Phrase, relative: str
    ) -> Iterator[Claim]:
        animal = relative in ANIMALS
        kind = ANIMALS.get(relative) or KIN.get(relative)
        name = written(text, phrase, ValueType.PERSON) if name_like(phrase) else None
        if kind is None or name is None:
            return
        relation = Relation(kind=kind, animal=animal, name=name)
        self._discourse.mention(self._discourse.entity_of(relation))
        if animal:
            value, key = f"a {kind} named {name}", "pet"
        else:
            value, key = name, kin_key(kind, self._ontology)
            self._discourse.names[key] = name
        yield Claim(entity=self._user, key=key, value=value, tokens=sentence.tokens)


def _verdict(tokens: Phrase) -> tuple[str, Phrase]:
    """Returns "yes", "no", "doubt" or nothing, and what follows it."""
    rest = trim_marks(tokens)
    joined = words(rest)
    for phrase in _YES_PHRASES:
        if joined == phrase or joined.startswith(f"{phrase} ,"):
            return "yes", rest[len(phrase.split()) :]
    if joined in {"i think so", "probably", "i guess so", "i believe so", "i guess"}:
        return "doubt", ()
    if joined in _NO_PHRASES:
        return "no", ()
    if not rest:
        return "", ()
    follower = rest[1].norm if len(rest) > 1 else ","
    if rest[0].norm in _YES and (follower in {",", "i", "that", "-", "—"} or len(rest) <= 3):
        return "yes", trim_marks(rest[1:])
    if rest[0].norm in _NO and follower not in {"longer", "one", "idea", "problem", "worries"}:
        return "no", trim_marks(rest[1:])
    if rest[0].norm in _DOUBT and len(rest) <= 2:
        return "doubt", ()
    return "", ()


def _fragment(tokens: Phrase) -> Phrase | None:
    """Returns the value in a short answer, or None if the sentence is no fragment."""
    rest = trim_marks(tokens)
    while rest and rest[0].norm in {"well", "oh", "um", "uh", "hmm", "ah", "so", "haha", "lol"}:
        rest = trim_marks(rest[1:])
    changed = True
    while changed and rest:
        changed = False
        for lead in _LEADS:
            if tuple(token.norm for token in rest[: len(lead)]) == lead and len(rest) > len(lead):
                rest = trim_marks(rest[len(lead) :])
                changed = True
                break
    rest = trim(cut(rest))
    if not rest or len(rest) > _MAX_FRAGMENT or rest[0].norm in _REFUSALS:
        return None
    if any(
        token.norm in AUXILIARIES or token.norm in {"i", "you", "not", "know"} for token in rest
    ):
        return None
    form = FORMS.get(rest[0].norm)
    if form and (form.base or form.past) and not form.gerund and not rest[0].capital:
        return None
    return rest


def _answers(key: str, phrase: Phrase) -> bool:
    """Tells whether a fragment can be the value of a key."""
    if key == "age":
        return (
            phrase[0].norm.isascii() and phrase[0].norm.isdigit() and int(phrase[0].norm[:4]) < 130
        )
    if key in {"location", "hometown"}:
        return GUARDS["place"](phrase) and len(phrase) <= 6
    if key in {"name", "address_as", "manager"}:
        return name_like(phrase)
    if key == "employer":
        return GUARDS["organization"](phrase)
    if key in {"languages", "language_of_reply"}:
        return GUARDS["language"](phrase)
    return usable(phrase)


def _correction(tokens: Phrase, *, marked: bool) -> tuple[Phrase, Phrase] | None:
    """Returns the new and the old value of a correction, or None if it is none."""
    rest = trim_marks(tokens)
    corrective = marked
    changed = True
    while changed and rest:
        changed = False
        if rest[0].norm in _MARKERS and len(rest) > 1:
            corrective = corrective or rest[0].norm in _CORRECTIVE
            rest, changed = trim_marks(rest[1:]), True
            continue
        for lead in _LEADS[:9]:
            if tuple(token.norm for token in rest[: len(lead)]) == lead and len(rest) > len(lead):
                corrective = corrective or lead[0] == "i" or lead == ("make", "that")
                rest, changed = trim_marks(rest[len(lead) :]), True
                break
    norms = [token.norm for token in rest]
    if not norms:
        return None
    old: Phrase = ()
    if norms[0] == "not":
        place = next((i for i, n in enumerate(norms) if n in {",", "but", "-", "—"} and i), 0)
        if not place or place + 1 >= len(norms):
            return None
        old, rest = trim(rest[1:place]), trim_marks(rest[place + 1 :])
        if rest and rest[0].norm in {"but", "it"}:
            rest = trim_marks(rest[1:])
        corrective = True
    elif "not" in norms:
        place = norms.index("not")
        old, rest = trim(rest[place + 1 :]), trim(rest[:place])
        corrective = True
    elif "instead" in norms or "rather" in norms:
        place = next(i for i, n in enumerate(norms) if n in {"instead", "rather"})
        if norms[place + 1 : place + 2] in (["of"], ["than"]):
            old, rest = trim(rest[place + 2 :]), trim(rest[:place])
            corrective = True
    new = trim(rest)
    while new and new[0].norm in {"in", "at", "from", "to"}:
        new = new[1:]
    while old and old[0].norm in {"in", "at", "from", "to"}:
        old = old[1:]
    if not corrective or not new or len(new) > _MAX_CORRECTION or len(old) > _MAX_CORRECTION:
        return None
    if any(_verbal(token.norm) and not token.capital for token in (*new, *old)) or not usable(new):
        return None
    return (new, old) if new[0].norm not in _REFUSALS else None


def _verbal(word: str) -> bool:
    return word in AUXILIARIES or word in {"i", "you", "we", "my", "your", "'s"} or word in FORMS


def _fits(new: Phrase, value: str, value_type: ValueType) -> bool:
    """Tells whether a fragment looks like the value that it would replace."""
    digits = new[0].norm[0].isdigit()
    if digits != value[:1].isdigit():
        return False
    capital = any(token.capital for token in new)
    if value_type in {ValueType.PLACE, ValueType.PERSON, ValueType.ORGANIZATION}:
        return capital or words(new) in PLACE_NAMES or value.islower() or len(new) <= 2
    return capital == (value != value.lower()) or value_type is ValueType.NUMBER
