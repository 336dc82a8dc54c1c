"""What the Chat RPC costs around an agent that answers at once.

    python -m tests.benchmarks.chat [--messages N] [--json FILE]

It starts a server on a temporary data directory, and beside it a bare bidirectional echo. One
message of a chat is two exchanges on the stream (user message and call, reply and outcome), so
it is compared with two exchanges of the echo with frames of the same sizes. Both are measured in
one run, in turn, since machines differ from minute to minute. All times are at the client.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import grpc
import psutil
from google.protobuf.duration_pb2 import Duration
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from spectron import Spectron
from spectron.v1 import chat_service_pb2 as pb
from tests.benchmarks.echo import echoing, path
from tests.benchmarks.measure import percentile
from tests.server.chat_stream import ChatStream, channel_to, opened
from tests.server.process import ServerProcess, serving

CONTEXT: Final = "bench"
CONCURRENT: Final = 64
IDLE: Final = 500
_SAID: Final = "I live in Berlin and I work on the tram lines, mostly at night."
_REPLY: Final = "Noted. Night work on the trams must be quiet."


@dataclass(frozen=True, kw_only=True, slots=True)
class Latency:
    """Times of calls, in milliseconds."""

    calls: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """What a run measured.

    Attributes:
        echo: Two exchanges with the bare echo.
        chat: One message, without waiting for what is learned from it.
        learned: One message, until what was learned is back.
        messages_per_s: With many chats at once, each waiting for what is learned.
        idle_kib: Memory of the server for each idle stream.
    """

    echo: Latency
    chat: Latency
    learned: Latency
    messages_per_s: float
    idle_kib: float


async def exchange(stream: ChatStream, message_id: str) -> None:
    """Says one thing, answers at once, and waits for the outcome."""
    await stream.say(message_id, _SAID)
    while (frame := await stream.read(60)).WhichOneof("frame") != "done":
        if frame.WhichOneof("frame") == "agent_call":
            await stream.reply(frame.agent_call.call_id, _REPLY)
        elif frame.WhichOneof("frame") == "failed":
            raise RuntimeError(frame.failed.failure.message)


async def frame_sizes(stream: ChatStream) -> tuple[list[int], list[int]]:
    """Returns how many bytes a message's frames have: sent, and received."""
    message = pb.ChatRequest(user_message=pb.ChatUserMessage(message_id="sizes", content=_SAID))
    reply = pb.ChatRequest(agent_reply=pb.ChatAgentReply(call_id="sizes/1", content=_REPLY))
    received = []
    await stream.say("sizes", _SAID)
    while (frame := await stream.read()).WhichOneof("frame") != "done":
        if frame.WhichOneof("frame") == "agent_call":
            received.append(frame.ByteSize())
            await stream.reply("sizes/1", _REPLY)
    received.append(frame.ByteSize())
    return [message.ByteSize(), reply.ByteSize()], received


def latency(seconds: Sequence[float]) -> Latency:
    """Returns the percentiles of times in seconds."""
    return Latency(
        calls=len(seconds),
        p50_ms=percentile(seconds, 50) * 1_000,
        p95_ms=percentile(seconds, 95) * 1_000,
    )


class Bench:
    """One run."""

    def __init__(
        self, server: ServerProcess, client: Spectron, progress: Progress, messages: int
    ) -> None:
        assert server.key is not None
        self._server, self._key = server, server.key
        self._memory = client.memory(context_id=CONTEXT)
        self._progress = progress
        self._messages = messages

    async def run(self) -> Results:
        """Measures everything."""
        async with channel_to(self._server.endpoint) as channel, echoing() as address:
            idle_kib = await self._idle(channel)
            patient = await self._open(channel, "patient")
            hasty = await self._open(channel, "hasty", extraction_timeout=Duration())
            await exchange(patient, "warm")
            sent, received = await frame_sizes(hasty)
            # An echo answers with what it was sent: it is sent the larger of the two.
            frames = [bytes(max(pair)) for pair in zip(sent, received, strict=True)]
            chat, learned, echo = await self._latencies(hasty, patient, address, frames)
            messages_per_s = await self._concurrent(channel)
        return Results(
            echo=latency(echo),
            chat=latency(chat),
            learned=latency(learned),
            messages_per_s=messages_per_s,
            idle_kib=idle_kib,
        )

    async def _open(self, channel: grpc.aio.Channel, user: str, **options: Duration) -> ChatStream:
        session = await self._memory.sessions.create(scope={"user": user})
        return await opened(channel, self._key, session.id, context_id=CONTEXT, **options)

    async def _latencies(
        self, hasty: ChatStream, patient: ChatStream, address: str, frames: Sequence[bytes]
    ) -> tuple[list[float], list[float], list[float]]:
        chat: list[float] = []
        learned: list[float] = []
        echo: list[float] = []
        task = self._progress.add_task("one chat", total=self._messages)
        async with channel_to(address) as channel:
            call: Any = channel.stream_stream(path("Stream"))()
            for number in range(self._messages):
                for stream, times in ((hasty, chat), (patient, learned)):
                    started = time.monotonic()
                    await exchange(stream, f"m{number}")
                    times.append(time.monotonic() - started)
                started = time.monotonic()
                for frame in frames:
                    await call.write(frame)
                    await call.read()
                echo.append(time.monotonic() - started)
                self._progress.advance(task)
            await call.done_writing()
        return chat, learned, echo

    async def _concurrent(self, channel: grpc.aio.Channel) -> float:
        each = max(self._messages // 10, 5)
        task = self._progress.add_task(f"{CONCURRENT} chats", total=CONCURRENT * each)
        streams = [await self._open(channel, f"user{number}") for number in range(CONCURRENT)]

        async def talk(stream: ChatStream) -> None:
            for number in range(each):
                await exchange(stream, f"m{number}")
                self._progress.advance(task)

        started = time.monotonic()
        await asyncio.gather(*(talk(stream) for stream in streams))
        return CONCURRENT * each / (time.monotonic() - started)

    async def _idle(self, channel: grpc.aio.Channel) -> float:
        task = self._progress.add_task("idle streams", total=IDLE)
        session = await self._memory.sessions.create(scope={"user": "idle"})
        first = await opened(channel, self._key, session.id, context_id=CONTEXT)
        await exchange(first, "first")
        process = psutil.Process(self._server.process.pid)
        before = process.memory_info().rss
        streams = []
        for _ in range(IDLE):
            streams.append(await opened(channel, self._key, session.id, context_id=CONTEXT))
            self._progress.advance(task)
        after = process.memory_info().rss
        for stream in streams:
            stream.call.cancel()
        return (after - before) / 1024 / IDLE


def show(results: Results, console: Console) -> None:
    """Prints the figures as a table."""
    table = Table(title="One message around an agent that answers at once", title_justify="left")
    for name in ("", "p50 ms", "p95 ms", "messages"):
        table.add_column(name, justify="right" if name else "left")
    for label, times in (
        ("bare echo, two exchanges", results.echo),
        ("chat, reply recorded", results.chat),
        ("chat, until learned", results.learned),
    ):
        table.add_row(label, f"{times.p50_ms:.1f}", f"{times.p95_ms:.1f}", str(times.calls))
    console.print(table)
    console.print(
        f"{CONCURRENT} chats at once: {results.messages_per_s:.0f} messages a second. "
        f"An idle stream takes {results.idle_kib:.0f} KiB of the server."
    )


async def measure(messages: int, console: Console) -> Results:
    """Runs the benchmark on a server of its own."""
    with (
        Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        ) as progress,
        tempfile.TemporaryDirectory(prefix="spectron-bench-", ignore_cleanup_errors=True) as place,
    ):
        async with (
            serving(Path(place), SPECTRON_LOG_LEVEL="error", SPECTRON_DRAIN_S="2") as server,
            Spectron(api_key=server.key, endpoint=server.endpoint) as client,
        ):
            return await Bench(server, client, progress, messages).run()


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.chat", description=__doc__)
    parser.add_argument("--messages", type=int, default=200, help="messages of one chat")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    results = asyncio.run(measure(arguments.messages, Console(stderr=True)))
    show(results, Console(file=sys.stdout))
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(results), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
