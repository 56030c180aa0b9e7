from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.metrics.classification import (
    auc,
    equal_error_threshold,
    expected_calibration_error,
)


def made_up(seed, n=60):
    generator = np.random.default_rng(seed)
    violent = generator.random(n) < 0.4
    violent[:2] = True, False
    return np.round(generator.random(n) * 0.6 + 0.4 * violent, 2), violent


@pytest.mark.parametrize("seed", range(5))
def test_auc_by_pairs(seed):
    scores, violent = made_up(seed)
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0 for a in scores[violent] for b in scores[~violent]
    ]
    assert auc(scores, violent) == pytest.approx(np.mean(pairs))
    assert auc(-scores, violent) == pytest.approx(1 - np.mean(pairs))
    assert auc(np.exp(5 * scores), violent) == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize("seed", range(5))
def test_calibration_error_by_loops(seed):
    scores, violent = made_up(seed)
    total = 0.0
    for number in range(15):
        last = number == 14
        inside = (scores >= number / 15) & ((scores < (number + 1) / 15) | last)
        if inside.any():
            total += abs(violent[inside].mean() - scores[inside].mean()) * inside.sum()
    assert expected_calibration_error(scores, violent) == pytest.approx(total / len(scores))


def test_calibration_error_of_known_cases():
    half = np.array([True, False] * 50)
    assert expected_calibration_error(np.full(100, 0.5), half) == 0.0
    assert expected_calibration_error(half.astype(float), half) == 0.0
    assert expected_calibration_error(1.0 - half, half) == 1.0


@pytest.mark.parametrize("seed", range(8))
def test_no_threshold_is_nearer_to_equal_errors(seed):
    scores, violent = made_up(seed)
    threshold = equal_error_threshold(scores, violent)

    def gap(cut):
        return abs((scores[~violent] >= cut).mean() - (scores[violent] < cut).mean())

    assert gap(threshold) <= min(gap(cut) for cut in np.linspace(-0.1, 1.5, 1601)) + 1e-12


def test_separable_scores_are_cut_in_the_gap():
    assert equal_error_threshold([0.25, 0.5, 0.75, 1.0], [False, False, True, True]) == 0.625
    assert equal_error_threshold([0.0, 1.0], [False, True]) == 0.5


def test_scores_that_tell_nothing():
    violent = np.array([True, False, True, False])
    threshold = equal_error_threshold([0.5] * 4, violent)
    assert np.isfinite(threshold)
    assert auc([0.5] * 4, violent) == 0.5


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=30))
def test_defined_for_all_that_has_both_kinds(pairs):
    scores = np.array([score for score, _ in pairs])
    violent = np.array([flag for _, flag in pairs])
    if violent.all() or not violent.any():
        for function in (auc, equal_error_threshold, expected_calibration_error):
            with pytest.raises(InputError, match="one kind only"):
                function(scores, violent)
        return
    assert 0.0 <= auc(scores, violent) <= 1.0
    assert 0.0 <= expected_calibration_error(scores, violent) <= 1.0
    order = np.argsort(scores)[::-1]
    assert equal_error_threshold(scores, violent) == equal_error_threshold(
        scores[order], violent[order]
    )


def test_refuses():
    with pytest.raises(InputError, match="booleans"):
        auc([0.5, 0.6], [1, 0])
    with pytest.raises(InputError, match="finite"):
        auc([0.5, np.nan], [True, False])
