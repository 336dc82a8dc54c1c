"""Trains the tagger of the built-in extractor, and writes its weights.

    python -m extraction.training.train             train on everything and write the weights
    python -m extraction.training.train --held-out  train on a part, and score it on the rest

It needs nothing but the server's own packages, and some minutes of one core. The same seed gives
the same utterances and, on the same machine, the same weights. The encoder is not trained: its
states are computed once, and a hidden layer and an output layer are fitted to them with Adam
(Kingma and Ba, 2015).
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import spectron_extraction.builtin
from extraction.training.corpus import Example, Templates, utterances
from spectron_extraction.builtin.tagger import NOTHING, WEIGHTS, Tagger
from spectron_extraction.builtin.token_states import TokenStates
from spectron_server.index.embedder import MiniLmEmbedder

EACH: Final = 6
UNITS: Final = 128
EPOCHS: Final = 10
BATCH: Final = 1024
PEAK_RATE: Final = 0.006
DECAY: Final = 0.02
SMOOTHING: Final = 0.02
"""The share of certainty that is spread over all labels."""
INPUT_DROPOUT: Final = 0.2
UNIT_DROPOUT: Final = 0.3
HELD_OUT: Final = 0.15

Array = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadExample:
    """An utterance with what the encoder makes of it, its states in half precision."""

    example: Example
    places: tuple[tuple[int, int], ...]
    states: NDArray[np.float16]

    @property
    def read(self) -> TokenStates:
        """As the tagger takes it."""
        return TokenStates(places=self.places, states=self.states.astype(np.float32))

    def labels(self, numbers: Mapping[str, int]) -> NDArray[np.int64]:
        """Returns the number of each token's label."""
        found = np.zeros(len(self.places), np.int64)
        for index, (start, end) in enumerate(self.places):
            for first, last, key in self.example.values:
                if start < last and first < end:
                    found[index] = numbers[key]
        return found


def read(examples: Sequence[Example], embedder: MiniLmEmbedder) -> list[ReadExample]:
    """Computes the states of utterances."""
    found = []
    for number, example in enumerate(examples, start=1):
        states = embedder.token_states(example.text)
        found.append(
            ReadExample(
                example=example, places=states.places, states=states.states.astype(np.float16)
            )
        )
        if number % 1000 == 0:
            print(f"read {number:,} of {len(examples):,} utterances", flush=True)
    return found


class Trainer:
    """Fits the two layers."""

    def __init__(self, width: int, labels: int, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self.weights: list[Array] = [
            self._drawn(width, UNITS),
            np.zeros(UNITS, np.float32),
            self._drawn(UNITS, labels),
            np.zeros(labels, np.float32),
        ]
        self._means = [np.zeros_like(weight) for weight in self.weights]
        self._squares = [np.zeros_like(weight) for weight in self.weights]
        self._step = 0

    def _drawn(self, rows: int, columns: int) -> Array:
        bound = rows**-0.5
        return self._chance.uniform(-bound, bound, (rows, columns)).astype(np.float32)

    def fit(self, states: NDArray[np.float16], labels: NDArray[np.int64]) -> None:
        """Goes through all tokens `EPOCHS` times.

        Args:
            states: `(tokens, width)`.
            labels: `(tokens,)`.
        """
        steps = EPOCHS * -(-len(labels) // BATCH)
        for epoch in range(1, EPOCHS + 1):
            order = self._chance.permutation(len(labels))
            loss = 0.0
            for start in range(0, len(order), BATCH):
                batch = order[start : start + BATCH]
                gradients, own = self._gradients(states[batch].astype(np.float32), labels[batch])
                self._descend(gradients, _rate(self._step / steps))
                loss += own * len(batch)
            print(f"epoch {epoch}: loss {loss / len(labels):.4f}", flush=True)

    def _gradients(self, states: Array, labels: NDArray[np.int64]) -> tuple[list[Array], float]:
        hidden, hidden_bias, output, output_bias = self.weights
        states = states * self._kept(states.shape, INPUT_DROPOUT)
        raw = states @ hidden + hidden_bias
        kept = self._kept(raw.shape, UNIT_DROPOUT) * (raw > 0)
        units = raw * kept
        scores = units @ output + output_bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        wanted = np.full_like(shares, SMOOTHING / shares.shape[1])
        wanted[rows, labels] += 1 - SMOOTHING
        error = (shares - wanted) / len(labels)
        back = (error @ output.T) * kept
        loss = -float((wanted * np.log(shares + 1e-9)).sum(axis=1).mean())
        return [states.T @ back, back.sum(axis=0), units.T @ error, error.sum(axis=0)], loss

    def _kept(self, shape: tuple[int, ...], dropout: float) -> Array:
        mask = self._chance.random(shape, np.float32) >= dropout
        return mask.astype(np.float32) / np.float32(1 - dropout)

    def _descend(self, gradients: Sequence[Array], rate: float) -> None:
        self._step += 1
        for number, gradient in enumerate(gradients):
            self._means[number] += 0.1 * (gradient - self._means[number])
            self._squares[number] += 0.001 * (gradient**2 - self._squares[number])
            mean = self._means[number] / (1 - 0.9**self._step)
            spread = np.sqrt(self._squares[number] / (1 - 0.999**self._step)) + 1e-8
            step = mean / spread + DECAY * self.weights[number]
            self.weights[number] -= np.float32(rate) * step


def _rate(done: float) -> float:
    """Returns the rate of learning: it rises over the first third, then falls to nothing."""
    rising = 0.3
    share = done / rising if done < rising else (1 - done) / (1 - rising)
    return PEAK_RATE * max(share, 0.01)


def train(examples: Sequence[ReadExample], seed: int) -> dict[str, NDArray[Any]]:
    """Returns the weights in the form in which they are kept."""
    keys = sorted({key for each in examples for _, _, key in each.example.values})
    numbers = {key: number for number, key in enumerate([NOTHING, *keys])}
    states = np.concatenate([each.states for each in examples])
    labels = np.concatenate([each.labels(numbers) for each in examples])
    trainer = Trainer(states.shape[1], len(numbers), seed)
    trainer.fit(states, labels)
    hidden, hidden_bias, output, output_bias = trainer.weights
    return {
        "labels": np.array(list(numbers)),
        "hidden": hidden.astype(np.float16),
        "hidden_bias": hidden_bias,
        "output": output.astype(np.float16),
        "output_bias": output_bias,
    }


def scores(tagger: Tagger, examples: Sequence[ReadExample]) -> Iterator[str]:
    """Yields the figures of a tagger at several bounds, in lines."""
    expected = sum(len(each.example.values) for each in examples)
    rows = []
    for each in examples:
        for span in tagger.spans(each.example.text, each.read):
            met = [
                value
                for value in each.example.values
                if value[0] < span.end and span.start < value[1]
            ]
            exact = (span.start, span.end, span.key) in met
            rows.append((span.score, bool(met), any(key == span.key for *_, key in met), exact))
    yield "bound   spans  precision  with the key  exact  recall"
    for bound in (0.5, 0.6, 0.65, 0.7, 0.8, 0.9):
        some = [row[1:] for row in rows if row[0] >= bound]
        right, keyed, same = (sum(column) for column in zip(*some, strict=True))
        count = len(some)
        yield (
            f"{bound:.2f} {count:8,} {right / count:10.3f} {keyed / count:13.3f} "
            f"{same / count:6.3f} {right / expected:7.3f}"
        )


def tagger_of(weights: Mapping[str, NDArray[Any]]) -> Tagger:
    """Returns a tagger with weights that were not written yet."""
    return Tagger(
        labels=tuple(map(str, weights["labels"])),
        hidden=weights["hidden"].astype(np.float32),
        hidden_bias=weights["hidden_bias"],
        output=weights["output"].astype(np.float32),
        output_bias=weights["output_bias"],
    )


def main() -> int:
    """Runs the program and returns its exit status."""
    parser = argparse.ArgumentParser(prog="train", description=__doc__.partition("\n")[0])
    parser.add_argument("--held-out", action="store_true", help="score a part; write nothing")
    parser.add_argument("--seed", type=int, default=1, help="decides all that is drawn")
    arguments = parser.parse_args()
    templates = Templates.read()
    kept, rest = templates.halves(1 - HELD_OUT, arguments.seed)
    with TemporaryDirectory() as directory:
        embedder = MiniLmEmbedder.load(Path(directory), threads=1)
    used = kept if arguments.held_out else templates
    examples = list(utterances(used, each=EACH, seed=arguments.seed))
    weights = train(read(examples, embedder), arguments.seed)
    if arguments.held_out:
        tested = read(list(utterances(rest, each=EACH, seed=arguments.seed + 1)), embedder)
        print("\n".join(scores(tagger_of(weights), tested)))
        return 0
    package = Path(spectron_extraction.builtin.__file__).parent
    np.savez_compressed(package / WEIGHTS, **weights)  # type: ignore[arg-type]
    print(f"Wrote {package / WEIGHTS}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
