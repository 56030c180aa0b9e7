"""Rank intervals of all scored methods of one track under one protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmu_bench.comparison.alike import check_alike
from hmu_bench.comparison.blocks import Block, blocks, prompt_sets
from hmu_bench.comparison.draws import drawn_scores
from hmu_bench.comparison.references import target_of
from hmu_bench.metrics.intervals import RESAMPLES, SEED, RankInterval, ranks_of_draws
from hmu_bench.metrics.intervals.bootstrap import resampled_means
from hmu_bench.metrics.intervals.clusters import clusters_of
from hmu_bench.metrics.scores import SCORES, Draws
from hmu_bench.metrics.table import METRICS, Direction, direction_on
from hmu_bench.records import PromptSet
from hmu_bench.scoring.results import Result

Floats = NDArray[np.float64]

NO_TERMS = "there are no per-prompt numbers beside the record"


@dataclass(frozen=True)
class Ranked:
    """The ranks of the methods in one metric on one prompt set, or in one score.

    Attributes:
        direction: which way is better.
        ranks: name of the method -> its rank, and the ranks that it may have.
        left_out: name of the method -> why it has no rank.
    """

    direction: Direction
    ranks: dict[str, RankInterval]
    left_out: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**vars(self), "ranks": {name: vars(rank) for name, rank in self.ranks.items()}}


@dataclass(frozen=True)
class Ranks:
    """All ranks of a track.

    Attributes:
        metrics: prompt set -> metric -> ranks; where at least one method has a rank.
        scores: suppression, preservation, hmu -> ranks, likewise.
    """

    metrics: dict[PromptSet, dict[str, Ranked]]
    scores: dict[str, Ranked]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "metrics": {
                name: {metric: one.to_dict() for metric, one in table.items()}
                for name, table in self.metrics.items()
            },
            "scores": {name: one.to_dict() for name, one in self.scores.items()},
        }


def rank_results(
    results: Sequence[Result],
    *,
    labels: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
) -> Ranks:
    """Ranks with 95 % intervals (`metrics.intervals.rank_intervals`) from paired resamples.

    Ranked are results of kind `scored` that cover the whole track and have per-prompt numbers. The
    others serve as what some metrics are measured against: the record of the base model, of the
    model retrained without the concept, of the real motions (see `comparison.references`).

    Args:
        results: of one track, protocol and evaluator.
        labels: names of the results; by default the ids of their records.
        resamples: number of resamples.

    Raises:
        InputError: for results of different tracks, protocols, evaluators or prompts.
    """
    names = check_alike(results, labels)
    ranked = [place for place, result in enumerate(results) if may_be_ranked(result)]
    metrics: dict[PromptSet, dict[str, Ranked]] = {}
    for prompt_set in prompt_sets(results):
        found: dict[str, Ranked] = {}
        for block in blocks(results, prompt_set):
            found |= _of_block(block, prompt_set, results, ranked, names, resamples)
        metrics[prompt_set] = {name: found[name] for name in METRICS if name in found}
    return Ranks(
        {name: tables for name, tables in metrics.items() if tables},
        _of_scores(results, ranked, names, resamples),
    )


def may_be_ranked(result: Result) -> bool:
    """Whether a result is a method's that answered the whole track."""
    record = result.record
    complete = record.coverage is not None and record.coverage.complete
    return record.kind == "scored" and complete and not record.dry_run


def _of_block(
    block: Block,
    prompt_set: PromptSet,
    results: Sequence[Result],
    ranked: Sequence[int],
    names: Sequence[str],
    resamples: int,
) -> dict[str, Ranked]:
    keys, table = block.table()
    clusters = clusters_of(block.groups, len(table))
    drawn = resampled_means(table, clusters, resamples=resamples, seed=SEED)
    means = np.concatenate([table.mean(axis=0)[None], drawn])
    columns = dict(zip(keys, means.T, strict=True))
    found = {}
    for metric in block.columns:
        direction = direction_on(metric, prompt_set)
        losses: dict[int, Floats] = {}
        left_out: dict[str, str] = {}
        for place in ranked:
            loss = _loss(metric, place, direction, columns, prompt_set, results)
            if isinstance(loss, str):
                left_out[names[place]] = loss
            else:
                losses[place] = loss
        if losses:
            ranks = _ranks(losses, clusters.count, names)
            found[metric] = Ranked(direction, ranks, left_out)
    return found


def _loss(
    metric: str,
    place: int,
    direction: Direction,
    columns: dict[tuple[str, int], Floats],
    prompt_set: PromptSet,
    results: Sequence[Result],
) -> Floats | str:
    """What is to be small, in the sample and in each resample; or why there is none."""
    own = columns.get((metric, place))
    if own is None:
        if results[place].terms is None:
            return NO_TERMS
        value = results[place].record.metrics.get(prompt_set, {}).get(metric)
        return (value.reason if value else None) or "its numbers are of other prompts"
    if direction != "target":
        return own if direction == "lower" else -own
    target = target_of(place, prompt_set, results)
    if isinstance(target, str):
        return target
    goal = columns.get((metric, target))
    return "the target has no such value" if goal is None else np.abs(own - goal)


def _ranks(
    losses: dict[int, Floats], clusters: int, names: Sequence[str]
) -> dict[str, RankInterval]:
    table = np.stack(list(losses.values()), axis=1)
    found = ranks_of_draws(table[0], table[1:], clusters)
    return {names[place]: rank for place, rank in zip(losses, found, strict=True)}


def _of_scores(
    results: Sequence[Result], ranked: Sequence[int], names: Sequence[str], resamples: int
) -> dict[str, Ranked]:
    drawn = {place: drawn_scores(place, results, resamples) for place in ranked}
    found = {}
    for score in SCORES:
        losses, left_out, clusters = {}, {}, []
        for place, draws in drawn.items():
            values = draws.values[score] if isinstance(draws, Draws) else None
            if isinstance(draws, Draws) and values is not None:
                losses[place] = -values.value
                clusters.append(min(draws.clusters[score]))
            else:
                left_out[names[place]] = draws.reasons[score] if isinstance(draws, Draws) else draws
        if losses:
            found[score] = Ranked("higher", _ranks(losses, min(clusters), names), left_out)
    return found
