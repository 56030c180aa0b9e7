from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hmu_bench.errors import InputError
from hmu_bench.metrics import fid, fid_from_statistics, fid_to_statistics, statistics


def sets_of_rows(rows=(2, 12), columns=(1, 8)):
    numbers = st.floats(-100, 100, width=32)
    sizes = st.tuples(st.integers(*rows), st.integers(*rows), st.integers(*columns))
    return sizes.flatmap(
        lambda s: st.tuples(
            hnp.arrays(np.float32, (s[0], s[2]), elements=numbers),
            hnp.arrays(np.float32, (s[1], s[2]), elements=numbers),
        )
    )


def scale_of(*arrays):
    return 1.0 + sum(float(np.square(array, dtype=np.float64).sum()) for array in arrays)


def slow_fid(real, generated):
    """Textbook: covariances, then scipy's general matrix square root."""
    real, generated = real.astype(np.float64), generated.astype(np.float64)
    c_r, c_g = np.cov(real, rowvar=False), np.cov(generated, rowvar=False)
    root = scipy.linalg.sqrtm(c_r @ c_g)
    shift = real.mean(axis=0) - generated.mean(axis=0)
    return shift @ shift + np.trace(c_r) + np.trace(c_g) - 2 * np.trace(root).real


def test_parity_with_the_reference(metric_set):
    expected = metric_set.expected
    # The reference's matrix square root is off by up to 3.4e-5 where N < D.
    assert fid(metric_set.real, metric_set.generated) == pytest.approx(expected["fid"], abs=1e-4)
    assert fid(metric_set.generated, metric_set.real) == pytest.approx(
        expected["fid_reverse"], abs=1e-4
    )
    assert fid(metric_set.real, metric_set.real) == pytest.approx(0, abs=1e-10)


def test_exact_value(metric_set):
    """The oracle's own float64 value by the nuclear norm of the cross matrix."""
    exact = metric_set.expected["fid_checks"]["nuclear_svd"]
    assert fid(metric_set.real, metric_set.generated) == pytest.approx(exact, abs=1e-9)
    by_statistics = fid_from_statistics(
        *statistics(metric_set.real), *statistics(metric_set.generated)
    )
    assert by_statistics == pytest.approx(exact, abs=1e-6)
    mixed = fid_to_statistics(*statistics(metric_set.real), metric_set.generated)
    assert mixed == pytest.approx(exact, abs=1e-6)


def test_slow_way():
    random = np.random.default_rng(4)
    real = random.standard_normal((200, 12)) @ random.standard_normal((12, 12))
    generated = random.standard_normal((150, 12)) + 0.3
    assert fid(real, generated) == pytest.approx(slow_fid(real, generated), rel=1e-9)


def test_closed_forms():
    diagonal = fid_from_statistics([0, 0], np.diag([4.0, 9.0]), [1, 1], np.diag([1.0, 16.0]))
    assert diagonal == pytest.approx(2 + (2 - 1) ** 2 + (3 - 4) ** 2)
    flat = fid_from_statistics([0, 0], np.zeros((2, 2)), [3, 4], np.eye(2))
    assert flat == pytest.approx(25 + 2)


def test_statistics_agree_with_numpy():
    rows = np.random.default_rng(1).standard_normal((9, 4)).astype(np.float32)
    mean, covariance = statistics(rows)
    np.testing.assert_allclose(mean, rows.astype(np.float64).mean(axis=0))
    np.testing.assert_allclose(covariance, np.cov(rows.astype(np.float64), rowvar=False))


@given(sets_of_rows())
def test_identity_and_symmetry(pair):
    a, b = pair
    tolerance = 1e-12 * scale_of(a, b)
    assert fid(a, a) == pytest.approx(0, abs=tolerance)
    assert fid(a, b) == pytest.approx(fid(b, a), abs=tolerance)
    assert fid(a, b) >= 0


@given(sets_of_rows(), st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_order_scale_shift_and_rotation(pair, factor, random):
    a, b = (array.astype(np.float64) for array in pair)
    value, tolerance = fid(a, b), 1e-10 * scale_of(a, b)
    order = random.sample(range(len(a)), len(a))
    assert fid(a[order], b) == pytest.approx(value, abs=tolerance)
    assert fid(a * factor, b * factor) / factor**2 == pytest.approx(value, abs=tolerance)
    shift = np.arange(1.0, a.shape[1] + 1)
    assert fid(a + shift, b + shift) == pytest.approx(value, abs=tolerance)
    assert fid(a, a + shift) == pytest.approx(shift @ shift, abs=tolerance)
    turn = np.linalg.qr(np.random.default_rng(random.randrange(99)).normal(size=(len(shift),) * 2))
    assert fid(a @ turn.Q, b @ turn.Q) == pytest.approx(value, abs=tolerance)


@settings(max_examples=30)
@given(sets_of_rows(rows=(2, 6), columns=(4, 12)))
def test_fewer_rows_than_dimensions(pair):
    a, b = pair
    by_statistics = fid_from_statistics(*statistics(a), *statistics(b))
    # The covariance holds its zero eigenvalues only up to 1e-16, their roots up to 1e-8.
    assert fid(a, b) == pytest.approx(by_statistics, abs=1e-6 * scale_of(a, b))


@pytest.mark.parametrize("rows", [2, 31, 33])
def test_identical_motions(rows):
    same = np.full((rows, 64), 0.1, dtype=np.float32)
    assert fid(same, same) == 0
    assert fid(same, same + np.float32(1)) == pytest.approx(64, rel=1e-6)


@pytest.mark.parametrize(
    ("real", "generated", "words"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]], "real: has 1 row"),
        ([[1.0], [2.0]], [[1.0]], "generated: has 1 row"),
        ([[1.0], [2.0]], [[1.0, 2.0], [1.0, 2.0]], "same evaluator"),
        ([[1.0], [np.nan]], [[1.0], [2.0]], r"real: holds nan at \(1, 0\)"),
        ([[1.0], [2.0]], [[np.inf], [2.0]], "generated: holds inf"),
        ([[1.0], [1e200]], [[1.0], [2.0]], "holds 1e"),
        ([1.0, 2.0], [[1.0]], "2 axes"),
        (np.zeros((0, 3)), np.zeros((4, 3)), "empty"),
        (np.array([["a"], ["b"]]), [[1.0], [2.0]], "not of real numbers"),
        (np.ones((2, 2), dtype=complex), np.ones((2, 2)), "not of real numbers"),
    ],
)
def test_unfit_arrays(real, generated, words):
    with pytest.raises(InputError, match=words):
        fid(real, generated)


@pytest.mark.parametrize(
    ("mean", "covariance", "words"),
    [
        ([0.0, 0.0], [[1.0]], r"shape \(1, 1\)"),
        ([0.0, 0.0], [[1.0, 0.5], [0.0, 1.0]], "not symmetric"),
        ([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]], "negative eigenvalue"),
        ([0.0, 0.0, 0.0], np.eye(3), "3 dimensions"),
    ],
)
def test_unfit_statistics(mean, covariance, words):
    with pytest.raises(InputError, match=words):
        fid_from_statistics(mean, covariance, [0.0, 0.0], np.eye(2))
