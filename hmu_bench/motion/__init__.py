"""Arrays to arrays: skeleton, 263-d features and joints, safe reading."""

from __future__ import annotations

from hmu_bench.motion.checking import Representation, check_motion
from hmu_bench.motion.features import (
    extrapolate_last_frame,
    features_to_joints,
    joints_to_features,
)
from hmu_bench.motion.reading import map_npy, npy_shape, read_motion, read_npy
from hmu_bench.motion.resample import resample, resampled_length
from hmu_bench.motion.skeleton import FPS, JOINT_NAMES, KINEMATIC_CHAINS, OFFSETS, PARENTS

__all__ = [
    "FPS",
    "JOINT_NAMES",
    "KINEMATIC_CHAINS",
    "OFFSETS",
    "PARENTS",
    "Representation",
    "check_motion",
    "extrapolate_last_frame",
    "features_to_joints",
    "joints_to_features",
    "map_npy",
    "npy_shape",
    "read_motion",
    "read_npy",
    "resample",
    "resampled_length",
]
