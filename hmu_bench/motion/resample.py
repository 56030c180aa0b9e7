"""Joint positions of another frame rate at 20 frames a second."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.motion.skeleton import FPS

LOWEST_FPS: Final = 5
HIGHEST_FPS: Final = 1000


def resampled_length(num_frames: int, fps: float) -> int:
    """How many frames at 20 fps fit between the first and the last of `num_frames` at `fps`.

    Formula: floor((num_frames - 1) * 20 / fps) + 1.

    Raises:
        InputError: for a frame rate outside 5..1000 or no frames.

    >>> resampled_length(90, 30), resampled_length(91, 30), resampled_length(60, 20)
    (60, 61, 60)
    """
    if not LOWEST_FPS <= fps <= HIGHEST_FPS:  # NaN too
        raise InputError(f"fps is {fps}; allowed are {LOWEST_FPS} to {HIGHEST_FPS}")
    if num_frames < 1:
        raise InputError("the motion has no frames")
    # 1e-9: a rate such as 29.97 is not exact in binary, and must not lose the last frame.
    return math.floor((num_frames - 1) * FPS / fps + 1e-9) + 1


def resample(joints: NDArray[Any], fps: float) -> NDArray[np.float64]:
    """A motion at 20 frames a second, linearly interpolated: (T, ...) -> (T', ...).

    The first frame stays the first; nothing is extrapolated beyond the last. Positions are
    interpolated, so that bones shorten a little between frames that are far apart; higher rates
    are sampled without a low-pass filter.

    Args:
        joints: (T, 22, 3) positions (any trailing shape), a frame each 1 / `fps` seconds.
        fps: frames a second of the motion, 5 to 1000.

    Returns:
        (`resampled_length(T, fps)`, ...) float64.

    Raises:
        InputError: for a frame rate outside 5..1000 or no frames.

    >>> resample(np.array([0.0, 1.0, 2.0, 3.0]), fps=40).tolist()
    [0.0, 2.0]
    >>> resample(np.array([0.0, 1.0]), fps=10).tolist()
    [0.0, 0.5, 1.0]
    """
    positions = np.asarray(joints, dtype=np.float64)
    length = resampled_length(len(positions), fps)
    at = np.minimum(np.arange(length) * (fps / FPS), len(positions) - 1)
    before = np.floor(at).astype(np.intp)
    after = np.minimum(before + 1, len(positions) - 1)
    weight = (at - before).reshape(-1, *[1] * (positions.ndim - 1))
    result: NDArray[np.float64] = positions[before] * (1 - weight) + positions[after] * weight
    return result
