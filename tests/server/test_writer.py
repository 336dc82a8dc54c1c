"""A change of beliefs is written only where it was decided: not on what has come since."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.belief import Attribute, AttributeStatus, Beliefs
from spectron_server.domain.scope import Scope
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.service.directory import Place
from spectron_server.service.waiting import Waiting
from spectron_server.service.writer import BeliefWriter, Change
from spectron_server.storage import access, beliefs, erasure, scopes
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection
from spectron_server.system import SystemClock, UlidIds

ALICE = Scope((("user", "alice"),))


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where beliefs of one scope are written."""

    database: Database
    writer: BeliefWriter
    place: Place

    async def make_scope(self) -> None:
        async with self.database.read() as connection:
            await access.add_context(connection, self.place.context_id, SystemClock().now())
            await scopes.ensure(
                connection,
                context_id=self.place.context_id,
                scope=self.place.scope,
                now=SystemClock().now(),
            )

    async def erase(self) -> None:
        await self.database.write(lambda connection: erasure.erase(connection, [self.place.key]))

    async def write(self, decide: Callable[[Beliefs], Awaitable[Change]]) -> None:
        async def decided(rows: Beliefs) -> tuple[Change, None]:
            return await decide(rows), None

        async def written(commit: Callable[[Connection], Awaitable[None]], _: None) -> None:
            await self.database.write(commit)

        await self.writer.decide_and_write(self.place, None, decided, written)

    async def believe(self, value: str) -> None:
        async def decide(_: Beliefs) -> Change:
            return change(self.belief(value))

        await self.write(decide)

    async def values(self) -> list[str]:
        async with self.database.read() as connection:
            rows = await beliefs.since(connection, self.place.key, -1)
        return [row.value for row in rows.attributes]

    def belief(self, value: str) -> Attribute:
        now = SystemClock().now()
        return Attribute(
            id=UlidIds().scoped("attribute", self.place.key),
            entity=EntityRef(type="Person", name="alice"),
            category=Category.IDENTITY,
            key="location",
            value=value,
            confidence=0.9,
            evidence=None,
            valid_from=now,
            valid_until=None,
            recorded_at=now,
            last_validated_at=now,
            status=AttributeStatus.ACTIVE,
            supersedes=None,
            superseded_by=None,
        )


def change(*attributes: Attribute) -> Change:
    return Change(attributes=attributes, action="test", details={})


@pytest.fixture
async def desk(database_url: str, embedder: MiniLmEmbedder) -> AsyncIterator[Desk]:
    database = await Database.open(database_url, max_connections=4)
    writer = BeliefWriter(
        database=database,
        clock=SystemClock(),
        ids=UlidIds(),
        embedder=embedder,
        ontology=Ontology.load(),
        waiting=Waiting(database, SystemClock()),
    )
    place = Place(key=ALICE.key("c"), context_id="c", scope=ALICE)
    found = Desk(database=database, writer=writer, place=place)
    await found.make_scope()
    yield found
    await database.close()


async def test_what_was_decided_on_an_erased_scope_is_not_written_to_one_of_its_name(
    desk: Desk,
) -> None:
    await desk.believe("Oslo")
    seen: list[list[str]] = []

    async def decide(rows: Beliefs) -> Change:
        seen.append([row.value for row in rows.attributes])
        if len(seen) == 1:
            await desk.erase()
            await desk.make_scope()
            # As many changes as the first one had.
            await desk.believe("Rome")
        return change(*rows.attributes)

    await desk.write(decide)
    assert seen == [["Oslo"], ["Rome"]]
    assert await desk.values() == ["Rome"]
