from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.ndimage import gaussian_filter1d

from hmu_bench.errors import InputError
from hmu_bench.motion import retargeting
from hmu_bench.motion.skeleton import BONE_LENGTHS, PARENTS


@pytest.mark.parametrize("clip", ["s0", "s1", "s2"])
def test_parity_with_the_reference(oracle, clip):
    got = retargeting.retarget(oracle[f"{clip}_joints"].astype(np.float64))
    assert_allclose(got, oracle[f"{clip}_global_positions"], rtol=0, atol=2e-6)


@pytest.mark.parametrize("clip", ["s0", "s1", "s2"])
def test_what_retargeting_promises(oracle, clip):
    got = retargeting.retarget(oracle[f"{clip}_joints"].astype(np.float64))
    bones = got[:, 1:] - got[:, list(PARENTS[1:])]
    lengths = np.linalg.norm(bones, axis=-1)
    assert_allclose(lengths, np.broadcast_to(BONE_LENGTHS[1:], lengths.shape), atol=1e-12)
    assert got[..., 1].min() == pytest.approx(0, abs=1e-12)
    assert_allclose(got[0, 0, [0, 2]], 0, atol=1e-12)
    first = retargeting.heading(got[:1], reversed_hips=False)
    assert_allclose(first, [[0, 0, 1]], atol=1e-12)
    assert_allclose(retargeting.retarget(got), got, atol=1e-12)


def test_right_leg_scale(oracle):
    """Only thigh and shin of the right leg, in frame 0, scale the path of the root."""
    joints = oracle["s0_joints"].astype(np.float64)

    def path(motion):
        root = retargeting.retarget(motion)[:, 0, [0, 2]]
        return np.linalg.norm(root - root[0], axis=1).max()

    def longer_leg(joints_of_the_leg, frames):
        motion = joints.copy()
        for joint in joints_of_the_leg:
            bone = joints[frames, joint] - joints[frames, PARENTS[joint]]
            later = [j for j in joints_of_the_leg if j >= joint]
            motion[frames, later] += bone[..., None, :]
        return motion

    assert path(joints) > 0.1
    right, left, everywhere, later = (5, 8, 11), (4, 7, 10), slice(None), slice(1, None)
    assert path(longer_leg(right, everywhere)) == pytest.approx(path(joints) / 2)
    assert path(longer_leg(left, everywhere)) == pytest.approx(path(joints))
    assert path(longer_leg(right, later)) == pytest.approx(path(joints))


def test_smoothing_is_scipys(oracle):
    values = np.random.default_rng(3).normal(size=(50, 3))
    for length, sigma in ((50, 20), (50, 3), (1, 20), (2, 1)):
        expected = gaussian_filter1d(values[:length], sigma, axis=0, mode="nearest")
        assert_allclose(retargeting.gaussian_smooth(values[:length], sigma), expected, atol=1e-14)


@pytest.mark.parametrize("reversed_hips", [False, True])
def test_a_body_without_left_and_right_has_no_heading(oracle, reversed_hips):
    joints = oracle["s0_joints"].astype(np.float64).copy()
    joints[7, [1, 2, 16, 17]] = 0
    with pytest.raises(InputError, match="no heading in frame 7"):
        retargeting.heading(joints, reversed_hips=reversed_hips)
    joints[7, 17] = [0, 1, 0]  # shoulders upright above each other
    with pytest.raises(InputError, match="no heading in frame 7"):
        retargeting.heading(joints, reversed_hips=reversed_hips)
