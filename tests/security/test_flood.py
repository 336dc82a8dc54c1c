"""One key's flood of calls leaves room for the calls of others."""

import asyncio

import grpc
import pytest

from spectron.v1 import turn_service_pb2
from spectron_extraction.protocol import Proposals, Window
from spectron_server.domain.errors import OverloadedError
from spectron_server.rpc.calls import MAX_CALLS
from spectron_server.rpc.load import Load
from tests.conftest import StartServer, eventually

ALICE = {"user": "alice"}


class SlowExtractor:
    """Extracts nothing until it is let go."""

    name = "slow"

    def __init__(self) -> None:
        self.let_go = asyncio.Event()

    async def extract(self, _window: Window) -> Proposals:
        """Waits."""
        await self.let_go.wait()
        return Proposals()


def held(load: Load, secret: str, most: int) -> int:
    """Lets a key begin calls until one is refused; returns how many were not."""
    for number in range(most):
        load.enter(secret)
        try:
            load.refuse_overload(secret)
        except OverloadedError:
            load.leave(secret)
            return number
    return most


def test_keys_that_hold_what_they_may_leave_some_calls_to_the_next() -> None:
    load = Load(2_000)
    assert held(load, "one", 5_000) == 1_500
    others = [held(load, f"key-{number}", 5_000) for number in range(4)]
    assert all(others)
    assert load.reading().under_way < 2_000
    # What one gives back, another may hold.
    for _ in range(1_500):
        load.leave("one")
    assert held(load, "late", 5_000) >= 1_000


def test_all_calls_together_are_bounded() -> None:
    load = Load(100)
    assert sum(held(load, f"key-{number}", 1) for number in range(200)) == 100


def flood(channel: grpc.aio.Channel, key: str, turn_id: str, calls: int) -> list[asyncio.Task[str]]:
    """Begins calls that wait for a turn; each tells its status in the end."""
    wait = channel.unary_unary(
        "/spectron.v1.TurnService/GetExtraction",
        turn_service_pb2.GetExtractionRequest.SerializeToString,
        turn_service_pb2.GetExtractionResponse.FromString,
    )
    request = turn_service_pb2.GetExtractionRequest(context_id="c", turn_id=turn_id)
    request.wait.FromSeconds(50)

    async def ask() -> str:
        try:
            await wait(request, metadata=(("authorization", f"Bearer {key}"),), timeout=55)
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "OK"

    return [asyncio.create_task(ask()) for _ in range(calls)]


@pytest.mark.slow
async def test_a_flood_of_waits_leaves_room_for_another_key(start_server: StartServer) -> None:
    extractor = SlowExtractor()
    async with (
        start_server(extractor) as server,
        server.client() as client,
        grpc.aio.insecure_channel(server.endpoint) as channel,
    ):
        session = await client.memory(context_id="c").sessions.create(scope=ALICE)
        turn = await session.turn("user", "I live in Oslo.")
        greedy = await server.add_key(context_id="c", role="read")
        calls: list[asyncio.Task[str]] = []
        while len(calls) < MAX_CALLS + 200:
            calls += flood(channel, greedy, turn.id, 200)
            # gRPC itself turns away what comes all at once: let these come in first.
            await client.memory(context_id="c").profile(ALICE)

        async def some_are_refused() -> bool:
            return any(call.done() for call in calls)

        await eventually(some_are_refused, within_s=50)
        # Another key is answered, though nothing is known yet.
        assert not (await client.memory(context_id="c").profile(ALICE)).attributes
        extractor.let_go.set()
        outcomes = await asyncio.gather(*calls)
    assert set(outcomes) == {"OK", "RESOURCE_EXHAUSTED"}
    assert outcomes.count("OK") < MAX_CALLS
