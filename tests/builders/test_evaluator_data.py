from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders._evaluator_data import (
    BLOCKS,
    Pairs,
    batches,
    feature_statistics,
    random_crop,
    whole_batches,
    windows,
)
from hmu_bench.errors import InputError


def motions_of(lengths, seed=0):
    random = np.random.default_rng(seed)
    scale = random.uniform(0.1, 3, 263)
    return [
        (random.standard_normal((n, 263)) * scale + 50 * scale).astype(np.float32) for n in lengths
    ]


def pairs_of(lengths):
    return Pairs(motions_of(lengths), [["a/DET", "b/DET"] for _ in lengths])


def test_statistics_equal_numpys():
    motions = motions_of([40, 77, 12])
    found = feature_statistics(motions)
    frames = np.concatenate(motions).astype(np.float64)
    np.testing.assert_allclose(found.mean, frames.mean(axis=0), rtol=1e-6)
    std = frames.std(axis=0)
    for start, stop in itertools.pairwise(BLOCKS):
        np.testing.assert_allclose(found.std[start:stop], std[start:stop].mean(), rtol=1e-5)
    assert BLOCKS[-1] == 263


def test_a_feature_that_never_changes_is_not_divided_by_zero():
    motion = np.full((10, 263), 7.0, np.float32)
    found = feature_statistics([motion])
    assert (found.std > 0).all()
    assert (found.normalise(motion) == 0).all()


def test_no_motion_has_no_statistics():
    with pytest.raises(InputError, match="no frames"):
        feature_statistics([])


@pytest.mark.parametrize("texts", [[["a/DET"]], [["a/DET"], []], [["a/DET"], "a/DET"]])
def test_pairs_need_captions(texts):
    with pytest.raises(InputError, match="captions"):
        Pairs(motions_of([8, 8]), texts)


@given(st.integers(4, 300), st.integers(0, 99))
def test_crops_are_whole_tokens_of_the_motion(length, seed):
    motion = np.repeat(np.arange(length, dtype=np.float32)[:, None], 263, axis=1)
    crop = random_crop(motion, np.random.default_rng(seed))
    usable = min(length, 196) // 4 * 4
    assert len(crop) % 4 == 0
    assert max(4, usable - 4) <= len(crop) <= usable
    assert (np.diff(crop[:, 0]) == 1).all()


def test_a_motion_without_one_token():
    with pytest.raises(InputError, match="3 frames"):
        random_crop(motions_of([3])[0], np.random.default_rng(0))


def test_an_epoch_sees_every_motion_once():
    pairs = pairs_of([8 + n for n in range(33)])
    statistics = feature_statistics(pairs.motions)
    found = list(batches(pairs, statistics, 10, np.random.default_rng(4)))
    numbers = np.concatenate([batch.numbers for batch in found])
    assert sorted(numbers) == list(range(33))
    assert numbers.tolist() != sorted(numbers)
    for batch in found:
        assert batch.features.shape == (len(batch.texts), batch.lengths.max() + 4, 263)
        assert {*batch.texts} <= {"a/DET", "b/DET"}
        for row, length in zip(batch.features, batch.lengths, strict=True):
            assert (row[length:] == 0).all()
            assert (row[:length] != 0).any(axis=1).all()
    # Both captions and other crops come up.
    assert {text for batch in found for text in batch.texts} == {"a/DET", "b/DET"}
    # 33 = 3 * 10 + 3; one over is left out.
    left = list(batches(pairs_of([8] * 11), statistics, 10, np.random.default_rng(4)))
    assert [len(batch.texts) for batch in left] == [10]


def test_whole_batches_are_in_order_and_padded_to_196():
    pairs = pairs_of([8, 43, 250])
    statistics = feature_statistics(pairs.motions)
    found = list(whole_batches(pairs, statistics, 2))
    assert [batch.numbers.tolist() for batch in found] == [[0, 1], [2]]
    assert np.concatenate([batch.lengths for batch in found]).tolist() == [8, 40, 196]
    assert found[0].features.shape == (2, 196, 263)
    assert (found[0].features[1, :40] == statistics.normalise(pairs.motions[1][:40])).all()
    assert found[0].texts == ["a/DET", "a/DET"]


def test_windows_are_of_one_length():
    pairs = pairs_of([5, 30])
    statistics = feature_statistics(pairs.motions)
    found = list(windows(pairs, statistics, 24, 6, 3, np.random.default_rng(0)))
    assert [window.shape for window in found] == [(6, 24, 263)] * 3
    short = statistics.normalise(pairs.motions[0])
    repeated = np.concatenate([short] * 5)[:24]
    rows = np.concatenate(found)
    assert any((row == repeated).all() for row in rows)
