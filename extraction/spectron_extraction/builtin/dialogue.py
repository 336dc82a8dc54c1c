"""Short answers and corrections: fragments that mean something only after what came before."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.antecedents import counted
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.clause_reader import ClauseReader
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.corrections import (
    apologises,
    correction,
    fits,
    only_apologetic,
    other_relation,
    respelled,
    starred,
    switched_language,
)
from spectron_extraction.builtin.directives import directive_claims
from spectron_extraction.builtin.entities import (
    Discourse,
    Relation,
    kin_key,
)
from spectron_extraction.builtin.exchanges import Exchange, Reply
from spectron_extraction.builtin.fragments import (
    HOW_MUCH,
    can_answer,
    leaves,
    value_fragment,
    verdict_of,
)
from spectron_extraction.builtin.lexicon import ARTICLES, KIN
from spectron_extraction.builtin.praise import praised_in_reply
from spectron_extraction.builtin.questions import (
    OpenQuestion,
    asks,
    last_words,
    open_question,
    suppositions,
)
from spectron_extraction.builtin.retractions import taken_back
from spectron_extraction.builtin.secrets import holds_secret
from spectron_extraction.builtin.sentences import split_sentences
from spectron_extraction.builtin.times import TimeKind, find_times
from spectron_extraction.builtin.tokens import Phrase, Token, trim_marks, words
from spectron_extraction.builtin.values import (
    items,
    name_like,
    without_article,
    written,
)
from spectron_extraction.ontology import Cardinality, Ontology, ValueType
from spectron_extraction.protocol import EntityRef, KnownAttribute

_CORRECTED_LISTS: Final = frozenset(
    {"allergy", "languages", "tool", "programming_language", "health", "son", "daughter", "sister",
     "brother", "friend", "colleague", "alma_mater", "member_of"}
)  # fmt: skip
_MAX_CANDIDATES: Final = 12
_MAX_REPLY: Final = 1_000
_MAX_SECOND_SENTENCE: Final = 6
_INDEFINITE: Final = frozenset({"any", "some", "other", "many", "anything", "something"})
_NAMES: Final = frozenset({ValueType.PLACE, ValueType.PERSON, ValueType.ORGANIZATION})
_FORMERLY: Final = frozenset({"used to", "i used to", "not anymore but i used to"})
_COMPLETED: Final = frozenset({"have", "own", "speak", "like", "love", "play", "use", "enjoy"})


class DialogueReader:
    """Reads the first sentence of a turn as an answer or correction."""

    def __init__(
        self, *, user: EntityRef, ontology: Ontology, discourse: Discourse, reader: ClauseReader
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
        sentences = split_sentences(text[:_MAX_REPLY])
        marked = False
        while len(sentences) > 1 and apologises(sentences[0].tokens):
            if verdict_of(sentences[0].tokens)[0]:
                break
            sentences, marked = sentences[1:], True
        if not sentences or sentences[0].question or holds_secret(text[:_MAX_REPLY]):
            return
        if exchange.assistant:
            yield from praised_in_reply(text, exchange.assistant, self._user)
        verdict, rest = verdict_of(sentences[0].tokens)
        if verdict and not rest and len(sentences) > 1 and not sentences[1].question:
            following = sentences[1].tokens
            rest = following if len(following) <= _MAX_SECOND_SENTENCE else ()
        reply = Reply(
            text=text,
            observed_at=observed_at,
            known=known,
            sentence=sentences[0],
            verdict=verdict,
            rest=rest,
            marked=marked or starred(text),
        )
        yield from self._read(reply, exchange)

    def _read(self, reply: Reply, exchange: Exchange) -> Iterator[Claim]:
        assistant = exchange.assistant or ""
        supposed = list(self._supposed(reply, assistant))
        asked = assistant if assistant and asks(assistant) else None
        if asked and reply.verdict in {"yes", "doubt"}:
            yield from self._confirmed(reply, asked, supposed)
            yield from self._counted(reply, asked) if reply.rest else ()
            return
        # "Still in Oslo?" asks whether what is believed still holds.
        asks_still = asked is not None and "still" in last_words(asked)
        marked = reply.marked or reply.verdict == "no"
        corrects = marked or correction(reply.sentence.tokens, marked=False) is not None
        mentioned = list(self._mentioned(reply, assistant)) if asks_still or corrects else []
        still = [*supposed, *mentioned] if asks_still else supposed
        if words(trim_marks(reply.sentence.tokens)) in _FORMERLY:
            until = reply.observed_at
            ended = (claim for claim in supposed if not claim.retracts and not claim.hedged)
            yield from (replace(c, valid_until=until, tokens=reply.whole) for c in ended)
            return
        if reply.verdict == "no" and not reply.rest:
            yield from self._denied(reply, still)
            yield from self._negated(reply, asked or "")
            return
        yield from switched_language(reply.sentence.tokens, reply.text, reply.known, self._user)
        yield from other_relation(
            reply.sentence.tokens, reply.text, reply.known, self._ontology, marked=marked
        )
        if starred(reply.text):
            spelt = trim_marks(reply.sentence.tokens)
            anew = list(respelled(spelt, exchange.said, reply.known, reply.text))
            if anew:
                yield from anew
                return
        candidates = [*exchange.said[-_MAX_CANDIDATES:], *supposed, *mentioned]
        corrected = self._corrected(reply, candidates, supposed)
        if corrected is not None:
            yield corrected
            return
        if reply.verdict == "no" and reply.beyond:
            yield from self._denied(reply, still)
            yield from self._negated(reply, asked or "")
        elif asks_still and (reply.verdict == "no" or leaves(reply.sentence.tokens)):
            yield from self._denied(reply, still)
        question = asked and open_question(asked, self._ontology)
        if question:
            yield from self._answered(reply, question)
        elif asked:
            yield from self._counted(reply, asked)

    def _supposed(self, reply: Reply, assistant: str) -> Iterator[Claim]:
        """Yields what the assistant's last sentence supposes of the user."""
        for clause in suppositions(assistant):
            claims, reading = self._reader.clause(assistant, reply.observed_at, reply.known, clause)
            if reading is not None and not reading.predicate.hypothetical:
                yield from (claim for claim in claims if claim.value is not None)

    def _mentioned(self, reply: Reply, assistant: str) -> Iterator[Claim]:
        """Yields what is believed of the user and named in the assistant's last sentence."""
        said = last_words(assistant)
        for attribute in reply.known if said else ():
            if attribute.entity != self._user:
                continue
            value = {word.strip(".,") for word in attribute.value.lower().split()} - ARTICLES
            if value and value <= said:
                yield Claim(
                    entity=attribute.entity,
                    key=attribute.key,
                    value=attribute.value,
                    tokens=reply.sentence.tokens,
                )

    def _negated(self, reply: Reply, assistant: str) -> Iterator[Claim]:
        """Yields what "no" says of itself: "Do you eat meat?" "No" as "I do not eat meat"."""
        for clause in suppositions(assistant):
            verb = next((i for i, token in enumerate(clause.tokens) if token.norm == "do"), 0)
            if verb != 1:
                continue
            before, after = clause.tokens[: verb + 1], clause.tokens[verb + 1 :]
            denial = Token("not", before[-1].end, before[-1].end)
            claims, _ = self._reader.clause(
                assistant,
                reply.observed_at,
                reply.known,
                replace(clause, tokens=(*before, denial, *after)),
            )
            yield from (
                replace(claim, tokens=reply.sentence.tokens)
                for claim in claims
                if not claim.retracts
            )

    def _confirmed(self, reply: Reply, assistant: str, supposed: list[Claim]) -> Iterator[Claim]:
        """Yields what "yes" confirms, and what it adds: "Do you have pets?" "Yes, a cat"."""
        added = list(self._added(reply, assistant)) if reply.rest else []
        yield from added
        keys = {claim.key for claim in added}
        tokens = reply.sentence.tokens
        for claim in supposed:
            value = (claim.value or "").split()
            if claim.key in keys or not value or value[0].lower() in _INDEFINITE:
                continue
            if {"or", "your", "you"} & set(value):  # "Tea or coffee?" "Yes."
                continue
            yield replace(
                claim,
                tokens=tokens[:1] if reply.rest else tokens,
                hedged=claim.hedged or reply.verdict == "doubt",
            )

    def _added(self, reply: Reply, assistant: str) -> Iterator[Claim]:
        """Reads what follows "yes" as the object of the question's verb."""
        if value_fragment(reply.rest) is None or words(reply.rest) in HOW_MUCH:
            return
        for clause in suppositions(assistant):
            _, reading = self._reader.clause(assistant, reply.observed_at, reply.known, clause)
            if reading is not None and reading.predicate.lemma in _COMPLETED:
                yield from self._completed(reply, reading.predicate.lemma, reply.rest)
                return

    def _counted(self, reply: Reply, assistant: str) -> Iterator[Claim]:
        """Reads "Do you have kids?" "Two, 3 and 6" as having two of them."""
        tokens = trim_marks(reply.rest or reply.sentence.tokens)
        number, after = tokens[:1], tokens[1:2]
        if after and after[0].word:
            return
        for clause in suppositions(assistant):
            _, reading = self._reader.clause(assistant, reply.observed_at, reply.known, clause)
            if reading is not None:
                had = replace(reading.predicate, complement=number, tokens=reply.whole)
                claim = counted(replace(reading, text=reply.text, predicate=had), clause.tokens)
                yield from (claim,) if claim else ()

    def _completed(self, reply: Reply, lemma: str, phrase: Phrase) -> Iterator[Claim]:
        """Reads a phrase as if "I" and a verb stood before it."""
        start = phrase[0].start
        tokens = (Token("i", start, start), Token(lemma, start, start), *phrase)
        claims, _ = self._reader.clause(
            reply.text, reply.observed_at, reply.known, Clause(tokens=tokens, connector="")
        )
        for claim in claims:
            yield replace(claim, tokens=reply.whole)

    def _denied(self, reply: Reply, supposed: list[Claim]) -> Iterator[Claim]:
        """A plain "no" ends a belief only if there is one."""
        for claim in supposed:
            believed = any(
                attribute.entity == claim.entity
                and attribute.key == claim.key
                and self._ontology.same_value(claim.key, attribute.value, claim.value or "")
                for attribute in reply.known
            )
            if believed and not claim.retracts:
                yield replace(claim, tokens=reply.sentence.tokens, retracts=True, hedged=False)

    def _corrected(
        self, reply: Reply, candidates: Sequence[Claim], supposed: Sequence[Claim]
    ) -> Claim | None:
        back = taken_back(reply.sentence.tokens)
        if back is not None and back.last and back.rest:
            parsed = correction(back.rest, marked=True)
        else:
            denied = reply.verdict == "no" and bool(reply.rest)
            parsed = correction(reply.rest or reply.sentence.tokens, marked=denied or reply.marked)
        if parsed is None or self._orders(reply):
            return None
        new, old = parsed
        old_value = written(reply.text, old) if old else None
        hinted = reply.verdict != "no" and only_apologetic(reply.sentence.tokens)
        target = self._target(new, old_value, candidates, reply.known, hinted=hinted)
        if target is None:
            return None
        entity, key, previous = target
        meant = [c for c in candidates if (c.entity, c.key, c.value) == target]
        past = meant[0].valid_until if meant else None
        # What the assistant alone supposed was never told: it is not kept as history.
        told = not meant or any(claim not in supposed for claim in meant)
        definition = self._ontology.definition(key)
        value_type = definition.value_type if definition else ValueType.TEXT
        value = written(reply.text, without_article(new) if key == "role" else new, value_type)
        if value_type in _NAMES and find_times(new, reply.observed_at, future=True):
            return None  # "No, Thursday"
        if value is None or self._ontology.same_value(key, value, previous):
            return None
        times = find_times(reply.whole, reply.observed_at, future=False)
        since = next((time.start for time in times if time.kind is TimeKind.SINCE), None)
        return Claim(
            entity=entity,
            key=key,
            value=value,
            tokens=reply.whole,
            change=True,
            previous_value=previous if told else None,
            valid_from=None if past else since,
            valid_until=past,
        )

    def _orders(self, reply: Reply) -> bool:
        """Tells "Actually, no tables please" from a correction."""
        clause = Clause(tokens=reply.sentence.tokens, connector="")
        return any(directive_claims(reply.text, clause, self._user, requested=False))

    def _target(
        self,
        new: Phrase,
        old: str | None,
        candidates: Sequence[Claim],
        known: tuple[KnownAttribute, ...],
        *,
        hinted: bool,
    ) -> tuple[EntityRef, str, str] | None:
        """Returns the entity, key and value that a correction is about."""
        said = [
            (claim.entity, claim.key, claim.value, _capitalised(claim))
            for claim in reversed(candidates)
            if claim.value is not None and not claim.retracts
        ]
        if old is not None:
            believed = [(a.entity, a.key, a.value) for a in known]
            for entity, key, value in (*((e, k, v) for e, k, v, _ in said), *believed):
                if self._ontology.same_value(key, value, old):
                    return entity, key, value
            return None
        for place, (entity, key, value, capital) in enumerate(said):
            definition = self._ontology.definition(key)
            value_type = definition.value_type if definition else ValueType.TEXT
            # Of a key that holds many, only what was said last can be meant.
            listed = not place and key in _CORRECTED_LISTS
            single = self._ontology.cardinality(key) is Cardinality.ONE or listed
            if single and fits(new, value, value_type, hinted=hinted and capital):
                return entity, key, value
        return None

    def _answered(self, reply: Reply, question: OpenQuestion) -> Iterator[Claim]:
        phrase = value_fragment(reply.sentence.tokens)
        if phrase is None:
            return
        key = question.key
        if question.relative:
            yield from self._named_relative(reply, phrase, question.relative)
            return
        definition = self._ontology.definition(key)
        if definition is None or not can_answer(key, phrase):
            return
        if key == "pet":
            yield from self._completed(reply, "have", phrase)
            return
        many = definition.cardinality is Cardinality.MANY
        for item in items(phrase) if many else (phrase,):
            bare = without_article(item) if key in {"role", "name"} else item
            value = written(reply.text, bare, definition.value_type)
            if key == "age":
                value = bare[0].norm
            if value:
                yield Claim(entity=self._user, key=key, value=value, tokens=reply.sentence.tokens)

    def _named_relative(self, reply: Reply, phrase: Phrase, relative: str) -> Iterator[Claim]:
        animal = relative in ANIMALS
        kind = ANIMALS.get(relative) or KIN.get(relative)
        name = written(reply.text, phrase, ValueType.PERSON) if name_like(phrase) else None
        if kind is None or name is None:
            return
        relation = Relation(kind=kind, animal=animal, name=name)
        self._discourse.mention(self._discourse.entity_of(relation))
        if animal:
            value, key = f"a {kind} named {name}", "pet"
        else:
            value, key = name, kin_key(kind, self._ontology)
            self._discourse.names[key] = name
        yield Claim(entity=self._user, key=key, value=value, tokens=reply.sentence.tokens)


def _capitalised(claim: Claim) -> bool:
    """Tells whether the value was said with a capital."""
    said = (claim.value or "").lower().split()
    return any(token.capital and token.norm in said for token in claim.tokens)
