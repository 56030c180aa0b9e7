"""The random draws of the paper's protocol: made from a seed, or replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError

Indices = NDArray[np.intp]

REPEATS = 20
DIVERSITY_TIMES = 300
MULTIMODALITY_TIMES = 10
# In the first three batches the reference generates 30 motions a prompt.
MULTIMODALITY_BATCHES = 3
GENERATIONS = 30


@dataclass(frozen=True)
class Draws:
    """What one repeat of the evaluation draws.

    Attributes:
        diversity: two index lists of equal length into the generated motions, in batch order.
        multimodality: two index lists into the motions of one prompt; None without multimodality.
    """

    diversity: tuple[Indices, Indices]
    multimodality: tuple[Indices, Indices] | None = None


def draw(generator: np.random.RandomState, population: int, size: int) -> Indices:
    """`size` of `population` indices without replacement, as numpy's legacy `choice` draws them.

    >>> draw(np.random.RandomState(0), 5, 3).tolist()
    [2, 0, 1]
    """
    return np.asarray(generator.permutation(population)[:size], dtype=np.intp)


def draw_repeats(
    samples: int,
    *,
    seed: int,
    repeats: int = REPEATS,
    generations: int | None = GENERATIONS,
) -> list[Draws]:
    """The draws of all repeats, from one generator.

    Quirks: min(300, samples) for diversity, so that up to 300 samples both lists are permutations
    of all of them; the two lists are independent, so that a motion can meet itself; the same ten
    pairs of generations serve all prompts; multimodality is drawn before diversity, so that
    leaving it out (generations=None) moves the draws of diversity.

    Args:
        samples: number of generated motions.
        seed: of `numpy.random.RandomState`, which numpy keeps unchanged for good.
        repeats: how often the evaluation is repeated.
        generations: motions of one prompt; None where multimodality is not measured.

    Raises:
        InputError: for fewer than 11 generations (the reference asserts more than it draws).
    """
    if samples < 1 or repeats < 1:
        raise InputError(f"{samples} samples and {repeats} repeats: both must be at least 1")
    if generations is not None and generations <= MULTIMODALITY_TIMES:
        raise InputError(
            f"{generations} motions a prompt; the paper's multimodality draws "
            f"{MULTIMODALITY_TIMES} pairs and needs more than that",
            fix="leave it out, or use metrics.multimodality, which takes all pairs",
        )
    generator = np.random.RandomState(seed)
    times = min(DIVERSITY_TIMES, samples)
    result = []
    for _ in range(repeats):
        pairs = None
        if generations is not None:
            pairs = (
                draw(generator, generations, MULTIMODALITY_TIMES),
                draw(generator, generations, MULTIMODALITY_TIMES),
            )
        result.append(
            Draws((draw(generator, samples, times), draw(generator, samples, times)), pairs)
        )
    return result


def batches_of(order: Sequence[int] | NDArray[np.integer], size: int = 32) -> list[Indices]:
    """The samples of each batch, taken in `order`; quirk: the last batch may be smaller.

    >>> [batch.tolist() for batch in batches_of([4, 2, 0, 1, 3], size=2)]
    [[4, 2], [0, 1], [3]]
    """
    indices = np.asarray(order, dtype=np.intp)
    return [indices[start : start + size] for start in range(0, len(indices), size)]
