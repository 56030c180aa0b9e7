from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from hmu_bench.errors import InputError
from hmu_bench.metrics.intervals import wilson_with_design_effect
from hmu_bench.metrics.intervals.clusters import clusters_of
from hmu_bench.metrics.intervals.wilson import design_effect


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 2), (0, 20), (7, 31), (33, 33), (150, 400)])
def test_one_motion_a_clip_is_wilsons_interval(hits, n):
    estimate = wilson_with_design_effect([1] * hits + [0] * (n - hits), range(n))
    known = binomtest(hits, n).proportion_ci(method="wilson")
    assert estimate.value == hits / n
    assert (estimate.low, estimate.high) == pytest.approx((known.low, known.high), abs=1e-12)
    assert estimate.low >= 0.0
    assert estimate.high <= 1.0


def test_booleans_and_repeats():
    table = np.array([[True, False, True], [False, False, False]] * 20)
    estimate = wilson_with_design_effect(table, range(40))
    assert estimate.value == pytest.approx(1 / 3)
    assert estimate.terms.tolist() == pytest.approx([2 / 3, 0.0] * 20)
    assert (estimate.n, estimate.clusters) == (40, 40)
    # Repeats of a prompt agree more than chance has it: fewer motions count than there are.
    independent = wilson_with_design_effect(table.ravel(), range(120))
    assert estimate.high - estimate.low > independent.high - independent.low


def test_motions_that_always_agree_count_once():
    generator = np.random.default_rng(0)
    clips = generator.random(200) < 0.3
    estimate = wilson_with_design_effect(np.repeat(clips, 9), np.arange(200).repeat(9))
    once = wilson_with_design_effect(clips, range(200))
    assert estimate.value == pytest.approx(once.value)
    assert estimate.high - estimate.low == pytest.approx(once.high - once.low, rel=0.02)


def test_no_hit_is_as_certain_as_the_clips_make_it():
    estimate = wilson_with_design_effect(np.zeros((60, 3)), np.arange(60) // 3)
    assert (estimate.value, estimate.low) == (0.0, 0.0)
    # 20 base clips of 9 motions: nearly the interval of 20, not that of 180.
    of_20 = wilson_with_design_effect([0] * 20, range(20)).high
    assert estimate.high == pytest.approx(of_20, rel=0.1)
    every = wilson_with_design_effect(np.ones((60, 3)), np.arange(60) // 3)
    assert (every.value, every.high) == (1.0, 1.0)
    assert every.low == pytest.approx(1 - estimate.high)


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(1, 4), st.integers(0, 10**6))
def test_holds_the_rate_and_stays_in_its_range(n, repeats, seed):
    generator = np.random.default_rng(seed)
    hits = generator.random((n, repeats)) < generator.random()
    groups = generator.integers(0, 6, size=n)
    estimate = wilson_with_design_effect(hits, groups)
    assert 0.0 <= estimate.low <= estimate.value <= estimate.high <= 1.0
    assert estimate.high > estimate.low
    mirrored = wilson_with_design_effect(~hits, groups)
    assert mirrored.low == pytest.approx(1 - estimate.high, abs=1e-12)
    assert mirrored.high == pytest.approx(1 - estimate.low, abs=1e-12)


def test_design_effect_by_hand():
    # Two clips of 3 motions (3 and 0 hits) and the two pseudo-clips (3 and 0): p = 1/2,
    # variance 4 * 1.5^2 / 12^2, independent motions p (1 - p) / 12.
    clusters = clusters_of([0, 0, 0, 1, 1, 1], 6)
    assert design_effect(np.array([1.0, 1, 1, 0, 0, 0]), clusters) == pytest.approx(3.0)
    assert design_effect(np.array([1.0, 0, 1, 0]), clusters_of(range(4), 4)) == 1.0


def test_coverage_of_clustered_rates():
    """1,000 samples of 60 clips of 6 motions, rates of clips from Beta(0.6, 2.4) (mean 0.2)."""
    generator = np.random.default_rng(1)
    groups = np.arange(60).repeat(6)
    held = plain = 0
    for _ in range(1000):
        hits = generator.random(360) < generator.beta(0.6, 2.4, size=60).repeat(6)
        estimate = wilson_with_design_effect(hits, groups)
        held += estimate.low <= 0.2 <= estimate.high
        naive = binomtest(int(hits.sum()), 360).proportion_ci(method="wilson")
        plain += naive.low <= 0.2 <= naive.high
    assert 0.93 <= held / 1000 <= 0.975
    assert plain / 1000 < 0.85  # what taking the motions as independent would give


def test_refuses():
    with pytest.raises(InputError, match="0 to 1"):
        wilson_with_design_effect([2.0], [1])
    with pytest.raises(InputError, match="base clips"):
        wilson_with_design_effect([1.0, 0.0], [1])
    with pytest.raises(InputError, match="axes"):
        wilson_with_design_effect([], [])


def test_means_over_repeats_give_the_same_interval():
    """The terms of an estimate and the number of motions behind each are enough."""
    generator = np.random.default_rng(4)
    hits = (generator.random((60, 3)) < generator.random((60, 1))) * 1.0
    groups = np.arange(60) // 2
    whole = wilson_with_design_effect(hits, groups)
    again = wilson_with_design_effect(whole.terms, groups, repeats=3)
    assert (again.low, again.high, again.method) == (
        pytest.approx(whole.low), pytest.approx(whole.high), whole.method,
    )  # fmt: skip
    with pytest.raises(InputError, match="3 repeats"):
        wilson_with_design_effect(hits, groups, repeats=3)
