"""How good an evaluator is on real motions: retrieval, and violent told from safe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hmu_bench.metrics import expected_hits, r_precision

Floats = NDArray[np.floating]


def retrieval(
    text: Floats, motion: Floats, base_clips: Sequence[str], captions: Sequence[str]
) -> dict[str, float]:
    """R-precision at 1, 2, 3 in pools of 32, exact expectation; chance is k/32.

    Candidates of the same base clip or with the same caption are left out, as protocol hmu-1 does.
    """
    found = r_precision(text, motion, k=3, pool=32, base_clips=base_clips, captions=captions)
    return {f"r_precision_{k}": float(found[k - 1]) for k in (1, 2, 3)}


def retrieval_within_groups(
    text: Floats,
    motion: Floats,
    groups: Sequence[str],
    base_clips: Sequence[str],
    captions: Sequence[str],
    pool: int,
) -> dict[str, float | int]:
    """R-precision at 1 where all candidates are of the prompt's own group (action).

    Chance is 1/pool. Prompts with fewer than pool - 1 candidates are left out and counted.
    """
    labels, clips, texts = (np.asarray(v, dtype=object) for v in (groups, base_clips, captions))
    hits: list[float] = []
    left_out = 0
    for label in sorted(set(groups)):
        rows = np.flatnonzero(labels == label)
        # A prompt's candidates: other clip and other text, within the group.
        other = (clips[rows][:, None] != clips[rows]) & (texts[rows][:, None] != texts[rows])
        enough = rows[other.sum(axis=1) >= pool - 1]
        left_out += len(rows) - len(enough)
        for row in enough:
            chosen = np.concatenate([[row], rows[other[rows == row][0]]])
            hits.append(float(expected_hits(text[chosen], motion[chosen], k=1, pool=pool)[0, 0]))
    return {
        "r_precision_1": float(np.mean(hits)) if hits else 0.0,
        "chance": 1 / pool,
        "pool": pool,
        "prompts": len(hits),
        "left_out": left_out,
    }


def fisher_direction(
    embeddings: Floats, positive: NDArray[np.bool_], *, ridge: float = 1e-3
) -> Floats:
    """The linear discriminant S^-1 (mean of the positive - mean of the others).

    S is the pooled covariance plus `ridge` times its mean variance on the diagonal.
    """
    one, two = embeddings[positive].astype(float), embeddings[~positive].astype(float)
    centred = np.concatenate([one - one.mean(axis=0), two - two.mean(axis=0)])
    scatter = centred.T @ centred / (len(centred) - 2)
    scatter += ridge * np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    direction: Floats = np.linalg.solve(scatter, one.mean(axis=0) - two.mean(axis=0))
    return direction


def centroid_scores(embeddings: Floats, positive: NDArray[np.bool_], judged: Floats) -> Floats:
    """How much nearer (squared distance) each judged one is to the positives' mean."""
    one, two = embeddings[positive].mean(axis=0), embeddings[~positive].mean(axis=0)
    scores: Floats = ((judged - two) ** 2).sum(axis=1) - ((judged - one) ** 2).sum(axis=1)
    return scores
