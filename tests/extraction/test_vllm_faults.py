"""Every fault of a model endpoint, as `ExtractionError` or otherwise: never as "nothing found".

The faults are those of a real vLLM, see `tests/models/recorded`, and of gateways before it.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from spectron_extraction.model_endpoint import ModelEndpoint
from spectron_extraction.protocol import (
    ExtractionError,
    ExtractorUnavailableError,
    Proposals,
    Window,
)
from spectron_extraction.vllm import VllmExtractor
from spectron_extraction.vllm.statistics import RequestOutcome
from tests.extraction.support import ONTOLOGY, extract, short, turn, window
from tests.models import recorded, scripted
from tests.models.server import (
    MODEL,
    Answer,
    ModelRequest,
    ModelServer,
    Script,
    completion,
    refusal,
    serving,
    streamed,
)

SAID = "I live in Zürich."
FOUND = {"location=Zürich"}


@asynccontextmanager
async def asking(
    script: Script, *, timeout_s: float = 10, concurrency: int = 4
) -> AsyncIterator[tuple[VllmExtractor, ModelServer]]:
    async with serving(script) as server:
        endpoint = ModelEndpoint(
            url=server.url,
            model=MODEL,
            api_key="secret",
            timeout_s=timeout_s,
            connections=concurrency,
        )
        extractor = VllmExtractor(endpoint, ONTOLOGY, concurrency=concurrency)
        try:
            yield extractor, server
        finally:
            await extractor.aclose()


def then(*answers: Answer | Script) -> Script:
    """Answers the test of enforcement, then as given, then correctly."""
    left = list(answers)

    def script(request: ModelRequest) -> Answer:
        if scripted.probed(request) or not left:
            return scripted.correctly(request)
        answer = left.pop(0)
        result = answer if isinstance(answer, Answer) else answer(request)
        assert isinstance(result, Answer)
        return result

    return script


def asked(server: ModelServer) -> list[ModelRequest]:
    return [request for request in server.requests if not scripted.probed(request)]


@pytest.mark.parametrize(
    "answer",
    [
        recorded.answer("overloaded"),
        refusal(429, "Too Many Requests"),
        refusal(502, "Bad Gateway"),
        refusal(504, "Gateway Timeout"),
        Answer(status=503, body=b"<html>upstream</html>"),
    ],
)
async def test_turns_wait_while_the_endpoint_has_no_room(answer: Answer) -> None:
    async with asking(then(answer)) as (extractor, server):
        with pytest.raises(ExtractorUnavailableError):
            await extract(extractor, SAID)
        assert short(await extract(extractor, SAID)) == FOUND
        assert extractor.statistics.requests == {
            RequestOutcome.OVERLOADED: 1,
            RequestOutcome.ANSWERED: 1,
        }
        # It is the same engine as before: it need not be tested again, to make things worse.
        assert len(server.requests) == 3


async def test_turns_wait_if_the_connection_breaks() -> None:
    async with asking(then(Answer(body=b"{", break_off=True))) as (extractor, server):
        with pytest.raises(ExtractorUnavailableError):
            await extract(extractor, SAID)
        assert short(await extract(extractor, SAID)) == FOUND
        assert extractor.statistics.requests == {
            RequestOutcome.UNAVAILABLE: 1,
            RequestOutcome.ANSWERED: 1,
        }
        assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (recorded.answer("wrong_model"), "does not serve this model"),
        (recorded.answer("missing_key"), "API key"),
        (refusal(403, "Forbidden"), "API key"),
    ],
)
async def test_turns_wait_while_the_endpoint_is_not_set_up(answer: Answer, message: str) -> None:
    async with asking(then(answer)) as (extractor, server):
        with pytest.raises(ExtractorUnavailableError, match=message):
            await extract(extractor, SAID)
        assert short(await extract(extractor, SAID)) == FOUND
        server.script = lambda _: answer
        with pytest.raises(ExtractorUnavailableError):
            await extract(extractor, SAID)
        # Health finds it, too, and says why.
        problem = await extractor.problem()
        assert problem is not None
        assert message in problem


async def test_turns_wait_while_nothing_listens() -> None:
    async with asking(scripted.correctly) as (extractor, server):
        await server.stop()
        with pytest.raises(ExtractorUnavailableError, match="cannot be reached"):
            await extract(extractor, SAID)
        assert "cannot be reached" in (await extractor.problem() or "")
        await server.start()
        assert await extractor.problem() is None
        assert short(await extract(extractor, SAID)) == FOUND


async def test_an_endpoint_that_goes_away_is_noticed_and_tested_again() -> None:
    async with asking(scripted.correctly) as (extractor, server):
        assert short(await extract(extractor, SAID)) == FOUND
        assert len(server.requests) == 2
        await server.stop()
        assert await extractor.problem() is not None
        await server.start()
        assert short(await extract(extractor, SAID)) == FOUND
        assert len(server.requests) == 4
        server.healthy = False
        assert "unhealthy" in (await extractor.problem() or "")


async def test_a_request_that_takes_too_long_is_aborted_and_its_turns_wait() -> None:
    never = asyncio.Event()
    async with asking(then(Answer(hold=never)), timeout_s=0.3) as (extractor, server):
        started = time.monotonic()
        with pytest.raises(ExtractorUnavailableError, match="within"):
            await extract(extractor, SAID)
        assert time.monotonic() - started < 5
        async with asyncio.timeout(5):
            await asked(server)[0].aborted.wait()


async def test_a_caller_that_gives_up_aborts_the_request() -> None:
    never = asyncio.Event()
    async with asking(then(Answer(hold=never))) as (extractor, server):
        waiting = asyncio.create_task(extract(extractor, SAID))
        async with asyncio.timeout(5):
            while not asked(server):
                await server.arrived()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(5):
            await asked(server)[0].aborted.wait()


@pytest.mark.parametrize(
    "answer",
    [
        recorded.answer("null_content"),
        completion(""),
        completion("   "),
        completion("I live in Zürich."),
        completion('{"facts": ['),
        completion("[" * 100_000),
        completion("null"),
        completion("[]"),
        completion("{}"),
        completion('{"facts": null}'),
        completion('{"facts": [{}]}'),
        completion('{"facts": [], "more": 1}'),
        completion('{"type": "object", "properties": {"facts": {"type": "array"}}}'),
        scripted.notes(scripted.note(2, SAID, "location", "Zürich")),
        scripted.notes(scripted.note(0, SAID, "location", "Zürich")),
        scripted.notes(scripted.note(1, SAID, "location", "Zürich", kind="guess")),
        scripted.notes(scripted.note(1, "x" * 1_000, "location", "Zürich")),
        scripted.notes(scripted.note(True, SAID, "location", "Zürich")),
        scripted.notes({**scripted.note(1, SAID, "location", "Zürich"), "value": 7}),
        scripted.notes({**scripted.note(1, SAID, "location", "Zürich"), "more": ""}),
        scripted.notes(*[scripted.note(1, SAID, "location", "Zürich")] * 13),
    ],
)
async def test_an_unusable_answer_is_asked_for_once_more_then_fails(answer: Answer) -> None:
    async with asking(then(answer)) as (extractor, server):
        assert short(await extract(extractor, SAID)) == FOUND
        first, second = asked(server)
        [*same, told] = second.body["messages"]
        assert same[:2] == first.body["messages"]
        assert "cannot be used" in told["content"]
        assert extractor.statistics.requests == {
            RequestOutcome.UNUSABLE: 1,
            RequestOutcome.ANSWERED: 1,
        }
    async with asking(then(answer, answer)) as (extractor, server):
        with pytest.raises(ExtractionError, match="cannot be used") as caught:
            await extract(extractor, SAID)
        assert not isinstance(caught.value, ExtractorUnavailableError)
        assert "Zürich" not in str(caught.value)
        assert len(asked(server)) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body={"hello": "there"}),
        Answer(body={"choices": []}),
        Answer(body=b"\xff\xfe"),
        Answer(body=b"x" * 5_000_000),
        streamed("Hello"),
        refusal(500, "alice@example.com broke it"),
        refusal(400, "alice@example.com is no schema"),
        recorded.answer("bad_schema"),
        refusal(418, "no coffee"),
        Answer(status=302, headers={"location": "http://127.0.0.1:1/"}, body={}),
    ],
)
async def test_what_is_no_answer_fails_the_window(answer: Answer) -> None:
    async with asking(then(answer)) as (extractor, _):
        with pytest.raises(ExtractionError) as caught:
            await extract(extractor, SAID)
        assert not isinstance(caught.value, ExtractorUnavailableError)
        assert "alice" not in str(caught.value)


async def test_a_failing_engine_that_calls_itself_unhealthy_is_away() -> None:
    async with asking(scripted.correctly) as (extractor, server):
        assert short(await extract(extractor, SAID)) == FOUND
        server.script = lambda _: refusal(500, "EngineCore died")
        server.healthy = False
        with pytest.raises(ExtractorUnavailableError):
            await extract(extractor, SAID)


async def test_a_cut_answer_divides_the_window() -> None:
    def cut(request: ModelRequest) -> Answer:
        if scripted.probed(request) or len(scripted.numbered(request)) == 1:
            return scripted.correctly(request)
        return completion('{"facts": [{"quote": "I li', finish_reason="length")

    lines = ("I live in Zürich.", "What is the time?", "I prefer bullet points.", "Thanks!")
    async with asking(cut) as (extractor, server):
        assert short(await extract(extractor, *lines)) == FOUND | {"response_format=bullet points"}
        assert extractor.statistics.splits == 3
        assert len(asked(server)) == 7
        # What was read before helps to understand what comes after it.
        assert scripted.lines(asked(server)[-1])[0] == {"user": "I live in Zürich."}


async def test_a_long_turn_is_read_in_pieces_with_offsets_of_the_whole() -> None:
    filler = "The weather report went on and on about rain in the hills. " * 60
    said = f"{filler}I live in Zürich. {filler}\n{filler}I prefer bullet points. {filler}"
    async with asking(scripted.correctly) as (extractor, server):
        read = window(said)
        proposals = await extractor.extract(read)
        assert short(proposals) == FOUND | {"response_format=bullet points"}
        for fact in proposals.facts:
            span = fact.evidence
            assert said[span.start : span.end] == span.quote
        texts = [text for request in asked(server) for text in scripted.numbered(request).values()]
        assert "".join(texts) == said
        assert all(len(text) <= 4_000 for text in texts)


@pytest.mark.parametrize(
    "always",
    [recorded.answer("too_long"), completion('{"facts": [', finish_reason="length")],
)
async def test_what_cannot_be_divided_any_more_fails(always: Answer) -> None:
    def script(request: ModelRequest) -> Answer:
        return scripted.obedient(request) if scripted.probed(request) else always

    async with asking(script) as (extractor, server):
        with pytest.raises(ExtractionError) as caught:
            await extract(extractor, "I live in Zürich. " * 100)
        assert not isinstance(caught.value, ExtractorUnavailableError)
        assert len(asked(server)) < 12


async def test_a_full_answer_may_have_left_something_out() -> None:
    """A model that repeats itself until the list is full is asked about less."""
    same = scripted.note(1, "I live in Zürich", "location", "Zürich")

    def script(request: ModelRequest) -> Answer:
        if scripted.probed(request) or len(scripted.numbered(request)) == 1:
            return scripted.correctly(request)
        return scripted.notes(*[same] * 12)

    async with asking(script) as (extractor, _):
        found = await extract(extractor, "I live in Zürich.", "I prefer bullet points.")
        assert short(found) == FOUND | {"response_format=bullet points"}


async def test_no_more_requests_are_under_way_than_allowed() -> None:
    hold = asyncio.Event()

    async def script(request: ModelRequest) -> Answer:
        if not scripted.probed(request):
            await hold.wait()
        return scripted.correctly(request)

    async with asking(script, concurrency=2) as (extractor, server):
        reading = [asyncio.create_task(extract(extractor, SAID)) for _ in range(6)]
        await server.busy(2)
        hold.set()
        for proposals in await asyncio.gather(*reading):
            assert short(proposals) == FOUND
        assert server.most_under_way == 2
        # All of them waited for one test of enforcement.
        assert len(server.requests) == 7


async def test_a_request_says_how_urgent_it_is_and_whose() -> None:
    async with asking(scripted.correctly) as (extractor, server):
        said = (turn(SAID),)
        subject = window().subject
        for tenant, backfill in (("a", False), ("b", True), ("", False)):
            await extractor.extract(
                Window(subject=subject, turns=said, tenant=tenant, backfill=backfill)
            )
        bodies = [request.body for request in asked(server)]
        assert [body["priority"] for body in bodies] == [1, 2, 1]
        salts = [body.get("cache_salt") for body in bodies]
        assert salts[0] != salts[1]
        assert salts[2] is None
        assert {body["temperature"] for body in bodies} == {0}
        assert {body["seed"] for body in bodies} == {1}
        assert all(body["chat_template_kwargs"] == {"enable_thinking": False} for body in bodies)
        assert len({body["messages"][0]["content"] for body in bodies}) == 1
        assert {request.headers["authorization"] for request in asked(server)} == {"Bearer secret"}


async def test_what_was_asked_is_counted() -> None:
    async with asking(scripted.correctly) as (extractor, _):
        await extract(extractor, SAID, "Thanks!")
        await extract(extractor, "What time is it?")
        counted = extractor.statistics
        assert counted.requests == {RequestOutcome.ANSWERED: 2}
        assert (counted.windows, counted.turns, counted.facts) == (2, 3, 1)
        assert (counted.prompt_tokens, counted.completion_tokens) == (22, 14)
        assert counted.request_s > 0


async def test_nothing_is_asked_where_the_user_said_nothing() -> None:
    async with asking(scripted.correctly) as (extractor, server):
        said = await extract(extractor, "assistant: I live in Zürich.", "tool: I live in Zürich.")
        assert said == Proposals()
        assert not server.requests


def test_the_recorded_answers_are_of_one_engine() -> None:
    for path in recorded.DIRECTORY.glob("*.json"):
        document = json.loads(path.read_text("utf-8"))
        assert set(document) == {"engine", "status", "body"}
        assert document["engine"].startswith("vllm ")
