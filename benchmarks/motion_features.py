"""How fast joints become features and back: `python -m benchmarks.motion_features`.

Prints milliseconds per clip of 100 frames and the ratio to the plain loop, which is what travels
from machine to machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks import loop_features
from hmu_bench.motion import OFFSETS, PARENTS, features_to_joints, joints_to_features

FRAMES = 100


def moving_body() -> np.ndarray:
    """A seeded motion: the rest pose, each joint swaying on a circle of its own, walking on."""
    generator = np.random.default_rng(0)
    rest = np.zeros((22, 3))
    for joint, parent in enumerate(PARENTS[1:], start=1):
        rest[joint] = rest[parent] + OFFSETS[joint]
    time_axis = np.arange(FRAMES + 1)[:, None, None] / 20
    sway = 0.02 * np.sin(2 * np.pi * time_axis + generator.uniform(0, 6, (1, 22, 3)))
    return rest + sway + np.array([0.3, 0, 1.0]) * time_axis


def best_milliseconds(function: Callable[[], object], repeats: int) -> float:
    """The fastest of several runs."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best * 1000


def main() -> None:
    """Measure and print."""
    joints = moving_body()
    features = joints_to_features(joints)
    back = best_milliseconds(lambda: features_to_joints(features), 200)
    fast = best_milliseconds(lambda: joints_to_features(joints), 200)
    slow = best_milliseconds(lambda: loop_features.joints_to_features(joints, OFFSETS), 3)
    difference = np.abs(loop_features.joints_to_features(joints, OFFSETS) - features).max()
    print(f"features_to_joints    {back:8.2f} ms per clip of {FRAMES} frames")
    print(f"joints_to_features    {fast:8.2f} ms")
    print(f"the same, plain loop  {slow:8.2f} ms, {slow / fast:.0f} times as long")
    print(f"largest difference    {difference:.1e}")


if __name__ == "__main__":
    main()
