"""Measures extraction by a served model: turns per second, time to memory, tokens per turn.

The server is a real one with the embedded PostgreSQL, within this process, so that what the model
was asked can be counted. Two things are measured, one after the other:

* history: many users' conversations are recorded at once, and extracted as fast as it goes;
* live: users say one thing at a time, and the time from recording it to its being memory counts.

What they say is written for this project (`tests/data`), over and over.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from spectron import Memory, NewTurn, Spectron
from spectron.errors import ExtractionFailed
from spectron_extraction.ontology import Ontology
from spectron_extraction.vllm import VllmExtractor
from spectron_extraction.vllm.statistics import ModelStatistics
from spectron_server import logs
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.main import open_extractor
from spectron_server.settings import Settings
from spectron_server.storage import migrate
from spectron_server.storage.embedded import EmbeddedPostgres
from tests.conftest import started

_TEXTS: Final = Path(__file__).parents[1] / "data"
_HISTORY: Final = datetime(2024, 1, 1, tzinfo=UTC)
_PATIENCE_S: Final = 7_200.0


def texts() -> list[str]:
    """Returns what users say: statements and what holds nothing to note, in turn."""
    found = []
    for name in ("facts", "silent"):
        lines = (_TEXTS / f"{name}.development.jsonl").read_text("utf-8").splitlines()
        found.append([json.loads(line)["say"] for line in lines])
    shortest = min(map(len, found))
    return [text for pair in zip(*(one[:shortest] for one in found), strict=True) for text in pair]


async def history(memory: Memory, users: int, turns: int) -> dict[str, Any]:
    """Records conversations and waits until all of them are extracted."""
    said = texts()

    async def one(user: int) -> int:
        session = await memory.sessions.create(scope={"user": f"history-{user}"})
        recorded = await session.turns(
            [
                NewTurn(
                    role="user",
                    content=said[(user * turns + place) % len(said)],
                    observed_at=_HISTORY + timedelta(minutes=place),
                )
                for place in range(turns)
            ]
        )
        failed = 0
        for turn in recorded:
            try:
                await turn.extraction(timeout_s=_PATIENCE_S)
            except ExtractionFailed:
                failed += 1
        return failed

    began = time.monotonic()
    failed = sum(await asyncio.gather(*(one(user) for user in range(users))))
    seconds = time.monotonic() - began
    return {
        "turns": users * turns,
        "failed": failed,
        "seconds": round(seconds, 2),
        "turns_per_second": round(users * turns / seconds, 2),
    }


async def live(memory: Memory, users: int, turns: int) -> dict[str, Any]:
    """Has users say one thing after the other; measures how long each takes to be memory."""
    said = texts()
    waits: list[float] = []

    async def one(user: int) -> int:
        session = await memory.sessions.create(scope={"user": f"live-{user}"})
        failed = 0
        for place in range(turns):
            began = time.monotonic()
            turn = await session.turn("user", said[(user * turns + place) % len(said)])
            try:
                await turn.extraction(timeout_s=_PATIENCE_S)
                waits.append(time.monotonic() - began)
            except ExtractionFailed:
                failed += 1
        return failed

    failed = sum(await asyncio.gather(*(one(user) for user in range(users))))
    percentiles = np.percentile(waits, [50, 95]) if waits else [float("nan")] * 2
    return {
        "turns": users * turns,
        "failed": failed,
        "users": users,
        "time_to_memory_p50_s": round(float(percentiles[0]), 3),
        "time_to_memory_p95_s": round(float(percentiles[1]), 3),
    }


def tokens(before: ModelStatistics, after: ModelStatistics) -> dict[str, Any]:
    """Returns what the model read and wrote between two moments, per turn."""
    turns = max(after.turns - before.turns, 1)
    requests = sum(after.requests.values()) - sum(before.requests.values())
    prompt = after.prompt_tokens - before.prompt_tokens
    completion = after.completion_tokens - before.completion_tokens
    return {
        "requests": requests,
        "turns_per_request": round(turns / max(requests, 1), 2),
        "prompt_tokens_per_turn": round(prompt / turns, 1),
        "completion_tokens_per_turn": round(completion / turns, 1),
        "request_s": round((after.request_s - before.request_s) / max(requests, 1), 3),
    }


async def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Starts a server and measures both."""
    settings: dict[str, Any] = {
        "extractor": "vllm",
        "vllm_url": arguments.url,
        "vllm_model": arguments.model,
        "vllm_api_key": arguments.key,
        "vllm_concurrency": arguments.concurrency,
    }
    extractor = open_extractor(Settings.model_validate(settings), Ontology.load())
    assert isinstance(extractor, VllmExtractor)
    with tempfile.TemporaryDirectory(prefix="spectron-bench-", ignore_cleanup_errors=True) as path:
        postgres = await asyncio.to_thread(EmbeddedPostgres.start, Path(path) / "data")
        embedder = await asyncio.to_thread(
            MiniLmEmbedder.load, Path(path) / "embedder", threads=arguments.embedding_threads
        )
        try:
            await extractor.verify()
            await asyncio.to_thread(migrate.upgrade, postgres.url)
            async with (
                started(
                    postgres.url,
                    embedder,
                    extractor,
                    worker_concurrency=min(arguments.concurrency, 64),
                ) as server,
                server.client(timeout_s=_PATIENCE_S) as client,
            ):
                return await _phases(client, extractor, arguments)
        finally:
            await extractor.aclose()
            await embedder.aclose()
            await asyncio.to_thread(postgres.stop)


async def _phases(
    client: Spectron, extractor: VllmExtractor, arguments: argparse.Namespace
) -> dict[str, Any]:
    memory = client.memory(context_id="bench")
    start = extractor.statistics
    loaded = await history(memory, arguments.users, arguments.turns)
    middle = extractor.statistics
    talked = await live(memory, arguments.live_users, arguments.live_turns)
    end = extractor.statistics
    return {
        "extractor": extractor.name,
        "history": {**loaded, **tokens(start, middle)},
        "live": {**talked, **tokens(middle, end)},
        "totals": asdict(end),
    }


def arguments_of(words: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", required=True, help="the endpoint, such as http://host:8000/v1")
    parser.add_argument("--model", required=True, help="the served model's name")
    parser.add_argument("--key", default=None, help="the endpoint's API key")
    parser.add_argument("--users", type=int, default=64, help="users with a history")
    parser.add_argument("--turns", type=int, default=16, help="turns of each history")
    parser.add_argument("--live-users", type=int, default=8, help="users who talk at once")
    parser.add_argument("--live-turns", type=int, default=8, help="turns of each of them")
    parser.add_argument("--concurrency", type=int, default=32, help="requests under way")
    parser.add_argument("--embedding-threads", type=int, default=2)
    parser.add_argument("--json", type=Path, default=None, help="where to write the figures")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Runs the benchmark and prints its figures."""
    arguments = arguments_of(words)
    logs.configure(level="warning", form="console")
    figures = asyncio.run(measure(arguments))
    console = Console()
    for phase in ("history", "live"):
        table = Table(title=f"{phase}, {figures['extractor']}", title_justify="left")
        table.add_column("figure")
        table.add_column("value", justify="right")
        for name, value in figures[phase].items():
            table.add_row(name.replace("_", " "), str(value))
        console.print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
