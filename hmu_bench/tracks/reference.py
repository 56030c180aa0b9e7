"""`reference.safetensors`: what a track knows of its real motions, as numbers.

Tensors per prompt set, N its prompts in the order of their ids, D the size of an embedding:

    <set>/embeddings          (N, D) float32      first num_frames frames of the real motions
    <set>/mean                (D,) float64        of these embeddings
    <set>/covariance          (D, D) float64      likewise, with N - 1
    <set>/paper_mean          (20, D) float64     of 20 sets of randomly drawn windows
    <set>/paper_covariance    (20, D(D+1)/2) float64   likewise; upper triangle, row by row
    <set>/real/<metric>       (20,) float64       the real motions' own metrics under `paper`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics.paper import REPEATS
from hmu_bench.metrics.table import METRICS
from hmu_bench.tensor_files import TensorFile, open_tensors

MAX_REFERENCE_BYTES = 1 << 30
"""The official size of an embedding, 512, leaves room for 400,000 prompts."""
LARGEST_VALUE = 1e12
"""Embeddings have lengths around 10; what is far beyond overflows in the metrics."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SetReference:
    """Real motions of one prompt set.

    Attributes:
        embeddings: (N, D) float32, rows in the order of the prompt ids.
        mean: (D,) of the embeddings.
        covariance: (D, D) of the embeddings, with N - 1.
        paper_means: (20, D), one of each drawn set of windows.
        paper_covariances: (20, D(D+1)/2), packed (see `pack_symmetric`).
        real: metric -> (20,) values of the real motions under `paper`.
    """

    embeddings: NDArray[np.float32]
    mean: Floats
    covariance: Floats
    paper_means: Floats
    paper_covariances: Floats
    real: dict[str, Floats] = field(default_factory=dict)

    def paper_statistics(self, repeat: int) -> tuple[Floats, Floats]:
        """Mean (D,) and covariance (D, D) of the drawn windows of one repeat (0 to 19)."""
        packed = self.paper_covariances[repeat]
        return self.paper_means[repeat], unpack_symmetric(packed, self.mean.size)


def pack_symmetric(matrix: NDArray[Any]) -> Floats:
    """The upper triangle of a symmetric (D, D) matrix, row by row: (D(D+1)/2,).

    >>> pack_symmetric(np.array([[1.0, 2.0], [2.0, 3.0]]))
    array([1., 2., 3.])
    """
    packed: Floats = np.asarray(matrix, dtype=np.float64)[np.triu_indices(len(matrix))]
    return packed


def unpack_symmetric(packed: NDArray[Any], dim: int) -> Floats:
    """The symmetric (D, D) matrix of a packed upper triangle.

    >>> unpack_symmetric(np.array([1.0, 2.0, 3.0]), 2)
    array([[1., 2.],
           [2., 3.]])
    """
    matrix = np.empty((dim, dim), dtype=np.float64)
    rows, columns = np.triu_indices(dim)
    matrix[rows, columns] = packed
    matrix[columns, rows] = packed
    return matrix


def to_tensors(reference: Mapping[str, SetReference]) -> dict[str, NDArray[Any]]:
    """The tensors of the file, by name."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, part in reference.items():
        tensors[f"{name}/embeddings"] = part.embeddings.astype(np.float32)
        tensors[f"{name}/mean"] = part.mean
        tensors[f"{name}/covariance"] = part.covariance
        tensors[f"{name}/paper_mean"] = part.paper_means
        tensors[f"{name}/paper_covariance"] = part.paper_covariances
        for metric, values in part.real.items():
            tensors[f"{name}/real/{metric}"] = values
    return {key: np.ascontiguousarray(tensors[key]) for key in sorted(tensors)}


def read_reference(path: Path, prompts: Mapping[str, int], dim: int) -> dict[str, SetReference]:
    """Read and check the file.

    Args:
        path: the safetensors file.
        prompts: prompts per set that has real motions.
        dim: size of an embedding.

    Raises:
        InputError: for a missing or unknown tensor, a wrong type or shape, NaN, or absurd values.
    """
    with open_tensors(path, MAX_REFERENCE_BYTES) as file:
        reader = _Reader(path, file)
        reference = {name: _read_set(reader, name, n, dim) for name, n in prompts.items()}
        reader.refuse_the_rest()
    return reference


def _read_set(reader: _Reader, name: str, n: int, dim: int) -> SetReference:
    triangle = dim * (dim + 1) // 2
    return SetReference(
        embeddings=reader.take(f"{name}/embeddings", (n, dim), "F32"),
        mean=reader.take(f"{name}/mean", (dim,)),
        covariance=reader.take(f"{name}/covariance", (dim, dim)),
        paper_means=reader.take(f"{name}/paper_mean", (REPEATS, dim)),
        paper_covariances=reader.take(f"{name}/paper_covariance", (REPEATS, triangle)),
        real={
            metric: reader.take(f"{name}/real/{metric}", (REPEATS,))
            for metric in METRICS
            if f"{name}/real/{metric}" in reader.left
        },
    )


class _Reader:
    """Takes tensors by name from an open file, each once, and checks them."""

    def __init__(self, path: Path, file: TensorFile) -> None:
        self.path, self.file = path, file
        self.left: set[str] = set(file.tensors)

    def take(self, name: str, shape: tuple[int, ...], dtype: str = "F64") -> NDArray[Any]:
        if name not in self.left:
            raise InputError("the tensor is missing", where=self.path, key=name)
        self.left.remove(name)
        place = self.file.tensors[name]
        found = (place.shape, place.dtype)
        if found != (shape, dtype):
            raise InputError(f"is {found}, expected {(shape, dtype)}", where=self.path, key=name)
        array = self.file.read(name)
        if not np.isfinite(array).all():
            raise InputError("holds NaN or infinity", where=self.path, key=name)
        if array.size and max(array.max(), -array.min()) > LARGEST_VALUE:
            raise InputError(
                f"holds values larger than {LARGEST_VALUE:g}", where=self.path, key=name
            )
        return array

    def refuse_the_rest(self) -> None:
        if self.left:
            name = min(self.left)
            raise InputError("the tensor is not part of a track pack", where=self.path, key=name)
