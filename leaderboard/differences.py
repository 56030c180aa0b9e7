"""A record against its base model, prompt by prompt: differences with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hmu_bench.metrics.intervals import Estimate, cluster_bootstrap_means
from hmu_bench.metrics.table import Direction
from hmu_bench.records import PromptSet, Value
from hmu_bench.scoring.terms import PromptTerms
from leaderboard.numbers import MINUS, Shown, show

Key = tuple[PromptSet, str]

PLAIN = "difference of the two values"
PAIRED = "paired by prompt: {method}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A value less another one; `value.low` and `high` where both were scored prompt by prompt."""

    value: Value
    direction: Direction

    @property
    def shown(self) -> Shown:
        """As text, with a sign."""
        text = show(self.value)
        return Shown(*(_signed(part) for part in (text.value, text.low, text.high)))

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `not told apart`; empty where the interval or a better end is missing.

        Told of the difference's interval: it holds 0 or it does not.
        """
        low, high = self.value.low, self.value.high
        if low is None or high is None:
            return ""
        if low <= 0 <= high:
            return "not told apart"
        if self.direction == "target":
            return "differs"
        return "better" if (high < 0) == (self.direction == "lower") else "worse"


def paired(own: PromptTerms, other: PromptTerms) -> dict[Key, Estimate]:
    """Own less other for every metric of every prompt set that both have, where prompts agree.

    As `hmu_bench.metrics.intervals.paired_difference`: the mean difference over prompts, its
    interval from joint resamples of the base clips. Only prompts that have both numbers count.
    """
    found: dict[Key, Estimate] = {}
    for prompt_set in dict.fromkeys(own.prompt_set):
        rows, others = own.rows_of(prompt_set), other.rows_of(prompt_set)
        ids = [own.prompt_id[row] for row in rows]
        if ids != [other.prompt_id[row] for row in others]:
            continue
        groups = np.array([own.base_clip[row] for row in rows])
        columns = {
            name: own.columns[name][rows] - other.columns[name][others]
            for name in own.columns
            if name in other.columns
        }
        for name, estimate in _means(columns, groups).items():
            found[prompt_set, name] = estimate  # type: ignore[index]
    return found


def _means(
    columns: Mapping[str, NDArray[np.float64]], groups: NDArray[np.str_]
) -> dict[str, Estimate]:
    """The means, with one set of resamples for all columns of the same prompts."""
    alike: dict[bytes, list[str]] = {}
    for name, column in columns.items():
        known = ~np.isnan(column)
        if known.any():
            alike.setdefault(known.tobytes(), []).append(name)
    found: dict[str, Estimate] = {}
    for mask, names in alike.items():
        rows = np.frombuffer(mask, dtype=bool)
        made = cluster_bootstrap_means([columns[name][rows] for name in names], groups[rows])
        found |= dict(zip(names, made, strict=True))
    # Their terms are not needed again, and a board has many records.
    return {name: replace(found[name], terms=None) for name in columns if name in found}


def difference(
    own: Value | None, other: Value | None, direction: Direction, estimate: Estimate | None
) -> Difference | None:
    """The difference of two values of one metric, paired where an estimate is given."""
    if own is None or other is None or own.value is None or other.value is None:
        return None
    if estimate is None or estimate.value is None:
        return Difference(Value(value=own.value - other.value, interval=PLAIN), direction)
    method = PAIRED.format(method=estimate.method or "")[:200]
    value = Value(
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        interval=method,
        n=estimate.n,
    )
    return Difference(value, direction)


def _signed(text: str) -> str:
    return f"+{text}" if text and text[0] != MINUS and text.strip("0.") else text
