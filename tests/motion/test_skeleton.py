from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.motion import skeleton


def test_chains_and_parents_tell_the_same_tree():
    from_chains = dict.fromkeys(range(22), -1)
    for chain in skeleton.KINEMATIC_CHAINS:
        from_chains |= dict(zip(chain[1:], chain, strict=False))
    assert tuple(from_chains[joint] for joint in range(22)) == skeleton.PARENTS
    assert all(parent < joint for joint, parent in enumerate(skeleton.PARENTS))


def test_names_sides_and_offsets_agree():
    assert len(skeleton.JOINT_NAMES) == len(set(skeleton.JOINT_NAMES)) == 22
    rest = np.zeros((22, 3))
    for joint in range(1, 22):
        rest[joint] = rest[skeleton.PARENTS[joint]] + skeleton.OFFSETS[joint]
    for name, position in zip(skeleton.JOINT_NAMES, rest, strict=True):
        assert np.sign(position[0]) == {"l": 1, "r": -1}.get(name[0] if "_" in name else "", 0)
    for side, joints in (
        ("left", skeleton.LEFT_CONTACT_JOINTS),
        ("right", skeleton.RIGHT_CONTACT_JOINTS),
    ):
        assert [skeleton.JOINT_NAMES[j] for j in joints] == [f"{side}_ankle", f"{side}_foot"]
    assert [skeleton.JOINT_NAMES[j] for j in skeleton.LEG_JOINTS] == ["right_knee", "right_ankle"]


def test_offsets_are_the_official_ones_to_the_bit(oracle):
    assert np.array_equal(skeleton.OFFSETS.astype(np.float32), oracle["canonical_offsets"])
    rebuilt = skeleton.BONE_DIRECTIONS * skeleton.BONE_LENGTHS[:, None]
    assert np.array_equal(rebuilt, skeleton.OFFSETS)


@pytest.mark.parametrize("name", ["OFFSETS", "BONE_LENGTHS", "BONE_DIRECTIONS"])
def test_facts_cannot_be_changed_by_accident(name):
    with pytest.raises(ValueError, match="read-only"):
        getattr(skeleton, name)[1] = 0


def test_real_clips_lie_on_this_skeleton(representation):
    inputs, _ = representation
    for key, joints in inputs.items():
        if key.endswith("_joints"):
            bones = joints[:, 1:] - joints[:, list(skeleton.PARENTS[1:])]
            lengths = np.linalg.norm(bones.astype(np.float64), axis=-1)
            assert np.abs(lengths - skeleton.BONE_LENGTHS[1:]).max() < 2e-6, key
