"""A number, its 95 % interval, and how sure one may be of both."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from hmu_bench.metrics._arrays import Floats

LEVEL = 0.95
# With fewer base clips their spread is not known well enough to give an interval.
FEWEST_CLUSTERS = 8


@dataclass(frozen=True)
class Estimate:
    """A metric's value with its 95 % interval; None with a reason where there is no value.

    Attributes:
        value: the number; None where it is undefined.
        low: lower end of the interval; None where there is none.
        high: upper end.
        standard_error: of the value; None where there is no interval.
        method: how the interval was made, or why there is none.
        n: prompts that the value rests on.
        clusters: base clips that they belong to.
        reason: why `value` is None.
        terms: (n,) one number a prompt, whose mean is the value and whose spread between base
            clips is its uncertainty: the prompt's own value where the metric is a mean, else value
            plus influence. Differences between methods and ranks are made of these.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None
    method: str | None = None
    n: int = 0
    clusters: int = 0
    reason: str | None = None
    terms: Floats | None = field(default=None, repr=False, compare=False)

    def without_interval(self, why: str) -> Estimate:
        """The same value, without an interval and with the reason for that as `method`."""
        return replace(self, low=None, high=None, standard_error=None, method=f"none: {why}")


def undefined(reason: str, n: int = 0) -> Estimate:
    """No value, and why."""
    return Estimate(reason=reason, n=n)


def with_interval(
    estimate: Estimate,
    low: float,
    high: float,
    standard_error: float,
    method: str,
    *,
    fewest: int = FEWEST_CLUSTERS,
) -> Estimate:
    """The estimate with its interval, or without one where it would mean nothing.

    That is so for fewer than `fewest` base clips, and where no base clip differs from any other:
    the interval would have no width, and that does not mean that the value is certain.
    """
    if estimate.clusters < fewest:
        few = f"{estimate.clusters} base clip{'s' if estimate.clusters > 1 else ''}"
        return estimate.without_interval(f"{few}, {fewest} are needed")
    scale = abs(estimate.value or 0.0)
    if not standard_error > 1e-12 * scale or not high > low:
        return estimate.without_interval("all base clips agree")
    return replace(estimate, low=low, high=high, standard_error=standard_error, method=method)


def t_quantile(clusters: int) -> float:
    """How many standard errors a 95 % interval reaches to each side: Student's t, G - 1 degrees.

    >>> round(t_quantile(11), 4), round(t_quantile(10**6), 4)
    (2.2281, 1.96)
    """
    from scipy.special import stdtrit

    if clusters < 2:
        return math.inf
    return float(stdtrit(clusters - 1, 0.5 + LEVEL / 2))
