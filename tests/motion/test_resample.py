from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from hmu_bench.errors import InputError
from hmu_bench.motion import resample, resampled_length

RATES = st.sampled_from([10, 12.5, 15, 20, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 100, 120, 240])


@given(st.integers(1, 400), RATES)
def test_a_straight_line_stays_one(frames, fps):
    """Positions that are linear in time are sampled exactly, NumPy's interp being the judge."""
    times = np.arange(frames) / fps
    joints = times[:, None, None] * np.arange(66.0).reshape(22, 3)
    got = resample(joints, fps)
    assert len(got) == resampled_length(frames, fps)
    expected = (np.arange(len(got)) / 20)[:, None, None] * np.arange(66.0).reshape(22, 3)
    assert_allclose(got, expected, atol=1e-6)
    assert np.array_equal(got[0], joints[0])


@given(st.integers(2, 100), RATES, st.integers(0, 1000))
def test_same_as_numpys_interpolation(frames, fps, seed):
    values = np.random.default_rng(seed).normal(size=frames)
    got = resample(values, fps)
    expected = np.interp(np.arange(len(got)) / 20, np.arange(frames) / fps, values)
    assert_allclose(got, expected, atol=1e-7)


@given(st.integers(1, 300), RATES)
def test_the_last_frame_is_as_late_as_it_can_be(frames, fps):
    length, duration = resampled_length(frames, fps), (frames - 1) / fps
    assert (length - 1) / 20 <= duration + 1e-9
    assert length / 20 > duration


@given(st.integers(40, 196), st.sampled_from([20, 24, 25, 29.97, 30, 50, 60, 100, 120]))
def test_a_generator_that_makes_num_frames_worth_of_time_is_accepted(num_frames, fps):
    made = int(np.ceil(num_frames * fps / 20))
    assert resampled_length(made, fps) in (num_frames, num_frames + 1)


def test_twenty_frames_a_second_stay_as_they_are(oracle):
    joints = oracle["s0_joints"]
    assert np.array_equal(resample(joints, 20), joints.astype(np.float64))


@pytest.mark.parametrize("fps", [0, -20, 4.9, 1001, float("nan"), float("inf")])
def test_impossible_rates(fps):
    with pytest.raises(InputError, match="allowed are 5 to 1000"):
        resample(np.zeros((5, 22, 3)), fps)


def test_no_frames():
    with pytest.raises(InputError, match="no frames"):
        resample(np.zeros((0, 22, 3)), 30)
