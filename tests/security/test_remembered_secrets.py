"""Keys, passwords and numbers of cards are never remembered, whoever proposes them."""

import json
import re
from collections.abc import Mapping, Sequence

import pytest

from spectron import NewTurn, RecordKind, Role, Spectron
from spectron.errors import SpectronError
from spectron_extraction.protocol import Category
from spectron_server.domain.sensitive import (
    WITHHELD,
    holds_secret,
    secrets_in,
    shows_secret,
    without_secrets,
)
from tests.benchmarks.learners import ServerLearner
from tests.conftest import Server, StartServer
from tests.security.credulous import CredulousExtractor
from tests.security.remembered_attempts import (
    LEAKS,
    MISSED,
    ORDINARY,
    ORDINARY_AFTERWARDS,
    Leak,
)
from tests.security.remembered_last import LAST, LAST_LEFT, LAST_LOOK_ALIKES
from tests.security.remembered_look_alikes import LOOK_ALIKES
from tests.security.remembered_shapes import LEFT, SHAPES, SHAPES_AFTERWARDS

HARMLESS = [*ORDINARY, *ORDINARY_AFTERWARDS, *LOOK_ALIKES, *LAST_LOOK_ALIKES]
RECOGNISED = [*LEAKS, *SHAPES, *SHAPES_AFTERWARDS, *LAST]


async def remembered(client: Spectron, texts: Sequence[str]) -> dict[str, str]:
    """Has a user of its own say each text, and returns all that was learned of it as JSON.

    Turns are left out: they are kept as they were said.
    """
    learner = ServerLearner(client)
    told = {f"user-{number}": [[_said(text)]] for number, text in enumerate(texts)}
    lesson = await learner.learn(told, lambda _count: None)
    assert lesson.failed == 0
    assert lesson.memory is not None
    records: dict[str, list[Mapping[str, object]]] = {user: [] for user in told}
    async for record in lesson.memory.export():
        if record.kind in {RecordKind.ATTRIBUTE, RecordKind.UNKNOWN}:
            records[record.fields["scope"]["dimensions"]["user"]].append(record.fields)
    await learner.aclose()
    return {
        text: json.dumps(records[user], ensure_ascii=False)
        for user, text in zip(told, texts, strict=True)
    }


def _said(text: str) -> NewTurn:
    return NewTurn(role=Role.USER, content=text)


# Ids and times hold any three digits now and then.
_BY_CHANCE = re.compile(r"\b[a-z]+:[0-9a-z]{26}(?:-[0-9a-z]{16})?|\d{4}-\d\d-\d\dT[\d:.]+")


def _shown(leaks: Sequence[Leak], learned: Mapping[str, str]) -> list[str]:
    said = {text: _BY_CHANCE.sub("", records) for text, records in learned.items()}
    return [leak.text for leak in leaks if json.dumps(leak.secret)[1:-1] in said[leak.text]]


async def test_no_secret_is_remembered(client: Spectron) -> None:
    leaks = [*RECOGNISED, *MISSED, *LEFT, *LAST_LEFT]
    assert len(leaks) >= 80
    learned = await remembered(client, [leak.text for leak in leaks])
    assert _shown(leaks, learned) == []


@pytest.mark.slow
async def test_a_credulous_extractor_gets_no_secret_through(start_server: StartServer) -> None:
    async with (
        start_server(CredulousExtractor(Category.KNOWLEDGE)) as server,
        server.client() as client,
    ):
        learned = await remembered(client, [leak.text for leak in RECOGNISED])
        assert _shown(RECOGNISED, learned) == []
        # What else is said is still believed; `test_ordinary_text_raises_no_alarm` has all of it.
        ordinary = await remembered(client, HARMLESS[::5])
        assert [text for text, known in ordinary.items() if '"word_0"' not in known] == []


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_raises_no_alarm(text: str) -> None:
    assert not holds_secret(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_quoted_whole(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize("leak", RECOGNISED, ids=lambda leak: leak.text[:40])
def test_a_secret_is_not_quoted(leak: Leak) -> None:
    quoted = without_secrets(leak.text)
    assert WITHHELD in quoted
    assert leak.secret not in quoted


async def test_a_context_quotes_no_secret(client: Spectron, fresh_name: str) -> None:
    scope = {"user": "alice"}
    memory = client.memory(context_id=fresh_name)
    session = await memory.sessions.create(scope=scope)
    said = "The network in the kitchen is slow, its wifi password is bluebirds, any idea?"
    turn = await session.turn("user", said)
    await turn.extraction()
    context = await memory.context("network in the kitchen", scope=scope)
    assert "kitchen" in context.formatted
    assert WITHHELD in context.formatted
    assert "bluebirds" not in str(context)
    assert [each.content for each in await session.history()] == [said]


@pytest.mark.parametrize("leak", RECOGNISED, ids=lambda leak: leak.text[:40])
def test_a_turn_gives_its_secret_away(leak: Leak) -> None:
    secrets = secrets_in(leak.text)
    assert secrets
    assert shows_secret(leak.secret, secrets)
    assert not shows_secret("Oslo", secrets)


async def test_an_application_cannot_record_a_secret_as_a_fact(
    server: Server, fresh_name: str
) -> None:
    async with server.client() as client:
        memory = client.memory(context_id=f"facts-{fresh_name}")
        await memory.record_fact({"user": "alice"}, "employer", "Acme")
        refused = 0
        for leak in RECOGNISED:
            with pytest.raises(SpectronError, match="never remembered"):
                await memory.record_fact({"user": "alice"}, "note", leak.text)
            refused += 1
        assert refused == len(RECOGNISED)
        profile = await memory.profile({"user": "alice"})
        assert [each.value for each in profile.attributes] == ["Acme"]
