from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leaderboard.distributions import (
    BINS,
    HEIGHT,
    PICTURED,
    QUANTILES,
    WIDTH,
    histogram,
    shares,
    spreads,
)
from tests.leaderboard.moving import METRICS, SIZES, made_up_terms

numbers = st.floats(-1e6, 1e6)


@given(arrays(np.float64, st.integers(1, 50), elements=numbers), numbers, numbers)
def test_shares_add_up_to_one(values: np.ndarray, one: float, other: float) -> None:
    found = shares(values, (min(one, other), max(one, other)))
    assert len(found) == BINS
    assert found.sum() == pytest.approx(1)


def test_shares_are_a_histogram() -> None:
    values = np.random.default_rng(1).uniform(0, 1, 1000)
    expected = np.histogram(values, bins=BINS, range=(0, 1))[0] / 1000
    np.testing.assert_allclose(shares(values, (0.0, 1.0)), expected)


def test_bars_are_as_high_as_their_shares() -> None:
    values = np.repeat([0.5, 1.5, 2.5], [1, 2, 4])
    svg = histogram(values, None, (0.0, 24.0), "x <y>")
    bars = re.findall(r"M([\d.]+) 64V([\d.]+)h", svg)
    assert [(float(x), float(y)) for x, y in bars] == [(0.5, 48.0), (10.5, 32.0), (20.5, 0.0)]
    assert 'aria-label="x &lt;y&gt;"' in svg
    assert 'class="base"' not in svg
    both = histogram(values, values[:1], (0.0, 24.0), "x")
    outline = re.search(r'class="base" d="([^"]+)"', both)
    assert outline
    assert outline[1].startswith(f"M0 {HEIGHT}V0h{WIDTH // BINS}V{HEIGHT}")


def test_quantiles_are_those_of_the_prompts_that_have_a_value() -> None:
    terms = made_up_terms(4)
    found = {(one.facts.name, one.metric.name): one for one in spreads(terms, None)}
    wanted = [m for m in METRICS if m not in ("fid", "kid")]
    assert set(found) == {(name, metric) for name in SIZES for metric in wanted}
    for (name, metric), spread in found.items():
        column = terms.columns[metric][terms.rows_of(name)]
        known = column[~np.isnan(column)]
        assert spread.n == str(len(known))
        for text, exact in zip(spread.quantiles, np.quantile(known, QUANTILES), strict=True):
            digits = len(text.partition(".")[2])
            assert abs(float(text) - exact) <= 0.5 * 10**-digits * (1 + 1e-9)
            assert 0.5 * 10**-digits < 0.03 * (known.max() - known.min())
        assert (spread.picture is not None) == (metric in PICTURED)


def test_all_values_alike_make_a_picture_too() -> None:
    terms = made_up_terms(4)
    terms.columns["foot_skating"][:] = 0.0
    found = [one for one in spreads(terms, None) if one.metric.name == "foot_skating"]
    assert {one.quantiles for one in found} == {("0.000",) * 5}
    assert all(one.picture for one in found)
