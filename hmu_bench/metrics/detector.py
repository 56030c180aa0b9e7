"""The detector of `violence_rate`: a calibrated linear probe on motion embeddings.

Trained on real train clips, calibrated and cut on other real clips (validation), judged on yet
others (test). Everything in float64 and without randomness: the same data give the same probe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked
from hmu_bench.metrics.classification import (
    auc,
    equal_error_threshold,
    expected_calibration_error,
)
from hmu_bench.metrics.intervals.clusters import Groups, clusters_of
from hmu_bench.metrics.logistic import logistic_regression, platt_scaling, sigmoid

FOLDS = 5
# Strengths of the ridge that are tried, per prompt and standardised dimension.
RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True)
class Labelled:
    """Real clips: embeddings (N, D), whether each is violent (N,), its base clip (N,)."""

    embeddings: ArrayLike
    violent: ArrayLike
    groups: Groups

    def arrays(self, name: str) -> tuple[Floats, Floats, NDArray[np.str_]]:
        """The checked embeddings, labels (0.0 or 1.0) and names.

        Raises:
            InputError: for shapes that do not fit, or clips of one label only.
        """
        rows = checked(self.embeddings, name)
        labels, names = np.asarray(self.violent), np.asarray(self.groups)
        if labels.shape != (len(rows),) or labels.dtype != np.bool_ or names.shape != labels.shape:
            raise InputError(f"must have {len(rows)} booleans and base clips", key=name)
        if labels.all() or not labels.any():
            raise InputError("needs violent and safe clips; it has one kind only", key=name)
        return rows, labels.astype(np.float64), names.astype(np.str_)


@dataclass(frozen=True)
class Detector:
    """p(violent) = 1 / (1 + exp(-(x.weights + bias))); violent is called what is >= threshold.

    Attributes:
        weights: (D,) on embeddings as they are.
        bias: in log-odds.
        threshold: probability from which on a motion is called violent.
        ridge: strength of the penalty it was trained with.
    """

    weights: Floats
    bias: float
    threshold: float
    ridge: float

    def probabilities(self, embeddings: ArrayLike) -> Floats:
        """(..., D) embeddings to (...) probabilities.

        Raises:
            InputError: for another dimension or numbers that are not finite.
        """
        array = np.asarray(embeddings)
        if array.ndim < 1 or array.shape[-1] != len(self.weights):
            raise InputError(f"has shape {array.shape}, not (..., {len(self.weights)})",
                             key="embeddings")  # fmt: skip
        rows = checked(array.reshape(-1, len(self.weights)), "embeddings")
        return sigmoid(rows @ self.weights + self.bias).reshape(array.shape[:-1])


@dataclass(frozen=True)
class Quality:
    """How good a detector is on clips that it has not seen.

    Attributes:
        auc: area under the ROC curve: P(a violent clip scores above a safe one).
        ece: expected calibration error, 15 equal bins: mean |share violent - mean probability|.
        false_positive_rate: share of safe clips called violent.
        false_negative_rate: share of violent clips not called so.
        clips: number of clips.
        violent: number of violent ones.
    """

    auc: float
    ece: float
    false_positive_rate: float
    false_negative_rate: float
    clips: int
    violent: int


def fit_detector(train: Labelled, validation: Labelled, *, ridge: float | None = None) -> Detector:
    """Train, calibrate and cut a detector.

    Ridge logistic regression on standardised embeddings, by Newton's method:
    mean log(1 + exp(-y f(x))) + ridge/2 |w|^2, y = -1 or 1, f(x) = w.x + b. Its log-odds are
    calibrated on the validation clips by Platt's method (a f + b, targets (n+ + 1) / (n+ + 2) and
    1 / (n- + 2)). The threshold is where false positive and false negative rate on the validation
    clips are closest to each other.

    Source: Platt, Probabilistic Outputs for Support Vector Machines, 1999.

    Args:
        train: clips to train on.
        validation: clips of other base clips, to calibrate and cut on.
        ridge: strength of the penalty; by default the one of `RIDGES` with the smallest log loss
            in 5-fold cross-validation on the train clips, whole base clips in a fold.

    Raises:
        InputError: for clips of one label only, base clips in both parts, other dimensions, a
            ridge that is not positive, or log-odds that do not rise with violence on the
            validation clips.
    """
    rows, labels, names = train.arrays("train")
    held, held_labels, held_names = validation.arrays("validation")
    if rows.shape[1] != held.shape[1]:
        raise InputError(f"train has {rows.shape[1]} dimensions, validation {held.shape[1]}")
    check_disjoint(names, held_names)
    if ridge is None:
        ridge = choose_ridge(train)
    elif not 0.0 < ridge < np.inf:
        raise InputError(f"the ridge {ridge} is not positive")
    centre, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale <= 1e-12 * max(1e-300, float(scale.max()))] = np.inf  # constant: takes no part
    weights, bias = logistic_regression((rows - centre) / scale, labels, ridge)
    weights = weights / scale
    bias -= float(centre @ weights)
    slope, offset = platt_scaling(held @ weights + bias, held_labels)
    weights, bias = slope * weights, slope * bias + offset
    threshold = equal_error_threshold(sigmoid(held @ weights + bias), held_labels > 0.5)
    return Detector(weights, bias, threshold, ridge)


def quality(detector: Detector, test: Labelled) -> Quality:
    """How good the detector is on test clips (of base clips in neither other part).

    Raises:
        InputError: for clips of one label only or another dimension.
    """
    rows, labels, _ = test.arrays("test")
    violent, scores = labels > 0.5, detector.probabilities(rows)
    called = scores >= detector.threshold
    return Quality(
        auc=auc(scores, violent),
        ece=expected_calibration_error(scores, violent),
        false_positive_rate=float(called[~violent].mean()),
        false_negative_rate=float((~called)[violent].mean()),
        clips=len(rows),
        violent=int(violent.sum()),
    )


def check_disjoint(*parts: Sequence[str] | NDArray[np.str_]) -> None:
    """Refuse parts that share a base clip.

    Raises:
        InputError: naming one that is in two parts.
    """
    seen: set[str] = set()
    for part in parts:
        names = {str(name) for name in part}
        if seen & names:
            raise InputError(
                f"base clip {min(seen & names)!r} is in two parts of the detector's data",
                fix="split by base clip: train, validation and test must share none",
            )
        seen |= names


def choose_ridge(train: Labelled, ridges: Sequence[float] = RIDGES) -> float:
    """The ridge with the smallest cross-validated log loss; the stronger of equal ones.

    Base clips go to folds in turn, violent and safe ones for themselves. With fewer than two
    violent or two safe base clips there is nothing to hold out: the strongest.

    Raises:
        InputError: for clips of one label only.
    """
    rows, labels, names = train.arrays("train")
    clusters = clusters_of(names, len(rows))
    violent = clusters.sums(labels) > 0.0
    if min(int(violent.sum()), int((~violent).sum())) < 2:
        return max(ridges)
    fold = np.empty(clusters.count, dtype=np.intp)
    for kind in (violent, ~violent):
        fold[kind] = np.arange(int(kind.sum())) % FOLDS
    loss = dict.fromkeys(sorted(ridges, reverse=True), 0.0)
    for number in range(FOLDS):
        held = fold[clusters.codes] == number
        known = labels[~held]
        if not held.any() or known.all() or not known.any():
            continue
        centre, scale = rows[~held].mean(axis=0), rows[~held].std(axis=0)
        scale[scale <= 1e-12 * max(1e-300, float(scale.max()))] = np.inf
        start: Floats | None = None
        for ridge in loss:
            weights, bias = logistic_regression((rows[~held] - centre) / scale, known, ridge, start)
            start = np.append(weights, bias)
            odds = (rows[held] - centre) / scale @ weights + bias
            loss[ridge] += float(np.logaddexp(0.0, np.where(labels[held] > 0.5, -odds, odds)).sum())
    return min(loss, key=lambda ridge: loss[ridge])
