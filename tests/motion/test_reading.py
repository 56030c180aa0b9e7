"""Hostile `.npy` files: one line each, nothing unpickled, nothing large allocated."""

from __future__ import annotations

import io
import os
import pickle
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.motion import map_npy, npy_shape, read_motion, read_npy


def saved(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def npy(header, data=b"", version=(1, 0)):
    """A file with any header."""
    text = header.encode("latin-1")
    length = len(text).to_bytes(2 if version == (1, 0) else 4, "little")
    return b"\x93NUMPY" + bytes(version) + length + text + data


def plain(descr="'<f4'", order="False", shape="(2, 3)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


@pytest.mark.parametrize("dtype", ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (5,), (4, 263), (4, 22, 3), (0, 263)])
def test_reads_what_numpy_wrote(dtype, order, shape):
    array = np.random.default_rng(1).normal(size=shape).astype(dtype).copy(order=order)
    got = read_npy(saved(array))
    assert np.array_equal(got, array)
    assert got.dtype == np.dtype(dtype).newbyteorder("=")
    assert got.dtype.isnative
    assert got.flags.c_contiguous
    assert got.flags.writeable


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_all_versions_of_the_format(version):
    stream = io.BytesIO()
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.lib.format.write_array(stream, array, version=version)
    assert np.array_equal(read_npy(stream.getvalue()), array)


@pytest.mark.parametrize(
    "header",
    [
        plain(),
        "{'shape':(2,3),'fortran_order':False,'descr':'<f4'}",
        "{ 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , 'descr' : '<f4' , } \n",
    ],
)
def test_headers_of_other_writers(header):
    data = np.arange(6, dtype="<f4")
    assert np.array_equal(read_npy(npy(header, data.tobytes())), data.reshape(2, 3))


class Bomb:
    """Unpickling it fails the test."""

    def __reduce__(self):
        return pytest.fail, ("a pickle was loaded",)


HOSTILE = {
    "empty": (b"", "not a NumPy .npy file"),
    "text": (b"hello", "not a NumPy .npy file"),
    "magic only": (b"\x93NUMPY", "version"),
    "no length": (b"\x93NUMPY\x01\x00", "version"),
    "unknown version": (npy(plain(), bytes(24), (9, 0)), "version"),
    "bare pickle": (pickle.dumps(Bomb()), "not a NumPy .npy file"),
    "npz": (b"PK\x03\x04" + bytes(50), "not a NumPy .npy file"),
    "object array": (saved(np.array([Bomb()], dtype=object)), "pickled objects"),
    "object under another name": (npy(plain("'O'"), pickle.dumps(Bomb())), "pickled objects"),
    "named fields": (saved(np.zeros(3, dtype=[("x", "f4")])), "named fields"),
    "object in a field": (npy(plain("[('x', '|O')]"), pickle.dumps(Bomb())), "named fields"),
    "integers": (saved(np.zeros((4, 263), dtype=int)), "type <i8; allowed are float16"),
    "complex": (saved(np.zeros(4, dtype=complex)), "type <c16"),
    "long double": (saved(np.zeros(4, dtype=np.longdouble)), "type <f16"),
    "strings": (saved(np.zeros(4, dtype="U3")), "type <U3"),
    "cut header": (saved(np.zeros((4, 263)))[:40], "cut off"),
    "header beyond the file": (b"\x93NUMPY\x01\x00\xff\xff{}", "65,535 bytes"),
    "header of 4 GB": (b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}", "4,294,967,295 bytes"),
    "long header": (npy(plain() + " " * 5000, bytes(24)), "too long"),
    "cut data": (saved(np.zeros((4, 263)))[:-1], "claims 8,416 bytes of data"),
    "more data": (saved(np.zeros((4, 263))) + b"x", "but 8,417 are there"),
    "no data": (npy(plain(shape="(196, 263)")), "but 0 are there"),
    "huge shape": (npy(plain(shape="(4000000000, 263)")), "claims an array of shape"),
    "overflowing shape": (npy(plain(shape="(4294967296, 4294967296)")), "claims an array"),
    "shape that wraps to the data": (
        npy(plain(shape="(9223372036854775808, 2)")),
        "not possible",
    ),
    "huge but empty": (npy(plain(shape="(0, 999999999999, 999999999999)")), "claims an array"),
    "negative shape": (npy(plain(shape="(-2, -3)"), bytes(24)), "not that of a plain array"),
    "shape of letters": (npy(plain(shape="(a, b)"), bytes(24)), "not that of a plain array"),
    "empty shape with comma": (npy(plain(shape="(,)"), bytes(4)), "not possible"),
    "two numbers in one": (npy(plain(shape="(2 3)"), bytes(24)), "not possible"),
    "many axes": (npy(plain(shape="(" + "1," * 70 + ")"), bytes(4)), "not possible"),
    "order is code": (npy(plain(order="exit()"), bytes(24)), "not that of a plain array"),
    "key is missing": (npy("{'descr': '<f4', 'shape': (2, 3)}", bytes(24)), "plain array"),
    "key twice": (
        npy("{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3)}", bytes(24)),
        "not that of a plain array",
    ),
    "key more": (npy(plain()[:-1] + "'x': 1}", bytes(24)), "not that of a plain array"),
    "control characters": (npy(plain("'\x1b[31m\n'"), bytes(24)), "allowed are float16"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_one_line(tmp_path, name):
    data, words = HOSTILE[name]
    path = tmp_path / "0.npy"
    path.write_bytes(data)
    with pytest.raises(InputError) as refused:
        read_npy(path)
    line = str(refused.value)
    assert line.startswith(f"{path}: ")
    assert words in line
    assert "numpy.save" in line
    assert line.isprintable()
    with pytest.raises(InputError, match=r"^motions\.zip \[abc/0\]: "):
        read_npy(data, where="motions.zip", key="abc/0")


@pytest.mark.parametrize("filler", [" ", "1 ", "1,", "'", "{", "(", "'descr': '<f4', ", "\\"])
def test_no_header_takes_long(filler):
    for start in ("", "{", plain()[:-1], "{'shape': (", "{'descr': '"):
        text = (start + filler * 4096)[:4096]
        begin = time.perf_counter()
        with pytest.raises(InputError):
            read_npy(npy(text))
        assert time.perf_counter() - begin < 1


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_bytes_never_get_past_input_error(data):
    whole = bytearray(saved(np.arange(6, dtype=np.float32).reshape(2, 3)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        array = read_npy(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    except InputError:
        return
    assert array.nbytes <= len(whole)


def test_size_is_bounded_before_reading(tmp_path):
    path = tmp_path / "large.npy"
    with path.open("wb") as handle:
        handle.write(npy(plain(shape="(1000000, 263)")))
        handle.truncate(1 << 34)  # 16 GB, sparse
    tracemalloc.start()
    with pytest.raises(InputError, match="larger than 16,777,216 bytes"):
        read_npy(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20
    with pytest.raises(InputError, match="larger than 100 bytes"):
        read_npy(saved(np.zeros((4, 263))), limit=100)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_npy(tmp_path / "nothing.npy")
    with pytest.raises(InputError, match="not a regular file"):
        read_npy(tmp_path)


def test_a_motion_is_checked_too(tmp_path, oracle):
    joints = oracle["s0_joints"]
    path = tmp_path / "0.npy"
    np.save(path, np.asfortranarray(joints.astype(">f8")))
    assert np.array_equal(read_motion(path, "joints-22", num_frames=60), joints.astype(float))
    with pytest.raises(InputError, match=r"0\.npy: the motion has shape .* \(frames, 263\)"):
        read_motion(path, "humanml3d-263")
    joints = joints.copy()
    joints[3, 4, 1] = np.nan
    with pytest.raises(InputError) as refused:
        read_motion(saved(joints), "joints-22", where="sub", key="p/1", num_frames=50)
    assert str(refused.value) == (
        "sub [p/1]: the motion has 60 frames; expected 50 or 51, and "
        "holds 1 values that are not finite, the first (nan) at (3, 4, 1)"
    )


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_mapping_gives_the_same_array(tmp_path, dtype, order):
    array = np.random.default_rng(1).normal(size=(7, 263)).astype(dtype).copy(order=order)
    path = tmp_path / "a.npy"
    path.write_bytes(saved(array))
    mapped = map_npy(path)
    assert isinstance(mapped, np.memmap)
    assert np.array_equal(mapped, array)
    assert mapped.dtype == array.dtype
    assert npy_shape(path) == (7, 263)


def test_writing_into_a_mapped_array_does_not_reach_the_file(tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(saved(np.ones((2, 3))))
    before = path.read_bytes()
    mapped = map_npy(path)
    mapped[:] = 5
    mapped.flush()
    del mapped
    assert path.read_bytes() == before


def test_what_cannot_be_mapped_is_read(tmp_path):
    path = tmp_path / "a.npy"
    for array in (np.zeros((0, 263)), np.arange(6.0).astype(">f4").reshape(2, 3)):
        path.write_bytes(saved(array))
        assert np.array_equal(map_npy(path), array)
        assert map_npy(path).dtype.isnative


@pytest.mark.parametrize("read", [map_npy, npy_shape])
def test_hostile_files_are_neither_mapped_nor_measured(tmp_path, read):
    path = tmp_path / "a.npy"
    good = saved(np.zeros((4, 3)))
    objects = saved(np.array([{}], dtype=object), allow_pickle=True)
    for data, words in [
        (b"", "not a NumPy"),
        (good[:-1], "claims 96 bytes"),
        (good + b"x", "claims 96 bytes"),
        (objects, "pickled objects"),
        (npy(plain(shape="(999999999, 999999999)")), "claims an array"),
        (saved(np.zeros((4, 3), dtype=np.int64)), "has type <i8"),
    ]:
        path.write_bytes(data)
        with pytest.raises(InputError, match=words) as caught:
            read(path)
        assert str(path) in str(caught.value)
    path.write_bytes(good)
    with pytest.raises(InputError, match="larger than 100 bytes"):
        read(path, limit=100)
    with pytest.raises(InputError, match="not a regular file"):
        read(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none.npy")
    pipe = tmp_path / "pipe.npy"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="not a regular file"):
        read(pipe)


def test_measuring_reads_the_header_only(tmp_path):
    path = tmp_path / "a.npy"
    header = np.lib.format.header_data_from_array_1_0(np.zeros((4000, 263), dtype=np.float32))
    with path.open("wb") as handle:
        np.lib.format.write_array_header_1_0(handle, header)
        handle.truncate(handle.tell() + 4000 * 263 * 4)  # sparse: no data on the disk
    tracemalloc.start()
    try:
        assert npy_shape(path) == (4000, 263)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
