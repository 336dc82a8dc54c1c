"""What an extractor learns from conversations, scored without a judge model.

    python -m tests.benchmarks.extraction --data DIR [--json FILE] [--compare OLD.json]

DIR holds the folder `personaext`, `personabench` or `statebench`, or all of them; what is written
for this project stands in `tests/data` and is always scored. The program starts a server on a
temporary data directory, or uses a running one, with the key in SPECTRON_API_KEY; there it leaves
nothing behind. docs/extraction.md says how each part is scored.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from spectron import SpectronError
from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.ontology import Ontology
from tests.benchmarks import personaext
from tests.benchmarks.extraction_report import show
from tests.benchmarks.learners import InProcessLearner, Learner, ServerLearner, connected


@asynccontextmanager
async def learner(arguments: argparse.Namespace) -> AsyncIterator[Learner]:
    """Provides what learns, and deletes afterwards what it learned."""
    if arguments.in_process:
        ontology = Ontology.load()
        yield InProcessLearner(BuiltinExtractor(ontology), ontology)
        return
    settings = dict(setting.split("=", 1) for setting in arguments.setting)
    async with connected(
        arguments.endpoint, os.environ.get("SPECTRON_API_KEY"), settings
    ) as client:
        through_server = ServerLearner(client)
        try:
            yield through_server
        finally:
            await through_server.aclose()


async def measure(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Scores every part that there are data for, and returns the figures."""
    figures: dict[str, Any] = {"extractor": arguments.extractor_label}
    with Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        async with learner(arguments) as learns:
            figures["mode"] = learns.mode
            directory = arguments.data / "personaext"
            if directory.is_dir():
                utterances = personaext.load_utterances(directory)
                task = progress.add_task("PersonaExt", total=len(utterances))
                figures["personaext"] = await personaext.measure(
                    learns, utterances, lambda count: progress.advance(task, count)
                )
    return figures


async def run(arguments: argparse.Namespace, console: Console) -> None:
    """Measures and reports."""
    old = None
    if arguments.compare is not None:
        old = json.loads(await asyncio.to_thread(arguments.compare.read_text, encoding="utf-8"))
    figures = await measure(arguments, console)
    show(figures, old, console)
    if arguments.json is not None:
        text = json.dumps(figures, indent=2)
        await asyncio.to_thread(arguments.json.write_text, f"{text}\n", encoding="utf-8")
        console.print(f"Wrote {arguments.json}.")


def main(words: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit status."""
    parser = argparse.ArgumentParser(prog="extraction", description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="a directory with data sets")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--compare", type=Path, help="show changes from figures written before")
    parser.add_argument("--extractor-label", default="built-in", help="its name in the report")
    parser.add_argument(
        "--in-process", action="store_true", help="call the built-in extractor without a server"
    )
    parser.add_argument("--endpoint", help="a running server, rather than one of its own")
    parser.add_argument(
        "--setting",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable for the server that is started",
    )
    console = Console(soft_wrap=True)
    try:
        asyncio.run(run(parser.parse_args(words), console))
    except (OSError, ValueError, KeyError, SpectronError) as error:
        message = f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error)
        Console(stderr=True).print(f"Error: {message}", soft_wrap=True, markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
