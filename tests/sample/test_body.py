from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.motion import JOINT_NAMES, OFFSETS, PARENTS
from hmu_bench.sample import body
from hmu_bench.sample.feet import Feet
from hmu_bench.sample.timeline import Timeline

AT = np.arange(20) / 20


def standing():
    return body.assemble(Timeline().curves(AT), Feet().curves(AT))


def lengths(joints):
    return np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)


def test_the_body_has_the_bones_of_humanml3d_with_equal_sides():
    official = np.linalg.norm(OFFSETS, axis=1)[1:]
    ours = lengths(standing())
    assert np.allclose(ours, ours[0])
    assert np.abs(ours[0] / official - 1).max() < 0.036
    for left, right in ((1, 2), (4, 5), (7, 8), (10, 11), (13, 14), (16, 17), (18, 19), (20, 21)):
        assert np.isclose(ours[0, left - 1], ours[0, right - 1])
        pair = official[[left - 1, right - 1]]
        assert np.isclose(ours[0, left - 1], pair.mean(), rtol=1e-6)


def test_standing_faces_ahead_with_the_left_side_at_plus_x():
    joints = dict(zip(JOINT_NAMES, standing()[0], strict=True))
    assert joints["left_shoulder"][0] > 0.15
    assert joints["right_hip"][0] < -0.04
    assert joints["left_foot"][2] > joints["left_ankle"][2] + 0.1
    assert 1.45 < joints["head"][1] < 1.65
    assert 0.85 < joints["pelvis"][1] < 1.0
    assert joints["left_knee"][2] > joints["left_hip"][2]  # knees bend forward


def test_mirroring_exchanges_the_sides_and_is_its_own_inverse():
    joints = np.random.default_rng(0).normal(size=(4, 22, 3))
    twin = body.mirror(joints)
    assert np.array_equal(body.mirror(twin), joints)
    left, right = JOINT_NAMES.index("left_wrist"), JOINT_NAMES.index("right_wrist")
    assert np.array_equal(twin[:, left], joints[:, right] * [-1, 1, 1])
    assert np.array_equal(twin[:, 0], joints[:, 0] * [-1, 1, 1])


def test_rotations_are_yaw_times_pitch_times_roll():
    yaw, pitch, roll = np.random.default_rng(1).uniform(-2, 2, (3, 6))
    got = body.rotations(yaw, pitch, roll)
    for i in range(6):
        cy, sy, cp, sp = np.cos(yaw[i]), np.sin(yaw[i]), np.cos(pitch[i]), np.sin(pitch[i])
        cr, sr = np.cos(roll[i]), np.sin(roll[i])
        ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        rx = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        rz = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        assert np.allclose(got[i], ry @ rx @ rz)
    vectors = np.random.default_rng(2).normal(size=(6, 2, 3))
    zero = np.zeros(6)
    expected = vectors @ body.rotations(yaw, zero, zero).transpose(0, 2, 1)
    assert np.allclose(body.turned(vectors, yaw), expected)


@pytest.mark.parametrize("distance", [0.05, 0.3, 0.6, 0.79, 0.9, 3.0])
def test_two_bones_keep_their_lengths_and_reach_as_far_as_they_may(distance):
    root = np.zeros((5, 2, 3))
    target = root + np.array([0.0, -distance, 0.0])
    bend = root + np.array([0.0, 0.0, 1.0])
    middle, end = body.two_bones(root, target, 0.4, 0.4, bend, 0.99, 0.99)
    assert np.allclose(np.linalg.norm(middle - root, axis=-1), 0.4)
    assert np.allclose(np.linalg.norm(end - middle, axis=-1), 0.4)
    assert (middle[..., 2] > 0).all()
    assert np.allclose(-end[..., 1], np.clip(distance, 0.12 * 0.8, 0.99 * 0.8))


def test_the_reach_is_compressed_smoothly():
    target = np.zeros((400, 2, 3))
    target[..., 1] = -np.linspace(0.5, 1.2, 400)[:, None]
    bend = np.tile([0.0, 0.0, 1.0], (400, 2, 1))
    _, end = body.two_bones(np.zeros((400, 2, 3)), target, 0.4, 0.4, bend, 0.995, 0.95)
    reach = -end[:, 0, 1]
    speed = np.diff(reach)
    assert (speed > 0).all()
    assert np.abs(np.diff(speed)).max() < 0.05 * speed.max()
    assert reach.max() < 0.995 * 0.8
