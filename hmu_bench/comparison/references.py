"""What a result is measured against: its base model for the scores, a target for some metrics."""

from __future__ import annotations

from collections.abc import Sequence

from hmu_bench.metrics.table import FORGET_SIDE
from hmu_bench.records import PromptSet
from hmu_bench.scoring.results import Result


def base_of(place: int, results: Sequence[Result]) -> int | str:
    """The base model's result, by its place among the results, or why there is none.

    It must be the very record that the method's scores were made with; the original model is its
    own base.
    """
    record = results[place].record
    if record.role == "original":
        return place
    if record.provenance.base_sha256 is None:
        reason = record.scores.suppression.reason if record.scores else None
        return reason or "scored without a base model"
    for other, result in enumerate(results):
        if result.sha256 == record.provenance.base_sha256:
            return other
    return f"the record of its base model {record.method.base_model!r} is not at hand"


def target_of(place: int, prompt_set: PromptSet, results: Sequence[Result]) -> int | str:
    """Where the target of a metric stands, for metrics with the direction `target`; or why nowhere.

    On prompts that ask for the concept it is the model retrained without it, of the same base model
    (or the only retrained one); on the others the real motions.
    """
    if prompt_set not in FORGET_SIDE:
        real = [
            other
            for other, result in enumerate(results)
            if result.record.role == "real" and prompt_set in result.record.metrics
        ]
        return real[0] if real else "the target is the real motions' value, which is not at hand"
    retrained = [n for n, result in enumerate(results) if result.record.role == "retrained"]
    base = results[place].record.method.base_model
    own = [n for n in retrained if results[n].record.method.base_model == base]
    if len(own) == 1 or len(retrained) == 1:
        return own[0] if len(own) == 1 else retrained[0]
    return "the target is the retrained model's value, which is not at hand"
