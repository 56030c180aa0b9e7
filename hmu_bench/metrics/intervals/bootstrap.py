"""Means over prompts: the cluster bootstrap, with weights over cluster sums."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked
from hmu_bench.metrics.intervals.clusters import Clusters, Groups, clusters_of
from hmu_bench.metrics.intervals.estimate import Estimate, t_quantile, with_interval

RESAMPLES = 10_000
SEED = 20_240_601
# Drawn indices of one block of resamples (8 MiB).
_BLOCK = 1 << 20


def cluster_bootstrap_mean(
    values: ArrayLike, groups: Groups, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Estimate:
    """Mean over prompts with a bootstrap interval whose unit is the base clip.

    Base clips are drawn with replacement, as many as there are, and the mean is taken anew over
    all their prompts (a ratio: sum of the cluster sums / sum of the cluster sizes). The interval
    is the *expanded* percentile interval: percentiles at Phi(-+ sqrt(G / (G - 1)) t), t Student's
    97.5 % quantile with G - 1 degrees of freedom; plain percentiles are too narrow for few
    clusters. The standard error is that of the resampled means times sqrt(G / (G - 1)), freed from
    the chance of the draws; for clusters of one size it is the closed form (s / sqrt(n) for one
    prompt a clip).

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993 (ratio of cluster sums:
    Cochran, Sampling Techniques, 1977, chapter 6); Hesterberg, What Teachers Should Know About the
    Bootstrap, The American Statistician 2015 (expansion).

    Args:
        values: (N,) one value a prompt (the mean over its repeats).
        groups: (N,) the base clip of each prompt.
        resamples: number of resamples.
        seed: of the draws; the same seed gives the same interval on every machine, whatever the
            order of the rows (up to rounding).

    Returns:
        The mean, `terms` the values. Below 8 base clips, or where all agree, without an interval.

    Raises:
        InputError: for no values, values that are not finite, or groups that do not fit.

    >>> estimate = cluster_bootstrap_mean(np.arange(100.0), np.arange(100))
    >>> estimate.value, round(estimate.standard_error, 4)
    (49.5, 2.9011)
    """
    return cluster_bootstrap_means([values], groups, resamples=resamples, seed=seed)[0]


def cluster_bootstrap_means(
    columns: list[ArrayLike], groups: Groups, *, resamples: int = RESAMPLES, seed: int = SEED
) -> list[Estimate]:
    """`cluster_bootstrap_mean` of several metrics on the same prompts, from one set of resamples.

    Args:
        columns: each (N,), one value a prompt.
        groups: (N,) the base clip of each prompt.
        resamples: number of resamples.
        seed: of the draws.

    Raises:
        InputError: as `cluster_bootstrap_mean`, and for columns of different lengths.
    """
    rows = [checked(column, "values", dimensions=1) for column in columns]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise InputError(f"columns of {[len(row) for row in rows]} values; they must be equal")
    table = np.stack(rows, axis=1)
    clusters = clusters_of(groups, len(table))
    totals = _resampled_totals(table, clusters, resamples, seed)
    return [
        _estimate(values, column, totals[:, -1], clusters)
        for values, column in zip(rows, totals.T, strict=False)
    ]


def resampled_means(
    table: Floats, clusters: Clusters, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Floats:
    """Means of the columns of a table (N, K) in each resample of the clusters: (resamples, K)."""
    totals = _resampled_totals(table, clusters, resamples, seed)
    means: Floats = totals[:, :-1] / totals[:, -1:]
    return means


def expanded_percentiles(draws: Floats, clusters: int) -> tuple[float, float, float]:
    """Ends of the 95 % interval and standard error from resampled values of G >= 2 clusters."""
    from scipy.special import ndtr

    expansion = float(np.sqrt(clusters / (clusters - 1)))
    tail = float(ndtr(-expansion * t_quantile(clusters)))
    low, high = np.quantile(draws, [tail, 1.0 - tail])
    return float(low), float(high), float(draws.std()) * expansion


def _estimate(values: Floats, totals: Floats, sizes: Floats, clusters: Clusters) -> Estimate:
    """A mean and its interval from the totals of values and of rows in each resample."""
    value, count = float(values.mean()), clusters.count
    estimate = Estimate(value=value, n=len(values), clusters=count, terms=values)
    if count < 2:
        return with_interval(estimate, value, value, 0.0, "")
    low, high, error = expanded_percentiles(totals / sizes, count)
    # The spread of the mean's linear part over all possible resamples is known; what the drawn
    # ones miss of it, by chance, they miss of the mean as well.
    known = float(np.sqrt(np.sum(clusters.sums(values - value) ** 2)))
    drawn = float((totals - value * sizes).std())
    if drawn > 0.0:
        error *= known / drawn
    method = f"bootstrap over {count} base clips, {len(totals)} resamples, expanded percentiles"
    return with_interval(estimate, low, high, error, method)


def _resampled_totals(table: Floats, clusters: Clusters, resamples: int, seed: int) -> Floats:
    """Sums of the columns (N, K), and of the rows, in each resample: (resamples, K + 1)."""
    if resamples < 100:
        raise InputError(f"{resamples} resamples are too few for a 95 % interval; take 10,000")
    sums = np.column_stack([clusters.sums(table), clusters.sizes])
    count = clusters.count
    generator = np.random.PCG64(seed)
    totals = np.empty((resamples, sums.shape[1]))
    step = max(1, _BLOCK // count)
    for start in range(0, resamples, step):
        stop = min(resamples, start + step)
        totals[start:stop] = _weights(generator, stop - start, count) @ sums
    return totals


def _weights(generator: np.random.PCG64, rows: int, count: int) -> Floats:
    """How often each cluster is drawn in each of `rows` resamples: (rows, count).

    From the raw bits of PCG64, whose stream numpy guarantees (not so that of its `integers`):
    floor(u * count / 2^32), u uniform on 32 bits; off from uniform by count / 2^32 at most.
    """
    size = rows * count
    raw: NDArray[np.uint64] = generator.random_raw((size + 1) // 2)
    halves = np.concatenate([raw >> np.uint64(32), raw & np.uint64(0xFFFFFFFF)])[:size]
    drawn = ((halves * np.uint64(count)) >> np.uint64(32)).astype(np.intp).reshape(rows, count)
    drawn += np.arange(rows)[:, None] * count
    return np.bincount(drawn.ravel(), minlength=size).reshape(rows, count).astype(np.float64)
