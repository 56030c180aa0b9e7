"""The 263 features of HumanML3D (Guo et al. 2022) from and to joint positions.

One row a frame, 20 frames a second, Y up, metres and radians:

| columns | content |
| --- | --- |
| 0 | root rotation velocity about Y, half the angle a frame |
| 1:3 | root velocity along X and Z a frame, in the heading frame |
| 3 | root height |
| 4:67 | 21 joint positions, heading frame, root X and Z removed |
| 67:193 | 21 joint rotations relative to the parent, 6-D |
| 193:259 | 22 joint velocities a frame, in the heading frame |
| 259:263 | foot contacts: left ankle, left toe, right ankle, right toe |

All published motions were made by one program, so a motion is comparable with them only if its
oddities are kept. They are named where they happen:

* `REVERSED_HIPS`: inverse kinematics reads the heading from the shoulder vector *minus* the hip
  vector (retargeting reads it from their sum).
* `SMOOTHED_HEADING`: that heading is smoothed in time by a Gaussian of sigma 20 frames, edges
  repeated, cut at 80 frames: a feature depends on 80 frames to either side.
* `IDENTITY_FIRST_HEADING`: the heading of frame 0 is set to +Z whatever was measured, so the
  first rotation velocity holds the jump to the measured heading of frame 1.
* `HALF_ANGLE_VELOCITY`: the rotation velocity is asin of the quaternion's y part: half the angle.
* `SIGN_AT_BACKWARD`: each frame's rotation is kept with a positive real part, so in the one
  frame in which the heading passes -Z (against frame 0) the rotation velocity has the wrong
  sign, and `features_to_joints` is off by twice that frame's rotation from there on.
* `CONTACT_BY_SPEED`: a foot is in contact when its *squared* displacement in one frame is below
  0.002 m^2 (4.5 cm), for ankle and toe alike; its height does not count.
* `ARMS_FROM_ROOT`: the rotations of both arms start from the root, not from the upper spine.
* `RIGHT_LEG_SCALE` (retargeting): the body scale is the ratio of thigh plus shin of the right leg.
* `ONE_FRAME_LESS`: T + 1 frames of joints give T frames of features.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmu_bench.motion import quaternions
from hmu_bench.motion.checking import NUM_FEATURES, require_array
from hmu_bench.motion.retargeting import SMOOTHING_SIGMA, heading, retarget, turn_to_z
from hmu_bench.motion.skeleton import (
    BONE_DIRECTIONS,
    KINEMATIC_CHAINS,
    LEFT_CONTACT_JOINTS,
    NUM_JOINTS,
    PARENTS,
    RIGHT_CONTACT_JOINTS,
)

ROOT_ROTATION_VELOCITY: Final = slice(0, 1)
ROOT_VELOCITY: Final = slice(1, 3)
ROOT_HEIGHT: Final = slice(3, 4)
POSITIONS: Final = slice(4, 67)
ROTATIONS: Final = slice(67, 193)
VELOCITIES: Final = slice(193, 259)
CONTACTS: Final = slice(259, 263)

CONTACT_THRESHOLD: Final = 0.002
"""Square metres: squared displacement of a foot joint in one frame (CONTACT_BY_SPEED)."""

# The joint in whose frame each rotation is told: its parent, but the root for both collars
# (ARMS_FROM_ROOT), because their chains start anew at the root rotation.
_ROTATION_PARENTS: Final = np.array(
    [
        0 if j in {chain[1] for chain in KINEMATIC_CHAINS} else max(p, 0)
        for j, p in enumerate(PARENTS)
    ]
)


def features_to_joints(features: NDArray[Any]) -> NDArray[np.float32]:
    """Joint positions of a motion in features: (T, 263) -> (T, 22, 3).

    The heading is the running sum of column 0, the root path the running sum of columns 1:3
    turned by the heading, the other joints are columns 4:67 turned by the heading and moved to
    the root. Rotations, velocities and contacts are not read. Frame 0 stands at X = Z = 0 and
    faces +Z.

    Args:
        features: (T, 263), denormalised, 20 frames a second. Any float dtype; the computation
            is in float32 with sums, sine and cosine in float64, like the published joints
            (which it meets to 2.4e-7 m).

    Returns:
        (T, 22, 3) float32, metres, Y up, joints in the order of `skeleton.JOINT_NAMES`.

    Raises:
        InputError: for another shape or dtype, no frames, or values that are not finite.

    >>> still = np.zeros((2, 263))
    >>> still[:, 3] = 0.9
    >>> features_to_joints(still)[1, 0].tolist() == [0.0, np.float32(0.9), 0.0]
    True
    """
    features = np.asarray(features)
    require_array(features, "humanml3d-263")
    features = features.astype(np.float32)
    half_angle = np.zeros(len(features), dtype=np.float32)
    half_angle[1:] = np.cumsum(features[:-1, 0], dtype=np.float64)
    back = np.zeros((len(features), 4), dtype=np.float32)  # heading frame -> world
    # Cosine and sine in float64, then rounded: float32 ones differ from machine to machine.
    back[:, 0] = np.cos(half_angle.astype(np.float64))
    back[:, 2] = -np.sin(half_angle.astype(np.float64))

    step = np.zeros((len(features), 3), dtype=np.float32)
    step[1:, [0, 2]] = features[:-1, ROOT_VELOCITY]
    root = np.cumsum(quaternions.rotate(back, step), axis=0, dtype=np.float64).astype(np.float32)
    root[:, 1] = features[:, 3]

    joints = np.empty((len(features), NUM_JOINTS, 3), dtype=np.float32)
    joints[:, 0] = root
    local = features[:, POSITIONS].reshape(-1, NUM_JOINTS - 1, 3)
    joints[:, 1:] = quaternions.rotate(back[:, None], local)
    joints[:, 1:, [0, 2]] += root[:, None, [0, 2]]
    return joints


def joints_to_features(joints: NDArray[Any]) -> NDArray[np.float32]:
    """The features of a motion in joint positions: (T + 1, 22, 3) -> (T, 263).

    The motion is first retargeted (`retargeting.retarget`): canonical bone lengths, lowest joint
    of the motion at Y = 0, frame 0 at X = Z = 0 and facing +Z. So features do not depend on where
    a motion starts, which way it faces and how tall the body is. The last features need the
    frame after them (ONE_FRAME_LESS); see `extrapolate_last_frame` where it is missing.

    Args:
        joints: (T + 1, 22, 3), metres, Y up, 20 frames a second, left of the body at +X when it
            faces +Z. Any float dtype; the computation is in float64.

    Returns:
        (T, 263) float32, denormalised.

    Raises:
        InputError: for another shape or dtype, fewer than 2 frames, values that are not finite,
            bones without a length, or a frame whose heading is undefined.
    """
    joints = np.asarray(joints)
    require_array(joints, "joints-22")
    positions = retarget(joints.astype(np.float64))

    # World -> heading frame, one quaternion a frame.
    turn = turn_to_z(heading(positions, reversed_hips=True, smoothing=SMOOTHING_SIGMA))
    turn[0] = (1, 0, 0, 0)  # IDENTITY_FIRST_HEADING

    displacement = positions[1:] - positions[:-1]
    root_rotation = quaternions.multiply(turn[1:], quaternions.conjugate(turn[:-1]))
    centred = positions - positions[:, :1] * np.array([1, 0, 1])
    squared = (displacement * displacement).sum(-1)
    contact_joints = [*LEFT_CONTACT_JOINTS, *RIGHT_CONTACT_JOINTS]

    frames = len(positions) - 1
    features = np.empty((frames, NUM_FEATURES), dtype=np.float32)
    # HALF_ANGLE_VELOCITY; clipped because rounding can lead a hair beyond 1.
    features[:, 0] = np.arcsin(np.clip(root_rotation[:, 2], -1, 1))
    features[:, ROOT_VELOCITY] = quaternions.rotate(turn[1:], displacement[:, 0])[:, [0, 2]]
    features[:, 3] = positions[:-1, 0, 1]
    features[:, POSITIONS] = quaternions.rotate(turn[:-1, None], centred[:-1, 1:]).reshape(
        frames, -1
    )
    features[:, ROTATIONS] = quaternions.to_6d(_local_rotations(positions[:-1], turn[:-1])).reshape(
        frames, -1
    )
    features[:, VELOCITIES] = quaternions.rotate(turn[:-1, None], displacement).reshape(frames, -1)
    features[:, CONTACTS] = squared[:, contact_joints] < CONTACT_THRESHOLD
    return features


def extrapolate_last_frame(joints: NDArray[Any]) -> NDArray[np.float64]:
    """One more frame at constant velocity, so that T frames of joints give T features.

    The features of the published motions were made with the true next frame; the last row of
    features (velocities, contacts) is thereby an estimate.

    Args:
        joints: (T, 22, 3), T at least 2.

    Returns:
        (T + 1, 22, 3) float64: last + (last - the one before).

    Raises:
        InputError: as `joints_to_features`.

    >>> pose = np.arange(66.0).reshape(22, 3)
    >>> rising = np.stack([pose, pose + [0, 0.1, 0]])
    >>> (extrapolate_last_frame(rising)[2] - pose)[5].round(6).tolist()
    [0.0, 0.2, 0.0]
    """
    joints = np.asarray(joints)
    require_array(joints, "joints-22")
    positions = joints.astype(np.float64)
    return np.concatenate((positions, 2 * positions[-1:] - positions[-2:-1]))


def _local_rotations(
    positions: NDArray[np.floating[Any]], turn: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    """The rotations of joints 1..21 relative to their parents: (T, 22, 3) -> (T, 21, 4).

    A bone's world rotation is the shortest from its rest direction to its direction; the root's
    is `turn` (the rotation into the heading frame, as the published features have it).
    """
    world = np.empty((len(positions), NUM_JOINTS, 4))
    world[:, 0] = turn
    bones = positions[:, 1:] - positions[:, list(PARENTS[1:])]
    world[:, 1:] = quaternions.between(np.broadcast_to(BONE_DIRECTIONS[1:], bones.shape), bones)
    parents = world[:, _ROTATION_PARENTS[1:]]
    return quaternions.multiply(quaternions.conjugate(parents), world[:, 1:])
