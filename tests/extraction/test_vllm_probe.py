"""An endpoint is trusted with extraction only after it has shown that it enforces schemas."""

import pytest

from spectron_extraction.protocol import ExtractorUnavailableError
from spectron_extraction.vllm.schema import MAX_TOKENS
from tests.extraction.support import extract, short
from tests.extraction.test_vllm_faults import FOUND, SAID, asked, asking
from tests.models import recorded, scripted
from tests.models.server import Answer, ModelRequest, completion, listing, refusal


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (completion("hello"), "does not enforce JSON schemas"),
        (completion('{"word": "hello"}'), "does not enforce JSON schemas"),
        (completion('{"type": "object"}'), "does not enforce JSON schemas"),
        (completion(""), "does not enforce JSON schemas"),
        (recorded.answer("null_content"), "thinks"),
        (recorded.answer("too_long"), "--max-model-len"),
        (recorded.answer("bad_schema"), "Grammar error"),
        (recorded.answer("wrong_model"), "does not serve this model"),
        (recorded.answer("missing_key"), "API key"),
        (recorded.answer("overloaded"), "no room"),
        (refusal(500, "broken"), "failed over"),
    ],
)
async def test_an_endpoint_that_cannot_be_trusted_gets_no_turn(
    answer: Answer, message: str
) -> None:
    def script(request: ModelRequest) -> Answer:
        return answer if scripted.probed(request) else scripted.correctly(request)

    async with asking(script) as (extractor, server):
        problem = await extractor.problem()
        assert problem is not None
        assert message in problem
        with pytest.raises(ExtractorUnavailableError) as caught:
            await extract(extractor, SAID)
        assert message in str(caught.value)
        assert not asked(server)

        server.script = scripted.correctly
        assert await extractor.problem() is None
        assert short(await extract(extractor, SAID)) == FOUND


async def test_the_test_is_as_demanding_as_the_real_requests() -> None:
    async with asking(scripted.correctly) as (extractor, server):
        await extract(extractor, SAID)
        test, real = (request.body for request in server.requests)
        assert test["messages"][0] == real["messages"][0]
        assert set(test) == set(real)
        for name in ("max_tokens", "temperature", "seed", "chat_template_kwargs", "priority"):
            assert test[name] == real[name]
        # What the prompt asks for is not what the schema allows.
        assert test["messages"][1]["content"].endswith("hello")


def counted(request: ModelRequest) -> Answer:
    """Answers as it should, and counts 2,300 tokens in the prompt of the test."""
    if scripted.probed(request):
        return completion('{"word": "enforced"}', prompt_tokens=2_300)
    return scripted.correctly(request)


async def test_a_context_without_room_for_the_longest_answer_is_refused() -> None:
    room = 2_300 + MAX_TOKENS
    async with asking(counted) as (extractor, server):
        server.models = listing(max_model_len=room - 1)
        problem = await extractor.problem()
        assert problem is not None
        for part in (str(room - 1), "2300", str(MAX_TOKENS), "--max-model-len 8192 or more"):
            assert part in problem
        with pytest.raises(ExtractorUnavailableError, match="too short for extraction"):
            await extract(extractor, SAID)
        assert not asked(server)

        server.models = listing(max_model_len=room)
        assert await extractor.problem() is None
        assert short(await extract(extractor, SAID)) == FOUND


@pytest.mark.parametrize(
    "models",
    [
        listing(),
        listing(id="another", max_model_len=16),
        Answer(body=[]),
        Answer(body=b"no list"),
        refusal(404, "Not Found"),
    ],
)
async def test_an_endpoint_that_does_not_tell_its_context_is_believed(models: Answer) -> None:
    async with asking(counted) as (extractor, server):
        server.models = models
        assert await extractor.problem() is None
