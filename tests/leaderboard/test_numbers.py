from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.records import Value
from leaderboard.numbers import DECIMALS, MINUS, fixed, places_of, show

numbers = st.floats(-1e9, 1e9, allow_nan=False)
halves = st.floats(1e-12, 1e6)


def read(text: str) -> float:
    return float(text.replace(MINUS, "-"))


def decimals(text: str) -> int:
    return len(text.partition(".")[2].partition("e")[0])


@given(numbers, st.integers(0, 6))
def test_a_printed_number_is_the_number_rounded(value: float, places: int) -> None:
    text = fixed(value, places)
    unit = (
        10.0**-places if "e" not in text else 10.0 ** (math.floor(math.log10(abs(value))) - places)
    )
    assert abs(read(text) - value) <= 0.5 * unit * (1 + 1e-9) + abs(value) * 1e-15
    assert "-" not in text.replace("e-", "")
    assert not (read(text) == 0 and text.startswith(MINUS))


@given(st.floats(-1e5, 1e5), halves, halves)
def test_an_interval_sets_the_decimals(value: float, below: float, above: float) -> None:
    low, high = value - below, value + above
    shown = show(Value(value=value, low=low, high=high))
    assert decimals(shown.value) == decimals(shown.low) == decimals(shown.high)
    half = (high - low) / 2
    if 1e-5 < half < 9:
        # two significant digits of the half-width, no fewer and no more
        assert half * 10 ** decimals(shown.value) * (1 + 1e-6) >= 10
        assert half * 10 ** decimals(shown.value) < 100 * (1 + 1e-6)


def test_without_an_interval_the_decimals_are_given() -> None:
    assert show(Value(value=0.5)).value == "0.500"
    assert show(Value(value=0.5), 1).value == "0.5"
    assert show(Value(value=0.5)).low == ""


def test_a_degenerate_interval_keeps_the_usual_decimals() -> None:
    assert show(Value(value=1.0, low=1.0, high=1.0)).value == "1." + "0" * DECIMALS


def test_null_is_not_shown_as_a_number() -> None:
    with pytest.raises(ValueError, match="no value"):
        show(Value(value=None, reason="nothing is masked"))


@given(st.decimals(-1000, 1000, places=4, allow_nan=False))
def test_places_of_a_written_number_are_enough_and_not_too_many(written: Decimal) -> None:
    value = float(written)
    places = places_of(value)
    assert read(fixed(value, places)) == value
    assert places == 0 or read(fixed(value, places - 1)) != value
