"""A failing extraction is retried, given up where people see it, and can be queued again."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray

from spectron import errors
from spectron_extraction.protocol import (
    Category,
    ExtractionError,
    ExtractorUnavailableError,
    Fact,
    Proposals,
    Span,
    Window,
)
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.storage import queue
from tests.conftest import StartServer, eventually, started


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(queue, "_BACKOFF_FACTOR", 1.0)
    monkeypatch.setattr(queue, "_POLL_S", 0.1)


class Fragile:
    """An extractor that fails where a turn says so, until it is mended."""

    name = "fragile-1"

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.away = False
        self.windows: list[list[str]] = []

    async def extract(self, window: Window) -> Proposals:
        self.windows.append([turn.content for turn in window.turns])
        if self.away:
            raise ExtractorUnavailableError("The model cannot be reached.")
        for turn in window.turns:
            if turn.content in self.broken:
                raise ExtractionError("The model answered nonsense.")
        return Proposals(
            facts=tuple(
                Fact(
                    entity=window.subject,
                    category=Category.KNOWLEDGE,
                    key="likes",
                    value=turn.content,
                    confidence=0.9,
                    evidence=Span(
                        turn_id=turn.id, start=0, end=len(turn.content), quote=turn.content
                    ),
                )
                for turn in window.turns
            )
        )


async def test_one_bad_turn_does_not_hold_up_the_others(start_server: StartServer) -> None:
    extractor = Fragile()
    extractor.broken = {"bad"}
    async with start_server(extractor) as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "a"})
        turns = await session.turns(
            [{"role": "user", "content": text} for text in ("one", "bad", "three")]
        )

        good = [await turns[0].extraction(), await turns[2].extraction()]
        assert [extraction.status for extraction in good] == ["done", "done"]
        with pytest.raises(errors.ExtractionFailed, match="nonsense"):
            await turns[1].extraction()

        failed = await session.history()
        assert [turn.extraction_status for turn in failed] == ["done", "failed", "done"]
        assert (await client.admin.stats(context_id="c")).failed_count == 1
        # Its text is found all the same.
        context = await session.context("bad")
        assert "bad" in [item.text for item in context.items]
        with pytest.raises(errors.ExtractionFailed):
            await memory.profile({"user": "a"}, min_turn=turns[1].id)

        extractor.broken = set()
        await turns[1].retry_extraction()
        mended = await turns[1].extraction()
        assert [change.value for change in mended.diff.added] == ["bad"]
        assert (await client.admin.stats(context_id="c")).failed_count == 0


async def test_turns_wait_while_the_extractor_is_away(start_server: StartServer) -> None:
    extractor = Fragile()
    extractor.away = True
    async with start_server(extractor) as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "a"})
        turn = await session.turn("user", "tea")

        async def tried_often() -> bool:
            return len(extractor.windows) > 10

        await eventually(tried_often)
        [waiting] = await session.history()
        assert waiting.extraction_status == "pending"
        with pytest.raises(errors.DeadlineExceeded):
            await memory.profile({"user": "a"}, min_turn=turn.id, timeout_s=0.3)
        assert (await client.admin.stats(context_id="c")).pending_count == 1

        extractor.away = False
        extraction = await turn.extraction()
        assert [change.value for change in extraction.diff.added] == ["tea"]


class Crowded:
    """An embedder while whose work others change what the scope believes, so many times."""

    def __init__(self, embedder: MiniLmEmbedder, database_url: str, times: int) -> None:
        self._embedder = embedder
        self._database_url = database_url
        self.left = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        # Only beliefs are told in sentences like this one.
        if any(text.startswith("The user likes") for text in texts) and self.left:
            self.left -= 1
            async with await psycopg.AsyncConnection.connect(self._database_url) as connection:
                await connection.execute(
                    "UPDATE scopes SET revision = revision + 1, belief_revision = revision + 1"
                )
        return await self._embedder.embed(texts)


async def test_a_turn_is_not_given_up_because_others_change_its_scope(
    database_url: str, embedder: MiniLmEmbedder
) -> None:
    # More often than five times ten tries.
    crowded = Crowded(embedder, database_url, 60)
    async with (
        started(database_url, cast("MiniLmEmbedder", crowded), Fragile()) as server,
        server.client() as client,
    ):
        session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
        turn = await session.turn("user", "tea")
        extraction = await turn.extraction()
        assert [change.value for change in extraction.diff.added] == ["tea"]
        assert crowded.left == 0


async def test_turns_are_extracted_in_order_and_in_windows(start_server: StartServer) -> None:
    extractor = Fragile()
    extractor.away = True
    async with start_server(extractor) as server, server.client() as client:
        memory = client.memory(context_id="c")
        first = await memory.sessions.create(scope={"user": "a"})
        second = await memory.sessions.create(scope={"user": "a"})
        await first.turns([{"role": "user", "content": text} for text in ("1", "2")])
        await second.turn("user", "3")
        last = await first.turn("user", "4")
        extractor.windows.clear()
        extractor.away = False
        await last.extraction()
        done = [window for window in extractor.windows if window]
        assert done[-3:] == [["1", "2"], ["3"], ["4"]]


async def test_several_waiters_are_woken(start_server: StartServer) -> None:
    extractor = Fragile()
    extractor.away = True
    async with start_server(extractor) as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "a"})
        turn = await session.turn("user", "tea")
        waiters = [asyncio.create_task(turn.extraction()) for _ in range(5)]
        readers = [
            asyncio.create_task(memory.profile({"user": "a"}, min_turn=turn.id)) for _ in range(5)
        ]
        extractor.away = False
        assert {extraction.status for extraction in await asyncio.gather(*waiters)} == {"done"}
        for profile in await asyncio.gather(*readers):
            assert [attribute.value for attribute in profile.attributes] == ["tea"]
