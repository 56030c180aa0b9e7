from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.metrics import fid, fid_to_statistics, statistics
from hmu_bench.metrics.frechet import real_factor
from hmu_bench.metrics.intervals import fid_interval
from hmu_bench.metrics.intervals.frechet import influences


def gaussian(n, d, seed, scale=1.0, shift=0.0):
    spread = np.exp(-np.arange(d) / max(2.0, d / 5))
    return (np.random.default_rng(seed).normal(size=(n, d)) * scale + shift) * spread


def weighted_fid(mean_r, cov_r, rows, weights):
    """FID of weighted rows, by scipy's matrix roots; covariance times n / (n - 1)."""
    n = len(rows)
    weights = weights / weights.sum()
    mean = weights @ rows
    cov = (rows - mean).T @ ((rows - mean) * weights[:, None]) * n / (n - 1)
    root = scipy.linalg.sqrtm(cov_r)
    cross = scipy.linalg.sqrtm(root @ cov @ root)
    shift = mean_r - mean
    return float(shift @ shift + np.trace(cov_r) + np.trace(cov) - 2 * np.trace(cross).real)


@pytest.mark.parametrize(("n", "d"), [(40, 5), (60, 12)])
def test_influence_is_the_derivative_by_weight(n, d):
    mean_r, cov_r = statistics(gaussian(100, d, 1))
    rows = gaussian(n, d, 2, 1.3, 0.2)
    value, influence = influences(*real_factor(mean_r, cov_r), rows)
    assert value == pytest.approx(fid_to_statistics(mean_r, cov_r, rows), rel=1e-9)
    assert influence.mean() == pytest.approx(0.0, abs=1e-9)
    for i in range(0, n, 7):
        step = 1e-5 * (np.arange(n) == i)
        flat = np.full(n, 1 / n)
        up = weighted_fid(mean_r, cov_r, rows, flat + step)
        down = weighted_fid(mean_r, cov_r, rows, flat - step)
        # Weights are normalised: raising one by e has the influence times e.
        assert (up - down) / 2e-5 == pytest.approx(influence[i], rel=2e-4, abs=1e-5)


def test_influence_is_the_derivative_where_the_covariance_is_singular():
    """n < D: by the eigenvalues of the (n, n) Gram matrix, whose roots are the same."""
    n, d = 12, 30
    mean_r, cov_r = statistics(gaussian(80, d, 3))
    rows = gaussian(n, d, 4, 1.2, 0.1)
    _, influence = influences(*real_factor(mean_r, cov_r), rows)

    def value(weights):
        weights = weights / weights.sum()
        centred = rows - weights @ rows
        half = np.sqrt(weights * n / (n - 1))[:, None] * centred
        gram = np.linalg.eigvalsh(half @ cov_r @ half.T)
        cross = np.sqrt(np.maximum(gram[1:], 0.0)).sum()  # one is 0: weights sum to 1
        shift = weights @ rows - mean_r
        return shift @ shift + np.trace(cov_r) + np.sum(half**2) - 2 * cross

    flat = np.full(n, 1 / n)
    assert value(flat) == pytest.approx(fid_to_statistics(mean_r, cov_r, rows), rel=1e-6)
    for i in range(n):
        step = 1e-5 * (np.arange(n) == i)
        numeric = (value(flat + step) - value(flat - step)) / 2e-5
        assert numeric == pytest.approx(influence[i], rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(("n", "d"), [(90, 8), (30, 40), (31, 31), (33, 32), (2, 5)])
def test_value_is_fid(n, d):
    real, rows = gaussian(120, d, 5), gaussian(n, d, 6, 1.2)
    estimate = fid_interval(*statistics(real), rows, range(n))
    assert estimate.value == pytest.approx(fid(real, rows), rel=1e-6, abs=1e-8)
    assert estimate.terms.mean() == pytest.approx(estimate.value, rel=1e-9)


def test_a_singular_real_side():
    """Fewer real motions than dimensions: the derivative is taken on their range."""
    real, rows = gaussian(10, 24, 7), gaussian(60, 24, 8, 1.1)
    estimate = fid_interval(*statistics(real), rows, range(60))
    assert estimate.value == pytest.approx(fid(real, rows), rel=1e-6)
    assert estimate.low < estimate.value < estimate.high


def coverage(n, d, scale, shift, trials, groups=None, noise=0.0):
    mean_r, cov_r = statistics(gaussian(300, d, 100))
    groups = np.arange(n) if groups is None else groups
    clips = groups.max() + 1
    found = []
    for trial in range(trials):
        rows = gaussian(clips, d, 1000 + trial, scale, shift)[groups]
        rows = rows + noise * gaussian(n, d, 900_000 + trial)
        found.append(fid_interval(mean_r, cov_r, rows, groups))
    truth = np.mean([estimate.value for estimate in found])  # E[FID at this n]
    held = np.mean([estimate.low <= truth <= estimate.high for estimate in found])
    errors = np.mean([estimate.standard_error for estimate in found])
    return held, np.std([estimate.value for estimate in found]) / errors


@pytest.mark.parametrize(("n", "d", "scale", "shift"), [(120, 8, 1.5, 0.5), (200, 16, 1.2, 0.3)])
def test_covers_the_mean_fid_of_known_gaussians(n, d, scale, shift):
    held, ratio = coverage(n, d, scale, shift, trials=400)
    assert 0.92 <= held <= 0.98
    assert ratio == pytest.approx(1.0, abs=0.12)


def test_covers_where_motions_of_a_clip_are_alike():
    held, ratio = coverage(150, 6, 1.4, 0.4, 300, groups=np.arange(50).repeat(3), noise=0.2)
    assert 0.91 <= held <= 0.99
    assert ratio == pytest.approx(1.0, abs=0.15)


def test_is_not_too_narrow_with_fewer_motions_than_dimensions():
    held, _ = coverage(40, 64, 1.2, 0.2, 150)
    assert held >= 0.94


def test_a_percentile_bootstrap_does_not_even_hold_the_estimate():
    """Resamples hold fewer distinct motions: all their FIDs lie above. Ours holds it."""
    n, d = 200, 64
    generator = np.random.default_rng(0)
    mean_r, cov_r = statistics(generator.normal(size=(400, d)))
    rows = generator.normal(size=(n, d))
    estimate = fid_interval(mean_r, cov_r, rows, range(n))
    draws = [fid_to_statistics(mean_r, cov_r, rows[generator.integers(0, n, n)]) for _ in range(60)]
    assert min(draws) > estimate.value
    assert (np.mean(draws) - estimate.value) / np.std(draws) > 5
    assert estimate.low < estimate.value < estimate.high


def test_differences_between_methods_from_the_influences():
    """Paired: two methods that share most of their motion differ by less than two errors say."""
    n, d = 200, 10
    mean_r, cov_r = statistics(gaussian(300, d, 12))
    first = gaussian(n, d, 13, 1.2)
    second = first + 0.02 * gaussian(n, d, 14)
    a, b = (fid_interval(mean_r, cov_r, rows, range(n)) for rows in (first, second))
    paired = (a.terms - b.terms).std(ddof=1) / np.sqrt(n)
    assert paired < 0.2 * a.standard_error
    assert abs(np.mean(a.terms - b.terms) - (a.value - b.value)) < 1e-12


@settings(max_examples=20)
@given(st.integers(10, 40), st.integers(1, 12), st.integers(0, 10**6))
def test_properties(n, d, seed):
    generator = np.random.default_rng(seed)
    mean_r, cov_r = statistics(generator.normal(size=(30, d)))
    rows, groups = generator.normal(size=(n, d)), generator.integers(0, 12, size=n)
    estimate = fid_interval(mean_r, cov_r, rows, groups)
    order = generator.permutation(n)
    again = fid_interval(mean_r, cov_r, rows[order], groups[order])
    turned = scipy.linalg.qr(generator.normal(size=(d, d)))[0]
    moved = fid_interval(mean_r @ turned + 3, turned.T @ cov_r @ turned, rows @ turned + 3, groups)
    doubled = fid_interval(2 * mean_r, 4 * cov_r, 2 * rows, groups)
    for other, factor in ((again, 1), (moved, 1), (doubled, 4)):
        assert other.value == pytest.approx(factor * estimate.value, rel=1e-6, abs=1e-9)
        if estimate.standard_error is not None:
            expected = pytest.approx(factor * estimate.standard_error, rel=1e-5, abs=1e-9)
            assert other.standard_error == expected
    if estimate.low is not None:
        assert 0.0 <= estimate.low <= estimate.value <= estimate.high


def test_repeats_are_averaged():
    mean_r, cov_r = statistics(gaussian(100, 6, 15))
    stack = np.stack([gaussian(50, 6, seed, 1.3) for seed in (16, 17, 18)])
    together = fid_interval(mean_r, cov_r, stack, range(50))
    alone = [fid_interval(mean_r, cov_r, rows, range(50)) for rows in stack]
    assert together.value == pytest.approx(np.mean([e.value for e in alone]))
    assert together.terms == pytest.approx(np.mean([e.terms for e in alone], axis=0))
    assert together.standard_error < np.mean([e.standard_error for e in alone])


def test_float16_embeddings():
    """Rounding embeddings to float16 moves value and error by less than a thousandth."""
    real, rows = gaussian(300, 32, 19), gaussian(200, 32, 20, 1.3)
    plain = fid_interval(*statistics(real), rows, range(200))
    rounded = fid_interval(*statistics(real), rows.astype(np.float16), range(200))
    assert rounded.value == pytest.approx(plain.value, rel=1e-3)
    assert rounded.standard_error == pytest.approx(plain.standard_error, rel=1e-3)


def test_degenerate():
    mean_r, cov_r = statistics(gaussian(50, 4, 21))
    one = fid_interval(mean_r, cov_r, gaussian(1, 4, 22), ["a"])
    assert (one.value, one.reason) == (None, "one motion; a covariance needs 2")
    few = fid_interval(mean_r, cov_r, gaussian(7, 4, 22), range(7))
    assert few.value > 0
    assert few.low is None
    clip = fid_interval(mean_r, cov_r, gaussian(20, 4, 22), ["a"] * 20)
    assert (clip.low, clip.method) == (None, "none: 1 base clip")
    same = fid_interval(mean_r, cov_r, np.ones((20, 4)), range(20))
    assert same.value == pytest.approx(np.sum((mean_r - 1) ** 2) + np.trace(cov_r))
    assert same.low is None
    real = gaussian(50, 4, 21)
    identical = fid_interval(mean_r, cov_r, real, range(50))
    assert identical.value == pytest.approx(0.0, abs=1e-12)
    assert identical.low is None


def test_refuses():
    mean_r, cov_r = statistics(gaussian(50, 4, 21))
    with pytest.raises(InputError, match="dimensions"):
        fid_interval(mean_r, cov_r, np.zeros((9, 3)), range(9))
    with pytest.raises(InputError, match="base clips"):
        fid_interval(mean_r, cov_r, np.zeros((9, 4)), range(8))
    with pytest.raises(InputError, match="symmetric"):
        fid_interval(mean_r, cov_r + np.triu(np.ones((4, 4)), 1), np.zeros((9, 4)), range(9))
