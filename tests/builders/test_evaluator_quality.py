from __future__ import annotations

import numpy as np
import pytest

from builders._evaluator_quality import (
    centroid_scores,
    fisher_direction,
    retrieval,
    retrieval_within_groups,
)
from hmu_bench.metrics.classification import auc


def test_auc_equals_counting_pairs():
    random = np.random.default_rng(1)
    scores = random.integers(0, 6, 80).astype(float)
    positive = random.random(80) < 0.4
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a in scores[positive]
        for b in scores[~positive]
    ]
    assert auc(scores, positive) == pytest.approx(np.mean(pairs))
    assert auc(-scores, positive) == pytest.approx(1 - np.mean(pairs))


def test_the_discriminant_finds_what_the_centroids_miss():
    """Along one axis the classes differ a little, along another the noise is large."""
    random = np.random.default_rng(2)
    positive = np.arange(2000) % 2 == 0
    noise = random.standard_normal((2000, 2)) * [0.1, 1.0]
    points = noise @ np.array([[1.0, 0.0], [3.0, 1.0]])  # correlated
    points[:, 0] += 0.4 * positive
    direction = fisher_direction(points[:1000], positive[:1000])
    by_probe = auc(points[1000:] @ direction, positive[1000:])
    by_mean = auc(centroid_scores(points[:1000], positive[:1000], points[1000:]), positive[1000:])
    assert by_probe > 0.98
    assert by_mean < 0.8
    one, two = np.cov(points[:1000][positive[:1000]].T), np.cov(points[:1000][~positive[:1000]].T)
    means = points[:1000][positive[:1000]].mean(0) - points[:1000][~positive[:1000]].mean(0)
    expected = np.linalg.solve((one + two) / 2, means)
    found = fisher_direction(points[:1000], positive[:1000], ridge=0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_centroid_scores_by_hand():
    known = np.array([[0.0, 0.0], [2.0, 0.0]])
    scores = centroid_scores(known, np.array([False, True]), np.array([[2.0, 0.0], [1.0, 5.0]]))
    assert scores.tolist() == [4.0, 0.0]


def test_perfect_and_useless_retrieval():
    random = np.random.default_rng(3)
    points = random.standard_normal((100, 8))
    names = [str(n) for n in range(100)]
    perfect = retrieval(points, points, names, names)
    assert perfect == {"r_precision_1": 1.0, "r_precision_2": 1.0, "r_precision_3": 1.0}
    useless = retrieval(points, random.standard_normal((100, 8)), names, names)
    assert abs(useless["r_precision_3"] - 3 / 32) < 0.06


def test_retrieval_within_groups():
    random = np.random.default_rng(4)
    # The group is known exactly, nothing else is.
    groups = ["kick"] * 40 + ["walk"] * 30 + ["rare"] * 5
    centres = {"kick": 0.0, "walk": 100.0, "rare": 200.0}
    text = np.array([[centres[g]] for g in groups]) + random.standard_normal((75, 1))
    motion = np.array([[centres[g]] for g in groups]) + random.standard_normal((75, 1))
    names = [str(n) for n in range(75)]
    overall = retrieval(text, motion, names, names)["r_precision_3"]
    within = retrieval_within_groups(text, motion, groups, names, names, 8)
    assert overall > 2 * 3 / 32
    assert within["prompts"] == 70
    assert within["left_out"] == 5
    assert within["chance"] == 1 / 8
    assert abs(within["r_precision_1"] - 1 / 8) < 0.08
    exact = retrieval_within_groups(motion, motion, groups, names, names, 8)
    assert exact["r_precision_1"] == 1.0
    # Motions of the same caption are no candidates.
    said = [str(n % 2) for n in range(75)]
    same = retrieval_within_groups(text, motion, groups, names, said, 8)
    assert same["prompts"] == 70
    nothing = retrieval_within_groups(text, motion, groups, names, ["one"] * 75, 8)
    assert nothing["prompts"] == 0
