"""The built graph, kept in a file so that only the first start has to build it.

The file's name holds the version of the builder, the hash of the weights and the hash of its own
content: a file that does not match its name is damaged and is built again. Writing goes through a
temporary file and a rename, so that two processes may build at once and a reader never sees half a
file.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from spectron_server.index.minilm import STATES, VECTORS, Quantisation, build_graph
from spectron_server.index.weights import MODEL_NAME, WEIGHTS_SHA256, Weights

# Raise it when `build_graph` gives another graph for the same weights.
_VERSION: Final = 3
_HASH_LENGTH: Final = 16

# Some processors (x86 without VNNI) saturate in 8-bit products. Sentences as token ids, "Where do
# you live now?", "Yes.", "Ok", "no" and one of random words, tell whether this one does: short
# ones suffer most.
_PROBES: Final = (
    (101, 2073, 2079, 2017, 2444, 2085, 1029, 102),
    (101, 2748, 1012, 102),
    (101, 7929, 102),
    (101, 2053, 102),
    (101, *range(2000, 12_000, 250), 102),
)
_FAITHFUL: Final = 0.99


@dataclass(frozen=True, kw_only=True, slots=True)
class CachedGraph:
    """A serialised ONNX model and how its weights are stored."""

    content: bytes
    quantisation: Quantisation


def load_graph(weights: Weights, directory: Path) -> CachedGraph:
    """Returns the model, from the cache if it is there and whole, else built and cached.

    Args:
        weights: The files to build from; read only if the model must be built.
        directory: Where the cache file lies; made if missing.

    Returns:
        The model in the fewest bits that this processor multiplies faithfully.

    Raises:
        WeightsError: The weights are not the official ones.
        OSError: The cache cannot be read or written.
    """
    return _read(directory) or _write(_build(weights), directory)


def new_session(content: bytes) -> onnxruntime.InferenceSession:
    """Returns a session that runs a model on the thread that calls it."""
    options = onnxruntime.SessionOptions()
    # Texts run beside each other on threads of our own, which scales better than splitting one.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # An arena keeps the memory of the largest batch it ever saw.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(
        content,
        options,
        providers=["CPUExecutionProvider"],
        # It would put together what `build_graph` keeps apart because that is faster.
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def run_session(
    session: onnxruntime.InferenceSession, tokens: list[list[int]]
) -> NDArray[np.float32]:
    """Embeds texts given as token ids.

    Args:
        session: The model.
        tokens: The ids of each text, at least one text and one id each.

    Returns:
        Their vectors in order, `(n, 384) float32`, unit norm.
    """
    (vectors,) = _run(session, tokens, [VECTORS])
    return vectors


def run_for_states(
    session: onnxruntime.InferenceSession, tokens: list[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Embeds a text, and returns also what the middle layers make of each token.

    Args:
        session: The model.
        tokens: The ids of the text, at least one.

    Returns:
        Its vector, `(384,) float32`, unit norm, and the states, `(tokens, 768) float32`.
    """
    vectors, states = _run(session, [tokens], [VECTORS, STATES])
    return vectors[0], states[0]


def _run(
    session: onnxruntime.InferenceSession, tokens: list[list[int]], outputs: list[str]
) -> list[NDArray[np.float32]]:
    longest = max(map(len, tokens))
    ids = np.zeros((len(tokens), longest), np.int64)
    mask = np.zeros((len(tokens), longest), np.int64)
    for row, sequence in enumerate(tokens):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    found: list[NDArray[np.float32]] = session.run(
        outputs, {"input_ids": ids, "attention_mask": mask}
    )
    return found


def _build(weights: Weights) -> CachedGraph:
    tensors = weights.read_tensors()
    exact = build_graph(tensors, Quantisation.FP32)
    probes = [list(probe) for probe in _PROBES]
    exact_vectors = run_session(new_session(exact), probes)
    for quantisation in (Quantisation.INT8, Quantisation.INT7):
        rounded = build_graph(tensors, quantisation)
        vectors = run_session(new_session(rounded), probes)
        if (exact_vectors * vectors).sum(axis=1).min() >= _FAITHFUL:
            return CachedGraph(content=rounded, quantisation=quantisation)
    return CachedGraph(content=exact, quantisation=Quantisation.FP32)


def _read(directory: Path) -> CachedGraph | None:
    for quantisation in Quantisation:
        for path in sorted(directory.glob(f"{_prefix(quantisation)}*.onnx")):
            content = path.read_bytes()
            if path.name == _file_name(quantisation, content):
                return CachedGraph(content=content, quantisation=quantisation)
            path.unlink(missing_ok=True)
    return None


def _write(graph: CachedGraph, directory: Path) -> CachedGraph:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / _file_name(graph.quantisation, graph.content)
    descriptor, temporary = tempfile.mkstemp(dir=directory, prefix=".building-", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(graph.content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return graph


def _prefix(quantisation: Quantisation) -> str:
    return f"{MODEL_NAME}-{quantisation}-{_VERSION}-{WEIGHTS_SHA256[:_HASH_LENGTH]}-"


def _file_name(quantisation: Quantisation, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]
    return f"{_prefix(quantisation)}{digest}.onnx"
