"""Our side of the protocol against a real vLLM: what it enforces, and every way in which it fails.

The model has random weights: it writes nonsense in whatever form the engine allows. The last test
kills the engine.
"""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, Final

import pytest

from spectron_extraction.model_endpoint import (
    BrokenAnswerError,
    EndpointConfigurationError,
    EndpointOverloadedError,
    EndpointUnavailableError,
    PromptTooLongError,
    RequestRefusedError,
)
from spectron_extraction.protocol import ExtractionError, ExtractorUnavailableError
from spectron_extraction.vllm import EnforcementError, VllmExtractor
from spectron_extraction.vllm.answers import AnswerError, parse
from spectron_extraction.vllm.schema import MAX_TOKENS, answer_schema, response_format
from spectron_extraction.vllm.statistics import RequestOutcome
from spectron_server.agent.chat_model import ChatMessage, ChatModel, ChatModelError
from spectron_server.domain.evidence import check
from spectron_server.index.embedder import MiniLmEmbedder
from tests.conftest import eventually, started
from tests.extraction.support import ALICE, ONTOLOGY, extract, window
from tests.vllm import engine as engines
from tests.vllm.endpoints import Change, extracting, opened, under_way, written
from tests.vllm.engine import MODEL, Engine

PLAIN: dict[str, Any] = {"messages": [{"role": "user", "content": "hello"}]}
LONGEST: Final = 12_000
LONG: list[dict[str, str]] = [{"role": "user", "content": "word " * 20_000}]
FILLING: list[dict[str, str]] = [{"role": "user", "content": "word " * 5_000}]
THINKING: dict[str, Any] = {
    "chat_template_kwargs": {"enable_thinking": True},
    # Whatever letters it writes, one of these soon comes: it ends by itself, still thinking.
    "stop": ["a", "e", "i", "o"],
}
SAID = "I live in Zürich, and my sister Aoife is a vet."


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[Engine]:
    async with engines.running() as running:
        yield running


def test_it_takes_the_options_that_are_recommended(engine: Engine) -> None:
    [taken] = re.findall(r"non-default args: (\{.*\})", engine.log.read_text())
    names = [option.partition("=")[0] for option in engines.recommended()]
    assert len(names) > 8
    for name in names:
        assert f"'{name.removeprefix('--').replace('-', '_')}': " in taken, name
    assert "'scheduling_policy': 'priority'" in taken
    assert "backend='guidance', disable_any_whitespace=True" in taken
    assert "'default_chat_template_kwargs': {'enable_thinking': False}" in taken


async def test_it_enforces_schemas(engine: Engine) -> None:
    async with extracting(engine) as extractor:
        assert await extractor.problem() is None


def unenforced(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Asks as clients of old did: vLLM has ignored this field since 0.12, without a word."""
    schema = body["response_format"]["json_schema"]["schema"]
    plain = {name: value for name, value in body.items() if name != "response_format"}
    return {**plain, "guided_json": schema, "max_tokens": 24}


def twice(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Demands a form in both ways that vLLM knows; it refuses two of different kinds."""
    return {**body, "structured_outputs": {"regex": "[a-z]+"}}


def overlong(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Takes more room than there is, as every prompt does in a context that is too short."""
    return {**body, "messages": [*body["messages"], *LONG]}


def crowding(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leaves some room for the answer, and not enough: the engine takes that without a word."""
    return {**body, "messages": [*body["messages"], *FILLING]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (unenforced, "does not enforce JSON schemas"),
        (lambda body: {**body, **THINKING, "max_tokens": 24}, "enable_thinking"),
        (twice, "does not take requests for extraction"),
        (overlong, "--max-model-len 8192"),
        (crowding, "context of 12288 tokens is too short"),
    ],
    ids=["unenforced", "thinking", "twice", "overlong", "crowding"],
)
async def test_an_endpoint_that_will_not_do_is_refused(
    engine: Engine, change: Change, told: str
) -> None:
    async with extracting(engine, change) as extractor:
        with pytest.raises(EnforcementError, match=told):
            await extractor.verify()
        # What it would have answered is not taken for "nothing found" either.
        with pytest.raises(ExtractorUnavailableError, match=told):
            await extract(extractor, SAID)


async def test_whatever_the_model_writes_has_the_right_form(engine: Engine) -> None:
    schema = answer_schema(3)
    # It may as well write an empty list, which would prove little.
    schema["properties"]["facts"]["minItems"] = 3
    async with opened(engine) as endpoint:
        answers = await asyncio.gather(
            *(
                endpoint.complete(
                    {
                        **PLAIN,
                        "response_format": response_format("facts", schema),
                        "max_tokens": MAX_TOKENS,
                        "temperature": 1,
                        "seed": seed,
                    }
                )
                for seed in range(4)
            )
        )
    for answer in answers:
        assert answer.finish_reason == "stop"
        assert len(parse(answer.content, 3)) >= 3
        assert answer.prompt_tokens > 0
        assert 0 < answer.completion_tokens < MAX_TOKENS
    assert len({answer.content for answer in answers}) == 4


async def test_nothing_is_believed_of_what_a_senseless_model_writes(engine: Engine) -> None:
    said = window(SAID)
    async with extracting(engine) as extractor:
        proposals = await extractor.extract(said)
        assert extractor.statistics.requests == {RequestOutcome.ANSWERED: 1}
    turns = {turn.id: turn for turn in said.turns}
    checked = check(proposals, turns, ONTOLOGY, subject=ALICE)
    proposed = [*proposals.facts, *proposals.retractions]
    assert all(fact.evidence.quote in SAID for fact in checked.facts)
    assert all(end.evidence.quote in SAID for end in checked.retractions)
    assert checked.dropped_count(said.turns[0].id) == len(proposed) - len(checked.facts) - len(
        checked.retractions
    )


async def test_a_real_server_outlives_a_senseless_model(
    engine: Engine, database_url: str, embedder: MiniLmEmbedder
) -> None:
    async with (
        extracting(engine) as extractor,
        started(database_url, embedder, extractor, extractor_problem=extractor.problem) as server,
        server.client(timeout_s=240) as client,
    ):
        session = await client.memory(context_id="c").sessions.create(scope={"user": "alice"})
        turn = await session.turn("user", SAID)
        extraction = await turn.extraction(timeout_s=240)
        assert extraction.status == "done"
        assert extraction.extractor == f"vllm-1:{MODEL}"


async def test_overload_is_told_apart(engine: Engine) -> None:
    async with opened(engine) as endpoint:
        body = {**PLAIN, "max_tokens": 100, "ignore_eos": True}
        results = await asyncio.gather(
            *(endpoint.complete(body) for _ in range(40)), return_exceptions=True
        )
        refused = [one for one in results if isinstance(one, BaseException)]
        assert refused
        assert {type(one) for one in refused} == {EndpointOverloadedError}
        assert len(refused) < len(results)
        assert await endpoint.healthy()


async def test_a_cut_answer_is_told_apart(engine: Engine) -> None:
    form = response_format("facts", answer_schema(1))
    async with opened(engine) as endpoint:
        answer = await endpoint.complete({**PLAIN, "max_tokens": 3, "response_format": form})
    assert answer.finish_reason == "length"
    with pytest.raises(AnswerError):
        parse(answer.content, 1)


async def test_a_window_whose_answer_is_always_cut_is_divided_and_fails(engine: Engine) -> None:
    def cut(body: Mapping[str, Any]) -> Mapping[str, Any]:
        probing = body["response_format"]["json_schema"]["name"] == "probe"
        return body if probing else {**body, "max_tokens": 3}

    async with extracting(engine, cut) as extractor:
        with pytest.raises(ExtractionError, match="was cut"):
            await extract(extractor, "I live in Oslo. " * 40)
        assert set(extractor.statistics.requests) == {RequestOutcome.CUT}
        assert extractor.statistics.splits


async def test_thinking_leaves_no_content(engine: Engine) -> None:
    user = [ChatMessage(role="user", content="hello")]
    async with opened(engine, lambda body: {**body, **THINKING}) as endpoint:
        answer = await endpoint.complete(PLAIN)
        assert answer.finish_reason == "stop"
        assert answer.content is None
        with pytest.raises(AnswerError, match="empty"):
            parse(answer.content, 1)
        model = ChatModel(endpoint, concurrency=1)
        with pytest.raises(ChatModelError, match="replied with nothing"):
            await anext(model.reply(system_prompt="", messages=user))
    # Where it is not asked for, the recommended options keep the model from it.
    async with opened(engine) as endpoint:
        assert (await endpoint.complete({**PLAIN, "max_tokens": 12})).content
        model = ChatModel(endpoint, concurrency=1)
        async with aclosing(model.reply(system_prompt="", messages=user)) as pieces:
            assert await anext(pieces)


async def test_an_answer_is_streamed(engine: Engine) -> None:
    async with opened(engine) as endpoint:
        body = {**PLAIN, "max_tokens": 12, "ignore_eos": True}
        pieces = [piece async for piece in endpoint.stream(body)]
    assert len([piece for piece in pieces if piece.text]) > 3
    assert [piece.finish_reason for piece in pieces if piece.finish_reason] == ["length"]


@pytest.mark.parametrize("stream", [True, False])
async def test_closing_the_connection_ends_the_work(engine: Engine, stream: bool) -> None:
    body = {**PLAIN, "max_tokens": LONGEST, "ignore_eos": True}

    async def idle() -> bool:
        return await under_way(engine) == 0

    await eventually(idle)
    before = await written(engine)
    async with opened(engine) as endpoint:
        if stream:
            pieces = endpoint.stream(body)
            await anext(pieces)
            await pieces.aclose()
        else:
            waiting = asyncio.create_task(endpoint.complete(body))
            # Its own count is no sign that it has begun: while it writes fast, an engine on a
            # small machine may be slow to tell it.
            done, _ = await asyncio.wait({waiting}, timeout=1)
            assert not done
            waiting.cancel()
        # Its counts are those of its last step, so that there has to be one after the end.
        await endpoint.complete({**PLAIN, "max_tokens": 1})
        await eventually(idle, within_s=60)
    # Had it gone on, it would have been idle only after the last of them.
    assert 1 < await written(engine) - before < LONGEST


async def test_a_deadline_ends_the_work(engine: Engine) -> None:
    async def idle() -> bool:
        return await under_way(engine) == 0

    async with opened(engine, timeout_s=1.0) as endpoint:
        with pytest.raises(EndpointUnavailableError, match="within 1 s"):
            await endpoint.complete({**PLAIN, "max_tokens": 8_000, "ignore_eos": True})
        await eventually(idle, within_s=5)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"model": "other"}, EndpointConfigurationError),
        ({"api_key": None}, EndpointConfigurationError),
        ({"api_key": "sk-wrong"}, EndpointConfigurationError),
    ],
)
async def test_a_wrong_set_up_is_told_apart(
    engine: Engine, fields: dict[str, Any], error: type[Exception]
) -> None:
    async with opened(engine, **fields) as endpoint:
        with pytest.raises(error):
            await endpoint.complete({**PLAIN, "max_tokens": 1})


async def test_requests_that_it_does_not_take_are_told_apart(engine: Engine) -> None:
    async with opened(engine) as endpoint:
        bad = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "nonsense"}}}
        with pytest.raises(RequestRefusedError) as caught:
            await endpoint.complete({**PLAIN, "response_format": bad})
        assert not isinstance(caught.value, PromptTooLongError)
        form = response_format("facts", answer_schema(1))
        with pytest.raises(RequestRefusedError, match="refuses the request"):
            await endpoint.complete(twice({**PLAIN, "response_format": form}))
        with pytest.raises(PromptTooLongError):
            await endpoint.complete({**PLAIN, "messages": LONG})
        with pytest.raises(PromptTooLongError):
            await anext(endpoint.stream({**PLAIN, "messages": LONG}))


async def test_a_window_that_is_too_long_is_divided(engine: Engine) -> None:
    # Four tokens a character: what is little text to us does not fit into the engine's context.
    said = " ".join(["\U0001f600\U0001f680\U0001f308" * 60] * 20)
    async with extracting(engine) as extractor:
        reading = asyncio.create_task(extract(extractor, said))

        async def divided() -> bool:
            requests = extractor.statistics.requests
            # The halves are answered, each in its turn; one answer is enough to know that they fit.
            return bool(
                requests.get(RequestOutcome.TOO_LONG) and requests.get(RequestOutcome.ANSWERED)
            )

        await eventually(divided, within_s=180)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert extractor.statistics.splits


async def test_an_engine_that_is_killed_is_noticed_at_once(engine: Engine) -> None:
    async with opened(engine) as endpoint:
        extractor = VllmExtractor(endpoint, ONTOLOGY, concurrency=4)
        assert await extractor.problem() is None
        body = {**PLAIN, "max_tokens": 8_000, "ignore_eos": True}
        waiting = asyncio.create_task(endpoint.complete(body))
        pieces = endpoint.stream(body)
        await anext(pieces)
        os.kill(engine.core(), signal.SIGKILL)
        async with asyncio.timeout(10):
            with pytest.raises(EndpointUnavailableError):
                await waiting
            with pytest.raises((EndpointUnavailableError, BrokenAnswerError)):
                async for _ in pieces:
                    pass
            assert not await endpoint.healthy()
        with pytest.raises(ExtractorUnavailableError):
            await extract(extractor, SAID)
        assert await extractor.problem() is not None
        async with asyncio.timeout(60):
            await engine.process.wait()
