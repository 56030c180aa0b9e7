"""FID: the Frechet distance between two sets of embeddings, each taken as a Gaussian."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked, checked_pair


def fid(real: ArrayLike, generated: ArrayLike) -> float:
    r"""Frechet Inception distance of two sets of motion embeddings.

    |mu_r - mu_g|^2 + tr(C_r) + tr(C_g) - 2 tr((C_r C_g)^(1/2)), covariances with N - 1, all in
    float64. The last trace is the nuclear norm of A_r A_g^T for any A with A^T A = C: this
    symmetric form has no matrix square root of a product, which is inexact for singular
    covariances. For N <= D, A is the centred data itself. Symmetric in its arguments, at least 0;
    lower is better. Its expectation grows as N falls: compare only sets of one size.

    Source: Heusel et al., GANs Trained by a Two Time-Scale Update Rule, NeurIPS 2017.

    Args:
        real: (N, D) embeddings of real motions, N >= 2.
        generated: (M, D) embeddings of generated motions, M >= 2.

    Raises:
        InputError: for fewer than 2 rows, other dimensions, numbers that are not finite.

    >>> a = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    >>> round(fid(a, a + [3.0, 4.0]), 9), round(fid(a, 3 * a - 2), 9)
    (25.0, 10.666666667)
    """
    first, second = checked_pair(real, generated, ("real", "generated"))
    return _frechet(*_from_samples(first, "real"), *_from_samples(second, "generated"))


def fid_from_statistics(
    mean_r: ArrayLike, cov_r: ArrayLike, mean_g: ArrayLike, cov_g: ArrayLike
) -> float:
    """FID from means (D,) and covariances (D, D), as `fid` from the embeddings themselves.

    Raises:
        InputError: for shapes that do not fit or a covariance that is not symmetric and positive
            semidefinite.

    >>> fid_from_statistics([0.0], [[4.0]], [3.0], [[1.0]])
    10.0
    """
    real, generated = _from_statistics(mean_r, cov_r, "r"), _from_statistics(mean_g, cov_g, "g")
    _same_dimension(real[0], generated[0])
    return _frechet(*real, *generated)


def fid_to_statistics(mean_r: ArrayLike, cov_r: ArrayLike, generated: ArrayLike) -> float:
    """FID of generated embeddings (M, D) against the mean (D,) and covariance (D, D) of real ones.

    Raises:
        InputError: as `fid` and `fid_from_statistics`.
    """
    real = _from_statistics(mean_r, cov_r, "r")
    samples = checked(generated, "generated")
    _same_dimension(real[0], samples[0])
    return _frechet(*real, *_from_samples(samples, "generated"))


def statistics(embeddings: ArrayLike) -> tuple[Floats, Floats]:
    """Mean (D,) and covariance (D, D; with N - 1) of embeddings (N, D), in float64.

    Raises:
        InputError: for fewer than 2 rows or numbers that are not finite.
    """
    rows = checked(embeddings, "embeddings")
    _at_least_two(rows, "embeddings")
    mean = rows.mean(axis=0)
    centred = rows - mean
    return mean, centred.T @ centred / (len(rows) - 1)


def _frechet(mean_r: Floats, factor_r: Floats, mean_g: Floats, factor_g: Floats) -> float:
    """The distance from means and factors A (any number of rows, D columns) with A^T A = C."""
    cross = np.linalg.svd(factor_r @ factor_g.T, compute_uv=False).sum()
    traces = np.sum(factor_r**2) + np.sum(factor_g**2)
    # Rounding may leave -1e-13 for equal sets; a distance is not negative.
    return max(0.0, float(np.sum((mean_r - mean_g) ** 2) + traces - 2.0 * cross))


def generated_factor(rows: Floats) -> tuple[Floats, Floats]:
    """The mean (D,) of n >= 2 rows and a factor A of their covariance, A^T A = C."""
    return _from_samples(rows, "generated")


def _from_samples(rows: Floats, name: str) -> tuple[Floats, Floats]:
    """Mean and factor; the factor has min(N, D) rows."""
    _at_least_two(rows, name)
    mean = rows.mean(axis=0)
    factor = (rows - mean) / np.sqrt(len(rows) - 1)
    if len(factor) > factor.shape[1]:
        factor = _factor(factor.T @ factor)  # many times faster than a QR factor
    return mean, factor


def real_factor(mean: ArrayLike, cov: ArrayLike) -> tuple[Floats, Floats]:
    """The checked mean (D,) of the real side and a factor A (K, D) of its covariance, A^T A = C.

    Raises:
        InputError: as `fid_from_statistics`.
    """
    return _from_statistics(mean, cov, "r")


def _from_statistics(mean: ArrayLike, cov: ArrayLike, side: str) -> tuple[Floats, Floats]:
    """Mean and factor from a covariance, by its eigenvectors."""
    centre, matrix = checked(mean, f"mean_{side}", dimensions=1), checked(cov, f"cov_{side}")
    if matrix.shape != (len(centre), len(centre)):
        raise InputError(f"has shape {matrix.shape}, the mean {centre.shape}", key=f"cov_{side}")
    if float(np.abs(matrix - matrix.T).max()) > 1e-5 * float(np.abs(matrix).max()):
        raise InputError("is not symmetric", key=f"cov_{side}")
    try:
        return centre, _factor((matrix + matrix.T) / 2.0)
    except InputError as error:
        raise InputError(error.what, key=f"cov_{side}") from None


def _factor(covariance: Floats) -> Floats:
    """A with A^T A = the covariance: its Cholesky factor, or from eigenvectors if singular."""
    try:
        factor: Floats = np.asarray(np.linalg.cholesky(covariance, upper=True), np.float64)
    except np.linalg.LinAlgError:
        return _singular_factor(covariance)
    pivots, variances = np.diagonal(factor) ** 2, np.diagonal(covariance)
    # Smaller pivots may be rounding of zero, whose root would not be small.
    return factor if np.all(pivots > 1e-10 * variances) else _singular_factor(covariance)


def _singular_factor(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    if values[0] < -1e-5 * values[-1]:
        raise InputError(f"has the negative eigenvalue {values[0]:.3g}")
    # What eigh returns for a zero eigenvalue is noise of this size; its root would not be small.
    values[values <= 4 * len(values) * np.finfo(np.float64).eps * values[-1]] = 0.0
    return np.asarray(np.sqrt(values)[:, None] * vectors.T)


def _at_least_two(rows: Floats, name: str) -> None:
    if len(rows) < 2:
        raise InputError("has 1 row; a covariance needs 2", key=name)


def _same_dimension(first: Floats, second: Floats) -> None:
    if len(first) != len(second):
        raise InputError(
            f"the real side has {len(first)} dimensions, the generated {len(second)}",
            fix="embed both with the same evaluator",
        )
