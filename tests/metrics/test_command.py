"""`hmu-bench metrics`."""

from __future__ import annotations

import json

from hmu_bench.metrics.table import METRICS


def test_table(hmu_bench_command):
    result = hmu_bench_command("metrics")
    assert (result.returncode, result.stderr) == (0, "")
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["name", "label", "retain", "forget", "formula"]
    assert [row.split()[0] for row in rows] == list(METRICS)
    for row, metric in zip(rows, METRICS.values(), strict=True):
        assert row.endswith(metric.formula)


def test_one_metric(hmu_bench_command):
    result = hmu_bench_command("metrics", "fid")
    assert result.returncode == 0
    assert result.stdout.splitlines()[0] == "name: fid"
    assert f"formula: {METRICS['fid'].formula}" in result.stdout


def test_json(hmu_bench_command):
    everything = json.loads(hmu_bench_command("metrics", "--json").stdout)
    assert [metric["name"] for metric in everything] == list(METRICS)
    one = json.loads(hmu_bench_command("metrics", "fid", "--json").stdout)
    assert one == everything[0]
    assert one["range"] == [0, None]


def test_unknown_metric(hmu_bench_command, one_line_error):
    one_line_error(hmu_bench_command("metrics", "fidd"), "no metric 'fidd'", "did you mean 'fid'?")
