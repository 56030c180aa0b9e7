from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics import mpjpe


def test_parity_with_the_reference(shared):
    oracle = np.load(shared / "parity" / "metrics" / "mpjpe.npz")
    np.testing.assert_allclose(mpjpe(oracle["gt"], oracle["pred"]), oracle["value"], rtol=1e-6)


def test_by_hand():
    """22 joints, one of them 0.22 m off: 0.01 m; where the skeleton stands does not matter."""
    reference = np.random.default_rng(0).normal(size=(5, 22, 3))
    predicted = reference + np.array([1.0, 2.0, 3.0])
    predicted[:, 7, 1] += 0.22
    np.testing.assert_allclose(mpjpe(reference, predicted), np.full(5, 0.01))
    # The root's own error moves all other joints instead.
    predicted = reference.copy()
    predicted[:, 0, 0] += 0.22
    np.testing.assert_allclose(mpjpe(reference, predicted), np.full(5, 0.21))


@pytest.mark.parametrize("shape", [(4, 22, 3), (5, 21, 3), (5, 22, 2)])
def test_unequal_shapes(shape):
    with pytest.raises(InputError, match=r"both must be \(T, J, 3\)"):
        mpjpe(np.zeros((5, 22, 3)), np.zeros(shape))
