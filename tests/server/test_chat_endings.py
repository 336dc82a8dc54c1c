"""Chats whose server is killed, drains, or is shared by many; clients that do not read."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import psutil
import pytest

from spectron import Spectron
from spectron.v1 import chat_service_pb2 as pb
from spectron.v1.error_reason_pb2 import ErrorReason
from tests.conftest import Server, StartServer, eventually
from tests.server.chat_stream import ChatStream, begin, channel_to, opened
from tests.server.process import launch, serving

CHATS = 500
OFFERED = 1_000
MAX_STREAM_KIB = 150
MAX_THREADS_MORE = 8


async def test_a_message_is_finished_after_the_server_was_killed(server_directory: Path) -> None:
    server = await launch(server_directory)
    assert server.key is not None
    key = server.key
    async with Spectron(api_key=key, endpoint=server.endpoint) as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "alice"})
    async with channel_to(server.endpoint) as channel:
        stream = await opened(channel, key, session.id, context_id="c")
        await stream.say("m1", "I live in Berlin.")
        await stream.expect("recorded")
        await stream.expect("agent_call")
        await server.kill()
        code, _ = await stream.ending()
        assert code == grpc.StatusCode.UNAVAILABLE
    async with serving(server_directory) as again, channel_to(again.endpoint) as channel:
        stream = await opened(channel, key, session.id, context_id="c")
        done = await stream.answered("m1", "I live in Berlin.", "Noted.")
        assert [change.attribute.value for change in done.extraction.changes] == ["Berlin"]
        assert done.session.turn_count == 2
        async with Spectron(api_key=key, endpoint=again.endpoint) as client:
            reopened = client.memory(context_id="c").sessions.open(session.id)
            said = [(turn.role.value, turn.content) for turn in await reopened.history()]
        assert said == [("user", "I live in Berlin."), ("assistant", "Noted.")]


async def test_a_chat_finishes_while_the_server_drains(server_directory: Path) -> None:
    async with (
        serving(server_directory, SPECTRON_DRAIN_S="20") as server,
        channel_to(server.endpoint) as channel,
    ):
        assert server.key is not None
        async with Spectron(api_key=server.key, endpoint=server.endpoint) as client:
            session = await client.memory(context_id="c").sessions.create(scope={})
        busy = await opened(channel, server.key, session.id, context_id="c")
        idle = await opened(channel, server.key, session.id, context_id="c")
        await busy.say("m1", "Hello.")
        await busy.expect("recorded")
        call = await busy.expect("agent_call")
        stopping = asyncio.create_task(server.stop())
        # The idle stream ends at once, and says why.
        code, details = await idle.ending()
        assert code == grpc.StatusCode.UNAVAILABLE
        assert "shutting down" in details
        await busy.say("m2", "Is there time?")
        failed = await busy.expect("failed")
        assert failed.message_id == "m2"
        assert failed.failure.reason == ErrorReason.ERROR_REASON_SHUTTING_DOWN
        await busy.reply(call.call_id, "Hi.")
        await busy.expect("recorded")
        assert (await busy.expect("done")).response == "Hi."
        code, details = await busy.ending()
        assert code == grpc.StatusCode.UNAVAILABLE
        assert "shutting down" in details
        assert await stopping == 0


async def test_a_slow_chat_is_told_before_the_server_is_gone(server_directory: Path) -> None:
    async with (
        serving(server_directory, SPECTRON_DRAIN_S="2") as server,
        channel_to(server.endpoint) as channel,
    ):
        assert server.key is not None
        async with Spectron(api_key=server.key, endpoint=server.endpoint) as client:
            session = await client.memory(context_id="c").sessions.create(scope={})
        stream = await opened(channel, server.key, session.id, context_id="c")
        await stream.say("m1", "Hello.")
        await stream.expect("recorded")
        await stream.expect("agent_call")
        stopping = asyncio.create_task(server.stop())
        code, details = await stream.ending()
        assert code == grpc.StatusCode.UNAVAILABLE
        assert "shutting down" in details
        assert await stopping == 0


@pytest.fixture
async def unread(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Server, ChatStream, str]]:
    """A stream that nobody reads, on a session whose calls are large: it is full soon."""
    monkeypatch.setattr("spectron_server.rpc.calls.STREAM_IDLE_S", 1.0)
    async with start_server() as server, channel_to(server.endpoint) as channel:
        async with server.client() as client:
            memory = client.memory(context_id="c")
            session = await memory.sessions.create(scope={"user": "alice"})
            await session.turns([{"role": "system", "content": "x" * 32_000} for _ in range(20)])
        stream = begin(channel, server.admin_key)
        await stream.send(open=pb.ChatOpen(session_id=session.id, context_id="c"))
        yield server, stream, session.id


async def dropped(server: Server) -> None:
    chats = server.application.chats

    async def held() -> bool:
        return bool(chats._conversations)

    async def let_go() -> bool:
        return not chats._conversations

    await eventually(held)
    await eventually(let_go)


async def read_all(stream: ChatStream) -> None:
    while await stream.call.read() is not grpc.aio.EOF:
        pass


async def test_a_client_that_reads_nothing_loses_its_stream(
    unread: tuple[Server, ChatStream, str],
) -> None:
    server, stream, _ = unread
    for number in range(8):
        await stream.say(f"m{number}", f"Message {number}.")
    await dropped(server)
    # Once it reads, it is told.
    with pytest.raises(grpc.aio.AioRpcError, match="Nothing was read") as raised:
        await read_all(stream)
    assert raised.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_client_that_only_talks_is_held_back(
    unread: tuple[Server, ChatStream, str],
) -> None:
    server, stream, session_id = unread

    async def talk() -> None:
        for number in range(OFFERED):
            await stream.say(f"m{number}", f"Message {number}.")
            await stream.reply(f"m{number}/1", "x" * 16_000)

    talking = asyncio.create_task(talk())
    await dropped(server)
    # Far fewer than were offered came through: the rest waits at the client.
    assert not talking.done()
    assert len(await contents(server, session_id)) < OFFERED / 2
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)


async def contents(server: Server, session_id: str) -> list[str]:
    async with server.client() as client:
        session = client.memory(context_id="c").sessions.open(session_id)
        return [turn.content for turn in await session.history(limit=5_000)]


@pytest.mark.slow
async def test_many_chats_wait_for_slow_agents_at_once(server_directory: Path) -> None:
    """No thread for each, and little memory: measured from outside the process."""
    async with serving(server_directory, SPECTRON_DRAIN_S="1") as server:
        assert server.key is not None
        key = server.key
        process = psutil.Process(server.process.pid)
        async with (
            Spectron(api_key=key, endpoint=server.endpoint) as client,
            channel_to(server.endpoint) as channel,
        ):
            memory = client.memory(context_id="c")
            session = await memory.sessions.create(scope={"user": "alice"})
            # What the first chat loads for all is no part of what one takes.
            first = await opened(channel, key, session.id, context_id="c")
            await first.answered("m0", "Hello.", "Hi.")
            rss, threads = process.memory_info().rss, process.num_threads()
            idle = [await opened(channel, key, session.id, context_id="c") for _ in range(CHATS)]
            idle_kib = (process.memory_info().rss - rss) / 1024 / CHATS
            print(f"{idle_kib:.0f} KiB an idle stream")
            assert idle_kib < MAX_STREAM_KIB
            for stream in idle:
                stream.call.cancel()
            sessions = [
                await memory.sessions.create(scope={"user": f"user{number % 20}"})
                for number in range(CHATS)
            ]
            streams = await asyncio.gather(
                *(opened(channel, key, session.id, context_id="c") for session in sessions)
            )
            calls = await asyncio.gather(*(asked(stream) for stream in streams))
            assert process.num_threads() <= threads + MAX_THREADS_MORE
            responses = await asyncio.gather(
                *(
                    answer(stream, call.call_id, f"Reply {number}.")
                    for number, (stream, call) in enumerate(zip(streams, calls, strict=True))
                )
            )
            assert responses == [f"Reply {number}." for number in range(CHATS)]


async def asked(stream: ChatStream) -> pb.ChatAgentCall:
    await stream.say("m1", "Hello.")
    await stream.expect("recorded", within_s=60)
    call: pb.ChatAgentCall = await stream.expect("agent_call", within_s=60)
    return call


async def answer(stream: ChatStream, call_id: str, reply: str) -> str:
    await stream.reply(call_id, reply)
    await stream.expect("recorded", within_s=60)
    done: pb.ChatDone = await stream.expect("done", within_s=60)
    return done.response


async def test_two_servers_give_one_message_one_reply(start_server: StartServer) -> None:
    """Two processes cannot see each other's messages under way; the database decides."""
    async with (
        start_server() as one,
        start_server() as two,
        channel_to(one.endpoint) as channel_one,
        channel_to(two.endpoint) as channel_two,
    ):
        async with one.client() as client:
            session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        streams = [
            await opened(channel_one, one.admin_key, session.id, context_id="c"),
            await opened(channel_two, two.admin_key, session.id, context_id="c"),
        ]
        for stream in streams:
            await stream.say("m1", "Hello.")
        calls = []
        for stream in streams:
            await stream.expect("recorded")
            calls.append(await stream.expect("agent_call"))
        for number, (stream, call) in enumerate(zip(streams, calls, strict=True)):
            await stream.reply(call.call_id, f"Reply of {number}.")
        responses = set()
        for stream in streams:
            await stream.expect("recorded")
            responses.add((await stream.expect("done")).response)
        assert len(responses) == 1
        async with one.client() as client:
            reopened = client.memory(context_id="c").sessions.open(session.id)
            said = [turn.content for turn in await reopened.history()]
        assert said == ["Hello.", *responses]


async def test_a_stream_that_joins_as_the_last_one_leaves_is_asked(
    start_server: StartServer,
) -> None:
    """Joining and leaving race; whoever joins before the end is never told that it has left."""
    async with start_server() as server, channel_to(server.endpoint) as channel:
        async with server.client() as client:
            session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})

        async def joined() -> ChatStream:
            return await opened(channel, server.admin_key, session.id, context_id="c")

        stream = await joined()
        for number in range(20):
            message_id = f"m{number}"
            await stream.say(message_id, "Hello.")
            await stream.expect("recorded")
            await stream.expect("agent_call")
            other = await joined()
            await asyncio.gather(other.say(message_id, "Hello."), cancel(stream))
            await other.expect("recorded")
            call = await other.expect("agent_call")
            await other.reply(call.call_id, "Hi.")
            await other.expect("recorded")
            assert (await other.expect("done")).session.turn_count == 2 * (number + 1)
            stream = other


async def cancel(stream: ChatStream) -> None:
    stream.call.cancel()


async def test_nobody_waits_for_what_nobody_wants_to_know(start_server: StartServer) -> None:
    async with start_server(worker=False) as server, channel_to(server.endpoint) as channel:
        async with server.client() as client:
            session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        stream = await opened(channel, server.admin_key, session.id, context_id="c")
        await stream.say("m1", "I live in Berlin.")
        await stream.reply("m1/1", "Noted.")
        for _ in range(3):
            await stream.read()
        chats = server.application.chats
        assert chats._runs
        stream.call.cancel()

        async def gone() -> bool:
            return not (chats._runs or chats._tasks)

        await eventually(gone)


async def test_nothing_is_left_of_a_chat_that_has_ended(start_server: StartServer) -> None:
    async with start_server() as server, channel_to(server.endpoint) as channel:
        async with server.client() as client:
            session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        stream = await opened(channel, server.admin_key, session.id, context_id="c")
        await stream.answered("m1", "Hello.", "Hi.")
        await stream.say("m2", "Are you there?")
        await stream.expect("recorded")
        stream.call.cancel()
        chats = server.application.chats

        async def gone() -> bool:
            return not (chats._runs or chats._tasks or chats._conversations)

        await eventually(gone)
