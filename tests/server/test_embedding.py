"""Vectors of another embedder are refused at the start, and can be made anew."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from structlog.testing import capture_logs

from spectron_extraction.ontology import Ontology
from spectron_server import main
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.service.embedding import (
    SETTING,
    EmbedderMismatchError,
    claim_embedder,
    embed_again,
)
from spectron_server.settings import Settings
from spectron_server.storage import access, beliefs, scopes
from tests.conftest import StartServer


class Other:
    """Another embedder: its vectors are those of the real one, mirrored."""

    name = "other"

    def __init__(self, real: MiniLmEmbedder) -> None:
        self._real = real
        self.dimension = real.dimension

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return -(await self._real.embed(texts))


async def test_another_embedder_is_refused_until_all_is_embedded_again(
    start_server: StartServer, embedder: MiniLmEmbedder
) -> None:
    async with start_server() as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope={"user": "alice"})
        await (await session.turn("user", "I live in Oslo.")).extraction()
        await memory.record_fact({}, "likes", "tea", entity_type="Team", entity_name="Core")
        database = server.application.store.database
        await claim_embedder(database, embedder)
        await claim_embedder(database, embedder)
        other = Other(embedder)
        with pytest.raises(EmbedderMismatchError, match="spectron migrate --re-embed"):
            await claim_embedder(database, other)

        async def vectors() -> dict[str, NDArray[np.float16]]:
            found: dict[str, NDArray[np.float16]] = {}
            async with database.read() as connection:
                for state in await scopes.page(connection, context_id="c", after="", limit=10):
                    async for page in beliefs.embedded(connection, state.key):
                        ids, matrix = beliefs.ids_and_vectors(page)
                        found |= zip(ids, matrix, strict=True)
            return found

        before = await vectors()
        counted: list[int] = []
        await embed_again(database, other, Ontology.load(), counted.append)
        after = await vectors()
        assert sum(counted) == len(before) == len(after) == 3
        for item, vector in before.items():
            np.testing.assert_allclose(after[item], -vector, atol=2e-3)
        await claim_embedder(database, other)


@pytest.mark.parametrize("rounding", ["int8", "fp32"])
async def test_how_the_former_embedder_rounded_its_weights_is_no_matter(
    start_server: StartServer, embedder: MiniLmEmbedder, rounding: str
) -> None:
    async with start_server() as server:
        database = server.application.store.database
        claim = f"{embedder.name}/{rounding} ({embedder.dimension} dimensions)"
        async with database.read() as connection:
            await access.put_setting(connection, SETTING, claim)
        await claim_embedder(database, embedder)
        async with database.read() as connection:
            await access.put_setting(connection, SETTING, f"other/{rounding} (384 dimensions)")
        with pytest.raises(EmbedderMismatchError):
            await claim_embedder(database, embedder)


async def test_the_log_tells_with_which_arithmetic_it_runs(
    database_url: str, embedder: MiniLmEmbedder, embedder_cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "embedder").symlink_to(embedder_cache)
    settings = Settings.model_validate({"database_url": database_url, "data_dir": tmp_path})
    with capture_logs() as lines:
        async with main.build(settings):
            pass
    [ready] = [line for line in lines if line["event"] == "embedder_ready"]
    assert ready["model"] == "all-MiniLM-L6-v2"
    assert ready["arithmetic"] == embedder.quantisation
    assert str(ready["arithmetic"]) in {"int8", "int7", "fp32"}
