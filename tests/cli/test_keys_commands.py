"""Keys, over the API and on the database itself."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import Cli
from tests.conftest import Server, StartServer


async def test_a_key_is_made_with_its_context_listed_and_revoked(cli: Cli, fresh_name: str) -> None:
    made = (await cli("keys", "create", "--label", "[red]web[/red]", "--json")).json()
    assert made["context_created"] is True
    assert made["secret"].startswith("sk-")
    assert made["key"]["context_id"] == fresh_name
    assert made["key"]["role"] == "write"
    key_id = made["key"]["id"]

    holder = cli.using(SPECTRON_API_KEY=made["secret"], SPECTRON_CONTEXT=None)
    assert (await holder("profile", "-s", "user=alice")).code == 0

    listed = await cli.using(COLUMNS="160")("keys", "list")
    assert key_id in listed.out
    assert "[red]web[/red]" in listed.out
    assert made["secret"] not in listed.out

    ran = await cli("keys", "revoke", key_id)
    assert ran.code == 0, ran.err
    assert "revoked" in (await cli("keys", "list")).out
    refused = await holder("profile", "-s", "user=alice")
    assert refused.code == 1
    assert "revoked" in refused.err


async def test_the_secret_is_shown_to_people_once(cli: Cli) -> None:
    ran = await cli("keys", "create", "--role", "read", "--expires-in", "30d")
    assert ran.code == 0
    assert ran.out.count("sk-") == 1
    assert "shown this once" in ran.out
    [key] = (await cli("keys", "list", "--json")).json()["keys"]
    left = datetime.fromisoformat(key["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


async def test_a_key_for_all_contexts_must_be_asked_for(cli: Cli, fresh_name: str) -> None:
    ran = await cli.using(SPECTRON_CONTEXT=None)("keys", "create")
    assert ran.code == 2
    assert "--all" in ran.err
    made = (await cli("keys", "create", "--all", "--role", "admin", "--json")).json()
    assert made["key"]["context_id"] == "*"
    other = cli.using(SPECTRON_API_KEY=made["secret"], SPECTRON_CONTEXT=f"{fresh_name}-b")
    assert (await other("keys", "create")).code == 0
    everything = (await other.using(SPECTRON_CONTEXT=None)("keys", "list", "--json")).json()
    contexts = {key["context_id"] for key in everything["keys"]}
    assert {"*", f"{fresh_name}-b"} <= contexts


@pytest.mark.parametrize("command", ["create", "list"])
async def test_all_contexts_and_one_exclude_each_other(
    cli: Cli, fresh_name: str, command: str
) -> None:
    ran = await cli("keys", command, "--all", "--context", fresh_name)
    assert ran.code == 2, ran.out
    assert "--all is for all contexts" in " ".join(ran.err.replace("│", " ").split())


async def test_an_administrator_of_one_context_stays_in_it(
    cli: Cli, server: Server, fresh_name: str
) -> None:
    await cli("keys", "create")
    key = await server.add_key(context_id=fresh_name, role="admin")
    bound = cli.using(SPECTRON_API_KEY=key, SPECTRON_CONTEXT=None)
    assert (await bound("keys", "create", "-c", fresh_name)).code == 0
    keys = (await bound("keys", "list", "--json")).json()["keys"]
    assert {each["context_id"] for each in keys} == {fresh_name}
    refused = await bound("keys", "create", "-c", f"{fresh_name}-other")
    assert refused.code == 1
    assert "does not reach" in refused.err


async def test_a_writer_makes_no_keys(cli: Cli, server: Server, fresh_name: str) -> None:
    await cli("keys", "create")
    writer = cli.using(SPECTRON_API_KEY=await server.add_key(context_id=fresh_name, role="write"))
    for command in (["create"], ["list"], ["revoke", "key:x"]):
        ran = await writer("keys", *command)
        assert ran.code == 1
        assert "`admin`" in ran.err


@pytest.mark.parametrize(
    "wrong", [["--role", "king"], ["--expires-in", "soon"], ["--expires-in", "0d"]]
)
async def test_options_that_make_no_sense_are_usage_errors(cli: Cli, wrong: list[str]) -> None:
    assert (await cli("keys", "create", *wrong)).code == 2


async def test_a_secret_on_the_command_line_is_not_repeated(cli: Cli) -> None:
    ran = await cli("keys", "revoke", "sk-abcdef")
    assert ran.code == 2
    assert "sk-abcdef" not in ran.err + ran.out


async def test_an_unknown_key_is_explained(cli: Cli) -> None:
    ran = await cli("keys", "revoke", "key:nope")
    assert ran.code == 1
    assert "no such key" in ran.err
    assert "`spectron keys list`" in ran.err


async def test_the_first_key_of_a_deployment_is_made_on_the_database(
    bare: Cli, database_url: str, start_server: StartServer
) -> None:
    local = bare.using(SPECTRON_DATABASE_URL=database_url)
    made = (
        await local(
            "keys", "create", "--local", "--all", "--role", "admin", "--label", "first", "--json"
        )
    ).json()
    assert made["key"]["context_id"] == "*"
    bound = (await local("keys", "create", "--local", "-c", "shop", "--json")).json()
    assert bound["context_created"] is True
    listed = (await local("keys", "list", "--local", "--json")).json()["keys"]
    assert [key["id"] for key in listed] == [made["key"]["id"], bound["key"]["id"]]

    async with start_server() as server:
        remote = bare.using(SPECTRON_ENDPOINT=server.endpoint, SPECTRON_API_KEY=made["secret"])
        seen = (await remote("keys", "list", "--json")).json()["keys"]
        assert [key for key in listed if key in seen] == listed
        revoked = await local("keys", "revoke", "--local", made["key"]["id"])
        assert revoked.code == 0, revoked.err
        refused = await remote("keys", "list")
        assert refused.code == 1
        assert "revoked" in refused.err


async def test_local_work_says_what_is_wrong(bare: Cli, database_url: str) -> None:
    local = bare.using(SPECTRON_DATABASE_URL=database_url)
    for wrong in (["-c", "a/b"], ["-c", "shop", "--label", "x" * 129]):
        ran = await local("keys", "create", "--local", *wrong)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("Error: ")
    ran = await local("keys", "revoke", "--local", "key:nope")
    assert ran.code == 1
    assert "no such key" in ran.err
    ran = await local.using(SPECTRON_DATABASE_URL="postgresql://postgres@127.0.0.1:1/spectron")(
        "keys", "list", "--local"
    )
    assert ran.code == 1
    assert "cannot be reached" in ran.err


async def test_keys_for_all_contexts_are_mentioned_beside_those_of_one(
    cli: Cli, server: Server, database_url: str, fresh_name: str
) -> None:
    made = await cli("keys", "create", "--context", fresh_name, "--json")
    key_id = made.json()["key"]["id"]
    listed = await cli.using(SPECTRON_CONTEXT=fresh_name)("keys", "list")
    assert listed.code == 0
    assert key_id in listed.out
    # Other tests may have made more of them.
    assert re.search(f", bound to all contexts, reach(es)? {fresh_name} too", listed.err)
    assert "`spectron keys list --all` shows" in " ".join(listed.err.split())
    everything = await cli("keys", "list", "--all")
    assert key_id not in everything.out
    assert "bound to all contexts" not in everything.err
    # One context's administrator is told nothing of them.
    own = await server.add_key(context_id=fresh_name)
    listed = await cli.using(SPECTRON_API_KEY=own, SPECTRON_CONTEXT=fresh_name)("keys", "list")
    assert key_id in listed.out
    assert "bound to all contexts" not in listed.err

    local = cli.using(SPECTRON_DATABASE_URL=database_url, SPECTRON_CONTEXT="c")
    assert (await local("keys", "create", "--local", "--all")).code == 0
    assert (await local("keys", "create", "--local")).code == 0
    listed = await local("keys", "list", "--local")
    told = " ".join(listed.err.split())
    assert "1 other key, bound to all contexts, reaches c too" in told
    assert "`spectron keys list --local --all` shows it" in told


async def test_keys_that_no_longer_work_are_not_mentioned(bare: Cli, database_url: str) -> None:
    local = bare.using(SPECTRON_DATABASE_URL=database_url, SPECTRON_CONTEXT="c")
    made = (await local("keys", "create", "--local", "--all", "--json")).json()
    assert (await local("keys", "create", "--local")).code == 0
    assert "bound to all contexts" in (await local("keys", "list", "--local")).err
    assert (await local("keys", "revoke", "--local", made["key"]["id"])).code == 0
    assert "bound to all contexts" not in (await local("keys", "list", "--local")).err


async def test_a_context_without_keys_of_its_own_is_said_to_have_none(
    cli: Cli, fresh_name: str
) -> None:
    assert (await cli("forget", "--key", "location", "--yes")).code == 0
    listed = await cli("keys", "list")
    assert f"No key is bound to {fresh_name}." in listed.out
    assert "bound to all contexts" in listed.err
