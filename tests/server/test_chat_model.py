"""Sessions without an agent of their own, answered by the server's chat model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.duration_pb2 import Duration

from spectron import Session, Spectron
from spectron.v1 import chat_service_pb2 as pb
from spectron.v1 import turn_pb2
from spectron.v1.error_reason_pb2 import ErrorReason
from tests.conftest import Server, StartServer, eventually
from tests.models import server as models
from tests.server.chat_stream import ChatStream, channel_to, opened
from tests.server.process import serving


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A stream whose messages the server answers, and the engine that it asks."""

    server: Server
    engine: models.ModelServer
    session: Session
    stream: ChatStream


@asynccontextmanager
async def answered_by(
    start_server: StartServer, script: models.Script, **options: object
) -> AsyncIterator[Answered]:
    async with (
        models.serving(script) as engine,
        start_server(chat_url=engine.url, chat_model=models.MODEL) as server,
        channel_to(server.endpoint) as channel,
        server.client() as client,
    ):
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "alice"})
        stream = await opened(
            channel,
            server.admin_key,
            session.id,
            context_id="c",
            agent=pb.CHAT_AGENT_SERVER,
            **options,
        )
        yield Answered(server=server, engine=engine, session=session, stream=stream)


async def deltas(stream: ChatStream, count: int) -> str:
    return "".join([(await stream.expect("delta")).text for _ in range(count)])


async def test_the_server_answers_and_streams(start_server: StartServer) -> None:
    async with answered_by(start_server, lambda _: models.streamed("In ", "Berlin", ".")) as chat:
        await chat.stream.say("m1", "I live in Berlin. Where do I live?")
        await chat.stream.expect("recorded")
        assert await deltas(chat.stream, 3) == "In Berlin."
        recorded = await chat.stream.expect("recorded")
        assert [(turn.role, turn.content) for turn in recorded.turns] == [
            (turn_pb2.ROLE_ASSISTANT, "In Berlin.")
        ]
        done = await chat.stream.expect("done")
        assert done.response == "In Berlin."
        assert "Berlin" in {change.attribute.value for change in done.extraction.changes}


async def test_the_model_is_told_what_is_known(start_server: StartServer) -> None:
    async with answered_by(start_server, lambda _: models.streamed("Yes.")) as chat:
        for number, content in enumerate(("I live in Berlin.", "What do you know of me?")):
            await chat.stream.say(f"m{number}", content)
            while (await chat.stream.read()).WhichOneof("frame") != "done":
                pass
        system, *talk = chat.engine.requests[-1].body["messages"]
        assert system["role"] == "system"
        assert "Berlin" in system["content"]
        assert [(each["role"], each["content"]) for each in talk] == [
            ("user", "I live in Berlin."),
            ("assistant", "Yes."),
            ("user", "What do you know of me?"),
        ]


async def test_a_model_that_fails_fails_the_message_alone(start_server: StartServer) -> None:
    answers = [models.refusal(500, "The secret cause."), models.streamed("Hello.")]
    async with answered_by(start_server, lambda _: answers.pop(0)) as chat:
        await chat.stream.say("m1", "Hello?")
        await chat.stream.expect("recorded")
        failed = await chat.stream.expect("failed")
        assert failed.failure.reason == ErrorReason.ERROR_REASON_AGENT_FAILED
        assert "secret" not in failed.failure.message
        await chat.stream.say("m1", "Hello?")
        await chat.stream.expect("recorded")
        assert await deltas(chat.stream, 1) == "Hello."
        await chat.stream.expect("recorded")
        assert (await chat.stream.expect("done")).session.turn_count == 2


async def test_a_model_that_breaks_off_leaves_no_half_reply(start_server: StartServer) -> None:
    def script(_: models.ModelRequest) -> models.Answer:
        return models.streamed("Half ", "a ", finish_reason=None, break_off=True)

    async with answered_by(start_server, script) as chat:
        await chat.stream.say("m1", "Hello?")
        await chat.stream.expect("recorded")
        await deltas(chat.stream, 2)
        failed = await chat.stream.expect("failed")
        assert failed.failure.reason == ErrorReason.ERROR_REASON_AGENT_FAILED
        assert [turn.content for turn in await chat.session.history()] == ["Hello?"]


async def test_a_cancelled_message_aborts_the_request(start_server: StartServer) -> None:
    hold = asyncio.Event()
    async with answered_by(
        start_server, lambda _: models.streamed("One", "Two", hold=hold)
    ) as chat:
        await chat.stream.say("m1", "Hello?")
        await chat.stream.expect("recorded")
        await chat.engine.busy(1)
        await chat.stream.send(cancel=pb.ChatCancel(message_id="m1"))
        failed = await chat.stream.expect("failed")
        assert failed.failure.reason == ErrorReason.ERROR_REASON_MESSAGE_CANCELLED
        await asyncio.wait_for(chat.engine.busy(0), 10)


async def test_a_slow_model_is_timed_out(start_server: StartServer) -> None:
    hold = asyncio.Event()
    async with answered_by(
        start_server,
        lambda _: models.streamed("One", "Two", hold=hold),
        agent_timeout=Duration(nanos=300_000_000),
    ) as chat:
        await chat.stream.say("m1", "Hello?")
        await chat.stream.expect("recorded")
        failed = await chat.stream.expect("failed")
        assert failed.failure.reason == ErrorReason.ERROR_REASON_AGENT_TIMEOUT
        await asyncio.wait_for(chat.engine.busy(0), 10)


async def test_a_reply_is_recorded_though_the_client_has_left(start_server: StartServer) -> None:
    hold = asyncio.Event()
    async with answered_by(
        start_server, lambda _: models.streamed("One ", "two.", hold=hold)
    ) as chat:
        await chat.stream.say("m1", "Hello?")
        await chat.stream.expect("recorded")
        await chat.engine.busy(1)
        chat.stream.call.cancel()
        hold.set()

        async def replied() -> bool:
            return [turn.content for turn in await chat.session.history()] == [
                "Hello?",
                "One two.",
            ]

        await eventually(replied)


async def test_half_close_does_not_stop_the_server_from_answering(
    start_server: StartServer,
) -> None:
    async with answered_by(start_server, lambda _: models.streamed("Hi.")) as chat:
        await chat.stream.say("m1", "Hello?")
        await chat.stream.call.done_writing()
        await chat.stream.expect("recorded")
        await deltas(chat.stream, 1)
        await chat.stream.expect("recorded")
        assert (await chat.stream.expect("done")).response == "Hi."


async def test_the_command_serves_the_model_of_its_settings(server_directory: Path) -> None:
    async with (
        models.serving(lambda _: models.streamed("Hi.")) as engine,
        serving(
            server_directory,
            SPECTRON_CHAT_URL=engine.url,
            SPECTRON_CHAT_MODEL=models.MODEL,
            SPECTRON_CHAT_API_KEY="secret-token",
            SPECTRON_CHAT_SYSTEM_PROMPT="Answer briefly.",
        ) as server,
        channel_to(server.endpoint) as channel,
    ):
        assert server.key is not None
        async with Spectron(api_key=server.key, endpoint=server.endpoint) as client:
            session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        stream = await opened(
            channel, server.key, session.id, context_id="c", agent=pb.CHAT_AGENT_SERVER
        )
        await stream.say("m1", "Hello?")
        await stream.expect("recorded")
        assert await deltas(stream, 1) == "Hi."
        [request] = engine.requests
        assert request.headers["authorization"] == "Bearer secret-token"
        assert request.body["messages"][0]["content"].startswith("Answer briefly.")
        assert "secret-token" not in "".join(server.output)
