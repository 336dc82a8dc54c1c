"""`spectron doctor` asks each model that the settings name, and says what is wrong with it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from spectron_server.cli.doctor_models import model_checks
from spectron_server.cli.finding import Check, Status
from spectron_server.settings import Settings
from tests.models import recorded, scripted
from tests.models.server import Answer, ModelServer, completion, serving, streamed


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with serving(scripted.correctly) as server:
        yield server


async def asked(url: str, *, chat: bool = False) -> Check:
    fields: dict[str, object] = (
        {"chat_url": url, "chat_model": "scripted"}
        if chat
        else {"extractor": "cascade", "vllm_url": url, "vllm_model": "scripted"}
    )
    settings = Settings.model_validate(fields)
    [found] = await asyncio.to_thread(lambda: list(model_checks(settings)))
    assert url in found.message
    assert bool(found.advice) == bool(found.why) == (found.status is not Status.OK)
    return found


async def test_models_that_are_well(model: ModelServer) -> None:
    assert (await asked(model.url)).status is Status.OK
    model.script = lambda _: streamed("hel", "lo")
    assert (await asked(model.url, chat=True)).status is Status.OK
    assert list(model_checks(Settings())) == []


@pytest.mark.parametrize(
    ("answer", "message", "advice"),
    [
        (completion("hello"), "does not enforce JSON schemas", "Serve the model"),
        (recorded.answer("missing_key"), "API key", "SPECTRON_VLLM_API_KEY"),
        (recorded.answer("wrong_model"), "does not serve this model", "SPECTRON_VLLM_MODEL"),
        (Answer(status=503), "no room", "SPECTRON_VLLM_URL"),
    ],
)
async def test_an_extraction_model_that_will_not_do(
    model: ModelServer, answer: Answer, message: str, advice: str
) -> None:
    model.script = lambda _: answer
    found = await asked(model.url)
    assert found.status is Status.FAIL
    assert message in found.message
    assert advice in found.advice


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (recorded.answer("missing_key"), "API key"),
        (recorded.answer("wrong_model"), "does not serve this model"),
    ],
)
async def test_a_chat_model_that_will_not_do(
    model: ModelServer, answer: Answer, message: str
) -> None:
    model.script = lambda _: answer
    found = await asked(model.url, chat=True)
    assert found.status is Status.FAIL
    assert message in found.message
    assert "SPECTRON_CHAT_MODEL" in found.advice


@pytest.mark.parametrize("chat", [False, True])
async def test_a_model_that_is_away(model: ModelServer, chat: bool) -> None:
    await model.stop()
    found = await asked(model.url, chat=chat)
    assert found.status is Status.FAIL
    assert "cannot be reached" in found.message
