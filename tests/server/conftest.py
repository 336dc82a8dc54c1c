"""What the tests of the server share."""

from collections.abc import AsyncIterator

import pytest

from spectron import Spectron
from tests.conftest import Server
from tests.server.chat_room import Room
from tests.server.chat_stream import channel_to


@pytest.fixture
async def room(server: Server, client: Spectron, fresh_name: str) -> AsyncIterator[Room]:
    memory = client.memory(context_id=fresh_name)
    session = await memory.sessions.create(scope={"org": "acme", "user": "alice"})
    async with channel_to(server.endpoint) as channel:
        yield Room(
            server=server,
            channel=channel,
            context_id=fresh_name,
            memory=memory,
            session=session,
        )
