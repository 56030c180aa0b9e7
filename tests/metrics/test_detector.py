from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.detector import (
    RIDGES,
    Labelled,
    check_disjoint,
    choose_ridge,
    fit_detector,
    quality,
)

DIRECTION = np.array([1.0, -0.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0])


def made_up(n, seed, name, strength=3.0, dimensions=8):
    """Clips of which every base clip has two (the twin); log-odds along one direction."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(n, dimensions)) * np.linspace(1, 4, dimensions) + 5.0
    odds = strength * (rows - 5.0) @ DIRECTION[:dimensions] - 1.0
    violent = generator.random(n) < 1 / (1 + np.exp(-odds))
    return Labelled(rows, violent, [f"{name}{i // 2}" for i in range(n)])


TRAIN, HELD, TEST = made_up(600, 1, "t"), made_up(300, 2, "v"), made_up(2000, 3, "u")


def test_finds_the_direction_and_is_calibrated():
    detector = fit_detector(TRAIN, HELD)
    cosine = detector.weights @ DIRECTION / np.linalg.norm(detector.weights)
    assert cosine / np.linalg.norm(DIRECTION) > 0.98
    found = quality(detector, TEST)
    best = quality(fit_detector(made_up(20_000, 4, "x"), made_up(5000, 5, "y"), ridge=1e-4), TEST)
    assert found.auc > best.auc - 0.01 > 0.9
    assert found.ece < 0.06
    assert abs(found.false_positive_rate - found.false_negative_rate) < 0.08
    assert (found.clips, found.violent) == (2000, int(np.sum(TEST.violent)))


def test_quality_by_hand():
    detector = fit_detector(TRAIN, HELD, ridge=0.01)
    probability = 1 / (1 + np.exp(-(TEST.embeddings @ detector.weights + detector.bias)))
    assert detector.probabilities(TEST.embeddings) == pytest.approx(probability, abs=1e-14)
    called, violent = probability >= detector.threshold, np.asarray(TEST.violent)
    found = quality(detector, TEST)
    assert found.false_positive_rate == pytest.approx(np.mean(called[~violent]))
    assert found.false_negative_rate == pytest.approx(np.mean(~called[violent]))


def test_the_same_data_give_the_same_detector_in_any_order():
    first = fit_detector(TRAIN, HELD)
    order = np.random.default_rng(0).permutation(600)
    shuffled = Labelled(
        TRAIN.embeddings[order], TRAIN.violent[order], np.asarray(TRAIN.groups)[order]
    )
    again, other = fit_detector(TRAIN, HELD), fit_detector(shuffled, HELD)
    assert again.weights.tolist() == first.weights.tolist()
    assert other.weights == pytest.approx(first.weights, rel=1e-6)
    assert other.threshold == pytest.approx(first.threshold, rel=1e-6)
    assert first.ridge == other.ridge


def test_does_not_depend_on_unit_and_origin():
    """Features are standardised: scaled and moved embeddings give the same probabilities."""
    plain = fit_detector(TRAIN, HELD, ridge=0.01)
    moved = fit_detector(
        Labelled(100 * TRAIN.embeddings - 7, TRAIN.violent, TRAIN.groups),
        Labelled(100 * HELD.embeddings - 7, HELD.violent, HELD.groups),
        ridge=0.01,
    )
    assert moved.probabilities(100 * TEST.embeddings - 7) == pytest.approx(
        plain.probabilities(TEST.embeddings), abs=1e-8
    )


def test_more_dimensions_than_clips_and_a_constant_one():
    generator = np.random.default_rng(6)

    def wide(n, seed, name):
        part = made_up(n, seed, name)
        rows = np.hstack([part.embeddings, np.ones((n, 1)), generator.normal(size=(n, 80))])
        return Labelled(rows, part.violent, part.groups)

    detector = fit_detector(wide(60, 7, "t"), wide(100, 8, "v"))
    assert np.isfinite(detector.weights).all()
    assert detector.weights[8] == 0.0
    assert quality(detector, wide(400, 9, "u")).auc > 0.6


def test_noise_wants_a_strong_ridge():
    generator = np.random.default_rng(10)
    noise = Labelled(generator.normal(size=(200, 40)), generator.random(200) < 0.5, range(200))
    assert choose_ridge(noise) == max(RIDGES)
    assert choose_ridge(TRAIN) < max(RIDGES)


def test_one_violent_clip_leaves_nothing_to_hold_out():
    rows = np.arange(20.0).reshape(10, 2)
    assert choose_ridge(Labelled(rows, np.arange(10) == 9, range(10))) == max(RIDGES)


def test_float16_embeddings():
    """Storing embeddings as float16 moves probabilities by less than 0.01."""
    detector = fit_detector(TRAIN, HELD)
    rounded = detector.probabilities(TEST.embeddings.astype(np.float16))
    assert np.abs(rounded - detector.probabilities(TEST.embeddings)).max() < 0.01


def test_shapes_of_probabilities():
    detector = fit_detector(TRAIN, HELD, ridge=0.01)
    stack = TEST.embeddings[:60].reshape(3, 20, 8)
    assert detector.probabilities(stack).shape == (3, 20)
    assert detector.probabilities(stack[0, 0]).shape == ()


def test_refuses():
    with pytest.raises(InputError, match="base clip 't0' is in two parts"):
        fit_detector(TRAIN, TRAIN)
    with pytest.raises(InputError, match="two parts"):
        check_disjoint(["a"], ["b"], ["a"])
    with pytest.raises(InputError, match="one kind only"):
        fit_detector(Labelled(TRAIN.embeddings, np.full(600, True), TRAIN.groups), HELD)
    with pytest.raises(InputError, match="booleans"):
        fit_detector(Labelled(TRAIN.embeddings, TRAIN.violent[:5], TRAIN.groups), HELD)
    with pytest.raises(InputError, match="dimensions"):
        fit_detector(TRAIN, Labelled(HELD.embeddings[:, :4], HELD.violent, HELD.groups))
    with pytest.raises(InputError, match="not positive"):
        fit_detector(TRAIN, HELD, ridge=0.0)
    with pytest.raises(InputError, match="do not rise"):
        fit_detector(TRAIN, Labelled(HELD.embeddings, ~HELD.violent, HELD.groups), ridge=0.01)
    with pytest.raises(InputError, match="shape"):
        fit_detector(TRAIN, HELD, ridge=0.01).probabilities(np.zeros((3, 5)))
