"""FID: the infinitesimal jackknife, from the influence of every generated motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked
from hmu_bench.metrics.frechet import generated_factor, real_factor
from hmu_bench.metrics.intervals.clusters import Groups, clusters_of
from hmu_bench.metrics.intervals.estimate import Estimate, t_quantile, undefined, with_interval


def fid_interval(
    mean_r: ArrayLike, cov_r: ArrayLike, generated: ArrayLike, groups: Groups
) -> Estimate:
    r"""`metrics.fid_to_statistics` with its interval, by the infinitesimal jackknife.

    What the interval covers: E[FID at this n], with the real motions fixed - the mean of FID over
    other prompts of the same kind and number. It is not the distance of the two distributions,
    which FID overestimates the more the fewer motions there are (at n = 4,400 and D = 512 by far).
    So it serves to compare methods on the same prompts. A percentile bootstrap cannot: a resample
    holds fewer distinct motions, its FID lies above even the estimate.

    Influence of motion i (the derivative of FID by its weight, weights summing to 1), with
    c_i = x_i - mu, f = n / (n - 1), and C the covariance of the generated motions (with n - 1):

        I_i = 2 (mu - mu_r).c_i + f (q_i - mean q),    q_i = c_i^T (1 - M) c_i,
        M = C_r^(1/2) (C_r^(1/2) C C_r^(1/2))^(-1/2) C_r^(1/2)

    M is the derivative of 2 tr (C_r^(1/2) C C_r^(1/2))^(1/2) by C; its inverse root is taken on
    the range, which weights do not leave (n < D). With A^T A = C_r, F^T F = C and the singular
    value decomposition F A^T = U S V^T, c_i^T M c_i = sum_k (c_i A^T V)_k^2 / S_k: value and all
    influences in O(n D^2).

    The influences are summed over the prompts of a base clip, and averaged over repeats before;
    SE^2 = G / (G - 1) sum_c (sum I)^2 / n^2. FID is a squared distance and skew to the right where
    it is small, so that the interval is symmetric in its root:
    (sqrt(FID) -+ t SE / (2 sqrt(FID)))^2, t Student's quantile with G - 1 degrees of freedom.

    Source: Jaeckel, The infinitesimal jackknife, Bell Laboratories 1972; Efron, The Jackknife, the
    Bootstrap and Other Resampling Plans, 1982. The derivative: ours, checked by differences.

    Args:
        mean_r: (D,) mean of the real motions' embeddings.
        cov_r: (D, D) their covariance.
        generated: (N, D) embeddings of generated motions, one a prompt, or (R, N, D) of R repeats:
            the value is the mean of the repeats' FIDs.
        groups: (N,) the base clip of each prompt.

    Returns:
        The estimate, `terms` FID + influence of each prompt; undefined for a single prompt.

    Raises:
        InputError: as `metrics.fid_to_statistics`, and for groups that do not fit.
    """
    centre, factor = real_factor(mean_r, cov_r)
    array = np.asarray(generated)
    stack = checked(array[None] if array.ndim == 2 else array, "generated", dimensions=3)
    if stack.shape[2] != len(centre):
        raise InputError(
            f"the real side has {len(centre)} dimensions, the generated {stack.shape[2]}",
            fix="embed both with the same evaluator",
        )
    clusters = clusters_of(groups, stack.shape[1])
    n, count = clusters.rows, clusters.count
    if n < 2:
        return undefined("one motion; a covariance needs 2", n=n)
    parts = [influences(centre, factor, rows) for rows in stack]
    value = float(np.mean([part[0] for part in parts]))
    influence = np.mean([part[1] for part in parts], axis=0)
    estimate = Estimate(value=value, n=n, clusters=count, terms=value + influence)
    if count < 2:
        return estimate.without_interval("1 base clip")
    sums = clusters.sums(influence)
    error = float(np.sqrt(count / (count - 1) * np.sum(sums**2))) / n
    # Rounding leaves influences of 1e-12 where generated and real motions are the same set.
    if value <= 0.0 or error <= 1e-9 * float(np.sum(factor**2)):
        return estimate.without_interval("no base clip has an influence on the value")
    root = np.sqrt(value)
    half = t_quantile(count) * error / (2.0 * root)
    return with_interval(
        estimate,
        max(0.0, root - half) ** 2,
        (root + half) ** 2,
        error,
        f"infinitesimal jackknife over {count} base clips, for the mean FID of {n} prompts",
    )


def influences(mean_r: Floats, factor_r: Floats, rows: Floats) -> tuple[float, Floats]:
    """FID of rows (n, D) and the influence of each (n,), whose mean is 0.

    Args:
        mean_r: (D,) mean of the real side.
        factor_r: (K, D) with factor^T factor = covariance of the real side.
        rows: (n, D), n >= 2.
    """
    n = len(rows)
    mean, factor = generated_factor(rows)
    centred, shift = rows - mean, mean - mean_r
    # The right singular vectors of factor . factor_r^T are those of B.
    _, roots, directions = np.linalg.svd(factor @ factor_r.T, full_matrices=False)
    kept = roots > len(factor_r) * np.finfo(np.float64).eps * roots[0]
    projected = centred @ (factor_r.T @ directions[kept].T / np.sqrt(roots[kept]))
    inside = np.einsum("nk,nk->n", projected, projected)
    squares = np.einsum("nd,nd->n", centred, centred)
    traces = float(np.sum(factor_r**2) + squares.sum() / (n - 1))
    value = max(0.0, float(shift @ shift) + traces - 2.0 * float(roots.sum()))
    quadratic = (squares - inside) * (n / (n - 1))
    influence: Floats = 2.0 * (centred @ shift) + quadratic - quadratic.mean()
    return value, influence
