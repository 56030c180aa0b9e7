"""Base clips as units: all captions, sub-clips and repeats of one clip stand or fall together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats

Groups = Sequence[str] | Sequence[int] | NDArray[np.str_] | NDArray[np.integer]


@dataclass(frozen=True)
class Clusters:
    """Rows (prompts) sorted into clusters (base clips).

    Attributes:
        codes: (N,) the cluster of each row, 0 to G - 1, numbered in the order of their names (so
            that nothing depends on the order of the rows).
        sizes: (G,) rows of each cluster.
    """

    codes: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @property
    def count(self) -> int:
        """Number of clusters (G)."""
        return len(self.sizes)

    @property
    def rows(self) -> int:
        """Number of rows (N)."""
        return len(self.codes)

    def sums(self, values: Floats) -> Floats:
        """Sums over the rows of each cluster: (N,) to (G,), (N, K) to (G, K)."""
        if values.ndim == 1:
            return np.bincount(self.codes, values, self.count).astype(np.float64)
        return np.stack([self.sums(column) for column in values.T], axis=1)

    def members(self) -> list[NDArray[np.intp]]:
        """The rows of each cluster."""
        order = np.argsort(self.codes, kind="stable")
        return np.split(order, np.cumsum(self.sizes)[:-1])


def clusters_of(groups: Groups, rows: int) -> Clusters:
    """The clusters of `rows` rows from the name of each row's base clip.

    Raises:
        InputError: if there are not as many names as rows, none, or no strings or integers.

    >>> clusters_of(["b", "a", "b"], 3)
    Clusters(codes=array([1, 0, 1]), sizes=array([1, 2]))
    """
    names = np.asarray(groups)
    if names.shape != (rows,) or not rows:
        raise InputError(f"there are {rows} rows but base clips of shape {names.shape}")
    if names.dtype.kind not in "Uiu":
        raise InputError(f"base clips are named by strings or integers, not {names.dtype}")
    _, codes, sizes = np.unique(names, return_inverse=True, return_counts=True)
    return Clusters(codes.astype(np.intp), sizes.astype(np.intp))
