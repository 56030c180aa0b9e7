"""What single motions show, as numbers: the ground of the honesty flags that need no evaluator.

Nothing here decides: thresholds and words are in `hmu_bench.submissions.findings`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmu_bench.motion.skeleton import FPS, JOINT_NAMES, PARENTS
from hmu_bench.submissions.schema import Representation

Floats = NDArray[np.float64]

LIMBS: Final = tuple(
    JOINT_NAMES.index(f"{side}_{joint}")
    for joint in ("knee", "ankle", "elbow", "wrist")
    for side in ("left", "right")
)
"""The joints at the lower ends of thighs, shins, upper arms and forearms."""
DIGEST_BYTES: Final = 32
HELD_STEP: Final = 1e-5
"""Metres a frame (and feature units) below which nothing has changed from a frame to the next."""


class MotionFacts(NamedTuple):
    """The facts of one motion.

    Attributes:
        half_precision: 1 if it is stored in float16, else 0.
        movement: largest difference of any feature from the first frame.
        held_frames: frames at the end that only repeat the one before.
        speed: largest speed of any joint, m/s.
        root_speed: largest speed of the pelvis, m/s.
        distance: how far the farthest joint is from where the motion begins, m.
        bone_change: largest change of a bone's length in the motion, longest less shortest, m.
        shortest_limb: median length of the shortest of thighs, shins, upper arms and forearms, m.
        longest_limb: likewise of the longest.
    """

    half_precision: float
    movement: float
    held_frames: float
    speed: float
    root_speed: float
    distance: float
    bone_change: float
    shortest_limb: float
    longest_limb: float


@dataclass(frozen=True)
class FactTable:
    """The facts of many motions, a row each.

    Attributes:
        names: `<prompt_id>/<repeat>` of each.
        facts: (N, 9), the columns of `MotionFacts`.
        digests: (N, 32) uint8, SHA-256 of each one's features.
    """

    names: Sequence[str]
    facts: Floats
    digests: NDArray[np.uint8]

    def column(self, name: str) -> Floats:
        """One fact of all motions: (N,)."""
        found: Floats = self.facts[:, MotionFacts._fields.index(name)]
        return found

    @property
    def prompt_ids(self) -> list[str]:
        """The prompt that each motion answers."""
        return [name.split("/")[0] for name in self.names]


def motion_facts(
    raw: NDArray[Any],
    features: NDArray[np.float32],
    joints: NDArray[np.float32],
    representation: Representation,
) -> MotionFacts:
    """The facts of one motion.

    Bones are measured where they are the sender's own: on submitted joints (the features made of
    them lie on the canonical skeleton), else on the joints that the features describe.

    Args:
        raw: as submitted; joints at any frame rate.
        features: (T, 263), what is scored.
        joints: (T, 22, 3), of the features, at 20 fps.
        representation: of `raw`.
    """
    moved = _lengths(np.diff(joints.astype(np.float64), axis=0))
    body = raw.astype(np.float64) if representation == "joints-22" else joints.astype(np.float64)
    bones = _lengths(body[:, 1:] - body[:, list(PARENTS[1:])])
    limbs = np.median(bones[:, [joint - 1 for joint in LIMBS]], axis=0)
    return MotionFacts(
        half_precision=float(raw.dtype.itemsize == 2),
        movement=float(np.abs(features - features[0]).max()),
        held_frames=float(_held_frames(features, moved)),
        speed=float(moved.max(initial=0.0)) * FPS,
        root_speed=float(moved[:, 0].max(initial=0.0)) * FPS,
        distance=float(_lengths(joints.astype(np.float64)).max()),
        bone_change=float((bones.max(axis=0) - bones.min(axis=0)).max()),
        shortest_limb=float(limbs.min()),
        longest_limb=float(limbs.max()),
    )


def digest(features: NDArray[np.float32]) -> NDArray[np.uint8]:
    """SHA-256 of a motion's features: (32,) uint8."""
    return np.frombuffer(hashlib.sha256(features.tobytes()).digest(), dtype=np.uint8)


def _held_frames(features: NDArray[np.float32], moved: Floats) -> int:
    """Frames at the end in which nothing moves, or whose features are those of the last frame."""
    still = moved.max(axis=1, initial=0.0) < HELD_STEP
    same = np.abs(features[:-1] - features[-1]).max(axis=1, initial=0.0) < HELD_STEP
    return max(_trailing(still), _trailing(same))


def _trailing(flags: NDArray[np.bool_]) -> int:
    """How many are true at the end.

    >>> _trailing(np.array([True, False, True, True]))
    2
    """
    wrong = np.flatnonzero(~flags)
    return len(flags) - (int(wrong[-1]) + 1 if len(wrong) else 0)


def _lengths(vectors: Floats) -> Floats:
    found: Floats = np.sqrt(np.einsum("...c,...c->...", vectors, vectors))
    return found
