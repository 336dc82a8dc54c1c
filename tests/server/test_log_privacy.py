"""What users say stays out of the logs: the server's at its most talkative, and PostgreSQL's."""

import asyncio
import sys
from pathlib import Path

import psycopg
import pytest

from spectron import RetryPolicy, Spectron, errors
from spectron.v1 import memory_service_pb2, session_service_pb2, turn_pb2, turn_service_pb2
from tests.conftest import eventually
from tests.server.every_rpc import RawClient
from tests.server.process import ServerProcess, serving

WORD = "Quetzalheim"
ONCE = RetryPolicy(max_attempts=1)


def database_of(data: Path) -> str:
    """Returns the address of the PostgreSQL that a server process runs in a data directory."""
    # The fifth line names the directory of its socket.
    socket = (data / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    return f"postgresql://postgres@/spectron?host={socket}"


def forbid(data: Path, table: str, condition: str) -> None:
    """Has the database refuse rows, and say why with the whole row, as it does for any check."""
    with psycopg.connect(database_of(data), autocommit=True) as connection:
        connection.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT forbidden CHECK ({condition}) NOT VALID"
        )


def agent(messages: list[dict[str, str]]) -> str:
    """Answers with the word, and fails with it when it is told not to."""
    if messages[-1]["content"].startswith("Do not"):
        raise ValueError(WORD)
    return f"I like {WORD}."


async def converse(server: ServerProcess) -> None:
    """Has a conversation that goes well."""
    async with Spectron(server.key, endpoint=server.endpoint) as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": WORD}, metadata={"title": WORD})
        turns = await session.turns(
            [
                {"role": "user", "content": f"I live in {WORD}."},
                {"role": "assistant", "content": f"How is {WORD} these days?"},
                {"role": "user", "content": f"Please never mention {WORD} before breakfast."},
            ]
        )
        await turns[-1].extraction()
        context = await session.context(f"Where is {WORD}?")
        assert WORD in context.formatted
        chat = await memory.sessions.create(scope={"user": WORD}, agent_fn=agent)
        assert WORD in (await chat.chat(content=f"I moved to {WORD}.")).response
        with pytest.raises(errors.AgentFailed):
            await chat.chat(content=f"Do not say {WORD}.")
        await memory.record_fact({"user": WORD}, "employer", WORD)
        await memory.profile({"user": WORD})
        await memory.forget({"user": WORD}, entity_name=WORD)


async def provoke(server: ServerProcess) -> None:
    """Makes calls that are refused, each with the word where it hurts."""
    assert server.key is not None
    async with RawClient(server.endpoint, server.key) as raw:
        outcomes = [
            await raw.outcome(
                "GetSession",
                session_service_pb2.GetSessionRequest(context_id="c", session_id=WORD),
            ),
            await raw.outcome(
                "ListSessions",
                session_service_pb2.ListSessionsRequest(context_id="c", page_token=WORD),
            ),
            await raw.outcome(
                "GetProfile", memory_service_pb2.GetProfileRequest(context_id=f"{WORD} {WORD}")
            ),
            await raw.outcome(
                "GetContext",
                memory_service_pb2.GetContextRequest(context_id="c", query=WORD, top_k=10_000),
            ),
            await raw.outcome(
                "RecordTurn",
                turn_service_pb2.RecordTurnRequest(
                    context_id="c",
                    session_id=WORD,
                    turn=turn_pb2.NewTurn(role=turn_pb2.ROLE_USER, content=WORD * 10_000),
                ),
            ),
            await raw.outcome("GetProfile", b"\x0a\xff" + WORD.encode()),
        ]
    assert "OK" not in outcomes
    async with RawClient(server.endpoint, f"sk-{WORD}") as stranger:
        refused = await stranger.outcome(
            "GetProfile", memory_service_pb2.GetProfileRequest(context_id="c")
        )
    assert refused == "UNAUTHENTICATED/INVALID_KEY"


async def fail(server: ServerProcess, data: Path) -> None:
    """Has a call and an extraction fail on what the word is part of."""
    forbid(data, "turns", "role <> 'tool'")
    forbid(data, "attributes", "false")
    async with Spectron(server.key, endpoint=server.endpoint, retry=ONCE) as client:
        session = await client.memory(context_id="c").sessions.create(scope={"user": "bob"})
        with pytest.raises(errors.Internal) as caught:
            await session.turn("tool", f"The weather in {WORD} is fine.")
        assert WORD not in caught.value.message
        with pytest.raises(errors.Internal):
            await client.memory(context_id="c").record_fact({"user": "bob"}, "employer", WORD)
        await session.turn("user", f"I live in {WORD}.")

    async def failed() -> bool:
        return any("window_failed" in line for line in server.output)

    await eventually(failed)


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_no_log_holds_what_was_said(server_directory: Path, log_format: str) -> None:
    data = server_directory
    async with serving(data, SPECTRON_LOG_LEVEL="debug", SPECTRON_LOG_FORMAT=log_format) as server:
        await converse(server)
        await provoke(server)
        await fail(server, data)
    said = "".join(server.output)
    # The logs were on: they tell of what happened, with nothing that was said.
    for event in ("call_answered", "call_refused", "call_failed", "window_extracted"):
        assert event in said
    assert leaks(said) == []
    database_log = (data / "postgres" / "log").read_text()
    assert "forbidden" in database_log
    assert leaks(database_log) == []


def leaks(log: str) -> list[str]:
    """Returns the lines of a log that hold the word, however it is written."""
    return [line for line in log.splitlines() if WORD.lower() in line.lower()]


FAULTS = f"""
import asyncio, gc, sys, threading
from spectron_server import logs

async def fail(word):
    raise ValueError(word)

class Failing:
    def __del__(self):
        raise ValueError("{WORD}")

async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda word: 1 // 0, "{WORD}")
    lost = asyncio.gather(fail("{WORD}"), return_exceptions=False)
    tasks = [asyncio.create_task(fail("{WORD}"))]
    await asyncio.wait(tasks)
    await asyncio.sleep(0)
    del lost
    tasks.clear()
    thread = threading.Thread(target=lambda: asyncio.run(fail("{WORD}")))
    thread.start()
    await asyncio.to_thread(thread.join)
    Failing()
    gc.collect()

logs.configure(level="debug", form=sys.argv[1])
asyncio.run(main())
"""


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_what_nobody_catches_is_told_without_its_message(log_format: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FAULTS, log_format),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    said = output.decode()
    assert process.returncode == 0
    assert "Task exception was never retrieved" in said
    assert "Exception in callback" in said
    assert said.count("error_uncaught") == 2
    assert leaks(said) == []
