from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench import sample
from hmu_bench.errors import InputError
from hmu_bench.motion import FPS, OFFSETS, PARENTS, features_to_joints, joints_to_features
from hmu_bench.motion.physics import (
    area_under_jerk,
    foot_floating,
    foot_skating,
    jerk,
    measure,
    peak_jerk,
    penetration,
)


def standing(frames=40):
    """A person at rest whose feet are on the ground (y = 0)."""
    body = np.zeros((22, 3))
    for joint in range(1, 22):
        body[joint] = body[PARENTS[joint]] + OFFSETS[joint]
    body[:, 1] -= body[:, 1].min()
    return np.repeat(body[None], frames, axis=0)


def seconds(frames=40):
    return np.arange(frames)[:, None, None] / FPS


def test_standing_still_is_perfect_but_for_the_area_under_the_jerk():
    found = measure(standing(43), level=100.0)
    assert found == (0.0, pytest.approx(40 / FPS * 100.0), 0.0, 0.0, 0.0)


@pytest.mark.parametrize("power", [1, 2])
def test_constant_speed_and_acceleration_have_no_jerk(power):
    moving = standing() + seconds() ** power * [0.7, 0.0, -0.4]
    assert peak_jerk(moving) < 1e-9


def test_constant_jerk():
    """x = t^3 / 2 has the jerk 3 m/s^3 in every frame; its area above 1 is 2 a second."""
    moving = standing(23)
    moving[:, 20] += seconds(23)[:, 0] ** 3 / 2 * [0.0, 0.6, 0.8]
    assert jerk(moving) == pytest.approx(np.full(20, 3.0))
    assert peak_jerk(moving) == pytest.approx(3.0)
    assert area_under_jerk(moving, level=0.0) == pytest.approx(3.0)
    assert area_under_jerk(moving, level=1.0) == pytest.approx(2.0)
    assert area_under_jerk(moving, level=5.0) == pytest.approx(2.0)


def test_the_fastest_joint_counts():
    moving = standing()
    for joint, size in ((3, 1.0), (15, 2.0), (20, 0.5)):
        moving[:, joint] += size * seconds()[:, 0] ** 3 * [1.0, 0.0, 0.0]
    assert peak_jerk(moving) == pytest.approx(12.0)


def test_one_jump_of_a_joint():
    """A step of 1 cm: third differences 1, -2, 1 cm times 20^3, so 160 m/s^3 at most."""
    moving = standing(20)
    moving[10:, 20, 0] += 0.01
    assert peak_jerk(moving) == pytest.approx(160.0)
    assert area_under_jerk(moving, level=0.0) == pytest.approx((80 + 160 + 80) / FPS)


def test_jerk_by_plain_loops():
    joints = np.random.default_rng(0).normal(size=(12, 22, 3))
    expected = [
        max(
            math.dist(joints[t + 3, j] + 3 * joints[t + 1, j], 3 * joints[t + 2, j] + joints[t, j])
            * 20**3
            for j in range(22)
        )
        for t in range(9)
    ]
    assert jerk(joints) == pytest.approx(expected)


@pytest.mark.parametrize(("speed", "share"), [(0.4, 0.0), (0.6, 1.0), (3.0, 1.0)])
def test_a_foot_that_slides_at_constant_speed(speed, share):
    """Above 0.5 m/s in every step, below it in none."""
    sliding = standing() + seconds() * [speed * 0.6, 0.0, speed * 0.8]
    assert foot_skating(sliding) == share


def test_one_foot_is_enough_and_height_saves():
    sliding = standing()
    sliding[:, 10] += seconds()[:, 0] * [1.0, 0.0, 0.0]
    assert foot_skating(sliding) == 1.0
    sliding[:, 10, 1] += 0.06
    assert foot_skating(sliding) == 0.0


def test_sliding_for_some_steps():
    """20 of 39 steps; the mean over 5 steps passes 0.5 m/s from the first sliding step on."""
    sliding = standing()
    sliding[:, :, 0] += np.clip(np.arange(40) - 10, 0, 20)[:, None] * (2.0 / FPS)
    assert foot_skating(sliding) == pytest.approx(20 / 39)


def test_one_quick_step_is_no_skating():
    """3 cm in a single step: 0.6 m/s there, 0.12 m/s over 5 steps."""
    stepping = standing()
    stepping[20:, :, 0] += 0.03
    assert foot_skating(stepping) == 0.0


def test_moving_up_and_down_is_no_skating():
    bouncing = standing()
    bouncing[::2, :, 1] += 0.04
    assert foot_skating(bouncing) == 0.0


def test_skating_by_plain_loops():
    generator = np.random.default_rng(1)
    joints = np.cumsum(generator.normal(size=(50, 22, 3)) * 0.03, axis=0)
    joints[..., 1] = np.abs(generator.normal(size=(50, 22)) * 0.05)
    skating = 0
    for t in range(49):
        either = False
        for foot in (10, 11):
            speeds = [
                math.dist(joints[s, foot, ::2], joints[s + 1, foot, ::2]) * FPS for s in range(49)
            ]
            low = max(joints[t, foot, 1], joints[t + 1, foot, 1]) < 0.05
            around = speeds[max(0, t - 2) : t + 3]
            either |= low and speeds[t] > 0.5 and sum(around) / len(around) > 0.5
        skating += either
    assert 0 < skating < 49
    assert foot_skating(joints) == pytest.approx(skating / 49)


@pytest.mark.parametrize(
    ("height", "floating", "deep"),
    [(0.0, 0, 0), (0.005, 0, 0), (0.105, 100, 0), (-0.005, 0, 0), (-0.035, 0, 30)],
)
def test_a_body_above_and_below_the_ground(height, floating, deep):
    """Metres above the ground to mm beyond a tolerance of 5 mm."""
    moved = standing() + np.array([0.0, height, 0.0])
    assert foot_floating(moved) == pytest.approx(floating, abs=1e-9)
    assert penetration(moved) == pytest.approx(deep, abs=1e-9)


def test_a_jump_floats_for_as_long_as_it_lasts():
    jumping = standing()
    jumping[10:20, :, 1] += 0.205
    assert foot_floating(jumping) == pytest.approx(200 * 10 / 40)
    assert penetration(jumping) == 0.0


def test_a_single_penetrating_foot():
    deep = standing()
    deep[:20, 11, 1] = -0.045
    assert penetration(deep) == pytest.approx(40 / 2)
    assert foot_floating(deep) == 0.0


def test_lying_is_not_floating():
    lying = standing()
    lying[:, 1:, 1] += 0.5
    lying[:, 0, 1] = 0.0
    assert foot_floating(lying) == 0.0


@settings(max_examples=25)
@given(st.floats(0, 2 * np.pi), st.floats(-50, 50), st.integers(0, 10**6))
def test_place_and_heading_do_not_matter(angle, away, seed):
    generator = np.random.default_rng(seed)
    joints = standing(20) + np.cumsum(generator.normal(size=(20, 22, 3)) * 0.02, axis=0)
    c, s = np.cos(angle), np.sin(angle)
    turned = joints @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) + [away, 0.0, -away]
    first, second = measure(joints, level=50.0), measure(turned, level=50.0)
    assert second[:2] == pytest.approx(first[:2], rel=1e-6)
    assert second[2:] == pytest.approx(first[2:], abs=1 / 19 + 1e-9)  # a step may be on the edge


def test_measure_is_all_of_them():
    joints = standing(30) + np.random.default_rng(2).normal(size=(30, 22, 3)) * 0.1
    assert measure(joints, level=7.0) == (
        peak_jerk(joints),
        area_under_jerk(joints, level=7.0),
        foot_skating(joints),
        foot_floating(joints),
        penetration(joints),
    )
    assert measure(joints.astype(np.float32), level=7.0) == pytest.approx(
        measure(joints, level=7.0), rel=1e-3
    )


def test_shortest_motions():
    assert jerk(standing(4)).shape == (1,)
    assert foot_skating(standing(2)) == 0.0
    assert penetration(standing(1)) == 0.0
    for function, frames in ((jerk, 3), (peak_jerk, 3), (foot_skating, 1), (penetration, 0)):
        with pytest.raises(InputError, match=f"{frames + 1} are needed"):
            function(standing(frames))


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((5, 21, 3)),
        np.zeros((5, 263)),
        np.full((5, 22, 3), np.nan),
        np.full((5, 22, 3), 1e9),
        np.full((5, 22, 3), "x"),
    ],
)
def test_refuses(bad):
    for function in (jerk, foot_skating, foot_floating, penetration):
        with pytest.raises(InputError, match="the motion"):
            function(bad)


@pytest.fixture(scope="module")
def mocap(shared):
    pandas = pytest.importorskip("pandas")
    table = pandas.read_parquet(shared / "data" / "mocap" / "dataset2.parquet")[::12]
    return [
        np.asarray(joints, np.float64).reshape(frames, 22, 3)
        for joints, frames in zip(table.joints, table.num_frames, strict=True)
    ]


def test_real_motion_capture_is_plausible(mocap):
    level = float(np.concatenate([jerk(joints) for joints in mocap]).mean())
    found = np.array([measure(joints, level=level) for joints in mocap])
    assert 50 < level < 500  # m/s^3
    assert 100 < np.median(found[:, 0]) < 2000
    assert np.median(found[:, 2]) < 0.1
    assert np.median(found[:, 3]) < 10  # mm
    assert found[:, 4].max() == 0.0  # their lowest joint is on the ground


def test_bad_motion_is_told_from_real_motion(mocap):
    generator = np.random.default_rng(0)
    for joints in mocap[::6]:
        real = measure(joints, level=226.0)
        jitter = measure(joints + 0.01 * generator.normal(size=joints.shape), level=226.0)
        assert jitter.peak_jerk > 2 * min(real.peak_jerk, 300)
        assert jitter.auj > real.auj or real.peak_jerk > 800
        drift = joints + seconds(len(joints)) * [0.9, 0.0, 0.0]
        assert measure(drift, level=226.0).foot_skating > 0.5 > real.foot_skating
        sunk = measure(joints - [0.0, 0.1, 0.0], level=226.0)
        assert sunk.penetration > 30


def test_float16_features_change_little(mocap):
    """The stated tolerance: 40 m/s^3, 2 % of the steps, 0.1 mm."""
    for joints in mocap[::3]:
        features = joints_to_features(joints)
        rounded = features.astype(np.float16).astype(np.float32)
        plain = measure(features_to_joints(features), level=226.0)
        stored = measure(features_to_joints(rounded), level=226.0)
        assert abs(stored.peak_jerk - plain.peak_jerk) < 40
        assert abs(stored.foot_skating - plain.foot_skating) < 0.02
        assert abs(stored.foot_floating - plain.foot_floating) < 0.1


def test_real_humanml3d_clips(shared):
    """Measured once on the three published clips; FlowMDM's code gives the same scale of jerk."""
    folder = shared / "data" / "humanml3d" / "motions" / "new_joints"
    peaks = {path.stem: peak_jerk(np.load(path)) for path in sorted(folder.glob("*.npy"))}
    assert peaks == pytest.approx(
        {"007005": 174.42, "012314": 3185.16, "M010968": 241.27}, abs=0.01
    )
    # The L1 norm a frame, averaged, as in FlowMDM's code, whose figure for HumanML3D is 0.033.
    curves = [
        np.abs(np.diff(np.load(path).astype(float), n=3, axis=0)).sum(-1).max(1).mean()
        for path in folder.glob("*.npy")
    ]
    assert 0.01 < np.mean(curves) < 0.1


def test_sample_motions_are_plausible():
    clips = sample.clips("test", twins=False)[:20]
    found = np.array([measure(sample.joints(clip.clip_id), level=226.0) for clip in clips])
    assert found[:, 0].max() < 10_000
    assert found[:, 2].mean() < 0.1
    assert found[:, 3].mean() < 40
    assert found[:, 4].mean() < 1
