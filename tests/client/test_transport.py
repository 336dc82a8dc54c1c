import asyncio
import gc
import socket
import threading
from pathlib import Path

import grpc
import pytest

from spectron import RetryPolicy, Spectron, errors
from tests.client.conftest import API_KEY, QUICK_RETRY
from tests.client.scripted import ScriptedServer, never

CERTIFICATES = Path(__file__).parent / "certificates"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_every_call_carries_the_key_and_the_context(
    client: Spectron, scripted: ScriptedServer
) -> None:
    await client.memory(context_id="assistant").profile({"user": "alice"})
    [call] = scripted.calls("GetProfile")
    assert call.metadata["authorization"] == f"Bearer {API_KEY}"
    assert call.requests[0].context_id == "assistant"
    assert dict(call.requests[0].scope.dimensions) == {"user": "alice"}


async def test_an_unreachable_server_is_named_with_what_to_do() -> None:
    endpoint = f"127.0.0.1:{free_port()}"
    async with Spectron(API_KEY, endpoint=endpoint, retry=QUICK_RETRY) as client:
        with pytest.raises(errors.Unavailable) as caught:
            await client.memory("c").profile({})
    assert f"{endpoint} (plaintext)" in caught.value.message
    assert "spectron serve" in caught.value.message
    assert API_KEY not in caught.value.message


async def test_local_calls_do_not_go_to_a_proxy(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "no_grpc_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with Spectron(API_KEY, endpoint=scripted.endpoint, retry=QUICK_RETRY) as client:
        await client.memory("c").profile({})


async def test_a_closed_client_says_so(client: Spectron) -> None:
    await client.memory("c").profile({})
    await client.aclose()
    await client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await client.memory("c").profile({})


async def test_closing_a_client_that_never_called_is_fine() -> None:
    async with Spectron(API_KEY):
        pass


async def test_a_cancelled_call_stops_at_once(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.answer("GetProfile", never)
    task = asyncio.create_task(client.memory("c").profile({}))
    async with scripted.arrived:
        await asyncio.wait_for(
            scripted.arrived.wait_for(lambda: bool(scripted.received)), timeout=10
        )
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(scripted.received) == 1


async def test_one_client_serves_several_event_loops(scripted: ScriptedServer) -> None:
    # Made here, where this loop runs, and then used by loops of other threads one after another.
    client = Spectron(API_KEY, endpoint=scripted.endpoint)
    memory = client.memory("c")
    await memory.profile({})

    def use_from_new_loops() -> None:
        for _ in range(3):
            asyncio.run(_profile_of_nobody())

    async def _profile_of_nobody() -> None:
        await memory.profile({})

    await asyncio.to_thread(use_from_new_loops)
    await memory.profile({})
    assert len(scripted.calls("GetProfile")) == 5
    # Of the three loops that ended, the last may still be known; they do not pile up.
    assert len(client._transport._connections) <= 2
    await client.aclose()
    gc.collect()


async def test_closing_reaches_the_channels_of_other_loops(scripted: ScriptedServer) -> None:
    scripted.answer("GetProfile", never)
    client = Spectron(API_KEY, endpoint=scripted.endpoint)
    outcome: list[BaseException] = []

    def call_elsewhere() -> None:
        async def call() -> None:
            try:
                await client.memory("c").profile({})
            except BaseException as error:  # noqa: BLE001 -- any end of the call will do.
                outcome.append(error)

        asyncio.run(call())

    thread = threading.Thread(target=call_elsewhere)
    thread.start()
    async with scripted.arrived:
        await asyncio.wait_for(
            scripted.arrived.wait_for(lambda: bool(scripted.received)), timeout=10
        )
    await client.aclose()
    await asyncio.to_thread(thread.join, 10)
    assert not thread.is_alive()
    assert len(outcome) == 1


async def test_a_client_made_outside_of_any_loop_works_within_one(
    scripted: ScriptedServer,
) -> None:
    client = await asyncio.to_thread(Spectron, API_KEY, endpoint=scripted.endpoint)
    await client.memory("c").profile({})
    await client.aclose()


async def test_tls_with_root_certificates_of_ones_own() -> None:
    server = ScriptedServer()
    pair = [
        ((CERTIFICATES / "loopback.key").read_bytes(), (CERTIFICATES / "loopback.pem").read_bytes())
    ]
    await server.start(credentials=grpc.ssl_server_credentials(pair))
    try:
        async with Spectron(
            API_KEY,
            endpoint=server.endpoint,
            root_certificates=CERTIFICATES / "loopback.pem",
        ) as client:
            await client.memory("c").profile({})
        assert len(server.received) == 1
        # A client that does not trust the certificate must not send its key.
        once = RetryPolicy(max_attempts=1)
        async with Spectron(API_KEY, endpoint=server.endpoint, tls=True, retry=once) as stranger:
            with pytest.raises(errors.Unavailable, match="TLS"):
                await stranger.memory("c").profile({})
        assert len(server.received) == 1
    finally:
        await server.stop()
