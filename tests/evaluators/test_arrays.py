from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.evaluators.arrays import read_matrix, read_vector


@pytest.mark.parametrize("dtype", [">f4", "f2", "f4", "f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_reads_what_numpy_writes(tmp_path, dtype, order):
    array = np.arange(6).reshape(2, 3).astype(dtype, order=order)
    np.save(tmp_path / "a.npy", array)
    found = read_matrix(tmp_path / "a.npy", 1000)
    assert found.dtype == np.float32
    assert (found == array).all()
    np.save(tmp_path / "b.npy", array[0])
    vector = read_vector(tmp_path / "b.npy", 3)
    assert vector.dtype == np.float64
    assert vector.tolist() == [0, 1, 2]


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"\x80\x04]."])
def test_what_is_no_array(tmp_path, data):
    (tmp_path / "a.npy").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.npy.*\.npy file"):
        read_matrix(tmp_path / "a.npy", 1000)


def test_an_array_of_objects_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}, []], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="never loaded"):
        read_vector(tmp_path / "a.npy", 2)


def test_limits_shapes_and_infinities(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(4))
    with pytest.raises(InputError, match="larger"):
        read_matrix(tmp_path / "a.npy", 100)
    with pytest.raises(InputError, match=r"not \(5,\)"):
        read_vector(tmp_path / "a.npy", 5)
    with pytest.raises(InputError, match="rows, columns"):
        read_matrix(tmp_path / "a.npy", 1000)
    np.save(tmp_path / "a.npy", np.array([1.0, np.nan]))
    with pytest.raises(InputError, match="NaN"):
        read_vector(tmp_path / "a.npy", 2)
    np.save(tmp_path / "a.npy", np.array([[1.0, -1e300]]))
    with pytest.raises(InputError, match="float32 does not have"):
        read_matrix(tmp_path / "a.npy", 1000)
    np.save(tmp_path / "a.npy", np.array([[1.0, -np.inf]]))
    with pytest.raises(InputError, match="infinity"):
        read_matrix(tmp_path / "a.npy", 1000)
    with pytest.raises(InputError, match="does not exist"):
        read_matrix(tmp_path / "b.npy", 100)
