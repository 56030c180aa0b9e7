"""Two results on the same prompts: first minus second, with paired intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hmu_bench.comparison.alike import check_alike
from hmu_bench.comparison.blocks import Block, blocks, prompt_sets
from hmu_bench.comparison.draws import drawn_scores
from hmu_bench.comparison.references import target_of
from hmu_bench.metrics.intervals import (
    FEWEST_CLUSTERS,
    RESAMPLES,
    SEED,
    Estimate,
    cluster_bootstrap_means,
)
from hmu_bench.metrics.intervals.bootstrap import expanded_percentiles, resampled_means
from hmu_bench.metrics.intervals.clusters import clusters_of
from hmu_bench.metrics.scores import SCORES, Draws
from hmu_bench.metrics.table import METRICS, Direction, direction_on
from hmu_bench.records import PromptSet, Value
from hmu_bench.scoring.results import Result
from hmu_bench.scoring.values import value_of

Floats = NDArray[np.float64]
Verdict = Literal["better", "worse", "no difference", "different", "unknown"]


@dataclass(frozen=True)
class Difference:
    """One metric on one prompt set, or one score: first minus second.

    Attributes:
        prompt_set: the set; None for a score.
        metric: name of the metric or score.
        direction: which way is better.
        first: value of the first result; None where it has none.
        second: of the second.
        difference: first - second with its interval.
        verdict: of the first: `better` or `worse` where the interval does not hold 0 (for a target:
            where the interval of the difference of both distances to it does not); `different`
            where the target is not at hand; `unknown` where there is no interval.
    """

    prompt_set: PromptSet | None
    metric: str
    direction: Direction
    first: float | None
    second: float | None
    difference: Value
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**vars(self), "difference": self.difference.model_dump(mode="json")}


def compare_results(
    first: Result,
    second: Result,
    references: Sequence[Result] = (),
    *,
    labels: tuple[str, str] | None = None,
    resamples: int = RESAMPLES,
) -> list[Difference]:
    """Every metric and score that both records have.

    Differences of metrics are bootstrap means of the differences of the per-prompt numbers, over
    base clips, so that what both find hard cancels; of scores, differences in joint resamples.
    Without per-prompt numbers there is a difference and no interval.

    Args:
        first: a result.
        second: another one of the same track, protocol and evaluator.
        references: more results of them (base model, retrained model, real motions), which some
            metrics and the scores are measured against.
        labels: names for error messages.
        resamples: number of resamples.

    Raises:
        InputError: for results of different tracks, protocols, evaluators or prompts.
    """
    check_alike([first, second], labels)
    known = {result.sha256 for result in (first, second)}
    more = [result for result in references if result.sha256 not in known]
    results = [first, second, *more]
    check_alike(results, [str(place) for place in range(len(results))])
    found: list[Difference] = []
    for prompt_set in prompt_sets([first, second]):
        estimates: dict[str, tuple[Estimate, Verdict]] = {}
        for block in blocks(results, prompt_set):
            estimates |= _of_block(block, prompt_set, results, resamples)
        tables = [result.record.metrics.get(prompt_set, {}) for result in (first, second)]
        for metric in METRICS:
            pair = [table.get(metric) for table in tables]
            if pair[0] is None or pair[1] is None:
                continue
            direction = direction_on(metric, prompt_set)
            found.append(
                _difference(prompt_set, metric, direction, pair[0], pair[1], estimates.get(metric))
            )
    return [*found, *_of_scores(results, resamples)]


def _difference(
    prompt_set: PromptSet | None,
    metric: str,
    direction: Direction,
    first: Value,
    second: Value,
    estimate: tuple[Estimate, Verdict] | None,
) -> Difference:
    verdict: Verdict = "unknown"
    if first.value is None or second.value is None:
        value = Value(value=None, reason=first.reason or second.reason)
    elif estimate is None:
        gap = first.value - second.value
        if math.isfinite(gap):
            value = Value(value=gap, interval="none: no per-prompt numbers of both")
        else:
            value = Value(value=None, reason="the difference is too large for a number")
    else:
        value, verdict = value_of(estimate[0]), estimate[1]
    return Difference(prompt_set, metric, direction, first.value, second.value, value, verdict)


def _of_block(
    block: Block, prompt_set: PromptSet, results: Sequence[Result], resamples: int
) -> dict[str, tuple[Estimate, Verdict]]:
    both = [metric for metric, found in block.columns.items() if 0 in found and 1 in found]
    if not both:
        return {}
    estimates = cluster_bootstrap_means(
        [block.columns[metric][0] - block.columns[metric][1] for metric in both],
        block.groups,
        resamples=resamples,
    )
    verdicts = _target_verdicts(block, both, prompt_set, results, resamples)
    return {
        metric: (
            estimate,
            verdicts.get(metric) or _verdict(estimate, direction_on(metric, prompt_set)),
        )
        for metric, estimate in zip(both, estimates, strict=True)
    }


def _verdict(estimate: Estimate, direction: Direction) -> Verdict:
    if estimate.value is None:
        return "unknown"
    if estimate.low is None or estimate.high is None:
        return "no difference" if estimate.value == 0.0 else "unknown"
    if estimate.low <= 0.0 <= estimate.high:
        return "no difference"
    if direction == "target":
        return "different"
    return "better" if (estimate.value > 0.0) == (direction == "higher") else "worse"


def _target_verdicts(
    block: Block,
    metrics: Sequence[str],
    prompt_set: PromptSet,
    results: Sequence[Result],
    resamples: int,
) -> dict[str, Verdict]:
    """Of metrics with a target that both can be measured against."""
    triples: dict[str, list[Floats]] = {}
    for metric in metrics:
        if direction_on(metric, prompt_set) != "target":
            continue
        columns = block.columns[metric]
        goals = [columns.get(t) for t in (target_of(p, prompt_set, results) for p in (0, 1))
                 if not isinstance(t, str)]  # fmt: skip
        if len(goals) == 2 and goals[0] is not None and goals[1] is not None:
            triples[metric] = [columns[0], goals[0], columns[1], goals[1]]
    if not triples:
        return {}
    table = np.stack([column for four in triples.values() for column in four], axis=1)
    clusters = clusters_of(block.groups, len(table))
    if clusters.count < FEWEST_CLUSTERS:
        return {}
    draws = resampled_means(table, clusters, resamples=resamples, seed=SEED)
    means = np.concatenate([table.mean(axis=0)[None], draws])
    found: dict[str, Verdict] = {}
    for place, metric in enumerate(triples):
        one, its_goal, other, other_goal = means[:, 4 * place : 4 * place + 4].T
        # |a - t| - |b - t| with the signs of the sample: a resample's own would fold what lies
        # around the target to one side, and the target itself would beat all that is like it.
        near, far = np.sign(one[0] - its_goal[0]), np.sign(other[0] - other_goal[0])
        losses = near * (one - its_goal) - far * (other - other_goal)
        low, high, _ = expanded_percentiles(losses[1:], clusters.count)
        found[metric] = "better" if high < 0.0 else "worse" if low > 0.0 else "no difference"
    return found


def _of_scores(results: Sequence[Result], resamples: int) -> list[Difference]:
    scores = [result.record.scores for result in results[:2]]
    if scores[0] is None or scores[1] is None:
        return []
    drawn = [drawn_scores(place, results, resamples) for place in (0, 1)]
    found = []
    for name in SCORES:
        pair = [getattr(one, name) for one in scores]
        estimate = _score_difference(name, drawn)
        found.append(_difference(None, name, "higher", pair[0], pair[1], estimate))
    return found


def _score_difference(name: str, drawn: Sequence[Draws | str]) -> tuple[Estimate, Verdict] | None:
    values, clusters, rows = [], [], 0
    for draws in drawn:
        own = draws.values[name] if isinstance(draws, Draws) else None
        if not isinstance(draws, Draws) or own is None:
            return None
        values.append(own)
        clusters += draws.clusters[name]
        rows = draws.rows[name]
    first, second = values
    gap = float(first.value[0] - second.value[0])
    estimate = Estimate(value=gap, n=rows, clusters=sum(clusters) // 2)
    fewest = min(clusters)
    if fewest < FEWEST_CLUSTERS:
        estimate = estimate.without_interval(f"{fewest} base clips in a set")
    else:
        # As the interval of one score: see `Resampled`.
        low = expanded_percentiles((first.lower - second.upper)[1:], fewest)[0]
        high = expanded_percentiles((first.upper - second.lower)[1:], fewest)[1]
        error = expanded_percentiles((first.value - second.value)[1:], fewest)[2]
        low, high = max(-1.0, low), min(1.0, high)
        if high - low <= 1e-12:
            estimate = estimate.without_interval("the same in nearly all resamples")
        else:
            method = f"joint bootstrap, {len(first.value) - 1} resamples"
            estimate = Estimate(
                estimate.value, low, high, error, method, estimate.n, estimate.clusters
            )
    return estimate, _verdict(estimate, "higher")
