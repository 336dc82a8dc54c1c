"""What callers wait for, beside what the machine can do at best.

    python -m tests.benchmarks.speed [--quick] [--data DIR] [--json FILE] [--compare FILE]

It starts servers on a temporary data directory and measures, in one run, as ratios to two
ceilings that are timed in turn with the server's own calls: a bare grpc.aio echo with messages
of the same sizes, and a bare psycopg INSERT and COMMIT on the same database. The client's own
cost is in all of them. `--data` names a directory with `conversations.json` in the layout of
LoCoMo; without it, made-up talk is loaded in its place.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
import uvloop
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from spectron_server.index.embedder import MiniLmEmbedder
from tests.benchmarks import speed_parts as parts
from tests.benchmarks.echo import echo_process
from tests.benchmarks.evidence import load_conversations
from tests.benchmarks.measure import load
from tests.benchmarks.speed_calls import Timing, Wire, embedded_url, wired
from tests.benchmarks.speed_data import (
    Words,
    add_small_scopes,
    record,
    settle,
    sized_user,
)
from tests.benchmarks.speed_report import Figure, as_json, show, values_of

_SEED: Final = 20_240_501
_PROFILED: Final = "profiled"
_INDEX_BUDGET_MB: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How much to measure."""

    sizes: tuple[int, ...] = (50, 500, 5_000, 50_000)
    scopes: tuple[int, ...] = (1, 100, 10_000)
    concurrencies: tuple[int, ...] = (1, 8, 64)
    seconds: float = 4.0
    visible_s: float = 20.0
    loaded_turns: int = 2_000


QUICK: Final = Plan(
    sizes=(50, 500, 5_000),
    scopes=(1, 100, 500),
    concurrencies=(1, 64),
    seconds=1.0,
    visible_s=3.0,
    loaded_turns=300,
)


@dataclass(kw_only=True)
class Bench:
    """One run: what it measured so far."""

    plan: Plan
    data: Path
    conversations: Path | None
    progress: Progress
    figures: list[Figure] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    words: Words = field(default_factory=lambda: Words(_SEED))
    key: str | None = None

    async def run(self) -> None:
        """Measures everything."""
        async with AsyncExitStack() as stack:
            address, pid = await stack.enter_async_context(echo_process())
            echo = await stack.enter_async_context(wired(address, pid))
            await self._fill()
            await self._reads(echo)
            await self._writes(echo)
            await self._many_scopes()
            await self._learning(echo)

    async def _fill(self) -> None:
        async with parts.running(self.data, None, SPECTRON_WORKER="false") as running:
            self.key = running.server.key
            await asyncio.sleep(1)
            self._tell("idle memory", running.memory_mb(), "MB", most=350)
            await running.memory.sessions.create(scope={"user": _PROFILED})
            self._step("filling")
            await parts.add_attributes(running.memory, _PROFILED, self.words)
            for turns in self.plan.sizes:
                await record(running.memory, sized_user(turns), turns, self.words)
            async with await self._database() as connection:
                await settle(connection, _SEED)
                await add_small_scopes(connection, self.plan.scopes[-1], self.words, _SEED)

    async def _reads(self, echo: Wire) -> None:
        async with parts.running(self.data, self.key, SPECTRON_WORKER="false") as running:
            self._step("first requests")
            cold = await parts.first_contexts(running, self.plan.sizes, self.words)
            for turns, aim in ((5_000, 150), (50_000, 1_000)):
                if turns in cold:
                    self._tell(f"first GetContext, {turns} turns", cold[turns], "ms", most=aim)
            self.details["first_ms"] = cold
            await self._profiles(running, echo)
            await self._contexts(running, echo)

    async def _profiles(self, running: parts.Running, echo: Wire) -> None:
        for concurrency in self.plan.concurrencies:
            self._step(f"GetProfile, {concurrency} at once")
            times = await parts.profiles(running, echo, [_PROFILED], concurrency, self.plan.seconds)
            self._note(f"profile at {concurrency}", times)
            ours, bare = times["GetProfile"], times["echo"]
            if concurrency == 1:
                over = ours.p50_ms - bare.p50_ms
                self._tell("GetProfile p50 over the echo's, at 1", over, "ms", most=1)
            ratio, aim = ours.per_s / bare.per_s, 0.5 if concurrency == 64 else None
            self._tell(
                f"GetProfile rate to the echo's, at {concurrency}",
                ratio,
                least=aim,
                note=f"{ours.per_s:.0f} to {bare.per_s:.0f} a second, {_work(ours, bare)}",
            )
        for count in self.plan.scopes:
            self._step(f"GetProfile, {count} scopes")
            users = [f"small{number}" for number in range(count)]
            times = await parts.profiles(running, echo, users, 64, self.plan.seconds)
            self._note(f"profile over {count} scopes", times)
            ratio = times["GetProfile"].per_s / times["echo"].per_s
            self._tell(f"GetProfile rate to the echo's, {count} scopes", ratio)

    async def _contexts(self, running: parts.Running, echo: Wire) -> None:
        medians: dict[int, float] = {}
        embedder = await asyncio.to_thread(
            MiniLmEmbedder.load, self.data / "embedder", threads=os.cpu_count() or 1
        )
        for turns in self.plan.sizes:
            self._step(f"GetContext, {turns} turns")
            times = await parts.contexts(
                running,
                echo,
                embedder,
                turns=turns,
                concurrency=1,
                seconds=self.plan.seconds * 1.5,
                words=self.words,
            )
            self._note(f"context of {turns}", times)
            ours, one = times["GetContext"], times["embedding"]
            medians[turns] = ours.p50_ms
            self._tell(
                f"GetContext p50 over one embedding, {turns} turns",
                ours.p50_ms - one.p50_ms,
                "ms",
                most=4 if turns == 5_000 else None,
                note=f"{ours.p50_ms:.1f} ms, embedding {one.p50_ms:.1f} ms",
            )
        largest = self.plan.sizes[-1]
        self._tell(
            f"GetContext p50, {largest} turns to 500", medians[largest] / medians[500], most=2
        )
        for concurrency in self.plan.concurrencies[1:]:
            self._step(f"GetContext, {concurrency} at once")
            times = await parts.contexts(
                running,
                echo,
                embedder,
                turns=5_000,
                concurrency=concurrency,
                seconds=self.plan.seconds * 1.5,
                words=self.words,
            )
            self._note(f"context of 5000 at {concurrency}", times)
            ratio = times["GetContext"].per_s / times["embedding"].per_s
            self._tell(
                f"GetContext rate to the embedder's, at {concurrency}",
                ratio,
                least=0.6 if concurrency == 64 else None,
                note=f"{times['GetContext'].per_s:.0f} to {times['embedding'].per_s:.0f} a second",
            )
        await embedder.aclose()

    async def _writes(self, echo: Wire) -> None:
        async with parts.running(self.data, self.key, SPECTRON_WORKER="false") as running:
            for concurrency in self.plan.concurrencies:
                self._step(f"RecordTurn, {concurrency} at once")
                times = await parts.records(
                    running,
                    echo,
                    concurrency=concurrency,
                    batch=parts.BATCH if concurrency == 1 else 0,
                    seconds=self.plan.seconds,
                    words=self.words,
                )
                self._note(f"record at {concurrency}", times)
                ours, bare = times["RecordTurn"], times["INSERT"]
                self._tell(
                    f"RecordTurn p50 to INSERT and COMMIT, at {concurrency}",
                    ours.p50_ms / bare.p50_ms,
                    most=2.5 if concurrency == 1 else None,
                    note=f"{ours.p50_ms:.1f} ms to {bare.p50_ms:.1f} ms, {ours.per_s:.0f}/s, "
                    f"{_work(ours, times['echo'])}",
                )
                if concurrency == 1:
                    batched = times["RecordTurns"].per_s * parts.BATCH
                    self._tell(
                        f"turns in batches of {parts.BATCH} to single",
                        batched / ours.per_s,
                        least=5,
                        note=f"{batched:.0f} turns a second",
                    )
            # What was recorded here is not to be extracted while others are measured.
            async with await self._database() as connection:
                await settle(connection, _SEED)

    async def _many_scopes(self) -> None:
        count = self.plan.scopes[-1]
        self._step(f"{count} scopes")
        async with parts.running(
            self.data,
            self.key,
            SPECTRON_WORKER="false",
            SPECTRON_INDEX_MEMORY_MB=str(_INDEX_BUDGET_MB),
        ) as running:
            users = [f"small{number}" for number in range(count)]
            before, after = await parts.many_scopes(running, users, self.words, lambda: None)
        self._tell(
            f"memory grown by {count} active scopes",
            after - before,
            "MB",
            note=f"the indexes may take {_INDEX_BUDGET_MB} MB",
        )

    async def _learning(self, echo: Wire) -> None:
        async with parts.running(self.data, self.key) as running:
            self._step("until visible")
            p50, p99 = parts.percentiles(await parts.visible(running, seconds=self.plan.visible_s))
            self._tell("turn recorded to memory visible, p50", p50, "ms", most=150)
            self._tell("turn recorded to memory visible, p99", p99, "ms", most=1_000)
            self._step("loading")
            if self.conversations is None:
                rate = await parts.load_synthetic(running, self.plan.loaded_turns, self.words)
                self._tell("load of made-up talk, extracted", rate, "turns/s", least=150)
            else:
                spoken = load_conversations(self.conversations)
                _, went = await load(
                    running.client,
                    spoken,
                    prefix="loaded",
                    recorded=lambda _: None,
                    extracted=lambda _: None,
                )
                self._tell(
                    "load of LoCoMo, extracted",
                    went.turns / went.extracted_s,
                    "turns/s",
                    least=150,
                    note=f"{went.turns} turns, {went.failed} failed",
                )
            self._step("RecordTurn while extracting")
            times = await parts.records(
                running, echo, concurrency=1, batch=0, seconds=self.plan.seconds, words=self.words
            )
            self._note("record while extracting", times)
            self._tell(
                "RecordTurn p50 to INSERT and COMMIT, extracting too",
                times["RecordTurn"].p50_ms / times["INSERT"].p50_ms,
                note=f"{times['RecordTurn'].p50_ms:.1f} ms",
            )

    async def _database(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(embedded_url(self.data), autocommit=True)

    def _tell(self, name: str, value: float, unit: str = "", **more: Any) -> None:
        self.figures.append(Figure(name=name, value=value, unit=unit, **more))

    def _note(self, name: str, times: dict[str, Timing]) -> None:
        self.details[name] = {kind: asdict(timing) for kind, timing in times.items()}

    def _step(self, name: str) -> None:
        self.progress.update(self.progress.task_ids[0], description=name)


def _work(ours: Timing, bare: Timing) -> str:
    return f"{ours.cpu_ms:.2f} to {bare.cpu_ms:.2f} ms of processor"


async def measure(arguments: argparse.Namespace, console: Console) -> Bench:
    """Runs the benchmark on servers of its own."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with (
        Progress(*columns, console=console, transient=True) as progress,
        tempfile.TemporaryDirectory(prefix="spectron-bench-", ignore_cleanup_errors=True) as place,
    ):
        progress.add_task("starting")
        bench = Bench(
            plan=QUICK if arguments.quick else Plan(),
            data=Path(place),
            conversations=arguments.data,
            progress=progress,
        )
        async with asyncio.timeout(arguments.limit_s):
            await bench.run()
        return bench


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything, within a minute")
    parser.add_argument("--data", type=Path, help="a directory with conversations.json")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--compare", type=Path, help="the figures of an earlier run")
    parser.add_argument("--limit-s", type=float, default=1_800, help="give up after so long")
    arguments = parser.parse_args()
    old = {}
    if arguments.compare:
        old = values_of(json.loads(arguments.compare.read_text(encoding="utf-8")))
    bench = uvloop.run(measure(arguments, Console(stderr=True)))
    show(bench.figures, old, Console(file=sys.stdout))
    if arguments.json:
        run = as_json(bench.figures, bench.details)
        arguments.json.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
