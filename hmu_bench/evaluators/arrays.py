"""NumPy files of an evaluator folder: matrices and vectors of finite numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.motion.reading import read_npy

VECTOR_LIMIT = 1 << 20  # bytes


def read_matrix(path: Path, limit: int) -> NDArray[np.float32]:
    """A float32 matrix with at least one row and one column, of a file of at most `limit` bytes.

    Raises:
        InputError: as `read_npy`; for another shape; for NaN or infinity.
    """
    array = _finite(path, limit)
    if array.ndim != 2 or 0 in array.shape:
        raise InputError(f"the shape is {array.shape}, not (rows, columns)", where=path)
    if max(array.max(), -array.min()) > np.finfo(np.float32).max:
        raise InputError("the array holds values that float32 does not have", where=path)
    return array.astype(np.float32, copy=False)


def read_vector(path: Path, size: int) -> NDArray[np.float64]:
    """A float64 vector of exactly `size` numbers.

    Raises:
        InputError: as `read_npy`; for another shape; for NaN or infinity.
    """
    array = _finite(path, VECTOR_LIMIT)
    if array.shape != (size,):
        raise InputError(f"the shape is {array.shape}, not ({size},)", where=path)
    return array.astype(np.float64, copy=False)


def _finite(path: Path, limit: int) -> NDArray[Any]:
    array = read_npy(path, limit=limit)
    if not np.isfinite(array).all():
        raise InputError("the array holds NaN or infinity", where=path)
    return array
