"""Whom a benchmark tells conversations: a running server, or its parts within this process.

Both are told the same turns and give back the same thing: every belief of every status, and every
doubt. The server is the real one, through the shipped client. In process, the extractor, the check
of evidence and the reconciler are called one after another, without database, queue and embedder;
that is quicker while an extractor is being changed, and is said so in the report.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

from spectron import Memory, NewTurn, RecordKind, Spectron
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Extractor, KnownAttribute, Role, Window, WindowTurn
from spectron_server.domain.belief import Attribute, Beliefs, Unknown
from spectron_server.domain.evidence import check
from spectron_server.domain.reconciler import reconcile
from spectron_server.domain.scope import Scope
from spectron_server.system import UlidIds
from tests.patience import within
from tests.server.process import serving

SUBJECT_TYPE: Final = "Person"
_CURRENT: Final = frozenset({"active", "disputed"})
# As many as the server shows to an extractor, see `service/extraction.py`.
_WINDOW_TURNS: Final = 32
_EARLIER_TURNS: Final = 6
_MAX_KNOWN: Final = 200
_RECORDED_AT_ONCE: Final = 16
_BATCH: Final = 500
_LOOK_AGAIN_S: Final = 0.2
_EXTRACTION_TIMEOUT_S: Final = 7_200.0

Advance = Callable[[float], None]
Conversations = Sequence[Sequence[NewTurn]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A belief: of whom, what, and what became of it (`active`, `superseded`, ...)."""

    entity_type: str
    entity_name: str
    category: str
    key: str
    value: str
    status: str

    @property
    def current(self) -> bool:
        """Whether it is believed now."""
        return self.status in _CURRENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """A doubt about a value of a key, open or settled."""

    entity_type: str
    entity_name: str
    category: str
    key: str
    value: str
    open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """What was learned of one user: beliefs of every status, and doubts, oldest first."""

    attributes: tuple[Held, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What conversations taught.

    Attributes:
        learned: By user.
        failed: How many turns could not be extracted.
        memory: Where contexts can be asked for; None in process.
    """

    learned: Mapping[str, Learned]
    failed: int = 0
    memory: Memory | None = None


class Learner(Protocol):
    """Learns from conversations."""

    @property
    def mode(self) -> str:
        """How it learns, in words for the report."""

    async def learn(self, told: Mapping[str, Conversations], advance: Advance) -> Lesson:
        """Hears the sessions of some users, and returns when all is extracted.

        Args:
            told: The sessions of each user, in order. Users know nothing of each other.
            advance: Told of users that were heard, and of parts of that.
        """

    async def aclose(self) -> None:
        """Deletes what was learned."""


class ServerLearner:
    """Learns through a running server."""

    mode = "through the running server"

    def __init__(self, client: Spectron) -> None:
        self._client = client
        self._contexts: list[str] = []

    def fresh_memory(self) -> Memory:
        """Returns the memory of a new context, which is deleted in the end."""
        name = f"bench-{secrets.token_hex(6)}"
        self._contexts.append(name)
        return self._client.memory(context_id=name)

    async def learn(self, told: Mapping[str, Conversations], advance: Advance) -> Lesson:
        """Records the sessions in a new context, waits, and reads all that was learned."""
        memory = self.fresh_memory()
        limit = asyncio.Semaphore(_RECORDED_AT_ONCE)

        async def record(user: str, sessions: Conversations) -> None:
            async with limit:
                for turns in sessions:
                    session = await memory.sessions.create(scope={"user": user})
                    for start in range(0, len(turns), _BATCH):
                        await session.turns(turns[start : start + _BATCH])
                advance(0.5)

        # The first call makes the context: two at once would both try to.
        first, *rest = told.items()
        await record(*first)
        async with asyncio.TaskGroup() as group:
            for user, sessions in rest:
                group.create_task(record(user, sessions))
        turns = sum(len(session) for sessions in told.values() for session in sessions)
        failed = await self._extracted(lambda count: advance(count / max(turns, 1) * len(told) / 2))
        return Lesson(learned=await _exported(memory, told), failed=failed, memory=memory)

    async def aclose(self) -> None:
        """Deletes the contexts that were made."""
        for name in self._contexts:
            await self._client.admin.erase_context(name)
        self._contexts.clear()

    async def _extracted(self, extracted: Advance) -> int:
        """Waits until nothing is pending in the newest context.

        Args:
            extracted: Told of turns that were extracted, those before the first look included.

        Returns:
            How many turns failed.
        """
        left: int | None = None
        async with within(_EXTRACTION_TIMEOUT_S, "extracting the conversations"):
            while True:
                stats = await self._client.admin.stats(context_id=self._contexts[-1])
                before = stats.turn_count if left is None else left
                extracted(before - stats.pending_count)
                left = stats.pending_count
                if not left:
                    return stats.failed_count
                await asyncio.sleep(_LOOK_AGAIN_S)


class InProcessLearner:
    """Learns within this process."""

    mode = "in process, not through a server"

    def __init__(self, extractor: Extractor, ontology: Ontology) -> None:
        self._extractor = extractor
        self._ontology = ontology

    async def learn(self, told: Mapping[str, Conversations], advance: Advance) -> Lesson:
        """Extracts and reconciles the sessions of one user after another."""
        learned = {}
        for user, sessions in told.items():
            learned[user] = await self._learn(user, sessions)
            advance(1)
        return Lesson(learned=learned)

    async def aclose(self) -> None:
        """Has nothing to delete."""

    async def _learn(self, user: str, sessions: Conversations) -> Learned:
        ids = UlidIds()
        attributes: dict[str, Attribute] = {}
        unknowns: dict[str, Unknown] = {}
        subject = Scope.of({"user": user}).subject()
        for number, session in enumerate(sessions):
            turns = [_shown(turn, f"turn:{number}-{place}") for place, turn in enumerate(session)]
            for start in range(0, len(turns), _WINDOW_TURNS):
                part = turns[start : start + _WINDOW_TURNS]
                proposals = await self._extractor.extract(
                    Window(
                        subject=subject,
                        turns=tuple(part),
                        earlier=tuple(turns[max(start - _EARLIER_TURNS, 0) : start]),
                        known=_known(attributes.values()),
                    )
                )
                outcome = reconcile(
                    beliefs=Beliefs(
                        attributes=list(attributes.values()), unknowns=list(unknowns.values())
                    ),
                    proposals=check(
                        proposals, {turn.id: turn for turn in part}, self._ontology, subject=subject
                    ),
                    observed={turn.id: turn.observed_at for turn in part},
                    now=datetime.now(UTC),
                    new_id=ids.plain,
                    ontology=self._ontology,
                )
                attributes |= {each.id: each for each in outcome.attributes}
                unknowns |= {each.id: each for each in outcome.unknowns}
        return Learned(
            attributes=tuple(
                Held(
                    entity_type=each.entity.type,
                    entity_name=each.entity.name,
                    category=each.category.value,
                    key=each.key,
                    value=each.value,
                    status=each.status.value,
                )
                for each in attributes.values()
            ),
            doubts=tuple(
                Doubt(
                    entity_type=each.entity.type,
                    entity_name=each.entity.name,
                    category=each.category.value,
                    key=each.about,
                    value=each.value,
                    open=each.open,
                )
                for each in unknowns.values()
            ),
        )


@asynccontextmanager
async def connected(
    endpoint: str | None, key: str | None, settings: Mapping[str, str]
) -> AsyncIterator[Spectron]:
    """Connects to a running server, or to one of its own until the block is left.

    Args:
        endpoint: Where a server runs; None: one is started on a temporary data directory.
        key: The key for a server that runs.
        settings: Environment variables for a server that is started.
    """
    if endpoint is not None:
        async with Spectron(api_key=key, endpoint=endpoint, timeout_s=120) as client:
            yield client
        return
    environment: dict[str, Any] = {"SPECTRON_LOG_LEVEL": "error", **settings}
    with TemporaryDirectory(prefix="spectron-bench-", ignore_cleanup_errors=True) as path:
        async with (
            serving(Path(path), **environment) as server,
            Spectron(api_key=server.key, endpoint=server.endpoint, timeout_s=120) as client,
        ):
            yield client


def _shown(turn: NewTurn, turn_id: str) -> WindowTurn:
    return WindowTurn(
        id=turn_id,
        role=Role(turn.role),
        content=turn.content,
        observed_at=turn.observed_at or datetime.now(UTC),
    )


def _known(attributes: Iterable[Attribute]) -> tuple[KnownAttribute, ...]:
    current = [each for each in attributes if each.current]
    return tuple(
        KnownAttribute(entity=each.entity, category=each.category, key=each.key, value=each.value)
        for each in sorted(current, key=lambda each: each.last_validated_at, reverse=True)
    )[:_MAX_KNOWN]


async def _exported(memory: Memory, told: Mapping[str, Conversations]) -> dict[str, Learned]:
    """Reads a whole context: the only read that gives values of every status at once."""
    attributes: dict[str, list[Held]] = {user: [] for user in told}
    doubts: dict[str, list[Doubt]] = {user: [] for user in told}
    async for record in memory.export():
        if record.kind is RecordKind.ATTRIBUTE:
            attributes[_user(record.fields)].append(_held(record.fields))
        elif record.kind is RecordKind.UNKNOWN:
            doubts[_user(record.fields)].append(_doubt(record.fields))
    return {
        user: Learned(attributes=tuple(attributes[user]), doubts=tuple(doubts[user]))
        for user in told
    }


def _user(fields: Mapping[str, Any]) -> str:
    user: str = fields["scope"]["dimensions"]["user"]
    return user


def _held(fields: Mapping[str, Any]) -> Held:
    return Held(
        entity_type=fields["entity"]["type"],
        entity_name=fields["entity"]["name"],
        category=_word(fields["category"], "CATEGORY_"),
        key=fields["key"],
        value=fields["value"],
        status=_word(fields["status"], "ATTRIBUTE_STATUS_"),
    )


def _doubt(fields: Mapping[str, Any]) -> Doubt:
    return Doubt(
        entity_type=fields["entity"]["type"],
        entity_name=fields["entity"]["name"],
        category=_word(fields["category"], "CATEGORY_"),
        key=fields["about"],
        value=fields["value"],
        open=not fields.get("resolved", False),
    )


def _word(name: str, prefix: str) -> str:
    """Returns an enum's name as the client spells it: `active` of `ATTRIBUTE_STATUS_ACTIVE`."""
    return name.removeprefix(prefix).lower()
