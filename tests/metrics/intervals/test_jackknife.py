from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.metrics import diversity, kid
from hmu_bench.metrics.intervals import diversity_interval, kid_interval
from hmu_bench.metrics.intervals.clusters import clusters_of
from hmu_bench.metrics.intervals.estimate import t_quantile
from hmu_bench.metrics.intervals.jackknife import UStatistic, u_statistic_jackknife

REAL = np.random.default_rng(9).normal(size=(70, 5))


def sample(n, clips, seed, dimensions=5):
    generator = np.random.default_rng(seed)
    groups = np.concatenate([np.arange(clips), generator.integers(0, clips, size=n - clips)])
    centres = generator.normal(size=(clips, dimensions))
    return 1.1 * centres[groups] + 0.5 * generator.normal(size=(n, dimensions)) + 0.1, groups


def slow(metric, rows, groups):
    """Delete-one-cluster jackknife by taking the metric anew, with the formulas of Busing et al."""
    n, names = len(rows), sorted(set(groups.tolist()))
    value = metric(rows)
    kept = {name: metric(rows[groups != name]) for name in names}
    sizes = {name: int((groups == name).sum()) for name in names}
    centre = len(names) * value - sum((1 - sizes[c] / n) * kept[c] for c in names)
    total = 0.0
    for c in names:
        h = n / sizes[c]
        total += (h * value - (h - 1) * kept[c] - centre) ** 2 / (h - 1)
    return value, math.sqrt(total / len(names)), kept


METRICS = {
    "diversity": (diversity, diversity_interval),
    "kid": (lambda rows: kid(REAL, rows), lambda rows, groups: kid_interval(REAL, rows, groups)),
}


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(("n", "clips"), [(40, 40), (60, 20), (33, 9)])
def test_closed_form_is_the_slow_jackknife(name, n, clips):
    metric, interval = METRICS[name]
    rows, groups = sample(n, clips, seed=n)
    value, error, _ = slow(metric, rows, groups)
    estimate = interval(rows, groups)
    assert estimate.value == pytest.approx(value, rel=1e-12)
    assert estimate.standard_error == pytest.approx(error, rel=1e-9)
    half = t_quantile(clips) * error
    assert (estimate.low, estimate.high) == pytest.approx((value - half, value + half), rel=1e-9)
    assert (estimate.n, estimate.clusters) == (n, clips)


@pytest.mark.parametrize("name", METRICS)
def test_repeats_are_averaged(name):
    metric, interval = METRICS[name]
    parts = [sample(30, 12, seed)[0] for seed in range(3)]
    groups = sample(30, 12, 0)[1]
    estimate = interval(np.stack(parts), groups)
    value, error, _ = slow(lambda r: np.mean([metric(x) for x in np.split(r, 3, axis=1)]),
                           np.concatenate(parts, axis=1), groups)  # fmt: skip
    assert estimate.value == pytest.approx(value, rel=1e-12)
    assert estimate.standard_error == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_terms_are_value_and_influence(name):
    """Their mean is the value, and over single clips their spread is the jackknife's error."""
    rows, groups = sample(80, 80, seed=1)
    estimate = METRICS[name][1](rows, groups)
    assert estimate.terms.mean() == pytest.approx(estimate.value, rel=1e-12)
    error = estimate.terms.std(ddof=1) / math.sqrt(80)
    assert error == pytest.approx(estimate.standard_error, rel=0.05)


@pytest.mark.parametrize("name", METRICS)
def test_terms_are_the_derivative_by_weight(name):
    """The weighted metric's change when one motion's weight is raised a little."""
    rows, groups = sample(30, 30, seed=2)
    estimate = METRICS[name][1](rows, groups)
    square = ((rows[:, None] - rows[None]) ** 2).sum(-1)
    pair = np.sqrt(square) if name == "diversity" else (rows @ rows.T / 5 + 1) ** 3
    linear = np.zeros(30) if name == "diversity" else -2 * ((rows @ REAL.T / 5 + 1) ** 3).mean(1)
    np.fill_diagonal(pair, 0.0)

    def weighted(weights):
        weights = weights / weights.sum()
        return weights @ pair @ weights * 30 / 29 + weights @ linear

    # The influence of pairs in a mean of pairs with 30 / 29: the same to first order.
    step = 1e-6
    numeric = []
    for i in range(30):
        up = np.full(30, 1 / 30)
        up[i] += step
        numeric.append((weighted(up) - weighted(np.full(30, 1 / 30))) / step)
    analytic = estimate.terms - estimate.value
    assert np.array(numeric) == pytest.approx(analytic, rel=1e-3, abs=1e-3 * np.abs(analytic).max())


@settings(max_examples=25)
@given(st.integers(10, 30), st.integers(0, 10**6))
def test_order_does_not_matter(n, seed):
    rows, groups = sample(n, 9, seed)
    order = np.random.default_rng(seed).permutation(n)
    for _, interval in METRICS.values():
        first, second = interval(rows, groups), interval(rows[order], groups[order])
        assert first.value == pytest.approx(second.value, rel=1e-9, abs=1e-12)
        assert first.standard_error == pytest.approx(second.standard_error, rel=1e-7)


def test_diversity_scales():
    rows, groups = sample(40, 15, 3)
    plain, double = diversity_interval(rows, groups), diversity_interval(2 * rows + 7, groups)
    assert double.value == pytest.approx(2 * plain.value)
    assert double.standard_error == pytest.approx(2 * plain.standard_error)


@pytest.mark.parametrize("seed", range(2))
def test_kid_of_one_distribution_holds_0(seed):
    generator = np.random.default_rng(seed)
    estimate = kid_interval(
        generator.normal(size=(400, 6)), generator.normal(size=(150, 6)), range(150)
    )
    assert estimate.low < 0.05
    assert estimate.high > -0.05
    assert estimate.low < estimate.value < estimate.high


def test_coverage_of_diversity():
    """300 samples of 30 clips of 3 alike motions; true value: 10^5 independent pairs."""
    generator = np.random.default_rng(4)
    held = []
    groups = np.arange(30).repeat(3)
    truth = None
    values = []
    for _ in range(300):
        rows = generator.normal(size=(30, 4)).repeat(3, axis=0)
        rows = rows + 0.3 * generator.normal(size=rows.shape)
        estimate = diversity_interval(rows, groups)
        values.append(estimate.value)
        held.append((estimate.low, estimate.high))
    truth = np.mean(values)
    share = np.mean([low <= truth <= high for low, high in held])
    assert 0.91 <= share <= 0.98


def test_identical_motions_have_no_interval():
    same = np.ones((20, 3))
    assert diversity_interval(same, range(20)).value == 0.0
    assert diversity_interval(same, range(20)).low is None
    estimate = kid_interval(REAL, np.ones((20, 5)), range(20))
    assert estimate.low is None
    assert estimate.method == "none: all base clips agree"


@pytest.mark.parametrize(("n", "clips"), [(2, 1), (2, 2), (3, 2), (7, 7)])
def test_few_clips_have_a_value_but_no_interval(n, clips):
    rows, groups = sample(n, clips, 5)
    for metric, interval in METRICS.values():
        estimate = interval(rows, groups)
        assert estimate.value == pytest.approx(metric(rows))
        assert estimate.low is None
        assert estimate.method.startswith("none: ")


def test_one_clip_so_large_that_the_rest_is_no_pair():
    rows, _ = sample(12, 12, 6)
    estimate = diversity_interval(rows, ["a"] * 11 + ["b"])
    assert estimate.value == pytest.approx(diversity(rows))
    assert estimate.method == "none: 2 base clips, none can be left out"


def test_a_single_motion_is_undefined():
    assert "needs 2" in diversity_interval([[1.0, 2.0]], ["a"]).reason
    assert "needs 2" in kid_interval(REAL, REAL[:1], ["a"]).reason
    assert "needs 2" in kid_interval(REAL[:1], REAL[:9], range(9)).reason


def test_refuses():
    with pytest.raises(InputError, match="dimensions"):
        kid_interval(REAL, REAL[:, :3], range(70))
    with pytest.raises(InputError, match="base clips"):
        diversity_interval(REAL, range(3))
    with pytest.raises(InputError, match="finite"):
        diversity_interval(REAL * np.nan, range(70))


@pytest.mark.parametrize("name", METRICS)
def test_float16_embeddings(name):
    """Rounding embeddings to float16 moves value and error by less than a thousandth."""
    rows, groups = sample(100, 40, 11)
    plain = METRICS[name][1](rows + 0.5, groups)
    rounded = METRICS[name][1]((rows + 0.5).astype(np.float16), groups)
    assert rounded.value == pytest.approx(plain.value, rel=1e-3)
    assert rounded.standard_error == pytest.approx(plain.standard_error, rel=1e-3)


def test_a_mean_as_u_statistic():
    """Pairs (x_i + x_j) / 2: the jackknife's error is s / sqrt(n), exactly."""
    values = np.random.default_rng(8).normal(size=25)
    sums = values[:, None] / 2 + values[None] / 2
    np.fill_diagonal(sums, 0.0)
    statistic = UStatistic(sums.sum(axis=1), np.zeros(25), np.zeros(25))
    estimate = u_statistic_jackknife(statistic, clusters_of(range(25), 25))
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.standard_error == pytest.approx(values.std(ddof=1) / 5, rel=1e-9)
