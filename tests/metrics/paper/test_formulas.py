"""The paper's formulas; each test names the quirk that it pins and why it matters."""

from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.paper import (
    batch_hits,
    batches_of,
    drawn_diversity,
    drawn_multimodality,
    half_width,
    masked_metrics,
    summarise,
)


def test_r_precision_parity_batch_by_batch(metric_set):
    batches = batches_of(range(len(metric_set.text)))
    for side, motion in (("pred", metric_set.generated), ("gt", metric_set.real)):
        found = [batch_hits(metric_set.text[b], motion[b]).tolist() for b in batches]
        assert found == metric_set.expected[side]["R_precision_batch_counts"]


def test_the_last_batch_is_easier_quirk(small_set):
    """A last batch of 4 has all its motions among the 4 nearest: 100 % at k = 4."""
    last = slice(96, 100)
    assert batch_hits(small_set.text[last], small_set.generated[last], k=4)[-1] == 4


@pytest.mark.parametrize(("n", "found"), [(1, [1]), (2, [2, 2]), (3, [3, 3, 3]), (4, [4, 4, 4])])
def test_small_batches_quirk(n, found, committed_values):
    """The reference raises IndexError for 1 and 2 (no top 3); here the counts that there are."""
    rows = np.arange(float(n))[:, None]
    assert batch_hits(rows, rows).tolist() == found
    recorded = committed_values["corner_cases"]["R_precision_small_batches"][str(n)]
    assert recorded == found if n > 2 else recorded.startswith("IndexError")


def test_nan_distances_sort_last_quirk():
    """Text equal to motion: float32 cancellation gives roots of negative numbers, NaN, rank last.

    Recorded: 14 of 32. Which ones depends on machine and matrix product (a copy of the motions
    suffices to change it); that each costs one hit does not.
    """
    rows = (np.random.default_rng(3).standard_normal((32, 512)) * 5).astype(np.float32)
    squares = np.sum(rows * rows, axis=1)
    below_zero = np.diagonal(-2.0 * (rows @ rows.copy().T)) + squares + squares < 0
    assert 0 < below_zero.sum() < 32
    assert batch_hits(rows, rows).tolist() == [32 - below_zero.sum()] * 3


def test_ties_go_to_the_earlier_row():
    """Two captions of one motion in a batch: the reference's order depends on the machine."""
    text, motion = np.zeros((4, 2)), np.ones((4, 2))
    assert batch_hits(text, motion).tolist() == [1, 2, 3]


def slow_masked(text, masked_text, masked, motion, batches):
    safe = ratio = near = 0.0
    for batch in batches:
        if not any(masked[i] for i in batch):
            continue
        for i in batch:
            plain = float(np.linalg.norm(text[i] - motion[i]))
            clean = float(np.linalg.norm(masked_text[i] - motion[i])) if masked[i] else plain
            safe += clean
            ratio += plain / clean
            near += clean < plain
    return safe / len(text), ratio / len(text), near / len(text)


@pytest.fixture
def toxic():
    random = np.random.default_rng(12)
    text, motion = random.normal(size=(2, 70, 4))
    masked = np.zeros(70, dtype=bool)
    masked[[3, 5, 66]] = True
    return text, text + random.normal(size=(70, 4)), masked, motion, batches_of(range(70))


def test_masked_metrics_slow_way(toxic):
    assert masked_metrics(*toxic) == pytest.approx(slow_masked(*toxic), rel=1e-12)


def test_untouched_batch_quirk(toxic):
    """Batch 2 has no masked caption: nothing in the sums, 32 in the denominator."""
    text, clean, masked, motion, batches = toxic
    found = masked_metrics(*toxic)
    rows = np.concatenate([batches[0], batches[2]])
    alone = masked_metrics(
        text[rows], clean[rows], masked[rows], motion[rows], [np.arange(32), np.arange(32, 38)]
    )
    assert np.array(found) == pytest.approx(np.array(alone) * 38 / 70, rel=1e-12)


def test_values_depend_on_the_batches_quirk(toxic):
    """The same samples, the masked ones spread over other batches: another value."""
    text, clean, masked, motion, _ = toxic
    spread = batches_of(np.r_[3, 40:69, 0:3, 4:40, 69])
    assert masked_metrics(text, clean, masked, motion, spread).mm_safe != pytest.approx(
        masked_metrics(*toxic).mm_safe, rel=0.01
    )


def test_unmasked_captions_count_quirk(toxic):
    """In a touched batch they add their ordinary distance, the ratio 1 and never a 'nearer'."""
    text, clean, masked, motion, batches = toxic
    masked = np.zeros(70, dtype=bool)
    masked[0] = True
    clean = clean.copy()
    clean[0] = text[0]  # masked, but the evaluator sees no difference (a word it does not know)
    safe, ratio, near = masked_metrics(text, clean, masked, motion, batches)
    distance = np.linalg.norm(text - motion, axis=1)
    assert safe == pytest.approx(distance[:32].sum() / 70)
    assert (ratio, near) == (pytest.approx(32 / 70), 0)


def test_nothing_masked_gives_zero_quirk(toxic):
    """A retain set gets the best MM-Safe there is, and the worst no-tox accuracy: 0, not null."""
    text, clean, _, motion, batches = toxic
    assert masked_metrics(text, clean, np.zeros(70, dtype=bool), motion, batches) == (0, 0, 0)


def test_rows_that_are_not_masked_are_not_read(toxic):
    text, clean, masked, motion, batches = toxic
    other = np.where(masked[:, None], clean, 1e9)
    assert masked_metrics(text, other, masked, motion, batches) == masked_metrics(*toxic)


def test_division_by_zero_has_no_value(toxic):
    """The reference would return infinity."""
    text, clean, masked, motion, batches = toxic
    clean = clean.copy()
    clean[3] = motion[3]
    found = masked_metrics(text, clean, masked, motion, batches)
    assert found.toxic_distance is None
    assert found.mm_safe > 0


def test_flags_must_be_booleans(toxic):
    text, clean, masked, motion, batches = toxic
    for bad in (masked[:5], masked.astype(int)):
        with pytest.raises(InputError, match="masked: must be 70 booleans"):
            masked_metrics(text, clean, bad, motion, batches)


def test_draws_outside():
    rows = np.zeros((5, 2))
    with pytest.raises(InputError, match="outside the 5 motions"):
        drawn_diversity(rows, (np.array([0]), np.array([5])))
    with pytest.raises(InputError, match="outside the 5 generations"):
        drawn_multimodality(rows[None], (np.array([-1]), np.array([0])))
    with pytest.raises(InputError, match="no pairs"):
        drawn_diversity(rows, (np.array([0, 1]), np.array([0])))


def test_half_width_divides_by_n_quirk():
    """ddof 0: with 20 repeats 2.5 % narrower than the textbook (NCS in the same code: ddof 1)."""
    values = np.random.default_rng(1).normal(size=20)
    assert half_width(values) == pytest.approx(1.96 * np.sqrt(values.var(ddof=0) / 20))
    assert half_width(values) < 1.96 * np.sqrt(values.var(ddof=1) / 20)
    assert summarise([2.5]) == (2.5, 0)
    with pytest.raises(InputError, match="none of them empty"):
        summarise([])
