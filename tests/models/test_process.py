"""`spectron serve` with a model, as people start it: by the environment alone."""

import asyncio
import sys
from pathlib import Path

from spectron import NewTurn, Spectron
from tests.models import scripted
from tests.models.server import MODEL, Answer, ModelRequest, completion, serving, streamed
from tests.server.process import environment
from tests.server.process import serving as spectron_serving

SECRET = "sk-of-the-model-endpoint"


async def test_a_model_extracts_and_answers(server_directory: Path) -> None:
    def script(request: ModelRequest) -> Answer:
        if request.body.get("stream"):
            return streamed("Zürich ", "is lovely.")
        return scripted.correctly(request)

    async with (
        serving(script) as model,
        spectron_serving(
            server_directory,
            SPECTRON_EXTRACTOR="vllm",
            SPECTRON_VLLM_URL=model.url,
            SPECTRON_VLLM_MODEL=MODEL,
            SPECTRON_VLLM_API_KEY=SECRET,
            SPECTRON_CHAT_URL=model.url,
            SPECTRON_CHAT_MODEL=MODEL,
            SPECTRON_CHAT_SYSTEM_PROMPT="Be brief.",
            SPECTRON_LOG_LEVEL="debug",
            # What compose.yaml passes on if it is not set.
            SPECTRON_CHAT_API_KEY="",
        ) as server,
    ):
        assert server.key is not None
        async with Spectron(api_key=server.key, endpoint=server.endpoint) as client:
            memory = client.memory(context_id="c")
            session = await memory.sessions.create(scope={"user": "alice"})
            [turn] = await session.turns([NewTurn(role="user", content="I live in Zürich.")])
            extraction = await turn.extraction()
            assert extraction.extractor == f"vllm-1:{MODEL}"
            result = await session.chat(content="I prefer bullet points.")
            assert result.response == "Zürich is lovely."
            assert [change.value for change in result.extraction.added] == ["bullet points"]
        asked = [one for one in model.requests if not one.body.get("stream")]
        assert all(one.headers["authorization"] == f"Bearer {SECRET}" for one in asked)
        [answered] = [one for one in model.requests if one.body.get("stream")]
        assert "authorization" not in answered.headers
        system = answered.body["messages"][0]["content"]
        assert system.startswith("Be brief.")
        assert "Zürich" in system
    log = "".join(server.output)
    assert "extraction_model_ready" in log
    assert "window_extracted" in log
    for private in (SECRET, "Zürich", "bullet points", "lovely"):
        assert private not in log


async def test_an_endpoint_that_enforces_nothing_is_refused(server_directory: Path) -> None:
    async with serving(lambda _: completion("hello")) as model:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "spectron_server", "serve"),
            env=environment(
                server_directory,
                SPECTRON_EXTRACTOR="cascade",
                SPECTRON_VLLM_URL=model.url,
                SPECTRON_VLLM_MODEL=MODEL,
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
    assert process.returncode
    told = " ".join(output.decode().split())
    assert "does not enforce JSON schemas" in told
    assert "--structured-outputs-config" in told
    assert "Traceback" not in told
