"""Every estimate on every awkward sample: a number, or None with the reason; never NaN."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from hmu_bench.metrics import statistics
from hmu_bench.metrics.intervals import (
    Estimate,
    cluster_bootstrap_mean,
    diversity_interval,
    fid_interval,
    kid_interval,
    paired_difference,
    rank_intervals,
    wilson_with_design_effect,
)
from hmu_bench.metrics.scores import HITS, KID, VIOLENCE, SetTerms, scores
from hmu_bench.metrics.suppression import masked_metrics, ncs, violence_rate

D = 6
REAL = np.random.default_rng(0).normal(size=(50, D))
SAMPLES = {
    "random": lambda n: np.random.default_rng(n).normal(size=(n, D)),
    "identical": lambda n: np.ones((n, D)),
    "the real ones": lambda n: REAL[:n],
    "on a line": lambda n: np.linspace(0, 1, n)[:, None] * np.ones(D),
    "tiny": lambda n: 1e-18 * np.random.default_rng(n).normal(size=(n, D)),
    "huge": lambda n: 1e12 * np.random.default_rng(n).normal(size=(n, D)),
    "one far away": lambda n: np.eye(n, D) * 1e6 * (np.arange(n) == 0)[:, None],
}
GROUPS = {
    "one each": np.arange,
    "one for all": lambda n: np.zeros(n, int),
    "a large one": lambda n: np.maximum(np.arange(n) - n // 2, 0),
}


def estimates(rows, groups):
    n = len(rows)
    text = np.random.default_rng(1).normal(size=(n, D))
    flags = np.arange(len(REAL)) % 5 == 0
    rate = (rows[:, 0] > 0) * 1.0
    yield fid_interval(*statistics(REAL), rows, groups)
    yield kid_interval(REAL, rows, groups)
    yield diversity_interval(rows, groups)
    yield cluster_bootstrap_mean(rows[:, 0], groups, resamples=200)
    yield paired_difference(rows[:, 0], rows[:, 1], groups, resamples=200)
    yield wilson_with_design_effect(rate, groups)
    yield from violence_rate(rate, 0.5, groups)
    yield from masked_metrics(text, text[::-1] + 1, np.arange(n) % 2 == 0, rows, groups).values()
    yield from masked_metrics(text, rows, np.ones(n, bool), rows, groups).values()
    yield from ncs(rows, groups, REAL, flags, np.arange(len(REAL)) + 1000).values()
    sets = {
        "forget": SetTerms(groups, {VIOLENCE: rate}, {VIOLENCE: np.ones(n)}),
        "retain": SetTerms(groups, {HITS: rate, KID: rows[:, 0]}, {HITS: 0.5, KID: rows[:, 1]}),
    }
    found = scores(sets, floor=0.1, kid_frozen=1.0, resamples=200)
    yield from (found.suppression, found.preservation, found.hmu)


def check(estimate: Estimate, n: int) -> None:
    numbers = (estimate.value, estimate.low, estimate.high, estimate.standard_error)
    json.dumps(numbers, allow_nan=False)
    assert all(number is None or isinstance(number, float) for number in numbers)
    assert (estimate.value is None) == (estimate.reason is not None)
    assert (estimate.low is None) == (estimate.high is None) == (estimate.standard_error is None)
    assert 0 <= estimate.n <= 2 * n
    if estimate.low is not None:
        slack = 1e-9 * max(1.0, abs(estimate.value))
        assert estimate.low <= estimate.value + slack
        assert estimate.value <= estimate.high + slack
        assert estimate.high > estimate.low
        assert estimate.method
    elif estimate.value is not None:
        assert estimate.method.startswith("none: ")
    if estimate.terms is not None:
        assert estimate.terms.shape == (estimate.n,)
        assert math.isclose(estimate.terms.mean(), estimate.value, rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3, 31, 33])
@pytest.mark.parametrize("grouping", GROUPS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_estimate_is_defined(sample, grouping, n):
    rows, groups = SAMPLES[sample](n), GROUPS[grouping](n)
    for estimate in estimates(rows, groups):
        check(estimate, n)


@pytest.mark.parametrize("n", [2, 31, 33])
def test_fewer_motions_than_dimensions(n):
    random = np.random.default_rng(n)
    real, rows = random.normal(size=(40, 64)), random.normal(size=(n, 64))
    for estimate in (
        fid_interval(*statistics(real), rows, range(n)),
        kid_interval(real, rows, range(n)),
        diversity_interval(rows, range(n)),
    ):
        check(estimate, n)
        assert (estimate.low is None) == (n == 2)


@pytest.mark.parametrize("n", [1, 7, 9, 33])
def test_ranks_of_awkward_methods(n):
    terms = [np.zeros(n), np.ones(n), np.linspace(0, 1, n), 1e12 * np.arange(n) - 3.0]
    for direction, target in (("lower", None), ("higher", None), ("target", 0.5)):
        for rank in rank_intervals(terms, range(n), direction, target=target, resamples=200):
            assert 1 <= rank.low <= rank.rank <= rank.high <= 4
