"""What an evaluator is trained on: motions with captions, their statistics, batches of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError

FRAMES_PER_TOKEN = 4
MAX_FRAMES = 196
NUM_FEATURES = 263
# The parts of the 263 features that share one unit, and in HumanML3D one standard deviation: root
# rotation, root velocity, root height, joint positions, rotations, joint velocities, contacts.
BLOCKS = (0, 1, 3, 4, 67, 193, 259, 263)
SMALLEST_DEVIATION = 1e-3

Motion = NDArray[np.float32]


@dataclass(frozen=True)
class Pairs:
    """Motions and the captions of each. The sequences may read from disk when indexed.

    Attributes:
        motions: (frames, 263) each, denormalised, 20 frames a second; frames after the 196th are
            not used.
        texts: for each motion one or more captions as `word/POS word/POS ...`.
    """

    motions: Sequence[Motion]
    texts: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        if len(self.motions) != len(self.texts):
            raise InputError(f"{len(self.motions)} motions but {len(self.texts)} sets of captions")
        for number, captions in enumerate(self.texts):
            if not captions or isinstance(captions, str):
                raise InputError("the motion needs a list of captions", key=f"motion {number}")

    def __len__(self) -> int:
        return len(self.motions)


@dataclass(frozen=True)
class Statistics:
    """Mean and standard deviation (263,), float32, with which features are normalised."""

    mean: NDArray[np.float32]
    std: NDArray[np.float32]

    def normalise(self, motion: Motion) -> Motion:
        """(motion - mean) / std."""
        return (motion - self.mean) / self.std


def feature_statistics(motions: Sequence[Motion]) -> Statistics:
    """Statistics over all frames, in one pass; deviations are averaged within each block.

    Averaging keeps features of one kind comparable (a joint that hardly moves is not blown up). A
    block that never changes gets the deviation 1e-3.

    Raises:
        InputError: if there is no frame.
    """
    count, total, squares = 0, np.zeros(NUM_FEATURES), np.zeros(NUM_FEATURES)
    shift = np.asarray(motions[0][:1], np.float64).sum(axis=0) if len(motions) else 0.0
    for motion in motions:
        centred = motion.astype(np.float64) - shift  # so that squares do not cancel
        count += len(motion)
        total += centred.sum(axis=0)
        squares += (centred**2).sum(axis=0)
    if count == 0:
        raise InputError("no frames to take statistics of")
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    for start, stop in itertools.pairwise(BLOCKS):
        std[start:stop] = max(std[start:stop].mean(), SMALLEST_DEVIATION)
    return Statistics((mean + shift).astype(np.float32), std.astype(np.float32))


@dataclass(frozen=True)
class Batch:
    """Some motions, normalised and padded with zeros, with one caption each.

    Attributes:
        numbers: (N,) which motions they are.
        features: (N, frames, 263) float32.
        lengths: (N,) frames of each, a multiple of 4.
        texts: one caption each.
    """

    numbers: NDArray[np.int64]
    features: NDArray[np.float32]
    lengths: NDArray[np.int64]
    texts: list[str]


def batches(
    pairs: Pairs, statistics: Statistics, size: int, random: np.random.Generator
) -> Iterator[Batch]:
    """One epoch: every motion once, in random order, with a random caption and a random crop.

    A last batch of one is left out (it has no mismatched pair).
    """
    order = random.permutation(len(pairs))
    for start in range(0, len(order), size):
        numbers = order[start : start + size]
        if len(numbers) < 2:
            return
        crops, texts = [], []
        for number in map(int, numbers):
            captions = pairs.texts[number]
            texts.append(captions[int(random.integers(len(captions)))])
            crops.append(random_crop(pairs.motions[number], random))
        lengths = np.array([len(crop) for crop in crops])
        # Four zero frames more than the longest: what follows cannot reach a token that is read.
        features = np.zeros((len(crops), int(lengths.max()) + 4, NUM_FEATURES), np.float32)
        for row, crop in zip(features, crops, strict=True):
            row[: len(crop)] = statistics.normalise(crop)
        yield Batch(numbers, features, lengths, texts)


def whole_batches(pairs: Pairs, statistics: Statistics, size: int = 32) -> Iterator[Batch]:
    """Every motion from its start, padded to 196 frames, with its first caption; in order."""
    for first in range(0, len(pairs), size):
        numbers = range(first, min(first + size, len(pairs)))
        motions = [pairs.motions[number] for number in numbers]
        lengths = np.array([min(len(m), MAX_FRAMES) // 4 * 4 for m in motions], np.int64)
        features = np.zeros((len(motions), MAX_FRAMES, NUM_FEATURES), np.float32)
        for row, motion, length in zip(features, motions, lengths, strict=True):
            row[:length] = statistics.normalise(motion[:length])
        texts = [pairs.texts[number][0] for number in numbers]
        yield Batch(np.array(numbers), features, lengths, texts)


def random_crop(motion: Motion, random: np.random.Generator) -> Motion:
    """Whole movement tokens from a random start: all that fit, or (1 in 3) one less."""
    usable = min(len(motion), MAX_FRAMES) // FRAMES_PER_TOKEN
    if usable < 1:
        raise InputError(f"a motion has {len(motion)} frames; at least 4 are needed")
    if usable > 1 and random.random() < 1 / 3:
        usable -= 1
    length = usable * FRAMES_PER_TOKEN
    start = int(random.integers(len(motion) - length + 1))
    return motion[start : start + length]


def windows(
    pairs: Pairs,
    statistics: Statistics,
    frames: int,
    size: int,
    steps: int,
    random: np.random.Generator,
) -> Iterator[NDArray[np.float32]]:
    """`steps` batches (size, frames, 263) of random normalised windows, for the autoencoder.

    Motions are drawn with equal chance; one that is too short is repeated to the end.
    """
    for _ in range(steps):
        batch = np.empty((size, frames, NUM_FEATURES), np.float32)
        for row, number in zip(batch, random.integers(len(pairs), size=size), strict=True):
            motion = pairs.motions[int(number)]
            start = int(random.integers(max(len(motion) - frames, 0) + 1))
            row[:] = np.resize(statistics.normalise(motion[start : start + frames]), row.shape)
        yield batch
