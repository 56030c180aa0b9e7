from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics import mm_dist, multimodality, r_precision
from hmu_bench.metrics.intervals import (
    mm_dist_interval,
    multimodality_interval,
    r_precision_intervals,
)
from hmu_bench.metrics.intervals.prompts import _candidates

RANDOM = np.random.default_rng(0)
TEXT = RANDOM.normal(size=(60, 5))
MOTIONS = TEXT + RANDOM.normal(size=(3, 60, 5))
GROUPS = np.arange(60) // 2
CAPTIONS = [f"caption {i % 50}" for i in range(60)]


def test_mm_dist():
    estimate = mm_dist_interval(TEXT, MOTIONS, GROUPS)
    assert estimate.value == pytest.approx(np.mean([mm_dist(TEXT, m) for m in MOTIONS]))
    assert estimate.low < estimate.value < estimate.high
    assert mm_dist_interval(TEXT, MOTIONS[0], GROUPS).value == pytest.approx(
        mm_dist(TEXT, MOTIONS[0])
    )


def test_r_precision():
    found = r_precision_intervals(TEXT, MOTIONS, GROUPS, CAPTIONS)
    expected = np.mean(
        [r_precision(TEXT, m, base_clips=GROUPS.tolist(), captions=CAPTIONS) for m in MOTIONS],
        axis=0,
    )
    assert [e.value for e in found] == pytest.approx(expected)
    assert all(0 <= e.low < e.value < e.high <= 1 for e in found)
    assert (found[0].n, found[0].clusters) == (60, 30)


def test_multimodality():
    estimate = multimodality_interval(MOTIONS, GROUPS)
    assert estimate.value == pytest.approx(multimodality(MOTIONS.swapaxes(0, 1)))
    assert estimate.terms.shape == (60,)
    single = multimodality_interval(MOTIONS[:1], GROUPS)
    assert (single.value, single.reason) == (None, "one motion a prompt; multimodality needs 2")


def test_candidates_by_loops():
    clips, texts = RANDOM.integers(0, 8, size=(2, 40))
    expected = [
        sum(c != clips[i] and t != texts[i] for c, t in zip(clips, texts, strict=True))
        for i in range(40)
    ]
    assert _candidates(clips, texts).tolist() == expected


@pytest.mark.parametrize(("n", "defined"), [(1, False), (31, False), (32, True), (33, True)])
def test_below_a_pool_r_precision_is_undefined(n, defined):
    captions = [str(i) for i in range(n)]
    found = r_precision_intervals(TEXT[:n], MOTIONS[:, :n], range(n), captions)
    assert len(found) == 3
    for estimate in found:
        assert (estimate.value is not None) == defined
    if not defined:
        assert found[0].reason == (
            f"a text has {n - 1} candidates beside its own motion, a pool of 32 needs 31"
        )


def test_captions_of_one_clip_are_no_candidates():
    found = r_precision_intervals(TEXT[:33], MOTIONS[:, :33], [0, 0, *range(2, 33)], ["a"] * 33)
    assert found[0].reason.startswith("a text has 0 candidates")


def test_refuses():
    with pytest.raises(InputError, match="shape"):
        mm_dist_interval(TEXT, MOTIONS[:, :5], GROUPS)
    with pytest.raises(InputError, match="base clips"):
        r_precision_intervals(TEXT, MOTIONS, GROUPS, CAPTIONS[:5])
    with pytest.raises(InputError, match="axes"):
        multimodality_interval(TEXT, GROUPS)
