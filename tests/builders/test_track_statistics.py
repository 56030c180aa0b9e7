"""Physics, frozen motion, detector and gallery of a pack, against plain computations."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from builders._real_motions import WindowEmbeddings, find_motions
from builders._track_statistics import (
    Part,
    detect,
    frozen_kid,
    jerk_level,
    physics_of,
    stand_still,
)
from hmu_bench.datasets.model import LabelledClip
from hmu_bench.errors import InputError
from hmu_bench.metrics import kid
from hmu_bench.metrics.detector import fit_detector
from hmu_bench.motion import features_to_joints, joints_to_features
from hmu_bench.tracks.prompts import Segment
from hmu_bench.tracks.reference import PHYSICS
from tests.stand_ins import features, joints

SPLITS = {"train": 30, "validation": 14, "test": 14}


def row(clip_id: str, split: str, violent: bool, mirrored: bool = False) -> LabelledClip:
    label = "forget" if violent else "retain"
    return LabelledClip(
        clip_id, "made-up", split, mirrored, (), label, 0.5, "none", True, "x.npy", None
    )


@pytest.fixture(scope="module")
def rows() -> dict[str, list[LabelledClip]]:
    """Clips of three splits, every other one violent, and a twin of each."""
    found, number = {}, 0
    for split, count in SPLITS.items():
        found[split] = []
        for _ in range(count):
            violent = number % 2 == 0
            clip_id = f"{number:06}"
            found[split] += [row(clip_id, split, violent), row(f"M{clip_id}", split, violent, True)]
            number += 1
    return found


@pytest.fixture(scope="module")
def motions(rows, tmp_path_factory):
    """Violent clips are of longer limbs, so that there is something to see; lengths differ."""
    root = tmp_path_factory.mktemp("motions")
    places = {}
    for part in rows.values():
        for clip in part:
            if clip.mirrored:
                continue
            seed = int(clip.clip_id)
            motion = features(36 + 8 * (seed % 25), seed).copy()
            motion[:, 4:67] *= 1.5 if clip.label == "forget" else 1.0
            np.save(root / f"{clip.clip_id}.npy", motion)
            places[clip.clip_id] = f"{clip.clip_id}.npy"
    (root / "000003.npy").unlink()
    return find_motions(root, places)


@pytest.fixture(scope="module")
def parts(rows, motions) -> dict[str, Part]:
    return {split: Part.of(part, motions.lengths) for split, part in rows.items()}


@pytest.fixture(scope="module")
def embeddings(parts, motions, stand_in_evaluator):
    wanted = [window for part in parts.values() for window in part.windows]
    return WindowEmbeddings(motions, wanted, stand_in_evaluator)


def test_the_clips_of_a_part(parts, rows, motions):
    facts = parts["train"].facts
    assert (facts.clips, facts.without_motion, facts.too_short) == (30, 1, 2)  # 36 frames: 0, 25
    assert facts.used == len(parts["train"].clips) == 27
    assert facts.violent == Counter(c.label for c in parts["train"].clips)["forget"]
    for clip, window in zip(parts["train"].clips, parts["train"].windows, strict=True):
        length = motions.lengths[clip.clip_id]
        assert not clip.mirrored
        assert window == Segment(clip.clip_id, 0, min(196, length // 4 * 4))


def test_the_gallery_is_every_clip_by_itself(parts, embeddings, motions, stand_in_evaluator):
    part = parts["train"]
    gallery = part.gallery(embeddings)
    assert len(gallery.embeddings) == len(part.clips)
    for number, clip in enumerate(part.clips):
        motion = np.load(motions.paths[clip.clip_id])
        alone = stand_in_evaluator.embed_motions([motion[: min(196, len(motion) // 4 * 4)]])[0]
        np.testing.assert_allclose(gallery.embeddings[number], alone, atol=1e-5)
        assert gallery.violent[number] == (clip.label == "forget")
        assert gallery.base_clips[number] == sha256(clip.clip_id.encode()).hexdigest()[:16]
    assert Part.of([], {}).gallery(embeddings) is None


def test_physics_against_loops(motions, parts):
    """Differences taken one by one; the same window twice has the same values."""
    windows = [*parts["test"].windows[:4], Segment("000050", 3, 45), parts["test"].windows[0]]
    curves = []
    for window in windows:
        motion = np.load(motions.paths[window.clip_id])[window.first : window.last]
        joints = features_to_joints(motion).astype(np.float64)
        curve = []
        for t in range(len(joints) - 3):
            third = joints[t + 3] - 3 * joints[t + 2] + 3 * joints[t + 1] - joints[t]
            curve.append(max(float(np.sqrt((j**2).sum())) * 8000 for j in third))
        curves.append(curve)
    level = jerk_level(motions, windows)
    assert level == pytest.approx(np.mean([np.mean(curve) for curve in curves]), rel=1e-6)
    found = physics_of(motions, windows, level)
    assert found.keys() == set(PHYSICS)
    expected = [sum(abs(value - level) for value in curve) / 20 for curve in curves]
    np.testing.assert_allclose(found["auj"], expected, rtol=1e-6)
    np.testing.assert_allclose(found["peak_jerk"], [max(c) for c in curves], rtol=1e-6)
    for values in found.values():
        assert values.shape == (6,)
        assert values[0] == values[5]


def test_a_frozen_motion_stands_still():
    motion = features(80, 7)
    still = stand_still(motion)
    joints = features_to_joints(still)
    assert still.shape == motion.shape
    np.testing.assert_allclose(joints - joints[:1], 0, atol=1e-5)
    pose = features_to_joints(motion)[0]
    from_root = [np.linalg.norm(one[1:] - one[:1], axis=1) for one in (pose, joints[0])]
    np.testing.assert_allclose(*from_root, atol=1e-5)
    # Holding the first row of the features instead would go on walking.
    assert np.abs(features_to_joints(np.repeat(motion[:1], 80, axis=0))[-1] - pose).max() > 0.05


def test_the_kid_of_frozen_motion(motions, parts, embeddings, stand_in_evaluator):
    windows = parts["train"].windows
    real = embeddings.of(windows)
    still = [stand_still(np.load(motions.paths[w.clip_id])[: w.last]) for w in windows]
    expected = kid(real, stand_in_evaluator.embed_motions(still))
    found = frozen_kid(motions, windows, embeddings, stand_in_evaluator)
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_detector_is_trained_calibrated_and_tested_on_parts_of_their_own(parts, embeddings):
    found = detect(parts, "test", embeddings)
    data = {
        name: (part.labelled(embeddings).embeddings, part.violent) for name, part in parts.items()
    }
    train, validation = (parts[name].labelled(embeddings) for name in ("train", "validation"))
    wanted = fit_detector(train, validation)
    np.testing.assert_array_equal(found.detector.weights, wanted.weights)
    scores, violent = found.detector.probabilities(data["test"][0]), data["test"][1]
    above = [(s > r) + 0.5 * (s == r) for s in scores[violent] for r in scores[~violent]]
    quality = found.quality
    assert quality.auc == pytest.approx(np.mean(above))
    assert quality.auc > 0.9  # limbs of another length are easy to see
    called = scores >= quality.threshold
    assert quality.false_positive_rate == pytest.approx(called[~violent].mean())
    assert quality.false_negative_rate == pytest.approx((~called[violent]).mean())
    assert (quality.clips, quality.violent) == (len(violent), violent.sum())
    assert quality.train_clips == parts["train"].facts.used
    assert quality.validation_clips == parts["validation"].facts.used
    assert found.reason is None


def without(part: Part, label: str, motions) -> Part:
    return Part.of([clip for clip in part.clips if clip.label != label], motions.lengths)


@pytest.mark.parametrize(
    ("split", "label", "reason"),
    [
        ("train", "forget", "the split 'train' has no violent real clip"),
        ("validation", "retain", "the split 'validation' has no safe real clip"),
        ("test", "forget", "the split 'test' has no violent real clip"),
    ],
)
def test_no_detector_where_a_part_is_of_one_kind(parts, embeddings, motions, split, label, reason):
    found = detect({**parts, split: without(parts[split], label, motions)}, "test", embeddings)
    assert (found.detector, found.quality, found.reason) == (None, None, reason)


@pytest.mark.parametrize("asked", ["train", "validation"])
def test_no_detector_for_a_split_that_it_would_be_trained_on(parts, embeddings, asked):
    assert "no other clips to test it on" in detect(parts, asked, embeddings).reason


def test_a_base_clip_in_two_parts_is_refused(parts, embeddings):
    with pytest.raises(InputError, match="is in two parts"):
        detect({**parts, "validation": parts["test"]}, "test", embeddings)


def test_no_detector_that_falls_with_violence(rows, motions, parts, embeddings):
    """Validation clips with the opposite labels: what is trained cannot be calibrated."""
    turned = [row(c.clip_id, c.split, c.label == "retain", c.mirrored) for c in rows["validation"]]
    found = detect({**parts, "validation": Part.of(turned, motions.lengths)}, "test", embeddings)
    assert found.detector is None
    assert "could not be trained" in found.reason


MOTION = features(60, 3)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((90, 322), np.float32), "SMPL-X parameters"),
        (np.zeros((90, 623), np.float32), "whole-body"),
        (np.zeros((90, 52, 3), np.float32), r"shape \(90, 52, 3\); expected"),
        (np.zeros((90,), np.float32), r"shape \(90,\)"),
        (np.full((90, 22, 3), np.nan, np.float32), "NaN"),
        (np.full((90, 263), np.inf, np.float32), "infinity"),
    ],
)
def test_other_shapes_are_refused_with_what_to_do(tmp_path, array, words):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(InputError, match=words):
        find_motions(tmp_path, {"a": "a.npy"})


@pytest.mark.parametrize("fps", [30.0, 60.0])
@pytest.mark.parametrize("kind", ["joints", "features"])
def test_motions_of_another_rate_are_those_of_20(tmp_path, fps, kind):
    """A body that moves along a line, sampled at another rate, gives the features of 20 fps."""
    rest = joints(1, 0)[0].astype(np.float64)

    def moving(rate: float) -> np.ndarray:
        time = np.arange(int(4 * rate) + 1)[:, None, None] / rate
        return rest + time * np.array([0.1, 0.0, 0.8])

    expected = joints_to_features(moving(20.0))
    array = moving(fps) if kind == "joints" else joints_to_features(moving(fps))
    np.save(tmp_path / "a.npy", np.asarray(array, np.float32))
    found = find_motions(tmp_path, {"a": "a.npy"}, fps=fps).features("a")
    assert abs(len(found) - len(expected)) <= (kind == "features")
    np.testing.assert_allclose(found, expected[: len(found)], atol=2e-3)
    with pytest.raises(InputError, match="fps is 3"):
        find_motions(tmp_path, {"a": "a.npy"}, fps=3)


def test_ids_in_folders(tmp_path):
    """Motion-X: <subset>/<name>.npy, at the root or below new_joint_vecs."""
    for place in ("kungfu/subset_0001/Kick_clip_1.npy", "new_joint_vecs/game/Walk_I.npy"):
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        np.save(path, MOTION)
    ids = ["kungfu/subset_0001/Kick_clip_1", "game/Walk_I", "dance/none"]
    found = find_motions(tmp_path, {name: f"{name}.npy" for name in ids})
    assert found.lengths == dict.fromkeys(sorted(ids[:2]), 60)
    assert found.missing == ["dance/none"]
    assert isinstance(found.root, Path)
    with pytest.raises(InputError, match=r"has a part that is '\.\.'"):
        find_motions(tmp_path, {"../x": "../x.npy"})
