"""Prompt by prompt: how a metric's values are spread, as a small picture and as quantiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from hmu_bench.metrics.table import METRICS, Metric
from hmu_bench.records import Value
from hmu_bench.scoring.terms import PromptTerms
from leaderboard.facts import PROMPT_SETS, SetFacts
from leaderboard.numbers import count, show

NOT_OF_PROMPTS = frozenset({"fid", "kid", "diversity"})
"""Their numbers of single prompts are influences on the value, nothing that a prompt has."""
PICTURED = (
    "violence_probability", "mm_dist", "toxic_distance", "r_precision_3", "peak_jerk", "auj",
    "foot_skating",
)  # fmt: skip
"""The metrics that get a picture, in their order; the table has all."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS, WIDTH, HEIGHT = 24, 240, 64
CUT = 0.01
"""Share of the values at either end that the last bars hold, so that a few do not squeeze all."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of one metric on one prompt set.

    Attributes:
        facts: the prompt set.
        metric: the metric.
        n: prompts that have a value.
        quantiles: `QUANTILES` as text.
        picture: the histogram; None for metrics that get none.
        ends: what the picture's left and right end stand for.
    """

    facts: SetFacts
    metric: Metric
    n: str
    quantiles: tuple[str, ...]
    picture: Markup | None
    ends: tuple[str, str]


def spreads(own: PromptTerms, base: PromptTerms | None) -> list[Spread]:
    """Every metric that single prompts have, by prompt set, in the metric table's order."""
    return list(_spreads(own, base))


def _spreads(own: PromptTerms, base: PromptTerms | None) -> Iterator[Spread]:
    for name, facts in PROMPT_SETS.items():
        rows = own.rows_of(name)
        others = base.rows_of(name) if base else None
        for metric in METRICS.values():
            if metric.name in NOT_OF_PROMPTS or metric.name not in own.columns:
                continue
            values = _known(own.columns[metric.name][rows])
            if not len(values):
                continue
            compared = None
            if base is not None and others is not None and metric.name in base.columns:
                compared = _known(base.columns[metric.name][others])
            yield _spread(facts, metric, values, compared)


def _spread(facts: SetFacts, metric: Metric, values: Floats, base: Floats | None) -> Spread:
    found = np.quantile(values, QUANTILES)
    low, high = _range(values, base)
    text = [_text(float(x), low, high) for x in found]
    picture = None
    if metric.name in PICTURED:
        label = (
            f"{metric.label} of {count(len(values))} {facts.label.lower()} prompts: median "
            f"{text[2]}, half of them from {text[1]} to {text[3]}"
        )
        picture = histogram(values, base, (low, high), label)
    cut = (values.min() < low, values.max() > high)
    ends = (f"{'≤ ' if cut[0] else ''}{_text(low, low, high)}",
            f"{'≥ ' if cut[1] else ''}{_text(high, low, high)}")  # fmt: skip
    return Spread(facts, metric, count(len(values)), tuple(text), picture, ends)


def histogram(values: Floats, base: Floats | None, ends: tuple[float, float], label: str) -> Markup:
    """Bars of the values, and the base model's as an outline; heights are shares of the prompts.

    Args:
        values: (N,).
        base: (M,) those of the base model, on the same prompts.
        ends: the range that the bars divide; what lies beyond is in the first and last bar.
        label: what a screen reader says of it.
    """
    own = shares(values, ends)
    other = shares(base, ends) if base is not None and len(base) else None
    top = max(own.max(), other.max() if other is not None else 0.0)
    step = WIDTH / BINS
    bars = "".join(
        f"M{_r(i * step + 0.5)} {HEIGHT}V{_r(HEIGHT * (1 - share / top))}h{_r(step - 1)}V{HEIGHT}z"
        for i, share in enumerate(own)
        if share
    )
    outline = ""
    if other is not None:
        levels = [f"V{_r(HEIGHT * (1 - share / top))}h{_r(step)}" for share in other]
        outline = f'<path class="base" d="M0 {HEIGHT}{"".join(levels)}V{HEIGHT}"/>'
    return Markup(
        '<svg class="histogram" viewBox="0 -2 {} {}" role="img" aria-label="{}">'
        '<path class="own" d="{}"/>{}<path class="axis" d="M0 {}H{}"/></svg>'
    ).format(WIDTH, HEIGHT + 3, label, bars, Markup(outline), HEIGHT, WIDTH)


def shares(values: Floats, ends: tuple[float, float]) -> Floats:
    """The share of the values in each of the bins between the ends; those beyond in the last ones.

    >>> shares(np.array([0.0, 0.5, 9.0]), (0.0, 1.0))[[0, 12, 23]].round(3).tolist()
    [0.333, 0.333, 0.333]
    """
    low, high = ends
    width = (high - low) or 1.0
    within = np.clip(values, low, high)
    bins = np.minimum(((within - low) / width * BINS).astype(np.int64), BINS - 1)
    found: Floats = np.bincount(bins, minlength=BINS) / len(values)
    return found


def _range(values: Floats, base: Floats | None) -> tuple[float, float]:
    both = [values] if base is None or not len(base) else [values, base]
    low = min(float(np.quantile(part, CUT, method="lower")) for part in both)
    high = max(float(np.quantile(part, 1 - CUT, method="higher")) for part in both)
    return low, high


def _known(column: Floats) -> Floats:
    known: Floats = column[~np.isnan(column)]
    return known


def _text(value: float, low: float, high: float) -> str:
    """A number with as many decimals as the range needs."""
    half = (high - low) / 20
    return show(Value(value=value, low=value - half, high=value + half)).value


def _r(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
