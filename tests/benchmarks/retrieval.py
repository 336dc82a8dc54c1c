"""Evidence recall and latency of a whole server, on conversations in the layout of LoCoMo.

    python -m tests.benchmarks.retrieval --data DIR [--json FILE] [--endpoint HOST:PORT]

It starts a server on a temporary data directory, or uses a running one, with the key in
SPECTRON_API_KEY; there it leaves nothing behind. `measure.py` says how a conversation is recorded,
`evidence.py` what counts as found.
"""

import argparse
import asyncio
import json
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from spectron import Spectron
from tests.benchmarks import failure
from tests.benchmarks.evidence import Conversation, load_conversations
from tests.benchmarks.measure import Answered, ask, erase, load
from tests.benchmarks.report import Results, as_json, show
from tests.server.process import serving


@asynccontextmanager
async def connected(endpoint: str | None, key: str | None) -> AsyncIterator[Spectron]:
    """Connects to a running server, or to one of its own until the block is left."""
    if endpoint is not None:
        async with Spectron(api_key=key, endpoint=endpoint) as client:
            yield client
        return
    with tempfile.TemporaryDirectory(prefix="spectron-bench-", ignore_cleanup_errors=True) as path:
        async with (
            serving(Path(path), SPECTRON_LOG_LEVEL="error") as server,
            Spectron(api_key=server.key, endpoint=server.endpoint) as client,
        ):
            yield client


async def measure(
    client: Spectron, conversations: Sequence[Conversation], console: Console
) -> Results:
    """Loads conversations into a server, asks their questions, and deletes them again."""
    with Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        turns = sum(len(part.turns) for each in conversations for part in each.sessions)
        questions = sum(len(each.questions) for each in conversations)
        recorded = progress.add_task("recorded", total=turns)
        extracted = progress.add_task("extracted", total=turns)
        asked = progress.add_task("asked", total=questions)
        places, loading = await load(
            client,
            conversations,
            prefix=f"bench-{secrets.token_hex(4)}-",
            recorded=lambda count: progress.advance(recorded, count),
            extracted=lambda count: progress.advance(extracted, count),
        )
        answers: dict[str, list[Answered]] = {}
        for place in places:
            answers[place.conversation.id] = await ask(
                place, lambda count: progress.advance(asked, count)
            )
        await erase(client, places)
    return Results(load=loading, answers=answers)


async def run(arguments: argparse.Namespace, console: Console) -> None:
    """Measures and reports."""
    conversations = load_conversations(arguments.data)
    async with connected(arguments.endpoint, os.environ.get("SPECTRON_API_KEY")) as client:
        results = await measure(client, conversations, console)
    show(results, console)
    if arguments.json is not None:
        text = json.dumps(as_json(results), indent=2)
        await asyncio.to_thread(arguments.json.write_text, f"{text}\n", encoding="utf-8")
        console.print(f"Wrote {arguments.json}.")


def main(words: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit status."""
    parser = argparse.ArgumentParser(prog="retrieval", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="a directory with conversations.json and perhaps label_errors.json",
    )
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--endpoint", help="a running server, rather than one of its own")
    console = Console(soft_wrap=True)
    try:
        asyncio.run(run(parser.parse_args(words), console))
    except failure.EXPECTED as error:
        return failure.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
