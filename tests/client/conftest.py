"""Fixtures of the client's tests: a scripted server, and a client that talks to it."""

from collections.abc import AsyncIterator

import pytest

from spectron import RetryPolicy, Spectron
from tests.client.scripted import ScriptedServer

API_KEY = "sk-secret-of-the-tests"
QUICK_RETRY = RetryPolicy(max_attempts=4, initial_backoff_s=0.01, max_backoff_s=0.02)


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(scripted: ScriptedServer) -> AsyncIterator[Spectron]:
    async with Spectron(API_KEY, endpoint=scripted.endpoint, retry=QUICK_RETRY) as made:
        yield made
