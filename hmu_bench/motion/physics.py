"""How physical a motion is: smoothness, and what the feet and the ground do to each other.

All functions take joints (T, 22, 3): metres, Y up, the ground at y = 0, 20 frames a second (see
`hmu_bench.motion.skeleton`). One motion, no padding. None of the values depends on where on the
ground the motion happens or which way it faces.

Joints are not skin: the published metrics of the ground look at the lowest vertex of a body mesh,
these at the lowest joint (as CLoSD's code does), which in real motions rises a few centimetres
when the body rolls over the foot. Read them beside the values of real motions.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.motion.checking import LARGEST_VALUE
from hmu_bench.motion.skeleton import FPS, NUM_JOINTS

Floats = NDArray[np.float64]

FEET: Final = (10, 11)
"""Left and right foot (toe) joint."""
CONTACT_HEIGHT: Final = 0.05
"""Metres: a foot joint below it is on the ground."""
SKATING_SPEED: Final = 0.5
"""Metres a second (2.5 cm a frame) above which a foot on the ground skates."""
SKATING_WINDOW: Final = 5
"""Frame steps over which the speed is averaged as well."""
GROUND_TOLERANCE: Final = 0.005
"""Metres above and below the ground that count as on it."""


class Physics(NamedTuple):
    """The values of one motion; units as in the functions."""

    peak_jerk: float
    auj: float
    foot_skating: float
    foot_floating: float
    penetration: float


def measure(joints: NDArray[Any], *, level: float) -> Physics:
    """All values of one motion.

    Args:
        joints: (T, 22, 3), T >= 4.
        level: mean jerk of real motions, see `area_under_jerk`.

    Raises:
        InputError: for fewer than 4 frames, another shape, or values that are not finite.
    """
    positions = _checked(joints, 4)
    curve = _jerk(positions)
    return Physics(
        peak_jerk=float(curve.max()),
        auj=float(np.abs(curve - level).sum() / FPS),
        foot_skating=foot_skating(positions),
        foot_floating=foot_floating(positions),
        penetration=penetration(positions),
    )


def jerk(joints: NDArray[Any]) -> Floats:
    """The jerk of the fastest changing joint, frame by frame: (T, 22, 3) to (T - 3,), in m/s^3.

    max over joints of |x(t+3) - 3 x(t+2) + 3 x(t+1) - x(t)| * 20^3, Euclidean. Constant and
    exact for joints on cubic paths. Features rounded to float16 change its peak: of 539 real clips
    by 2 m/s^3 in the median and by 24 at most, which can double that of a person standing still.

    Source: Barquero et al., Seamless Human Motion Composition with Blended Positional Encodings
    (FlowMDM), CVPR 2024, whose code takes the sum of the three coordinates' absolute values, which
    depends on the heading, and leaves out the factor 20^3.

    Raises:
        InputError: for fewer than 4 frames, another shape, or values that are not finite.

    >>> time = np.arange(6)[:, None, None] / 20
    >>> jerk(time**3 * np.ones((1, 22, 3)) * [1.0, 0.0, 0.0]).round(6).tolist()  # d3/dt3 t^3
    [6.0, 6.0, 6.0]
    """
    return _jerk(_checked(joints, 4))


def peak_jerk(joints: NDArray[Any]) -> float:
    """The largest jerk of any joint in any frame, in m/s^3. Best where real motions are.

    A motion that jumps has a high one; one that stands still has 0, which is no merit.

    Source: Barquero et al., CVPR 2024 (there the maximum over frames of the mean over motions,
    around transitions; here of each motion).

    Raises:
        InputError: as `jerk`.
    """
    return float(jerk(joints).max())


def area_under_jerk(joints: NDArray[Any], *, level: float) -> float:
    """Area between the jerk's curve and its mean in real motions, in m/s^2. Lower is better.

    sum over frames of |jerk(t) - level| / 20. It punishes both jitter and motion that is too
    still, and grows with the length of the motion: compare on the same prompts.

    Source: Barquero et al., CVPR 2024 (there of the mean curve of many transitions).

    Args:
        joints: (T, 22, 3), T >= 4.
        level: mean over frames and motions of `jerk` for real motions; 0 gives the plain area.

    Raises:
        InputError: as `jerk`.

    >>> area_under_jerk(np.zeros((23, 22, 3)), level=50.0)  # 20 values: one second at 50 m/s^3
    50.0
    """
    return float(np.abs(jerk(joints) - level).sum() / FPS)


def foot_skating(joints: NDArray[Any]) -> float:
    """Share of frame steps in which a foot skates on the ground, 0 to 1. Lower is better.

    A foot (toe joint) skates in a step if it is below 5 cm at its beginning and end and moves
    horizontally by more than 2.5 cm (0.5 m/s), and more than that on average over the 5 steps
    around it as well. At either end of the motion the average is over those steps that there are
    (the published code counts steps beyond the ends as standing still).

    Source: Karunratanakul et al., Guided Motion Diffusion, ICCV 2023, and its code; used by
    OmniControl (ICLR 2024) and others.

    Args:
        joints: (T, 22, 3), T >= 2.

    Raises:
        InputError: for fewer than 2 frames, another shape, or values that are not finite.
    """
    feet = _checked(joints, 2)[:, FEET]
    moved = np.diff(feet[..., (0, 2)], axis=0)
    speed = np.sqrt(np.einsum("tfc,tfc->tf", moved, moved)) * FPS
    low = feet[..., 1] < CONTACT_HEIGHT
    on_ground = low[1:] & low[:-1]
    skates = on_ground & (speed > SKATING_SPEED) & (_window_means(speed) > SKATING_SPEED)
    return float(skates.any(axis=1).mean())


def foot_floating(joints: NDArray[Any]) -> float:
    """How high the lowest joint is above the ground, mean over frames, in mm. Lower is better.

    mean over frames of max(0, lowest y - 5 mm). Jumps float rightly.

    Source: Yuan et al., PhysDiff, ICCV 2023 ("Float", of mesh vertices).

    Args:
        joints: (T, 22, 3), T >= 1.

    Raises:
        InputError: for no frames, another shape, or values that are not finite.
    """
    lowest = _checked(joints, 1)[..., 1].min(axis=1)
    return float(np.maximum(lowest - GROUND_TOLERANCE, 0.0).mean() * 1000.0)


def penetration(joints: NDArray[Any]) -> float:
    """How deep the lowest joint is below the ground, mean over frames, in mm. Lower is better.

    mean over frames of max(0, -lowest y - 5 mm).

    Source: Yuan et al., PhysDiff, ICCV 2023 ("Penetrate", of mesh vertices).

    Args:
        joints: (T, 22, 3), T >= 1.

    Raises:
        InputError: for no frames, another shape, or values that are not finite.
    """
    lowest = _checked(joints, 1)[..., 1].min(axis=1)
    return float(np.maximum(-lowest - GROUND_TOLERANCE, 0.0).mean() * 1000.0)


def _jerk(positions: Floats) -> Floats:
    third = np.diff(positions, n=3, axis=0)
    lengths = np.sqrt(np.einsum("tjc,tjc->tj", third, third))
    curve: Floats = lengths.max(axis=1) * FPS**3
    return curve


def _window_means(speed: Floats) -> Floats:
    """Mean over the steps around each that exist, (S, F) to (S, F)."""
    reach = SKATING_WINDOW // 2
    sums = np.concatenate([np.zeros((1, speed.shape[1])), np.cumsum(speed, axis=0)])
    steps = np.arange(len(speed))
    first, last = np.maximum(steps - reach, 0), np.minimum(steps + reach + 1, len(speed))
    means: Floats = (sums[last] - sums[first]) / (last - first)[:, None]
    return means


def _checked(joints: NDArray[Any], frames: int) -> Floats:
    array = np.asarray(joints)
    if array.ndim != 3 or array.shape[1:] != (NUM_JOINTS, 3) or array.dtype.kind not in "fiu":
        raise InputError(
            f"the motion is {array.dtype} of shape {array.shape}, not numbers of (frames, 22, 3)"
        )
    if len(array) < frames:
        raise InputError(f"the motion has {len(array)} frames; {frames} are needed")
    positions = np.asarray(array, dtype=np.float64)
    if not (np.abs(positions) <= LARGEST_VALUE).all():
        raise InputError("the motion holds values that are not finite, or beyond 1e6 metres")
    return positions
