from __future__ import annotations

import numpy as np

from hmu_bench.sample.timeline import IDLE, Timeline, living


def test_what_a_key_does_not_name_keeps_its_value():
    line = Timeline({"spine": (0.1, 0.2, 0.3)})
    line.key(1.0, left_hand=(0.0, 0.1, 0.5))
    line.key(2.0, spine=(0.0, 0.0, 0.0))
    pose = line.curves(np.array([0.0, 1.0, 2.0]))
    assert np.allclose(pose.spine[:2], [0.1, 0.2, 0.3])
    assert np.allclose(pose.hands[2, 0], [0.0, 0.1, 0.5])
    assert np.allclose(pose.hands[:, 1], IDLE["right_hand"])


def test_keys_never_go_back_in_time():
    line = Timeline()
    line.key(1.0)
    line.key(0.5)
    assert line.end > 1.0


def test_a_living_body_never_stands_quite_still_but_almost():
    extra = living(np.arange(100) / 20, 0.3, 1.0)
    assert np.abs(np.diff(extra, axis=0)).sum(axis=1).min() > 0
    assert np.abs(extra).max() < 0.06
