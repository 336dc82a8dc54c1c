"""Makes a chat model of a few hundred thousand random weights, which a real engine can serve.

What it writes makes no sense, but its structure is what the engine lets it be. It runs in the
engine's environment: `python tiny_model.py DIRECTORY`.
"""

import sys
from pathlib import Path
from typing import Final

import torch  # type: ignore[import-not-found]  # only the engine's environment has it
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (  # type: ignore[import-not-found]
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

VOCABULARY: Final = 2_048
CONTEXT: Final = 16_384
_SEED: Final = 20_241_115
_START, _END, _PADDING = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
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
    root = Path(__file__).parents[2]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train(
        [str(path) for path in sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")])],
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=[_PADDING, _START, _END],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=_END, pad_token=_PADDING, model_max_length=CONTEXT
    )
    wrapped.chat_template = _TEMPLATE
    wrapped.save_pretrained(directory)
    torch.manual_seed(_SEED)
    Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=VOCABULARY,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=32,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            eos_token_id=wrapped.eos_token_id,
            pad_token_id=wrapped.pad_token_id,
            bos_token_id=None,
        )
    ).save_pretrained(directory)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
