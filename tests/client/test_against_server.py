"""Both clients against the real server, where scripted answers would prove little."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from spectron import Spectron, TransferRecord, errors, sync


class Server(Protocol):
    """What these tests need of the server's fixture."""

    @property
    def endpoint(self) -> str: ...

    @property
    def admin_key(self) -> str: ...

    async def add_key(self, secret: str | None, context_id: str, role: str) -> str: ...

    def client(self, key: str | None = None, timeout_s: float = 30.0) -> Spectron: ...


async def test_facts_are_recorded_superseded_and_forgotten(server: Server, fresh_name: str) -> None:
    scope = {"user": "alice"}
    async with server.client() as client:
        memory = client.memory(fresh_name)
        born = datetime.now(UTC) - timedelta(days=30)
        first = await memory.record_fact(scope, "location", "Berlin", valid_from=born)
        assert [(each.value, each.valid_from) for each in first.added] == [("Berlin", born)]
        second = await memory.record_fact(scope, "location", "London")
        [update] = second.updated
        assert (update.previous_value, update.value) == ("Berlin", "London")
        assert update.attribute.source_turn is None

        now = await memory.profile(scope)
        then = await memory.profile(scope, as_of=born + timedelta(days=1))
        before = await memory.profile(scope, as_of=born - timedelta(days=1))
        assert [each.value for each in now.attributes] == ["London"]
        assert [each.value for each in then.attributes] == ["Berlin"]
        assert before.attributes == ()
        assert now.revision >= 2
        entity = await memory.entities.get(scope, "Person", "alice")
        assert entity.id == update.entity.id
        chain = await memory.entities.history(scope, "location")
        assert [each.value for each in chain] == ["Berlin", "London"]

        would = await memory.forget(scope, attribute_key="location", dry_run=True)
        assert would.attribute_count == 1
        assert (await memory.profile(scope)).attributes == now.attributes
        assert (await memory.forget(scope, attribute_key="location")).attribute_count == 1
        assert (await memory.profile(scope)).attributes == ()
        with pytest.raises(errors.InvalidArgument) as caught:
            await memory.forget(scope)
        assert caught.value.reason == "INVALID_FIELD"
        assert caught.value.violations


async def test_a_repeated_request_id_records_one_turn(server: Server, fresh_name: str) -> None:
    async with server.client() as client:
        session = await client.memory(fresh_name).sessions.create(scope={"user": "bob"})
        once = await session.turn("user", "hello", request_id="r1")
        again = await session.turn("user", "hello", request_id="r1")
        assert once.id == again.id
        assert [each.id for each in await session.history()] == [once.id]
        with pytest.raises(errors.AlreadyExists) as caught:
            await session.turn("user", "something else", request_id="r1")
        assert caught.value.reason == "REQUEST_ID_REUSED"


async def test_a_closed_session_takes_no_turns(server: Server, fresh_name: str) -> None:
    async with server.client() as client:
        memory = client.memory(fresh_name)
        session = await memory.sessions.create(scope={"user": "bob"}, metadata={"a": "b"})
        batch = await session.turns(
            [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]
        )
        assert [each.sequence for each in batch] == [1, 2]
        info = await session.close()
        assert (info.state, info.turn_count, info.metadata) == ("closed", 2, {"a": "b"})
        with pytest.raises(errors.SessionClosed):
            await session.turn("user", "hello?")
        [listed] = await memory.sessions.list(scope={"user": "bob"}, state="closed")
        assert listed.info == info
        assert await memory.sessions.list(scope={"user": "bob"}, state="open") == []
        assert (await memory.sessions.get(session.id)).info == info


async def test_long_lists_come_in_pages(server: Server, fresh_name: str) -> None:
    async with server.client() as client:
        session = await client.memory(fresh_name).sessions.create(scope={"user": "bob"})
        turns = [{"role": "system", "content": f"line {number}"} for number in range(430)]
        await session.turns(turns)
        assert [each.content for each in await session.history()] == [
            each["content"] for each in turns
        ]


async def test_keys_are_bound_and_revoked(server: Server, fresh_name: str) -> None:
    async with server.client() as client:
        await client.admin.contexts.create(fresh_name)
        made = await client.admin.keys.create(role="read", context_id=fresh_name, label="r")
        assert made.secret.startswith("sk-")
        assert made.secret not in repr(made)
        async with server.client(made.secret) as reader:
            await reader.memory().profile({})
            with pytest.raises(errors.PermissionDenied) as caught:
                await reader.memory().sessions.create(scope={})
            assert caught.value.metadata["required_role"] == "write"
            await client.admin.keys.revoke(made.key.id)
            with pytest.raises(errors.Unauthenticated) as refused:
                await reader.memory().profile({})
            assert refused.value.reason == "REVOKED_KEY"
            assert made.secret not in str(refused.value)


async def test_an_export_through_lines_of_json_fills_an_empty_context(
    server: Server, fresh_name: str
) -> None:
    async with server.client() as client:
        old, new = client.memory(f"{fresh_name}-old"), client.memory(f"{fresh_name}-new")
        scope = {"user": "zoë"}
        session = await old.sessions.create(scope=scope)
        await session.turn("tool", "21 °C in Köln")
        await old.record_fact(scope, "employer", "Globex", confidence=0.1 + 0.7)
        await old.record_fact(scope, "employer", "Acme")
        lines = [each.to_json() async for each in old.export()]
        receipt = await new.import_(map(TransferRecord.from_json, lines))
        assert (receipt.session_count, receipt.turn_count, receipt.attribute_count) == (1, 1, 2)
        chains = [await each.entities.history(scope, "employer") for each in (old, new)]
        assert [
            [(each.value, each.confidence, each.valid_from, each.status) for each in chain]
            for chain in chains[:1]
        ] == [
            [(each.value, each.confidence, each.valid_from, each.status) for each in chain]
            for chain in chains[1:]
        ]
        assert (await new.profile(scope)).summary == (await old.profile(scope)).summary
        with pytest.raises(errors.FailedPrecondition) as caught:
            await new.import_(map(TransferRecord.from_json, lines))
        assert caught.value.reason == "CONTEXT_NOT_EMPTY"


async def test_the_blocking_client_has_a_conversation(server: Server, fresh_name: str) -> None:
    def converse() -> None:
        with sync.Spectron(server.admin_key, endpoint=server.endpoint) as client:
            memory = client.memory(fresh_name)
            session = memory.sessions.create(scope={"user": "carol"})
            turn = session.turn("system", "You are helpful.")
            assert turn.extraction(timeout_s=60).diff.changes == ()
            memory.record_fact({"user": "carol"}, "employer", "Initech")
            assert "Initech" in memory.profile({"user": "carol"}, min_turn=turn.id).summary
            assert "Initech" in session.context("Where does Carol work?").formatted
            [entity] = memory.entities.list({"user": "carol"})
            assert (entity.type, entity.name) == ("Person", "carol")
            assert client.admin.stats(context_id=fresh_name).session_count == 1
            entries = client.admin.audit({"user": "carol"}, context_id=fresh_name)
            assert "record_fact" in {each.action for each in entries}
            receipt = client.admin.erase_scope({"user": "carol"}, context_id=fresh_name)
            assert (receipt.session_count, receipt.turn_count) == (1, 1)
            assert memory.profile({"user": "carol"}).summary == ""

    await asyncio.to_thread(converse)
