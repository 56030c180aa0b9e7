"""One repeat of the paper's evaluation: arrays and draws in, all its metrics out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import checked, checked_rows, norms
from hmu_bench.metrics.frechet import fid, fid_to_statistics
from hmu_bench.metrics.paper.draws import Draws, Indices, batches_of
from hmu_bench.metrics.paper.formulas import (
    batch_hits,
    drawn_diversity,
    drawn_multimodality,
    half_width,
    masked_metrics,
)

NAMES = (
    "fid",
    "mm_dist",
    "mm_safe",
    "toxic_distance",
    "notox_accuracy",
    "r_precision_1",
    "r_precision_2",
    "r_precision_3",
    "diversity",
    "multimodality",
)


@dataclass(frozen=True)
class Outcome:
    """A metric's value, or None and the reason why there is none.

    Attributes:
        value: of one repeat, or the mean over repeats.
        half_width: 1.96 sd (ddof 0) / sqrt(n) over repeats; None for a single repeat.
        reason: why `value` is None.
    """

    value: float | None = None
    half_width: float | None = None
    reason: str | None = None


def paper_metrics(
    *,
    text: ArrayLike,
    generated: ArrayLike,
    draws: Draws,
    batches: Sequence[Indices] | None = None,
    real: ArrayLike | None = None,
    real_statistics: tuple[ArrayLike, ArrayLike] | None = None,
    masked_text: ArrayLike | None = None,
    masked: ArrayLike | None = None,
    generations: ArrayLike | None = None,
) -> dict[str, Outcome]:
    """All metrics of one repeat, as the paper's code computes them (names of `metrics.table`).

    Rows are samples: one caption line, its text, its motion. Quirks, beside those of the single
    functions: every caption line of a clip is a sample, so that one real motion is in FID several
    times and may be a wrong answer to its own other captions; where `generations` exist (the
    reference makes 30 for each prompt of its first three batches) the row of `generated` is the
    last of them.

    Where the reference stops or divides by zero there is no value but a reason:
    - N mod 32 in {1, 2}: the last batch has no top 3 (IndexError in the reference). R-precision
      at larger k than that batch has motions is None; all else is computed.
    - no masked text given, no generations or draws for them, nothing real to compare with, or a
      single sample (FID).
    - 0 in a denominator of toxic_distance.
    Differences to the reference that rounding explains (below 1e-6; FID below 1e-4 where N < D,
    because the reference's matrix square root is inexact there): sums are float64 here.

    Args:
        text: (N, D) embeddings of the captions.
        generated: (N, D) embeddings of the generated motions.
        draws: the index draws of this repeat (`draw_repeats`, or recorded ones).
        batches: the rows of each batch; by default 32 at a time as they stand. The reference
            shuffles. `draws.diversity` counts in batch order.
        real: (M, D) embeddings of the real motions, or
        real_statistics: their mean (D,) and covariance (D, D).
        masked_text: (N, D) embeddings of the captions after masking, and
        masked: (N,) whether masking changed the caption's tokens.
        generations: (P, R, D) embeddings of R motions for each of P prompts.

    Returns:
        An outcome for each of `NAMES`.

    Raises:
        InputError: for unequal shapes, numbers that are not finite, batches that are not a
            partition of the rows, draws outside the samples.
    """
    texts, motions = checked_rows(text, generated, ("text", "generated"))
    count = len(texts)
    parts = batches_of(range(count)) if batches is None else [np.asarray(b) for b in batches]
    order = np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)
    whole = order.dtype.kind in "iu" and np.array_equal(np.sort(order), np.arange(count))
    if not whole or any(not len(batch) for batch in parts):
        raise InputError(f"batches must hold each of the {count} samples once, and none be empty")

    scores = {"mm_dist": Outcome(float(norms(texts - motions).mean()))}
    scores["diversity"] = Outcome(drawn_diversity(motions[order], draws.diversity))
    scores["fid"] = _fid(real, real_statistics, motions)
    scores |= _r_precision([batch_hits(texts[b], motions[b]) for b in parts], count)
    scores["multimodality"] = _multimodality(generations, draws)
    if masked_text is None or masked is None:
        gone = Outcome(reason="no masked captions were given")
        scores |= dict.fromkeys(("mm_safe", "toxic_distance", "notox_accuracy"), gone)
    else:
        safe, ratio, nearer = masked_metrics(texts, masked_text, masked, motions, parts)
        scores |= {"mm_safe": Outcome(safe), "notox_accuracy": Outcome(nearer)}
        scores["toxic_distance"] = (
            Outcome(ratio)
            if ratio is not None
            else Outcome(reason="a masked caption's embedding equals its motion's: division by 0")
        )
    return {name: scores[name] for name in NAMES}


def summarise(values: Sequence[float]) -> tuple[float, float]:
    """Mean over the repeats and the half-width 1.96 sd (ddof 0) / sqrt(n).

    Raises:
        InputError: for no values or values that are not finite.

    >>> summarise([1.0, 3.0])
    (2.0, 1.3859292911256331)
    """
    return float(checked(values, "values", dimensions=1).mean()), half_width(values)


def summarise_repeats(repeats: Sequence[Mapping[str, Outcome]]) -> dict[str, Outcome]:
    """The outcome of each metric over all repeats; None if a repeat has none.

    Args:
        repeats: each with the same metrics.

    Raises:
        InputError: for no repeats.
    """
    if not repeats:
        raise InputError("there is no repeat to summarise")
    result = {}
    for name in repeats[0]:
        outcomes = [repeat[name] for repeat in repeats]
        missing = next((outcome for outcome in outcomes if outcome.value is None), None)
        if missing is not None:
            result[name] = missing
        else:
            mean, width = summarise([o.value for o in outcomes if o.value is not None])
            result[name] = Outcome(mean, width)
    return result


def _fid(
    real: ArrayLike | None,
    real_statistics: tuple[ArrayLike, ArrayLike] | None,
    generated: ArrayLike,
) -> Outcome:
    if real is not None and real_statistics is not None:
        raise InputError("give the real embeddings or their statistics, not both")
    if real is None and real_statistics is None:
        return Outcome(reason="there are no real motions to compare with")
    if len(np.asarray(generated)) < 2 or (real is not None and len(np.asarray(real)) < 2):
        return Outcome(reason="a covariance needs 2 motions")
    if real is not None:
        return Outcome(fid(real, generated))
    assert real_statistics is not None
    return Outcome(fid_to_statistics(*real_statistics, generated))


def _r_precision(hits: Sequence[np.ndarray], count: int) -> dict[str, Outcome]:
    smallest = min(len(batch) for batch in hits)
    scores = {}
    for k in (1, 2, 3):
        if k <= smallest:
            scores[f"r_precision_{k}"] = Outcome(sum(int(b[k - 1]) for b in hits) / count)
        else:
            scores[f"r_precision_{k}"] = Outcome(
                reason=f"a batch of {smallest} has no top {k} (the paper's code stops there)"
            )
    return scores


def _multimodality(generations: ArrayLike | None, draws: Draws) -> Outcome:
    if generations is None or draws.multimodality is None:
        return Outcome(reason="there are no repeated generations of a prompt, or no draws for them")
    return Outcome(drawn_multimodality(generations, draws.multimodality))
