"""`reference.safetensors`: packing, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from hmu_bench.errors import InputError
from hmu_bench.metrics.detector import Detector
from hmu_bench.tracks.reference import (
    MAX_GALLERY,
    PHYSICS,
    Gallery,
    TrackStatistics,
    hashed_clip,
    pack_symmetric,
    read_reference,
    to_tensors,
    unpack_symmetric,
)

DIM, CLIPS = 16, 5


@given(st.integers(1, 12), st.integers(0, 2**31))
def test_packing_a_covariance_loses_nothing(dim, seed):
    values = np.random.default_rng(seed).normal(size=(dim, dim))
    matrix = values @ values.T
    packed = pack_symmetric(matrix)
    assert packed.shape == (dim * (dim + 1) // 2,)
    np.testing.assert_array_equal(unpack_symmetric(packed, dim), (matrix + matrix.T) / 2)


def test_writing_and_reading(stand_in_track, tmp_path):
    reference = stand_in_track.reference
    info = stand_in_track.info
    save_file(to_tensors(reference), tmp_path / "r.safetensors")
    again = read_reference(tmp_path / "r.safetensors", info.prompts, info.evaluator.dim)
    assert again.statistics == TrackStatistics()
    for name, part in reference.items():
        found = again.sets[name]
        np.testing.assert_array_equal(found.embeddings, part.embeddings)
        np.testing.assert_array_equal(found.paper_covariances, part.paper_covariances)
        assert found.real.keys() == part.real.keys()
        mean, covariance = part.paper_statistics(7)
        assert mean.shape == (16,)
        assert np.linalg.eigvalsh(covariance).min() > -1e-12


@pytest.mark.parametrize(
    ("name", "array", "word"),
    [
        ("forget/mean", None, "[forget/mean]: the tensor is missing"),
        ("retain/embeddings", np.zeros((3, 16), np.float32), "[retain/embeddings]: is"),
        ("forget/mean", np.zeros(16, np.float32), "[forget/mean]: is"),
        ("forget/mean", np.full(16, np.nan), "[forget/mean]: holds NaN"),
        ("forget/mean", np.full(16, -1e300), "[forget/mean]: holds values larger than 1e+12"),
        ("other/mean", np.zeros(3), "[other/mean]: the tensor is not part"),
        ("forget/real/hmu", np.zeros(20), "[forget/real/hmu]: the tensor is not part"),
    ],
)
def test_refused(stand_in_track, tmp_path, name, array, word):
    tensors = load_file(stand_in_track.folder / "reference.safetensors")
    tensors.pop(name, None)
    if array is not None:
        tensors[name] = array
    save_file(tensors, tmp_path / "r.safetensors")
    with pytest.raises(InputError) as caught:
        read_reference(tmp_path / "r.safetensors", stand_in_track.info.prompts, 16)
    assert word in str(caught.value)


def full(track):
    """The tensors of a pack that holds everything, and what they are made of."""
    generator = np.random.default_rng(3)
    reference = {
        name: replace(
            part, physics={m: generator.uniform(0, 1, len(part.embeddings)) for m in PHYSICS}
        )
        for name, part in track.reference.items()
    }
    names = np.array([hashed_clip(f"{clip:06}") for clip in range(CLIPS)])
    statistics = TrackStatistics(
        jerk_level=52.5,
        kid_frozen=-0.25,
        detector=Detector(generator.normal(size=DIM), -3.0, 0.4, 0.01),
        gallery=Gallery(
            generator.normal(size=(CLIPS, DIM)).astype(np.float32), np.arange(CLIPS) < 2, names
        ),
    )
    return reference, statistics


def test_everything_that_a_pack_may_hold(stand_in_track, tmp_path):
    reference, statistics = full(stand_in_track)
    save_file(to_tensors(reference, statistics), tmp_path / "r.safetensors")
    sets, found = read_reference(tmp_path / "r.safetensors", stand_in_track.info.prompts, DIM)
    for name, part in reference.items():
        assert sets[name].physics.keys() == set(PHYSICS)
        for metric, values in part.physics.items():
            np.testing.assert_array_equal(sets[name].physics[metric], values)
    assert (found.jerk_level, found.kid_frozen) == (52.5, -0.25)
    np.testing.assert_array_equal(found.detector.weights, statistics.detector.weights)
    assert replace(found.detector, weights=None) == replace(statistics.detector, weights=None)
    for part in ("embeddings", "violent", "base_clips"):
        array = getattr(found.gallery, part)
        np.testing.assert_array_equal(array, getattr(statistics.gallery, part))
        assert array.dtype == getattr(statistics.gallery, part).dtype


FLAGS = np.zeros(CLIPS, np.uint8)


@pytest.mark.parametrize(
    ("name", "array", "word"),
    [
        ("forget/physics/auj", None, "[forget/physics/auj]: the tensor is missing"),
        ("forget/physics/auj", np.zeros(3), "[forget/physics/auj]: is"),
        ("retain/physics/speed", np.zeros(3), "[retain/physics/speed]: the tensor is not part"),
        ("forget/physics/auj", -1.0, "[forget/physics/auj]: holds values below 0"),
        ("forget/physics/foot_skating", 1.5, "[forget/physics/foot_skating]: holds values above 1"),
        ("forget/physics/peak_jerk", np.inf, "[forget/physics/peak_jerk]: holds NaN or infinity"),
        ("implicit/physics/auj", np.zeros(3), "[implicit/physics/auj]: the tensor is not part"),
        ("jerk_level", np.zeros(2), "[jerk_level]: is"),
        ("jerk_level", np.zeros(()), "[jerk_level]: is"),
        ("jerk_level", np.array([-1.0]), "[jerk_level]: holds values below 0"),
        ("jerk_levels", np.array([1.0]), "[jerk_levels]: the tensor is not part"),
        ("kid_frozen", np.array([np.nan]), "[kid_frozen]: holds NaN"),
        ("kid_frozen", np.array([1.0], np.float32), "[kid_frozen]: is"),
        ("detector/weights", None, "[detector/weights]: the tensor is missing"),
        ("detector/weights", np.zeros(DIM + 1), "[detector/weights]: is"),
        ("detector/weights", np.full(DIM, 1e13), "[detector/weights]: holds values larger"),
        ("detector/bias", None, "[detector/bias]: the tensor is missing"),
        ("detector/threshold", np.array([1.5]), "[detector/threshold]: holds values above 1"),
        ("detector/ridge", np.array([-1.0]), "[detector/ridge]: holds values below 0"),
        ("detector/code", np.zeros(1), "[detector/code]: the tensor is not part"),
        ("gallery/embeddings", None, "[gallery/embeddings]: the tensor is missing"),
        ("gallery/embeddings", np.zeros((0, DIM), np.float32), "[gallery/embeddings]: has shape"),
        ("gallery/embeddings", np.array(1.0, np.float32), "[gallery/embeddings]: has shape"),
        ("gallery/embeddings", np.zeros((CLIPS, 3), np.float32), "[gallery/embeddings]: is"),
        ("gallery/embeddings", np.zeros((CLIPS, DIM)), "[gallery/embeddings]: is"),
        ("gallery/embeddings", np.zeros((9, DIM), np.float32), "[gallery/violent]: is"),
        ("gallery/violent", FLAGS + 2, "[gallery/violent]: holds values above 1"),
        ("gallery/violent", FLAGS.astype(np.int8), "[gallery/violent]: is"),
        ("gallery/violent", None, "[gallery/violent]: the tensor is missing"),
        ("gallery/base_clip", np.zeros((CLIPS, 7), np.uint8), "[gallery/base_clip]: is"),
        ("gallery/names", FLAGS, "[gallery/names]: the tensor is not part"),
    ],
)
def test_refused_of_the_whole(stand_in_track, tmp_path, name, array, word):
    tensors = to_tensors(*full(stand_in_track))
    if isinstance(array, float):
        array = np.full(tensors[name].shape, array)
    tensors.pop(name, None)
    if array is not None:
        tensors[name] = array
    save_file(tensors, tmp_path / "r.safetensors")
    with pytest.raises(InputError) as caught:
        read_reference(tmp_path / "r.safetensors", stand_in_track.info.prompts, DIM)
    assert word in str(caught.value)


def test_a_gallery_of_millions_is_refused_before_it_is_read(stand_in_track, tmp_path):
    """Names as texts take eight times their bytes in the file."""
    tensors = to_tensors(*full(stand_in_track))
    many = MAX_GALLERY + 1
    tensors["gallery/embeddings"] = np.zeros((many, 1), np.float32)
    tensors["gallery/violent"] = np.zeros(many, np.uint8)
    tensors["gallery/base_clip"] = np.zeros((many, 8), np.uint8)
    save_file(tensors, tmp_path / "r.safetensors")
    with pytest.raises(InputError, match=r"1 to 200,000 rows"):
        read_reference(tmp_path / "r.safetensors", stand_in_track.info.prompts, DIM)


def test_hashed_names_are_those_of_sha256sum():
    """`printf 000021 | sha256sum`."""
    assert hashed_clip("000021") == "7e8a47ab8918fdac"
    assert hashed_clip("game/ÿ") != hashed_clip("game/y")
