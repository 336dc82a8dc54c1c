"""Holes that were found and closed."""

import base64
import json
from datetime import UTC, datetime

import pytest

from spectron import Spectron, TransferRecord, errors
from spectron.v1 import session_service_pb2
from spectron_server.rpc import tokens
from tests.conftest import Server
from tests.server.every_rpc import RawClient

ALICE = {"user": "alice"}


async def test_links_that_run_in_a_circle_hang_nothing(client: Spectron, fresh_name: str) -> None:
    source = client.memory(context_id=f"circle-{fresh_name}")
    for place, year in (("Rome", 2023), ("Oslo", 2024)):
        await source.record_fact(
            ALICE, "location", place, valid_from=datetime(year, 1, 1, tzinfo=UTC)
        )
    records = [record async for record in source.export()]
    first, second = (record.fields["id"] for record in records)
    circular = [
        TransferRecord(
            kind=record.kind,
            fields={
                **record.fields,
                "valid_from": "2024-01-01T00:00:00Z",
                "supersedes": second if record.fields["id"] == first else first,
                "superseded_by": second if record.fields["id"] == first else first,
            },
        )
        for record in records
    ]
    target = client.memory(context_id=f"target-{fresh_name}")
    await target.import_(circular)
    await target.record_fact(
        ALICE, "location", "Bonn", valid_from=datetime(2020, 1, 1, tzinfo=UTC), timeout_s=20
    )
    assert len(await target.entities.history(ALICE, "location")) == 3


async def test_a_user_whose_name_looks_random_is_remembered(
    client: Spectron, fresh_name: str
) -> None:
    memory = client.memory(context_id=f"random-{fresh_name}")
    for user in (
        "a8Fk2LqZ9xTn4RvB7mWc1YdE",
        "9f86d081884c7d659a2feaa0c55ad015",
        "4111111111111111",
    ):
        session = await memory.sessions.create(scope={"user": user})
        turn = await session.turn("user", "I live in Oslo.")
        assert [each.value for each in (await turn.extraction()).diff.added] == ["Oslo"]


async def test_forgotten_words_do_not_come_back_as_evidence(
    client: Spectron, fresh_name: str
) -> None:
    memory = client.memory(context_id=f"quotes-{fresh_name}")
    session = await memory.sessions.create(scope=ALICE)
    turn = await session.turn("user", "I work at Hooli as a chemist.")
    await turn.extraction()
    await memory.forget(ALICE, attribute_key="employer")
    profile = await memory.profile(ALICE)
    assert [each.value for each in profile.attributes] == ["chemist"]
    assert "Hooli" not in str(profile)
    assert "Hooli" not in str(await memory.entities.list(ALICE))
    assert "Hooli" not in str(await memory.context("Where does the user work?", scope=ALICE))
    # The turn keeps its words, for audit.
    [kept] = await session.history()
    assert kept.content == turn.content
    assert kept.hidden


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("wifi_password", "hunter2"),
        ("note", "sk-abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"),
        ("note", "4111 1111 1111 1111"),
    ],
)
async def test_no_secret_is_recorded_directly(
    client: Spectron, fresh_name: str, key: str, value: str
) -> None:
    memory = client.memory(context_id=f"secret-{fresh_name}")
    with pytest.raises(errors.InvalidArgument) as caught:
        await memory.record_fact(ALICE, key, value)
    assert value not in str(caught.value)


async def test_reading_brings_no_context_into_being(client: Spectron, fresh_name: str) -> None:
    name = f"typo-{fresh_name}"
    assert (await client.memory(context_id=name).profile(ALICE)).summary == ""
    assert name not in [context.id for context in await client.admin.contexts.list()]
    await client.memory(context_id=name).sessions.create(scope=ALICE)
    assert name in [context.id for context in await client.admin.contexts.list()]


@pytest.mark.parametrize("cursor", ["[" * 1500, "\ud800", "9" * 40, "x"])
async def test_a_crafted_cursor_is_a_bad_token(server: Server, cursor: str) -> None:
    request = session_service_pb2.ListSessionsRequest(context_id="tokens", page_size=1)
    digest = tokens._filter_of(request)
    forged = [
        json.dumps([digest, cursor]),
        "[" * 1500,
    ]
    async with RawClient(server.endpoint, server.admin_key) as raw:
        for text in forged:
            request.page_token = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
            outcome = await raw.outcome("ListSessions", request)
            assert outcome in {"OK", "INVALID_ARGUMENT/INVALID_PAGE_TOKEN"}


async def test_transfers_do_not_take_all_connections(server: Server, fresh_name: str) -> None:
    """Two may be under way; a third is refused, and other calls go on."""
    async with server.client() as client:
        memory = client.memory(context_id=f"busy-{fresh_name}")
        for number in range(3):
            await memory.record_fact(ALICE, "likes", f"thing {number}")
        exports = [memory.export() for _ in range(3)]
        # Small exports end before their reader has read them, so that the limit itself is tried.
        transfer = server.application.transfer
        with transfer.under_way(), transfer.under_way():
            with pytest.raises(errors.ResourceExhausted) as caught:
                async for _ in exports[0]:
                    pass
            assert caught.value.reason == "OVERLOADED"
            assert (await memory.profile(ALICE)).attributes
        assert [record async for record in exports[1]]
