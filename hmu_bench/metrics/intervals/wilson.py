"""Rates: Wilson's interval with the number of motions divided by the design effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked
from hmu_bench.metrics.intervals.clusters import Clusters, Groups, clusters_of
from hmu_bench.metrics.intervals.estimate import Estimate, with_interval

Z = 1.959963984540054


def wilson_with_design_effect(hits: ArrayLike, groups: Groups, *, repeats: int = 1) -> Estimate:
    """A rate with Wilson's 95 % interval on the effective number of motions.

    Motions of one base clip are alike, so that N of them tell less than N independent ones. The
    design effect is the variance of the rate over base clips (linearised ratio,
    sum_c (S_c - p m_c)^2 / N^2) divided by p (1 - p) / N; the interval is Wilson's with
    N / max(1, design effect) motions. For the design effect alone, two clusters of average size
    are added, one all hits, one all misses: so a rate of 0 or 1, or one that rests on a single
    base clip, is as uncertain as that many base clips make it, and the effect of the two vanishes
    as base clips grow. With one motion a base clip it is Wilson's interval itself.

    Source: Wilson, JASA 1927; design effect: Kish, Survey Sampling, 1965.

    Args:
        hits: (N,) or (N, R) of 0 and 1 (or a probability between): motions of N prompts, R
            repeats.
        groups: (N,) the base clip of each prompt.
        repeats: where hits are (N,) and already the mean of so many motions each (the `terms` of
            such an estimate), that number.

    Returns:
        The rate over all motions; `terms` (N,) each prompt's own rate; `standard_error` half the
        interval's width / 1.96. Defined for any number of base clips.

    Raises:
        InputError: for no hits, values outside 0 to 1, or groups that do not fit.

    >>> estimate = wilson_with_design_effect([0] * 20, range(20))
    >>> estimate.value, estimate.low, round(estimate.high, 4)
    (0.0, 0.0, 0.1611)
    """
    array = np.asarray(hits)
    if array.dtype.kind == "b":
        array = array.astype(np.float64)
    table = checked(array[:, None] if array.ndim == 1 else array, "hits")
    if table.min() < 0.0 or table.max() > 1.0:
        raise InputError("holds values outside 0 to 1", key="hits")
    prompts, columns = table.shape
    if repeats < 1 or (repeats > 1 and columns > 1):
        raise InputError(f"{repeats} repeats for hits of shape {table.shape}", key="hits")
    repeats = max(repeats, columns)
    clusters = clusters_of(groups, prompts)
    terms = table.mean(axis=1)
    rate, motions = float(terms.mean()), prompts * repeats
    effect = design_effect(terms * repeats, clusters, repeats)
    effective = motions / effect
    centre = (rate + Z**2 / (2 * effective)) / (1 + Z**2 / effective)
    spread = rate * (1 - rate) / effective + (Z / (2 * effective)) ** 2
    half = Z * float(np.sqrt(spread)) / (1 + Z**2 / effective)
    return with_interval(
        Estimate(value=rate, n=prompts, clusters=clusters.count, terms=terms),
        # Wilson's interval reaches 0 and 1 exactly at a rate of 0 and 1; rounding must not pass.
        0.0 if rate == 0.0 else max(0.0, centre - half),
        1.0 if rate == 1.0 else min(1.0, centre + half),
        half / Z,
        f"Wilson, {motions} motions of {clusters.count} base clips, design effect {effect:.3g}",
        fewest=1,
    )


def design_effect(sums: Floats, clusters: Clusters, repeats: int = 1) -> float:
    """Variance of a rate over clusters divided by that of independent motions, at least 1.

    Args:
        sums: (N,) hits of each prompt.
        clusters: of the prompts.
        repeats: motions a prompt.
    """
    sizes = clusters.sizes * float(repeats)
    average = sizes.mean()
    hits = np.concatenate([clusters.sums(sums), [average, 0.0]])
    sizes = np.concatenate([sizes, [average, average]])
    motions = sizes.sum()
    rate = hits.sum() / motions
    variance = np.sum((hits - rate * sizes) ** 2) / motions**2
    return max(1.0, float(variance / (rate * (1.0 - rate) / motions)))
