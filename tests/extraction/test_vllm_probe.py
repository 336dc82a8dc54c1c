"""An endpoint is trusted with extraction only after it has shown that it enforces schemas."""

import pytest

from spectron_extraction.protocol import ExtractorUnavailableError
from tests.extraction.support import extract, short
from tests.extraction.test_vllm_faults import FOUND, SAID, asked, asking
from tests.models import recorded, scripted
from tests.models.server import Answer, ModelRequest, completion, refusal


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
