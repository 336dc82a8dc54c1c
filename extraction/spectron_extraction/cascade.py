"""The built-in extractor first, the model only where the built-in one is unsure.

The built-in extractor reads every turn. The model is asked about a turn of the user if, after
that, one of these holds:

1. a statement in it speaks in the first person, and nothing was found in that clause;
2. what was found is no more than a guess (a confidence below 0.75, and no stated doubt);
3. nothing was found in it, and it answers the assistant's question;
4. nothing was found in it, and it is a short statement without a subject, such as people write
   for "I": "Allergic to nuts", "Metric units please";
5. nothing was found in it, and it tells the assistant how to behave ("always", "don't");
6. nothing was found in it, and it is not in English, which is all that the built-in one knows.

The model adds and never overrules: of a key that holds one value, what the built-in extractor
found in a turn stays, and of others the model's further values come beside it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.builtin.clauses import interrogative, split_clauses
from spectron_extraction.builtin.lexicon import MATERIAL_REQUESTS, REQUEST_VERBS
from spectron_extraction.builtin.questions import asks
from spectron_extraction.builtin.sentences import split_sentences
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Cardinality, Ontology
from spectron_extraction.protocol import (
    Fact,
    Proposals,
    Retraction,
    Role,
    Window,
    WindowTurn,
)
from spectron_extraction.vllm import VllmExtractor

_GUESS: Final = 0.75
_FIRST_PERSON: Final = word_set("i me my mine myself we us our ours ourselves")
_WISHES: Final = word_set("always never avoid stop keep prefer")
_MIN_FOREIGN_WORDS: Final = 3
_MAX_FRAGMENT_WORDS: Final = 10
_SUBJECTS: Final = word_set("you he she it they this that these those there who what let")
_COURTESIES: Final = word_set(
    "thanks thank you hi hello hey ok okay yes yeah no sure great cool nice good morning evening "
    "night bye wow awesome perfect sorry please lol haha so much a lot got very well done again"
)
# The commonest words of English, contractions undone: a few words without any of them are another
# language, or names.
_ENGLISH: Final = word_set(
    "the a an and or but of to in on at for with from by as is are was were be been am have has "
    "had do does did not no yes i you he she it we they me my your his her our their this that "
    "these those what who how why when where which can could will would should may might if so "
    "just please thanks thank hi hello ok okay there here about like want need get go make know "
    "think all some any more much very too also now then than because up out"
)

Proposal = Fact | Retraction


class CascadeExtractor:
    """Asks the model where the built-in extractor is unsure."""

    def __init__(self, builtin: BuiltinExtractor, model: VllmExtractor, ontology: Ontology) -> None:
        """Takes over the model, and closes it in the end.

        Args:
            builtin: What reads every turn.
            model: What reads some of them.
            ontology: Tells which keys hold one value.
        """
        self._builtin = builtin
        self._model = model
        self._ontology = ontology

    @property
    def name(self) -> str:
        """Both extractors and their versions."""
        return f"{self._builtin.name}+{self._model.name}"

    async def extract(self, window: Window) -> Proposals:
        """Returns what the turns of a window say.

        Args:
            window: The turns, what came before them and what is known.

        Raises:
            ExtractorUnavailableError: The model is needed, and cannot be asked at present.
            ExtractionError: It gave no usable answer about this window.
        """
        found = await self._builtin.extract(window)
        wanted = await asyncio.to_thread(unsure_turns, window, found)
        if not wanted:
            return found
        return self._merged(window, found, await self._model.extract_turns(window, wanted))

    async def verify(self) -> None:
        """Makes sure that the model's endpoint can be trusted; raises as the model does."""
        await self._model.verify()

    async def problem(self) -> str | None:
        """Returns why the model cannot be asked at present; None if it can."""
        return await self._model.problem()

    async def aclose(self) -> None:
        """Closes the connections to the model."""
        await self._model.aclose()

    def _merged(self, window: Window, first: Proposals, second: Proposals) -> Proposals:
        """Returns what both found, in the order of the turns."""
        places = {turn.id: place for place, turn in enumerate(window.turns)}
        facts = [
            *first.facts,
            *(fact for fact in second.facts if not self._settled(fact, first)),
        ]
        retractions = [
            *first.retractions,
            *(end for end in second.retractions if not self._settled(end, first)),
        ]
        return Proposals(
            facts=tuple(sorted(facts, key=lambda fact: places[fact.evidence.turn_id])),
            retractions=tuple(sorted(retractions, key=lambda end: places[end.evidence.turn_id])),
        )

    def _settled(self, proposal: Proposal, by: Proposals) -> bool:
        """Tells whether the same turn was found to say the same, or something else of one slot."""
        every: tuple[Proposal, ...] = (*by.facts, *by.retractions)
        for other in every:
            same_slot = (
                other.evidence.turn_id == proposal.evidence.turn_id
                and other.entity == proposal.entity
                and other.key == proposal.key
            )
            if same_slot and (
                self._ontology.cardinality(proposal.key) is Cardinality.ONE
                or self._ontology.same_value(proposal.key, other.value or "", proposal.value or "")
            ):
                return True
        return False


def unsure_turns(window: Window, found: Proposals) -> frozenset[str]:
    """Returns the ids of the turns that the built-in extractor may not have understood.

    Args:
        window: The window that it read.
        found: What it found.
    """
    spans: dict[str, list[Proposal]] = {}
    proposals: tuple[Proposal, ...] = (*found.facts, *found.retractions)
    for proposal in proposals:
        spans.setdefault(proposal.evidence.turn_id, []).append(proposal)
    before = [window.earlier[-1] if window.earlier else None, *window.turns]
    return frozenset(
        turn.id
        for previous, turn in zip(before, window.turns, strict=False)
        if turn.role is Role.USER and _unsure(turn, previous, spans.get(turn.id, []))
    )


def _unsure(turn: WindowTurn, previous: WindowTurn | None, found: Sequence[Proposal]) -> bool:
    statements = list(_statements(turn.content))
    for clause, _ in statements:
        start, end = clause[0].start, clause[-1].end
        covered = any(one.evidence.start < end and one.evidence.end > start for one in found)
        if not covered and _words(clause) & _FIRST_PERSON:
            return True
    if found:
        return any(
            isinstance(one, Fact) and one.confidence < _GUESS and not one.hedged for one in found
        )
    told = [clause for clause, asked in statements if not asked]
    said = frozenset[str]().union(*map(_words, told))
    return bool(said) and (
        (previous is not None and previous.role is Role.ASSISTANT and asks(previous.content))
        or any(map(_fragment, told))
        or any(map(_wish, told))
        or (len(said) >= _MIN_FOREIGN_WORDS and not said & _ENGLISH)
    )


def _statements(text: str) -> Iterator[tuple[Phrase, bool]]:
    """Yields the clauses that do not ask, each with whether its sentence does.

    A question may tell something first: "I'm in Oslo now, where can I swim?"
    """
    for sentence in split_sentences(text):
        for clause in split_clauses(sentence.tokens):
            if not interrogative(clause.tokens):
                yield clause.tokens, sentence.question


def _fragment(statement: Phrase) -> bool:
    words = _words(statement)
    return (
        1 <= len(words) <= _MAX_FRAGMENT_WORDS
        and not words & _SUBJECTS
        and not words <= _COURTESIES
        and statement[0].norm not in {"the"} | REQUEST_VERBS | MATERIAL_REQUESTS
    )


def _wish(statement: Phrase) -> bool:
    forbids = [token.norm for token in statement[:2]] == ["do", "not"]
    return forbids or bool(_words(statement) & _WISHES)


def _words(tokens: Phrase) -> frozenset[str]:
    return frozenset(token.norm for token in tokens if token.word)
