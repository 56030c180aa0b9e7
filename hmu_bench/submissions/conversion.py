"""One submitted array -> the 263 features that the evaluator reads, at 20 frames a second."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.motion import (
    FPS,
    check_motion,
    extrapolate_last_frame,
    features_to_joints,
    joints_to_features,
    resample,
)
from hmu_bench.motion.checking import LARGEST_VALUE
from hmu_bench.submissions.schema import Representation


def frames_at(num_frames: int, fps: float) -> tuple[int, int]:
    """Fewest and most frames at `fps` that answer a prompt of `num_frames` frames at 20 fps.

    The fewest reach the last frame asked for; the most reach the frame after it.

    >>> frames_at(40, 20), frames_at(40, 30), frames_at(40, 10)
    ((40, 41), (60, 61), (21, 21))
    """
    fewest = math.ceil((num_frames - 1) * fps / FPS - 1e-9) + 1
    return fewest, max(fewest, math.ceil(num_frames * fps / FPS - 1e-9) + 1)


def motion_problems(
    array: NDArray[Any], representation: Representation, fps: float, num_frames: int
) -> list[str]:
    """What keeps an array from being the answer to a prompt of `num_frames` frames.

    Features must have exactly as many frames. Joints must have as many or one more (the features
    of the last frame need the frame after it), or the same time at their own rate (`frames_at`).
    """
    if fps == FPS:
        return check_motion(array, representation, num_frames=num_frames)
    problems = check_motion(array, representation)
    fewest, most = frames_at(num_frames, fps)
    if not problems and not fewest <= len(array) <= most:
        problems.append(
            f"has {len(array)} frames at {fps:g} fps; expected {fewest} to {most} "
            f"(for {num_frames} at {FPS} fps)"
        )
    return problems


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
    joints = array if fps == FPS else resample(array, fps)[: num_frames + 1]
    if len(joints) == num_frames:
        joints = extrapolate_last_frame(joints)
    return joints_to_features(joints)


def to_joints(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """The joints that are scored: (T, 22, 3), metres, of features (T, 263).

    Raises:
        InputError: if they lie beyond 1e6 metres, where speeds and jerks lose all meaning.
    """
    joints = features_to_joints(features)
    if float(np.abs(joints).max()) > LARGEST_VALUE:
        raise InputError("the motion leads joints beyond 1e6 metres")
    return joints
