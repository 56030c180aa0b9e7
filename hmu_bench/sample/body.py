"""The body: 22 joints posed from a few control curves by forward and inverse kinematics.

Axes: metres, Y up, facing +Z, the person's left is +X; angles in radians. Bone lengths are those
of the HumanML3D skeleton, left and right averaged, so that a mirrored motion is a motion of the
same body; the rest directions of hips, trunk and shoulders are ours.
"""

from __future__ import annotations

import numpy as np

from hmu_bench.motion.skeleton import JOINT_NAMES, OFFSETS
from hmu_bench.sample.curves import Array, smooth
from hmu_bench.sample.feet import FootCurves
from hmu_bench.sample.timeline import Pose

# Joints of a pair, left first.
HIPS, KNEES, ANKLES, BALLS = [1, 2], [4, 5], [7, 8], [10, 11]
COLLARS, SHOULDERS, ELBOWS, WRISTS = [13, 14], [16, 17], [18, 19], [20, 21]

_LENGTHS = np.linalg.norm(np.asarray(OFFSETS, dtype=np.float64), axis=1)
_LEFT_IS_X = np.array([[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])


def _pair(joints: list[int]) -> float:
    return float(_LENGTHS[joints].mean())


def _bone(direction: tuple[float, float, float], length: float) -> Array:
    vector = np.array(direction)
    return np.asarray(vector * (length / np.linalg.norm(vector)), dtype=np.float64)


THIGH, SHIN, FOOT = _pair(KNEES), _pair(ANKLES), _pair(BALLS)
UPPER_ARM, FOREARM = _pair(ELBOWS), _pair(WRISTS)
LEG, ARM = THIGH + SHIN, UPPER_ARM + FOREARM

_HIP = _LEFT_IS_X * _bone((0.062, -0.085, -0.012), _pair(HIPS))
_SPINE = [
    _bone((0.0, 0.125, -0.025), _LENGTHS[3]),
    _bone((0.0, 0.14, 0.01), _LENGTHS[6]),
    _bone((0.0, 0.057, 0.004), _LENGTHS[9]),
]
_NECK = _bone((0.0, 0.215, -0.03), _LENGTHS[12])
_HEAD = _bone((0.0, 0.09, 0.045), _LENGTHS[15])
_COLLAR = _LEFT_IS_X * _bone((0.078, 0.118, -0.02), _pair(COLLARS))
_SHOULDER = _LEFT_IS_X * _bone((0.125, 0.03, -0.015), _pair(SHOULDERS))

ANKLE_HEIGHT = 0.075
BALL_HEIGHT = 0.018
STAND = ANKLE_HEIGHT + 0.992 * LEG - float(_HIP[0, 1])

MIRROR = [
    JOINT_NAMES.index(name.replace("left", "?").replace("right", "left").replace("?", "right"))
    for name in JOINT_NAMES
]


def mirror(joints: Array) -> Array:
    """The motion in a mirror: x negated, left and right joints exchanged; (T, 22, 3)."""
    return np.asarray(joints[:, MIRROR] * np.array([-1.0, 1.0, 1.0]), dtype=np.float64)


def turned(vectors: Array, yaw: Array) -> Array:
    """Vectors (T, ..., 3) turned by yaw (T,) about +Y; positive turns to the person's left."""
    shape = (len(vectors),) + (1,) * (vectors.ndim - 2)
    c, s = np.cos(yaw).reshape(shape), np.sin(yaw).reshape(shape)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack([c * x + s * z, np.broadcast_to(y, (c * x).shape), c * z - s * x], axis=-1)


def rotations(yaw: Array, pitch: Array, roll: Array) -> Array:
    """Matrices Ry(yaw) Rx(pitch) Rz(roll), (T, 3, 3): pitch leans forward, roll to the right."""
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    cr, sr = np.cos(roll), np.sin(roll)
    out = np.empty((len(yaw), 3, 3))
    out[:, 0, 0], out[:, 0, 1], out[:, 0, 2] = (
        cy * cr + sy * sp * sr,
        sy * sp * cr - cy * sr,
        sy * cp,
    )
    out[:, 1, 0], out[:, 1, 1], out[:, 1, 2] = cp * sr, cp * cr, -sp
    out[:, 2, 0], out[:, 2, 1], out[:, 2, 2] = (
        cy * sp * sr - sy * cr,
        sy * sr + cy * sp * cr,
        cy * cp,
    )
    return out


def _unit(vectors: Array) -> Array:
    norm = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))[..., None]
    return np.asarray(vectors / np.maximum(norm, 1e-9), dtype=np.float64)


def _across(vectors: Array, along: Array) -> Array:
    """Unit vectors: the part of the vectors that is perpendicular to the unit vectors `along`."""
    return _unit(vectors - along * np.einsum("...i,...i->...", vectors, along)[..., None])


def two_bones(
    root: Array, target: Array, upper: float, lower: float, bend: Array, limit: float, soft: float
) -> tuple[Array, Array]:
    """Middle and end joint of a two-bone chain that reaches for a target.

    The end lies on the line root-target; farther than `soft` of the full length the reach is
    compressed smoothly and never passes `limit`, so that the middle joint does not snap; the side
    of the middle joint is filtered in time (1.3 frames) for the same reason.

    Args:
        root: where the chain begins, (T, 2, 3).
        target: where its end shall be, (T, 2, 3).
        upper: length of the first bone.
        lower: length of the second bone.
        bend: the side to which the middle joint goes, (T, 2, 3).
        limit: largest reach as a share of the full length, below 1.
        soft: share of the full length from which the reach is compressed (`limit`: a hard stop).

    Returns:
        The middle joint and the end joint, each (T, 2, 3).
    """
    full = upper + lower
    line = target - root
    distance = np.maximum(np.sqrt(np.einsum("...i,...i->...", line, line)), 1e-6)
    share = distance / full
    if soft < limit:
        room = limit - soft
        share = np.where(
            share > soft, soft + room * -np.expm1(-np.maximum(share - soft, 0) / room), share
        )
    share = np.clip(share, abs(upper - lower) / full + 0.12, limit)
    reach = (share * full)[..., None]
    along = line / distance[..., None]
    side = _across(smooth(_across(bend, along), 1.3), along)
    a = (upper**2 - lower**2 + reach**2) / (2.0 * reach)
    height = np.sqrt(np.maximum(upper**2 - a**2, 0.0))
    return root + along * a + side * height, root + along * reach


def assemble(pose: Pose, feet: FootCurves) -> Array:
    """Joints (T, 22, 3) of a body of scale 1 from the pose curves and the feet.

    Feet are where `feet` says; the pelvis stays above them and sinks where a leg would be too
    short; hands go to their targets, seen from the middle of the shoulders in the heading frame.
    """
    frames = len(feet.yaw)
    out = np.empty((frames, 22, 3))
    pelvis_rotation = rotations(feet.yaw + pose.lean[:, 0], pose.lean[:, 1], pose.lean[:, 2])
    pelvis = turned(pose.shift, feet.yaw) + feet.centre
    pelvis[:, 1] += STAND
    hips = pelvis[:, None] + _HIP @ pelvis_rotation.transpose(0, 2, 1)
    sink = _sink(hips, feet)
    pelvis[:, 1] += sink
    hips[..., 1] += sink[:, None]
    out[:, 0], out[:, HIPS] = pelvis, hips

    bend = pose.spine / 3.0
    step = rotations(bend[:, 0], bend[:, 1], bend[:, 2])
    point, rotation = pelvis, pelvis_rotation
    for joint, offset in zip((3, 6, 9), _SPINE, strict=True):
        point = point + rotation @ offset
        rotation = rotation @ step
        out[:, joint] = point
    out[:, 12] = point + rotation @ _NECK
    nod = rotation @ rotations(pose.head[:, 0], pose.head[:, 1], np.zeros(frames))
    out[:, 15] = out[:, 12] + nod @ _HEAD
    _arms(out, pose, feet.yaw, point, rotation)
    _legs(out, feet, hips)
    return out


def _sink(hips: Array, feet: FootCurves) -> Array:
    """How far the pelvis must go down (<= 0) so that both legs reach, smooth in time; (T,)."""
    away = feet.ankles - hips
    flat = away[..., 0] ** 2 + away[..., 2] ** 2
    reach = np.sqrt(np.maximum((0.994 * LEG) ** 2 - flat, (0.3 * LEG) ** 2))
    excess = np.minimum(0.0, feet.ankles[..., 1] + reach - hips[..., 1])
    worst = np.where(feet.free > 0.5, 0.0, excess).min(axis=1)
    padded = np.concatenate([worst[:1], worst[:1], worst, worst[-1:], worst[-1:]])
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 5).min(axis=1)
    return smooth(lowest, 1.2)


def _arms(out: Array, pose: Pose, yaw: Array, spine: Array, rotation: Array) -> None:
    back = rotation.transpose(0, 2, 1)
    collars = spine[:, None] + _COLLAR @ back
    middle = spine + rotation @ (_COLLAR + _SHOULDER).mean(axis=0)
    facing = yaw + pose.follow[:, 0] * (pose.lean[:, 0] + pose.spine[:, 0])
    targets = middle[:, None] + turned(pose.hands, facing)
    rest = collars + _SHOULDER @ back
    # The shoulder girdle helps: forward and up with the hand.
    wish = (targets - rest) @ rotation / ARM
    extra = np.zeros_like(wish)
    extra[..., 1] = 0.05 * np.clip(wish[..., 1] + 0.25, 0.0, 1.0)
    extra[..., 2] = 0.06 * np.clip(wish[..., 2], -0.4, 1.0)
    raised = _unit(_SHOULDER + extra) * np.linalg.norm(_SHOULDER[0])
    shoulders = collars + raised @ back
    elbows, wrists = two_bones(
        shoulders, targets, UPPER_ARM, FOREARM, turned(pose.elbows, facing), 0.995, 0.95
    )
    out[:, COLLARS], out[:, SHOULDERS] = collars, shoulders
    out[:, ELBOWS], out[:, WRISTS] = elbows, wrists


def _legs(out: Array, feet: FootCurves, hips: Array) -> None:
    line = feet.ankles - hips
    forward = np.cross(line, feet.hinges)
    knees, ankles = two_bones(hips, feet.ankles, THIGH, SHIN, forward, 0.9985, 0.9985)
    # A free foot (a kick) keeps its angle to the shin, a planted one its angle to the floor.
    shin = _unit(ankles - knees)
    front = _unit(np.cross(shin, feet.hinges))
    flex = feet.flex[..., None]
    free = feet.free[..., None]
    own = np.cos(flex) * shin + np.sin(flex) * front
    toes = _unit((1.0 - free) * feet.toes + free * own)
    out[:, KNEES], out[:, ANKLES] = knees, ankles
    out[:, BALLS] = ankles + FOOT * toes
