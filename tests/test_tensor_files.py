"""Safetensors of strangers: nothing is read before the sizes are known."""

from __future__ import annotations

import contextlib
import json
import os
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save, save_file

from hmu_bench.errors import InputError
from hmu_bench.tensor_files import open_tensors

GOOD = save({"a": np.arange(6, dtype=np.float32).reshape(2, 3)})
LIMIT = 1 << 20


def test_a_good_file_opens(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(GOOD)
    with open_tensors(path, LIMIT) as handle:
        assert list(handle.tensors) == ["a"]
        np.testing.assert_array_equal(handle.read("a"), [[0, 1, 2], [3, 4, 5]])


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


def tensor(shape: object, offsets: object, dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def lying(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


LIES = {
    "overlap": ({"a": tensor([4], [0, 16]), "b": tensor([4], [8, 24])}, 24, "invalid offset"),
    "same bytes": ({"a": tensor([4], [0, 16]), "b": tensor([4], [0, 16])}, 16, "invalid offset"),
    "gap": ({"a": tensor([4], [0, 16]), "b": tensor([4], [32, 48])}, 48, "invalid offset"),
    "out of the file": ({"a": tensor([400], [0, 1600])}, 16, "not fully covered"),
    "into the header": ({"a": tensor([4], [-16, 0])}, 16, "expected usize"),
    "backwards": ({"a": tensor([4], [16, 0])}, 16, "invalid offset"),
    "other size": ({"a": tensor([5], [0, 16])}, 16, "invalid shape"),
    "negative shape": ({"a": tensor([-4], [0, 16])}, 16, "expected usize"),
    "huge shape": ({"a": tensor([2**63, 2**63], [0, 16])}, 16, "overflow"),
    "huge axis beside an empty one": ({"a": tensor([0, 2**62], [0, 0])}, 0, "axes"),
    "axis beyond 64 bits": ({"a": tensor([2**70], [0, 0])}, 0, "expected usize"),
    "a hundred axes": ({"a": tensor([1] * 100, [0, 4])}, 4, "100 axes"),
    "fraction of an axis": ({"a": tensor([1.5], [0, 6])}, 6, "expected usize"),
    "unknown type": ({"a": tensor([4], [0, 16], "F31")}, 16, "unknown variant"),
    "half a byte": ({"a": tensor([8], [0, 4], "F4")}, 4, "has type F4"),
    "no offsets": ({"a": {"dtype": "F32", "shape": [4]}}, 16, "missing field"),
    "metadata of lists": ({"__metadata__": {"a": [1]}}, 0, "expected a string"),
    "deep": (b"[" * 100_000, 0, "recursion"),
    "deep metadata": (b'{"__metadata__":' + b"[" * 5000 + b"]" * 5000 + b"}", 0, "recursion"),
    "not JSON": (b"{,}", 0, "not readable"),
    "not UTF-8": (b'{"\xff":0}', 0, "not readable"),
    "no header": (b"", 0, "not readable"),
    "digits without end": (b'{"a":' + b"9" * 5000 + b"}", 0, "digits"),
    "a name twice": (
        b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},'
        b'"\\u0061":{"dtype":"F16","shape":[8],"data_offsets":[0,16]}}',
        16,
        "gives 'a' twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_headers_that_lie(tmp_path, lie):
    header, data, words = LIES[lie]
    path = tmp_path / "a.safetensors"
    path.write_bytes(lying(header, bytes(data)))
    with pytest.raises(InputError, match=words) as caught, open_tensors(path, LIMIT):
        pass
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "F8_E5M2"])
def test_types_that_numpy_lacks(tmp_path, dtype):
    path = tmp_path / "a.safetensors"
    size = 2 if dtype == "BF16" else 1
    path.write_bytes(lying({"a": tensor([8], [0, 8 * size], dtype)}, bytes(8 * size)))
    with open_tensors(path, LIMIT) as file:
        assert file.tensors["a"].dtype == dtype
        assert len(file.read_bytes("a")) == 8 * size
        with pytest.raises(InputError, match=rf"\[a\]: has type {dtype}"):
            file.read("a")


def test_a_file_that_shrinks_while_it_is_read(tmp_path):
    """Mapped into memory this would kill the process (SIGBUS)."""
    path = tmp_path / "a.safetensors"
    save_file({"a": np.ones(1_000_000, np.float32), "b": np.ones(4, np.float32)}, path)
    with open_tensors(path, 1 << 30) as file:
        os.truncate(path, 5000)
        with pytest.raises(InputError, match="shortened while it was read"):
            file.read("a")


def test_a_pipe_keeps_nobody_waiting(tmp_path):
    os.mkfifo(tmp_path / "a.safetensors")
    with (
        pytest.raises(InputError, match="not a regular file"),
        open_tensors(tmp_path / "a.safetensors", LIMIT),
    ):
        pass


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5).filter(
            lambda name: name != "__metadata__"
        ),
        st.tuples(
            st.sampled_from(["f2", "f4", "f8", "i1", "i8", "u2", "?"]),
            st.lists(st.integers(0, 3), max_size=4),
        ),
        max_size=5,
    )
)
def test_reads_what_the_library_reads(tmp_path_factory, tensors):
    generator = np.random.default_rng(1)
    arrays = {
        name: generator.integers(0, 2, shape).astype(dtype)
        for name, (dtype, shape) in tensors.items()
    }
    path = tmp_path_factory.mktemp("same") / "a.safetensors"
    save_file(arrays, path)
    expected = load_file(path)
    with open_tensors(path, LIMIT) as file:
        assert file.tensors.keys() == expected.keys()
        for name, array in expected.items():
            found = file.read(name)
            assert found.dtype == array.dtype
            np.testing.assert_array_equal(found, array)


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
        shapes = [handle.read(name).shape for name in handle.tensors]
    assert all(np.prod(shape) <= len(data) for shape in shapes)
