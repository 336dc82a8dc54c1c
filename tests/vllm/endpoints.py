"""Endpoints and extractors on a real engine, and what it says of its work."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import httpx2

from spectron_extraction.model_endpoint import Completion, ModelEndpoint, Piece
from spectron_extraction.vllm import VllmExtractor
from tests.extraction.support import ONTOLOGY
from tests.vllm.engine import API_KEY, MODEL, Engine

_WRITTEN: Final = "vllm:generation_tokens_total{"

Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Altered(ModelEndpoint):
    """An endpoint that is told something else than we ask: one that is set up wrongly."""

    def __init__(self, change: Change, **fields: Any) -> None:
        super().__init__(**fields)
        self._change = change

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        return await super().complete(self._change(body))

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[Piece, None]:
        async with aclosing(super().stream(self._change(body))) as pieces:
            async for piece in pieces:
                yield piece


@asynccontextmanager
async def opened(
    engine: Engine, change: Change = lambda body: body, **fields: Any
) -> AsyncIterator[ModelEndpoint]:
    options = {"model": MODEL, "api_key": API_KEY, "timeout_s": 240.0, "connections": 64}
    endpoint = Altered(change, url=engine.url, **{**options, **fields})
    try:
        yield endpoint
    finally:
        await endpoint.aclose()


@asynccontextmanager
async def extracting(
    engine: Engine, change: Change = lambda body: body
) -> AsyncIterator[VllmExtractor]:
    async with opened(engine, change) as endpoint:
        yield VllmExtractor(endpoint, ONTOLOGY, concurrency=4)


async def under_way(engine: Engine) -> int:
    """Returns how many requests the engine is computing or has waiting, by its own count."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        text = (await client.get(engine.url.replace("/v1", "/metrics"), timeout=60)).text
    names = ("vllm:num_requests_running", "vllm:num_requests_waiting{")
    return sum(
        int(float(line.rsplit(" ", 1)[1])) for line in text.splitlines() if line.startswith(names)
    )


async def written(engine: Engine) -> int:
    """Returns how many tokens the engine has written since its start, by its own count."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        text = (await client.get(engine.url.replace("/v1", "/metrics"), timeout=60)).text
    [line] = [each for each in text.splitlines() if each.startswith(_WRITTEN)]
    return int(float(line.rsplit(" ", 1)[1]))
