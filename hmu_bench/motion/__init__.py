"""Arrays to arrays: skeleton, 263-d features and joints, safe reading."""

from __future__ import annotations

from hmu_bench.motion.checking import check_motion
from hmu_bench.motion.features import (
    extrapolate_last_frame,
    features_to_joints,
    joints_to_features,
)
from hmu_bench.motion.skeleton import FPS, JOINT_NAMES, KINEMATIC_CHAINS, OFFSETS, PARENTS

__all__ = [
    "FPS",
    "JOINT_NAMES",
    "KINEMATIC_CHAINS",
    "OFFSETS",
    "PARENTS",
    "check_motion",
    "extrapolate_last_frame",
    "features_to_joints",
    "joints_to_features",
]
