from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.metrics import statistics
from hmu_bench.metrics.intervals import (
    RankInterval,
    fid_interval,
    paired_difference,
    rank_intervals,
)


def methods(offsets, n=120, clips=40, seed=0, noise=1.0):
    """Terms of methods that share the difficulty of the prompts."""
    generator = np.random.default_rng(seed)
    groups = np.arange(n) % clips
    shared = 3.0 * generator.normal(size=clips)[groups]
    return [shared + offset + noise * generator.normal(size=n) for offset in offsets], groups


def test_difference_is_far_sharper_than_the_methods_alone():
    (first, second), groups = methods([0.0, 1.0])
    difference = paired_difference(second, first, groups)
    assert difference.value == pytest.approx(second.mean() - first.mean())
    assert 0.0 < difference.low < 1.0 < difference.high
    alone = paired_difference(second, np.zeros(120), groups)
    assert difference.standard_error < alone.standard_error / 2


def test_a_method_does_not_differ_from_itself():
    (first,), groups = methods([0.0])
    difference = paired_difference(first, first, groups)
    assert (difference.value, difference.low) == (0.0, None)
    assert difference.method == "none: all base clips agree"


def test_difference_is_antisymmetric():
    (first, second), groups = methods([0.0, 0.3])
    there, back = (
        paired_difference(a, b, groups, resamples=500) for a, b in ((first, second),
                                                                    (second, first))
    )  # fmt: skip
    assert there.value == -back.value
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), rel=1e-9)


def test_difference_of_two_fids():
    """Over 150 trials the interval of FID(a) - FID(b) holds its mean about 95 times in 100."""
    d, n, found = 6, 80, []
    mean_r, cov_r = statistics(np.random.default_rng(0).normal(size=(300, d)))
    for seed in range(150):
        generator = np.random.default_rng(seed + 1)
        rows = generator.normal(size=(n, d))
        a = fid_interval(mean_r, cov_r, 1.3 * rows + 0.3, range(n))
        b = fid_interval(mean_r, cov_r, 1.2 * rows + 0.1 * generator.normal(size=(n, d)), range(n))
        found.append(paired_difference(a.terms, b.terms, range(n), resamples=1000))
    truth = np.mean([estimate.value for estimate in found])
    held = np.mean([estimate.low <= truth <= estimate.high for estimate in found])
    assert 0.89 <= held <= 0.99


def test_refuses():
    with pytest.raises(InputError, match="rows"):
        paired_difference([1.0, 2.0], [1.0], [1, 2])
    with pytest.raises(InputError, match="base clips"):
        paired_difference([1.0, 2.0], [1.0, 2.0], [1])
    with pytest.raises(InputError, match="target"):
        rank_intervals([[1.0]], [1], "target")
    with pytest.raises(InputError, match="target"):
        rank_intervals([[1.0]], [1], "lower", target=1.0)
    with pytest.raises(InputError, match="methods"):
        rank_intervals([], [1], "lower")
    with pytest.raises(InputError, match="methods"):
        rank_intervals([[1.0], [1.0, 2.0]], [1], "lower")


def test_far_apart_methods_have_certain_ranks():
    terms, groups = methods([0.0, 5.0, 10.0])
    assert rank_intervals(terms, groups, "lower") == [
        RankInterval(1, 1, 1),
        RankInterval(2, 2, 2),
        RankInterval(3, 3, 3),
    ]
    assert [r.rank for r in rank_intervals(terms, groups, "higher")] == [3, 2, 1]


def test_a_method_twice_shares_its_rank():
    (best, worst), groups = methods([0.0, 5.0])
    ranks = rank_intervals([best, worst, best], groups, "lower")
    assert ranks[0] == ranks[2] == RankInterval(1, 1, 2)
    assert ranks[1] == RankInterval(3, 3, 3)
    assert rank_intervals([best, best], groups, "lower") == [RankInterval(1, 1, 2)] * 2
    assert rank_intervals([best], groups, "lower") == [RankInterval(1, 1, 1)]


def test_constant_offset_is_certain():
    """A difference without any spread between clips is one all the same."""
    (first,), groups = methods([0.0])
    ranks = rank_intervals([first + 1.0, first], groups, "lower")
    assert ranks == [RankInterval(2, 2, 2), RankInterval(1, 1, 1)]


def test_closeness_to_a_target():
    terms, groups = methods([0.0, 4.0, 9.0], noise=0.5)
    target = methods([5.0], seed=0, noise=0.0)[0][0]
    ranks = rank_intervals(terms, groups, "target", target=target)
    assert [r.rank for r in ranks] == [3, 1, 2]
    # The target shares the prompts: the ranks are certain although all of them vary widely.
    assert ranks[1] == RankInterval(1, 1, 1)
    fixed = rank_intervals(terms, groups, "target", target=float(target.mean()))
    assert [r.rank for r in fixed] == [3, 1, 2]


def test_few_clips_leave_every_rank_possible():
    terms, groups = methods([0.0, 50.0], n=12, clips=6)
    assert rank_intervals(terms, groups, "lower") == [
        RankInterval(1, 1, 2),
        RankInterval(2, 1, 2),
    ]


def test_equal_methods_keep_all_ranks_in_95_of_100():
    """Five methods of the same true value: each may have every rank."""
    held = []
    for seed in range(200):
        terms, groups = methods([0.0] * 5, n=40, clips=40, seed=seed)
        ranks = rank_intervals(terms, groups, "lower", resamples=400)
        held += [(rank.low, rank.high) == (1, 5) for rank in ranks]
    assert np.mean(held) >= 0.93


@settings(max_examples=20)
@given(st.lists(st.floats(-2, 2), min_size=2, max_size=6), st.integers(0, 1000))
def test_intervals_hold_the_rank_and_follow_order(offsets, seed):
    terms, groups = methods(offsets, n=30, clips=15, seed=seed)
    ranks = rank_intervals(terms, groups, "lower", resamples=200)
    for rank in ranks:
        assert 1 <= rank.low <= rank.rank <= rank.high <= len(offsets)
    turned = rank_intervals(terms[::-1], groups, "lower", resamples=200)
    assert turned[::-1] == ranks
