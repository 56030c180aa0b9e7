"""Smooth curves in time: minimum-jerk blends, a quintic spline through keys, a Gaussian filter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def minimum_jerk(u: ArrayLike) -> Array:
    """The minimum-jerk blend 10u^3 - 15u^4 + 6u^5 from 0 (u <= 0) to 1 (u >= 1).

    >>> minimum_jerk([-1.0, 0.5, 2.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    x = np.clip(u, 0.0, 1.0)
    return np.asarray(x * x * x * (10.0 + x * (6.0 * x - 15.0)), dtype=np.float64)


def bump(u: ArrayLike) -> Array:
    """A smooth bump 64 u^3 (1-u)^3: 0 outside (0, 1), 1 in the middle.

    >>> bump([0.0, 0.5, 1.0, 3.0]).tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    x = np.clip(u, 0.0, 1.0)
    return np.asarray(64.0 * (x * (1.0 - x)) ** 3, dtype=np.float64)


def _slopes(times: Array, values: Array) -> Array:
    """Velocities at the keys: harmonic mean of the neighbours, 0 at a turn and at both ends."""
    velocity = np.zeros_like(values)
    if len(times) < 3:
        return velocity
    gaps = np.diff(times)[:, None]
    rises = np.diff(values, axis=0) / gaps
    before, after = rises[:-1], rises[1:]
    same_way = before * after > 0
    total = np.where(same_way, before + after, 1.0)
    velocity[1:-1] = np.where(same_way, 2.0 * before * after / total, 0.0)
    return velocity


def spline(times: Sequence[float], values: ArrayLike, at: Array) -> Array:
    """A C2 quintic spline through keys, held constant before the first and after the last key.

    Each piece has zero acceleration at its keys; the velocity at a key is zero where the curve
    turns there (so a stop-to-stop piece is minimum-jerk) and the harmonic mean of the two
    neighbouring slopes where it passes through.

    Args:
        times: key times in seconds, strictly increasing, (K,).
        values: key values, (K, D).
        at: times to evaluate, (T,).

    Returns:
        The values, (T, D).

    >>> spline([0.0, 1.0], [[0.0], [2.0]], np.array([-1.0, 0.5, 1.0, 9.0])).ravel().tolist()
    [0.0, 1.0, 2.0, 2.0]
    """
    knots = np.asarray(times, dtype=np.float64)
    points = np.asarray(values, dtype=np.float64)
    if len(knots) == 1:
        return np.repeat(points, len(at), axis=0)
    speed = _slopes(knots, points)
    piece = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    gap = np.diff(knots)
    u = np.clip((at - knots[piece]) / gap[piece], 0.0, 1.0)[:, None]
    rise = np.diff(points, axis=0)
    start, end = speed[:-1] * gap[:, None], speed[1:] * gap[:, None]
    cubic = 10.0 * rise - 6.0 * start - 4.0 * end
    quartic = -15.0 * rise + 8.0 * start + 7.0 * end
    quintic = 6.0 * rise - 3.0 * start - 3.0 * end
    tail = u * u * (cubic[piece] + u * (quartic[piece] + u * quintic[piece]))
    return np.asarray(points[piece] + u * (start[piece] + tail), dtype=np.float64)


def smooth(values: Array, sigma: float) -> Array:
    """Gaussian filter along axis 0 (sigma in frames), the edges continued as constants."""
    reach = max(1, round(3 * sigma))
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum()
    flat = values.reshape(len(values), -1)
    padded = np.concatenate([np.repeat(flat[:1], reach, 0), flat, np.repeat(flat[-1:], reach, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    return np.asarray(windows @ weights, dtype=np.float64).reshape(values.shape)
