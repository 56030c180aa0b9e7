"""All records whole, and the metric table, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hmu_bench.files import canonical_json
from hmu_bench.metrics.table import METRICS, Metric, card
from hmu_bench.records import SCHEMA_VERSION, Record
from leaderboard.facts import ARROWS, PROMPT_SETS, SCORES, Column


def records_json(records: Sequence[Record]) -> str:
    """All records in the order of the board, with the whole metric table."""
    return canonical_json(
        {**_facts(), "records": [record.model_dump(mode="json") for record in records]}
    )


def metrics_json() -> str:
    """The metric table: label, direction on every prompt set, unit, range, formula, source."""
    return canonical_json(_facts())


def _facts() -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "directions": {name: meaning for name, (_, meaning) in ARROWS.items()},
        "prompt_sets": [
            {"name": facts.name, "label": facts.label, "about": facts.about, "side": facts.side}
            for facts in PROMPT_SETS.values()
        ],
        "scores": [
            card(score.metric) | {"directions": directions(score.metric)}
            for score in SCORES.values()
        ],
        "metrics": [
            card(metric) | {"directions": directions(metric)} for metric in METRICS.values()
        ],
    }


def directions(metric: Metric) -> dict[str, str]:
    """Which way is better, by prompt set."""
    return {name: Column(facts, metric).direction for name, facts in PROMPT_SETS.items()}
