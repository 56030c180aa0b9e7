"""Any 22-joint motion to the canonical body, on the floor, at the origin, facing +Z."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.motion import quaternions
from hmu_bench.motion.skeleton import (
    BONE_LENGTHS,
    LEFT_HIP,
    LEFT_SHOULDER,
    LEG_JOINTS,
    NUM_JOINTS,
    PARENTS,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)

Array = NDArray[np.floating[Any]]

_Z: Final = np.array([0.0, 0.0, 1.0])
SMOOTHING_SIGMA: Final = 20
"""Frames: the heading of the features is smoothed in time (SMOOTHED_HEADING of `features`)."""
_GAUSSIAN_REACH: Final = 4
"""The Gaussian is cut at so many sigmas."""


def retarget(joints: Array) -> Array:
    """The motion on the canonical skeleton and in its canonical place: (T, 22, 3) -> the same.

    1. The root path is scaled by the ratio of the leg lengths, canonical to own, where a leg is
       thigh plus shin of the right leg in frame 0 (RIGHT_LEG_SCALE); every bone keeps its
       direction and takes its canonical length.
    2. The lowest joint of the whole motion comes to Y = 0.
    3. The root of frame 0 comes to X = Z = 0.
    4. The motion is turned about Y so that frame 0 faces +Z (hips and shoulders added).

    Args:
        joints: (T, 22, 3) float64, metres, Y up, checked (`checking.check_motion`).

    Raises:
        InputError: if the heading of frame 0 is undefined.
    """
    positions = _uniform_skeleton(joints)
    positions[..., 1] -= positions[..., 1].min()
    positions -= positions[0, 0] * np.array([1, 0, 1])
    first = heading(positions[:1], reversed_hips=False)
    return quaternions.rotate(turn_to_z(first)[0], positions)


def _uniform_skeleton(joints: Array) -> Array:
    bones = np.zeros_like(joints)
    bones[:, 1:] = joints[:, 1:] - joints[:, list(PARENTS[1:])]
    lengths = np.sqrt((bones * bones).sum(-1))
    legs = list(LEG_JOINTS)
    scale = BONE_LENGTHS[legs].sum() / lengths[0, legs].sum()
    lengths[:, 0] = 1
    bones *= (BONE_LENGTHS / lengths)[..., None]
    positions = np.empty_like(joints)
    positions[:, 0] = joints[:, 0] * scale
    for joint in range(1, NUM_JOINTS):
        positions[:, joint] = positions[:, PARENTS[joint]] + bones[:, joint]
    return positions


def heading(joints: Array, *, reversed_hips: bool, smoothing: int = 0) -> Array:
    """The direction in which the body faces: (T, 22, 3) -> (T, 3), unit, horizontal.

    Y x (right shoulder - left shoulder + right hip - left hip, normalised).

    Args:
        joints: (T, 22, 3), Y up.
        reversed_hips: take the hip vector the other way round (REVERSED_HIPS of `features`).
        smoothing: sigma in frames of a Gaussian over time; 0 for none. Before it, directions
            are not normalised: a frame in which the body leans sideways counts less.

    Raises:
        InputError: if the direction is undefined in a frame (the vector is vertical or zero).
    """
    hips = joints[:, RIGHT_HIP] - joints[:, LEFT_HIP]
    across = joints[:, RIGHT_SHOULDER] - joints[:, LEFT_SHOULDER]
    across = across - hips if reversed_hips else across + hips
    lengths = np.sqrt((across * across).sum(-1))
    _require_defined(lengths)
    across = across / lengths[:, None]
    forward = np.stack((across[:, 2], np.zeros(len(across)), -across[:, 0]), axis=-1)
    if smoothing:
        forward = gaussian_smooth(forward, smoothing)
    lengths = np.sqrt((forward * forward).sum(-1))
    _require_defined(lengths)
    unit: Array = forward / lengths[:, None]
    return unit


def turn_to_z(forward: Array) -> Array:
    """The rotation about Y that takes each direction (T, 3) to +Z: (T, 4)."""
    return quaternions.between(forward, np.broadcast_to(_Z, forward.shape))


def gaussian_smooth(values: Array, sigma: float) -> Array:
    """Each column of (T, n) convolved with a Gaussian over time; edge values repeat beyond.

    The weights reach 4 sigmas to either side and sum to 1 (`scipy.ndimage.gaussian_filter1d`
    with mode="nearest").
    """
    reach = int(_GAUSSIAN_REACH * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    smooth: Array = windows @ weights
    return smooth


def _require_defined(lengths: Array) -> None:
    if (lengths > 1e-9).all():
        return
    frame = int(np.argmin(lengths))
    raise InputError(
        f"the motion has no heading in frame {frame}: "
        f"its hips and shoulders tell no left from right"
    )
