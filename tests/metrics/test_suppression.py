from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.metrics.suppression import _hit_probability, masked_metrics, ncs, violence_rate


def made_up(n=30, repeats=3, dimensions=4, seed=0):
    generator = np.random.default_rng(seed)
    text, masked_text = generator.normal(size=(2, n, dimensions))
    motions = generator.normal(size=(repeats, n, dimensions))
    return text, masked_text, generator.random(n) < 0.7, motions, generator.integers(0, 15, size=n)


def test_masked_metrics_by_plain_loops():
    text, masked_text, masked, motions, groups = made_up()
    safe, ratio, nearer = [], [], []
    for i in np.flatnonzero(masked):
        for repeat in range(3):
            plain = math.dist(text[i], motions[repeat, i])
            clean = math.dist(masked_text[i], motions[repeat, i])
            safe.append(clean)
            ratio.append(plain / clean)
            nearer.append(clean < plain)
    found = masked_metrics(text, masked_text, masked, motions, groups)
    assert found["mm_safe"].value == pytest.approx(np.mean(safe))
    assert found["toxic_distance"].value == pytest.approx(np.mean(ratio))
    assert found["notox_accuracy"].value == pytest.approx(np.mean(nearer))
    for estimate in found.values():
        assert estimate.n == masked.sum()
        assert estimate.low < estimate.value < estimate.high
        assert estimate.terms.mean() == pytest.approx(estimate.value)


def test_unmasked_prompts_do_not_matter():
    text, masked_text, masked, motions, groups = made_up()
    before = masked_metrics(text, masked_text, masked, motions, groups)
    changed = motions.copy()
    changed[:, ~masked] = 1e6
    masked_text = masked_text.copy()
    masked_text[~masked] = 77.0
    assert masked_metrics(text, masked_text, masked, changed, groups) == before


def test_one_repeat_needs_no_axis():
    text, masked_text, masked, motions, groups = made_up(repeats=1)
    flat = masked_metrics(text, masked_text, masked, motions[0], groups)
    assert flat == masked_metrics(text, masked_text, masked, motions, groups)


def test_nothing_masked_is_undefined_not_0():
    text, masked_text, _, motions, groups = made_up()
    found = masked_metrics(text, masked_text, np.zeros(30, bool), motions, groups)
    assert {e.value for e in found.values()} == {None}
    assert {e.reason for e in found.values()} == {"no prompt of the set has a masked caption"}


def test_equal_distances_count_half():
    text = np.array([[1.0, 0.0]])
    found = masked_metrics(text, -text, np.array([True]), np.array([[0.0, 1.0]]), ["a"])
    assert found["notox_accuracy"].value == 0.5
    assert found["toxic_distance"].value == pytest.approx(1.0)


def test_division_by_zero_has_a_reason():
    text = np.arange(20.0)[:, None]
    found = masked_metrics(text, text + 1, np.full(20, True), text + 1, range(20))
    assert found["toxic_distance"].value is None
    assert "equals its motion" in found["toxic_distance"].reason
    assert (found["mm_safe"].value, found["notox_accuracy"].value) == (0.0, 1.0)


def test_masked_refuses():
    text, masked_text, masked, motions, groups = made_up()
    with pytest.raises(InputError, match="booleans"):
        masked_metrics(text, masked_text, masked[:-1], motions, groups)
    with pytest.raises(InputError, match="booleans"):
        masked_metrics(text, masked_text, masked.astype(int), motions, groups)
    with pytest.raises(InputError, match="rows"):
        masked_metrics(text, masked_text, masked, motions[:, :-1], groups)
    with pytest.raises(InputError, match="rows"):
        masked_metrics(text, masked_text[:-1], masked, motions, groups)


def test_violence_rate():
    probabilities = np.array([[0.9, 0.5, 0.1], [0.2, 0.3, 0.1]] * 10)
    rate, mean = violence_rate(probabilities, 0.5, range(20))
    assert rate.value == pytest.approx(1 / 3)  # 0.5 is called violent
    assert mean.value == pytest.approx(probabilities.mean())
    assert rate.low < rate.value < rate.high
    assert violence_rate(probabilities[:, 0], 0.5, range(20))[0].value == 0.5
    zero = violence_rate(np.zeros(40), 0.5, range(40))[0]
    assert (zero.value, zero.low) == (0.0, 0.0)
    assert zero.high == pytest.approx(0.0876, abs=1e-4)


@pytest.mark.parametrize(("values", "threshold"), [([1.2], 0.5), ([0.5], 1.5), ([-0.1], 0.5)])
def test_violence_rate_refuses(values, threshold):
    with pytest.raises(InputError, match="0 to 1"):
        violence_rate(values, threshold, [1])


def slow_ncs(motions, groups, gallery, violent, gallery_groups, k):
    """Plain loops; equal distances: the mean over all orders of what lies at the border."""
    hits = []
    for motion, group in zip(motions, groups, strict=True):
        found = [
            (round(math.dist(motion, real), 9), flag)
            for real, flag, clip in zip(gallery, violent, gallery_groups, strict=True)
            if clip != group
        ]
        border = sorted(distance for distance, _ in found)[:k][-1]
        if any(flag and distance < border for distance, flag in found):
            hits.append(1.0)
            continue
        inside = sum(distance < border for distance, _ in found)
        tied = [flag for distance, flag in found if distance == border]
        chances = [any(pick) for pick in itertools.permutations(tied, k - inside)]
        hits.append(float(np.mean(chances)))
    return float(np.mean(hits))


@pytest.mark.parametrize("seed", range(8))
def test_ncs_by_plain_loops(seed):
    """On a grid, so that many distances are equal; some prompts are of gallery clips."""
    generator = np.random.default_rng(seed)
    gallery = generator.integers(0, 4, size=(12, 2)).astype(float)
    motions = generator.integers(0, 4, size=(9, 2)).astype(float)
    violent = generator.random(12) < 0.3
    violent[0], violent[1] = True, False
    gallery_groups = [f"g{i // 2}" for i in range(12)]
    groups = [f"g{i}" for i in range(3)] + [f"p{i}" for i in range(6)]
    found = ncs(motions, groups, gallery, violent, gallery_groups, ks=(1, 3, 5))
    for k, estimate in found.items():
        others = {g for g, flag in zip(gallery_groups, violent, strict=True) if flag}
        if len(others) > 1:  # every prompt has a violent clip of another base clip
            expected = slow_ncs(motions, groups, gallery, violent, gallery_groups, k)
            assert estimate.value == pytest.approx(expected)


def test_ncs_grows_with_k_and_leaves_out_own_clip_and_twin():
    gallery = np.array([[0.0], [0.1], [1.0], [2.0], [3.0]])
    violent = np.array([True, True, False, False, True])
    clips = ["own", "own", "b", "c", "d"]  # the twin has the same base clip
    own = ncs([[0.0]], ["own"], gallery, violent, clips, ks=(1, 2, 3))
    assert [own[k].value for k in (1, 2, 3)] == [0.0, 0.0, 1.0]
    other = ncs([[0.0]], ["else"], gallery, violent, clips, ks=(1,))
    assert other[1].value == 1.0


def test_a_miss_is_never_a_hit():
    """The only violent clip is the prompt's own: missed at every k, however short the gallery."""
    found = ncs([[0.0]], ["a"], [[0.0], [1.0]], np.array([True, False]), ["a", "b"], ks=(1, 10))
    assert [found[k].value for k in (1, 10)] == [0.0, 0.0]


@pytest.mark.parametrize("flag", [True, False])
def test_a_gallery_of_one_kind_is_undefined(flag):
    found = ncs(np.zeros((4, 2)), range(4), np.ones((3, 2)), np.full(3, flag), [7, 8, 9])
    assert {e.value for e in found.values()} == {None}
    assert all("clip of the gallery is violent" in e.reason for e in found.values())


def test_ncs_repeats_and_moving_everything():
    generator = np.random.default_rng(3)
    gallery, violent = generator.normal(size=(200, 6)), generator.random(200) < 0.1
    motions = generator.normal(size=(3, 40, 6))
    found = ncs(motions, range(40), gallery, violent, np.arange(200) + 1000)
    for k, estimate in found.items():
        alone = [ncs(m, range(40), gallery, violent, np.arange(200) + 1000)[k] for m in motions]
        assert estimate.value == pytest.approx(np.mean([one.value for one in alone]))
        assert estimate.low < estimate.value < estimate.high
    values = [estimate.value for estimate in found.values()]
    assert values == sorted(values)
    moved = ncs(2 * motions + 9, range(40), 2 * gallery + 9, violent, np.arange(200) + 1000)
    assert [e.value for e in moved.values()] == pytest.approx(values)


@given(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3), st.integers(1, 8))
@settings(max_examples=60)
def test_hit_probability_by_counting(nearer, tied, found, k):
    places = [False] * tied + [True] * found
    orders = list(itertools.permutations(range(len(places))))
    hits = [any(places[i] for i in order[: max(0, k - nearer)]) for order in orders]
    chance = _hit_probability(
        np.array([float(nearer)]), np.array([float(tied)]), np.array([float(found)]), k
    )
    assert chance[0] == pytest.approx(np.mean(hits))


def test_ncs_refuses():
    motions, gallery = np.zeros((2, 3)), np.zeros((4, 3))
    flags = np.array([True, False, False, False])
    for bad in (
        lambda: ncs(motions, range(3), gallery, flags, range(4)),
        lambda: ncs(motions, range(2), gallery, flags[:3], range(4)),
        lambda: ncs(motions, range(2), gallery, flags, range(3)),
        lambda: ncs(motions[:, :2], range(2), gallery, flags, range(4)),
        lambda: ncs(motions, range(2), gallery, flags, range(4), ks=(0,)),
    ):
        with pytest.raises(InputError):
            bad()
