"""Every action, from many seeds: is it a motion that a body could make, and what it says it is?"""

from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.motion import PARENTS
from hmu_bench.sample.actions import ACTIONS, PAIRS
from hmu_bench.sample.generator import make_joints, perform
from hmu_bench.sample.stage import Draw, number

SEEDS = range(10)
WRISTS, BALLS, ANKLES = [20, 21], [10, 11], [7, 8]
# m/s and m/s^3 of a body of size 1; the fastest joint of the real kicks and dashes of
# Bandai-Namco's motion capture moves at 10 m/s.
MAX_SPEED, MAX_JERK = 11.5, 8000.0


def drawn(name, seed):
    return [(name, ACTIONS[name].draw(Draw(seed)))]


def motion(name, seed):
    """Joints of a body of size 1."""
    parts = drawn(name, seed)
    return make_joints(parts) / number(parts[0][1], "size")


@pytest.fixture(scope="module")
def motions():
    return {name: [motion(name, seed) for seed in SEEDS] for name in ACTIONS}


@pytest.mark.parametrize("name", ACTIONS)
def test_the_motion_is_one_that_a_body_could_make(name, motions):
    for joints in motions[name]:
        assert np.isfinite(joints).all()
        bones = np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)
        assert np.ptp(bones, axis=0).max() < 1e-9
        assert joints[..., 1].min() > 0.005, "below the floor"
        assert joints[:, BALLS + ANKLES, 1].min() < 0.09, "never touches the floor"
        speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * 20
        assert speed.max() < MAX_SPEED
        jerk = np.linalg.norm(np.diff(joints, n=3, axis=0), axis=-1) * 20**3
        assert jerk.max() < MAX_JERK
        assert speed.max(axis=1).min() > 0, "frozen"


@pytest.mark.parametrize("name", ACTIONS)
def test_a_planted_foot_does_not_slide(name, motions):
    for joints in motions[name]:
        balls = joints[:, BALLS]
        down = (balls[1:, :, 1] < 0.019) & (balls[:-1, :, 1] < 0.019)
        slide = np.linalg.norm(np.diff(balls[..., [0, 2]], axis=0), axis=-1) * 20
        assert (slide * down).max() < 0.15, "m/s"
        assert down.any(), "no foot is ever planted"


@pytest.mark.parametrize("name", ACTIONS)
def test_the_legs_reach_the_feet_that_were_planned(name):
    for seed in SEEDS:
        parts = drawn(name, seed)
        params = {**parts[0][1], "side": "right", "heading": 0.0, "size": 1.0}
        stage, _ = perform([(name, params)])
        joints = make_joints([(name, params)])
        feet = stage.feet.curves(number(params, "trim") + np.arange(len(joints)) / 20)
        planned = np.linalg.norm(joints[:, ANKLES] - feet.ankles, axis=-1)
        assert (planned * (feet.free == 0)).max() < 0.012


@pytest.mark.parametrize("name", ACTIONS)
def test_size_and_heading_change_nothing_else(name):
    params = {**ACTIONS[name].draw(Draw(3)), "size": 1.0, "heading": 0.0}
    plain = make_joints([(name, params)])
    other = make_joints([(name, {**params, "size": 1.1, "heading": np.pi / 2})])
    # heading +90 degrees: ahead (+Z) becomes +X
    assert np.allclose(other / 1.1, plain[..., [2, 1, 0]] * [1, 1, -1])


@pytest.mark.parametrize("name", [n for n, a in ACTIONS.items() if "side" in a.draw(Draw(0))])
def test_left_is_the_mirror_image_of_right(name):
    params = {**ACTIONS[name].draw(Draw(5)), "heading": 0.0}
    left = make_joints([(name, {**params, "side": "left"})])
    right = make_joints([(name, {**params, "side": "right"})])
    assert np.array_equal(left[:, 0], right[:, 0] * [-1, 1, 1])
    assert np.array_equal(left[:, 20], right[:, 21] * [-1, 1, 1])


def travelled(joints):
    return float(np.linalg.norm(joints[-1, 0, [0, 2]] - joints[0, 0, [0, 2]]))


def test_the_actions_do_what_they_say(motions):
    for joints in motions["walk"]:
        assert travelled(joints) > 0.6
    for joints in motions["run"]:
        speed = np.linalg.norm(np.diff(joints[:, 0, [0, 2]], axis=0), axis=-1) * 20
        assert 1.7 < speed.max() < 6.0
        assert (joints[:, BALLS, 1].min(axis=1) > 0.03).any(), "a run has flight phases"
    for joints in motions["walk"]:
        assert (joints[:, BALLS + ANKLES, 1].min(axis=1) < 0.08).all(), "a walk has none"
    for joints in motions["wave"]:
        head = joints[:, 12, 1]
        assert (joints[:, WRISTS, 1].max(axis=1) > head - 0.05).sum() > 10
    for joints in motions["sit"]:
        assert joints[:, 0, 1].min() < 0.62
    for joints in motions["squat"]:
        assert joints[:, 0, 1].min() < 0.78
    for joints in motions["jump"]:
        assert joints[:, BALLS, 1].min(axis=1).max() > 0.1
    for joints in motions["pick_up"]:
        assert joints[:, WRISTS, 1].min() < 0.36
    for name in ("front_kick", "side_kick", "roundhouse_kick"):
        for joints in motions[name]:
            assert joints[:, ANKLES, 1].max() > 0.7
    for name in ("straight_punch", "jab", "hook", "uppercut", "slap", "slash", "stab", "shove"):
        for joints in motions[name]:
            wrists = np.linalg.norm(np.diff(joints[:, WRISTS], axis=0), axis=-1) * 20
            assert wrists.max() > 3.0
    for joints in motions["clap"]:
        assert np.linalg.norm(joints[:, 20] - joints[:, 21], axis=-1).min() < 0.12


def test_a_turn_turns_by_its_angle_to_its_side():
    for seed in range(12):
        parts = drawn("turn", seed)
        joints = make_joints(parts)
        across = joints[:, 1] - joints[:, 2]
        yaw = np.unwrap(np.arctan2(-across[:, 2], across[:, 0]))
        sign = 1 if parts[0][1]["side"] == "left" else -1
        assert np.isclose(yaw[-1] - yaw[0], sign * np.radians(parts[0][1]["angle"]), atol=0.1)


def test_walking_curves_to_the_side_that_the_words_name():
    for seed in range(40):
        params = ACTIONS["walk"].draw(Draw(seed))
        told = ACTIONS["walk"].words(params)["way"]
        joints = make_joints([("walk", {**params, "heading": 0.0})])
        if params["curve"]:
            side = "left" if joints[-1, 0, 0] > joints[0, 0, 0] else "right"
            assert side in told
            assert {"left": "right", "right": "left"}[side] not in told


def test_actions_in_a_row_go_on_where_the_first_one_ended():
    for first, second in PAIRS:
        before, after = ACTIONS[first].draw(Draw(2)), ACTIONS[second].draw(Draw(3))
        before.update(trim=0.0, side="right")
        after.update(trim=0.0, side="right")
        _, ends = perform([(first, before), (second, after)])
        joints = make_joints([(first, before), (second, after)])
        alone = make_joints([(first, before)])
        cut = int(20 * ends[0]) - 8
        size = number(before, "size")
        assert np.abs(joints[:cut] - alone[:cut]).max() < 0.06 * size
        speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * 20 / size
        assert speed.max() < MAX_SPEED
