"""Unit quaternions over numpy: the last axis is (w, x, y, z), leading axes broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def cross(a: Array, b: Array) -> Array:
    """The vector product over the last axis (3), with fewer temporaries than `numpy.cross`."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), axis=-1)


def multiply(a: Array, b: Array) -> Array:
    """The Hamilton product: rotate by `b`, then by `a`.

    >>> multiply(np.array([0.0, 1, 0, 0]), np.array([0.0, 0, 1, 0])).tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    aw, ax, ay, az = (a[..., i] for i in range(4))
    bw, bx, by, bz = (b[..., i] for i in range(4))
    return np.stack(
        (
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ),
        axis=-1,
    )


def conjugate(q: Array) -> Array:
    """The inverse rotation of a unit quaternion.

    >>> conjugate(np.array([1.0, 2, 3, 4])).tolist()
    [1.0, -2.0, -3.0, -4.0]
    """
    return q * np.array([1, -1, -1, -1], dtype=q.dtype)


def rotate(q: Array, v: Array) -> Array:
    """Vectors `v` (..., 3) rotated by unit quaternions `q` (..., 4).

    Formula: v + 2 (w t + u x t) with q = (w, u) and t = u x v.

    >>> quarter_turn_about_y = np.array([np.sqrt(0.5), 0, np.sqrt(0.5), 0])
    >>> rotate(quarter_turn_about_y, np.array([2.0, 1, 0]))[1:].round(6).tolist()
    [1.0, -2.0]
    """
    u = q[..., 1:]
    t = cross(u, v)
    return v + 2 * (q[..., :1] * t + cross(u, t))


def between(a: Array, b: Array) -> Array:
    """The shortest rotation that takes direction `a` to direction `b` (lengths do not matter).

    Formula: (|a||b| + a.b, a x b), normalised. For opposite directions, where the formula is
    0/0, it is a half turn about an axis that is perpendicular to `a`.

    >>> between(np.array([0.0, 0, 1]), np.array([2.0, 0, 0])).round(6).tolist()
    [0.707107, 0.0, 0.707107, 0.0]
    >>> between(np.array([0.0, 1, 0]), np.array([0.0, -1, 0])).tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    lengths = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    w = lengths + (a * b).sum(-1)
    q = np.concatenate((w[..., None], cross(a, b)), axis=-1)
    norm: Array = np.sqrt((q * q).sum(-1, keepdims=True))
    opposite = norm[..., 0] <= 1e-12 * lengths
    if opposite.any():
        half_turn = _half_turn(np.broadcast_to(a, (*q.shape[:-1], 3))[opposite])
        q[opposite] = half_turn
        norm[opposite] = np.sqrt((half_turn * half_turn).sum(-1, keepdims=True))
    rotation: Array = q / norm
    return rotation


def _half_turn(a: Array) -> Array:
    """(0, axis) with the axis perpendicular to each row of `a` (n, 3), X preferred."""
    x = np.zeros_like(a)
    x[:, 0] = 1
    y = np.zeros_like(a)
    y[:, 1] = 1
    square = (a * a).sum(-1, keepdims=True)
    along_x = np.abs(a[:, :1]) > 0.9 * np.sqrt(square)
    base = np.where(along_x, y, x)
    axis = base - a * (a * base).sum(-1, keepdims=True) / square
    return np.concatenate((np.zeros_like(axis[:, :1]), axis), axis=-1)


def to_6d(q: Array) -> Array:
    """The first two columns of the rotation matrix, one after the other: (..., 4) -> (..., 6).

    The continuous representation of Zhou et al. 2019, arXiv 1812.07035.

    >>> to_6d(np.array([1.0, 0, 0, 0])).tolist()
    [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    """
    w, x, y, z = (q[..., i] for i in range(4))
    return np.stack(
        (
            1 - 2 * (y * y + z * z),
            2 * (x * y + w * z),
            2 * (x * z - w * y),
            2 * (x * y - w * z),
            1 - 2 * (x * x + z * z),
            2 * (y * z + w * x),
        ),
        axis=-1,
    )
