from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hmu_bench.errors import InputError
from hmu_bench.metrics import _arrays, kid


def slow_kid(real, generated):
    """Plain loops over all pairs."""

    def kernel(x, y):
        return (float(np.dot(x, y)) / len(x) + 1) ** 3

    def within(rows):
        n = len(rows)
        pairs = [kernel(rows[i], rows[j]) for i in range(n) for j in range(n) if i != j]
        return sum(pairs) / len(pairs)

    across = [kernel(x, y) for x in real for y in generated]
    return within(real) + within(generated) - 2 * sum(across) / len(across)


def test_slow_way(small_set, monkeypatch):
    real, generated = (x[:25].astype(np.float64) for x in (small_set.real, small_set.generated))
    expected = slow_kid(real, generated[:20])
    assert kid(real, generated[:20]) == pytest.approx(expected, rel=1e-10)
    monkeypatch.setattr(_arrays, "BLOCK", 7)
    assert kid(real, generated[:20]) == pytest.approx(expected, rel=1e-10)


def test_unbiased():
    """The mean over many pairs of small samples of one distribution is 0, whatever their size."""
    random = np.random.default_rng(3)
    for size in (3, 10):
        values = [
            kid(random.normal(size=(size, 4)), random.normal(size=(size, 4))) for _ in range(2000)
        ]
        assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(len(values))
    shifted = [
        kid(random.normal(size=(10, 4)), random.normal(size=(10, 4)) + 1) for _ in range(200)
    ]
    assert np.mean(shifted) > 1


ROWS = hnp.arrays(np.float64, (6, 3), elements=st.floats(-10, 10))


@given(ROWS, ROWS, st.permutations(range(6)))
def test_symmetry_order_and_rotation(a, b, order):
    value, scale = kid(a, b), 1e-9 * (1 + np.abs(a).max() + np.abs(b).max()) ** 6
    assert kid(b, a) == pytest.approx(value, abs=scale)
    assert kid(a[order], b) == pytest.approx(value, abs=scale)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3))).Q
    assert kid(a @ turn, b @ turn) == pytest.approx(value, abs=scale)


def test_identical_motions():
    same = np.full((33, 8), 0.5)
    assert kid(same, same) == pytest.approx(0, abs=1e-12)


def test_one_row_is_refused():
    with pytest.raises(InputError, match="generated: has 1 row"):
        kid([[1.0], [2.0]], [[1.0]])
