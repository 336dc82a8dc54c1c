"""Many callers at once: nothing is doubled, lost or out of order."""

import asyncio
import itertools

from spectron import Diff, Memory, Session, SpectronError
from tests.conftest import StartServer, eventually

ALICE = {"user": "alice"}


async def test_one_request_sent_many_times_at_once_is_done_once(
    start_server: StartServer,
) -> None:
    async with start_server() as server, server.client() as client:
        memory = client.memory(context_id="c")
        sessions = await asyncio.gather(
            *(memory.sessions.create(scope=ALICE, request_id="open") for _ in range(12))
        )
        assert len({session.id for session in sessions}) == 1
        session = sessions[0]
        turns = await asyncio.gather(
            *(session.turn("user", "I live in Oslo.", request_id="say") for _ in range(12))
        )
        assert len({turn.id for turn in turns}) == 1
        assert len(await session.history()) == 1
        facts = await asyncio.gather(
            *(memory.record_fact(ALICE, "likes", "tea", request_id="fact") for _ in range(12))
        )
        assert all(fact == facts[0] for fact in facts)
        assert len(await memory.entities.history(ALICE, "likes")) == 1


async def test_turns_of_many_writers_are_numbered_without_gaps(
    start_server: StartServer,
) -> None:
    async with start_server() as server, server.client() as client:
        memory = client.memory(context_id="c")
        sessions = [await memory.sessions.create(scope=ALICE) for _ in range(3)]

        async def write(session: Session, writer: int) -> None:
            for number in range(10):
                await session.turn("user", f"I like thing{writer}x{number}.")

        await asyncio.gather(*(write(sessions[n % 3], n) for n in range(9)))
        for session in sessions:
            turns = await session.history()
            assert [turn.sequence for turn in turns] == list(range(1, 31))

        async def extracted() -> bool:
            return (await client.admin.stats(context_id="c")).pending_count == 0

        await eventually(extracted, within_s=60)
        likes = await memory.entities.history(ALICE, "likes", limit=500)
        assert len({attribute.value for attribute in likes}) == len(likes) == 90


async def test_changes_of_one_key_by_many_make_one_chain(start_server: StartServer) -> None:
    async with start_server() as server, server.client() as client:
        memory = client.memory(context_id="c")

        async def change(memory: Memory, place: str) -> Diff | SpectronError:
            return await memory.record_fact(ALICE, "location", place)

        places = [f"Town{n}" for n in range(15)]
        done = await asyncio.gather(
            *(change(memory, place) for place in places), return_exceptions=True
        )
        written = [
            place for place, diff in zip(places, done, strict=True) if isinstance(diff, Diff)
        ]
        refused = [error for error in done if not isinstance(error, Diff)]
        assert {getattr(error, "reason", error) for error in refused} <= {"OVERLOADED"}
        chain = await memory.entities.history(ALICE, "location")
        assert sorted(each.value for each in chain) == sorted(written)
        assert sum(each.status == "active" for each in chain) == 1
        for older, newer in itertools.pairwise(chain):
            assert older.superseded_by == newer.id
            assert newer.supersedes == older.id
            assert older.valid_until == newer.valid_from
