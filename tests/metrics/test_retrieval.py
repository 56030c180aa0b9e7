from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hmu_bench.errors import InputError
from hmu_bench.metrics import _arrays, expected_hits, mm_dist, r_precision


def slow_hits(text, motion, k, pool, base_clips=None, captions=None):
    """Every pool, and in every pool every order of the tied motions. Tiny sets only."""
    count = len(text)
    result = np.zeros((count, k))
    for i in range(count):
        candidates = [
            j
            for j in range(count)
            if j != i
            and not (base_clips is not None and base_clips[j] == base_clips[i])
            and not (captions is not None and captions[j] == captions[i])
        ]
        distance = {j: float(np.linalg.norm(text[i] - motion[j])) for j in [i, *candidates]}
        pools = list(combinations(candidates, pool - 1))
        for others in pools:
            near = sum(distance[j] < distance[i] * (1 - 1e-6) for j in others)
            tied = [j for j in others if abs(distance[j] - distance[i]) <= distance[i] * 1e-6]
            orders = list(permutations([i, *tied]))
            for order in orders:
                # Every pool has equal weight, however many orders it has.
                result[i, near + order.index(i) :] += 1 / (len(pools) * len(orders))
    return result


def test_mm_dist_parity(metric_set):
    for side, motion in (("pred", metric_set.generated), ("gt", metric_set.real)):
        expected = metric_set.expected[side]["MM_Dist"]
        assert mm_dist(metric_set.text, motion) == pytest.approx(expected, rel=1e-6)


def test_one_pool_of_all(metric_set):
    """With a pool as large as the set nothing is left to chance: the oracle's whole-set value."""
    n = len(metric_set.text)
    for side, motion in (("pred", metric_set.generated), ("gt", metric_set.real)):
        expected = metric_set.expected[side]["R_precision_whole_set"]
        assert r_precision(metric_set.text, motion, pool=n) == pytest.approx(expected, abs=1e-12)


def test_a_hundred_thousand_sampled_pools(small_set):
    """1,000 pools for each of 100 texts, drawn; the closed form must be their mean."""
    text, motion = small_set.text.astype(np.float64), small_set.generated.astype(np.float64)
    random = np.random.default_rng(7)
    exact = expected_hits(text, motion)
    sampled = np.zeros_like(exact)
    for i in range(100):
        distance = np.linalg.norm(text[i] - motion, axis=1)
        others = np.delete(distance, i)
        draws = random.random((1000, 99)).argpartition(30, axis=1)[:, :31]
        better = (others[draws] < distance[i]).sum(axis=1)
        sampled[i] = [(better <= place).mean() for place in range(3)]
    sd = np.sqrt(np.clip(exact * (1 - exact), 0, None) / 1000)
    assert (np.abs(sampled - exact) <= 5 * sd + 1e-12).all()
    total = np.sqrt((sd**2).sum(axis=0)) / 100
    assert (np.abs(sampled.mean(axis=0) - exact.mean(axis=0)) <= 4 * total).all()
    np.testing.assert_array_equal(r_precision(text, motion), exact.mean(axis=0))


# Few different numbers, so that ties and equal rows occur.
SMALL = hnp.arrays(np.float64, (6, 2), elements=st.sampled_from([-1.0, 0.0, 1.0, 2.5]))
GROUPS = st.lists(st.integers(0, 3), min_size=6, max_size=6)


@settings(max_examples=60, deadline=None)
@given(SMALL, SMALL, st.integers(1, 3))
def test_every_pool_and_every_order_of_ties(text, motion, k):
    found = expected_hits(text, motion, k, pool=4)
    np.testing.assert_allclose(found, slow_hits(text, motion, k, 4), atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(SMALL, SMALL, GROUPS, GROUPS)
def test_same_base_clip_and_same_caption_are_no_candidates(text, motion, clips, captions):
    captions = [f"caption {number}" for number in captions]
    rivals = [
        sum(clips[i] != clips[j] and captions[i] != captions[j] for j in range(6)) for i in range(6)
    ]
    if min(rivals) < 1:
        with pytest.raises(InputError, match="R-precision is undefined"):
            expected_hits(text, motion, 1, 2, base_clips=clips, captions=captions)
        return
    found = expected_hits(text, motion, 1, 2, base_clips=clips, captions=captions)
    slow = slow_hits(text, motion, 1, 2, clips, captions)
    np.testing.assert_allclose(found, slow, atol=1e-12)


def test_twins_and_equal_captions_are_wrong_answers_unless_told():
    """Each motion twice: without the base clips half of the hits go to the twin."""
    grid = np.repeat(np.arange(40.0), 2)[:, None]
    clips = np.repeat(np.arange(40), 2).tolist()
    assert r_precision(grid, grid)[0] == pytest.approx(1 - 0.5 * 31 / 79)
    assert r_precision(grid, grid, base_clips=clips)[0] == 1
    assert r_precision(grid, grid, captions=[f"c{clip}" for clip in clips])[0] == 1


@given(st.permutations(range(40)), st.floats(0.01, 100), st.integers(0, 99))
def test_order_scale_shift_and_rotation(order, factor, seed):
    random = np.random.default_rng(11)
    text, motion = random.normal(size=(40, 5)), random.normal(size=(40, 5))
    motion += text
    value = r_precision(text, motion)
    assert 0 < value[0] < value[1] < value[2] < 1
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(5, 5))).Q
    for a, b in (
        (text[order], motion[order]),
        (text * factor, motion * factor),
        (text + factor, motion + factor),
        (text @ turn, motion @ turn),
    ):
        np.testing.assert_allclose(r_precision(a, b), value, rtol=1e-12)
    distance = mm_dist(text, motion)
    assert mm_dist(text[order] @ turn + factor, motion[order] @ turn + factor) == pytest.approx(
        distance
    )
    assert mm_dist(text * factor, motion * factor) == pytest.approx(distance * factor)


def test_block_size_changes_nothing(small_set, monkeypatch):
    whole = expected_hits(small_set.text, small_set.generated)
    monkeypatch.setattr(_arrays, "BLOCK", 333)
    np.testing.assert_array_equal(expected_hits(small_set.text, small_set.generated), whole)


def test_a_collapsed_model_is_at_chance():
    """One motion for every prompt, up to float32 noise: exactly k / pool."""
    random = np.random.default_rng(2)
    text = random.normal(size=(500, 16))
    same = np.tile(random.normal(size=16), (500, 1))
    chance = np.array([1, 2, 3]) / 32
    np.testing.assert_allclose(r_precision(text, same), chance, rtol=1e-12)
    noisy = (same * (1 + 1e-7 * random.normal(size=same.shape))).astype(np.float32)
    np.testing.assert_allclose(r_precision(text, noisy), chance, rtol=1e-12)


def test_text_equal_to_motion_far_from_the_origin():
    """Where |a|^2 - 2ab + |b|^2 cancels, the own motion must still come first."""
    rows = 1e4 + np.random.default_rng(0).normal(size=(64, 8))
    assert r_precision(rows, rows, k=1)[0] == 1


@pytest.mark.parametrize("n", [1, 2, 31])
def test_below_a_pool_it_is_undefined(n):
    rows = np.arange(float(n))[:, None]
    with pytest.raises(InputError, match=f"undefined: text 0 has {n - 1} candidates"):
        r_precision(rows, rows)
    assert mm_dist(rows, rows + 1) == 1


@pytest.mark.parametrize("n", [32, 33])
def test_at_a_pool_it_is_defined(n):
    rows = np.arange(float(n))[:, None]
    np.testing.assert_array_equal(r_precision(rows, rows), [1, 1, 1])


def test_a_single_pool_is_a_plain_ranking():
    """With 32 prompts there is one pool and nothing to average."""
    random = np.random.default_rng(8)
    text = random.normal(size=(32, 4))
    motion = text + 0.7 * random.normal(size=(32, 4))
    distance = np.linalg.norm(text[:, None] - motion[None], axis=2)
    rank = (distance < np.diagonal(distance)[:, None]).sum(axis=1)
    np.testing.assert_array_equal(expected_hits(text, motion), rank[:, None] <= np.arange(3))


def test_k_equal_to_the_pool_is_certain():
    random = np.random.default_rng(5)
    found = r_precision(random.normal(size=(50, 3)), random.normal(size=(50, 3)), k=32)
    assert found[-1] == 1
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"k": 0}, "not in 1..32"),
        ({"k": 33}, "not in 1..32"),
        ({"base_clips": ["a"]}, "40 rows but 1"),
    ],
)
def test_unfit_arguments(keywords, words):
    rows = np.arange(40.0)[:, None]
    with pytest.raises(InputError, match=words):
        r_precision(rows, rows, **keywords)


def test_unequal_rows():
    with pytest.raises(InputError, match="text has 3 rows, motion has 4"):
        mm_dist(np.zeros((3, 2)), np.zeros((4, 2)))
