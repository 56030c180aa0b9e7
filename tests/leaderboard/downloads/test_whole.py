from __future__ import annotations

import json

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record, Scores
from leaderboard.downloads import metrics_json, records_json
from leaderboard.facts import SCORES
from tests.leaderboard.made_up import board
from tests.leaderboard.rich import rich


def test_json_holds_the_records_whole_and_in_order() -> None:
    records = [*board(), rich()]
    content = json.loads(records_json(records))
    assert [Record.model_validate(one) for one in content["records"]] == records
    assert content | {"records": None} == json.loads(metrics_json()) | {"records": None}


def test_the_metric_table_is_whole() -> None:
    content = json.loads(metrics_json())
    assert [metric["name"] for metric in content["metrics"]] == list(METRICS)
    for shown in content["metrics"]:
        metric = METRICS[shown["name"]]
        assert shown["directions"]["forget"] == metric.forget_direction
        assert shown["directions"]["retain"] == metric.direction
        assert shown["directions"]["implicit_safe"] == metric.direction
        assert shown["unit"] == metric.unit
        assert shown["formula"] == metric.formula
        assert set(shown["directions"].values()) <= set(content["directions"])
    assert [score["name"] for score in content["scores"]] == list(Scores.model_fields)
    assert list(SCORES) == list(Scores.model_fields)


def test_no_records() -> None:
    assert json.loads(records_json([]))["records"] == []
