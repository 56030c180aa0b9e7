from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize

from hmu_bench.errors import InputError
from hmu_bench.metrics.logistic import logistic_regression, platt_scaling, sigmoid


def made_up(n=80, dimensions=6, seed=0):
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(n, dimensions))
    odds = rows @ np.linspace(-2, 2, dimensions) - 1.0
    return rows, (generator.random(n) < sigmoid(odds)).astype(float)


def loss(point, rows, targets, ridge):
    odds = rows @ point[:-1] + point[-1]
    terms = np.logaddexp(0.0, odds) - targets * odds
    return terms.mean() + 0.5 * ridge * np.sum(point[:-1] ** 2)


@pytest.mark.parametrize("ridge", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize(("n", "dimensions"), [(80, 6), (20, 50)])
def test_the_minimum_is_scipys(n, dimensions, ridge):
    rows, targets = made_up(n, dimensions)
    weights, bias = logistic_regression(rows, targets, ridge)
    found = scipy.optimize.minimize(
        loss,
        np.zeros(dimensions + 1),
        (rows, targets, ridge),
        method="BFGS",
        options={"gtol": 1e-9},
    )
    assert loss(np.append(weights, bias), rows, targets, ridge) <= found.fun + 1e-12
    assert np.append(weights, bias) == pytest.approx(found.x, abs=1e-4)


def test_separable_and_far_away_rows_converge():
    rows = np.array([[-1e3], [-999.0], [999.0], [1e3]])
    weights, bias = logistic_regression(rows, np.array([0.0, 0.0, 1.0, 1.0]), 1e-4)
    assert weights[0] > 0
    assert bias == pytest.approx(0.0, abs=1e-6)


def test_any_start_leads_to_the_same_point():
    rows, targets = made_up()
    first = logistic_regression(rows, targets, 0.01)
    second = logistic_regression(rows, targets, 0.01, np.full(7, 5.0))
    assert second[0] == pytest.approx(first[0], abs=1e-7)
    assert second[1] == pytest.approx(first[1], abs=1e-7)


def test_platt_scaling_recovers_calibrated_odds():
    generator = np.random.default_rng(1)
    odds = generator.normal(size=20_000) * 2
    labels = (generator.random(20_000) < sigmoid(0.5 * odds - 1)).astype(float)
    slope, offset = platt_scaling(odds, labels)
    assert (slope, offset) == pytest.approx((0.5, -1.0), abs=0.05)


def test_platt_scaling_of_separable_odds_is_finite():
    slope, _ = platt_scaling(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert 0.0 < slope < 10.0


@pytest.mark.parametrize("odds", [[0.0, 0.0, 0.0], [3.0, 2.0, 1.0]])
def test_platt_scaling_refuses_odds_that_do_not_rise(odds):
    with pytest.raises(InputError, match="do not rise"):
        platt_scaling(np.array(odds), np.array([0.0, 0.0, 1.0]))


def test_sigmoid_does_not_overflow():
    assert sigmoid(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]
    odds = np.linspace(-20, 20, 41)
    assert sigmoid(odds) == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-15)
