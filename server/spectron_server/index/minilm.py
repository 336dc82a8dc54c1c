"""The ONNX graph of all-MiniLM-L6-v2, built from its weights.

The model is a BERT encoder of six layers (Devlin et al., 2019) whose token vectors are averaged and
scaled to unit length (Reimers and Gurevych, 2019). The graph takes `input_ids` and
`attention_mask`, both `(batch, tokens) int64`, and returns `vectors`, `(batch, 384) float32`, unit
norm, and `states`, `(batch, tokens, 768) float32`: what the third and the fifth layer make of each
token, side by side. Building it here needs neither PyTorch nor a converter, and takes a second or
two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

DIMENSION: Final = 384
MAX_TOKENS: Final = 256

LAYERS: Final = 6
HEADS: Final = 12
# The middle layers know best what a word is in its sentence; the last gathers the whole text.
STATE_LAYERS: Final = (2, 4)
STATES: Final = "states"
VECTORS: Final = "vectors"
LAYER_NORM_EPSILON: Final = 1e-12

_GELU_MINIMUM: Final = -0.17  # -0.16997, rounded down.
_MASKED: Final = -10_000.0
_CONTRIB: Final = "com.microsoft"


class Quantisation(StrEnum):
    """How the weights of the graph are stored and multiplied.

    Attributes:
        FP32: As they come.
        INT8: In 8 bits.
        INT7: In 7 bits, and those of attention as they come: for processors that add two products
            of 8 bits up in 16, which is one bit too few (x86 without VNNI).
    """

    FP32 = "fp32"
    INT8 = "int8"
    INT7 = "int7"


def build_graph(weights: Mapping[str, NDArray[np.float32]], quantisation: Quantisation) -> bytes:
    """Builds the model.

    With `INT8` each output of a layer has a scale for its weights, and each token one for its
    activations. No scale spans two tokens, so a vector does not depend on what else is in its
    batch, as it would with the usual dynamic quantisation, whose scale spans the whole tensor.
    Attention's values stay float32: rounding them costs very short texts most of their accuracy,
    and they are a twelfth of the work.

    Args:
        weights: The tensors of the official `model.safetensors`, float32.
        quantisation: How to store and multiply the weights.

    Returns:
        A serialised ONNX model; the same bytes for the same arguments.
    """
    return _Builder(weights, quantisation).build()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Activations:
    """A tensor of the graph, and what is known of its values before any text is seen.

    Attributes:
        name: The tensor.
        spread: About how large each channel becomes, `(channels,) float32`; None if unknown.
        minimum: A bound that no value is below; None if values spread around zero.
    """

    name: str
    spread: NDArray[np.float32] | None = None
    minimum: float | None = None


class _Builder:
    """Collects the nodes and the constants of one graph."""

    def __init__(
        self, weights: Mapping[str, NDArray[np.float32]], quantisation: Quantisation
    ) -> None:
        self._weights = weights
        self._quantisation = quantisation
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def build(self) -> bytes:
        hidden = self._embeddings()
        self._node("Cast", ["attention_mask"], "mask_int32", to=TensorProto.INT32)
        layers = []
        for layer in range(LAYERS):
            hidden = self._layer(hidden, f"encoder.layer.{layer}")
            layers.append(hidden.name)
        self._node("Concat", [layers[layer] for layer in STATE_LAYERS], STATES, axis=-1)
        self._pooling(hidden.name)
        shape = ["batch", "tokens"]
        graph = helper.make_graph(
            self._nodes,
            "all-MiniLM-L6-v2",
            [
                helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape),
                helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape),
            ],
            [
                helper.make_tensor_value_info(VECTORS, TensorProto.FLOAT, ["batch", DIMENSION]),
                helper.make_tensor_value_info(
                    STATES, TensorProto.FLOAT, [*shape, DIMENSION * len(STATE_LAYERS)]
                ),
            ],
            self._constants,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(_CONTRIB, 1)],
            ir_version=10,
        )
        serialised: bytes = model.SerializeToString(deterministic=True)
        return serialised

    def _embeddings(self) -> _Activations:
        words = self._weights["embeddings.word_embeddings.weight"]
        if self._quantisation is Quantisation.FP32:
            self._node("Gather", [self._constant("words", words), "input_ids"], "words_out")
        else:
            scale = np.abs(words).max(axis=1, keepdims=True) / 127
            rounded = np.rint(words / scale).astype(np.int8)
            self._node("Gather", [self._constant("words", rounded), "input_ids"], "words_int8")
            self._node("Cast", ["words_int8"], "words_float", to=TensorProto.FLOAT)
            scales = self._constant("words_scale", scale)
            self._node("Gather", [scales, "input_ids"], "words_scale_out")
            self._node("Mul", ["words_float", "words_scale_out"], "words_out")
        # Every token is of type 0, so that type's vector is part of each position's.
        positions = (
            self._weights["embeddings.position_embeddings.weight"][:MAX_TOKENS]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._node("Shape", ["input_ids"], "length", start=1, end=2)
        start = self._constant("start", np.zeros(1, np.int64))
        self._node("Slice", [self._constant("positions", positions), start, "length"], "places")
        self._node("Add", ["words_out", "places"], "embedded")
        return self._normalise("embedded", "embeddings.LayerNorm")

    def _layer(self, hidden: _Activations, name: str) -> _Activations:
        own = f"{name}.attention.self"
        query, key, value = (f"{own}.{part}" for part in ("query", "key", "value"))
        weight = np.concatenate([self._weights[f"{part}.weight"] for part in (query, key)])
        paired = self._product(hidden, f"{own}.paired", weight)
        self._nodes.append(
            helper.make_node("Split", [paired], [query, key], axis=-1, num_outputs=2)
        )
        values = self._float_product(hidden, value, self._weights[f"{value}.weight"])
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in (query, key, value)])
        attended = self._node(
            "MultiHeadAttention",
            [query, key, values, self._constant(f"{own}.bias", bias), "mask_int32"],
            f"{own}.out",
            domain=_CONTRIB,
            num_heads=HEADS,
            mask_filter_value=_MASKED,
        )
        output = f"{name}.attention.output"
        hidden = self._dense_and_norm(_Activations(name=attended), hidden, output)
        dense = f"{name}.intermediate.dense"
        wide = self._product(hidden, dense, self._weights[f"{dense}.weight"])
        dense_bias = self._constant(f"{dense}.bias", self._weights[f"{dense}.bias"])
        active = self._node("BiasGelu", [wide, dense_bias], f"{name}.gelu", domain=_CONTRIB)
        wide_active = _Activations(name=active, minimum=_GELU_MINIMUM)
        return self._dense_and_norm(wide_active, hidden, f"{name}.output")

    def _pooling(self, hidden: str) -> None:
        last = self._constant("last", np.array([-1], np.int64))
        tokens = self._constant("tokens", np.array([1], np.int64))
        self._node("Cast", ["attention_mask"], "mask_float", to=TensorProto.FLOAT)
        self._node("Unsqueeze", ["mask_float", last], "mask_column")
        self._node("Mul", [hidden, "mask_column"], "hidden_masked")
        # The sum has the direction of the mean, and the norm takes away the difference in length.
        self._node("ReduceSum", ["hidden_masked", tokens], "pooled", keepdims=0)
        self._node("LpNormalization", ["pooled"], VECTORS, axis=-1, p=2)

    def _dense_and_norm(
        self, source: _Activations, residual: _Activations, name: str
    ) -> _Activations:
        """Adds a dense layer's output to what went before, and normalises the sum."""
        dense, norm = f"{name}.dense", f"{name}.LayerNorm"
        weight = self._weights[f"{dense}.weight"]
        product = self._product(source, dense, weight)
        bias = self._constant(f"{dense}.bias", self._weights[f"{dense}.bias"])
        biased = self._node("Add", [product, bias], f"{name}.biased")
        # SkipLayerNormalization does all three, in five times the time.
        total = self._node("Add", [biased, residual.name], f"{name}.sum")
        return self._normalise(total, norm)

    def _normalise(self, source: str, name: str) -> _Activations:
        normalised = self._node(
            "LayerNormalization",
            [source, *self._norm_constants(name)],
            f"{name}.out",
            axis=-1,
            epsilon=LAYER_NORM_EPSILON,
        )
        return _Activations(name=normalised, spread=self._norm_spread(name))

    def _product(self, source: _Activations, name: str, weight: NDArray[np.float32]) -> str:
        """Multiplies by a weight of shape (outputs, inputs), rounded as the graph is to be."""
        in_attention = ".attention." in name
        if self._quantisation is Quantisation.FP32 or (
            self._quantisation is Quantisation.INT7 and in_attention
        ):
            return self._float_product(source, name, weight)
        if source.spread is not None:
            source, weight = self._smooth(source, name, weight)
        largest_weight = 127 if self._quantisation is Quantisation.INT8 else 63
        scale = np.abs(weight).max(axis=1) / largest_weight
        rounded = np.rint(weight / scale[:, None]).astype(np.int8)
        activations, step, zero, largest = self._quantise(source, name)
        product = self._node(
            "MatMulIntegerToFloat",
            [
                activations,
                self._constant(f"{name}.weight", np.ascontiguousarray(rounded.T)),
                step,
                self._constant(f"{name}.scale", scale),
                zero,
                self._constant(f"{name}.zero", np.zeros(len(weight), np.int8)),
            ],
            f"{name}.product",
            domain=_CONTRIB,
        )
        scaled = self._node("Mul", [product, largest], f"{name}.scaled")
        if source.minimum is None:
            return scaled
        # The activations were moved up by `-minimum`; this moves the product back.
        offset = (source.minimum * scale * rounded.sum(axis=1, dtype=np.int32)).astype(np.float32)
        return self._node(
            "Add", [scaled, self._constant(f"{name}.offset", offset)], f"{name}.moved"
        )

    def _float_product(self, source: _Activations, name: str, weight: NDArray[np.float32]) -> str:
        matrix = self._constant(f"{name}.weight", np.ascontiguousarray(weight.T))
        return self._node("MatMul", [source.name, matrix], f"{name}.product")

    def _smooth(
        self, source: _Activations, name: str, weight: NDArray[np.float32]
    ) -> tuple[_Activations, NDArray[np.float32]]:
        """Moves the size of large channels from the activations into the weight.

        A few channels are far larger than the rest and would take up the 8 bits alone. This is
        SmoothQuant (Xiao et al., 2023) with its strength of one half; the sizes come from the
        normalisation before, so no calibration text is needed.
        """
        factor = np.sqrt(source.spread / np.abs(weight).max(axis=0))
        factor = (factor / np.median(factor)).astype(np.float32)
        inverse = self._constant(f"{name}.smoothing", 1 / factor)
        smooth = self._node("Mul", [source.name, inverse], f"{name}.smooth")
        return _Activations(name=smooth), weight * factor

    def _quantise(self, source: _Activations, name: str) -> tuple[str, str, str, str]:
        """Divides each token's activations by their largest and rounds them to 8 bits.

        Returns:
            The rounded activations, the constants that are their step and their zero, and the
            largest activation of each token.
        """
        if source.minimum is None:
            moved = source.name
            magnitude = self._node("Abs", [moved], f"{name}.magnitude")
            step, zero = 1 / 127, 128
        else:
            shift = self._constant(f"{name}.shift", np.array([-source.minimum], np.float32))
            moved = magnitude = self._node("Add", [source.name, shift], f"{name}.shifted")
            step, zero = 1 / 255, 0
        last = self._constant(f"{name}.last", np.array([-1], np.int64))
        largest = self._node("ReduceMax", [magnitude, last], f"{name}.largest", keepdims=1)
        unit = self._node("Div", [moved, largest], f"{name}.unit")
        step_name = self._constant(f"{name}.step", np.array(step, np.float32))
        zero_name = self._constant(f"{name}.middle", np.array(zero, np.uint8))
        rounded = self._node("QuantizeLinear", [unit, step_name, zero_name], f"{name}.rounded")
        return rounded, step_name, zero_name, largest

    def _norm_constants(self, name: str) -> list[str]:
        return [
            self._constant(f"{name}.{part}", self._weights[f"{name}.{part}"])
            for part in ("weight", "bias")
        ]

    def _norm_spread(self, name: str) -> NDArray[np.float32]:
        """Returns three standard deviations of each channel after a normalisation."""
        spread: NDArray[np.float32] = np.abs(self._weights[f"{name}.bias"]) + 3 * np.abs(
            self._weights[f"{name}.weight"]
        )
        return spread

    def _node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(value, name))
        return name
