"""Scores against labels: the threshold of equal errors, area under the curve, calibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked

BINS = 15


def equal_error_threshold(scores: ArrayLike, violent: ArrayLike) -> float:
    """The threshold at which false positive and false negative rate are closest to each other.

    Halfway between two scores that follow each other; of equally good ones that with the smaller
    sum of both rates, then the lowest.

    Raises:
        InputError: for clips of one label only.

    >>> equal_error_threshold([0.25, 0.5, 0.75, 1.0], [False, False, True, True])
    0.625
    """
    values, flags = _scores(scores, violent)
    distinct = np.unique(values)
    cuts = np.concatenate([distinct[:1], (distinct[1:] + distinct[:-1]) / 2.0, [np.inf]])
    safe, concept = np.sort(values[~flags]), np.sort(values[flags])
    false_positive = 1.0 - np.searchsorted(safe, cuts) / len(safe)
    false_negative = np.searchsorted(concept, cuts) / len(concept)
    gap, total = np.abs(false_positive - false_negative), false_positive + false_negative
    best = np.lexsort((cuts, np.round(total, 12), np.round(gap, 12)))[0]
    return float(min(cuts[best], np.nextafter(distinct[-1], np.inf)))


def auc(scores: ArrayLike, violent: ArrayLike) -> float:
    """P(a violent clip scores above a safe one), equal scores counting half.

    Raises:
        InputError: for clips of one label only.

    >>> auc([0.1, 0.4, 0.4, 0.9], [False, False, True, True])
    0.875
    """
    values, flags = _scores(scores, violent)
    safe = np.sort(values[~flags])
    below = np.searchsorted(safe, values[flags], side="left")
    not_above = np.searchsorted(safe, values[flags], side="right")
    return float((below + not_above).mean() / (2 * len(safe)))


def expected_calibration_error(
    probabilities: ArrayLike, violent: ArrayLike, bins: int = BINS
) -> float:
    """Mean over clips of |share of violent clips - mean probability| of the clip's bin.

    Equal bins of probability. 0 is best.

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017.

    Raises:
        InputError: for clips of one label only.

    >>> round(expected_calibration_error([0.2, 0.2, 0.9], [False, True, True]), 6)
    0.233333
    """
    values, flags = _scores(probabilities, violent)
    place = np.minimum((values * bins).astype(np.intp), bins - 1)
    difference = np.bincount(place, weights=flags - values, minlength=bins)
    return float(np.abs(difference).sum() / len(values))


def _scores(scores: ArrayLike, violent: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    values, flags = checked(scores, "scores", dimensions=1), np.asarray(violent)
    if flags.shape != values.shape or flags.dtype != np.bool_:
        raise InputError(f"must be {len(values)} booleans", key="violent")
    if flags.all() or not flags.any():
        raise InputError("needs violent and safe clips; it has one kind only", key="violent")
    return values, flags
