"""How long the metrics take beside the obvious way: `python benchmarks/metrics.py`.

Compares in one run, on the same arrays, so that the ratios mean something on any machine:
- FID (nuclear norm of the cross matrix) and the textbook way (scipy's sqrtm of C_r C_g);
- exact expected R-precision over all pools and the mean of 100,000 sampled pools.
Both numbers of each pair are printed, so that the speed is seen to cost no accuracy.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import scipy.linalg

from hmu_bench.metrics import diversity, fid, kid, r_precision

SAMPLES, DIMENSIONS, POOLS = 4400, 512, 100_000


def textbook_fid(real: np.ndarray, generated: np.ndarray) -> float:
    """Covariances and their product's matrix square root."""
    c_r, c_g = np.cov(real, rowvar=False), np.cov(generated, rowvar=False)
    shift = real.mean(axis=0) - generated.mean(axis=0)
    root = np.trace(scipy.linalg.sqrtm(c_r @ c_g)).real
    return float(shift @ shift + np.trace(c_r) + np.trace(c_g) - 2 * root)


def sampled_r_precision(text: np.ndarray, motion: np.ndarray, k: int = 3) -> np.ndarray:
    """Mean over random pools of 32: a text, its motion and 31 others, ranked by distance."""
    random = np.random.default_rng(0)
    hits = np.zeros(k)
    for _ in range(POOLS):
        own, *others = random.choice(len(text), 32, replace=False)
        pool = np.concatenate([[own], others])
        distance = np.linalg.norm(text[own] - motion[pool], axis=1)
        hits += (distance < distance[0]).sum() <= np.arange(k)
    return hits / POOLS


def best_of(function: Callable[[], object], times: int) -> tuple[float, object]:
    """The shortest of some runs, in seconds, and the result."""
    seconds, result = [], None
    for _ in range(times):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def embeddings() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Text, real and generated embeddings with a falling spectrum, as evaluators give them."""
    random = np.random.default_rng(1)
    spread = np.exp(-np.arange(DIMENSIONS) / 60)
    text = random.normal(size=(SAMPLES, DIMENSIONS)) * spread
    real = text + 0.3 * random.normal(size=text.shape) * spread
    generated = text + 1.8 * random.normal(size=text.shape) * spread + 0.02
    return text, real, generated


def main() -> None:
    """Print the table."""
    text, real, generated = embeddings()
    print(f"{SAMPLES} samples, {DIMENSIONS} dimensions, float64; best of the runs")
    for label, ours, other in (
        ("FID / scipy.linalg.sqrtm", fid, textbook_fid),
        ("R-precision, all pools / 100,000 sampled", r_precision, sampled_r_precision),
    ):
        pair = (real, generated) if ours is fid else (text, generated)
        seconds, value = best_of(lambda ours=ours, pair=pair: ours(*pair), 3)
        other_seconds, other_value = best_of(lambda other=other, pair=pair: other(*pair), 1)
        print(f"{label}: {seconds:.2f} s / {other_seconds:.2f} s = {other_seconds / seconds:.1f}x")
        print(f"    {np.round(value, 6)} / {np.round(other_value, 6)}")
    for label, function in (
        ("KID", lambda: kid(real, generated)),
        ("Diversity, all pairs", lambda: diversity(generated)),
    ):
        seconds, value = best_of(function, 1)
        print(f"{label}: {seconds:.2f} s ({value:.6g})")


if __name__ == "__main__":
    main()
