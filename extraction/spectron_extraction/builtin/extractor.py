"""The built-in extractor: English patterns, no model, no network."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.clause_reader import ClauseReader
from spectron_extraction.builtin.dialogue import DialogueReader
from spectron_extraction.builtin.endings import same_activity
from spectron_extraction.builtin.entities import Discourse
from spectron_extraction.builtin.exchanges import Exchange
from spectron_extraction.builtin.opposition import with_oppositions
from spectron_extraction.builtin.questions import asks_of_another
from spectron_extraction.builtin.reader import TurnReader
from spectron_extraction.builtin.secrets import holds_secret
from spectron_extraction.builtin.tagged import PASSING, TaggedReader
from spectron_extraction.builtin.tagger import Tagger
from spectron_extraction.builtin.token_states import TokenEncoder
from spectron_extraction.ontology import Cardinality, Ontology, ValueType
from spectron_extraction.protocol import (
    Category,
    Fact,
    KnownAttribute,
    Proposals,
    Retraction,
    Role,
    Span,
    Window,
    WindowTurn,
)

MAX_PROPOSALS_PER_TURN: Final = 64
"""What is found beyond this in one turn is left out; no honest turn says so much."""

MAX_EARLIER_TURNS: Final = 8
_MAX_SAID: Final = 64
_MAX_KNOWN: Final = 512
_HEDGED_CONFIDENCE: Final = 0.6
_THEIRS: Final = {
    "my": "their",
    "our": "their",
    "me": "them",
    "mine": "theirs",
    "myself": "themselves",
    "ourselves": "themselves",
}
_OWN: Final = re.compile(rf"\b(?:{'|'.join(_THEIRS)})\b")


class BuiltinExtractor:
    """Finds what English turns say about the user, by rules.

    The work of a window runs in a thread, one turn at a time, so that the event loop stays free.
    The extractor keeps no state between windows and may read several at once.
    """

    def __init__(self, ontology: Ontology, encoder: TokenEncoder | None = None) -> None:
        """Takes what it works with.

        Args:
            ontology: The known keys.
            encoder: What the tagger reads turns with; None: rules alone.
        """
        self._name = f"builtin-{version('spectron')}"
        self._ontology = ontology
        self._tagged = (
            TaggedReader(tagger=Tagger.load(), encoder=encoder, ontology=ontology)
            if encoder
            else None
        )

    @property
    def name(self) -> str:
        """The extractor and the release that its rules and its tagger belong to."""
        return self._name

    async def extract(self, window: Window) -> Proposals:
        """Returns what the turns of a window say.

        Args:
            window: The turns, what came before them and what is known.

        Returns:
            The proposals in the order in which they were said.
        """
        reader = _WindowReader(window, self._ontology)
        for turn in window.earlier[-MAX_EARLIER_TURNS:]:
            await asyncio.to_thread(reader.read, turn)
        facts: list[Fact] = []
        retractions: list[Retraction] = []
        for turn in window.turns:
            found = await asyncio.to_thread(reader.read, turn, self._tagged)
            facts.extend(fact for fact in found if isinstance(fact, Fact))
            retractions.extend(end for end in found if isinstance(end, Retraction))
        return Proposals(facts=tuple(facts), retractions=tuple(retractions))


class _WindowReader:
    """Reads the turns of one window in order and remembers what the later ones refer to."""

    def __init__(self, window: Window, ontology: Ontology) -> None:
        self._ontology = ontology
        self._subject = window.subject
        self._known = list(window.known[:_MAX_KNOWN])
        self._discourse = Discourse(
            user=window.subject, ontology=ontology, known=tuple(self._known)
        )
        clauses = ClauseReader(user=window.subject, ontology=ontology, discourse=self._discourse)
        self._reader = TurnReader(
            user=window.subject, ontology=ontology, discourse=self._discourse, clauses=clauses
        )
        self._dialogue = DialogueReader(
            user=window.subject, ontology=ontology, discourse=self._discourse, reader=clauses
        )
        self._assistant: str | None = None
        self._said: list[Claim] = []
        self._last: list[Claim] = []

    def read(self, turn: WindowTurn, tagged: TaggedReader | None = None) -> list[Fact | Retraction]:
        """Returns what a turn proposes; nothing unless the user says it.

        Args:
            turn: The turn.
            tagged: What reads it if the rules find nothing lasting; None: rules alone.
        """
        if turn.role is not Role.USER:
            # A tool's output stands between question and answer without being either.
            if turn.role is Role.ASSISTANT:
                self._assistant = turn.content
            return []
        exchange = Exchange(assistant=self._assistant, said=tuple(self._said))
        self._assistant = None
        known = tuple(self._known)
        replies = list(self._dialogue.read(turn.content, turn.observed_at, known, exchange))
        stated = list(
            self._reader.read(
                turn.content,
                turn.observed_at,
                known,
                self._last,
                answers=asks_of_another(exchange.assistant or "", self._ontology),
            )
        )
        self._last = []
        claims = [*self._beyond(replies, stated), *stated]
        if tagged is not None and all(claim.key in PASSING for claim in claims):
            guessed = tagged.read(
                turn.content, turn.observed_at, self._subject, known, beside=bool(claims)
            )
            claims = [*claims, *guessed]
        return self._proposals(turn, with_oppositions(claims, known, self._ontology))

    def _beyond(self, replies: list[Claim], stated: list[Claim]) -> Iterable[Claim]:
        """Returns the replies that say more than the turn's own statements.

        "What do you do?" "I work at Acme as an engineer" needs no question to be understood, and
        the words after the verb are no role.
        """
        told = {(claim.entity, self._ontology.canonical(claim.key)) for claim in stated}
        for reply in replies:
            key = self._ontology.canonical(reply.key)
            one = self._ontology.cardinality(key) is Cardinality.ONE
            if reply.change or reply.retracts or not one or (reply.entity, key) not in told:
                yield reply

    def _proposals(self, turn: WindowTurn, claims: Iterable[Claim]) -> list[Fact | Retraction]:
        proposals: list[Fact | Retraction] = []
        seen: set[tuple[object, ...]] = set()
        for found in claims:
            if len(proposals) >= MAX_PROPOSALS_PER_TURN:
                break
            key = self._ontology.canonical(found.key)
            claim = self._as_believed(found, key)
            value = claim.value.casefold() if claim.value is not None else None
            identity = (claim.entity, key, value, claim.retracts)
            proposal = self._proposal(turn, claim, key) if identity not in seen else None
            if proposal is not None:
                seen.add(identity)
                proposals.append(proposal)
                self._remember(claim, key)
        return proposals

    def _as_believed(self, claim: Claim, key: str) -> Claim:
        """Returns the end of a belief under the value believed: "tennis every weekend"."""
        if not claim.retracts or claim.value is None:
            return claim
        alike = [a for a in self._known if a.entity == claim.entity and a.key == key]
        if any(self._ontology.same_value(key, a.value, claim.value) for a in alike):
            return claim
        longer = next((a for a in alike if same_activity(claim.value, a.value)), None)
        return replace(claim, value=longer.value) if longer else claim

    def _proposal(self, turn: WindowTurn, claim: Claim, key: str) -> Fact | Retraction | None:
        start, end = claim.tokens[0].start, claim.tokens[-1].end
        quote = turn.content[start:end]
        if not quote or holds_secret(quote) or (claim.value and holds_secret(claim.value)):
            return None
        span = Span(turn_id=turn.id, start=start, end=end, quote=quote)
        claim = replace(
            claim,
            value=self._reported(key, claim.value),
            previous_value=self._reported(key, claim.previous_value),
        )
        if claim.retracts:
            return Retraction(entity=claim.entity, key=key, value=claim.value, evidence=span)
        if claim.value is None:
            return None
        confidence = min(claim.confidence, _HEDGED_CONFIDENCE) if claim.hedged else claim.confidence
        return Fact(
            entity=claim.entity,
            category=self._ontology.category(key) or Category.CONTEXT,
            key=key,
            value=claim.value,
            confidence=confidence,
            evidence=span,
            hedged=claim.hedged,
            change=claim.change,
            previous_value=claim.previous_value,
            valid_from=claim.valid_from,
            valid_until=claim.valid_until,
        )

    def _reported(self, key: str, value: str | None) -> str | None:
        """Returns a value as it is said of somebody: "finish my thesis", "finish their thesis"."""
        definition = self._ontology.definition(key)
        if value is None or (definition and definition.value_type is not ValueType.TEXT):
            return value
        return _OWN.sub(lambda match: _THEIRS[match[0]], value)

    def _remember(self, claim: Claim, key: str) -> None:
        """Notes a claim for corrections and for rules that ask what is known."""
        if claim.value is None or claim.hedged or claim.retracts:
            return
        self._said.append(claim)
        self._last.append(claim)
        del self._said[:-_MAX_SAID]
        if claim.valid_until is None:
            self._known.insert(
                0,
                KnownAttribute(
                    entity=claim.entity,
                    category=self._ontology.category(key) or Category.CONTEXT,
                    key=key,
                    value=claim.value,
                ),
            )
            del self._known[_MAX_KNOWN:]
