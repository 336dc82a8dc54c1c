"""Agents in all their shapes, and what they may do wrong, against a scripted server."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest

from spectron import (
    AgentCall,
    ChatDelta,
    Spectron,
    errors,
)
from spectron.v1.memory_service_pb2 import GetProfileResponse
from tests.client.chatting import chatting, hello, pieces
from tests.client.scripted import ScriptedServer


async def endless(_messages: list[dict[str, str]]) -> AsyncIterator[str]:
    while True:
        yield "x" * 1000


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("", "answered nothing"),
        (" \n", "answered nothing"),
        ("a\0b", "NUL"),
        (None, "not NoneType"),
        (["hello"], "not list"),
        (b"hello", "not bytes"),
        ("\ud800", "surrogates not allowed"),
        ("é" * 16_385, "longer than 32 KiB"),
    ],
)
async def test_an_answer_that_is_none_fails_its_message(
    client: Spectron, answer: Any, told: str
) -> None:
    with pytest.raises(errors.AgentFailed) as caught:
        await chatting(client, lambda _messages: answer).chat("hi")
    assert told in str(caught.value.__cause__)


async def test_an_agent_that_never_ends_is_stopped(client: Spectron) -> None:
    with pytest.raises(errors.AgentFailed) as caught:
        await chatting(client, endless).chat("hi")
    assert "longer than" in str(caught.value.__cause__)


@pytest.mark.parametrize("how", ["given up", "too long", "wrong piece"])
async def test_an_agent_that_is_stopped_can_clean_up(client: Spectron, how: str) -> None:
    started, cleaned = asyncio.Event(), asyncio.Event()

    async def agent(_messages: list[dict[str, str]]) -> AsyncIterator[Any]:
        try:
            started.set()
            yield "x"
            yield {"given up": "y", "too long": "x" * 40_000, "wrong piece": 7}[how]
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    chat = asyncio.create_task(chatting(client, agent).chat("hi"))
    await started.wait()
    if how == "given up":
        chat.cancel()
    with pytest.raises((asyncio.CancelledError, errors.AgentFailed)):
        await chat
    await asyncio.wait_for(cleaned.wait(), timeout=10)


async def test_pieces_before_an_error_are_not_the_reply(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def agent(_messages: list[dict[str, str]]) -> AsyncIterator[str]:
        yield "half a"
        raise KeyError("model")

    events = chatting(client, agent).chat_stream("hi")
    assert await anext(events) == ChatDelta(text="half a")
    with pytest.raises(errors.AgentFailed) as caught:
        await anext(events)
    assert isinstance(caught.value.__cause__, KeyError)
    kinds = [each.WhichOneof("frame") for each in scripted.peers[0].frames]
    assert kinds[-1] == "agent_failure"
    assert "agent_reply" not in kinds


async def test_an_agent_that_raises_fails_its_message_only(
    client: Spectron, scripted: ScriptedServer
) -> None:
    async def agent(messages: list[dict[str, str]], call: AgentCall) -> str:
        if call.message_id == "bad":
            raise ZeroDivisionError("the secret is 7")
        return f"fine {len(messages)}"

    session = chatting(client, agent)
    results = await asyncio.gather(
        session.chat("1", message_id="good"),
        session.chat("2", message_id="bad"),
        return_exceptions=True,
    )
    assert getattr(results[0], "response", None) == "fine 1"
    error = results[1]
    assert isinstance(error, errors.AgentFailed)
    assert error.reason == "AGENT_FAILED"
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert (await session.chat("3")).response == "fine 1"
    [peer] = scripted.peers
    [failure] = [each for each in peer.frames if each.HasField("agent_failure")]
    assert failure.agent_failure.failure.message == "The agent raised ZeroDivisionError."


async def test_the_agent_may_use_the_same_client(
    client: Spectron, scripted: ScriptedServer
) -> None:
    response = GetProfileResponse()
    response.profile.summary = "The user is Alice."
    scripted.answer("GetProfile", response)

    async def agent(messages: list[dict[str, str]]) -> str:
        profile = await client.memory("c").profile(scope={"user": messages[0]["user_id"]})
        return profile.summary

    assert (await chatting(client, agent).chat("hi")).response == "The user is Alice."


async def test_plain_functions_run_beside_each_other_and_block_nothing(client: Spectron) -> None:
    # Each waits for the other: run one after the other, or on the event loop, they never would.
    barrier = threading.Barrier(2, timeout=10)

    def agent(_messages: list[dict[str, str]]) -> str:
        barrier.wait()
        return threading.current_thread().name

    session = chatting(client, agent)
    results = await asyncio.gather(session.chat("1"), session.chat("2"))
    names = {each.response for each in results}
    assert threading.current_thread().name not in names
    assert len(names) == 2


async def test_agents_see_the_context_variables_of_the_sender(client: Spectron) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("request")

    def blocking_agent(_messages: list[dict[str, str]]) -> str:
        return variable.get()

    async def agent(_messages: list[dict[str, str]]) -> str:
        return variable.get()

    for function in (blocking_agent, agent):
        session = chatting(client, function)
        for request in ("first", "second"):
            variable.set(request)
            assert (await session.chat("hi")).response == request


class AgentObject:
    async def __call__(self, messages: list[dict[str, str]]) -> str:
        return f"object {len(messages)}"


async def with_option(messages: list[dict[str, str]], temperature: float = 0.5) -> str:
    return f"{temperature} {len(messages)}"


def blocking_pieces(messages: list[dict[str, str]]) -> Iterator[str]:
    yield threading.current_thread().name.partition("_")[0]
    yield f" {len(messages)}"


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (hello, "hello alice"),
        (pieces, "hello alice"),
        (lambda messages: f"plain {messages[0]['role']}", "plain user"),
        (lambda messages: hello([*messages]), "hello alice"),
        (lambda messages: pieces([*messages]), "hello alice"),
        (blocking_pieces, "asyncio 1"),
        (AgentObject(), "object 1"),
        (partial(with_option, temperature=0.1), "0.1 1"),
        (with_option, "0.5 1"),
        (lambda *messages: f"any {len(messages)}", "any 1"),
        (
            lambda _messages, call: f"{call.message_id} {call.profile.summary}",
            "m The user is Alice.",
        ),
        (lambda _messages, call=None: f"{call.timeout_s}", "60.0"),
    ],
)
async def test_agents_come_in_many_shapes(client: Spectron, function: Any, expected: str) -> None:
    assert (await chatting(client, function).chat("hi", message_id="m")).response == expected
