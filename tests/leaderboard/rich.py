"""A made-up record with everything a record may hold: scores, categories, detector, flags."""

from __future__ import annotations

from hmu_bench.records import Record
from tests.leaderboard.made_up import record, sha, values


def rich(**changes: object) -> Record:
    """Every optional field is filled; keyword arguments replace fields."""
    fields: dict[str, object] = {
        "id": "rich",
        "method": {
            "name": "Rich",
            "family": "tensor edit",
            "authors": ["Doe, Jane", "Straße & Söhne"],
            "base_model": "original",
        },
        "protocol": "hmu-1",
        "categories": {"forget": {"kick": {"mm_dist": {"value": 3.25, "n": 12}}}},
        "scores": {
            "suppression": {"value": 0.5, "low": 0.45, "high": 0.55},
            "preservation": {"value": None, "reason": "no base record (made up)"},
            "hmu": {"value": 0.71234, "low": 0.68, "high": 0.744},
        },
        "detector": {
            "auc": 0.98, "ece": 0.02, "false_positive_rate": 0.05, "false_negative_rate": 0.05,
            "clips": 100, "violent": 30, "train_clips": 300, "validation_clips": 50,
            "threshold": 0.5,
        },
        "metrics": {"forget": values(1.0), "retain": values(2.0), "implicit": values(0.3)},
        "flags": [{"name": "float16", "message": "made up"}],
        "provenance": {
            "package_version": "0.1.0",
            "evaluator": {"id": "made-up/evaluator", "sha256": sha("b")},
            "submission_sha256": sha("d"),
            "base_sha256": sha("e"),
            "seed": 7,
            "command": "hmu-bench score rich",
        },
    }  # fmt: skip
    return record(**(fields | changes))
