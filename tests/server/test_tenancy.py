"""Nothing crosses from one context or scope to another: tried on every RPC."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from spectron_server.domain.access import KeyRole
from tests.conftest import Server
from tests.server.every_rpc import RawClient, World, methods, requests

NEEDED = {
    **dict.fromkeys(
        [
            "GetSession",
            "ListSessions",
            "ListTurns",
            "GetExtraction",
            "GetProfile",
            "GetContext",
            "ListEntities",
            "GetEntity",
            "GetAttributeHistory",
            "ListUnknowns",
        ],
        KeyRole.READ,
    ),
    **dict.fromkeys(
        [
            "CreateSession",
            "CloseSession",
            "Chat",
            "RecordTurn",
            "RecordTurns",
            "RetryExtraction",
            "Forget",
            "RecordFact",
            "ResolveUnknown",
        ],
        KeyRole.WRITE,
    ),
    **dict.fromkeys(
        [
            "CreateContext",
            "ListContexts",
            "CreateKey",
            "ListKeys",
            "RevokeKey",
            "EraseScope",
            "GetStats",
            "ListAuditEntries",
            "ExportContext",
            "ImportContext",
        ],
        KeyRole.ADMIN,
    ),
}
EVERY_RPC = sorted(name.partition("/")[2] for name in methods())


@pytest.fixture
async def world(server: Server, fresh_name: str) -> AsyncIterator[World]:
    """A context in which something of every kind exists."""
    context_id = f"victim-{fresh_name}"
    await server.add_key(context_id=context_id, role="read")
    async with server.client() as client:
        memory = client.memory(context_id=context_id)
        session = await memory.sessions.create(scope={"user": "alice", "org": "acme"})
        turn = await session.turn("user", "I live in Berlin. I might move to Lisbon.")
        await turn.extraction()
        [unknown] = await memory.unknowns.list({"user": "alice", "org": "acme"})
        [key] = await client.admin.keys.list(context_id=context_id)
        yield World(
            context_id=context_id,
            scope={"user": "alice", "org": "acme"},
            session_id=session.id,
            turn_id=turn.id,
            unknown_id=unknown.id,
            key_id=key.id,
            entity_name="alice",
        )


def test_every_rpc_is_tried(world: World) -> None:
    assert set(EVERY_RPC) == set(requests(world, "c")) == set(NEEDED)


@pytest.mark.parametrize("method", EVERY_RPC)
async def test_a_key_of_another_context_reaches_nothing(
    server: Server, world: World, fresh_name: str, method: str
) -> None:
    await make_context(server, f"other-{fresh_name}")
    key = await server.add_key(context_id=f"other-{fresh_name}", role="admin")
    async with RawClient(server.endpoint, key) as raw:
        named = await raw.outcome(method, requests(world, world.context_id)[method])
        assert named in {
            "NOT_FOUND/CONTEXT_NOT_FOUND",
            # About no context in particular: for keys that reach all.
            "PERMISSION_DENIED/ROLE_NOT_ALLOWED",
            "NOT_FOUND/KEY_NOT_FOUND",
        }
        missing = requests(replace(world, context_id="no-such-context"), "no-such-context")
        # A missing context and one out of reach give the same answer.
        assert await raw.outcome(method, missing[method]) == named


@pytest.mark.parametrize("method", EVERY_RPC)
async def test_ids_of_another_context_are_not_found_in_ones_own(
    server: Server, world: World, fresh_name: str, method: str
) -> None:
    own = f"own-{fresh_name}"
    await make_context(server, own)
    key = await server.add_key(context_id=own, role="admin")
    async with RawClient(server.endpoint, key) as raw:
        request = requests(world, own)[method]
        outcome = await raw.outcome(method, request)
        if outcome == "OK":
            # It names no record: whatever it answers is of the caller's own context.
            answer = "".join(str(message) for message in await raw.call(method, request))
            assert "Berlin" not in answer
            assert "Lisbon" not in answer
            assert world.context_id not in answer
        else:
            assert outcome.startswith(("NOT_FOUND/", "PERMISSION_DENIED/ROLE_NOT_ALLOWED")), outcome
    # And nothing was changed in the other context.
    async with server.client() as client:
        memory = client.memory(context_id=world.context_id)
        found = await memory.profile(world.scope)
        assert "Berlin" in found.summary
        assert len(await memory.unknowns.list(world.scope)) == 1


@pytest.mark.parametrize("method", EVERY_RPC)
async def test_without_a_good_key_nothing_is_answered(
    server: Server, world: World, method: str
) -> None:
    request = requests(world, world.context_id)[method]
    for key in (None, "", "sk-wrong", world.key_id):
        async with RawClient(server.endpoint, key) as raw:
            assert await raw.outcome(method, request) == "UNAUTHENTICATED/INVALID_KEY"


@pytest.mark.parametrize("method", EVERY_RPC)
async def test_a_role_allows_what_it_should_and_no_more(
    server: Server, world: World, method: str
) -> None:
    request = requests(world, world.context_id)[method]
    refused = "PERMISSION_DENIED/ROLE_NOT_ALLOWED"
    for role in (KeyRole.READ, KeyRole.WRITE):
        key = await server.add_key(context_id=world.context_id, role=role.value)
        async with RawClient(server.endpoint, key) as raw:
            outcome = await raw.outcome(method, request)
        assert (outcome == refused) == (not role.allows(NEEDED[method])), (role, outcome)


SCOPES: list[tuple[dict[str, str], bool]] = [
    ({"user": "alice", "org": "acme"}, True),
    ({"user": "alice", "org": "acme", "team": "x"}, True),
    ({"user": "alice"}, False),
    ({"org": "acme"}, False),
    ({"user": "bob", "org": "acme"}, False),
    ({"user": "alice", "org": "other"}, False),
    ({"user": "acme", "org": "alice"}, False),
    ({}, False),
]


@pytest.mark.parametrize(("scope", "sees"), SCOPES)
async def test_a_query_sees_records_whose_scope_it_includes(
    server: Server, world: World, scope: dict[str, str], sees: bool
) -> None:
    async with server.client() as client:
        memory = client.memory(context_id=world.context_id)
        profile = await memory.profile(scope)
        context = await memory.context("Where do I live?", scope=scope)
        entities = await memory.entities.list(scope)
        sessions = await memory.sessions.list(scope=scope)
        unknowns = await memory.unknowns.list(scope)
        audit = await client.admin.audit(scope, context_id=world.context_id)
        assert bool(profile.attributes) == sees
        assert bool(context.items) == sees
        assert bool(entities) == sees
        assert bool(sessions) == sees
        assert bool(unknowns) == sees
        assert bool(audit) == sees


async def test_min_turn_of_a_scope_out_of_sight_is_not_found(server: Server, world: World) -> None:
    async with RawClient(server.endpoint, server.admin_key) as raw:
        request = requests(replace(world, scope={"user": "bob"}), world.context_id)["GetProfile"]
        request.min_turn = world.turn_id  # type: ignore[attr-defined]
        assert await raw.outcome("GetProfile", request) == "NOT_FOUND/TURN_NOT_FOUND"


async def test_a_revoked_key_stops_at_once(server: Server, fresh_name: str) -> None:
    async with server.client() as client:
        await make_context(server, fresh_name)
        made = await client.admin.keys.create(role="write", context_id=fresh_name)
        async with server.client(made.secret) as other:
            await other.memory().profile({"user": "x"})
            await client.admin.keys.revoke(made.key.id)
            with pytest.raises(Exception, match="revoked"):
                await other.memory().profile({"user": "x"})


async def make_context(server: Server, context_id: str) -> None:
    async with server.client() as client:
        await client.admin.contexts.create(context_id)
