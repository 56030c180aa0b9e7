from __future__ import annotations

import warnings

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.motion import check_motion, features_to_joints, joints_to_features
from hmu_bench.motion.skeleton import PARENTS


@pytest.fixture
def joints(oracle):
    return oracle["s0_joints"].copy()  # 60 frames


@pytest.fixture
def features(oracle):
    return oracle["s0_features"].copy()  # 59 frames


def test_sound_motions_have_no_problem(joints, features):
    for dtype in (np.float16, np.float32, ">f8"):
        assert check_motion(joints.astype(dtype), "joints-22") == []
        assert check_motion(features.astype(dtype), "humanml3d-263") == []
    assert check_motion(features, "humanml3d-263", num_frames=59) == []
    assert check_motion(joints, "joints-22", num_frames=59) == []
    assert check_motion(joints, "joints-22", num_frames=60) == []


@pytest.mark.parametrize(
    ("num_frames", "words"), [(58, "expected 58 or 59"), (61, "expected 61 or 62")]
)
def test_number_of_frames(joints, features, num_frames, words):
    assert words in check_motion(joints, "joints-22", num_frames=num_frames)[0]
    (problem,) = check_motion(features, "humanml3d-263", num_frames=60)
    assert problem == "has 59 frames; expected 60"


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 22, 3), dtype=np.int32),
        np.zeros((4, 22, 3), dtype=complex),
        np.zeros((4, 22, 3), dtype=object),
        np.zeros((4, 22, 3), dtype=bool),
        np.zeros((4, 22, 3), dtype="S4"),
        np.zeros((4, 22, 3), dtype=[("x", "f4")]),
    ],
    ids=lambda a: str(a.dtype),
)
def test_other_types(array):
    (problem,) = check_motion(array, "joints-22")
    assert problem.startswith(f"has dtype {array.dtype}; allowed are")


@pytest.mark.parametrize("shape", [(), (66,), (4, 66), (4, 3, 22), (22, 3), (1, 4, 22, 3), (0,)])
def test_other_shapes(shape):
    (problem,) = check_motion(np.zeros(shape), "joints-22")
    assert problem == f"has shape {shape}; expected (frames, 22, 3)"


@pytest.mark.parametrize("frames", [0, 1])
def test_too_short(joints, frames):
    (problem,) = check_motion(joints[:frames], "joints-22")
    assert problem == f"has {frames} frames; the least is 2"
    assert check_motion(np.zeros((0, 263)), "humanml3d-263") == ["has 0 frames; the least is 1"]


def test_all_problems_are_listed_with_their_place(features):
    features[3, 5], features[4, 6], features[9, 0] = np.nan, -np.inf, -2e6
    problems = check_motion(features, "humanml3d-263", num_frames=40)
    assert problems == [
        "has 59 frames; expected 40",
        "holds 2 values that are not finite, the first (nan) at (3, 5)",
        "holds -2e+06 at (9, 0); allowed are values up to 1e6",
    ]


def test_bones_without_length(joints):
    joints[5, 20] = joints[5, 18]
    joints[8, 20] = joints[8, 18]
    assert check_motion(joints, "joints-22") == [
        "has 2 bones without a length, the first in frame 5: "
        "left_wrist and left_elbow are at one place"
    ]


def test_no_heading_is_found_before_the_features_are_made(joints):
    """Hips and shoulders above each other in frame 0; in a later frame smoothing bridges it."""
    upright = joints[0].copy()
    for joint, direction in ((1, 1), (2, -1), (13, 1), (14, -1), (16, 1), (17, -1)):
        upright[joint] = upright[PARENTS[joint]] + [0, 0.1 * direction, 0]
    later = np.concatenate((joints[:6], upright[None], joints[6:]))
    assert check_motion(later, "joints-22") == []
    assert np.isfinite(joints_to_features(later)).all()
    joints[0] = upright
    (problem,) = check_motion(joints, "joints-22")
    assert problem.startswith("has no heading in frame 0")
    with pytest.raises(InputError, match="the motion has no heading in frame 0"):
        joints_to_features(joints)


def test_what_passes_can_be_converted():
    """Rubbish that is finite and has bones: no warning, no NaN, however ugly."""
    generator = np.random.default_rng(2)
    passed = 0
    for scale in (1e-3, 1.0, 1e3, 2e5):
        joints = generator.normal(size=(30, 22, 3)) * scale
        features = generator.normal(size=(30, 263)) * scale
        if not check_motion(joints, "joints-22"):
            assert np.isfinite(joints_to_features(joints)).all()
            passed += 1
        assert check_motion(features, "humanml3d-263") == []
        assert np.isfinite(features_to_joints(features)).all()
    assert passed >= 3


def test_a_signalling_nan_is_a_nan(features):
    """NumPy warns when it converts one; a warning would be a second line on stderr."""
    features = features.astype(np.float32)
    features.view(np.uint32)[2, 3] = 0x7F800001
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (problem,) = check_motion(features, "humanml3d-263")
    assert "not finite, the first (nan) at (2, 3)" in problem
