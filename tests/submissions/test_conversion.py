"""A submitted array -> features at 20 fps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.motion import extrapolate_last_frame, joints_to_features, resample, resampled_length
from hmu_bench.submissions.conversion import frames_at, motion_problems, to_features
from tests.stand_ins import features, joints


def test_features_are_taken_as_they_are():
    array = features(40, 1)
    np.testing.assert_array_equal(to_features(array, "humanml3d-263", 20, 40), array)
    half = to_features(array.astype(np.float16), "humanml3d-263", 20, 40)
    assert half.dtype == np.float32
    np.testing.assert_array_equal(half, array.astype(np.float16))


@pytest.mark.parametrize("frames", [39, 41])
def test_features_must_have_the_length(frames):
    with pytest.raises(InputError, match=f"has {frames} frames; expected 40"):
        to_features(features(frames, 1), "humanml3d-263", 20, 40)


def test_joints_with_and_without_the_frame_after():
    array = joints(41, 2)
    np.testing.assert_array_equal(
        to_features(array, "joints-22", 20, 40), joints_to_features(array)
    )
    without = to_features(array[:40], "joints-22", 20, 40)
    np.testing.assert_array_equal(without, joints_to_features(extrapolate_last_frame(array[:40])))
    with pytest.raises(InputError, match="has 42 frames; expected 40 or 41"):
        to_features(joints(42, 2), "joints-22", 20, 40)


def test_other_frame_rates_are_resampled():
    array = joints(61, 3)
    np.testing.assert_array_equal(
        to_features(array, "joints-22", 30, 40), joints_to_features(resample(array, 30))
    )
    with pytest.raises(InputError, match="has 70 frames at 30 fps; expected 60 to 61"):
        to_features(joints(70, 3), "joints-22", 30, 40)


@settings(max_examples=60)
@given(st.floats(5, 240) | st.sampled_from([10.0, 12.5, 29.97, 30.0, 60.0]), st.integers(10, 49))
def test_every_rate_has_a_right_length(fps, quarter):
    """The time asked for, at any rate: resampled it holds the frames, and never many more."""
    frames = 4 * quarter
    fewest, most = frames_at(frames, fps)
    assert resampled_length(fewest, fps) >= frames > resampled_length(fewest - 1, fps)
    assert fewest <= most <= fewest + 1 + fps / 20
    if fps >= 20:
        assert fewest <= math.ceil(frames / 20 * fps) <= most
    array = np.repeat(joints(2, 1)[:1], most, axis=0)
    assert motion_problems(array, "joints-22", fps, frames) == []
    assert motion_problems(array[:fewest], "joints-22", fps, frames) == []
    assert motion_problems(array[: fewest - 1], "joints-22", fps, frames) != []


@pytest.mark.parametrize("fps", [5.0, 10.0, 24.0, 30.0, 120.0])
def test_any_rate_gives_the_frames(fps):
    for length in frames_at(40, fps):
        assert to_features(joints(length, 4), "joints-22", fps, 40).shape == (40, 263)


@pytest.mark.parametrize(
    ("array", "word"),
    [
        (np.zeros((40, 262), np.float32), "shape"),
        (np.zeros((40, 22, 3), np.float32), "shape"),
        (np.zeros((0, 263), np.float32), "frames"),
        (np.full((40, 263), np.nan, np.float32), "not finite"),
        (np.full((40, 263), 1e30, np.float32), "1e6"),
        (np.zeros((40, 263), np.int64), "dtype"),
    ],
)
def test_refused(array, word):
    with pytest.raises(InputError, match=word):
        to_features(array, "humanml3d-263", 20, 40)


def test_joints_at_one_place():
    with pytest.raises(InputError, match="bones without a length"):
        to_features(np.zeros((41, 22, 3), np.float32), "joints-22", 20, 40)
