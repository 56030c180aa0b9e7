from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.motion.skeleton import JOINT_NAMES
from leaderboard.stills import POSES, SLOT, YAW, pose_frames, side, strip
from tests.stand_ins import joints

PATH = re.compile(r'<path class="([a-z ]+)" d="([^"]*)"/>')
VIEW = re.compile(r'viewBox="0 (-?\d+) (\d+) (\d+)"')


def paths(svg: str) -> dict[str, list[tuple[int, int]]]:
    """Class -> the points of its path."""
    found = {}
    for name, path in PATH.findall(svg):
        numbers = re.findall(r"[ML](-?\d+) (-?\d+)", path)
        found[name] = [(int(x), int(y)) for x, y in numbers]
    return found


def motion(frames: int = 40) -> np.ndarray:
    return np.rint(joints(frames, 3) * 1000).astype(np.int16)


@given(st.integers(4, 400), st.integers(2, 12))
def test_frames_run_from_the_first_to_the_last(frames, poses):
    found = pose_frames(frames, poses)
    assert found[0] == 0
    assert found[-1] == frames - 1
    assert len(found) == min(frames, poses)
    steps = np.diff(found)
    assert steps.max() - steps.min() <= 1


def test_each_pose_stands_in_its_place_whatever_way_it_went():
    still = np.repeat(motion()[:1], 40, axis=0)
    gone = still + np.arange(40)[:, None, None] * np.array([50, 0, 90], dtype=np.int16)
    assert strip(still, "x") == strip(gone, "x")
    first, *others = np.array(paths(strip(still, "x"))["left"]).reshape(POSES, -1, 2)
    for number, pose in enumerate(others, 1):
        np.testing.assert_array_equal(pose - [SLOT * number, 0], first)


def test_points_are_the_joints_seen_from_the_side():
    """An independent projection of one joint: the left wrist, seen from the yaw."""
    poses = motion()[pose_frames(40)].astype(float)
    wrist = JOINT_NAMES.index("left_wrist")
    centred = poses[:, wrist] - poses[:, 0] * [1, 0, 1]
    across = centred[:, 0] * np.cos(YAW) - centred[:, 2] * np.sin(YAW)
    ends = np.array(paths(strip(motion(), "x"))["left"]).reshape(POSES, -1, 2)[:, -1]
    places = SLOT * np.arange(POSES) + SLOT // 2
    assert np.abs(ends[:, 0] - places - across / 2.1).max() <= 1


def test_the_left_is_filled_and_the_right_is_hollow():
    found = paths(strip(motion(), "x"))
    assert set(found) == {"ground", "right", "right hollow", "middle", "heads", "left"}
    assert found["right"] == found["right hollow"]
    sides = [side(joint) for joint in range(1, 22)]
    assert (sides.count("left"), sides.count("right"), sides.count("middle")) == (6, 6, 9)
    # every bone is drawn once: a limb of two chains has its bones and two beginnings
    assert len(found["left"]) == POSES * (6 + 2)


@pytest.mark.parametrize("size", [0.1, 1.0, 30.0])
def test_nothing_is_drawn_outside_of_the_picture(size: float):
    wild = np.clip(motion().astype(float) * size, -32767, 32767).astype(np.int16)
    svg = strip(wild, "x")
    view = VIEW.search(svg)
    assert view
    top, width, height = (int(number) for number in view.groups())
    points = np.array([p for name, path in paths(svg).items() if name != "ground" for p in path])
    assert points[:, 0].min() >= -0.3 * SLOT
    assert points[:, 0].max() <= width + 0.3 * SLOT
    assert top <= points[:, 1].min()
    assert points[:, 1].max() <= top + height


def test_the_label_is_text():
    assert 'aria-label="&lt;script&gt; &amp; &#34;x&#34;"' in strip(motion(), '<script> & "x"')
