"""The cached graph: read back, rebuilt when damaged, written whole by several at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spectron_server.index import graph_cache
from spectron_server.index.graph_cache import CachedGraph, load_graph
from spectron_server.index.minilm import Quantisation
from spectron_server.index.weights import Weights, WeightsError, locate_weights


@pytest.fixture
def missing(tmp_path: Path) -> Weights:
    """Weights that nothing can be built from, so that only the cache can answer."""
    return Weights(tensors_path=tmp_path / "none", tokenizer_path=tmp_path / "none")


def test_second_load_reads_the_file(tmp_path: Path, missing: Weights) -> None:
    built = load_graph(locate_weights(), tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert load_graph(missing, tmp_path / "cache") == built


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_damaged_file_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    graph = CachedGraph(content=b"a graph" * 100, quantisation=Quantisation.INT8)
    builds = []

    def build(weights: Weights) -> CachedGraph:
        builds.append(weights)
        return graph

    monkeypatch.setattr(graph_cache, "_build", build)
    load_graph(locate_weights(), tmp_path)
    [path] = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "flipped":
        content[len(content) // 2] ^= 1
    else:
        content.clear()
    path.write_bytes(content)
    assert load_graph(locate_weights(), tmp_path) == graph
    assert len(builds) == 2
    assert path.read_bytes() == graph.content
    assert load_graph(locate_weights(), tmp_path) == graph
    assert len(builds) == 2


def test_several_may_build_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = CachedGraph(content=b"a graph" * 100_000, quantisation=Quantisation.INT8)
    monkeypatch.setattr(graph_cache, "_build", lambda _: graph)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load_graph(locate_weights(), tmp_path), range(32)))
    assert found == [graph] * 32
    assert len(list(tmp_path.iterdir())) == 1


def test_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = CachedGraph(content=b"a graph", quantisation=Quantisation.INT8)
    monkeypatch.setattr(graph_cache, "_build", lambda _: graph)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        load_graph(locate_weights(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_unfaithful_processor_gets_float32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_cache, "_FAITHFUL", 1.1)
    graph = load_graph(locate_weights(), tmp_path)
    assert graph.quantisation is Quantisation.FP32
    assert load_graph(locate_weights(), tmp_path) == graph


def test_foreign_weights_are_not_built_from(tmp_path: Path) -> None:
    foreign = tmp_path / "model.safetensors"
    foreign.write_bytes(b"nothing")
    weights = Weights(tensors_path=foreign, tokenizer_path=foreign)
    with pytest.raises(WeightsError):
        load_graph(weights, tmp_path / "cache")
