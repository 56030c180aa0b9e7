"""The means over prompts of protocol `hmu-1`, from embeddings: value, interval, terms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked, norms
from hmu_bench.metrics.intervals.bootstrap import cluster_bootstrap_mean, cluster_bootstrap_means
from hmu_bench.metrics.intervals.clusters import Groups, clusters_of
from hmu_bench.metrics.intervals.estimate import Estimate, undefined
from hmu_bench.metrics.retrieval import expected_hits


def mm_dist_interval(text: ArrayLike, motions: ArrayLike, groups: Groups) -> Estimate:
    """`metrics.mm_dist` with its interval; a prompt's value is the mean over its repeats.

    Args:
        text: (N, D) embeddings of the captions.
        motions: (N, D) embeddings of the motions, or (R, N, D) of R repeats.
        groups: (N,) the base clip of each prompt.

    Raises:
        InputError: for unequal shapes, numbers that are not finite, groups that do not fit.
    """
    plain, stack = _checked(text, motions)
    apart = np.stack([norms(rows - plain) for rows in stack])
    return cluster_bootstrap_mean(apart.mean(axis=0), groups)


def r_precision_intervals(
    text: ArrayLike,
    motions: ArrayLike,
    groups: Groups,
    captions: Sequence[str],
    *,
    k: int = 3,
    pool: int = 32,
) -> list[Estimate]:
    """R-precision at 1 to k with intervals, as the exact mean over all pools.

    See `metrics.r_precision`: the candidates of a text are the motions of the same repeat, without
    those of its base clip and of the same caption. A prompt's value is the mean over its repeats.

    Args:
        text: (N, D) embeddings of the captions.
        motions: (N, D) embeddings of the motions, or (R, N, D) of R repeats.
        groups: (N,) the base clip of each prompt.
        captions: (N,) the captions.
        k: largest rank that counts as found.
        pool: size of the gallery.

    Returns:
        k estimates; undefined where a text has fewer than pool - 1 candidates.

    Raises:
        InputError: for unequal shapes, numbers that are not finite, groups that do not fit.
    """
    plain, stack = _checked(text, motions)
    clips = clusters_of(groups, len(plain)).codes
    texts = clusters_of(np.asarray(captions, dtype=np.str_), len(plain)).codes
    fewest = int(_candidates(clips, texts).min())
    if fewest < pool - 1:
        why = f"a text has {fewest} candidates beside its own motion, a pool of {pool} needs"
        return [undefined(f"{why} {pool - 1}", n=len(plain))] * k
    keys = {"base_clips": clips.tolist(), "captions": texts.tolist()}
    hits = np.mean([expected_hits(plain, rows, k, pool, **keys) for rows in stack], axis=0)
    return cluster_bootstrap_means(list(hits.T), groups)


def multimodality_interval(motions: ArrayLike, groups: Groups) -> Estimate:
    """`metrics.multimodality` with its interval.

    Args:
        motions: (R, N, D) embeddings of R repeats.
        groups: (N,) the base clip of each prompt.

    Returns:
        The estimate; undefined for a single repeat.

    Raises:
        InputError: for numbers that are not finite or groups that do not fit.
    """
    stack = checked(motions, "motions", dimensions=3)
    repeats = len(stack)
    if repeats < 2:
        return undefined("one motion a prompt; multimodality needs 2", n=stack.shape[1])
    sums = np.zeros(stack.shape[1])
    for first in range(repeats - 1):
        for second in range(first + 1, repeats):
            sums += norms(stack[first] - stack[second])
    return cluster_bootstrap_mean(sums / (repeats * (repeats - 1) / 2), groups)


def _candidates(clips: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """For each row how many rows have another clip and another text."""
    both = clips * (int(texts.max()) + 1) + texts
    excluded = [np.bincount(codes)[codes] for codes in (clips, texts)]
    _, place, counts = np.unique(both, return_inverse=True, return_counts=True)
    return np.asarray(len(clips) - excluded[0] - excluded[1] + counts[place])


def _checked(text: ArrayLike, motions: ArrayLike) -> tuple[Floats, Floats]:
    """(N, D) and (R, N, D)."""
    plain, array = checked(text, "text"), np.asarray(motions)
    stack = checked(array[None] if array.ndim == 2 else array, "motions", dimensions=3)
    if stack.shape[1:] != plain.shape:
        raise InputError(f"text has shape {plain.shape}, motions {stack.shape}")
    return plain, stack
