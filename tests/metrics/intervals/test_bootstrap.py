from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.metrics.intervals import (
    FEWEST_CLUSTERS,
    cluster_bootstrap_mean,
    cluster_bootstrap_means,
)
from hmu_bench.metrics.intervals.bootstrap import _weights, resampled_means
from hmu_bench.metrics.intervals.clusters import clusters_of
from hmu_bench.metrics.intervals.estimate import t_quantile


@pytest.mark.parametrize("n", [33, 200, 1000])
@pytest.mark.parametrize("draw", ["normal", "exponential"])
def test_standard_error_of_a_mean_is_the_closed_form(n, draw):
    values = getattr(np.random.default_rng(n), draw)(size=n)
    estimate = cluster_bootstrap_mean(values, range(n))
    closed = values.std(ddof=1) / math.sqrt(n)
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.standard_error == pytest.approx(closed, rel=0.02)


def test_standard_error_of_equal_clusters_is_that_of_their_means():
    means = np.random.default_rng(0).normal(size=150)
    values = np.repeat(means, 4)
    estimate = cluster_bootstrap_mean(values, np.arange(150).repeat(4))
    assert estimate.standard_error == pytest.approx(means.std(ddof=1) / math.sqrt(150), rel=0.02)
    assert (estimate.n, estimate.clusters) == (600, 150)


def test_normal_data_give_students_interval():
    values = np.random.default_rng(1).normal(size=20)
    estimate = cluster_bootstrap_mean(values, range(20), resamples=50_000)
    half = t_quantile(20) * values.std(ddof=1) / math.sqrt(20)
    assert estimate.high - estimate.low == pytest.approx(2 * half, rel=0.05)


def slow(values, groups, resamples, seed):
    """Plain loops, another generator: resampled means over clusters."""
    clusters = {}
    for value, group in zip(values, groups, strict=True):
        clusters.setdefault(group, []).append(value)
    names, generator, means = list(clusters), random.Random(seed), []
    for _ in range(resamples):
        drawn = [v for _ in names for v in clusters[generator.choice(names)]]
        means.append(sum(drawn) / len(drawn))
    return means


def test_a_slow_bootstrap_agrees():
    generator = np.random.default_rng(2)
    groups = generator.integers(0, 25, size=90)
    values = generator.normal(size=25)[groups] + 0.3 * generator.normal(size=90)
    means = np.array(slow(values.tolist(), groups.tolist(), 8000, 0))
    estimate = cluster_bootstrap_mean(values, groups, resamples=20_000)
    count = estimate.clusters
    expansion = math.sqrt(count / (count - 1))
    assert estimate.standard_error == pytest.approx(means.std() * expansion, rel=0.03)
    from scipy.special import ndtr

    tail = ndtr(-expansion * t_quantile(count))
    low, high = np.quantile(means, [tail, 1 - tail])
    assert estimate.low == pytest.approx(low, abs=0.15 * estimate.standard_error)
    assert estimate.high == pytest.approx(high, abs=0.15 * estimate.standard_error)


def test_weights_count_the_draws():
    weights = _weights(np.random.PCG64(3), 400, 37)
    assert weights.shape == (400, 37)
    assert (weights.sum(axis=1) == 37).all()
    # 14,800 draws: the share of each cluster within 5 standard errors of 1 / 37.
    shares = weights.sum(axis=0) / weights.sum()
    assert np.abs(shares - 1 / 37).max() < 5 * math.sqrt(1 / 37 / weights.sum())
    assert weights.max() > 2


def test_the_draws_are_ours_for_good():
    """The stream is PCG64's own: the same under every version of numpy."""
    raw = np.random.PCG64(5).random_raw(4)
    halves = [int(r) >> 32 for r in raw] + [int(r) & 0xFFFFFFFF for r in raw]
    expected = np.bincount([(h * 8) >> 32 for h in halves], minlength=8)
    assert _weights(np.random.PCG64(5), 1, 8).tolist() == [expected.tolist()]


def test_the_chance_of_the_draws_is_out_of_the_standard_error():
    """Clusters of unequal sizes: seeds disagree by far less than 1 / sqrt(2 * 1000) = 2 %."""
    generator = np.random.default_rng(7)
    groups = generator.integers(0, 40, size=120)
    values = generator.normal(size=120)
    errors = [
        cluster_bootstrap_mean(values, groups, resamples=1000, seed=seed).standard_error
        for seed in range(20)
    ]
    assert np.std(errors) / np.mean(errors) < 0.008


def test_blocks_do_not_matter(monkeypatch):
    table = np.random.default_rng(4).normal(size=(50, 2))
    clusters = clusters_of(range(50), 50)
    whole = resampled_means(table, clusters, resamples=1000)
    assert whole.shape == (1000, 2)
    monkeypatch.setattr("hmu_bench.metrics.intervals.bootstrap._BLOCK", 50 * 100)
    blocks = resampled_means(table, clusters, resamples=1000)
    assert blocks.std(axis=0) == pytest.approx(whole.std(axis=0), rel=0.1)
    # 50 is even: a block of 100 resamples uses up whole 64-bit words, but splits them otherwise.
    assert blocks.shape == whole.shape


@settings(max_examples=25)
@given(st.integers(8, 40), st.integers(0, 10**6))
def test_order_does_not_matter(n, seed):
    generator = np.random.default_rng(seed)
    groups = generator.integers(0, 12, size=n)
    values = generator.normal(size=n)
    order = generator.permutation(n)
    first = cluster_bootstrap_mean(values, groups, resamples=500)
    second = cluster_bootstrap_mean(values[order], groups[order], resamples=500)
    assert first.value == pytest.approx(second.value, rel=1e-12, abs=1e-12)
    if first.low is None:
        assert second.low is None
    else:
        assert (first.low, first.high) == pytest.approx((second.low, second.high), abs=1e-12)
        assert min(values) <= first.low <= first.value <= first.high <= max(values)


@given(st.floats(-5, 5), st.floats(0.1, 10))
@settings(max_examples=20)
def test_shift_and_scale(shift, scale):
    values = np.random.default_rng(0).normal(size=30)
    groups = np.arange(30) // 2
    plain = cluster_bootstrap_mean(values, groups, resamples=300)
    moved = cluster_bootstrap_mean(scale * values + shift, groups, resamples=300)
    assert moved.low == pytest.approx(scale * plain.low + shift, abs=1e-9)
    assert moved.standard_error == pytest.approx(scale * plain.standard_error, rel=1e-9)


def test_several_metrics_share_their_resamples():
    generator = np.random.default_rng(6)
    first, second = generator.normal(size=(2, 40))
    groups = np.arange(40) // 2
    together = cluster_bootstrap_means([first, second], groups, resamples=200)
    alone = [cluster_bootstrap_mean(v, groups, resamples=200) for v in (first, second)]
    for a, b in zip(together, alone, strict=True):
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), rel=1e-12)
        assert a.terms is not None
        assert a.terms.mean() == a.value


@pytest.mark.parametrize("n", [1, 2, FEWEST_CLUSTERS - 1])
def test_few_clusters_have_a_value_but_no_interval(n):
    estimate = cluster_bootstrap_mean(np.arange(float(n)), range(n))
    assert estimate.value == (n - 1) / 2
    assert (estimate.low, estimate.high, estimate.standard_error) == (None, None, None)
    assert str(FEWEST_CLUSTERS) in estimate.method


def test_many_prompts_of_one_clip_have_no_interval():
    estimate = cluster_bootstrap_mean(np.arange(100.0), ["a"] * 100)
    assert (estimate.value, estimate.low, estimate.clusters) == (49.5, None, 1)


def test_equal_values_have_no_interval():
    estimate = cluster_bootstrap_mean([0.1] * 31, range(31))
    assert estimate.value == pytest.approx(0.1)
    assert (estimate.low, estimate.method) == (None, "none: all base clips agree")


def test_refuses():
    with pytest.raises(InputError, match="needed"):
        cluster_bootstrap_mean([], [])
    with pytest.raises(InputError, match="finite"):
        cluster_bootstrap_mean([1.0, np.nan], [1, 2])
    with pytest.raises(InputError, match="base clips"):
        cluster_bootstrap_mean([1.0, 2.0], [1])
    with pytest.raises(InputError, match="equal"):
        cluster_bootstrap_means([[1.0], [1.0, 2.0]], [1])
    with pytest.raises(InputError, match="too few"):
        cluster_bootstrap_mean([1.0, 2.0], [1, 2], resamples=10)
