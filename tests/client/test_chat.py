"""Chat against the real server: agents that fail, clients and servers that vanish, many at once."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from spectron import (
    AgentCall,
    ChatDelta,
    ChatDone,
    ChatRecorded,
    Spectron,
    errors,
    sync,
)
from tests.client.chatting import Messages, Once, create, said, turn_ids, understood
from tests.conftest import Server, StartServer
from tests.models import server as models


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Spectron]:
    """A client of the real server."""
    async with server.client() as made:
        yield made


async def test_a_chat_learns_and_remembers(client: Spectron, fresh_name: str) -> None:
    calls: list[AgentCall] = []

    async def agent(messages: Messages, call: AgentCall) -> str:
        calls.append(call)
        assert messages == [dict(each) for each in call.messages]
        return f"So you said: {messages[-1]['content']}"

    session = await create(client, fresh_name, agent, top_k=3, history_limit=2, agent_timeout_s=5)
    first = await session.chat("I live in Berlin.")
    assert first.response == "So you said: I live in Berlin."
    assert [(each.key, each.value) for each in first.extraction.added] == [("location", "Berlin")]
    assert first.extraction_status == "done"
    assert [each.role for each in first.turns] == ["user", "assistant"]
    second = await session.chat("I just moved from Berlin to London")
    [update] = second.extraction.updated
    assert (update.previous_value, update.value) == ("Berlin", "London")
    assert second.session.turn_count == 4
    confirmed = await session.chat("As I said, I live in London.")
    assert [each.value for each in confirmed.extraction.confirmed] == ["London"]

    assert calls[0].profile.attributes == ()
    assert calls[0].timeout_s == 5
    assert [each["role"] for each in calls[1].messages] == ["user", "assistant", "user"]
    assert calls[2].messages[0]["user_id"] == "alice"
    assert len(calls[2].messages) == 3
    assert "London" in calls[2].system_prompt
    assert "London" in calls[2].profile.summary


async def test_an_agent_that_raises_leaves_the_users_turn(
    client: Spectron, fresh_name: str
) -> None:
    broken = True

    async def agent(_messages: Messages) -> str:
        if broken:
            raise ConnectionError("the model is away")
        return "Back."

    session = await create(client, fresh_name, agent)
    with pytest.raises(errors.AgentFailed) as caught:
        await session.chat("Hello", message_id="m1")
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert await said(session) == [("user", "Hello")]
    broken = False
    assert (await session.chat("Hello", message_id="m1")).response == "Back."
    assert await said(session) == [("user", "Hello"), ("assistant", "Back.")]


async def test_an_agent_that_never_answers_is_given_up(client: Spectron, fresh_name: str) -> None:
    agent = Once()
    session = await create(client, fresh_name, agent, agent_timeout_s=0.2)
    with pytest.raises(errors.AgentTimeout) as caught:
        await session.chat("Hello", message_id="m1")
    assert caught.value.reason == "AGENT_TIMEOUT"
    agent.may_answer.set()
    assert (await session.chat("Hello", message_id="m1")).response == "answer 2"
    assert await said(session) == [("user", "Hello"), ("assistant", "answer 2")]


async def test_pieces_before_an_error_are_not_recorded(client: Spectron, fresh_name: str) -> None:
    async def agent(_messages: Messages) -> AsyncIterator[str]:
        yield "I was about to"
        raise OSError("gone")

    session = await create(client, fresh_name, agent)
    with pytest.raises(errors.AgentFailed) as caught:
        await session.chat("Hello")
    assert isinstance(caught.value.__cause__, OSError)
    assert await said(session) == [("user", "Hello")]


@pytest.mark.parametrize("answer", ["", " \n ", "a\0b", "x" * 32_769])
async def test_an_answer_that_no_turn_can_hold_fails(
    client: Spectron, fresh_name: str, answer: str
) -> None:
    session = await create(client, fresh_name, lambda _messages: answer)
    with pytest.raises(errors.AgentFailed):
        await session.chat("Hello")
    assert await said(session) == [("user", "Hello")]


async def test_pieces_are_streamed_and_make_one_turn(client: Spectron, fresh_name: str) -> None:
    async def agent(_messages: Messages) -> AsyncIterator[str]:
        for piece in ("Hello, ", "", "Alice", "."):
            yield piece
            await asyncio.sleep(0)

    session = await create(client, fresh_name, agent)
    events = [each async for each in session.chat_stream(content="Good morning")]
    recorded = [each for each in events if isinstance(each, ChatRecorded)]
    assert [turn.role for each in recorded for turn in each.turns] == ["user", "assistant"]
    text = "".join(each.text for each in events if isinstance(each, ChatDelta))
    assert text == "Hello, Alice."
    done = events[-1]
    assert isinstance(done, ChatDone)
    assert done.result.response == text
    assert await said(session) == [("user", "Good morning"), ("assistant", text)]


async def test_the_agent_asks_for_the_profile_on_the_same_client(
    client: Spectron, fresh_name: str
) -> None:
    memory = client.memory(fresh_name)
    await memory.record_fact({"user": "alice"}, "employer", "Initech")

    async def agent(messages: Messages) -> str:
        return (await memory.profile(scope={"user": messages[0]["user_id"]})).summary

    session = await create(client, fresh_name, agent)
    assert "Initech" in (await session.chat("Where do I work?")).response


async def test_many_messages_at_once_keep_their_order_and_their_answers(
    client: Spectron, fresh_name: str
) -> None:
    most, now = 0, 0
    eight = asyncio.Event()

    async def agent(messages: Messages) -> str:
        nonlocal most, now
        now += 1
        most = max(most, now)
        if now == 8:
            eight.set()
        await eight.wait()
        now -= 1
        return f"re: {messages[-1]['content']}"

    session = await create(client, fresh_name, agent, extraction_timeout_s=0)
    contents = [f"message {number}" for number in range(24)]
    results = await asyncio.gather(*(session.chat(each) for each in contents))
    assert [each.response for each in results] == [f"re: {each}" for each in contents]
    assert most == 8
    turns = await said(session)
    assert [content for role, content in turns if role == "user"] == contents
    assert len(turns) == 48


async def test_a_message_given_up_is_not_answered_and_can_be_taken_up(
    client: Spectron, fresh_name: str
) -> None:
    agent = Once()
    session = await create(client, fresh_name, agent)
    chat = asyncio.create_task(session.chat("Hello", message_id="m1"))
    await agent.called.wait()
    chat.cancel()
    with pytest.raises(asyncio.CancelledError):
        await chat
    agent.may_answer.set()
    assert (await session.chat("Something else")).response == "answer 2"
    assert await said(session) == [
        ("user", "Hello"),
        ("user", "Something else"),
        ("assistant", "answer 2"),
    ]
    assert (await session.chat("Hello", message_id="m1")).response == "answer 3"


async def test_a_finished_message_returns_its_outcome(client: Spectron, fresh_name: str) -> None:
    agent = Once()
    agent.may_answer.set()
    session = await create(client, fresh_name, agent)
    first = await session.chat("I live in Berlin.", message_id="m1")
    again = await session.chat("I live in Berlin.", message_id="m1")
    assert (again.response, turn_ids(again)) == (first.response, turn_ids(first))
    assert again.extraction == first.extraction
    assert agent.calls == 1
    with pytest.raises(errors.AlreadyExists) as caught:
        await session.chat("I live in London.", message_id="m1")
    assert caught.value.reason == "MESSAGE_ID_REUSED"
    with pytest.raises(ValueError, match="printable ASCII"):
        await session.chat("Hello", message_id="m\n1")


async def test_what_is_no_message_fails_alone(client: Spectron, fresh_name: str) -> None:
    session = await create(client, fresh_name, understood)
    results = await asyncio.gather(
        session.chat("Hello"), session.chat(" "), session.chat("x" * 40_000), return_exceptions=True
    )
    assert not isinstance(results[0], BaseException)
    assert [type(each) for each in results[1:]] == [errors.InvalidArgument] * 2
    await session.close()
    with pytest.raises(errors.SessionClosed):
        await session.chat("Hello?")
    missing = client.memory(fresh_name).sessions.open(session.id[:-4] + "0000", agent_fn=understood)
    with pytest.raises(errors.NotFound):
        await missing.chat("Hello?")


async def test_a_key_that_is_revoked_ends_the_chat(server: Server, fresh_name: str) -> None:
    async with server.client() as admin:
        await admin.admin.contexts.create(fresh_name)
        made = await admin.admin.keys.create(role="write", context_id=fresh_name)
        async with server.client(made.secret) as client:
            session = await create(client, fresh_name, understood)
            await session.chat("Hello")
            await admin.admin.keys.revoke(made.key.id)
            with pytest.raises(errors.Unauthenticated) as caught:
                await session.chat("Hello?")
            assert caught.value.reason == "REVOKED_KEY"


async def test_without_an_agent_and_a_model_the_error_says_what_to_do(
    client: Spectron, fresh_name: str
) -> None:
    session = await client.memory(fresh_name).sessions.create(scope={"user": "alice"})
    with pytest.raises(errors.NoChatModel, match=r"agent_fn.*SPECTRON_CHAT_URL"):
        await session.chat("Hello")


async def test_without_an_agent_the_servers_model_answers(start_server: StartServer) -> None:
    async with (
        models.serving(lambda _: models.streamed("In ", "Berlin", ".")) as engine,
        start_server(chat_url=engine.url, chat_model=models.MODEL) as server,
        server.client() as client,
    ):
        session = await client.memory("c").sessions.create(scope={"user": "alice"})
        events = [each async for each in session.chat_stream("I live in Berlin. Where do I live?")]
        assert "".join(e.text for e in events if isinstance(e, ChatDelta)) == "In Berlin."
        done = events[-1]
        assert isinstance(done, ChatDone)
        assert done.result.response == "In Berlin."
        assert [each.value for each in done.result.extraction.added] == ["Berlin"]


async def test_the_blocking_client_chats(server: Server, fresh_name: str) -> None:
    def agent(messages: Messages, call: AgentCall) -> str:
        # A blocking call on the same client, from the agent's thread. The user's turn is extracted
        # meanwhile, so that more may be known by now than when the agent was called.
        profile = memory.profile({"user": messages[0]["user_id"]})
        assert profile.revision >= call.profile.revision
        return profile.summary or "Nothing yet."

    def pieces(_messages: Messages) -> Any:
        yield "Good "
        yield str(threading.get_ident())

    def converse() -> None:
        session = memory.sessions.create(scope={"user": "carol"}, agent_fn=agent)
        result = session.chat(content="I live in Berlin.")
        assert result.response in {"Nothing yet.", "The user lives in Berlin."}
        assert [each.value for each in result.extraction.added] == ["Berlin"]
        assert "Berlin" in session.chat("Where do I live?").response
        session.disconnect()
        again = memory.sessions.open(session.id, agent_fn=pieces)
        events = list(again.chat_stream("Good morning"))
        assert isinstance(events[-1], ChatDone)
        assert events[-1].result.response.startswith("Good ")
        assert str(threading.get_ident()) not in events[-1].result.response
        for event in again.chat_stream("And leave early"):
            assert isinstance(event, ChatRecorded)
            break
        assert again.info is not None
        assert again.info.turn_count == 6

        def failing(_messages: Messages) -> str:
            raise LookupError

        with pytest.raises(errors.AgentFailed) as caught:
            memory.sessions.open(session.id, agent_fn=failing).chat("Hello")
        assert isinstance(caught.value.__cause__, LookupError)

    client = sync.Spectron(server.admin_key, endpoint=server.endpoint)
    memory = client.memory(fresh_name)
    await asyncio.to_thread(converse)
    # The server runs on this thread's event loop, and says goodbye.
    await asyncio.to_thread(client.close)


async def test_a_session_chats_on_several_event_loops(server: Server, fresh_name: str) -> None:
    async with server.client() as client:
        session = await create(client, fresh_name, understood)
        assert (await session.chat("one")).response == "Understood."

        def elsewhere() -> str:
            async def chat() -> str:
                result = await session.chat("two")
                await session.aclose()
                return result.response

            return asyncio.run(chat())

        assert await asyncio.to_thread(elsewhere) == "Understood."
        assert (await session.chat("three")).response == "Understood."
        assert len(await said(session)) == 6
