"""The graph against the formulas, and its rounded form against float32."""

import math
from collections.abc import Mapping

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from spectron_server.index.graph_cache import load_graph, new_session, run_session
from spectron_server.index.minilm import MAX_TOKENS, Quantisation, build_graph
from spectron_server.index.weights import locate_weights

SHORT = ["", "?", "Ok", "Yes.", "no", "a", "somehow", "\N{THUMBS UP SIGN}"]
ORDINARY = [
    "Where do I live now?",
    "I just moved from Berlin to London.",
    "My sister Aoife is a vet, and her dog Rex hates the vet.",
    "I prefer bullet-point responses and dislike filler phrases.",
    "Ich wohne in München und arbeite bei Siemens.",
    "Привет, как дела?",
    "東京に住んでいます。",
    "SELECT name FROM users WHERE id = 17;",
    "https://example.org/a?b=c&d=e",
]
LONG = [
    "We are migrating the build from CommonJS to ESM, and it takes longer than planned. " * 30,
    "word " * 600,
    "".join(
        f"On day {number} we went to a place with {number * 7} doors. " for number in range(40)
    ),
]

_erf = np.vectorize(math.erf, otypes=[np.float64])


@pytest.fixture(scope="module")
def weights() -> Mapping[str, NDArray[np.float32]]:
    return locate_weights().read_tensors()


@pytest.fixture(scope="module")
def tokens() -> dict[str, list[int]]:
    tokenizer = Tokenizer.from_str(locate_weights().read_tokenizer())
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return {text: tokenizer.encode(text).ids for text in [*SHORT, *ORDINARY, *LONG]}


@pytest.fixture(scope="module")
def exact(weights: Mapping[str, NDArray[np.float32]]) -> onnxruntime.InferenceSession:
    return new_session(build_graph(weights, Quantisation.FP32))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> onnxruntime.InferenceSession:
    """The graph that this processor gets."""
    graph = load_graph(locate_weights(), tmp_path_factory.mktemp("graph"))
    assert graph.quantisation is not Quantisation.FP32
    return new_session(graph.content)


@pytest.mark.parametrize("text", [*SHORT[:4], *ORDINARY[:4], LONG[2]])
def test_float32_graph_computes_the_formulas_of_bert(
    text: str,
    tokens: dict[str, list[int]],
    weights: Mapping[str, NDArray[np.float32]],
    exact: onnxruntime.InferenceSession,
) -> None:
    expected = _bert(weights, tokens[text])
    np.testing.assert_allclose(run_session(exact, [tokens[text]])[0], expected, atol=2e-5)


def test_what_is_rounded_is_close_to_float32_whatever_the_batch(
    tokens: dict[str, list[int]],
    exact: onnxruntime.InferenceSession,
    small: onnxruntime.InferenceSession,
) -> None:
    sequences = list(tokens.values())
    expected = np.concatenate([run_session(exact, [sequence]) for sequence in sequences])
    alone = np.concatenate([run_session(small, [sequence]) for sequence in sequences])
    together = run_session(small, sequences)
    backwards = run_session(small, sequences[::-1])[::-1]
    for found in (alone, together, backwards):
        cosines = (found * expected).sum(axis=1)
        assert cosines.min() >= 0.99, dict(zip(tokens, cosines, strict=True))
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(backwards, alone, atol=1e-5)


def test_building_twice_gives_the_same_bytes(weights: Mapping[str, NDArray[np.float32]]) -> None:
    assert build_graph(weights, Quantisation.INT8) == build_graph(weights, Quantisation.INT8)


def _bert(weights: Mapping[str, NDArray[np.float32]], ids: list[int]) -> NDArray[np.float64]:
    """The model in the plainest terms: double precision, one text, a loop over the heads."""
    values = {name: tensor.astype(np.float64) for name, tensor in weights.items()}

    def norm(hidden: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centred = hidden - hidden.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
        result: NDArray[np.float64] = scaled * values[f"{name}.weight"] + values[f"{name}.bias"]
        return result

    def dense(hidden: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return hidden @ values[f"{name}.weight"].T + values[f"{name}.bias"]

    hidden = norm(
        values["embeddings.word_embeddings.weight"][ids]
        + values["embeddings.position_embeddings.weight"][: len(ids)]
        + values["embeddings.token_type_embeddings.weight"][0],
        "embeddings.LayerNorm",
    )
    for number in range(6):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            dense(hidden, f"{layer}.attention.self.{part}") for part in ("query", "key", "value")
        )
        attended = np.empty_like(hidden)
        for head in range(12):
            own = slice(head * 32, head * 32 + 32)
            logits = query[:, own] @ key[:, own].T / math.sqrt(32)
            shares = np.exp(logits - logits.max(axis=1, keepdims=True))
            attended[:, own] = shares / shares.sum(axis=1, keepdims=True) @ value[:, own]
        attention = f"{layer}.attention.output"
        hidden = norm(dense(attended, f"{attention}.dense") + hidden, f"{attention}.LayerNorm")
        wide = dense(hidden, f"{layer}.intermediate.dense")
        active = wide * (1 + _erf(wide / math.sqrt(2))) / 2
        output = f"{layer}.output"
        hidden = norm(dense(active, f"{output}.dense") + hidden, f"{output}.LayerNorm")
    mean: NDArray[np.float64] = hidden.mean(axis=0)
    unit: NDArray[np.float64] = mean / np.linalg.norm(mean)
    return unit
