"""`reference.safetensors`: packing, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from hmu_bench.errors import InputError
from hmu_bench.tracks.reference import pack_symmetric, read_reference, to_tensors, unpack_symmetric


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
    for name, part in reference.items():
        np.testing.assert_array_equal(again[name].embeddings, part.embeddings)
        np.testing.assert_array_equal(again[name].paper_covariances, part.paper_covariances)
        assert again[name].real.keys() == part.real.keys()
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
