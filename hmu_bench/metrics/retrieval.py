"""R-precision and MM-Dist: how well motions and their texts find each other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import (
    Floats,
    checked_rows,
    norms,
    row_blocks,
    squared_distances,
)

# Embeddings are float32 (7 digits): distances that differ by less than this are equal.
TIE = 1e-6


def mm_dist(text: ArrayLike, motion: ArrayLike) -> float:
    """Multimodal distance: the mean of |text_i - motion_i| (N, D each). Lower is better.

    Source: Guo et al., CVPR 2022.

    Raises:
        InputError: for unequal shapes or numbers that are not finite.

    >>> mm_dist([[0.0, 0.0], [1.0, 1.0]], [[3.0, 4.0], [1.0, 1.0]])
    2.5
    """
    first, second = checked_rows(text, motion, ("text", "motion"))
    return float(norms(first - second).mean())


def r_precision(
    text: ArrayLike,
    motion: ArrayLike,
    k: int = 3,
    pool: int = 32,
    *,
    base_clips: Sequence[Hashable] | None = None,
    captions: Sequence[Hashable] | None = None,
) -> Floats:
    """R-precision at 1..k: the exact mean over all pools, without drawing any.

    For every text its own motion is ranked by Euclidean distance among `pool` motions: itself and
    pool - 1 others. Over all choices of those others, P(own is among the k nearest) is
    P(X <= k - 1) for X hypergeometric: pool - 1 drawn out of the candidates, of which those
    nearer than the own motion count. Ties (within 1e-6 relative) are taken in random order and
    averaged over. Higher is better; pool = 32 is the field's; k/pool is chance.

    Source: Guo et al., CVPR 2022 (who draw one random pool each); the expectation is ours.

    Args:
        text: (N, D) embeddings of the texts.
        motion: (N, D) embeddings of their motions.
        k: largest rank that counts as found.
        pool: size of the gallery.
        base_clips: for each row the base clip; motions of the same base clip are no candidates.
        captions: for each row the text itself; motions of the same text are no candidates.

    Returns:
        (k,): R@1 to R@k.

    Raises:
        InputError: where a text has fewer than pool - 1 candidates, for unequal shapes, numbers
            that are not finite, or k outside 1..pool.

    >>> grid = np.arange(40.0)[:, None]
    >>> r_precision(grid, grid)
    array([1., 1., 1.])
    """
    hits = expected_hits(text, motion, k, pool, base_clips=base_clips, captions=captions)
    return np.asarray(hits.mean(axis=0))


def expected_hits(
    text: ArrayLike,
    motion: ArrayLike,
    k: int = 3,
    pool: int = 32,
    *,
    base_clips: Sequence[Hashable] | None = None,
    captions: Sequence[Hashable] | None = None,
) -> Floats:
    """The terms of `r_precision`, prompt by prompt.

    Returns:
        (N, k): for each text the probability that its own motion is among the 1..k nearest.

    Raises:
        InputError: as `r_precision`.
    """
    first, second = checked_rows(text, motion, ("text", "motion"))
    count = len(first)
    if not 1 <= k <= pool:
        raise InputError(f"k = {k} is not in 1..{pool}, the size of the pool")
    keys = [_codes(values, count) for values in (base_clips, captions) if values is not None]
    nearer, tied, candidates = _compare(first, second, keys)
    if candidates.min() < pool - 1:
        row = int(candidates.argmin())
        raise InputError(
            f"R-precision is undefined: text {row} has {candidates[row]} candidates beside its own "
            f"motion, a pool of {pool} needs {pool - 1}"
        )
    hits = np.empty((count, k))
    for total in np.unique(candidates):
        rows = candidates == total
        low, high = nearer[rows], nearer[rows] + tied[rows]
        table = _hit_table(int(total), k, pool)
        # In random order, 0..tied of the tied ones come before the own motion, equally likely.
        sums = np.concatenate([np.zeros((1, k)), np.cumsum(table, axis=0)])
        mean = (sums[high + 1] - sums[low]) / (high - low + 1)[:, None]
        hits[rows] = np.where((low == high)[:, None], table[low], mean)
    return hits


def _compare(
    text: Floats, motion: Floats, keys: Sequence[NDArray[np.intp]]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """For each text: candidates nearer than its own motion, tied with it, and in all."""
    centre = motion.mean(axis=0)
    text, motion = text - centre, motion - centre
    own = np.einsum("nd,nd->n", text - motion, text - motion)
    nearer, tied, candidates = (np.zeros(len(text), dtype=np.intp) for _ in range(3))
    for block in row_blocks(len(text), len(motion)):
        squared = squared_distances(text[block], motion)
        allowed = np.ones(squared.shape, dtype=bool)
        allowed[np.arange(len(squared)), np.arange(block.start, block.stop)] = False
        for key in keys:
            allowed &= key[block, None] != key[None, :]
        # Squared distances: twice the relative tolerance.
        below = squared < own[block, None] * (1.0 - 2.0 * TIE)
        above = squared > own[block, None] * (1.0 + 2.0 * TIE)
        nearer[block] = np.count_nonzero(below & allowed, axis=1)
        tied[block] = np.count_nonzero(~below & ~above & allowed, axis=1)
        candidates[block] = np.count_nonzero(allowed, axis=1)
    return nearer, tied, candidates


def _hit_table(candidates: int, k: int, pool: int) -> Floats:
    """P(at most 0..k-1 of the nearer candidates are drawn), for 0..candidates nearer ones.

    Row b, column j: P(X <= j), X = number of the b nearer ones among pool - 1 drawn without
    replacement. P(X = x) = C(pool-1, x) * (b)_x (candidates-b)_(pool-1-x) / (candidates)_(pool-1)
    with falling factorials, multiplied up factor by factor: no logarithms, no cancellation.
    """
    drawn = pool - 1
    nearer = np.arange(candidates + 1, dtype=np.float64)
    mass = np.zeros((candidates + 1, k))
    ways = 1.0
    for x in range(k):
        probability = np.full(candidates + 1, ways)
        for j in range(x):
            probability *= np.maximum(nearer - j, 0.0) / (candidates - j)
        for j in range(drawn - x):
            probability *= np.maximum(candidates - nearer - j, 0.0) / (candidates - x - j)
        mass[:, x] = probability
        ways *= (drawn - x) / (x + 1)
    return np.minimum(np.cumsum(mass, axis=1), 1.0)


def _codes(values: Sequence[Hashable], count: int) -> NDArray[np.intp]:
    """An integer for each value, equal for equal values."""
    if len(values) != count:
        raise InputError(f"there are {count} rows but {len(values)} base clips or captions")
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values], dtype=np.intp)
