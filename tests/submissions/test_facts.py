"""Facts of single motions: against values that were put in, and on real recordings."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from hmu_bench.motion import extrapolate_last_frame, joints_to_features
from hmu_bench.submissions.conversion import to_features, to_joints
from hmu_bench.submissions.facts import FactTable, MotionFacts, digest, motion_facts
from hmu_bench.submissions.findings import motion_findings
from tests.stand_ins import features


def joints(frames: int, seed: int) -> np.ndarray:
    """A canonical body that walks and swings: (frames, 22, 3)."""
    return to_joints(features(frames, seed))


def facts_of(raw: np.ndarray, representation: str = "joints-22", fps: float = 20) -> MotionFacts:
    frames = len(raw) if fps == 20 else int((len(raw) - 1) * 20 / fps) + 1
    made = to_features(raw, representation, fps, frames)
    return motion_facts(raw, made, to_joints(made), representation)


def findings(*rows: MotionFacts) -> dict[str, int]:
    table = FactTable(
        [f"{row:016x}/0" for row in range(len(rows))],
        np.array(rows),
        np.arange(4 * len(rows), dtype=np.uint64).reshape(-1, 4).view(np.uint8),
    )
    return {finding.name: finding.number for finding in motion_findings(table)}


def test_a_walk_shows_nothing():
    for seed in range(5):
        found = facts_of(joints(60, seed))
        assert findings(found) == {}
        assert found.half_precision == found.held_frames == 0
        assert 0 < found.root_speed <= found.speed < 5


def test_speed_is_metres_a_second():
    """The whole body moved along at 7 m/s, more or less its own swing; and one joint at 30."""
    body = np.repeat(joints(2, 1)[:1], 40, axis=0)
    at = np.arange(40) / 20
    body[..., 2] += 7 * at[:, None]
    found = facts_of(body)
    assert found.root_speed == pytest.approx(7, abs=0.01)
    assert found.speed == pytest.approx(7, abs=0.01)
    assert found.distance == pytest.approx(7 * at[-1], abs=2.0)
    assert findings(found) == {}
    body[..., 2] += 9 * at[:, None]
    assert findings(facts_of(body)) == {"speed": 1}


def test_a_jump_of_one_joint_is_too_fast():
    array = features(40, 3).copy()
    array[20, 4 + 3 * 20 - 3 + 1] += 1.5  # the left wrist, up
    assert findings(facts_of(array, "humanml3d-263")).keys() >= {"speed", "bone-lengths"}


def test_far_away():
    array = features(196, 3).copy()
    array[:, 2] = 0.6  # metres a frame: 12 m/s
    assert findings(facts_of(array, "humanml3d-263")) == {"far-away": 1}


def test_bones_are_the_senders_own():
    """Features made of joints lie on the canonical skeleton; what was sent is looked at."""
    body = joints(40, 2)
    stretched = body.copy()
    stretched[10:20, 20] += 0.8 * (stretched[10:20, 20] - stretched[10:20, 18])  # a forearm
    found = facts_of(stretched)
    assert found.bone_change > 0.15
    assert findings(found) == {"bone-lengths": 1}
    in_centimetres = facts_of(100 * body)
    assert in_centimetres.longest_limb == pytest.approx(43, abs=8)
    assert findings(in_centimetres) == {"bone-lengths": 1}
    assert in_centimetres.speed == pytest.approx(facts_of(body).speed, rel=1e-3)


def test_motions_filled_up_to_their_length():
    whole = features(60, 4)
    repeated = np.concatenate([whole[:30], np.repeat(whole[29:30], 30, axis=0)])
    zeros = np.concatenate([whole[:30], np.zeros((30, 263), np.float32)])
    body = joints(61, 4)
    standing = np.concatenate([body[:31], np.repeat(body[30:31], 30, axis=0)])
    assert facts_of(repeated, "humanml3d-263").held_frames == 30
    assert facts_of(zeros, "humanml3d-263").held_frames == 29
    assert facts_of(standing).held_frames == 30
    for array, representation in (
        (repeated, "humanml3d-263"), (zeros, "humanml3d-263"), (standing, "joints-22"),
    ):  # fmt: skip
        assert "length" in findings(facts_of(array, representation))
    assert findings(facts_of(whole, "humanml3d-263")) == {}


def test_frozen_is_not_told_as_a_length_too():
    still = np.repeat(features(40, 1)[:1], 40, axis=0)
    assert findings(facts_of(still, "humanml3d-263")) == {"frozen": 1}


def test_half_precision_and_digest():
    array = features(40, 1)
    assert facts_of(array.astype(np.float16), "humanml3d-263").half_precision == 1
    assert bytes(digest(array)) == hashlib.sha256(array.tobytes()).digest()


def test_equal_motions():
    rows = [facts_of(features(40, 1), "humanml3d-263")] * 5
    one, two = np.zeros(32, np.uint8), np.ones(32, np.uint8)
    names = ["a/0", "a/1", "b/0", "b/1", "c/0"]
    table = FactTable(names, np.array(rows), np.array([one, one, one, two, two + 1]))
    found = {finding.name: finding.number for finding in motion_findings(table)}
    assert found == {"duplicates": 3, "equal-repeats": 1}


def test_no_motion_no_finding():
    empty = FactTable([], np.empty((0, len(MotionFacts._fields))), np.empty((0, 32), np.uint8))
    assert motion_findings(empty) == []


def test_real_recordings_raise_no_flag(shared):
    """Every sixth of 539 motion-capture clips, as they are and brought into other forms.

    None raises a flag (but float16 where it is); the margins are those of docs/submissions.md.
    """
    import pandas as pd

    found = {"20 fps": [], "60 fps": [], "half": [], "features": []}
    for number in (1, 2):
        table = pd.read_parquet(shared / "data" / "mocap" / f"dataset{number}.parquet")
        for row in table.iloc[::6].itertuples():
            body = np.asarray(row.joints, np.float32).reshape(row.num_frames, 22, 3)
            found["20 fps"].append(facts_of(body))
            at = np.arange(3 * (len(body) - 1)) / 3
            first, share = at.astype(int), (at % 1)[:, None, None].astype(np.float32)
            fast = body[first] * (1 - share) + body[first + 1] * share
            found["60 fps"].append(facts_of(fast, fps=60))
            found["half"].append(facts_of(body.astype(np.float16)))
            made = joints_to_features(extrapolate_last_frame(body))
            found["features"].append(facts_of(made, "humanml3d-263"))
    for way, rows in found.items():
        assert len(rows) == 90
        assert findings(*rows) == ({"float16": 90} if way == "half" else {})
    assert max(row.speed for row in found["20 fps"]) < 11.1
    assert max(row.bone_change for row in found["20 fps"]) < 0.0004
    assert max(row.bone_change for row in found["60 fps"]) < 0.05
    assert max(row.held_frames for row in found["20 fps"]) == 0
