"""What an extractor learns from conversations, scored without a judge model.

    python -m tests.benchmarks.extraction --data DIR [--json FILE] [--compare OLD.json]
    python -m tests.benchmarks.extraction --data DIR --in-process --failures FILE

DIR holds the folder `personaext`, `personabench` or `statebench`, or all of them; what is written
for this project stands in `tests/data` and is always scored. The program starts a server on a
temporary data directory, or uses a running one, with the key in SPECTRON_API_KEY; there it leaves
nothing behind. With --in-process it calls the built-in extractor without a server, which is quicker
while one works on it; contexts and StateBench are left out then. docs/extraction.md says how each
part is scored.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.ontology import Ontology
from spectron_server.index.embedder import MiniLmEmbedder
from tests.benchmarks import failure, personabench, personaext, statebench, written
from tests.benchmarks.extraction_report import show
from tests.benchmarks.learners import (
    Advance,
    InProcessLearner,
    Learner,
    ServerLearner,
    connected,
)

Figures = dict[str, Any]


@asynccontextmanager
async def learner(arguments: argparse.Namespace) -> AsyncIterator[Learner]:
    """Provides what learns, and deletes afterwards what it learned."""
    if arguments.in_process:
        ontology = Ontology.load()
        with TemporaryDirectory(prefix="spectron-bench-") as path:
            embedder = await asyncio.to_thread(MiniLmEmbedder.load, Path(path), threads=1)
        yield InProcessLearner(BuiltinExtractor(ontology, embedder), ontology)
        await embedder.aclose()
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
    seconds: dict[str, float] = {}

    def wanted(name: str, directory: Path) -> bool:
        return directory.is_dir() and (not arguments.only or name in arguments.only)

    with Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:

        async def timed(
            name: str, total: int, work: Callable[[Advance], Awaitable[Figures]]
        ) -> Figures:
            task = progress.add_task(name, total=total)
            started = time.monotonic()
            result = await work(lambda count: progress.advance(task, count))
            seconds[name] = round(time.monotonic() - started, 1)
            return result

        async with learner(arguments) as learns:
            figures["mode"] = learns.mode
            if wanted("written", written.DATA):
                cases, changes = written.load_cases(), written.load_changes()
                figures["written"] = await timed(
                    "written here",
                    len(cases) + len(changes),
                    lambda advance: written.measure(learns, cases, changes, advance),
                )
            if wanted("personaext", directory := arguments.data / "personaext"):
                utterances = personaext.load_utterances(directory)
                figures["personaext"] = await timed(
                    "PersonaExt",
                    len(utterances),
                    lambda advance: personaext.measure(learns, utterances, advance),
                )
            if wanted("personabench", directory := arguments.data / "personabench"):
                tellers = personabench.load_tellers(directory)
                figures["personabench"] = await timed(
                    "PersonaBench",
                    2 * len(tellers),
                    lambda advance: personabench.measure(learns, tellers, advance),
                )
            directory = arguments.data / "statebench"
            # Facts are recorded with the server, and contexts come from it.
            if wanted("statebench", directory) and isinstance(learns, ServerLearner):
                timelines = statebench.load_timelines(directory)
                figures["statebench"] = {
                    "facts": await timed(
                        "StateBench, facts",
                        len(timelines),
                        lambda advance: statebench.measure_facts(learns, timelines, advance),
                    ),
                    "turns": await timed(
                        "StateBench, turns",
                        2 * len(timelines),
                        lambda advance: statebench.measure_turns(learns, timelines, advance),
                    ),
                }
    return figures | {"seconds": seconds}


async def run(arguments: argparse.Namespace, console: Console) -> None:
    """Measures and reports."""
    old = None
    if arguments.compare is not None:
        old = json.loads(await asyncio.to_thread(arguments.compare.read_text, encoding="utf-8"))
    figures = await measure(arguments, console)
    failures = figures.get("written", {}).pop("failures", [])
    show(figures, old, console)
    if arguments.json is not None:
        await _write(arguments.json, [json.dumps(figures, indent=2)], console)
    if arguments.failures is not None:
        lines = [json.dumps(failure, ensure_ascii=False) for failure in failures]
        await _write(arguments.failures, lines, console)


async def _write(path: Path, lines: Sequence[str], console: Console) -> None:
    text = "".join(f"{line}\n" for line in lines)
    await asyncio.to_thread(path.write_text, text, encoding="utf-8")
    console.print(f"Wrote {path}.")


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
    parser.add_argument(
        "--only",
        action="append",
        choices=("written", "personaext", "personabench", "statebench"),
        help="score this part only; may be given several times",
    )
    parser.add_argument(
        "--failures",
        type=Path,
        help="write what was wrong in the half for development of what is written here",
    )
    # Wide enough for every column where no terminal says how wide it is.
    console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 120)
    try:
        asyncio.run(run(parser.parse_args(words), console))
    except failure.EXPECTED as error:
        return failure.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
