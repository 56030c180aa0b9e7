from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hmu_bench.errors import InputError
from hmu_bench.metrics import _arrays, diversity, multimodality


def slow_diversity(rows):
    total, pairs = 0.0, 0
    for i in range(len(rows)):
        for j in range(i):
            total += float(
                np.sqrt(sum((a - b) ** 2 for a, b in zip(rows[i], rows[j], strict=True)))
            )
            pairs += 1
    return total / pairs


def test_parity_with_the_oracle_over_all_pairs(metric_set):
    expected = metric_set.expected["diversity"]["exact_all_pairs_mean"]
    assert diversity(metric_set.generated) == pytest.approx(expected, rel=1e-9)


def test_multimodality_parity_with_the_oracle_over_all_pairs(find, committed_values):
    activation = np.load(find("multimodality.npz"))["activation"].astype(np.float32)
    expected = committed_values["multimodality"]["exact_all_pairs_mean"]
    assert multimodality(activation) == pytest.approx(expected, rel=1e-6)


ROWS = hnp.arrays(
    np.float64, st.tuples(st.integers(2, 9), st.integers(1, 4)), elements=st.floats(-100, 100)
)


@given(ROWS)
def test_slow_way(rows):
    assert diversity(rows) == pytest.approx(slow_diversity(rows.tolist()), rel=1e-7, abs=1e-12)
    # One prompt with these motions: the same pairs.
    assert multimodality(rows[None]) == pytest.approx(slow_diversity(rows), rel=1e-9, abs=1e-12)


@given(ROWS, st.floats(0.01, 100), st.floats(-1e3, 1e3), st.randoms(use_true_random=False))
def test_order_scale_and_shift(rows, factor, shift, random):
    value, tolerance = diversity(rows), {"rel": 1e-6, "abs": 1e-9}
    order = random.sample(range(len(rows)), len(rows))
    assert diversity(rows[order]) == pytest.approx(value, **tolerance)
    assert diversity(rows * factor) / factor == pytest.approx(value, **tolerance)
    assert diversity(rows + shift) == pytest.approx(value, **tolerance)
    assert multimodality(rows[None, order]) == pytest.approx(multimodality(rows[None]), **tolerance)


def test_blocks_and_close_pairs(monkeypatch):
    """Two tight groups far apart: distances inside a group survive the cancellation."""
    random = np.random.default_rng(6)
    rows = 1e-6 * random.normal(size=(60, 4)) + np.repeat([[0.0], [1e3]], 30, axis=0)
    inside = (slow_diversity(rows[:30]) + slow_diversity(rows[30:])) / 2
    assert diversity(rows[:30]) == pytest.approx(slow_diversity(rows[:30]), rel=1e-9)
    whole = diversity(rows)
    assert whole == pytest.approx(slow_diversity(rows), rel=1e-12)
    assert inside < 1e-5
    monkeypatch.setattr(_arrays, "BLOCK", 61)
    assert diversity(rows) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("n", [2, 31, 33])
def test_identical_motions(n):
    same = np.full((n, 512), 0.1, dtype=np.float32)
    assert diversity(same) == 0
    assert multimodality(np.stack([same, same], axis=1)) == 0


def test_one_motion_has_no_pair():
    with pytest.raises(InputError, match="has 1 row"):
        diversity([[1.0, 2.0]])
    with pytest.raises(InputError, match="1 motion a prompt"):
        multimodality([[[1.0]], [[2.0]]])
    with pytest.raises(InputError, match="3 axes"):
        multimodality([[1.0], [2.0]])
