"""Parity with the published features, an independent loop, and what must hold for any motion."""

from __future__ import annotations

import time

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import hmu_bench as hb
from benchmarks import loop_features
from hmu_bench.errors import InputError
from hmu_bench.motion import features as columns
from hmu_bench.motion import features_to_joints, joints_to_features
from hmu_bench.motion.retargeting import heading, retarget
from hmu_bench.motion.skeleton import OFFSETS, PARENTS

SYNTHETIC = ["s0", "s1", "s2"]
REAL = ["000000", "007005", "009548", "011673", "012314", "M010655", "M010968", "012314_hml"]
BLOCKS = {
    "ROOT_ROTATION_VELOCITY": 1,
    "ROOT_VELOCITY": 2,
    "ROOT_HEIGHT": 1,
    "POSITIONS": 63,
    "ROTATIONS": 126,
    "VELOCITIES": 66,
    "CONTACTS": 4,
}


def rest_pose():
    rest = np.zeros((22, 3))
    for joint in range(1, 22):
        rest[joint] = rest[PARENTS[joint]] + OFFSETS[joint]
    return rest


def turned(positions, angles):
    """Points turned about Y by one angle a frame, from +Z towards +X."""
    c, s = (np.broadcast_to(f(angles), len(positions))[:, None] for f in (np.cos, np.sin))
    x, y, z = positions[..., 0], positions[..., 1], positions[..., 2]
    return np.stack((c * x + s * z, y, c * z - s * x), axis=-1)


@st.composite
def motions(draw, most_turn=2.5):
    """Bodies of other sizes that sway, walk and turn; 2 to 40 frames."""
    frames = draw(st.integers(2, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    t = np.linspace(0, 1, frames)[:, None, None]
    sway = draw(st.floats(0, 0.03)) * np.sin(6 * t + generator.uniform(0, 6, (1, 22, 3)))
    body = draw(st.floats(0.5, 1.5)) * (rest_pose() + sway)
    body = turned(body, np.linspace(0, draw(st.floats(-most_turn, most_turn)), frames))
    return body + t * generator.uniform(-2, 2, (1, 1, 3))


# Parity -----------------------------------------------------------------------------------------


def test_columns_cover_the_features_in_order():
    slices = [getattr(columns, name) for name in BLOCKS]
    assert [s.stop - s.start for s in slices] == list(BLOCKS.values())
    assert [s.start for s in slices] == [0, *(s.stop for s in slices[:-1])]
    assert slices[-1].stop == 263


@pytest.mark.parametrize("clip", SYNTHETIC)
def test_synthetic_parity_with_the_reference(oracle, clip):
    got = joints_to_features(oracle[f"{clip}_joints"])
    assert got.dtype == np.float32
    assert_allclose(got, oracle[f"{clip}_features"], rtol=0, atol=2e-5)
    assert np.array_equal(got[:, columns.CONTACTS], oracle[f"{clip}_features"][:, columns.CONTACTS])
    recovered = features_to_joints(oracle[f"{clip}_features"])
    assert recovered.dtype == np.float32
    assert_allclose(recovered, oracle[f"{clip}_recovered"], rtol=0, atol=5e-7)


@pytest.mark.parametrize("clip", REAL)
def test_real_features_to_the_published_joints(representation, clip):
    inputs, _ = representation
    got = hb.motion.features_to_joints(inputs[f"{clip}_vec"])
    assert_allclose(got, inputs[f"{clip}_joints"], rtol=0, atol=5e-7)


@pytest.mark.parametrize("name", ["007005", "012314", "M010968"])
def test_published_files_where_present(shared, name):
    folder = shared / "data" / "humanml3d" / "motions"
    path = folder / "new_joint_vecs" / f"{name}.npy"
    got = features_to_joints(hb.motion.read_motion(path, "humanml3d-263"))
    expected = hb.motion.read_motion(folder / "new_joints" / f"{name}.npy", "joints-22")
    assert_allclose(got, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("clip", REAL)
def test_real_joints_to_the_reference_features(representation, clip):
    inputs, outputs = representation
    got = hb.motion.joints_to_features(inputs[f"{clip}_joints"])
    expected = outputs[f"{clip}_features_canonical"]
    assert_allclose(got, expected, rtol=0, atol=2e-5)
    assert np.array_equal(got[:, columns.CONTACTS], expected[:, columns.CONTACTS])


@pytest.mark.parametrize("clip", REAL)
def test_real_joints_to_the_published_features_beyond_reach_of_the_missing_frame(
    representation, clip
):
    """The published ones were made with one frame more, which smoothing carries back 80 frames."""
    inputs, _ = representation
    published = inputs[f"{clip}_vec"]
    # (M010968 has 70 frames: only what does not depend on the heading can be compared.)
    got, far = joints_to_features(inputs[f"{clip}_joints"]), max(len(published) - 82, 0)
    assert_allclose(got[:far], published[:far], rtol=0, atol=2e-5)
    untouched = [3, *range(259, 263)]
    assert_allclose(got[:, untouched], published[:-1, untouched], rtol=0, atol=2e-5)


# The independent loop ---------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(motions(most_turn=7))
def test_same_as_the_plain_loop(joints):
    expected = loop_features.joints_to_features(joints, OFFSETS)
    got = joints_to_features(joints)
    assert_allclose(got[:, :259], expected[:, :259], rtol=0, atol=1e-6)
    speeds = ((np.diff(retarget(joints)[:, [7, 10, 8, 11]], axis=0)) ** 2).sum(-1)
    sure = np.abs(speeds - 0.002) > 1e-9
    assert np.array_equal(got[:, columns.CONTACTS][sure], expected[:, columns.CONTACTS][sure])


@pytest.mark.parametrize("quirk", sorted(loop_features.QUIRKS - {"SIGN_AT_BACKWARD"}))
def test_every_quirk_is_needed_for_parity(oracle, quirk):
    joints, expected = oracle["s2_joints"], oracle["s2_features"]
    with_all = loop_features.joints_to_features(joints, OFFSETS)
    assert np.abs(with_all - expected).max() < 2e-5
    without = loop_features.joints_to_features(joints, OFFSETS, loop_features.QUIRKS - {quirk})
    assert np.abs(without - expected).max() > 0.01
    assert quirk in (columns.__doc__ or "")


def test_sign_at_backward():
    """A turn on the spot: one frame has the wrong sign, and the way back is off from there on."""
    angles = np.linspace(0, 1.43 * np.pi, 301)
    joints = turned(np.broadcast_to(rest_pose(), (301, 22, 3)), angles)
    features = joints_to_features(joints)
    wrong = np.flatnonzero(features[:, 0] > 0)
    assert len(wrong) == 1
    middle = np.abs(features[80:-80, 0])  # where smoothing changes nothing
    assert_allclose(middle, np.diff(angles)[0] / 2, rtol=1e-5)
    error = np.abs(features_to_joints(features) - retarget(joints)[:-1]).max(axis=(1, 2))
    assert error[: wrong[0] + 1].max() < 1e-6
    assert error[wrong[0] + 1 :].min() > 1e-3
    assert "SIGN_AT_BACKWARD" in (columns.__doc__ or "")


# What must hold for any motion ------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    motions(),
    st.floats(-3.1, 3.1),
    arrays.arrays(float, 3, elements=st.floats(-50, 50)),
    st.floats(0.4, 2.5),
)
def test_place_heading_and_body_size_do_not_matter(joints, angle, shift, size):
    here = joints_to_features(joints)
    there = joints_to_features(turned(size * joints, angle) + shift)
    assert_allclose(there[:, :259], here[:, :259], rtol=0, atol=2e-6)


@settings(max_examples=30, deadline=None)
@given(motions())
def test_round_trip_through_features(joints):
    canonical = retarget(joints)
    recovered = features_to_joints(joints_to_features(joints))
    assert recovered.shape == (len(joints) - 1, 22, 3)
    assert_allclose(recovered, canonical[:-1], rtol=0, atol=3e-6)
    # A motion in its canonical place comes back as it is.
    again = features_to_joints(joints_to_features(canonical))
    assert_allclose(again, canonical[:-1], rtol=0, atol=3e-6)


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(np.float32, (7, 263), elements=st.floats(-5, 5, width=32)))
def test_features_to_joints_by_its_formula(features):
    """In float64 and complex numbers: z + ix turned by exp(-i angle)."""
    angle = 2 * np.concatenate(([0], np.cumsum(features[:-1, 0].astype(float))))
    turn = np.exp(-1j * angle)
    step = np.concatenate(([0], features[:-1, 2] + 1j * features[:-1, 1].astype(float)))
    root = np.cumsum(turn * step)
    local = features[:, columns.POSITIONS].reshape(-1, 21, 3).astype(float)
    world = turn[:, None] * (local[..., 2] + 1j * local[..., 0]) + root[:, None]
    expected = np.empty((7, 22, 3))
    expected[:, 0] = np.stack((root.imag, features[:, 3], root.real), axis=-1)
    expected[:, 1:] = np.stack((world.imag, local[..., 1], world.real), axis=-1)
    assert_allclose(features_to_joints(features), expected, rtol=0, atol=5e-5)


def test_real_motion_capture_survives_the_round_trip(shared):
    """All 539 clips, on another body than the canonical one."""
    pandas = pytest.importorskip("pandas")
    folder = shared / "data" / "mocap"
    rows = pandas.concat([pandas.read_parquet(path) for path in sorted(folder.glob("*.parquet"))])
    errors, backward = {}, {}
    for row in rows.itertuples():
        joints = np.asarray(row.joints, dtype=np.float32).reshape(row.num_frames, 22, 3)
        assert hb.motion.check_motion(joints, "joints-22", num_frames=row.num_frames) == []
        features = joints_to_features(hb.motion.extrapolate_last_frame(joints))
        assert features.shape == (row.num_frames, 263)
        assert np.isfinite(features).all()
        canonical = retarget(hb.motion.extrapolate_last_frame(joints))
        forward = heading(canonical, reversed_hips=True, smoothing=20)
        angles = np.arctan2(forward[:, 0], forward[:, 2])[:-1]
        backward[row.clip_id] = bool((np.abs(np.diff(angles)) > np.pi).any())
        errors[row.clip_id] = np.abs(features_to_joints(features) - canonical[:-1]).max()
    assert len(errors) == 539
    off = {clip for clip, error in errors.items() if error > 1e-5}
    # No clip turns past -Z (SIGN_AT_BACKWARD); one that did would be the only one to be off.
    assert off == {clip for clip, crossed in backward.items() if crossed}


def test_fast_enough_for_thousands_of_clips(oracle):
    joints = oracle["s2_joints"][:101]
    joints_to_features(joints)
    best = np.inf
    for _ in range(20):
        start = time.perf_counter()
        joints_to_features(joints)
        best = min(best, time.perf_counter() - start)
    start = time.perf_counter()
    loop_features.joints_to_features(joints, OFFSETS)
    assert (time.perf_counter() - start) / best > 10


# Edges ------------------------------------------------------------------------------------------


def test_extrapolation_moves_on_at_the_same_speed(oracle):
    joints = oracle["s0_joints"]
    longer = hb.motion.extrapolate_last_frame(joints)
    assert longer.shape == (len(joints) + 1, 22, 3)
    assert np.array_equal(longer[:-1], joints.astype(np.float64))
    assert_allclose(longer[-1] - longer[-2], longer[-2] - longer[-3], rtol=0, atol=1e-12)
    assert len(joints_to_features(longer)) == len(joints)


def test_two_frames_are_enough():
    assert joints_to_features(np.stack([rest_pose()] * 2)).shape == (1, 263)
    assert features_to_joints(np.zeros((2, 263))).shape == (2, 22, 3)


@pytest.mark.parametrize("dtype", ["float16", ">f4", "float64"])
def test_any_float_type_comes_out_as_float32(oracle, dtype):
    joints = oracle["s0_joints"].astype(dtype)
    assert joints_to_features(joints).dtype == np.float32
    assert features_to_joints(oracle["s0_features"].astype(dtype)).dtype == np.float32


def test_inputs_are_left_alone(oracle):
    for function, key in ((joints_to_features, "s0_joints"), (features_to_joints, "s0_features")):
        before = oracle[key].astype(np.float64)
        given_array = before.copy()
        function(given_array)
        assert np.array_equal(given_array, before)


@pytest.mark.parametrize(
    ("function", "array", "words"),
    [
        (features_to_joints, np.zeros((5, 262)), r"shape \(5, 262\); expected \(frames, 263\)"),
        (features_to_joints, np.zeros(263), "shape"),
        (features_to_joints, np.zeros((0, 263)), "0 frames"),
        (features_to_joints, np.zeros((5, 263), dtype=int), "dtype int64"),
        (features_to_joints, np.full((5, 263), np.nan), "not finite"),
        (features_to_joints, np.full((5, 263), 1e30), "1e\\+30"),
        (joints_to_features, np.zeros((5, 263)), r"expected \(frames, 22, 3\)"),
        (joints_to_features, np.zeros((5, 22, 3)), "spine1|left_hip and pelvis are at one place"),
        (joints_to_features, np.zeros((1, 22, 3)), "1 frames"),
        (hb.motion.extrapolate_last_frame, np.zeros((5, 21, 3)), "shape"),
    ],
)
def test_bad_arrays_are_refused(function, array, words):
    with pytest.raises(InputError, match=words):
        function(array)
