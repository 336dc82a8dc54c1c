"""What one server forgets or revokes, every other server has forgotten or revoked too."""

import pytest

from spectron import errors
from tests.conftest import StartServer

SCOPE = {"user": "alice"}


async def test_forgetting_and_erasing_reach_a_replica_with_warm_caches(
    start_server: StartServer,
) -> None:
    async with (
        start_server() as one,
        start_server() as two,
        one.client() as here,
        two.client() as there,
    ):
        memory, replica = here.memory(context_id="c"), there.memory(context_id="c")
        session = await memory.sessions.create(scope=SCOPE)
        for content in ("I live in Berlin.", "My name is Alice."):
            turn = await session.turn("user", content)
            await turn.extraction()
        assert "Berlin" in (await replica.profile(SCOPE)).summary
        assert "Berlin" in (await replica.context("Where do I live?", scope=SCOPE)).formatted

        await memory.forget(SCOPE, attribute_key="location")
        profile = await replica.profile(SCOPE)
        assert "Berlin" not in str(profile)
        assert "Alice" in profile.summary
        assert "Berlin" not in str(await replica.context("Where do I live?", scope=SCOPE))
        assert "Berlin" not in str(await replica.entities.list(SCOPE))

        await here.admin.erase_scope(SCOPE, context_id="c")
        assert not (await replica.profile(SCOPE)).attributes
        assert not (await replica.context("Alice", scope=SCOPE)).items
        with pytest.raises(errors.NotFound):
            await replica.sessions.get(session.id)


async def test_a_key_revoked_on_one_server_is_revoked_on_the_other(
    start_server: StartServer,
) -> None:
    async with start_server() as one, start_server() as two, one.client() as here:
        await here.admin.contexts.create("c")
        made = await here.admin.keys.create(role="read", context_id="c")
        async with two.client(made.secret) as reader:
            await reader.memory().profile(SCOPE)
            await here.admin.keys.revoke(made.key.id)
            with pytest.raises(errors.Unauthenticated):
                await reader.memory().profile(SCOPE)
