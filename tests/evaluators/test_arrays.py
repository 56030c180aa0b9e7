from __future__ import annotations

import io

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.evaluators.arrays import read_array, read_matrix, read_vector


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(">f4", "f4"), ("f2", "f4"), ("f4", "f4"), ("f8", "f8")],
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_reads_what_numpy_writes(tmp_path, dtype, expected, order):
    array = np.arange(6).reshape(2, 3).astype(dtype, order=order)
    np.save(tmp_path / "a.npy", array)
    found = read_array(tmp_path / "a.npy", 1000)
    assert found.dtype == np.dtype(expected)
    assert (found == array).all()


def header(text):
    stream = io.BytesIO()
    data = text.encode().ljust(117) + b"\n"
    stream.write(b"\x93NUMPY\x01\x00" + len(data).to_bytes(2, "little") + data)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a NumPy"),
        (b"\x93NUMPY\x09\x00abc", "version"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,)}"), "size"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}") + b"8" * 8, "size"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}") + b"8" * 8, "size"),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}") + b"8" * 8, "floating"),
        (header("{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}") + b"8" * 8, "floating"),
        (header("__import__('os')"), "not a NumPy"),
        (header("(" * 100), "not a NumPy"),
    ],
)
def test_damaged_and_hostile_files(tmp_path, data, words):
    (tmp_path / "a.npy").write_bytes(data)
    with pytest.raises(InputError, match=words) as caught:
        read_array(tmp_path / "a.npy", 1000)
    assert "a.npy" in str(caught.value)


def test_an_array_of_objects_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}, []], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="floating point"):
        read_array(tmp_path / "a.npy", 10_000)


def test_limits_shapes_and_infinities(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(4))
    with pytest.raises(InputError, match="larger"):
        read_array(tmp_path / "a.npy", 100)
    with pytest.raises(InputError, match=r"not \(5,\)"):
        read_vector(tmp_path / "a.npy", 5)
    with pytest.raises(InputError, match="rows, columns"):
        read_matrix(tmp_path / "a.npy", 1000)
    np.save(tmp_path / "a.npy", np.array([1.0, np.nan]))
    with pytest.raises(InputError, match="NaN"):
        read_vector(tmp_path / "a.npy", 2)
    with pytest.raises(InputError, match="does not exist"):
        read_array(tmp_path / "b.npy", 100)
