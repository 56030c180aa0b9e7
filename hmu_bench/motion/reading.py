"""Reading one array of a stranger's `.npy` file: no pickle, header checked before the data.

NumPy's own reader can unpickle objects and makes an array as large as the header claims. Here the
header is matched against a small grammar (never evaluated), only plain floating point is let
through, and the claimed size must be the size that is there.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.files import open_regular, read_bounded
from hmu_bench.motion.checking import Representation, check_motion

MAX_BYTES: Final = 16 << 20
"""Largest file of one motion: 13 minutes of features in float32."""
_MAX_HEADER: Final = 4096

_MAGIC: Final = b"\x93NUMPY"
# version -> bytes of the little-endian header length
_LENGTH_BYTES: Final = {(1, 0): 2, (2, 0): 4, (3, 0): 4}
_TYPES: Final = {f"{order}f{size}" for order in "<>=" for size in (2, 4, 8)}

# {'descr': '<f4', 'fortran_order': False, 'shape': (60, 263), } in any order and spacing.
_ITEM: Final = (
    r"(?:'descr'\s*:\s*'(?P<descr{n}>[^'\\]*)'"
    r"|'fortran_order'\s*:\s*(?P<order{n}>True|False)"
    r"|'shape'\s*:\s*\((?P<shape{n}>[\d\s,]*)\))"
)
_HEADER: Final = re.compile(
    r"\s*\{\s*"
    + r"\s*,\s*".join(_ITEM.replace("{n}", str(n)) for n in range(3))
    + r"\s*(?:,\s*)?\}\s*"
)
_DESCR: Final = re.compile(r"'descr'\s*:\s*('[^'\\]*'|\[)")


class _Header(NamedTuple):
    descr: str
    by_column: bool
    shape: tuple[int, ...]
    data_start: int


def read_motion(
    source: Path | bytes,
    representation: Representation,
    *,
    where: str | Path | None = None,
    key: str | None = None,
    num_frames: int | None = None,
) -> NDArray[Any]:
    """A motion from a `.npy` file or its bytes, checked.

    Args:
        source: the file, or its content.
        representation: `humanml3d-263` or `joints-22`.
        where: what to call the source in an error; the path by default.
        key: the key inside the source, if there is one (`<prompt_id>/<repeat>`).
        num_frames: as `checking.check_motion`.

    Returns:
        (T, 263) or (T, 22, 3), float16, float32 or float64 in native byte order.

    Raises:
        InputError: as `read_npy`, and for every problem of `checking.check_motion`, in one line.
    """
    if where is None and isinstance(source, Path):
        where = source
    array = read_npy(source, where=where, key=key)
    problems = check_motion(array, representation, num_frames=num_frames)
    if problems:
        raise InputError("the motion " + ", and ".join(problems), where=where, key=key)
    return array


def read_npy(
    source: Path | bytes,
    *,
    where: str | Path | None = None,
    key: str | None = None,
    limit: int = MAX_BYTES,
) -> NDArray[Any]:
    """A floating-point array from a `.npy` file or its bytes, of strangers.

    Args:
        source: the file, or its content.
        where: what to call the source in an error; the path by default.
        key: the key inside the source, if there is one.
        limit: the largest size in bytes.

    Returns:
        The array in native byte order, contiguous in C order, writable. Its values are not checked.

    Raises:
        InputError: if the file is missing, too large, not `.npy`, holds pickled objects or another
            type than float16, float32 or float64, or is shorter or longer than its header says.
    """
    if where is None and isinstance(source, Path):
        where = source
    data = source if isinstance(source, bytes) else read_bounded(source, limit)
    header = _check_header(data, len(data), limit, where, key)
    dtype = np.dtype(header.descr)
    array: NDArray[Any] = np.frombuffer(data, dtype, offset=header.data_start)
    array = array.reshape(header.shape, order="F" if header.by_column else "C")
    return np.array(array, dtype=dtype.newbyteorder("="), order="C")


def npy_shape(path: Path, *, limit: int = MAX_BYTES) -> tuple[int, ...]:
    """The shape of the array in a `.npy` file, from its header alone.

    Raises:
        InputError: as `read_npy`.
    """
    return _file_header(path, limit).shape


def map_npy(path: Path, *, limit: int = MAX_BYTES) -> NDArray[Any]:
    """The array of a `.npy` file, memory-mapped: read from the disk only where it is looked at.

    The header is checked as in `read_npy`. What is written into the array stays in memory and
    never reaches the file. The file must not be shortened while it is mapped.

    Args:
        path: the file.
        limit: the largest size in bytes.

    Returns:
        A `numpy.memmap`; an array in memory where nothing can be mapped (no element, or bytes in
        the order of another machine).

    Raises:
        InputError: as `read_npy`.
    """
    header = _file_header(path, limit)
    dtype = np.dtype(header.descr)
    if not dtype.isnative or 0 in header.shape:
        return read_npy(path, limit=limit)
    order: Literal["F", "C"] = "F" if header.by_column else "C"
    try:
        return np.memmap(
            path, dtype, mode="c", offset=header.data_start, shape=header.shape, order=order
        )
    except (OSError, ValueError) as error:  # changed since its header was read
        raise InputError(f"cannot be mapped ({error})", where=path) from error


def _file_header(path: Path, limit: int) -> _Header:
    """The checked header of a file, of which no more than that is read."""
    try:
        with open_regular(path) as handle:
            size = os.fstat(handle.fileno()).st_size
            head = handle.read(_MAX_HEADER + 12)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from error
    return _check_header(head, size, limit, path, None)


def _check_header(
    head: bytes, size: int, limit: int, where: str | Path | None, key: str | None
) -> _Header:
    """The header of a file of `size` bytes, or an InputError that says what is wrong with it."""
    try:
        if size > limit:
            raise ValueError(f"the file is larger than {limit:,} bytes")
        header = _parse_header(head)
        dtype = np.dtype(header.descr)
        # Python integers: a huge shape cannot overflow here (nor, with a zero in it, in NumPy).
        if math.prod(max(axis, 1) for axis in header.shape) > limit:
            raise ValueError(f"the header claims an array of shape {header.shape}")
        claimed, present = math.prod(header.shape) * dtype.itemsize, size - header.data_start
        if claimed != present:
            raise ValueError(
                f"the header claims {claimed:,} bytes of data (shape {header.shape}, "
                f"{dtype.name}) but {present:,} are there"
            )
    except ValueError as error:
        raise InputError(
            str(error), where=where, key=key, fix="write it with numpy.save(file, array)"
        ) from error
    return header


def _parse_header(data: bytes) -> _Header:
    """The header of `.npy` bytes; ValueError tells what is wrong with it."""
    if not data.startswith(_MAGIC):
        raise ValueError("the file is not a NumPy .npy file")
    width = _LENGTH_BYTES.get((data[6], data[7])) if len(data) >= 8 else None
    if width is None or len(data) < 8 + width:
        raise ValueError("the file is not a NumPy .npy file of version 1, 2 or 3")
    length = int.from_bytes(data[8 : 8 + width], "little")
    start = 8 + width + length
    if length > _MAX_HEADER or start > len(data):
        raise ValueError(f"the header claims {length:,} bytes; it is cut off or too long")
    text = data[8 + width : start].decode("latin-1")
    match = _HEADER.fullmatch(text)
    values = {k[:-1]: v for k, v in match.groupdict().items() if v is not None} if match else {}
    if set(values) != {"descr", "order", "shape"}:
        _refuse_other_types(text)
        raise ValueError("the header is not that of a plain array")
    if values["descr"] not in _TYPES:
        _refuse_other_types(text)
    sizes = [size.strip() for size in values["shape"].split(",")]
    if sizes[-1] == "":  # "(3,)" and "()"
        sizes.pop()
    if len(sizes) > 8 or not all(size.isdecimal() and len(size) < 16 for size in sizes):
        raise ValueError(f"the shape ({values['shape'][:60]}) is not possible")
    return _Header(values["descr"], values["order"] == "True", tuple(map(int, sizes)), start)


def _refuse_other_types(text: str) -> None:
    """ValueError if the header names a type that is not allowed."""
    found = _DESCR.search(text)
    descr = found.group(1).strip("'") if found else ""
    allowed = "allowed are float16, float32 and float64"
    if descr.startswith("["):
        raise ValueError(f"the array has named fields; {allowed}")
    if "O" in descr:
        raise ValueError(f"the array holds pickled objects, which are never loaded; {allowed}")
    if descr and descr not in _TYPES:
        raise ValueError(f"the array has type {descr[:20]}; {allowed}")
