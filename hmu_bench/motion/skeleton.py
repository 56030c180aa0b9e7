"""The 22-joint skeleton of HumanML3D: names, tree, canonical bone offsets, frame rate.

Axes: Y up, the body faces +Z in its rest pose and its left side is +X. Units: metres.
Every function of `hmu_bench.motion` uses this order of joints.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FPS: Final = 20
"""Frames per second of all motions inside the benchmark."""

JOINT_NAMES: Final = (
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
)
NUM_JOINTS: Final = len(JOINT_NAMES)

KINEMATIC_CHAINS: Final = (
    (0, 2, 5, 8, 11),
    (0, 1, 4, 7, 10),
    (0, 3, 6, 9, 12, 15),
    (9, 14, 17, 19, 21),
    (9, 13, 16, 18, 20),
)
"""Right leg, left leg, spine and head, right arm, left arm: joint indices, root first."""

PARENTS: Final = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
"""The parent of each joint; -1 for the pelvis. A parent always comes before its children."""

LEFT_HIP, RIGHT_HIP, LEFT_SHOULDER, RIGHT_SHOULDER = 1, 2, 16, 17
"""The four joints from which the heading is read."""

LEG_JOINTS: Final = (5, 8)
"""Right knee and right ankle: thigh and shin, whose lengths give the body scale."""

LEFT_CONTACT_JOINTS: Final = (7, 10)
RIGHT_CONTACT_JOINTS: Final = (8, 11)
"""Ankle and foot (toe) of each side, in the order of the four contact features."""

# (axis, signed length in metres) of the bone that ends in each joint, the pelvis left out.
# Facts about the target skeleton to which HumanML3D fits every motion (its clip 000021). That
# clip is not published, but all published clips lie on that skeleton: the lengths are those of
# the first frame of clip 012314 and agree with eight other clips to 4.5e-7 m.
_X, _Y, _Z = 0, 1, 2
_BONES: Final = (
    (_X, 0.10307395),
    (_X, -0.10988335),
    (_Y, 0.13156825),
    (_Y, -0.39362314),
    (_Y, -0.39018813),
    (_Y, 0.14319026),
    (_Y, -0.43243298),
    (_Y, -0.42564332),
    (_Y, 0.057364706),
    (_Z, 0.14338174),
    (_Z, 0.14941867),
    (_Y, 0.21936),
    (_X, 0.13748683),
    (_X, -0.14338283),
    (_Z, 0.10303927),
    (_Y, -0.13161398),
    (_Y, -0.122984305),
    (_Y, -0.25683984),
    (_Y, -0.26309186),
    (_Y, -0.26601186),
    (_Y, -0.2698763),
)


def _offsets() -> NDArray[np.float64]:
    offsets = np.zeros((NUM_JOINTS, 3))
    for joint, (axis, length) in enumerate(_BONES, start=1):
        offsets[joint, axis] = np.float32(length)
    offsets.flags.writeable = False
    return offsets


OFFSETS: Final = _offsets()
"""(22, 3) float64, metres, read-only: each joint relative to its parent in the rest pose."""

BONE_LENGTHS: Final = np.abs(OFFSETS).sum(axis=1)
"""(22,) float64, metres: length of the bone that ends in each joint; 0 for the pelvis."""
BONE_LENGTHS.flags.writeable = False

BONE_DIRECTIONS: Final = np.sign(OFFSETS)
"""(22, 3) float64: unit rest direction of each bone (a signed axis); zeros for the pelvis."""
BONE_DIRECTIONS.flags.writeable = False
