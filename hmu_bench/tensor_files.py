"""Safetensors files of strangers: the header checked first, then one tensor at a time.

The safetensors library checks the header: types, shapes, and that the tensors fill the file without
gap or overlap. A name given twice it lets pass, which is refused here. And it maps the file into
memory, where a file that somebody shortens kills the whole process; so the numbers are read from
the file, by their offsets.
"""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from hmu_bench.errors import InputError, one_line
from hmu_bench.files import open_regular

MAX_HEADER_BYTES = 32 << 20
"""Names, types and shapes of about 300,000 tensors; read, they take half a gigabyte of memory."""
MAX_AXES, MAX_AXIS = 8, 1 << 40

# Type as the format calls it -> bytes of one number, and NumPy's name, if it has one.
_TYPES = {
    "F64": (8, "<f8"), "F32": (4, "<f4"), "F16": (2, "<f2"), "BF16": (2, None),
    "I64": (8, "<i8"), "I32": (4, "<i4"), "I16": (2, "<i2"), "I8": (1, "|i1"),
    "U64": (8, "<u8"), "U32": (4, "<u4"), "U16": (2, "<u2"), "U8": (1, "|u1"), "BOOL": (1, "|b1"),
    "C64": (8, "<c8"), "F8_E4M3": (1, None), "F8_E5M2": (1, None), "F8_E8M0": (1, None),
    "F8_E4M3FNUZ": (1, None), "F8_E5M2FNUZ": (1, None),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """What the header says of one tensor.

    Attributes:
        dtype: as the format calls it, such as "F32".
        shape: its axes.
        start: where its bytes begin in the file.
        size: how many bytes it has.
    """

    dtype: str
    shape: tuple[int, ...]
    start: int
    size: int


class TensorFile:
    """An open safetensors file.

    Attributes:
        path: the file.
        tensors: name -> what the header says, in the order of the bytes.
        metadata: the texts that the header holds beside the tensors.
        size: bytes of the file.
        header_size: bytes of its header.
    """

    def __init__(self, path: Path, stream: BufferedReader, max_bytes: int) -> None:
        self.path, self._stream = path, stream
        self.size, self.header_size = _sizes(path, stream, max_bytes)
        _refuse_repeated_names(path, stream, self.header_size)
        self.tensors, self.metadata = _read_header(path, 8 + self.header_size)

    def read(self, name: str) -> NDArray[Any]:
        """One tensor as an array in memory of its own (errors as `read_array`)."""
        return read_array(self._stream, self.tensors[name], self.path, name)

    def read_bytes(self, name: str) -> bytearray:
        """The bytes of one tensor, little-endian, C order (errors as `read_array`)."""
        return _read_bytes(self._stream, self.tensors[name], self.path)


@contextmanager
def open_tensors(path: Path, max_bytes: int) -> Iterator[TensorFile]:
    """A safetensors file; nothing but its header has been read.

    Args:
        path: the file.
        max_bytes: the largest size.

    Raises:
        InputError: if it is missing, too large, truncated or no safetensors.
    """
    with open_regular(path) as stream:
        yield TensorFile(path, stream, max_bytes)


def read_array(stream: BufferedReader, place: TensorPlace, path: Path, name: str) -> NDArray[Any]:
    """The tensor that lies at a place of an open file, in memory of its own.

    Args:
        stream: the open file.
        place: what the file's header said of the tensor.
        path: the file, for errors.
        name: the tensor, for errors.

    Raises:
        InputError: if NumPy has no such type, or the file has been shortened.
    """
    numpy_type = _TYPES[place.dtype][1]
    if numpy_type is None:
        raise InputError(f"has type {place.dtype}, which is not read", where=path, key=name)
    array = np.frombuffer(_read_bytes(stream, place, path), dtype=numpy_type)
    return array.reshape(place.shape).astype(array.dtype.newbyteorder("="), copy=False)


def _read_bytes(stream: BufferedReader, place: TensorPlace, path: Path) -> bytearray:
    data = bytearray(place.size)
    try:
        stream.seek(place.start)
        found = stream.readinto(data)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from error
    if found != place.size:
        raise InputError("the file was shortened while it was read", where=path)
    return data


def _refuse_repeated_names(path: Path, stream: BufferedReader, header_size: int) -> None:
    """Which of two readings of one name counts would be up to the reader."""
    try:
        json.loads(stream.read(header_size), object_pairs_hook=_once)
    except (ValueError, RecursionError, OSError) as error:
        reason = one_line(str(error))[:200]
        raise InputError(f"the file is not readable safetensors ({reason})", where=path) from error


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Nothing is kept of an object but whether it is right."""
    if len(pairs) == len({name for name, _ in pairs}):
        return
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise ValueError(f"the header gives {name[:100]!r} twice")
        seen.add(name)


def _read_header(path: Path, start: int) -> tuple[dict[str, TensorPlace], dict[str, str]]:
    """What the header says of the tensors, which begin at `start`, and its metadata."""
    tensors: dict[str, TensorPlace] = {}
    try:
        with safe_open(path, framework="numpy") as handle:
            metadata: dict[str, str] = handle.metadata() or {}
            for name in handle.offset_keys():
                part = handle.get_slice(name)
                dtype, shape = part.get_dtype(), tuple(part.get_shape())
                if dtype not in _TYPES:
                    raise InputError(f"has type {dtype}, which is not read", where=path, key=name)
                # An axis of length 0 makes any other length fit into no bytes at all.
                if len(shape) > MAX_AXES or max(shape, default=0) > MAX_AXIS:
                    raise InputError(
                        f"has {len(shape)} axes, or one longer than {MAX_AXIS:,}",
                        where=path,
                        key=name,
                    )
                size = math.prod(shape) * _TYPES[dtype][0]
                tensors[name] = TensorPlace(dtype, shape, start, size)
                start += size
    except (SafetensorError, OSError, ValueError, OverflowError) as error:
        reason = one_line(str(error))[:200]
        raise InputError(f"the file is not readable safetensors ({reason})", where=path) from error
    return tensors, metadata


def _sizes(path: Path, stream: BufferedReader, max_bytes: int) -> tuple[int, int]:
    """The bytes of the file and of its header, neither of them too large."""
    try:
        size = os.fstat(stream.fileno()).st_size
        start = stream.read(8)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from error
    if size > max_bytes:
        raise InputError(f"the file has {size:,} bytes; {max_bytes:,} at most are read", where=path)
    if len(start) < 8:
        raise InputError("the file is not safetensors (shorter than its header)", where=path)
    (header,) = struct.unpack("<Q", start)
    if header > MAX_HEADER_BYTES:
        raise InputError(
            f"the file is not safetensors, or its header is larger than {MAX_HEADER_BYTES:,} bytes",
            where=path,
        )
    return size, header
