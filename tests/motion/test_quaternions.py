"""Against SciPy's rotations, which share no code with ours."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hmu_bench.motion import quaternions


@pytest.fixture
def generator():
    return np.random.default_rng(5)


def scipy_rotation(q):
    return Rotation.from_quat(q, scalar_first=True)


def random_unit(generator, *shape):
    q = generator.normal(size=(*shape, 4))
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def test_multiply_conjugate_and_rotate(generator):
    a, b, v = random_unit(generator, 50), random_unit(generator, 50), generator.normal(size=(50, 3))
    both = scipy_rotation(quaternions.multiply(a, b)).as_matrix()
    assert np.allclose(both, (scipy_rotation(a) * scipy_rotation(b)).as_matrix(), atol=1e-12)
    inverse = scipy_rotation(quaternions.conjugate(a)).as_matrix()
    assert np.allclose(inverse, scipy_rotation(a).inv().as_matrix(), atol=1e-12)
    assert np.allclose(quaternions.rotate(a, v), scipy_rotation(a).apply(v), atol=1e-12)


def test_leading_axes_broadcast(generator):
    q, v = random_unit(generator, 6, 1), generator.normal(size=(6, 22, 3))
    expected = [scipy_rotation(q[t, 0]).apply(v[t]) for t in range(6)]
    assert np.allclose(quaternions.rotate(q, v), expected, atol=1e-12)


def test_six_numbers_are_two_columns(generator):
    q = random_unit(generator, 7)
    matrices = scipy_rotation(q).as_matrix()
    expected = np.concatenate((matrices[:, :, 0], matrices[:, :, 1]), axis=1)
    assert np.allclose(quaternions.to_6d(q), expected, atol=1e-12)


def test_between_takes_one_direction_to_the_other_by_the_shortest_way(generator):
    a, b = generator.normal(size=(200, 3)), generator.normal(size=(200, 3))
    q = quaternions.between(a, b)
    unit_a, unit_b = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b))
    assert np.allclose(quaternions.rotate(q, unit_a), unit_b, atol=1e-12)
    angle = np.arccos((unit_a * unit_b).sum(-1))
    assert np.allclose(scipy_rotation(q).magnitude(), angle, atol=1e-7)
    assert (q[:, 0] >= 0).all()


@pytest.mark.parametrize("length", [1e-3, 1.0, 1e6])
def test_between_opposite_directions_is_a_half_turn(generator, length):
    a = np.concatenate((np.eye(3), -np.eye(3), generator.normal(size=(50, 3)))) * length
    q = quaternions.between(a, -2 * a)
    assert np.allclose(np.linalg.norm(q, axis=-1), 1)
    assert np.allclose(quaternions.rotate(q, a), -a, atol=1e-12 * length)


def test_opposite_and_ordinary_directions_in_one_array():
    a = np.broadcast_to([0.0, -1.0, 0.0], (2, 2, 3))
    b = np.array([[[0.0, 1, 0], [1.0, 0, 0]], [[0.0, -1, 0], [0, 0, 1.0]]])
    assert np.allclose(quaternions.rotate(quaternions.between(a, b), a), b, atol=1e-12)
