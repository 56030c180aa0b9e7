"""The measures, each beside a slow version or an independent library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.text.measures import (
    Bin,
    average_precision,
    effective_size,
    expected_calibration_error,
    interval,
    measures,
    reliability,
    resample,
    wilson,
)


def make(seed, size=60):
    random = np.random.default_rng(seed)
    violent = random.random(size) < 0.3
    violent[:2] = [True, False]
    probability = np.clip(violent * 0.4 + random.random(size) * 0.6, 0, 1).round(1)
    weights = random.choice([1.0, 1.5, 10.0], size)
    return violent, probability >= 0.5, probability, weights


def repeated(violent, called, probability, weights):
    """Whole weights are the same as captions that are there several times."""
    times = (2 * weights).astype(int)
    return [np.repeat(values, times) for values in (violent, called, probability)]


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_repetitions_and_the_formulas_are_the_known_ones(seed):
    from sklearn import metrics

    violent, called, probability, weights = make(seed)
    found = measures(violent, called, probability, weights)
    v, c, p = repeated(violent, called, probability, weights)
    base = v.mean()
    expected = {
        "precision": metrics.precision_score(v, c),
        "recall": metrics.recall_score(v, c),
        "f1": metrics.f1_score(v, c),
        "average_precision": metrics.average_precision_score(v, p),
        "balanced_accuracy": metrics.balanced_accuracy_score(v, c),
        "brier_skill": 1 - metrics.brier_score_loss(v, p) / (base * (1 - base)),
    }
    for name, value in expected.items():
        assert getattr(found, name)[0] == pytest.approx(value, abs=1e-12), name


def test_rows_of_weights_are_measured_one_by_one():
    violent, called, probability, weights = make(9)
    rows = np.stack([weights, weights[::-1], np.ones(len(weights))])
    together = measures(violent, called, probability, rows)
    for number, row in enumerate(rows):
        alone = measures(violent, called, probability, row)
        for name in vars(together):
            assert getattr(together, name)[number] == pytest.approx(getattr(alone, name)[0])


def test_nothing_called_violent_has_no_precision():
    violent = np.array([True, False])
    found = measures(violent, np.array([False, False]), np.array([0.1, 0.1]), np.ones(2))
    assert math.isnan(found.precision[0])
    assert found.recall[0] == found.f1[0] == 0.0


@given(st.permutations(range(6)))
def test_average_precision_does_not_depend_on_the_order_of_captions(order):
    violent = np.array([1, 0, 1, 0, 0, 1], dtype=bool)[list(order)]
    probability = np.array([0.9, 0.9, 0.4, 0.4, 0.1, 0.1])[list(order)]
    value = average_precision(violent, probability, np.ones(6))[0]
    assert value == pytest.approx((1 / 2 + 2 / 4 + 3 / 6) / 3)


def test_the_reliability_curve_counts_every_caption_once():
    violent, _, probability, weights = make(3, 400)
    bins = reliability(violent, probability, weights)
    assert sum(b.captions for b in bins) == 400
    assert sum(b.share for b in bins) == pytest.approx(1)
    for b in bins:
        inside = (probability >= b.low) & ((probability < b.high) | (b.high == 1.0))
        assert b.captions == inside.sum()
        share = np.average(violent[inside], weights=weights[inside])
        assert b.violent_share == pytest.approx(share)
        assert b.low - 1e-9 <= b.mean_probability <= b.high + 1e-9


def test_the_calibration_error_looks_at_the_middle_only():
    bins = [Bin(0.0, 0.05, 9, 0.9, 0.0, 0.5), Bin(0.15, 0.25, 1, 0.1, 0.2, 0.5)]
    assert expected_calibration_error(bins) == pytest.approx(0.3)
    assert math.isnan(expected_calibration_error(bins[:1]))


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(2, 12))
def test_resamples_keep_clips_together_and_strata_their_weight(seed, number):
    random = np.random.default_rng(seed)
    clusters = np.sort(np.concatenate([np.arange(number), random.integers(0, number, 20)]))
    strata = random.integers(0, 2, len(clusters))
    weights = np.where(strata == 0, 1.0, 7.0)
    rows = resample(clusters, strata, weights, 50, seed)
    assert rows.shape == (50, len(clusters))
    for stratum in set(strata.tolist()):
        inside = strata == stratum
        totals = rows[:, inside].sum(axis=1)
        drawn = totals > 0
        np.testing.assert_allclose(totals[drawn], weights[inside].sum())
        for cluster in set(clusters.tolist()):
            of_clip = rows[:, inside & (clusters == cluster)]
            if of_clip.shape[1]:
                np.testing.assert_allclose(of_clip, of_clip[:, :1] * np.ones(of_clip.shape[1]))
    again = resample(clusters, strata, weights, 50, seed)
    assert (rows == again).all()


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Recall of a classifier that finds 80 %, two captions a clip that share their fate."""
    random = np.random.default_rng(7)
    hits, trials = 0, 300
    for trial in range(trials):
        found = np.repeat(random.random(80) < 0.8, 2)
        violent = np.ones(160, dtype=bool)
        violent[::5] = False
        clusters = np.repeat(np.arange(80), 2)
        rows = resample(clusters, np.zeros(160, dtype=np.int64), np.ones(160), 300, trial)
        low, high = interval(measures(violent, found, found * 1.0, rows).recall)
        hits += low <= 0.8 <= high
    assert 0.90 <= hits / trials <= 0.985


def test_intervals_of_nothing_are_undefined_and_wilson_is_careful():
    assert all(math.isnan(end) for end in interval(np.array([np.nan])))
    assert wilson(0.5, 0.0) == (0.0, 1.0)
    low, high = wilson(0.3, 50.0)
    assert (round(low, 4), round(high, 4)) == (0.1910, 0.4375)
    assert effective_size(np.array([10.0, 0.0, 0.0])) == 1.0
    assert effective_size(np.zeros(3)) == 0.0
