"""What makes an array a motion: every problem of it as text, without raising."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.motion.retargeting import SMOOTHING_SIGMA, heading, retarget
from hmu_bench.motion.skeleton import JOINT_NAMES, NUM_JOINTS, PARENTS

Representation = Literal["humanml3d-263", "joints-22"]

NUM_FEATURES: Final = 263
LARGEST_VALUE: Final = 1e6
"""No motion in metres and radians comes near it; beyond it sums in float32 lose all meaning."""
SHORTEST_BONE: Final = 1e-4
"""Metres. Below it the direction of a bone, and with it the features, is undefined."""


def check_motion(
    array: NDArray[Any], representation: Representation, *, num_frames: int | None = None
) -> list[str]:
    """Every problem that keeps an array from being a motion; an empty list where there is none.

    Args:
        array: `humanml3d-263`: (T, 263); `joints-22`: (T, 22, 3), metres, Y up. float16, float32
            or float64. At least 1 frame of features, 2 of joints.
        representation: which of the two it should be.
        num_frames: the frames that were asked for. Features must have exactly as many; joints
            as many or one more. Leave it out for joints of another frame rate.

    Returns:
        One phrase a problem ("has ...", "holds ..."): dtype, shape, length, values that are not
        finite or too large, and (joints) bones without a length or frames without a heading. What
        is found here is all that `features_to_joints` and `joints_to_features` refuse.

    >>> check_motion(np.zeros((4, 262), dtype=np.float32), "humanml3d-263")
    ['has shape (4, 262); expected (frames, 263)']
    """
    problems = _check_array(array, representation, num_frames)
    if representation == "joints-22" and not problems:
        try:
            positions = retarget(array.astype(np.float64))
            heading(positions, reversed_hips=True, smoothing=SMOOTHING_SIGMA)
        except InputError as error:
            problems.append(error.what.removeprefix("the motion "))
    return problems


def require_array(array: NDArray[Any], representation: Representation) -> None:
    """Raise the problems of `check_motion`, if any (headings left out), as one InputError."""
    problems = _check_array(array, representation, None)
    if problems:
        raise InputError("the motion " + ", and ".join(problems))


def _check_array(
    array: NDArray[Any], representation: Representation, num_frames: int | None
) -> list[str]:
    if array.dtype.kind != "f" or array.dtype.itemsize not in (2, 4, 8):
        return [f"has dtype {array.dtype}; allowed are float16, float32 and float64"]
    frame_shape = (NUM_FEATURES,) if representation == "humanml3d-263" else (NUM_JOINTS, 3)
    if array.ndim != len(frame_shape) + 1 or array.shape[1:] != frame_shape:
        expected = ", ".join(["frames", *map(str, frame_shape)])
        return [f"has shape {array.shape}; expected ({expected})"]
    problems = _check_length(len(array), representation, num_frames)
    if len(array) == 0:
        return problems
    values = _check_values(array)
    problems += values
    if representation == "joints-22" and not values:
        problems += _check_bones(array)
    return problems


def _check_length(frames: int, representation: Representation, num_frames: int | None) -> list[str]:
    if num_frames is None:
        least = 1 if representation == "humanml3d-263" else 2
        return [] if frames >= least else [f"has {frames} frames; the least is {least}"]
    allowed = (num_frames,) if representation == "humanml3d-263" else (num_frames, num_frames + 1)
    if frames in allowed:
        return []
    return [f"has {frames} frames; expected {' or '.join(map(str, allowed))}"]


def _check_values(array: NDArray[Any]) -> list[str]:
    problems = []
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        count = int(finite.size - finite.sum())
        problems.append(
            f"holds {count} values that are not finite, the first ({array[where]}) at {where}"
        )
    with np.errstate(invalid="ignore"):  # a signalling NaN would make NumPy warn
        large = finite & (np.abs(array.astype(np.float64)) > LARGEST_VALUE)
    if large.any():
        where = tuple(int(i) for i in np.argwhere(large)[0])
        problems.append(f"holds {array[where]:g} at {where}; allowed are values up to 1e6")
    return problems


def _check_bones(joints: NDArray[Any]) -> list[str]:
    positions = joints.astype(np.float64)
    bones = positions[:, 1:] - positions[:, list(PARENTS[1:])]
    short = (bones * bones).sum(-1) < SHORTEST_BONE**2
    if not short.any():
        return []
    frame, bone = (int(i) for i in np.argwhere(short)[0])
    child, parent = JOINT_NAMES[bone + 1], JOINT_NAMES[PARENTS[bone + 1]]
    count = int(short.sum())
    return [
        f"has {count} bones without a length, the first in frame {frame}: "
        f"{child} and {parent} are at one place"
    ]
