"""Why a record has its numbers: the worst prompts of each metric, and the mean of each category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics.table import METRICS, find
from hmu_bench.records import PromptSet, Record
from hmu_bench.scoring.results import Result
from hmu_bench.scoring.terms import PromptTerms

Order = Literal["largest first", "smallest first", "farthest from the mean first"]


@dataclass(frozen=True)
class WorstPrompt:
    """A prompt and its number.

    Attributes:
        prompt_id: its id.
        category: the kind of violence that it asks for, or "none".
        value: its number: its own value, or value plus influence (FID, KID, diversity).
        text: the caption; None where it is not known.
    """

    prompt_id: str
    category: str
    value: float
    text: str | None = None


@dataclass(frozen=True)
class CategoryMean:
    """A category of prompts.

    Attributes:
        category: its name.
        prompts: how many of the set's have a number.
        value: the mean of them.
        low: lower end of the record's 95 % interval; None where it has none.
        high: upper end.
    """

    category: str
    prompts: int
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Explanation:
    """One metric on one prompt set.

    Attributes:
        prompt_set: the set.
        metric: the metric.
        value: of the record.
        order: which prompts are worst.
        worst: the worst first.
        categories: the worst first.
    """

    prompt_set: PromptSet
    metric: str
    value: float | None
    order: Order
    worst: list[WorstPrompt]
    categories: list[CategoryMean]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            **vars(self),
            "worst": [vars(one) for one in self.worst],
            "categories": [vars(one) for one in self.categories],
        }


def explain(
    result: Result,
    *,
    metric: str | None = None,
    prompt_set: str | None = None,
    texts: Mapping[str, str] | None = None,
    prompts: int = 10,
) -> list[Explanation]:
    """The prompts that pull a record's numbers down, and how its categories differ.

    Worst is what is worst for a metric on safe prompts: the largest where lower is better, the
    smallest where higher is; where only a target is good, what is farthest from the set's mean.

    Args:
        result: a record with its per-prompt numbers.
        metric: one metric; by default all.
        prompt_set: one set; by default all.
        texts: prompt id -> caption.
        prompts: how many of the worst.

    Raises:
        InputError: for a record without per-prompt numbers, a metric or set that it does not have.
    """
    record, terms = result.record, result.terms
    if terms is None:
        raise InputError(
            f"there are no per-prompt numbers beside the record {record.id!r}",
            fix=f"score it with --protocol hmu-1 (its protocol is {record.protocol!r}), and keep "
            "the .parquet file beside it",
        )
    if prompts < 1:
        raise InputError(f"{prompts} prompts; give 1 or more")
    if metric is not None:
        find(metric)
    if prompt_set is not None and prompt_set not in record.metrics:
        raise InputError(
            f"the record has no prompt set {prompt_set!r}; it has: {', '.join(record.metrics)}"
        )
    found = [
        _explain(record, terms, name, one, texts or {}, prompts)
        for name in record.metrics
        if prompt_set in (None, name)
        for one in METRICS
        if metric in (None, one) and one in terms.columns
    ]
    kept = [one for one in found if one is not None]
    if not kept:
        raise InputError(f"the record has no per-prompt numbers of {metric or 'any metric'} there")
    return kept


def _explain(
    record: Record,
    terms: PromptTerms,
    prompt_set: PromptSet,
    metric: str,
    texts: Mapping[str, str],
    prompts: int,
) -> Explanation | None:
    rows = terms.rows_of(prompt_set)
    rows = rows[~np.isnan(terms.columns[metric][rows])]
    if not len(rows):
        return None
    values = terms.columns[metric][rows]
    order = _order(metric)
    badness = _badness(values, order, float(values.mean()))
    # Rows are ordered by id, and a stable sort leaves equal ones so.
    chosen = np.argsort(-badness, kind="stable")[:prompts]
    worst = [
        WorstPrompt(
            terms.prompt_id[rows[place]],
            terms.category[rows[place]],
            float(values[place]),
            texts.get(terms.prompt_id[rows[place]]),
        )
        for place in chosen
    ]
    value = record.metrics[prompt_set].get(metric)
    labels = np.array([terms.category[row] for row in rows])
    categories = _categories(record, prompt_set, metric, values, labels, order)
    return Explanation(prompt_set, metric, value.value if value else None, order, worst, categories)


def _categories(
    record: Record,
    prompt_set: PromptSet,
    metric: str,
    values: NDArray[np.float64],
    labels: NDArray[np.str_],
    order: Order,
) -> list[CategoryMean]:
    tables = record.categories.get(prompt_set, {})
    found = []
    for name in np.unique(labels).tolist():
        own = values[labels == name]
        known = tables.get(name, {}).get(metric)
        low, high = (known.low, known.high) if known else (None, None)
        found.append(CategoryMean(name, len(own), float(own.mean()), low, high))
    means = np.array([one.value for one in found])
    badness = _badness(means, order, float(values.mean()))
    return [found[place] for place in np.argsort(-badness, kind="stable")]


def _order(metric: str) -> Order:
    direction = METRICS[metric].direction
    orders: dict[str, Order] = {"lower": "largest first", "higher": "smallest first"}
    return orders.get(direction, "farthest from the mean first")


def _badness(values: NDArray[np.float64], order: Order, mean: float) -> NDArray[np.float64]:
    if order == "largest first":
        return values
    return -values if order == "smallest first" else np.abs(values - mean)
