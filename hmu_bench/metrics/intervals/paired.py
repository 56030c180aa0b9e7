"""Two or more methods on the same prompts: differences and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked, checked_rows
from hmu_bench.metrics.intervals.bootstrap import (
    RESAMPLES,
    SEED,
    cluster_bootstrap_mean,
    resampled_means,
)
from hmu_bench.metrics.intervals.clusters import Groups, clusters_of
from hmu_bench.metrics.intervals.estimate import FEWEST_CLUSTERS, LEVEL, Estimate, t_quantile
from hmu_bench.metrics.intervals.wilson import Z

Direction = Literal["lower", "higher", "target"]


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    groups: Groups,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Estimate:
    """First minus second, with an interval from joint resamples of the base clips.

    Args:
        first: (N,) `terms` of an estimate of one method: its own values where the metric is a
            mean, value + influence for FID, KID and diversity.
        second: (N,) those of the other method, on the same prompts in the same order.
        groups: (N,) the base clip of each prompt.
        resamples: number of resamples.
        seed: of the draws.

    Returns:
        The difference; methods whose interval does not hold 0 differ on these prompts.

    Raises:
        InputError: for unequal lengths, values that are not finite, groups that do not fit.
    """
    a, b = checked(first, "first", dimensions=1), checked(second, "second", dimensions=1)
    checked_rows(a[:, None], b[:, None], ("first", "second"))
    return cluster_bootstrap_mean(a - b, groups, resamples=resamples, seed=seed)


@dataclass(frozen=True)
class RankInterval:
    """A method's rank (1 is best; equal values share one) and the ranks that it may have."""

    rank: int
    low: int
    high: int


def rank_intervals(
    terms: Sequence[ArrayLike],
    groups: Groups,
    direction: Direction,
    *,
    target: ArrayLike | float | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> list[RankInterval]:
    """Ranks of methods on the same prompts, each with a 95 % interval.

    A method's rank is at least 1 + the number of methods that are significantly better, and at
    most the number of methods - those that are significantly worse. Significant is a difference
    beyond c standard errors, where c is the 95 % quantile over the paired resamples of the largest
    studentised deviation of the method's differences from all others: so the interval holds the
    true rank in 95 % of cases, equal methods included. (Percentiles of resampled ranks do not: of
    many equal methods one looks best, in nearly every resample.)

    Source: Mogstad, Romano, Shaikh and Wilhelm, Inference for Ranks, Review of Economic Studies
    2024.

    Args:
        terms: for each method (N,) the `terms` of its estimate, prompts in the same order.
        groups: (N,) the base clip of each prompt.
        direction: which values are better; `target`: those closer to `target`.
        target: the value to be close to, or the (N,) terms of the reference method, which then is
            resampled with the others.
        resamples: number of resamples.
        seed: of the draws.

    Returns:
        For each method its rank and interval. Below 8 base clips every rank is possible.

    Raises:
        InputError: for no methods, unequal lengths, or a target missing or not asked for.
    """
    columns = [checked(column, "terms", dimensions=1) for column in terms]
    if not columns or any(len(column) != len(columns[0]) for column in columns):
        raise InputError(f"methods with {[len(column) for column in columns]} prompts")
    if (target is None) == (direction == "target"):
        raise InputError("a target is needed for the direction 'target', and for no other")
    goal = np.zeros(len(columns[0])) + (0.0 if target is None else np.asarray(target))
    table = np.stack([*columns, checked(goal, "target", dimensions=1)], axis=1)
    clusters = clusters_of(groups, len(table))
    losses = _losses(table.mean(axis=0)[None], direction)[0]
    draws = resampled_means(table, clusters, resamples=resamples, seed=seed)
    return ranks_of_draws(losses, _losses(draws, direction), clusters.count)


def ranks_of_draws(losses: ArrayLike, drawn: ArrayLike, clusters: int) -> list[RankInterval]:
    """As `rank_intervals`, from losses that were resampled already.

    Args:
        losses: (M,) of the methods; the smallest is best.
        drawn: (resamples, M) of the same in each resample, which all methods share.
        clusters: base clips that were resampled; of the smallest set where there are several.

    Raises:
        InputError: for no methods, other shapes, or losses that are not finite.
    """
    values, table = checked(losses, "losses", dimensions=1), checked(drawn, "drawn")
    count = len(values)
    if table.shape[1] != count:
        raise InputError(f"{count} methods, but draws of {table.shape[1]}")
    if clusters < FEWEST_CLUSTERS:
        return [RankInterval(_rank(values, one), 1, count) for one in range(count)]
    widening = t_quantile(clusters) / Z * np.sqrt(clusters / (clusters - 1))
    return [_interval(values, table, one, float(widening)) for one in range(count)]


def _losses(means: Floats, direction: Direction) -> Floats:
    """The smaller the better, for means (..., methods and target)."""
    values = means[..., :-1]
    if direction == "target":
        return np.abs(values - means[..., -1:])
    return values if direction == "lower" else -values


def _rank(losses: Floats, one: int) -> int:
    return 1 + int(np.count_nonzero(losses < losses[one]))


def _interval(losses: Floats, drawn: Floats, one: int, widening: float) -> RankInterval:
    difference = losses[one] - losses
    deviations = drawn[:, one : one + 1] - drawn - difference
    errors = deviations.std(axis=0)
    # A method that equals this one prompt by prompt (itself, too) is never better or worse.
    others = errors > 1e-12 * (np.abs(losses).max() + 1e-300)
    if not others.any():
        rank = _rank(losses, one)
        return RankInterval(rank, rank, len(losses) - int(np.count_nonzero(difference < 0)))
    largest = np.abs(deviations[:, others] / errors[others]).max(axis=1)
    limit = widening * float(np.quantile(largest, LEVEL)) * np.where(others, errors, 0.0)
    better = int(np.count_nonzero(difference > limit))
    worse = int(np.count_nonzero(-difference > limit))
    return RankInterval(_rank(losses, one), 1 + better, len(losses) - worse)
