"""One submitted array -> the 263 features that the evaluator reads, at 20 frames a second."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.motion import (
    FPS,
    check_motion,
    extrapolate_last_frame,
    joints_to_features,
    resample,
    resampled_length,
)
from hmu_bench.submissions.schema import Representation


def motion_problems(
    array: NDArray[Any], representation: Representation, fps: float, num_frames: int
) -> list[str]:
    """What keeps an array from being the answer to a prompt of `num_frames` frames.

    Features must have exactly as many frames. Joints, once at 20 fps, must have as many or one
    more (the features of the last frame need the frame after it).
    """
    if fps == FPS:
        return check_motion(array, representation, num_frames=num_frames)
    problems = check_motion(array, representation)
    if problems:
        return problems
    length = resampled_length(len(array), fps)
    if length in (num_frames, num_frames + 1):
        return []
    return [
        f"has {len(array)} frames at {fps:g} fps, {length} at {FPS}; "
        f"expected {num_frames} or {num_frames + 1}"
    ]


def to_features(
    array: NDArray[Any], representation: Representation, fps: float, num_frames: int
) -> NDArray[np.float32]:
    """The features of a submitted motion: (num_frames, 263) float32, denormalised, 20 fps.

    Features are taken as they are; joints are resampled linearly to 20 fps, continued by one frame
    at constant velocity if only `num_frames` are there, and turned into features.

    Raises:
        InputError: for every problem of `motion_problems`, in one line.
    """
    problems = motion_problems(array, representation, fps, num_frames)
    if problems:
        raise InputError("the motion " + ", and ".join(problems))
    if representation == "humanml3d-263":
        return array.astype(np.float32)
    joints = array if fps == FPS else resample(array, fps)
    if len(joints) == num_frames:
        joints = extrapolate_last_frame(joints)
    return joints_to_features(joints)
