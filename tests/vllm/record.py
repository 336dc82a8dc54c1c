"""Records the faults of a real engine, for the tests that give them once more without it.

Run it after an upgrade of vLLM: `SPECTRON_TEST_VLLM=... python -m tests.vllm.record`.
"""

import asyncio
import json
from typing import Any, Final

import httpx2

from tests.models.recorded import DIRECTORY
from tests.vllm import engine

_HELLO: Final = {"messages": [{"role": "user", "content": "hello"}], "max_tokens": 8}
# Whatever letters it writes, one of these soon comes: it ends by itself, still thinking.
_THINKING: Final = {
    "chat_template_kwargs": {"enable_thinking": True},
    "stop": ["a", "e", "i", "o"],
}
_BAD_SCHEMA: Final = {
    "type": "json_schema",
    "json_schema": {"name": "bad", "strict": True, "schema": {"type": "nonsense"}},
}


async def record() -> None:
    """Provokes each fault once and writes what came."""
    async with engine.running() as served, httpx2.AsyncClient(trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {engine.API_KEY}"
        client.timeout = httpx2.Timeout(120)

        async def ask(**fields: Any) -> httpx2.Response:
            return await client.post(
                f"{served.url}/chat/completions", json={"model": engine.MODEL, **_HELLO, **fields}
            )

        version = (await client.get(served.url.replace("/v1", "/version"))).json()["version"]

        def keep(name: str, response: httpx2.Response) -> None:
            document = {
                "engine": f"vllm {version}",
                "status": response.status_code,
                "body": response.json(),
            }
            text = json.dumps(document, indent=2, ensure_ascii=False)
            (DIRECTORY / f"{name}.json").write_text(f"{text}\n", "utf-8")

        keep("null_content", await ask(max_tokens=500, **_THINKING))
        keep("wrong_model", await ask(model="other"))
        keep("bad_schema", await ask(response_format=_BAD_SCHEMA))
        long = [{"role": "user", "content": "word " * 20_000}]
        keep("too_long", await ask(messages=long))
        busy = await asyncio.gather(*(ask(max_tokens=200) for _ in range(40)))
        keep("overloaded", next(one for one in busy if one.status_code == 503))
        del client.headers["Authorization"]
        keep("missing_key", await ask())


if __name__ == "__main__":
    asyncio.run(record())
