"""Turns are written in one round trip: whole or not at all, whatever happens to their session."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from spectron import Role, Session, SpectronError, Turn, errors
from spectron_server.storage.line import Answer, Line
from tests.conftest import StartServer

ALICE = {"user": "alice"}


async def rows(database_url: str, sql: str) -> list[dict[str, Any]]:
    """Returns what a query finds in the test's own database."""
    async with (
        await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as connection,
        connection.cursor() as cursor,
    ):
        await cursor.execute(sql.encode())
        return await cursor.fetchall()


async def state(database_url: str) -> list[list[dict[str, Any]]]:
    """Returns everything that recording a turn changes."""
    return [
        await rows(database_url, f"SELECT * FROM {table}")
        for table in ("scopes", "sessions", "turns", "requests", "procrastinate_jobs")
    ]


async def test_a_turn_leaves_with_its_commit(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[Line, list[str]] = {}
    departures: list[list[str]] = []
    send, leave = Line.send, Line._leave

    def noted_send(
        line: Line, sql: Any, parameters: Sequence[Any] = (), *, whole: bool = False
    ) -> asyncio.Future[Answer]:
        sent.setdefault(line, []).append(sql.partition("(")[0].strip())
        return send(line, sql, parameters, whole=whole)

    def noted_leave(line: Line) -> None:
        departures.append(sent.pop(line, []))
        leave(line)

    async with start_server(worker=False) as server, server.client() as client:
        session = await client.memory(context_id="c").sessions.create(scope=ALICE)
        await session.turn("user", "I am Alice.")
        monkeypatch.setattr(Line, "send", noted_send)
        monkeypatch.setattr(Line, "_leave", noted_leave)
        await session.turn("user", "I live in Oslo.", request_id="one")
        await session.turns([{"role": "user", "content": "I like tea."}] * 3)
        monkeypatch.undo()
    writing = [each for each in departures if "INSERT INTO turns" in each]
    assert [(each[0], each[-1]) for each in writing] == [("BEGIN", "COMMIT")] * 2
    assert [each.count("INSERT INTO turns") for each in writing] == [1, 3]
    # The key was good before, and the turns themselves ask whether it still is.
    assert departures == writing


ENDS = {
    "REVOKED_KEY": "UPDATE api_keys SET revoked_at = now() WHERE label = 'test'",
    "EXPIRED_KEY": "UPDATE api_keys SET expires_at = now() WHERE label = 'test'",
    "INVALID_KEY": "DELETE FROM api_keys WHERE label = 'test'",
}
ATTEMPTS: dict[str, Callable[[Session, Session], Awaitable[object]]] = {
    "a turn": lambda own, _: own.turn("user", "I live in Rome."),
    "a new request": lambda own, _: own.turn("user", "I live in Rome.", request_id="two"),
    "a repeated request": lambda own, _: own.turn("user", "I live in Oslo.", request_id="one"),
    "several turns": lambda own, _: own.turns([{"role": "user", "content": "I like tea."}] * 3),
    "a bad turn": lambda own, _: own.turn("user", ""),
    "a turn of no session": lambda _, missing: missing.turn("user", "I live in Rome."),
}


@pytest.mark.parametrize("reason", ENDS)
async def test_a_key_that_has_ended_since_records_nothing_and_learns_nothing(
    start_server: StartServer, database_url: str, reason: str
) -> None:
    async with start_server(worker=False) as server, server.client() as owner:
        session = await owner.memory(context_id="c").sessions.create(scope=ALICE)
        _, _, key = session.id.rpartition("-")
        for attempt in ATTEMPTS.values():
            secret = await server.add_key(context_id="c", role="write")
            async with server.client(secret) as client:
                sessions = client.memory().sessions
                own = sessions.open(session.id)
                await own.turn("user", "I live in Oslo.", request_id="one")
                async with await psycopg.AsyncConnection.connect(database_url) as connection:
                    await connection.execute(ENDS[reason].encode())
                before = await state(database_url)
                with pytest.raises(errors.Unauthenticated) as caught:
                    await attempt(own, sessions.open(f"session:{'0' * 26}-{key}"))
                assert caught.value.reason == reason
                assert await state(database_url) == before


async def test_what_a_session_refuses_leaves_no_trace(
    start_server: StartServer, database_url: str
) -> None:
    async with start_server(worker=False) as server, server.client() as client:
        memory = client.memory(context_id="c")
        closed, kept, erased = [
            await memory.sessions.create(scope={"user": user}) for user in ("a", "a", "b")
        ]
        for session in (closed, kept, erased):
            await session.turn("user", "I live in Oslo.")
        await closed.close()
        # One that no longer exists is looked for where its scope is known to have been.
        await client.admin.erase_scope({"user": "b"}, context_id="c")
        before = await state(database_url)
        for session, reason in ((closed, "SESSION_CLOSED"), (erased, "SESSION_NOT_FOUND")):
            for attempt in (
                session.turn("user", "I live in Rome.", request_id="again"),
                session.turns([{"role": "user", "content": "I like tea."}] * 3),
            ):
                with pytest.raises(SpectronError) as caught:
                    await attempt
                assert caught.value.reason == reason
        assert await state(database_url) == before
        assert (await kept.turn("user", "I live in Rome.")).sequence == 2


async def test_a_session_closed_meanwhile_keeps_what_was_acknowledged(
    start_server: StartServer, database_url: str
) -> None:
    async with start_server(worker=False) as server, server.client() as client:
        memory = client.memory(context_id="c")
        sessions = [await memory.sessions.create(scope=ALICE) for _ in range(4)]
        recorded: dict[str, list[Turn]] = {session.id: [] for session in sessions}
        closing = sessions[:2]
        refused: dict[str, str | None] = {}
        first = asyncio.Event()

        async def write(session: Session, writer: int) -> None:
            for number in range(12):
                name = f"{writer}-{number}"
                try:
                    # Each is sent twice at once, and is to be recorded once.
                    one, other = await asyncio.gather(
                        *(session.turn("user", f"I like {name}.", request_id=name) for _ in "ab")
                    )
                except errors.FailedPrecondition as error:
                    refused[session.id] = error.reason
                    return
                assert one == other
                recorded[session.id].append(one)
                first.set()

        async def close(session: Session) -> None:
            await first.wait()
            await session.close()

        await asyncio.gather(
            *(write(sessions[writer % 4], writer) for writer in range(8)),
            *(close(session) for session in closing),
        )
        assert set(refused) <= {session.id for session in closing}
        assert set(refused.values()) <= {"SESSION_CLOSED"}
        for session in sessions:
            history = await session.history()
            assert [turn.sequence for turn in history] == list(range(1, len(history) + 1))
            assert {turn.id for turn in recorded[session.id]} <= {turn.id for turn in history}
            assert not [
                content
                for content, times in Counter(turn.content for turn in history).items()
                if times > 1
            ]
        [scope] = await rows(database_url, "SELECT revision, turn_count FROM scopes")
        turns = await rows(database_url, "SELECT position, revision FROM turns ORDER BY position")
        assert [turn["position"] for turn in turns] == list(range(1, scope["turn_count"] + 1))
        assert [turn["revision"] for turn in turns] == sorted({turn["revision"] for turn in turns})
        assert scope["revision"] == turns[-1]["revision"] == len(turns)
        [job] = await rows(database_url, "SELECT status, lock FROM procrastinate_jobs")
        assert (job["status"], job["lock"]) == ("todo", sessions[0].id.rpartition("-")[2])


async def test_the_same_request_tells_of_turns_as_they_were(start_server: StartServer) -> None:
    async with start_server() as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope=ALICE)
        said = [
            {"role": Role.USER, "content": "I live in Oslo."},
            {"role": Role.TOOL, "content": "Rain."},
        ]
        first = await session.turns(said, request_id="two")
        await first[0].extraction()
        await memory.forget(ALICE, attribute_key="location")
        assert [turn.hidden for turn in await session.history()] == [True, False]
        assert await session.turns(said, request_id="two") == first
