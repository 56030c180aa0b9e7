"""The scores of several results in joint resamples, the same ones for all."""

from __future__ import annotations

from collections.abc import Sequence

from hmu_bench.comparison.references import base_of
from hmu_bench.metrics.intervals import RESAMPLES
from hmu_bench.metrics.scores import Draws, score_draws
from hmu_bench.scoring.overall import set_terms
from hmu_bench.scoring.results import Result


def drawn_scores(place: int, results: Sequence[Result], resamples: int = RESAMPLES) -> Draws | str:
    """The scores of one result in the sample and in each resample; or why there are none."""
    result = results[place]
    if result.record.scores is None:
        return "the record has no scores"
    if result.terms is None:
        return "there are no per-prompt numbers beside the record"
    base = base_of(place, results)
    if isinstance(base, str):
        return base
    other = results[base]
    return score_draws(
        set_terms(result.terms, other.terms or other.record.metrics),
        floor=result.terms.constants.get("violence_floor"),
        kid_frozen=result.terms.constants.get("kid_frozen"),
        resamples=resamples,
    )
