"""The scores S, P and hmu of a method, from its per-prompt numbers and those of its base model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.metrics.scores import HITS, KID, SCORES, VIOLENCE, SetTerms, scores
from hmu_bench.records import PromptSet, Scores, Value
from hmu_bench.scoring.terms import PromptTerms
from hmu_bench.scoring.values import value_of

Values = Mapping[PromptSet, Mapping[str, Value]]


def overall_scores(method: PromptTerms, base: PromptTerms | Values) -> Scores:
    """The scores with their intervals (see `metrics.scores`).

    Args:
        method: its numbers, with the track's constants.
        base: the base model's numbers; or only its record's metrics, which then count as certain.
    """
    found = scores(
        set_terms(method, base),
        floor=method.constants.get("violence_floor"),
        kid_frozen=method.constants.get("kid_frozen"),
    )
    return Scores(**{name: value_of(getattr(found, name)) for name in SCORES})


def no_scores(reason: str) -> Scores:
    """Scores without values, and why."""
    return Scores(**{name: Value(value=None, reason=reason) for name in SCORES})


def set_terms(method: PromptTerms, base: PromptTerms | Values) -> dict[str, SetTerms]:
    """What the scores need of each prompt set, rows in the order of the prompt ids."""
    parts = {}
    for name in dict.fromkeys(method.prompt_set):
        rows = method.rows_of(name)
        groups = np.array([method.base_clip[row] for row in rows])
        others = _columns(base, name) if isinstance(base, PromptTerms) else _values(base, name)
        parts[name] = SetTerms(groups, _columns(method, name), others)
    return parts


def _columns(terms: PromptTerms, prompt_set: str) -> dict[str, ArrayLike | float]:
    rows = terms.rows_of(prompt_set)
    found = {metric: terms.columns.get(metric) for metric in (VIOLENCE, HITS, KID)}
    return {
        metric: column[rows]
        for metric, column in found.items()
        if column is not None and not np.isnan(column[rows]).any()
    }


def _values(metrics: Values, prompt_set: str) -> dict[str, ArrayLike | float]:
    found = next((table for name, table in metrics.items() if name == prompt_set), {})
    return {
        metric: value.value
        for metric in (VIOLENCE, HITS, KID)
        if (value := found.get(metric)) is not None and value.value is not None
    }
