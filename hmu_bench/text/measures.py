"""How good a classifier is on labelled captions that stand for a population. Pure functions.

Every caption counts as often as its weight says. All formulas take one weight a caption, or (for a
bootstrap) a row of weights a resample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BINS = 9  # of the reliability curve, equally wide, between the two below
CALIBRATION_RANGE = (0.05, 0.95)


@dataclass(frozen=True)
class Measures:
    """(R,) values each, one a row of weights; NaN where something is divided by nothing.

    Attributes:
        precision: violent captions among those called violent.
        recall: captions called violent among the violent ones.
        f1: harmonic mean of the two, 2 TP / (2 TP + FP + FN).
        average_precision: sum over distinct scores of (recall step) x (precision at the score).
        balanced_accuracy: mean of recall and of the same for safe captions.
        brier_skill: 1 - mean (p - y)^2 / (b (1 - b)), b the share of violent captions.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    average_precision: Floats
    balanced_accuracy: Floats
    brier_skill: Floats


def measures(violent: Bools, called: Bools, probability: Floats, weights: Floats) -> Measures:
    """The measures under each row of weights.

    Args:
        violent: (N,) the labels.
        called: (N,) the verdicts.
        probability: (N,) of a violent caption.
        weights: (R, N), or (N,) for one row.

    >>> both = measures(np.array([True, True, False]), np.array([True, False, False]),
    ...                 np.array([0.9, 0.4, 0.2]), np.array([1.0, 1.0, 8.0]))
    >>> float(both.precision[0]), float(both.recall[0]), float(both.average_precision[0])
    (1.0, 0.5, 1.0)
    """
    rows = np.atleast_2d(weights)
    hit, false = rows @ (violent & called), rows @ (~violent & called)
    positives, negatives = rows @ violent, rows @ ~violent
    total = positives + negatives
    base = _divide(positives, total)
    error = _divide(rows @ (probability - violent) ** 2, total)
    recall = _divide(hit, positives)
    return Measures(
        precision=_divide(hit, hit + false),
        recall=recall,
        f1=_divide(2 * hit, positives + hit + false),
        average_precision=average_precision(violent, probability, rows),
        balanced_accuracy=(recall + 1.0 - _divide(false, negatives)) / 2,
        brier_skill=1.0 - _divide(error, base * (1.0 - base)),
    )


def average_precision(violent: Bools, probability: Floats, weights: Floats) -> Floats:
    """(R,) area under the precision-recall steps; equal probabilities make one step.

    AP = sum_k (R_k - R_{k-1}) P_k over the distinct probabilities in falling order.
    """
    rows = np.atleast_2d(weights)
    order = np.argsort(-probability, kind="stable")
    sorted_probability = probability[order]
    last = np.append(sorted_probability[1:] != sorted_probability[:-1], True)
    hits = np.cumsum(rows[:, order] * violent[order], axis=1)[:, last]
    called = np.cumsum(rows[:, order], axis=1)[:, last]
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    steps = np.diff(hits, axis=1, prepend=0.0)
    return _divide((steps * precision).sum(axis=1), hits[:, -1])


@dataclass(frozen=True)
class Bin:
    """Captions of about the same probability.

    Attributes:
        low: least probability of the bin.
        high: its end.
        captions: how many there are.
        share: of all captions, by weight.
        mean_probability: what was said.
        violent_share: what is true.
    """

    low: float
    high: float
    captions: int
    share: float
    mean_probability: float
    violent_share: float


def reliability(violent: Bools, probability: Floats, weights: Floats) -> list[Bin]:
    """The reliability curve between 0.05 and 0.95, and one bin for each of the ends.

    Bins without captions are left out.
    """
    edges = np.concatenate([[0.0], np.linspace(*CALIBRATION_RANGE, BINS + 1), [1.0]])
    number = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, BINS + 1)
    total = float(weights.sum())
    bins = []
    for bin_number in range(BINS + 2):
        inside = number == bin_number
        weight = float(weights[inside].sum())
        if weight > 0:
            bins.append(
                Bin(
                    low=float(edges[bin_number]),
                    high=float(edges[bin_number + 1]),
                    captions=int(inside.sum()),
                    share=weight / total,
                    mean_probability=float(weights[inside] @ probability[inside]) / weight,
                    violent_share=float(weights[inside] @ violent[inside]) / weight,
                )
            )
    return bins


def expected_calibration_error(bins: list[Bin]) -> float:
    """Mean distance of said and true over the bins between 0.05 and 0.95, by weight; NaN if empty.

    >>> expected_calibration_error([Bin(0.4, 0.5, 10, 0.1, 0.5, 0.25), Bin(0, 0.05, 90, 1, 0, 0)])
    0.25
    """
    low, high = CALIBRATION_RANGE
    inner = [b for b in bins if b.low >= low - 1e-9 and b.high <= high + 1e-9]
    share = sum(b.share for b in inner)
    if share <= 0:
        return float("nan")
    return sum(b.share * abs(b.mean_probability - b.violent_share) for b in inner) / share


def resample(
    clusters: npt.NDArray[np.int64],
    strata: npt.NDArray[np.int64],
    weights: Floats,
    resamples: int,
    seed: int,
) -> Floats:
    """(R, N) weights of a stratified bootstrap by cluster.

    Clips (clusters) are drawn with replacement, as many as there are; the captions of a clip come
    along together. Then the weights of each stratum are scaled so that it stands for as many
    captions as before: the size of a stratum's population is known, not drawn.

    Args:
        clusters: (N,) numbers 0..C-1.
        strata: (N,) numbers 0..S-1.
        weights: (N,).
        resamples: R.
        seed: of the drawing.
    """
    number = int(clusters.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(
        number, np.full(number, 1.0 / number), size=resamples
    )
    rows: Floats = drawn[:, clusters] * weights
    for stratum in range(int(strata.max()) + 1):
        inside = strata == stratum
        sizes = rows[:, inside].sum(axis=1)
        scale = np.divide(weights[inside].sum(), sizes, out=np.zeros_like(sizes), where=sizes > 0)
        rows[:, inside] *= scale[:, None]
    return rows


def interval(values: Floats, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the resamples whose value is defined (NaN, NaN if none is)."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    tail = (1.0 - level) / 2
    low, high = np.quantile(known, [tail, 1.0 - tail])
    return float(low), float(high)


def wilson(share: float, effective: float, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's interval of a share that was seen in `effective` trials.

    >>> low, high = wilson(1.0, 100.0)
    >>> round(low, 3), high
    (0.963, 1.0)
    """
    if effective <= 0:
        return 0.0, 1.0
    factor = z * z / effective
    middle = (share + factor / 2) / (1 + factor)
    half = z * np.sqrt(share * (1 - share) / effective + factor / (4 * effective)) / (1 + factor)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def effective_size(weights: Floats) -> float:
    """(sum w)^2 / sum w^2: as many captions of equal weight would say as much.

    >>> effective_size(np.array([1.0, 1.0, 1.0]))
    3.0
    """
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def _divide(above: Floats, below: Floats) -> Floats:
    undefined = np.full(np.shape(above), np.nan)
    return np.asarray(np.divide(above, below, out=undefined, where=below > 0))
