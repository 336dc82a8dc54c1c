"""The embedder as the services use it."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from spectron_server.index import embedder as embedder_module
from spectron_server.index.batching import EmbedderClosedError
from spectron_server.index.embedder import Embedder, MiniLmEmbedder

TEXTS = [
    "Yes.",
    "I just moved from Berlin to London.",
    "We are migrating the build from CommonJS to ESM. " * 20,
    "My sister Aoife is a vet.",
]


async def test_name_and_dimension(embedder: MiniLmEmbedder) -> None:
    named: Embedder = embedder
    assert named.name == "all-MiniLM-L6-v2"
    assert named.dimension == 384


async def test_vectors_have_unit_norm_and_no_texts_have_none(embedder: MiniLmEmbedder) -> None:
    vectors = await embedder.embed(TEXTS)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (await embedder.embed([])).shape == (0, 384)


async def test_like_meanings_are_closer_than_unlike_ones(embedder: MiniLmEmbedder) -> None:
    asked, answer, other = await embedder.embed(
        ["Where do I live?", "My home is in London.", "TypeScript is better than JavaScript."]
    )
    assert asked @ answer > asked @ other + 0.2


async def test_vectors_do_not_depend_on_their_neighbours(embedder_cache: Path) -> None:
    alone = await asyncio.to_thread(MiniLmEmbedder.load, embedder_cache, threads=1)
    crowded = await asyncio.to_thread(MiniLmEmbedder.load, embedder_cache, threads=2)
    expected = np.concatenate([await alone.embed([text]) for text in TEXTS])
    others = [f"{number} {text}" for number in range(20) for text in TEXTS[:2]]
    found, *_ = await asyncio.gather(
        crowded.embed(TEXTS), *(crowded.embed([text]) for text in others)
    )
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert crowded.queue.batches_run < crowded.queue.texts_run
    await alone.aclose()
    await crowded.aclose()


async def test_only_the_first_256_tokens_count(embedder: MiniLmEmbedder) -> None:
    beginning = "word " * 254
    one, other, shorter = await embedder.embed(
        [beginning + "red", beginning + "blue and green", "word " * 200]
    )
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert np.abs(one - shorter).max() > 1e-4


async def test_recent_texts_are_not_embedded_again(
    embedder_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder_module, "CACHE_ENTRIES", 2)
    embedder = await asyncio.to_thread(MiniLmEmbedder.load, embedder_cache, threads=1)
    first = await embedder.embed(["one", "two", "one"])
    assert embedder.queue.texts_run == 2
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(await embedder.embed(["two", "one"]), first[1::-1])
    assert embedder.queue.texts_run == 2
    # "two" was used before "one", so it is the one that makes room.
    await embedder.embed(["three"])
    await embedder.embed(["one"])
    assert embedder.queue.texts_run == 3
    await embedder.embed(["two"])
    assert embedder.queue.texts_run == 4
    await embedder.aclose()


async def test_changing_a_result_changes_nothing_else(embedder: MiniLmEmbedder) -> None:
    before = await embedder.embed(["a result is the caller's own"])
    kept = before.copy()
    before[:] = 0
    np.testing.assert_array_equal(await embedder.embed(["a result is the caller's own"]), kept)


async def test_closed_embedder_refuses(embedder_cache: Path) -> None:
    embedder = await asyncio.to_thread(MiniLmEmbedder.load, embedder_cache, threads=1)
    await embedder.aclose()
    with pytest.raises(EmbedderClosedError):
        await embedder.embed(["too late"])


async def test_token_states_tell_each_token_in_its_place(embedder: MiniLmEmbedder) -> None:
    text = "We moved to Zürich \U0001f3d4 last year."
    read = embedder.token_states(text)
    assert read.states.shape == (len(read.places), 768)
    assert read.states.dtype == np.float32
    words = [text[start:end] for start, end in read.places if start < end]
    assert words[:4] == ["We", "moved", "to", "Zürich"]
    # A token's states depend on what stands around it.
    other = embedder.token_states(f"They never {text[3:]}")
    assert not np.allclose(read.states[3], other.states[4], atol=0.1)


async def test_the_vector_of_a_text_comes_with_its_token_states(embedder: MiniLmEmbedder) -> None:
    text = "Kayaking is how I spend the summer."
    expected = (await embedder.embed([f"{text} "]))[0]
    embedder.token_states(text)
    passes = embedder.queue.texts_run
    np.testing.assert_allclose((await embedder.embed([text]))[0], expected, atol=1e-5)
    assert embedder.queue.texts_run == passes


async def test_token_states_are_of_the_first_256_tokens(embedder: MiniLmEmbedder) -> None:
    assert embedder.token_states("word " * 300).states.shape == (256, 768)
