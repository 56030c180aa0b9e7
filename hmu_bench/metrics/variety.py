"""Diversity and multimodality: how far motions lie apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import checked, norms, row_blocks, squared_distances


def diversity(motion: ArrayLike) -> float:
    """Mean Euclidean distance over all pairs of motions of different prompts.

    Exact: every pair once, none of a motion with itself, nothing drawn. Neither high nor low is
    good in itself; the value of real motions is the target.

    Source: Guo et al., CVPR 2022 (who draw 300 pairs).

    Args:
        motion: (N, D) motion embeddings, one a prompt, N >= 2.

    Raises:
        InputError: for fewer than 2 rows or numbers that are not finite.

    >>> diversity([[0.0], [3.0], [9.0]])
    6.0
    """
    rows = checked(motion, "motion")
    count = len(rows)
    if count < 2:
        raise InputError("has 1 row; a distance needs 2", key="motion")
    rows = rows - rows.mean(axis=0)
    total = 0.0
    for block in row_blocks(count, count):
        distances = np.sqrt(squared_distances(rows[block], rows[block.start :]))
        total += float(np.triu(distances, k=1).sum())
    return total / (count * (count - 1) / 2)


def multimodality(motion_repeats: ArrayLike) -> float:
    """Mean Euclidean distance over all pairs of motions of the same prompt. Higher is better.

    Exact: every pair of repeats once, for every prompt.

    Source: Guo et al., CVPR 2022 (who draw 10 pairs).

    Args:
        motion_repeats: (N, R, D) embeddings of R >= 2 motions for each of N prompts.

    Raises:
        InputError: for fewer than 2 repeats or numbers that are not finite.

    >>> multimodality([[[0.0], [3.0], [9.0]]])
    6.0
    """
    stacked = checked(motion_repeats, "motion_repeats", dimensions=3)
    prompts, repeats, _ = stacked.shape
    if repeats < 2:
        raise InputError("has 1 motion a prompt; multimodality needs 2", key="motion_repeats")
    total = 0.0
    for first in range(repeats - 1):
        for second in range(first + 1, repeats):
            total += float(np.sum(norms(stacked[:, first] - stacked[:, second])))
    pairs = prompts * repeats * (repeats - 1) // 2
    return float(total / pairs)
