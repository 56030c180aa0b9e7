from __future__ import annotations

import csv
import io
import json

import pytest

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record
from leaderboard.downloads import FIELDS, records_csv, records_json
from tests.leaderboard.made_up import board, record


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_json_holds_the_records_whole() -> None:
    content = json.loads(records_json(board()))
    read = [Record.model_validate(one) for one in content["records"]]
    assert read == sorted(board(), key=lambda r: (r.track.name, r.id))
    assert [metric["name"] for metric in content["metrics"]] == list(METRICS)


def test_csv_holds_every_value_unrounded() -> None:
    found = {
        (line["track"], line["id"], line["prompt_set"], line["metric"]): line
        for line in lines(records_csv(board()))
    }
    expected = {
        (one.track.name, one.id, prompt_set, metric): (one, value)
        for one in board()
        for prompt_set, values in one.metrics.items()
        for metric, value in values.items()
    }
    assert found.keys() == expected.keys()
    for key, (one, value) in expected.items():
        line = found[key]
        for name in ("value", "low", "high", "n"):
            number = getattr(value, name)
            assert (float(line[name]) if line[name] else None) == number
        assert line["reason"] == (value.reason or "")
        assert line["interval"] == (value.interval or "")
        assert (line["kind"], line["role"], line["protocol"]) == (one.kind, one.role, one.protocol)


def test_csv_is_rfc_4180() -> None:
    text = records_csv(board())
    assert text.startswith(",".join(FIELDS) + "\r\n")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "\n=1", "＝1", "\u200b=1", '=HYPERLINK("x")'],
)
def test_csv_runs_nothing_in_a_spreadsheet(name: str) -> None:
    (line, *_) = lines(records_csv([record(method={"name": name})]))
    assert line["method"][0] not in "=+-@\t\r\n＝＋－＠ "


def test_csv_keeps_ordinary_text() -> None:
    name = 'Möller, "the method" – 日本語'
    (line, *_) = lines(records_csv([record(method={"name": name})]))
    assert line["method"] == name


def test_no_records_give_empty_downloads() -> None:
    assert json.loads(records_json([]))["records"] == []
    assert lines(records_csv([])) == []
