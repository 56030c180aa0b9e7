"""Windows of real motions: the fixed crop and the drawn ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.tracks.prompts import Segment
from hmu_bench.tracks.windows import drawn_windows, fixed_windows

SEGMENTS = st.lists(
    st.builds(
        lambda first, length: Segment("c", first, first + length),
        st.integers(0, 100),
        st.integers(40, 199),
    ),
    max_size=30,
)


@given(SEGMENTS)
def test_fixed_windows_are_first_frames(segments):
    for segment, window in zip(segments, fixed_windows(segments), strict=True):
        assert window.first == segment.first
        assert window.length == min(segment.length // 4 * 4, 196)


@given(SEGMENTS, st.integers(0, 2**31))
def test_drawn_windows_stay_inside(segments, seed):
    windows = drawn_windows(segments, seed=seed)
    assert windows == drawn_windows(segments, seed=seed)
    for segment, window in zip(segments, windows, strict=True):
        assert segment.first <= window.first < window.last <= segment.last
        assert window.length in (segment.length // 4 * 4, segment.length // 4 * 4 - 4)


def test_a_third_is_shorter_and_every_start_occurs():
    windows = drawn_windows([Segment("c", 10, 10 + 102)] * 6000, seed=1)
    short = [window for window in windows if window.length == 96]
    assert abs(len(short) / 6000 - 1 / 3) < 0.02
    assert {w.first - 10 for w in short} == set(range(7))
    assert {w.first - 10 for w in windows if w.length == 100} == set(range(3))
