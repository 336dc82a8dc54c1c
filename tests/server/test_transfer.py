"""An export, imported into an empty server, gives the same profile, chains and context."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.message import Message

from spectron import Memory, Spectron, TransferRecord, errors
from spectron.v1.transfer_service_pb2 import ImportContextRequest
from spectron_server.rpc import calls
from tests.conftest import StartServer, eventually

ALICE = {"user": "alice"}
TEAM = {"user": "alice", "org": "acme"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def live_a_little(memory: Memory) -> None:
    """Leaves something of every kind behind: chains, doubts, things forgotten, closed sessions."""
    session = await memory.sessions.create(scope=ALICE, metadata={"channel": "web"})
    said = [
        ("2024-01-10", "I live in Berlin and I work at Globex as a chemist."),
        ("2024-02-10", "My sister Aoife is a vet."),
        ("2024-03-10", "I might move to Lisbon."),
        ("2024-06-15", "I just moved to London."),
        ("2024-07-01", "I prefer concise answers."),
        ("2024-07-02", "I no longer work at Globex."),
        ("2024-07-03", "I like tea. I like chess."),
    ]
    for moment, content in said:
        await (await session.turn("user", content, observed_at=at(moment))).extraction()
    await session.turn("assistant", "Noted.")
    await session.close()
    other = await memory.sessions.create(scope=TEAM)
    await (await other.turn("user", "I'm currently working on a data migration.")).extraction()
    await memory.record_fact(
        {"org": "acme"}, "location", "Cork", entity_type="Organization", entity_name="Acme"
    )
    await memory.forget(ALICE, attribute_key="likes", entity_type="Person")
    for unknown in await memory.unknowns.list(ALICE):
        await memory.unknowns.resolve(unknown.id, dismiss=True)
    last = await other.turn("user", "I might move to Oslo.")
    await last.extraction()


def plain(value: Any) -> Any:
    """Returns a result without what an import may change: ids carry the scope's new key."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not field.name.startswith("_") and field.name not in {"revision", "context_id"}
        }
    if isinstance(value, str):
        return value.partition("-")[0] if value.startswith(IDS) else value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


IDS = ("session:", "turn:", "attribute:", "unknown:")


async def everything(memory: Memory) -> dict[str, Any]:
    """Returns all that can be read of a context."""
    found: dict[str, Any] = {}
    for scope in (ALICE, TEAM, {"org": "acme"}, {}):
        name = str(scope)
        found[f"profile {name}"] = await memory.profile(scope)
        found[f"past {name}"] = await memory.profile(scope, as_of=at("2024-03-20"))
        entities = await memory.entities.list(scope)
        found[f"entities {name}"] = list(entities)
        found[f"chains {name}"] = [
            await memory.entities.history(
                scope, key, entity_type=entity.type, entity_name=entity.name
            )
            for entity in entities
            for key in sorted({attribute.key for attribute in entity.attributes})
        ]
        found[f"unknowns {name}"] = list(await memory.unknowns.list(scope, include_resolved=True))
        sessions = await memory.sessions.list(scope=scope)
        found[f"turns {name}"] = [list(await session.history()) for session in sessions]
        for query in ("Where do I live?", "What do I like to drink?", "Who is a vet?"):
            context = await memory.context(query, scope=scope, include_history=True)
            found[f"context {name} {query}"] = [
                (item.kind, item.text, round(item.score, 2), item.observed_at)
                for item in context.items
            ]
            found[f"formatted {name} {query}"] = context.formatted
    return {name: plain(value) for name, value in found.items()}


async def all_extracted(client: Spectron, context_id: str) -> None:
    async def none_pending() -> bool:
        return (await client.admin.stats(context_id=context_id)).pending_count == 0

    await eventually(none_pending)


@pytest.mark.parametrize("target", ["life", "another-name"])
async def test_an_import_gives_the_same_memory(start_server: StartServer, target: str) -> None:
    async with start_server() as server, server.client() as client:
        memory = client.memory(context_id="life")
        await live_a_little(memory)
        await all_extracted(client, "life")
        before = await everything(memory)
        assert any(chain for name, chain in before.items() if name.startswith("chains"))
        records = [record async for record in memory.export()]
        stats = await client.admin.stats(context_id="life")
        if target == "life":
            await client.admin.erase_context("life")
            assert (await memory.profile(ALICE)).summary == ""

        copy = client.memory(context_id=target)
        receipt = await copy.import_(records)
        assert receipt.session_count == stats.session_count
        assert receipt.turn_count == stats.turn_count
        assert receipt.attribute_count == stats.attribute_count
        after = await everything(copy)
        for name, value in before.items():
            assert after[name] == value, name
        # And once more: an export of the copy is the same export.
        again = [record async for record in copy.export()]
        # The scopes come in the order of their keys, which depend on the context's name.
        assert sorted(str(plain(record)).replace(target, "life") for record in again) == sorted(
            str(plain(record)) for record in records
        )


async def test_an_import_needs_an_empty_context(start_server: StartServer) -> None:
    async with start_server() as server, server.client() as client:
        memory = client.memory(context_id="life")
        await live_a_little(memory)
        records = [record async for record in memory.export()]
        with pytest.raises(errors.FailedPrecondition) as caught:
            await memory.import_(records)
        assert caught.value.reason == "CONTEXT_NOT_EMPTY"


async def test_a_broken_import_leaves_nothing(start_server: StartServer) -> None:
    async with start_server() as server, server.client() as client:
        memory = client.memory(context_id="life")
        await live_a_little(memory)
        records = [record async for record in memory.export()]
        copy = client.memory(context_id="copy")
        sessions = [record for record in records if record.kind == "session"]
        turns = [record for record in records if record.kind == "turn"]
        beliefs = [record for record in records if record.kind == "attribute"]

        async def refused(broken: list[TransferRecord]) -> None:
            with pytest.raises(errors.InvalidArgument) as caught:
                await copy.import_(broken)
            assert caught.value.reason == "INVALID_RECORD"
            assert (await client.admin.stats(context_id="copy")).scope_count == 0

        await refused(turns)  # Their sessions do not come before them.
        await refused([*sessions, *beliefs])  # Their evidence is missing.
        await refused([*records, records[0]])  # It comes twice.
        await copy.import_(records)


async def test_pending_turns_are_extracted_after_the_import(start_server: StartServer) -> None:
    async with start_server(worker=False) as idle, idle.client() as client:
        memory = client.memory(context_id="life")
        session = await memory.sessions.create(scope=ALICE)
        await session.turn("user", "I live in Oslo.")
        records = [record async for record in memory.export()]
    async with start_server() as server, server.client() as client:
        copy = client.memory(context_id="copy")
        await copy.import_(records)
        await all_extracted(client, "copy")
        assert "Oslo" in (await copy.profile(ALICE)).summary


async def test_a_stream_is_whole_only_if_no_cancellation_follows_its_end() -> None:
    async def nothing_more() -> AsyncIterator[Message]:
        return
        yield

    async def read() -> int:
        return len([each async for each in calls._all(ImportContextRequest(), nothing_more())])

    cut_off = asyncio.create_task(read())
    for _ in range(5):
        await asyncio.sleep(0)
    cut_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    assert await read() == 1
