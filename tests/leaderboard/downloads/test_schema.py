"""The JSON Schema against the model: both take the same records and refuse the same ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record
from leaderboard.downloads import record_schema
from leaderboard.store import DEFAULT_RECORDS, read_store
from leaderboard.tables import PROMPT_SETS, Column
from tests.leaderboard.made_up import board
from tests.leaderboard.rich import rich

SCHEMA = json.loads(record_schema())
VALIDATOR = Draft202012Validator(SCHEMA)
GOOD = [*board(), rich()]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert "$id" not in SCHEMA
    addressed = json.loads(record_schema("https://example.org/board/"))
    assert addressed["$id"] == "https://example.org/board/downloads/record.schema.json"
    assert addressed | {"$id": None} == SCHEMA | {"$id": None}


@pytest.mark.parametrize("record", [*GOOD, *read_store(DEFAULT_RECORDS)], ids=lambda r: r.id)
def test_takes_every_record(record: Record) -> None:
    assert list(VALIDATOR.iter_errors(record.model_dump(mode="json"))) == []
    short = record.model_dump(mode="json", exclude_unset=True)
    assert list(VALIDATOR.iter_errors(short)) == []


Break = Callable[[dict[str, Any]], object]
BREAKS: dict[str, Break] = {
    "unknown key": lambda r: r.update(rank=1),
    "unknown metric": lambda r: r["metrics"]["forget"].update(own={"value": 1.0}),
    "unknown prompt set": lambda r: r["metrics"].update(other={}),
    "unknown metric of a category": lambda r: r["categories"]["forget"]["kick"].update(own={}),
    "a category that is no slug": lambda r: r["categories"]["forget"].update({"A b": {}}),
    "no value and no reason": lambda r: r["metrics"]["forget"]["fid"].update(value=None),
    "a value and a reason": lambda r: r["metrics"]["forget"]["fid"].update(reason="x"),
    "half an interval": lambda r: r["metrics"]["forget"]["fid"].update(low=None),
    "a text as a value": lambda r: r["metrics"]["forget"]["fid"].update(value="best"),
    "a negative n": lambda r: r["metrics"]["forget"]["fid"].update(n=-1),
    "another kind": lambda r: r.update(kind="winner"),
    "reported without citation": lambda r: r.update(kind="reported"),
    "scored without evaluator": lambda r: r["provenance"].update(evaluator=None),
    "scored without coverage": lambda r: r.pop("coverage"),
    "real motions that are scored": lambda r: r.update(role="real"),
    "an id that is a path": lambda r: r.update(id="../x"),
    "a short hash": lambda r: r["track"].update(sha256="abc"),
    "a script as a link": lambda r: r["method"].update(paper="javascript:alert(1)"),
    "a blank in a link": lambda r: r["method"].update(code="https://example.org/a b"),
    "a score is missing": lambda r: r["scores"].pop("hmu"),
    "a long name": lambda r: r["method"].update(name="x" * 201),
    "another version of the schema": lambda r: r.update(schema_version=2),
    "no metrics": lambda r: r.pop("metrics"),
    "a share above 1": lambda r: r["detector"].update(auc=1.5),
}


@pytest.mark.parametrize("name", BREAKS)
def test_refuses_what_the_model_refuses(name: str) -> None:
    content = copy.deepcopy(rich().model_dump(mode="json"))
    BREAKS[name](content)
    with pytest.raises(ValidationError):
        Record.model_validate(content)
    assert list(VALIDATOR.iter_errors(content))


def test_it_tells_unit_and_direction_of_every_metric_on_every_set() -> None:
    for name, facts in PROMPT_SETS.items():
        shown = SCHEMA["$defs"][f"Metrics_{name}"]["properties"]
        assert shown.keys() == METRICS.keys()
        for metric in METRICS.values():
            assert shown[metric.name]["x-unit"] == metric.unit
            assert shown[metric.name]["x-direction"] == Column(facts, metric).direction
            assert shown[metric.name]["description"] == metric.formula
