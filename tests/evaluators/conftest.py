"""The small random evaluator and its oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hmu_bench.evaluators.loading import Evaluator, load_evaluator

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "evaluators"


@dataclass(frozen=True)
class Oracle:
    """Inputs and reference embeddings."""

    motions: list[np.ndarray]  # normalised, raw_length frames
    lengths: np.ndarray
    tails: np.ndarray
    words: np.ndarray
    parts_of_speech: np.ndarray
    text_lengths: np.ndarray
    expected: dict[str, np.ndarray]

    def cut(self) -> Iterator[tuple[np.ndarray, int]]:
        for motion, length in zip(self.motions, self.lengths, strict=True):
            yield motion[:length], int(length)


def random_vectors() -> np.ndarray:
    """The word vectors of the oracles."""
    draws = np.random.default_rng(20240501).standard_normal((4199, 300))
    return (0.4 * draws).astype(np.float16)


def oracle(inputs: dict[str, np.ndarray], outputs: dict[str, np.ndarray]) -> Oracle:
    ends = np.cumsum(inputs["raw_length"])
    frames = inputs["frames"].astype(np.float32)
    return Oracle(
        motions=np.split(frames, ends[:-1]),
        lengths=inputs["m_length"],
        tails=inputs["tails"].astype(np.float32),
        words=inputs["word_emb"].astype(np.float32),
        parts_of_speech=inputs["pos_onehot"].astype(np.float32),
        text_lengths=inputs["cap_len"],
        expected=outputs,
    )


@pytest.fixture(scope="session")
def synthetic_oracle() -> Oracle:
    inputs = dict(np.load(FIXTURES / "small_inputs.npz"))
    inputs["word_emb"] = random_vectors()[inputs.pop("word_rows")]
    inputs["pos_onehot"] = np.eye(15)[inputs.pop("pos_class")]
    return oracle(inputs, dict(np.load(FIXTURES / "small_outputs.npz")))


@pytest.fixture(scope="session")
def real_oracle(shared: Path) -> Oracle:
    folder = shared / "parity" / "evaluator_small"
    return oracle(
        dict(np.load(folder / "inputs_real.npz")), dict(np.load(folder / "outputs_real.npz"))
    )


@pytest.fixture(scope="session")
def small_folder() -> Path:
    return FIXTURES / "small"


@pytest.fixture(scope="session")
def small(small_folder: Path) -> Evaluator:
    return load_evaluator(small_folder, device="cpu")
