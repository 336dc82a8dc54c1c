"""Plays conversations into a server through the shipped client, asks their questions, and times it.

A conversation of two people becomes what an application that relays their messages would send. The
first speaker is the application's user: their turns have the role `user`, and their name is the
scope, if the conversation has no other. The second is whom the user talks to: their turns have the
role `assistant`. A turn of two people begins with its speaker's name, as in "Ada: I bought a
kiln.", since the roles alone would not tell who Ben is; with an assistant they do. Each dated
session is one session, its turns a second apart. Each conversation has a context of its own,
because two of them may have users of the same name.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final

from spectron import ContextItem, ContextItemKind, NewTurn, Role, Session, Spectron
from tests.benchmarks.evidence import CUTOFFS, Conversation, Question, Ranking, SpokenSession
from tests.patience import within

TOP_K: Final = max(CUTOFFS)
# The block that goes into a prompt is measured as an application would ask for it.
FORMATTED_ITEMS: Final = 10
_BATCH: Final = 500
_TURN_APART: Final = timedelta(seconds=1)
_LOOK_AGAIN_S: Final = 0.1
_EXTRACTION_TIMEOUT_S: Final = 3_600.0
# A query whose index must be built first, on a busy machine.
_QUERY_TIMEOUT_S: Final = 120.0

Advance = Callable[[int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A conversation in the server.

    Attributes:
        conversation: What was recorded.
        context_id: Where.
        session: One of its sessions; all of them share a scope.
        spoken: The conversation's id of each recorded turn, by the server's.
    """

    conversation: Conversation
    context_id: str
    session: Session
    spoken: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What the server found for a question, and how long that took.

    Attributes:
        ranking: The found turns.
        facts: For each item, whether it is a fact.
        characters: How long the formatted block is of the first `FORMATTED_ITEMS` items.
        seconds: How long the call took, at the client.
        cold: Whether it was the first query of its scope, for which the index is built.
    """

    ranking: Ranking
    facts: Sequence[bool]
    characters: int
    seconds: float
    cold: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """How loading went.

    Attributes:
        turns: How many turns were recorded.
        recorded_s: How long until the last was acknowledged.
        extracted_s: How long until the last was extracted, from the same start.
        failed: How many could not be extracted.
        facts: How many facts were learned, superseded ones included.
    """

    turns: int
    recorded_s: float
    extracted_s: float
    failed: int
    facts: int


def spoken_turns(conversation: Conversation, session: SpokenSession) -> list[NewTurn]:
    """Returns the turns of a session as an application would send them."""
    return [
        NewTurn(
            role=Role.USER if turn.speaker == conversation.speakers[0] else Role.ASSISTANT,
            content=f"{turn.speaker}: {turn.text}" if session.named else turn.text,
            observed_at=_moment(session, number),
        )
        for number, turn in enumerate(session.turns)
    ]


def batches(turns: Sequence[NewTurn], size: int = _BATCH) -> Iterator[Sequence[NewTurn]]:
    """Yields turns in parts that one call takes."""
    for start in range(0, len(turns), size):
        yield turns[start : start + size]


def ranking(question: Question, items: Sequence[ContextItem], spoken: Mapping[str, str]) -> Ranking:
    """Returns which turns the items stand for: a turn for itself, a fact for its source.

    An item that tells several facts stands for the sources of all of them.
    """
    sources = [(item.source_turn, *(each.source_turn for each in item.others)) for item in items]
    return Ranking(
        question=question,
        found=[
            frozenset(
                spoken[source] for source in several if source is not None and source in spoken
            )
            for several in sources
        ],
    )


def mean_distinct(
    answers: Sequence[Answered], cutoffs: Sequence[int] = CUTOFFS
) -> dict[int, float]:
    """Returns how many different turns the first items stand for, on average.

    What is missing to the cutoff are places taken by a fact beside its own turn, or by several
    facts of one turn.
    """
    return {
        cutoff: fmean(
            len(frozenset[str]().union(*answer.ranking.found[:cutoff])) for answer in answers
        )
        for cutoff in cutoffs
    }


def mean_facts(answers: Sequence[Answered], cutoffs: Sequence[int] = CUTOFFS) -> dict[int, float]:
    """Returns how many of the first items are facts, on average."""
    return {cutoff: fmean(sum(answer.facts[:cutoff]) for answer in answers) for cutoff in cutoffs}


def percentile(values: Sequence[float], percent: float) -> float:
    """Returns the nearest-rank percentile: the least value that so many percent do not exceed.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("there are no values")
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(int(rank), 1) - 1]


async def load(
    client: Spectron,
    conversations: Sequence[Conversation],
    *,
    prefix: str,
    recorded: Advance,
    extracted: Advance,
) -> tuple[list[Loaded], Load]:
    """Records conversations one after another, and waits until all of them are extracted.

    Args:
        client: A client with a key that may make contexts.
        conversations: What to record.
        prefix: Begins the names of the contexts, which must not exist.
        recorded: Told of each batch of turns that was acknowledged.
        extracted: Told of turns that were extracted.

    Returns:
        Where they are, in the same order, and how it went.
    """
    started = time.monotonic()
    places = [
        await _record(client, conversation, f"{prefix}{number}", recorded)
        for number, conversation in enumerate(conversations)
    ]
    recorded_s = time.monotonic() - started
    failed = await _extracted(client, places, extracted)
    extracted_s = time.monotonic() - started
    stats = [await client.admin.stats(context_id=place.context_id) for place in places]
    return places, Load(
        turns=sum(len(place.spoken) for place in places),
        recorded_s=recorded_s,
        extracted_s=extracted_s,
        failed=failed,
        facts=sum(each.attribute_count for each in stats),
    )


async def ask(place: Loaded, asked: Advance) -> list[Answered]:
    """Asks the questions of a conversation, one after another."""
    answers = []
    for number, question in enumerate(place.conversation.questions):
        started = time.monotonic()
        context = await place.session.context(
            question.text, top_k=TOP_K, timeout_s=_QUERY_TIMEOUT_S
        )
        seconds = time.monotonic() - started
        block = await place.session.context(
            question.text, top_k=FORMATTED_ITEMS, timeout_s=_QUERY_TIMEOUT_S
        )
        answers.append(
            Answered(
                ranking=ranking(question, context.items, place.spoken),
                facts=[item.kind == ContextItemKind.FACT for item in context.items],
                characters=len(block.formatted),
                seconds=seconds,
                cold=number == 0,
            )
        )
        asked(1)
    return answers


async def erase(client: Spectron, places: Sequence[Loaded]) -> None:
    """Deletes what was loaded, so that a server that others use is left as it was."""
    for place in places:
        await client.admin.erase_context(place.context_id)


async def _record(
    client: Spectron, conversation: Conversation, context_id: str, recorded: Advance
) -> Loaded:
    memory = client.memory(context_id=context_id)
    spoken: dict[str, str] = {}
    session = None
    for part in conversation.sessions:
        session = await memory.sessions.create(scope=conversation.scope)
        turns = []
        for batch in batches(spoken_turns(conversation, part)):
            turns += await session.turns(batch)
            recorded(len(batch))
        spoken |= {turn.id: said.id for turn, said in zip(turns, part.turns, strict=True)}
    if session is None:
        raise ValueError(f"the conversation {conversation.id} has no sessions")
    return Loaded(conversation=conversation, context_id=context_id, session=session, spoken=spoken)


async def _extracted(client: Spectron, places: Sequence[Loaded], extracted: Advance) -> int:
    """Waits until nothing is pending, and returns how many turns failed."""
    total = sum(len(place.spoken) for place in places)
    done = 0

    async def look() -> tuple[int, int]:
        stats = [await client.admin.stats(context_id=place.context_id) for place in places]
        return sum(each.pending_count for each in stats), sum(each.failed_count for each in stats)

    async with within(_EXTRACTION_TIMEOUT_S, "extracting the conversations"):
        while True:
            pending, failed = await look()
            extracted(total - pending - done)
            done = total - pending
            if not pending:
                return failed
            await asyncio.sleep(_LOOK_AGAIN_S)


def _moment(session: SpokenSession, number: int) -> datetime:
    return session.started_at + number * _TURN_APART
