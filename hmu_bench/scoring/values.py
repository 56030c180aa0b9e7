"""Estimates -> the values of a record."""

from __future__ import annotations

from hmu_bench.metrics.intervals import Estimate
from hmu_bench.records import Value


def value_of(estimate: Estimate) -> Value:
    """The estimate as a record holds it: without its standard error and its terms."""
    return Value(
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        interval=estimate.method,
        n=estimate.n,
        reason=estimate.reason,
    )
