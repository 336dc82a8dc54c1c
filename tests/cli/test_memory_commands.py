"""Commands that show and change what is known, against a real server."""

import asyncio
import os
import pty
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from spectron import Memory, NewTurn
from tests.cli.conftest import Cli
from tests.conftest import Server


@pytest.fixture
async def memory(server: Server, fresh_name: str) -> AsyncIterator[Memory]:
    async with server.client() as client:
        yield client.memory(fresh_name)


@pytest.fixture
async def told(memory: Memory, cli: Cli) -> Cli:
    """A user who lived in Berlin and moved to London, and may move on."""
    session = await memory.sessions.create(scope={"user": "alice"})
    said = {
        datetime(2024, 1, 15, 9, tzinfo=UTC): "I live in Berlin.",
        datetime(2024, 5, 3, 10, tzinfo=UTC): "I just moved from Berlin to London.",
        datetime(2024, 6, 3, 10, tzinfo=UTC): "I might move to Lisbon.",
    }
    turns = await session.turns(
        [NewTurn(role="user", content=each, observed_at=moment) for moment, each in said.items()]
    )
    await turns[-1].extraction()
    return cli


async def test_profile(told: Cli) -> None:
    ran = await told("profile", "-s", "user=alice")
    assert ran.code == 0
    assert "lives in London." in " ".join(ran.out.replace("│", " ").split())
    assert "location" in ran.out
    assert max(len(line) for line in ran.out.splitlines()) <= 80
    assert "\x1b" not in ran.out
    profile = (await told("profile", "-s", "user=alice", "--json")).json()
    assert {"scope", "summary", "attributes", "revision", "as_of"} == set(profile)
    [location] = [
        each
        for each in profile["attributes"]
        if each["key"] == "location" and each["category"] == "identity"
    ]
    assert location["value"] == "London"
    assert location["source_turn"].startswith("turn:")


async def test_profile_of_the_past(told: Cli) -> None:
    ran = await told("profile", "-s", "user=alice", "--as-of", "2024-03-01", "--json")
    values = {each["value"] for each in ran.json()["attributes"]}
    assert "Berlin" in values
    assert "London" not in values


async def test_profile_of_nobody(cli: Cli) -> None:
    ran = await cli("profile", "-s", "user=nobody")
    assert ran.code == 0
    assert "Nothing is known yet." in ran.out
    assert "--scope" not in ran.err


async def test_whoever_finds_nothing_without_a_scope_is_told_of_scopes(told: Cli) -> None:
    for command in (["profile"], ["context", "Where?"], ["entities"]):
        ran = await told(*command)
        assert ran.code == 0
        assert "--scope user=alice" in " ".join(ran.err.split())
        assert "--scope" not in (await told(*command, "-s", "user=alice")).err


@pytest.mark.parametrize(
    "command",
    [
        ["profile"],
        ["context", "Where?"],
        ["entities"],
        ["history", "location"],
        ["unknowns", "list"],
        ["forget", "--key", "location", "--dry-run"],
    ],
    ids=lambda command: command[0],
)
async def test_a_context_that_is_not_there_is_told_from_one_where_nothing_is_known(
    told: Cli, server: Server, fresh_name: str, command: list[str]
) -> None:
    said = f"There is no context {fresh_name}-x"
    ran = await told(*command, "--context", f"{fresh_name}-x")
    assert said in ran.err
    assert fresh_name in ran.err.replace(said, "")
    assert "There is no context" not in (await told(*command, "-s", "user=nobody")).err
    ran = await told(*command, "-c", "bad context!")
    assert ran.code == 1
    assert "There is no context" not in ran.err
    assert "context_id does not match" in ran.err
    # Whoever does not reach all contexts is told neither names nor what is missing.
    bound = told.using(SPECTRON_API_KEY=await server.add_key(context_id=fresh_name))
    answers = set()
    for name in (f"{fresh_name}-x", "shared"):
        ran = await bound(*command, "--context", name)
        assert ran.code == 1
        answers.add(ran.err)
    assert len(answers) == 1
    assert "or the key does not reach it" in " ".join(answers.pop().split())


async def test_context(told: Cli) -> None:
    ran = await told("context", "Where does she live?", "-s", "user=alice", "-k", "3")
    assert ran.code == 0
    assert "█" in ran.out
    assert "London" in ran.out
    found = (
        await told("context", "Where does she live?", "-s", "user=alice", "-k", "1", "--json")
    ).json()
    assert len(found["items"]) == 1
    assert found["formatted"]


async def test_entities(told: Cli) -> None:
    ran = await told("entities", "-s", "user=alice")
    assert "Person/alice" in ran.out
    assert "location: London" in ran.out
    [entity] = (await told("entities", "-s", "user=alice", "--json")).json()["entities"]
    assert (entity["type"], entity["name"]) == ("Person", "alice")


async def test_history(told: Cli) -> None:
    ran = await told("history", "location", "-s", "user=alice")
    assert ran.code == 0
    assert "Berlin ──▶ London" in ran.out
    assert "2024-01-15 → 2024-05-03" in ran.out
    same = await told("history", "location", "-s", "user=alice", "--entity", "Person/alice")
    assert same.out == ran.out
    assert (await told("history", "Location", "-s", "user=alice")).out == ran.out
    chain = (await told("history", "location", "-s", "user=alice", "--json")).json()["attributes"]
    assert [each["value"] for each in chain] == ["Berlin", "London"]
    assert chain[0]["superseded_by"] == chain[1]["id"]


async def test_history_of_what_was_never_known(told: Cli) -> None:
    ran = await told("history", "shoe_size", "-s", "user=alice")
    assert ran.code == 1
    assert "Nothing was ever known" in ran.err
    assert not ran.out


async def test_unknowns_are_listed_and_settled(told: Cli) -> None:
    ran = await told("unknowns", "list", "-s", "user=alice")
    assert "location: Lisbon" in ran.out
    [doubt] = (await told("unknowns", "list", "-s", "user=alice", "--json")).json()["unknowns"]
    assert doubt["id"] in ran.out
    ran = await told("unknowns", "resolve", doubt["id"], "--accept", "Lisbon")
    assert ran.code == 0, ran.err
    assert "London ──▶ Lisbon" in ran.out
    assert "Nothing is in doubt." in (await told("unknowns", "list", "-s", "user=alice")).out
    everything = await told("unknowns", "list", "-s", "user=alice", "--all", "--json")
    assert [each["resolution"] for each in everything.json()["unknowns"]] == ["accepted"]
    again = await told("unknowns", "resolve", doubt["id"], "--dismiss")
    assert again.code == 1
    assert "`spectron unknowns list` shows" in again.err
    missing = await told("unknowns", "resolve", "unknown:none", "--dismiss")
    assert "`spectron unknowns list` shows" in missing.err


async def test_an_unknown_is_settled_one_way(told: Cli) -> None:
    for wrong in ([], ["--accept", "x", "--dismiss"], ["--accept", " "]):
        ran = await told("unknowns", "resolve", "unknown:1", *wrong)
        assert ran.code == 2
        assert "--accept" in ran.err


async def test_forget(told: Cli) -> None:
    look = await told("forget", "-s", "user=alice", "--key", "location", "--dry-run", "--json")
    assert look.json()["dry_run"] is True
    assert look.json()["attribute_count"] == 1
    refused = await told("forget", "-s", "user=alice", "--key", "location")
    assert refused.code == 2
    assert "--yes" in refused.err
    done = await told("forget", "-s", "user=alice", "--key", "location", "--yes")
    assert done.code == 0, done.err
    assert "Forgotten: 1 belief" in done.out
    assert "London" not in (await told("profile", "-s", "user=alice")).out


async def test_forget_needs_to_be_told_what(cli: Cli) -> None:
    ran = await cli("forget", "-s", "user=alice", "--yes")
    assert ran.code == 2
    ran = await cli("forget", "-s", "user=alice", "--category", "gossip", "--yes")
    assert ran.code == 2
    assert "identity" in ran.err


async def test_forget_of_nothing(cli: Cli) -> None:
    ran = await cli("forget", "-s", "user=alice", "--entity", "Pet", "--yes")
    assert ran.code == 0
    assert "nothing to forget" in ran.out


@pytest.mark.parametrize(("answer", "left"), [("n", True), ("y", False)])
async def test_forget_asks_on_a_terminal(
    told: Cli, memory: Memory, answer: str, left: bool
) -> None:
    shown = await asyncio.to_thread(
        on_terminal, told, ["forget", "-s", "user=alice", "--key", "location"], answer
    )
    assert "Would be forgotten: 1 belief" in shown
    assert "Forget this of user=alice?" in shown
    values = {each.value for each in (await memory.profile({"user": "alice"})).attributes}
    assert ("London" in values) is left


def on_terminal(cli: Cli, arguments: list[str], answer: str) -> str:
    """Runs a command on a terminal of its own, answers its question, and returns what it shows."""
    child, terminal = pty.fork()
    if child == 0:
        command = [sys.executable, "-m", "spectron_server.cli", *arguments]
        os.execve(sys.executable, command, {**cli.environment, "TERM": "dumb"})
    shown = b""
    try:
        while chunk := os.read(terminal, 4_096):
            shown += chunk
            if shown.endswith(b"]: "):
                os.write(terminal, f"{answer}\n".encode())
    except OSError:
        # Linux tells in this way that the other end of a terminal is closed.
        pass
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return shown.decode()


async def test_markup_and_escapes_are_printed_literally(cli: Cli, memory: Memory) -> None:
    await memory.record_fact({"user": "eve"}, "nickname", "[red]x[/red]\x1b[2J\x9b2J :smile:")
    for command in (["profile"], ["entities"], ["history", "nickname"], ["context", "nickname"]):
        ran = await cli(*command, "-s", "user=eve")
        assert "[red]x[/red]" in ran.out.replace("\n", ""), ran.err
        assert not {"\x1b", "\x9b"} & set(ran.out)


async def test_a_key_bound_to_one_context_needs_no_name(
    told: Cli, server: Server, fresh_name: str
) -> None:
    key = await server.add_key(context_id=fresh_name, role="read")
    ran = await told.using(SPECTRON_API_KEY=key, SPECTRON_CONTEXT=None)(
        "profile", "-s", "user=alice"
    )
    assert "London" in ran.out
    refused = await told.using(SPECTRON_API_KEY=key)("forget", "--key", "location", "--yes")
    assert refused.code == 1
    assert "`write`" in refused.err


async def test_a_key_for_all_contexts_does_not_guess_among_several(
    cli: Cli, server: Server, fresh_name: str
) -> None:
    async with server.client() as client:
        for each in ("a", "b"):
            await client.admin.contexts.create(f"{fresh_name}-{each}")
    ran = await cli.using(SPECTRON_CONTEXT=None)("profile", "-s", "user=alice")
    assert ran.code == 1
    assert "--context" in ran.err
    assert "There are " in ran.err
    reader = await server.add_key(role="read")
    ran = await cli.using(SPECTRON_CONTEXT=None, SPECTRON_API_KEY=reader)("profile")
    assert ran.code == 1
    assert "--context NAME" in ran.err


async def test_a_wrong_key_a_missing_one_and_a_missing_server_are_explained(cli: Cli) -> None:
    ran = await cli.using(SPECTRON_API_KEY="sk-wrong")("profile")
    assert (ran.code, ran.out) == (1, "")
    assert "does not know the key in SPECTRON_API_KEY" in ran.err
    assert "metadata" not in ran.err
    ran = await cli.using(SPECTRON_API_KEY=None)("profile")
    assert ran.code == 1
    assert "SPECTRON_API_KEY" in ran.err
    ran = await cli.using(SPECTRON_ENDPOINT="127.0.0.1:1")("profile")
    assert ran.code == 1
    assert "127.0.0.1:1" in ran.err
    assert "Traceback" not in ran.err
    ran = await cli("profile", "--endpoint", "http://127.0.0.1:1")
    assert ran.code == 1
    assert "scheme" in ran.err


async def test_scopes_that_are_malformed_are_usage_errors(cli: Cli) -> None:
    for wrong in ("alice", "User=alice", "user="):
        ran = await cli("profile", "-s", wrong)
        assert ran.code == 2, ran.err
    ran = await cli("profile", "--as-of", "yesterday")
    assert ran.code == 2
    ran = await cli("profile", "--as-of", "2024-06-31")
    assert ran.code == 2
    assert "there is no such date" in ran.err
