"""What the tests of the server share."""

from collections.abc import AsyncIterator

import pytest

from spectron import Spectron
from spectron.v1.session_service_pb2 import CreateSessionRequest
from tests.conftest import Server
from tests.server.bad_input import CONTEXT, scope
from tests.server.chat_room import Room
from tests.server.chat_stream import channel_to
from tests.server.every_rpc import RawClient


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


@pytest.fixture
async def raw(server: Server) -> AsyncIterator[RawClient]:
    async with RawClient(server.endpoint, server.admin_key) as client:
        yield client


@pytest.fixture
async def session_id(raw: RawClient) -> str:
    """A session that bad input may be sent to."""
    request = CreateSessionRequest(context_id=CONTEXT, scope=scope(user="eve"))
    [answer] = await raw.call("CreateSession", request)
    found: str = answer.session.id
    return found
