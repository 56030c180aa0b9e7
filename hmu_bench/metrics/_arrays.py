"""What every metric asks of its arrays, and distances in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmu_bench.errors import InputError

Floats = NDArray[np.float64]

# Just above what float32 holds: third powers and sums of it still fit in float64.
LARGEST = 1e39
# Elements of one block of a distance matrix (32 MiB of float64).
BLOCK = 1 << 22
# Squared distances below this share of the block's scale are computed again from differences:
# |a|^2 - 2ab + |b|^2 cancels there. Above it the relative error stays below 1e-8.
CANCELLATION = 1e-6


def checked(value: ArrayLike, name: str, *, dimensions: int = 2) -> Floats:
    """The array in float64, if it is finite, not empty and has `dimensions` axes.

    Raises:
        InputError: with the array's name and what is wrong with it.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise InputError(f"is an array of {array.dtype}, not of real numbers", key=name)
    if array.ndim != dimensions or 0 in array.shape:
        raise InputError(
            f"has shape {array.shape}; {dimensions} axes are needed, none of them empty", key=name
        )
    wide = np.asarray(array, dtype=np.float64)
    # Without a copy of a large array; NaN fails both.
    if not (wide.max() <= LARGEST and wide.min() >= -LARGEST):
        where = tuple(int(i) for i in np.argwhere(~(np.abs(wide) <= LARGEST))[0])
        raise InputError(f"holds {array[where]} at {where}; finite numbers are needed", key=name)
    return wide


def checked_pair(a: ArrayLike, b: ArrayLike, names: tuple[str, str]) -> tuple[Floats, Floats]:
    """Two arrays of row vectors of the same dimension, in float64.

    Raises:
        InputError: if one is unfit or the dimensions differ.
    """
    first, second = checked(a, names[0]), checked(b, names[1])
    if first.shape[1] != second.shape[1]:
        raise InputError(
            f"{names[0]} has {first.shape[1]} dimensions, {names[1]} has {second.shape[1]}",
            fix="embed both with the same evaluator",
        )
    return first, second


def checked_rows(a: ArrayLike, b: ArrayLike, names: tuple[str, str]) -> tuple[Floats, Floats]:
    """Two arrays of the same shape (row i of one belongs to row i of the other), in float64.

    Raises:
        InputError: if one is unfit or the shapes differ.
    """
    first, second = checked_pair(a, b, names)
    if len(first) != len(second):
        raise InputError(f"{names[0]} has {len(first)} rows, {names[1]} has {len(second)}")
    return first, second


def norms(vectors: Floats) -> Floats:
    """Euclidean norm over the last axis."""
    squares: Floats = np.einsum("...d,...d->...", vectors, vectors)
    return np.sqrt(squares)


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices of rows, such that a block of `columns` columns stays within `BLOCK` elements."""
    step = max(1, BLOCK // max(1, columns))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def squared_distances(a: Floats, b: Floats) -> Floats:
    """Squared Euclidean distances, (len(a), len(b)); exactly 0 for equal rows.

    By one matrix product; where that cancels, again from differences. Centre both sets first.
    """
    squares_a, squares_b = np.einsum("nd,nd->n", a, a), np.einsum("nd,nd->n", b, b)
    squared = a @ b.T
    squared *= -2.0
    squared += squares_a[:, None]
    squared += squares_b[None, :]
    rows, columns = np.nonzero(squared <= CANCELLATION * (squares_a.max() + squares_b.max()))
    for part in row_blocks(len(rows), a.shape[1]):
        difference = a[rows[part]] - b[columns[part]]
        squared[rows[part], columns[part]] = np.einsum("nd,nd->n", difference, difference)
    return squared
