from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.sample.curves import bump, minimum_jerk, smooth, spline

VALUES = st.lists(st.floats(-2, 2), min_size=2, max_size=6)


def test_a_stop_to_stop_piece_is_minimum_jerk():
    at = np.linspace(0, 1, 50)
    assert np.allclose(spline([0.0, 1.0], [[0.0], [1.0]], at)[:, 0], minimum_jerk(at))


@given(VALUES)
def test_the_spline_passes_its_keys_and_stays_outside_them(values):
    times = np.arange(len(values)) * 0.3
    at = np.concatenate([[-1.0], times, [times[-1] + 1.0]])
    got = spline(list(times), np.array(values)[:, None], at)[:, 0]
    assert np.allclose(got, [values[0], *values, values[-1]])


@given(VALUES)
def test_the_spline_hardly_overshoots_its_keys(values):
    times = np.arange(len(values)) * 0.3
    got = spline(list(times), np.array(values)[:, None], np.linspace(0, times[-1], 400))
    room = 0.05 * (max(values) - min(values)) + 1e-9
    assert got.min() >= min(values) - room
    assert got.max() <= max(values) + room


def test_velocity_and_acceleration_are_continuous_at_the_keys():
    times, values = [0.0, 0.2, 0.7, 1.0, 1.6], np.array([[0.0], [1.0], [1.5], [0.2], [0.3]])
    step = 1e-4
    for key in times[1:-1]:
        offsets = np.array([-2, -1, 0, 1, 2]) * step
        x = spline(times, values, key + offsets)[:, 0]
        before, after = (x[2] - x[1]) / step, (x[3] - x[2]) / step
        assert abs(after - before) < 0.02
        assert abs((x[0] - 2 * x[1] + x[2]) / step**2) < 1.0
        assert abs((x[2] - 2 * x[3] + x[4]) / step**2) < 1.0


def test_bump_is_symmetric_and_smooth_at_its_ends():
    u = np.linspace(0, 1, 101)
    assert np.allclose(bump(u), bump(1 - u))
    assert bump(0.01) < 1e-4


def test_smoothing_keeps_constants_means_and_order():
    constant = np.full((30, 2, 3), 1.5)
    assert np.allclose(smooth(constant, 2.0), constant)
    spike = np.zeros((41, 1))
    spike[20] = 1.0
    spread = smooth(spike, 2.0)
    assert np.isclose(spread.sum(), 1.0)
    assert np.allclose(spread, spread[::-1])
    kernel = np.exp(-0.5 * (np.arange(-6, 7) / 2.0) ** 2)
    assert np.allclose(spread[14:27, 0], kernel / kernel.sum())
