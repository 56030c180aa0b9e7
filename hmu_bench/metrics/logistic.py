"""Logistic regression by Newton's method, in float64 and without randomness."""

from __future__ import annotations

import numpy as np

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats

_STEPS, _CONVERGED = 100, 1e-10


def logistic_regression(
    rows: Floats, targets: Floats, ridge: float, start: Floats | None = None
) -> tuple[Floats, float]:
    """Weights (D,) and bias of the ridge logistic regression, by Newton's method.

    Minimises mean of log(1 + exp(f)) - t f over the rows + ridge/2 |w|^2, f = w.x + b; the bias is
    not penalised. Steps are halved until the loss falls. Strictly convex: the minimum is one.

    Args:
        rows: (N, D).
        targets: (N,) from 0 to 1, not all 0 and not all 1.
        ridge: positive.
        start: (D + 1,) weights and bias to start from.
    """
    count, dimensions = rows.shape
    design = np.column_stack([rows, np.ones(count)])
    penalty = np.append(np.full(dimensions, ridge), 0.0)
    point = np.zeros(dimensions + 1) if start is None else start.copy()

    def loss(at: Floats) -> float:
        odds = design @ at
        terms = np.logaddexp(0.0, odds) - targets * odds
        return float(terms.mean() + 0.5 * np.sum(penalty * at * at))

    current = loss(point)
    for _ in range(_STEPS):
        probability = sigmoid(design @ point)
        gradient = design.T @ (probability - targets) / count + penalty * point
        if float(np.abs(gradient).max()) < _CONVERGED:
            break
        spread = probability * (1.0 - probability) / count
        hessian = (design * spread[:, None]).T @ design + np.diag(penalty)
        # The bias alone has no penalty: far out, rounding could make its curvature 0.
        hessian[-1, -1] += 1e-14
        step = np.linalg.solve(hessian, gradient)
        length = 1.0
        while (new := loss(point - length * step)) > current and length > 1e-10:
            length /= 2.0
        if new >= current:  # rounding is all that is left
            break
        point, current = point - length * step, new
    return point[:-1], float(point[-1])


def platt_scaling(odds: Floats, labels: Floats) -> tuple[float, float]:
    """Slope and offset that make log-odds (N,) of labels (N,) 0.0 or 1.0 into calibrated ones.

    Logistic regression of the smoothed targets (n+ + 1) / (n+ + 2) and 1 / (n- + 2).

    Source: Platt, Probabilistic Outputs for Support Vector Machines, 1999.

    Raises:
        InputError: if the slope is not positive.
    """
    positive, negative = labels.sum(), (1.0 - labels).sum()
    targets = np.where(labels > 0.5, (positive + 1) / (positive + 2), 1.0 / (negative + 2))
    centre, scale = float(odds.mean()), float(odds.std())
    if scale > 0.0:
        # The targets keep the slope finite; the ridge is for scores that tell nothing.
        weights, bias = logistic_regression(((odds - centre) / scale)[:, None], targets, 1e-9)
        if weights[0] > 0.0:
            slope = float(weights[0]) / scale
            return slope, bias - slope * centre
    raise InputError(
        "on the validation clips the probe's log-odds do not rise with violence",
        fix="more train clips, or an evaluator whose embeddings tell violent motions apart",
    )


def sigmoid(odds: Floats) -> Floats:
    """Probability of log-odds, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * odds))
