"""Safetensors of strangers: nothing is read before the sizes are known."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from hmu_bench.errors import InputError
from hmu_bench.tensor_files import open_tensors

GOOD = save({"a": np.arange(6, dtype=np.float32).reshape(2, 3)})
LIMIT = 1 << 20


def test_a_good_file_opens(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(GOOD)
    with open_tensors(path, LIMIT) as handle:
        assert list(handle.keys()) == ["a"]
        assert handle.get_tensor("a").shape == (2, 3)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "shorter than its header"),
        (GOOD[:-1], "not readable safetensors"),
        (GOOD[:20], "not readable safetensors"),
        (GOOD + b"x", "not readable safetensors"),
        (struct.pack("<Q", 1 << 60) + b"{}", "header is larger"),
        (b"PK\x03\x04 a zip file, or so it seems", "header is larger"),
    ],
)
def test_refused(tmp_path, data, word):
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with pytest.raises(InputError, match=word), open_tensors(path, LIMIT):
        pass


def test_missing_large_and_folder(tmp_path):
    path = tmp_path / "a.safetensors"
    with pytest.raises(InputError, match="does not exist"), open_tensors(path, LIMIT):
        pass
    path.write_bytes(GOOD)
    with pytest.raises(InputError, match="10 at most"), open_tensors(path, 10):
        pass
    with pytest.raises(InputError, match="not a regular file"), open_tensors(tmp_path, LIMIT):
        pass


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255))
def test_a_changed_byte_never_breaks_out(tmp_path, position, value):
    data = bytearray(GOOD)
    data[position] = value
    path = tmp_path / "a.safetensors"
    path.write_bytes(bytes(data))
    shapes = []
    # Anything but an InputError fails the test.
    with contextlib.suppress(InputError), open_tensors(path, LIMIT) as handle:
        shapes = [handle.get_slice(key).get_shape() for key in handle.keys()]  # noqa: SIM118
    assert all(np.prod(shape) <= len(data) for shape in shapes)
