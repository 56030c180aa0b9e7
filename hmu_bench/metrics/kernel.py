"""KID: the unbiased kernel distance between two sets of embeddings."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked_pair, row_blocks


def kid(real: ArrayLike, generated: ArrayLike) -> float:
    r"""Kernel Inception distance: the unbiased estimate of the squared MMD, over all pairs.

    mean_{i != j} k(r_i, r_j) + mean_{i != j} k(g_i, g_j) - 2 mean_{i, j} k(r_i, g_j) with
    k(x, y) = (x.y / D + 1)^3. Lower is better. Unlike FID its expectation does not depend on N;
    for two sets of one distribution it is 0, so that single values may be negative.

    Source: Binkowski et al., Demystifying MMD GANs, ICLR 2018 (one estimate on all samples, in
    place of their mean over random subsets).

    Args:
        real: (N, D) embeddings of real motions, N >= 2.
        generated: (M, D) embeddings of generated motions, M >= 2.

    Raises:
        InputError: for fewer than 2 rows, other dimensions, numbers that are not finite.

    >>> kid([[0.0], [0.0]], [[1.0], [1.0]])  # 1 + 2^3 - 2 * 1
    7.0
    """
    first, second = checked_pair(real, generated, ("real", "generated"))
    n, m = len(first), len(second)
    for rows, name in ((first, "real"), (second, "generated")):
        if len(rows) < 2:
            raise InputError("has 1 row; a mean over pairs needs 2", key=name)
    within_first = (_kernel_sum(first, first) - _kernel_diagonal(first)) / (n * (n - 1))
    within_second = (_kernel_sum(second, second) - _kernel_diagonal(second)) / (m * (m - 1))
    return within_first + within_second - 2.0 * _kernel_sum(first, second) / (n * m)


def kernel(a: Floats, b: Floats) -> Floats:
    """The polynomial kernel (x.y / D + 1)^3 of all pairs of rows: (len(a), len(b))."""
    base: Floats = a @ b.T
    base /= a.shape[1]
    base += 1.0
    cubes = base * base  # ten times faster than base**3
    cubes *= base
    return cubes


def _kernel_sum(a: Floats, b: Floats) -> float:
    return sum(float(kernel(a[block], b).sum()) for block in row_blocks(len(a), len(b)))


def _kernel_diagonal(a: Floats) -> float:
    return float(np.sum((np.einsum("nd,nd->n", a, a) / a.shape[1] + 1.0) ** 3))
