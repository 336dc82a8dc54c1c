"""Makes a chat model of a few hundred thousand random weights, which a real engine can serve.

What it writes makes no sense, but its structure is what the engine lets it be. The files are
written as they are, which takes a second, and needs no PyTorch.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

CONTEXT: Final = 16_384
_SEED: Final = 20_241_115
_SPREAD: Final = 0.02
_VOCABULARY: Final = 2_048
_HIDDEN: Final = 64
_INTERMEDIATE: Final = 128
_LAYERS: Final = 2
_HEADS: Final = 2
_HEAD: Final = 32
_SPECIAL: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_PADDING_ID, _, _END_ID = range(len(_SPECIAL))
_TEMPLATE: Final = (
    "{% for message in messages %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make(directory: Path) -> None:
    """Writes weights, configuration and tokenizer.

    Args:
        directory: Where to; it need not exist.
    """
    directory.mkdir(parents=True, exist_ok=True)
    save_file(_weights(), directory / "model.safetensors", metadata={"format": "pt"})
    _tokenizer().save(str(directory / "tokenizer.json"))
    for name, content in (("config", _config()), ("tokenizer_config", _tokenizer_config())):
        (directory / f"{name}.json").write_text(json.dumps(content, indent=2), "utf-8")


def _weights() -> dict[str, np.ndarray]:
    random = np.random.default_rng(_SEED)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return random.normal(0, _SPREAD, (rows, columns)).astype(np.float32)

    def ones(length: int) -> np.ndarray:
        return np.ones(length, np.float32)

    attention = _HEADS * _HEAD
    weights = {"embed_tokens": matrix(_VOCABULARY, _HIDDEN), "norm": ones(_HIDDEN)}
    for layer in range(_LAYERS):
        weights |= {
            f"layers.{layer}.{name}": weight
            for name, weight in {
                "input_layernorm": ones(_HIDDEN),
                "self_attn.q_proj": matrix(attention, _HIDDEN),
                "self_attn.k_proj": matrix(attention, _HIDDEN),
                "self_attn.v_proj": matrix(attention, _HIDDEN),
                "self_attn.o_proj": matrix(_HIDDEN, attention),
                "self_attn.q_norm": ones(_HEAD),
                "self_attn.k_norm": ones(_HEAD),
                "post_attention_layernorm": ones(_HIDDEN),
                "mlp.gate_proj": matrix(_INTERMEDIATE, _HIDDEN),
                "mlp.up_proj": matrix(_INTERMEDIATE, _HIDDEN),
                "mlp.down_proj": matrix(_HIDDEN, _INTERMEDIATE),
            }.items()
        }
    return {f"model.{name}.weight": weight for name, weight in weights.items()}


def _config() -> dict[str, object]:
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "dtype": "float32",
        "vocab_size": _VOCABULARY,
        "hidden_size": _HIDDEN,
        "intermediate_size": _INTERMEDIATE,
        "num_hidden_layers": _LAYERS,
        "num_attention_heads": _HEADS,
        "num_key_value_heads": _HEADS,
        "head_dim": _HEAD,
        "max_position_embeddings": CONTEXT,
        "tie_word_embeddings": True,
        "bos_token_id": None,
        "eos_token_id": _END_ID,
        "pad_token_id": _PADDING_ID,
    }


def _tokenizer() -> Tokenizer:
    root = Path(__file__).parents[2]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train(
        [str(path) for path in sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")])],
        trainers.BpeTrainer(
            vocab_size=_VOCABULARY,
            special_tokens=list(_SPECIAL),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return tokenizer


def _tokenizer_config() -> dict[str, object]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": _SPECIAL[_END_ID],
        "pad_token": _SPECIAL[_PADDING_ID],
        "model_max_length": CONTEXT,
        "chat_template": _TEMPLATE,
    }
