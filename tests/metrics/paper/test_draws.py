"""The paper's draws; each test names the quirk that it pins and why it matters."""

from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.paper import (
    Draws,
    batches_of,
    draw,
    draw_repeats,
    drawn_diversity,
    drawn_multimodality,
)


def lists(draws: Draws):
    pairs = draws.multimodality or ()
    return [side.tolist() for side in (*pairs, *draws.diversity)]


def test_recorded_order_of_two_repeats(find, committed_values):
    """One generator for all: multimodality first and second, diversity first and second, again."""
    oracle = committed_values["draw_order"]
    repeats = draw_repeats(135, seed=oracle["numpy_seed"], repeats=2)
    assert lists(repeats[0]) + lists(repeats[1]) == oracle["draws"]
    generated = np.load(find("n135_d16.npz"))["pred"].astype(np.float32)
    activation = np.load(find("multimodality.npz"))["activation"].astype(np.float32)
    for repeat, mm, div in zip(
        repeats, oracle["multimodality"], oracle["diversity_on_n135_d16_pred"], strict=True
    ):
        assert drawn_multimodality(activation, repeat.multimodality) == pytest.approx(mm, rel=1e-6)
        assert drawn_diversity(generated, repeat.diversity) == pytest.approx(div, rel=1e-6)


def test_diversity_parity(metric_set):
    """Recorded draws replay from the seed: permutation(n)[:k] of the legacy generator."""
    oracle = metric_set.expected["diversity"]
    n = len(metric_set.generated)
    (found,) = draw_repeats(n, seed=oracle["numpy_seed"], repeats=1, generations=None)
    assert lists(found) == [oracle["first"], oracle["second"]]
    value = drawn_diversity(metric_set.generated, found.diversity)
    assert value == pytest.approx(oracle["value"], rel=1e-6)


def test_multimodality_parity(find, committed_values):
    """The same ten pairs of generations for all prompts."""
    oracle = committed_values["multimodality"]
    generator = np.random.RandomState(oracle["numpy_seed"])
    pairs = (draw(generator, 30, 10), draw(generator, 30, 10))
    assert [side.tolist() for side in pairs] == [oracle["first"], oracle["second"]]
    activation = np.load(find("multimodality.npz"))["activation"].astype(np.float32)
    assert drawn_multimodality(activation, pairs) == pytest.approx(oracle["value"], rel=1e-6)


def test_a_motion_may_meet_itself_quirk():
    """The two lists are independent, so that some distances are 0 and diversity is too low."""
    same = sum(
        int((first == second).sum())
        for first, second in (d.diversity for d in draw_repeats(100, seed=0, generations=None))
    )
    assert 5 < same < 45  # 20 repeats, one expected in each


@pytest.mark.parametrize(("samples", "size"), [(1, 1), (299, 299), (300, 300), (301, 300)])
def test_at_most_three_hundred_pairs_quirk(samples, size):
    """Up to 300 samples both lists are permutations of all of them."""
    (only,) = draw_repeats(samples, seed=3, repeats=1)
    assert [len(side) for side in only.diversity] == [size, size]
    for side in only.diversity:
        assert len(set(side.tolist())) == size


def test_leaving_multimodality_out_moves_the_diversity_draws_quirk():
    """Diversity of one model differs with a setting that has nothing to do with it."""
    with_it, without = draw_repeats(50, seed=1), draw_repeats(50, seed=1, generations=None)
    assert without[0].multimodality is None
    assert lists(with_it[0])[2:] != lists(without[0])


def test_unfit_numbers():
    with pytest.raises(InputError, match="draws 10 pairs"):
        draw_repeats(50, seed=0, generations=10)
    with pytest.raises(InputError, match="at least 1"):
        draw_repeats(0, seed=0)


def test_batches_last_one_smaller_quirk():
    """Not dropped (the usual protocol drops it): its pool is smaller and so easier."""
    sizes = [len(batch) for batch in batches_of(range(135))]
    assert sizes == [32, 32, 32, 32, 7]
    assert batches_of([]) == []
