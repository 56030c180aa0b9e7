"""Differences from the base model: as the library's paired difference, with the right verdict."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hmu_bench.metrics.intervals.paired import paired_difference
from hmu_bench.records import Value
from leaderboard.differences import Difference, difference, paired
from tests.leaderboard.moving import METRICS, SIZES, made_up_terms


def test_equals_the_paired_difference_of_the_library() -> None:
    own, other = made_up_terms(1), made_up_terms(2)
    found = paired(own, other)
    assert set(found) == {(name, metric) for name in SIZES for metric in METRICS}
    for (name, metric), estimate in found.items():
        rows = own.rows_of(name)
        known = rows[~np.isnan(own.columns[metric][rows])]
        expected = paired_difference(
            own.columns[metric][known],
            other.columns[metric][known],
            np.array(own.base_clip)[known],
        )
        assert estimate.value == pytest.approx(expected.value, abs=1e-12)
        assert (estimate.low, estimate.high) == pytest.approx((expected.low, expected.high))
        assert estimate.n == len(known)


def test_only_prompts_with_both_numbers_count() -> None:
    own, other = made_up_terms(1), made_up_terms(2)
    other.columns["fid"][:10] = np.nan
    found = paired(own, other)
    total = sum(found[name, "fid"].n for name in SIZES)  # type: ignore[index]
    assert total == len(own.prompt_id) - 10


def test_other_prompts_are_not_paired() -> None:
    own, other = made_up_terms(1), made_up_terms(2)
    ids = [key if name != "forget" else f"{int(key, 16) ^ 1:016x}" for key, name in
           zip(other.prompt_id, other.prompt_set, strict=True)]  # fmt: skip
    changed = dataclasses.replace(other, prompt_id=ids)
    assert {name for name, _ in paired(own, changed)} == {"retain", "implicit"}


def test_without_numbers_of_prompts_there_is_no_interval() -> None:
    found = difference(Value(value=2.0, low=1.0, high=3.0), Value(value=0.5), "lower", None)
    assert found is not None
    assert (found.value.value, found.value.low, found.verdict) == (1.5, None, "")
    assert found.shown.value == "+1.500"
    assert difference(None, Value(value=1.0), "lower", None) is None
    null = Value(value=None, reason="none")
    assert difference(Value(value=1.0), null, "lower", None) is None


@pytest.mark.parametrize(
    ("low", "high", "direction", "verdict"),
    [
        (-2.0, -1.0, "lower", "better"),
        (-2.0, -1.0, "higher", "worse"),
        (1.0, 2.0, "lower", "worse"),
        (1.0, 2.0, "higher", "better"),
        (1.0, 2.0, "target", "differs"),
        (-1.0, 2.0, "lower", "not told apart"),
        (-1.0, 2.0, "target", "not told apart"),
        (0.0, 2.0, "higher", "not told apart"),
    ],
)
def test_verdicts(low: float, high: float, direction: str, verdict: str) -> None:
    value = Value(value=(low + high) / 2, low=low, high=high)
    assert Difference(value, direction).verdict == verdict  # type: ignore[arg-type]


def test_signs() -> None:
    found = Difference(Value(value=0.0, low=-0.5, high=0.5), "lower").shown
    assert (found.value, found.low, found.high) == ("0.00", "−0.50", "+0.50")
