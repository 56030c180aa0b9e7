"""Logistic regression with an L2 penalty, in float64, to the last digits.

No random start, no order of samples, no early stop: the same data give the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MAX_NEWTON_STEPS = 100
MAX_CG_STEPS = 2000


@dataclass(frozen=True)
class Fit:
    """Log odds are `bias + rows @ weights`."""

    bias: float
    weights: Floats

    def __call__(self, rows: Any) -> Floats:
        """(N,) log odds of (N, D) rows, dense or sparse."""
        return np.asarray(rows @ self.weights + self.bias)


def fit_logistic(rows: Any, labels: Floats, importance: Floats, l2: float) -> Fit:
    """Minimise sum_i importance_i * log(1 + exp(-s_i z_i)) + l2/2 |weights|^2.

    z = bias + rows @ weights, s = +-1. Newton's method; each step by conjugate gradients, cut back
    where it overshoots. The bias is not penalised (but for 1e-9, which makes it unique).

    Args:
        rows: (N, D), dense or scipy.sparse.
        labels: (N,) 0 or 1.
        importance: (N,) not negative.
        l2: penalty, above 0.

    Raises:
        RuntimeError: if it does not converge (a bug, or a penalty of almost nothing).

    >>> x = np.array([[-1.0], [1.0], [2.0], [-2.0]])
    >>> fit = fit_logistic(x, np.array([0.0, 1.0, 1.0, 0.0]), np.ones(4), 1.0)
    >>> round(fit.bias, 6), round(float(fit.weights[0]), 3)
    (0.0, 1.007)
    """
    signs = 2.0 * labels - 1.0
    penalty = np.full(rows.shape[1] + 1, l2)
    penalty[0] = 1e-9
    theta = np.zeros(rows.shape[1] + 1)

    def odds(values: Floats) -> Floats:
        return np.asarray(rows @ values[1:] + values[0])

    def loss(values: Floats) -> float:
        losses = np.logaddexp(0.0, -signs * odds(values))
        return float(importance @ losses + 0.5 * (penalty * values) @ values)

    current = loss(theta)
    for _ in range(MAX_NEWTON_STEPS):
        wrong = 1.0 / (1.0 + np.exp(np.clip(signs * odds(theta), -700, 700)))
        residual = -importance * signs * wrong
        gradient = np.concatenate([[residual.sum()], rows.T @ residual]) + penalty * theta
        curvature = importance * wrong * (1.0 - wrong)
        step = _solve(rows, curvature, penalty, -gradient)
        slope = float(gradient @ step)
        if -slope < 1e-13 * (1.0 + abs(current)):  # after this last step nothing is left to gain
            theta = theta + step
            return Fit(float(theta[0]), theta[1:])
        length = 1.0
        while loss(theta + length * step) > current + 1e-4 * length * slope and length > 1e-6:
            length /= 2
        theta = theta + length * step
        current = loss(theta)
    raise RuntimeError("logistic regression did not converge")


def _solve(rows: Any, curvature: Floats, penalty: Floats, right: Floats) -> Floats:
    """(X' diag(curvature) X + diag(penalty)) step = right, by conjugate gradients."""

    def apply(values: Floats) -> Floats:
        odds = curvature * (rows @ values[1:] + values[0])
        return np.concatenate([[odds.sum()], rows.T @ odds]) + penalty * values

    step = np.zeros_like(right)
    rest = right.copy()
    scale = _diagonal(rows, curvature) + penalty
    direction = rest / scale
    product = float(rest @ direction)
    goal = 1e-22 * product
    for _ in range(MAX_CG_STEPS):
        if product <= goal:
            break
        image = apply(direction)
        along = product / float(direction @ image)
        step += along * direction
        rest -= along * image
        solved = rest / scale
        product, before = float(rest @ solved), product
        direction = solved + (product / before) * direction
    return step


def _diagonal(rows: Any, curvature: Floats) -> Floats:
    squares = rows.multiply(rows) if hasattr(rows, "multiply") else rows * rows
    return np.concatenate([[curvature.sum()], np.asarray(squares.T @ curvature).ravel()])
