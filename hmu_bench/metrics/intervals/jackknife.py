"""Means over pairs (diversity, KID): the jackknife that leaves out one base clip at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked, row_blocks, squared_distances
from hmu_bench.metrics.intervals.clusters import Clusters, Groups, clusters_of
from hmu_bench.metrics.intervals.estimate import Estimate, t_quantile, undefined, with_interval
from hmu_bench.metrics.kernel import kernel

Pairwise = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class UStatistic:
    """A mean over pairs (and, for KID, minus a mean over rows), ready to be taken anew.

    All sums are over the repeats' means where there are several repeats.

    Attributes:
        pairs: (N,) for each row the sum of the pair function over all other rows.
        within: (G,) for each cluster the sum over its own ordered pairs of different rows.
        linear: (N,) for each row what is added to the value once, as a mean over rows.
        constant: added to the value.
    """

    pairs: Floats
    within: Floats
    linear: Floats
    constant: float = 0.0

    @property
    def value(self) -> float:
        """Mean over all ordered pairs of different rows, plus the mean over rows."""
        n = len(self.pairs)
        return float(self.pairs.sum() / (n * (n - 1)) + self.linear.mean() + self.constant)

    def terms(self) -> Floats:
        """(N,) value + influence of each row; their mean is the value."""
        n = len(self.pairs)
        means = self.pairs / (n - 1)
        terms: Floats = 2.0 * (means - means.mean()) + self.linear - self.linear.mean()
        return terms + self.value

    def left_out(self, clusters: Clusters) -> Floats:
        """(G,) the value without the rows of each cluster, in closed form."""
        n, sizes = len(self.pairs), clusters.sizes
        rest = n - sizes
        pairs = self.pairs.sum() - 2.0 * clusters.sums(self.pairs) + self.within
        linear = (self.linear.sum() - clusters.sums(self.linear)) / rest
        values: Floats = pairs / (rest * (rest - 1)) + linear + self.constant
        return values


def u_statistic_jackknife(statistic: UStatistic, clusters: Clusters) -> Estimate:
    """The value with the interval of the delete-one-cluster jackknife.

    With n rows, clusters of m_c rows, h_c = n / m_c and the value T_-c without cluster c, the
    pseudo-values are P_c = h_c T - (h_c - 1) T_-c, their weighted centre is
    J = G T - sum_c (1 - m_c / n) T_-c, and the variance is mean_c (P_c - J)^2 / (h_c - 1). The
    interval is T -+ t SE, t Student's quantile with G - 1 degrees of freedom.

    Source: Busing, Meijer and van der Leeden, Delete-m jackknife for unequal m, Statistics and
    Computing 1999; for equal clusters it is Quenouille and Tukey's.

    Args:
        statistic: the sums that the value is made of.
        clusters: of its rows.

    Returns:
        The estimate; without an interval below 8 base clips, or where leaving one out would leave
        less than a pair.
    """
    n, count = clusters.rows, clusters.count
    value = statistic.value
    estimate = Estimate(value=value, n=n, clusters=count, terms=statistic.terms())
    if count < 2 or n - int(clusters.sizes.max()) < 2:
        return estimate.without_interval(f"{count} base clips, none can be left out")
    left_out = statistic.left_out(clusters)
    ratio = n / clusters.sizes
    centre = count * value - float(np.sum((1.0 - 1.0 / ratio) * left_out))
    pseudo = ratio * value - (ratio - 1.0) * left_out
    error = float(np.sqrt(np.mean((pseudo - centre) ** 2 / (ratio - 1.0))))
    half = t_quantile(count) * error
    method = f"jackknife over {count} base clips, Student's t"
    return with_interval(estimate, value - half, value + half, error, method)


def diversity_interval(motion: ArrayLike, groups: Groups) -> Estimate:
    """`metrics.diversity` with its interval.

    Args:
        motion: (N, D) motion embeddings, one a prompt, or (R, N, D) of R repeats: the value is the
            mean of the repeats' values.
        groups: (N,) the base clip of each prompt.

    Returns:
        The estimate; undefined for a single prompt.

    Raises:
        InputError: for numbers that are not finite or groups that do not fit.
    """
    stack = _stack(motion, "motion")
    clusters = clusters_of(groups, stack.shape[1])
    if clusters.rows < 2:
        return undefined("one motion; a distance needs 2", n=1)
    pairs, within = np.zeros(clusters.rows), np.zeros(clusters.count)
    for rows in stack:
        centred = rows - rows.mean(axis=0)
        pairs += _own_sums(centred, _distances)
        within += _within(centred, clusters, _distances)
    repeats = len(stack)
    statistic = UStatistic(pairs / repeats, within / repeats, np.zeros(clusters.rows))
    return u_statistic_jackknife(statistic, clusters)


def kid_interval(real: ArrayLike, generated: ArrayLike, groups: Groups) -> Estimate:
    """`metrics.kid` with its interval; the real motions are fixed, the generated ones vary.

    Args:
        real: (M, D) embeddings of the real motions.
        generated: (N, D) embeddings of generated motions, one a prompt, or (R, N, D) of R repeats:
            the value is the mean of the repeats' values.
        groups: (N,) the base clip of each prompt.

    Returns:
        The estimate; undefined for a single motion on either side.

    Raises:
        InputError: for other dimensions, numbers that are not finite, groups that do not fit.
    """
    fixed, stack = checked(real, "real"), _stack(generated, "generated")
    if fixed.shape[1] != stack.shape[2]:
        raise InputError(
            f"real has {fixed.shape[1]} dimensions, generated has {stack.shape[2]}",
            fix="embed both with the same evaluator",
        )
    clusters = clusters_of(groups, stack.shape[1])
    if min(clusters.rows, len(fixed)) < 2:
        return undefined("one motion; a mean over pairs needs 2", n=clusters.rows)
    pairs, within = np.zeros(clusters.rows), np.zeros(clusters.count)
    linear = np.zeros(clusters.rows)
    for rows in stack:
        diagonal = _kernel_diagonal(rows)
        pairs += _own_sums(rows, kernel) - diagonal
        within += _within(rows, clusters, kernel) - clusters.sums(diagonal)
        for block in row_blocks(len(rows), len(fixed)):
            linear[block] -= 2.0 * kernel(rows[block], fixed).mean(axis=1)
    count, repeats = len(fixed), len(stack)
    own = float(np.sum(_own_sums(fixed, kernel) - _kernel_diagonal(fixed)))
    statistic = UStatistic(
        pairs / repeats, within / repeats, linear / repeats, own / (count * (count - 1))
    )
    return u_statistic_jackknife(statistic, clusters)


def _stack(value: ArrayLike, name: str) -> Floats:
    """(R, N, D) from (N, D) or (R, N, D)."""
    array = np.asarray(value)
    return checked(array[None] if array.ndim == 2 else array, name, dimensions=3)


def _distances(a: Floats, b: Floats) -> Floats:
    return np.sqrt(squared_distances(a, b))


def _own_sums(rows: Floats, pairwise: Pairwise) -> Floats:
    """For each row the sum of a symmetric pair function with all rows, itself included."""
    sums = np.zeros(len(rows))
    for block in row_blocks(len(rows), len(rows)):
        values = pairwise(rows[block], rows[block.start :])
        sums[block] += values.sum(axis=1)
        sums[block.stop :] += values[:, block.stop - block.start :].sum(axis=0)
    return sums


def _kernel_diagonal(rows: Floats) -> Floats:
    diagonal: Floats = (np.einsum("nd,nd->n", rows, rows) / rows.shape[1] + 1.0) ** 3
    return diagonal


def _within(rows: Floats, clusters: Clusters, pairwise: Pairwise) -> Floats:
    """For each cluster the sum of a pair function over all its ordered pairs."""
    sums = np.zeros(clusters.count)
    for cluster, members in enumerate(clusters.members()):
        sums[cluster] = pairwise(rows[members], rows[members]).sum()
    return sums
