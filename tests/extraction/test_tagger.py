"""The tagger: its weights, how it makes spans of scores, and what it may add to the rules."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from spectron_extraction.builtin import tagger
from spectron_extraction.builtin.tagger import (
    NOTHING,
    Tagger,
    TaggerWeightsError,
)
from spectron_extraction.builtin.token_states import TokenStates
from spectron_server.index.embedder import MiniLmEmbedder
from tests.extraction.support import ONTOLOGY


def made(labels: Sequence[str] = (NOTHING, "likes", "hobby")) -> Tagger:
    """Returns a tagger for states that are the labels' own scores."""
    width = len(labels)
    return Tagger(
        labels=tuple(labels),
        hidden=np.eye(width, dtype=np.float32),
        hidden_bias=np.zeros(width, np.float32),
        output=10 * np.eye(width, dtype=np.float32),
        output_bias=np.zeros(width, np.float32),
    )


def states(text: str, told: Mapping[str, int], *pieces: str) -> TokenStates:
    """Returns states by which each piece of a text has the label that is told, or none."""
    places = [(0, 0)]
    for piece in pieces:
        start = text.index(piece, places[-1][1])
        places.append((start, start + len(piece)))
    labels = [0, *(told.get(piece, 0) for piece in pieces)]
    return TokenStates(places=tuple(places), states=np.eye(3, dtype=np.float32)[labels])


def test_words_beside_each_other_make_a_span() -> None:
    text = "i adore green tea and chess"
    read = states(text, {"green": 1, "tea": 1, "chess": 2}, *text.split())
    found = made().spans(text, read)
    assert [(text[span.start : span.end], span.key) for span in found] == [
        ("green tea", "likes"),
        ("chess", "hobby"),
    ]
    assert all(span.score > 0.9 for span in found)


def test_pieces_of_a_word_are_taken_together() -> None:
    text = "gokarting!"
    read = states(text, {"gok": 2, "art": 2}, "gok", "art", "ing", "!")
    assert [(span.start, span.end) for span in made().spans(text, read)] == [(0, 9)]


def test_nothing_is_likely_in_nothing() -> None:
    assert made().spans("", states("", {})) == []


def test_the_weights_of_the_package_are_what_the_loader_expects(embedder: MiniLmEmbedder) -> None:
    loaded = Tagger.load()
    read = embedder.token_states("I could live on dumplings.")
    assert read.states.shape == (len(read.places), loaded.width)
    assert loaded.labels[0] == NOTHING
    definitions = [ONTOLOGY.definition(label) for label in loaded.labels[1:]]
    assert [each.name for each in definitions if each] == list(loaded.labels[1:])
    shares = loaded.probabilities(read.states)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)


@dataclass
class Package:
    """Stands for the files of a package: each has the same content."""

    content: bytes

    def joinpath(self, _name: str) -> "Package":
        return self

    def read_bytes(self) -> bytes:
        return self.content


def stored(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 and no more",
        stored(labels=np.array([NOTHING, "likes"])),
        stored(
            labels=np.array([NOTHING, "likes"]),
            hidden=np.zeros((4, 3), np.float16),
            hidden_bias=np.zeros(3, np.float32),
            output=np.zeros((3, 5), np.float16),
            output_bias=np.zeros(2, np.float32),
        ),
    ],
    ids=["empty", "cut off", "incomplete", "of other shapes"],
)
def test_damaged_weights_are_refused(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(tagger, "files", lambda _package: Package(content))
    with pytest.raises(TaggerWeightsError):
        Tagger.load()
