"""NumPy files of an evaluator folder, read as data from strangers: bounded, no pickle."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.files import read_bounded

_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_array(path: Path, limit: int) -> NDArray[Any]:
    """A finite floating-point `.npy` array of at most `limit` bytes; float16 becomes float32.

    The header is compared with the size of the file before anything is allocated for it.

    Raises:
        InputError: if the file is missing, too large, damaged, of objects or of another type, or
            holds NaN or infinity.
    """
    data = read_bounded(path, limit)
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        if version not in _HEADER_READERS:
            raise InputError(f"the .npy version {version} is not 1.0 or 2.0", where=path)
        shape, by_column, dtype = _HEADER_READERS[version](stream)
    except (
        ValueError, SyntaxError, TypeError, RecursionError, MemoryError, tokenize.TokenError
    ) as error:  # fmt: skip
        raise InputError("the file is not a NumPy .npy file", where=path) from error
    if dtype.kind != "f" or dtype.itemsize > 8:
        raise InputError(f"the type is {dtype}, not floating point", where=path)
    start, count = stream.tell(), 1
    for size in shape:
        count *= size
    if len(data) - start != count * dtype.itemsize or min(shape, default=0) < 0:
        raise InputError(f"the size of the file does not fit its shape {shape}", where=path)
    flat: NDArray[Any] = np.frombuffer(data, dtype, offset=start)
    array = flat.reshape(shape, order="F" if by_column else "C")
    if not np.isfinite(array).all():
        raise InputError("the array holds NaN or infinity", where=path)
    return array.astype(np.float64 if dtype.itemsize == 8 else np.float32)


def read_matrix(path: Path, limit: int) -> NDArray[np.float32]:
    """A float32 matrix with at least one row and one column (see `read_array`)."""
    array = read_array(path, limit)
    if array.ndim != 2 or 0 in array.shape:
        raise InputError(f"the shape is {array.shape}, not (rows, columns)", where=path)
    return array.astype(np.float32, copy=False)


def read_vector(path: Path, size: int) -> NDArray[np.float64]:
    """A float64 vector of exactly `size` numbers (see `read_array`)."""
    array = read_array(path, 1 << 20)
    if array.shape != (size,):
        raise InputError(f"the shape is {array.shape}, not ({size},)", where=path)
    return array.astype(np.float64, copy=False)
